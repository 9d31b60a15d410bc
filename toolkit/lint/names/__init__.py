"""The names of the cells: what sets them, what reads them, and what is missing."""
