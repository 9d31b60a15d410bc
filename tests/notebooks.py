"""Tiny notebooks made in code."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from toolkit.reproduce.notebook import Notebook, parse_notebook


def cell(source: str, *tags: str, kind: str = "code") -> dict[str, Any]:
    """Return a cell as it lies on disk."""
    plain: dict[str, Any] = {
        "cell_type": kind,
        "id": "c",
        "metadata": {"tags": list(tags)} if tags else {},
        "source": source.splitlines(keepends=True),
    }
    if kind == "code":
        plain |= {"execution_count": None, "outputs": []}
    return plain


def content(cells: Sequence[dict[str, Any] | str], **metadata: object) -> bytes:
    """Return a notebook's bytes; a text is a code cell."""
    listed = [cell(c) if isinstance(c, str) else dict(c) for c in cells]
    for number, plain in enumerate(listed):
        plain["id"] = f"c{number}"
    kernelspec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    notebook = {
        "cells": listed,
        "metadata": {"kernelspec": kernelspec} | metadata,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook).encode()


def parsed(*cells: dict[str, Any] | str, path: str = "notebooks/nb.ipynb") -> Notebook:
    """Return a notebook as it is read from disk."""
    return parse_notebook(content(cells), path=path)


def write(folder: Path, name: str, *cells: dict[str, Any] | str) -> Path:
    """Write a notebook; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.ipynb"
    path.write_bytes(content(cells))
    return path
