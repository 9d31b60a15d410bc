"""Data that come with the toolkit, with their licence and credit."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import pandas as pd

from toolkit.datasets.reading import read_source, with_one_id_type
from toolkit.errors import ToolkitError
from toolkit.scope import Table
from toolkit.scope.problems import did_you_mean


@dataclass(eq=False)
class UnknownDatasetError(ToolkitError, KeyError):
    """No data of this name are bundled."""

    name: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"datasets: found no bundled data {self.name!r};"
            f" {did_you_mean(self.name, self.known)}"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bundled:
    credit: str
    tables: tuple[Table, ...]


def _machine_log(name: str, kind: str) -> Table:
    return Table(
        name=name,
        source=f"{name}.csv",
        role="events",
        entity="machineID",
        time="datetime",
        kind=kind,
    )


_CATALOGUE: Mapping[str, _Bundled] = {
    "azure-pdm-1000": _Bundled(
        credit="Microsoft, SQL Server R Services Samples, CC BY 4.0"
        " (simulated by its publisher, not measured on real machines)",
        tables=(
            Table(
                name="machines",
                source="machines.csv",
                role="entities",
                entity="machineID",
            ),
            _machine_log("failures", "failure"),
            _machine_log("errors", "errorID"),
            _machine_log("maint", "comp"),
        ),
    )
}


def names() -> tuple[str, ...]:
    """Return the names of the bundled data.

    Examples
    --------
    >>> names()
    ('azure-pdm-1000',)
    """
    return tuple(_CATALOGUE)


def credit(name: str) -> str:
    """Return the credit line that has to be shown with results from bundled data.

    Raises
    ------
    UnknownDatasetError : if nothing of this name is bundled

    Examples
    --------
    >>> credit("azure-pdm-1000").split(" (")[0]
    'Microsoft, SQL Server R Services Samples, CC BY 4.0'
    """
    return _bundled(name).credit


def load(name: str) -> dict[str, pd.DataFrame]:
    """Return the tables of bundled data, by name, typed as ``load_tables`` does.

    Raises
    ------
    UnknownDatasetError : if nothing of this name is bundled

    Examples
    --------
    >>> [f"{table}: {len(rows)}" for table, rows in load("azure-pdm-1000").items()]
    ['machines: 1000', 'failures: 6726', 'errors: 11967', 'maint: 32592']
    """
    folder = files("toolkit") / "data" / name
    tables = {table.name: table for table in _bundled(name).tables}
    frames = {key: read_source(folder / t.source, t, name) for key, t in tables.items()}
    return with_one_id_type(frames, tables)


def _bundled(name: str) -> _Bundled:
    if name not in _CATALOGUE:
        raise UnknownDatasetError(name=name, known=names())
    return _CATALOGUE[name]
