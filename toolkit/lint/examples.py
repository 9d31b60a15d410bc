"""The notebooks that the examples of rules stand for.

A cell's first lines may say what its source cannot: ``# [tags: parameters]``,
``# [markdown]``, ``# [count: 3]``, ``# [output: text]`` and ``# [error: ValueError]``
are no part of the source.
"""

import json
import re
from collections.abc import Sequence

_HEAD = re.compile(r"# \[(tags|markdown|count|output|error)(?:: ?([^\n]*))?\]\n?")


def example_notebook(cells: Sequence[str]) -> bytes:
    r"""Return the bytes of the notebook that an example stands for.

    Examples
    --------
    >>> found = json.loads(example_notebook(["# [tags: parameters]\nn = 1"]))
    >>> found["cells"][0]["metadata"], found["cells"][0]["source"]
    ({'tags': ['parameters']}, 'n = 1')
    """
    kernelspec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    notebook = {
        "cells": [_cell(text, number) for number, text in enumerate(cells)],
        "metadata": {"kernelspec": kernelspec},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook).encode()


def _cell(text: str, number: int) -> dict[str, object]:
    said: dict[str, str] = {}
    while found := _HEAD.match(text):
        said[found[1]] = found[2] or ""
        text = text[found.end() :]
    tags = [tag.strip() for tag in said.get("tags", "").split(",") if tag.strip()]
    cell: dict[str, object] = {
        "id": f"c{number}",
        "metadata": {"tags": tags} if tags else {},
        "source": text,
    }
    if "markdown" in said:
        return {"cell_type": "markdown", **cell}
    output = {"output_type": "stream", "name": "stdout", "text": said.get("output", "")}
    error = {"output_type": "error", "ename": said.get("error", ""), "traceback": []}
    return {
        "cell_type": "code",
        "execution_count": int(said["count"]) if "count" in said else None,
        "outputs": [
            *([output] if "output" in said else []),
            *([error] if "error" in said else []),
        ],
        **cell,
    }
