"""Execute a run again, vary what must not matter, and judge its results."""
