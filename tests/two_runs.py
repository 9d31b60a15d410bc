"""Two runs to be held side by side."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from records import a_record

from notebooks import cell, content
from toolkit.publish.results import Sha256
from toolkit.reproduce.differences import Differences, Sources, compare_runs
from toolkit.reproduce.notebook import Notebook
from toolkit.reproduce.records.recipe import NotebookSource, RunId
from toolkit.reproduce.records.record import Record

RUN = a_record()
BOTH = Sources(pairs=((0, 0), (1, 1)))


def recipe(record: Record, **facts: object) -> Record:
    changed: Any = replace(record.recipe, digest=Sha256(""), **facts)  # type: ignore[arg-type]  # by name
    return replace(record, recipe=changed)


def of(record: Record, **facts: object) -> Record:
    changed: Any = replace(record, **facts)  # type: ignore[arg-type]  # by name
    assert isinstance(changed, Record)
    return changed


def compared(after: Record, before: Record = RUN, **facts: Any) -> Differences:  # noqa: ANN401 -- passed on
    return compare_runs(before, after, facts.pop("sources", BOTH), **facts)


def executed(notebook: Notebook, folder: Path, record: Record, *extra: Any) -> Record:  # noqa: ANN401 -- cells
    """Keep a run of a notebook as `toolkit run` leaves it."""
    source = NotebookSource(path="notebooks/nb.ipynb", digest=notebook.digest)
    run = folder / record.run
    run.mkdir(parents=True)
    cells = [
        *extra,
        *(
            {**plain, "outputs": [], "execution_count": 7}
            if plain["cell_type"] == "code"
            else plain
            for plain in notebook.content["cells"]
        ),
    ]
    (run / "notebook.ipynb").write_bytes(content(cells))
    return recipe(record, notebook=source)


def two(folder: Path, before: Notebook, after: Notebook) -> tuple[Record, Record]:
    later = of(RUN, run=RunId("later"))
    injected = cell("n = 3", "injected-parameters")
    return executed(before, folder, RUN), executed(after, folder, later, injected)
