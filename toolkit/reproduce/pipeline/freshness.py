"""What changed since a run: whether executing its notebook again would be the same."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Protocol

from toolkit.publish.fields import shown
from toolkit.publish.results import Sha256
from toolkit.reproduce.digest import canonical_json
from toolkit.reproduce.policy import Policy
from toolkit.reproduce.records.recipe import Environment, RunId
from toolkit.reproduce.records.record import Record, json_text
from toolkit.reproduce.records.store import METRICS, NOTEBOOK
from toolkit.reproduce.records.trace import Trace
from toolkit.reproduce.sources import SCOPE, Data
from toolkit.reproduce.tracing.watch import SEEN
from toolkit.reproduce.workspace.patterns import Patterns

_ABSENT = "is not there"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One thing that is not as it was at a run.

    Examples
    --------
    >>> print(Change(what="parameter n", found="10 → 20"))
    parameter n: 10 → 20
    """

    what: str  # "notebook", "code", "parameter n", "data/x.csv", "upstream 01-data", …
    found: str

    def __str__(self) -> str:
        return f"{self.what}: {self.found}"


class Surroundings(Protocol):
    """Tells of the project as it is now: :class:`.here.Here`."""

    root: Path

    @property
    def environment(self) -> Environment:
        """What would execute the notebook."""

    @property
    def data(self) -> Data:
        """The scope and the data that it declares."""

    @property
    def policy(self) -> Policy:
        """What the project allows."""

    def file(self, path: str) -> Sha256 | None:
        """Digest of a file."""

    def listing(self, folder: str) -> Sha256 | None:
        """Digest of a folder's names."""

    def exists(self, path: str) -> bool:
        """Whether a path is there."""

    def variables(self, names: "Mapping[str, object]") -> Mapping[str, Sha256 | None]:
        """Digests of environment variables."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """What an execution would be given now."""

    notebook: Sha256
    parameters: Mapping[str, object]
    code: Sha256 | None
    upstream: Mapping[str, RunId]
    upstream_results: Mapping[str, Sha256]
    here: Surroundings


def changes(record: Record, now: Candidate) -> tuple[Change, ...]:
    """Return what changed since a run; () if an execution would be the same.

    What the run was seen to read counts, not what the scope declares. A run that was
    not seen whole is held against all that its recipe covers.

    Parameters
    ----------
    record : of the run
    now : what an execution would be given
    """
    return (*_recipe_changes(record, now), *_traced_changes(record, now))


def lost_files(record: Record, folder: Path, here: Surroundings) -> tuple[Change, ...]:
    """Return what a run published that is no longer beside its record, as it was.

    Parameters
    ----------
    record : of the run
    folder : of the run
    here : tells digests of files
    """
    results = record.results
    published = {f"tables/{table.name}.csv": table.digest for table in results.tables}
    published |= {f"figures/{fig.name}.svg": fig.digest for fig in results.figures}
    found = []
    for path, digest in published.items():
        now = here.file(str(folder.resolve() / path))
        if now != digest:
            found.append((path, _ABSENT if now is None else "was changed"))
    if not (folder / NOTEBOOK).is_file():
        found.append((NOTEBOOK, _ABSENT))
    metrics = folder / METRICS
    if not metrics.is_file() or metrics.read_text("utf-8") != json_text(record.metrics):
        found.append((METRICS, "was changed, or is not there"))
    return tuple(
        Change(what=f"{record.run}/{path}", found=what) for path, what in found
    )


def is_seen(trace: Trace) -> bool:
    """Return whether a trace holds all files that an execution read."""
    return SEEN in trace.enforced


def _recipe_changes(record: Record, now: Candidate) -> Iterator[Change]:
    recipe = record.recipe
    if recipe.notebook.digest != now.notebook:
        yield Change(what="notebook", found="its cells changed")
    yield from _parameter_changes(recipe.parameters, now.parameters)
    if recipe.code != now.code:
        yield Change(what="code", found="the project's own code changed")
    yield from _environment_changes(recipe.environment, now.here.environment)
    for name in sorted({*recipe.upstream_results, *now.upstream_results}):
        before = recipe.upstream_results.get(name)
        if before != now.upstream_results.get(name):
            told = f"other results than of {recipe.upstream[name]}" if before else "new"
            run = now.upstream.get(name, "no longer read")
            yield Change(what=f"upstream {name}", found=f"{run}, {told}")


def _parameter_changes(
    before: Mapping[str, object], now: Mapping[str, object]
) -> Iterator[Change]:
    for name in sorted({*before, *now}):
        if name not in now or name not in before:
            found = "is declared no more" if name in before else "is new"
            yield Change(what=f"parameter {name}", found=found)
        elif canonical_json(before[name]) != canonical_json(now[name]):
            found = f"{shown(before[name])} → {shown(now[name])}"
            yield Change(what=f"parameter {name}", found=found)


def _environment_changes(before: Environment, now: Environment) -> Iterator[Change]:
    for each in fields(Environment):
        was, is_now = getattr(before, each.name), getattr(now, each.name)
        if was != is_now:
            what = "installed packages" if each.name == "installed" else each.name
            yield Change(what=what, found=f"{_short(was)} → {_short(is_now)}")


def _traced_changes(record: Record, now: Candidate) -> Iterator[Change]:
    trace, recipe, here = record.trace, record.recipe, now.here
    for path, digest in trace.inputs.items():
        yield from _digest_change(path, digest, here.file(path))
    for folder, digest in trace.listed.items():
        found = here.listing(folder)
        if found != digest:
            what = _ABSENT if found is None else "holds other files"
            yield Change(what=folder, found=what)
    for path in trace.absent:
        if here.exists(path):
            yield Change(what=path, found="was not there, and is now")
    yield from _variable_changes(trace, here)
    yield from _policy_changes(record, here)
    if is_seen(trace):
        return
    declared = {SCOPE: recipe.scope, **recipe.data}
    present = {SCOPE: here.data.scope, **here.data.sources}
    for path in sorted({*declared, *present} - {*trace.inputs}):
        yield from _digest_change(path, declared.get(path), present.get(path))


def _variable_changes(trace: Trace, here: Surroundings) -> Iterator[Change]:
    if not trace.environment:
        return
    present = here.variables(trace.environment)
    for name, digest in trace.environment.items():
        if name in present and present[name] != digest:
            found = "is set" if digest is None else "was unset"
            both = digest is not None and present[name] is not None
            yield Change(
                what=f"environment variable {name}",
                found="has another value" if both else found,
            )


def _policy_changes(record: Record, here: Surroundings) -> Iterator[Change]:
    """Yield why the project may no longer allow what the run did."""
    trace = record.trace
    if trace.undeclared and here.policy.strict:
        covered = Patterns(here.policy.declared, project=here.root)
        for path in trace.undeclared:
            if not covered.covers(path):
                yield Change(what=path, found="must be declared now, and is not")
    if trace.network and here.data.scope != record.recipe.scope:
        yield Change(what=SCOPE, found="changed, and the run asked for the network")


def _digest_change(
    path: str, before: Sha256 | None, now: Sha256 | None
) -> Iterator[Change]:
    if before != now:
        words = _ABSENT if now is None else f"{_short(before)} → {_short(now)}"
        yield Change(what=path, found=words)


def _short(value: str | None) -> str:
    """Return the beginning of a digest, and a version as it is."""
    if value is None:
        return "none"
    return f"{value[:4]}…" if len(value) == len(Sha256("0" * 64)) else value
