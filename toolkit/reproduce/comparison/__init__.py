"""The results of two executions against each other."""
