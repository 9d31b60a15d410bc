"""Parameters as a cell declares them."""

from notebooks import cell, parsed
from toolkit.reproduce.parameters.schema import Schema, read_schema


def schema_of(source: str, path: str = "nb.ipynb") -> Schema:
    return read_schema(parsed(cell(source, "parameters"), path=path))
