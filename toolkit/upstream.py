"""Read what other notebooks published; naming one here makes it run first.

Write the notebook's name as a literal: ``toolkit run`` finds it in the source and runs
that notebook before this one.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import ToolkitError
from toolkit.publish.fields import decode, parse_json
from toolkit.reproduce.project import runs_folder
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import UPSTREAM, Store

if TYPE_CHECKING:
    import pandas as pd


@dataclass(eq=False)
class UpstreamError(ToolkitError, LookupError):
    """A notebook needs another one's results, and they are not there."""

    name: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"upstream {self.name!r}: {self.found}; {self.expected}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Upstream:
    """The results of one finished run of another notebook.

    Its folder is read when a table is asked for, and checked against the record.
    """

    record: Record
    store: Store

    @property
    def metrics(self) -> Mapping[str, float]:
        """Every published number by its name."""
        return self.record.metrics

    def table(self, name: str) -> "pd.DataFrame":
        """Return a published table, whole, each column with the dtype it had.

        Parameters
        ----------
        name : as in ``publish.table``

        Raises
        ------
        UpstreamError : if the run published no such table
        RecordError : if its file is gone, or was changed after the run
        """
        from toolkit.publish.tables import parse_csv  # noqa: PLC0415 -- metrics need none

        tables = {table.name: table for table in self.record.results.tables}
        if name not in tables:
            close = get_close_matches(name, tables, n=1)
            listed = ", ".join(tables) or "none"
            raise UpstreamError(
                name=self.record.notebook,
                found=f"published no table {name!r}",
                expected=f"did you mean {close[0]!r}?"
                if close
                else f"it has: {listed}",
            )
        table = tables[name]
        path = f"tables/{name}.csv"
        content = self.store.read_file(self.record.run, path, table.digest)
        return parse_csv(content.decode("utf-8", "surrogatepass"), table.columns)

    def expect(self, name: str, value: float) -> None:
        """Stop unless the other notebook published this very number.

        Raises
        ------
        UpstreamError : if it published another one, or none of that name
        """
        found = self.metrics.get(name)
        if found != value:
            raise UpstreamError(
                name=self.record.notebook,
                found=f"it published {name} = {found!r}, here it is {value!r}",
                expected="give both notebooks the same parameters, and run them again",
            )

    def __repr__(self) -> str:
        return f"<results of {self.record.run}>"


def load(notebook: str) -> Upstream:
    """Return the results of another notebook.

    Under ``toolkit run`` these are of the run that preceded this one; in JupyterLab, of
    the latest run that finished.

    Parameters
    ----------
    notebook : its file name without ending, ``"02-baseline"``; a literal

    Raises
    ------
    UpstreamError : if there is no such run
    RecordError : if its record cannot be read
    """
    store, run = _pinned(notebook)
    record = store.read(run) if run else store.latest(notebook)
    if record is None:
        raise UpstreamError(
            name=notebook,
            found=f"{store.runs_dir} holds no run of it that finished",
            expected=f"run it first: toolkit run notebooks/{notebook}.ipynb",
        )
    return Upstream(record=record, store=store)


def require(notebook: str) -> None:
    """Stop here unless another notebook finished without an open error.

    Parameters
    ----------
    notebook : its file name without ending, ``"01-data-sanity"``; a literal

    Raises
    ------
    UpstreamError : if its latest run did not finish, there is none, or it published a
        finding of severity *error* that nobody accepted
    RecordError : if its record cannot be read
    """
    store, run = _pinned(notebook)
    record = store.read(run) if run else store.latest(notebook, finished=False)
    if record is not None and record.status != "finished":
        raise UpstreamError(
            name=notebook,
            found=f"its latest run {record.run} is {record.status!r}",
            expected=f"see why: toolkit show {notebook}",
        )
    published = load(notebook).record.results.findings
    errors = [f for f in published if f.severity == "error" and f.accepted is None]
    if errors:
        listed = "; ".join(f"{f.code} {f.place}: {f.message}" for f in errors)
        raise UpstreamError(
            name=notebook,
            found=f"it found {len(errors)} error{'s'[: len(errors) > 1]}: {listed}",
            expected="mend the data, or accept them in scope.yaml with a reason",
        )


def _pinned(notebook: str) -> tuple[Store, str | None]:
    """Return the store, and the run that ``toolkit run`` chose, if it runs this."""
    chosen = os.environ.get(UPSTREAM)
    if chosen is None:
        return Store(runs_folder(Path.cwd())), None
    folders = decode(dict[str, str], parse_json(chosen))
    if notebook not in folders:
        raise UpstreamError(
            name=notebook,
            found="this notebook was not seen to need it",
            expected="write the name as a literal: "
            f"upstream.load({notebook!r}), after 'from toolkit import upstream'",
        )
    folder = Path(folders[notebook])
    return Store(folder.parent), folder.name
