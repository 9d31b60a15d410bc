"""Interpreters and packages: those that are here, and those a recipe names."""
