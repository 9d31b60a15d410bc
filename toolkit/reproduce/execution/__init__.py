"""One execution of a notebook, from its kernel to its record."""
