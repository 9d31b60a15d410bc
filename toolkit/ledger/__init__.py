"""The history of runs: append-only, checked as a whole, its heavy files elsewhere."""
