"""Several notebooks in order, and which of them need not be executed."""
