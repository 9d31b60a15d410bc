"""The cells of two notebooks: which are the same one, and what changed in them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import unified_diff
from pathlib import Path
from typing import Any

from toolkit.errors import ToolkitError
from toolkit.reproduce.differences import CellChange, Pair, Sources
from toolkit.reproduce.notebook import INJECTED, Cell, Notebook, parse_notebook
from toolkit.reproduce.records.history import file_at
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import NOTEBOOK


def compare_sources(
    before: Record, after: Record, runs_dir: Path, root: Path
) -> Sources:
    """Return how the cells of two runs' notebooks changed; outputs are left out.

    The sources come from the executed notebooks or, where these are gone, from git.

    Parameters
    ----------
    before, after : records of the runs
    runs_dir : where their folders lie
    root : of the project
    """
    if before.recipe.notebook.digest == after.recipe.notebook.digest:
        cells = sorted({cell.index for cell in (*before.cells, *after.cells)})
        return Sources(pairs=tuple((index, index) for index in cells))
    found = [load_source(record, runs_dir, root) for record in (before, after)]
    for record, notebook in zip((before, after), found, strict=True):
        if notebook is None:
            problem = (
                f"neither {runs_dir / record.run / NOTEBOOK} nor git has the notebook "
                f"as {record.run} executed it; its cells cannot be compared"
            )
            return Sources(pairs=(), problem=problem)
    old, new = (notebook.cells for notebook in found if notebook is not None)
    pairs = tuple(align(old, new))
    return Sources(pairs=pairs, changes=tuple(_changes(old, new, pairs)))


def load_source(record: Record, runs_dir: Path, root: Path) -> Notebook | None:
    """Return the notebook that a run executed; None if nobody has it any more."""
    path, commit = record.recipe.notebook.path, record.circumstances.commit
    for content in (
        _executed(runs_dir / record.run / NOTEBOOK),
        file_at(root, commit, path) if commit else None,
        _read(root / path),
    ):
        if content is None:
            continue
        try:
            notebook = parse_notebook(content, path=path)
        except ToolkitError:
            continue
        if notebook.digest == record.recipe.notebook.digest:
            return notebook
    return None


def align(before: Sequence[Cell], after: Sequence[Cell]) -> Iterator[Pair]:
    """Yield the cells' indices, together where nbdime takes two for the same one."""
    from nbdime import (  # type: ignore[import-untyped]  # noqa: PLC0415 -- slow
        diff_notebooks,
    )

    i = j = 0
    for change in diff_notebooks(_plain(before), _plain(after)):
        if change.key != "cells":
            continue
        for op in change.diff:
            while i < op.key:
                yield i, j
                i, j = i + 1, j + 1
            if op.op == "addrange":
                for _ in op.valuelist:
                    yield None, j
                    j += 1
            elif op.op == "removerange":
                for _ in range(op.length):
                    yield i, None
                    i += 1
            else:
                yield i, j
                i, j = i + 1, j + 1
    yield from zip(range(i, len(before)), range(j, len(after)), strict=True)


def _changes(
    before: Sequence[Cell], after: Sequence[Cell], pairs: Sequence[Pair]
) -> Iterator[CellChange]:
    for i, j in pairs:
        old = [] if i is None else _lines(before[i])
        new = [] if j is None else _lines(after[j])
        if old == new and i is not None and j is not None:
            continue
        kind = "added" if i is None else "removed" if j is None else "changed"
        lines = list(unified_diff(old, new, lineterm="", n=2))[2:]
        shown = lines if kind == "changed" else lines[1:]  # all of it: no position
        yield CellChange(
            kind="added" if i is None else "removed" if j is None else "changed",
            before=i,
            after=j,
            lines=tuple(shown),
        )


def _lines(cell: Cell) -> list[str]:
    """Return what the digest covers of a cell, a line each."""
    head = [] if cell.kind == "code" else [f"[{cell.kind}]"]
    tags = [f"[tags: {', '.join(sorted(cell.tags))}]"] if cell.tags else []
    return [*head, *tags, *cell.source.rstrip("\n").split("\n")]


def _plain(cells: Sequence[Cell]) -> Any:  # noqa: ANN401 -- nbformat ships no types
    """Return a notebook of sources and tags alone, as nbdime takes it."""
    import nbformat  # noqa: PLC0415 -- slow to import

    plain: list[dict[str, object]] = []
    for cell in cells:
        metadata = {"tags": sorted(cell.tags)} if cell.tags else {}
        source = cell.source.rstrip("\n")
        plain.append({"cell_type": cell.kind, "metadata": metadata, "source": source})
        if cell.kind == "code":
            plain[-1] |= {"outputs": [], "execution_count": None}
    notebook = {"cells": plain, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return nbformat.from_dict(notebook)  # type: ignore[no-untyped-call]


def _executed(path: Path) -> bytes | None:
    """Return an executed notebook without the cell that a run injects."""
    content = _read(path)
    try:
        plain = json.loads(content or b"")
    except ValueError:
        return None
    if isinstance(plain, dict) and isinstance(plain.get("cells"), list):
        plain["cells"] = [cell for cell in plain["cells"] if not _is_injected(cell)]
    return json.dumps(plain).encode("utf-8", "surrogatepass")


def _is_injected(cell: object) -> bool:
    metadata = cell.get("metadata") if isinstance(cell, Mapping) else None
    tags = metadata.get("tags") if isinstance(metadata, Mapping) else None
    return isinstance(tags, list) and INJECTED in tags


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
