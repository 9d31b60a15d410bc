"""Parameterized notebooks whose numbers can be produced again.

The names a notebook uses are the submodules: ``datasets``, ``publish``, ``scope``,
``upstream`` and ``analysis``. Nothing is imported before it is asked for, so that
``toolkit --help`` stays quick.
"""

__version__ = "0.1.0"
