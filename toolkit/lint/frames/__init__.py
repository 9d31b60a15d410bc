"""Which rows a name in a notebook holds: whole, for training or for testing.

Each module is built on the one before: `values` says what can be known, `place` holds
what is known at a statement, `names` knows other packages, `models` and `methods` read
calls, `expressions` everything else, and `reading` goes through the cells.
"""
