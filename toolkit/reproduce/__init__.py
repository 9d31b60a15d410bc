"""Runs of any notebook: recipe, execution, record, store.

This half knows nothing of hit rates; ``toolkit.analysis`` knows nothing of runs. They
meet in a notebook's cell, in ``toolkit.publish``.
"""
