"""Two runs side by side: what decided them, and what came out; nothing is read here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

from toolkit.errors import ToolkitError
from toolkit.publish.fields import encode
from toolkit.publish.results import Metric, PublishedFinding, Results
from toolkit.reproduce.digest import canonical_json
from toolkit.reproduce.records.history import Changes
from toolkit.reproduce.records.record import Record

K = TypeVar("K")
CellKind: TypeAlias = Literal["changed", "added", "removed"]
Pair: TypeAlias = tuple[int | None, int | None]  # of cells that are the same one
NONE = "none"
_SHORT = 12  # characters of a digest


@dataclass(eq=False)
class NoEarlierRunError(ToolkitError, LookupError):
    """A run was to be held against the one before it, and is the first."""

    run: str
    notebook: str

    def __str__(self) -> str:
        return (
            f"{self.run}: is the first run of {self.notebook}; name the one to hold it "
            f"against: toolkit diff OTHER {self.run}"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One thing that is not the same in both runs."""

    what: str  # "parameter n", "data/x.csv", "cell 3 shows"
    before: str
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricChange:
    """One number in both runs; None where it was not published."""

    name: str
    before: float | None
    after: float | None
    unit: str
    tolerance: float | None

    @property
    def difference(self) -> float | None:
        """By how much it rose."""
        if self.before is None or self.after is None:
            return None
        return self.after - self.before

    @property
    def same(self) -> bool:
        """Whether it is equal, or within the tolerance that its author gave it."""
        if self.difference is None:
            return False
        return self.before == self.after or abs(self.difference) <= (
            self.tolerance or 0.0
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class CellChange:
    """A cell whose source is not the same; numbers are indices in each notebook."""

    kind: CellKind
    before: int | None
    after: int | None
    lines: tuple[str, ...]  # as in a unified diff: " x", "-x", "+x", "@@ … @@"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """The cells of both notebooks, and which are the same one."""

    pairs: tuple[Pair, ...]
    changes: tuple[CellChange, ...] = ()
    problem: str = ""  # why the cells could not be compared


@dataclass(frozen=True, kw_only=True, slots=True)
class Differences:
    """All that is not the same in two runs."""

    before: Record
    after: Record
    recipe: tuple[Change, ...]  # what decides a result
    metrics: tuple[MetricChange, ...]  # all of them, also those that are the same
    results: tuple[Change, ...]  # tables, figures, findings, outputs, status
    circumstances: tuple[Change, ...]
    commits: Changes | None  # None: git does not know both
    sources: Sources

    @property
    def comparable(self) -> bool:
        """Whether there is anything to compare: an empty check proves nothing."""
        return any(
            record.results != Results() or any(cell.output for cell in record.cells)
            for record in (self.before, self.after)
        )

    @property
    def same(self) -> bool:
        """Whether both runs came to the same results."""
        return not self.results and all(metric.same for metric in self.metrics)


def run_before(record: Record, records: Sequence[Record]) -> Record:
    """Return the run before one, of the same notebook.

    Parameters
    ----------
    record : of the later run
    records : oldest first

    Raises
    ------
    NoEarlierRunError : if there is none
    """
    path = record.recipe.notebook.path
    earlier: Record | None = None
    for other in records:
        if other.run == record.run:
            break
        if other.recipe.notebook.path == path:
            earlier = other
    if earlier is None:
        raise NoEarlierRunError(run=record.run, notebook=path)
    return earlier


def compare_runs(
    before: Record, after: Record, sources: Sources, commits: Changes | None = None
) -> Differences:
    """Return what is not the same in two runs.

    Parameters
    ----------
    before, after : of one notebook, or of two
    sources : their cells
    commits : what git says of the two commits
    """
    return Differences(
        before=before,
        after=after,
        recipe=tuple(_recipe(before, after)),
        metrics=tuple(_metrics(before.results, after.results)),
        results=tuple(_results(before, after, sources.pairs)),
        circumstances=tuple(_circumstances(before, after)),
        commits=commits,
        sources=sources,
    )


def _recipe(before: Record, after: Record) -> Iterator[Change]:
    old, new = before.recipe, after.recipe
    yield from _changed("notebook", old.notebook.path, new.notebook.path)
    yield from _digests("source", old.notebook.digest, new.notebook.digest)
    for name in _names(old.parameters, new.parameters):
        yield from _changed(
            f"parameter {name}",
            _value(old.parameters, name),
            _value(new.parameters, name),
        )
    yield from _digests("code", old.code, new.code)
    yield from _digests("scope.yaml", old.scope, new.scope)
    yield from _mapped("", old.data, new.data)
    traced = [
        {p: d for p, d in record.trace.inputs.items() if p not in record.recipe.data}
        for record in (before, after)
    ]
    yield from _mapped("", *traced)
    yield from _mapped("listing of ", before.trace.listed, after.trace.listed)
    environments = old.environment, new.environment
    for name in ("python", "platform"):
        yield from _changed(name, *(str(getattr(e, name)) for e in environments))
    yield from _digests("requirements.lock", *(e.lock for e in environments))
    yield from _digests("installed packages", *(e.installed for e in environments))
    for name in _names(old.upstream, new.upstream):
        results = [r.upstream_results.get(name) for r in (old, new)]
        runs = [r.upstream.get(name) or NONE for r in (old, new)]
        note = " (same results)" if results[0] == results[1] else ""
        yield from _changed(f"upstream {name}{note}", *runs)


def _metrics(before: Results, after: Results) -> Iterator[MetricChange]:
    old: dict[str, Metric] = {metric.name: metric for metric in before.metrics}
    new: dict[str, Metric] = {metric.name: metric for metric in after.metrics}
    for name in _names(old, new):
        known = old.get(name) or new[name]
        yield MetricChange(
            name=name,
            before=old[name].value if name in old else None,
            after=new[name].value if name in new else None,
            unit=known.unit,
            tolerance=known.tolerance,
        )


def _results(before: Record, after: Record, pairs: Sequence[Pair]) -> Iterator[Change]:
    yield from _changed("status", before.status, after.status)
    old, new = before.results, after.results
    for kind in ("tables", "figures"):
        digests = [{x.name: x.digest for x in getattr(r, kind)} for r in (old, new)]
        yield from _mapped(f"{kind[:-1]} ", *digests)
    yield from _findings(old.findings, new.findings)
    yield from _outputs(before, after, pairs)


def _findings(
    before: Sequence[PublishedFinding], after: Sequence[PublishedFinding]
) -> Iterator[Change]:
    """Yield findings that came, went, or say something else, by code and place."""
    old, new = ({(f.code, f.place): f for f in found} for found in (before, after))
    for key in _names(old, new):
        texts = [found[key].message if key in found else NONE for found in (old, new)]
        if old.get(key) != new.get(key) and texts[0] == texts[1]:
            found = old[key], new[key]
            texts = [
                f"{f.severity}, {f.count} concerned, "
                + (f"accepted: {f.accepted}" if f.accepted is not None else "open")
                for f in found
            ]
        yield from _changed(f"finding {key[0]} {key[1]}", *texts)


def _outputs(before: Record, after: Record, pairs: Sequence[Pair]) -> Iterator[Change]:
    """Yield what the cells showed that are in both notebooks."""
    if before.output_rules != after.output_rules:
        return
    old, new = ({c.index: c for c in record.cells} for record in (before, after))
    for first, second in pairs:
        one = old.get(first) if first is not None else None
        other = new.get(second) if second is not None else None
        if one and other and one.output != other.output:
            yield Change(
                what=f"cell {other.index + 1} shows",
                before=one.shown or NONE,
                after=other.shown or NONE,
            )


def _circumstances(before: Record, after: Record) -> Iterator[Change]:
    old, new = before.circumstances, after.circumstances
    for name in ("started", "commit", "dirty", "ci"):
        values = [getattr(about, name) for about in (old, new)]
        yield from _changed(name, *(NONE if v is None else str(v) for v in values))
    yield from _changed("seconds", f"{old.seconds:.1f}", f"{new.seconds:.1f}")
    yield from _changed("notes", "; ".join(old.notes), "; ".join(new.notes))


def _changed(what: str, before: str, after: str) -> Iterator[Change]:
    if before != after:
        yield Change(what=what, before=before or NONE, after=after or NONE)


def _digests(what: str, before: str | None, after: str | None) -> Iterator[Change]:
    if before != after:
        yield Change(what=what, before=_short(before), after=_short(after))


def _mapped(
    prefix: str, before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[Change]:
    for name in _names(before, after):
        yield from _digests(f"{prefix}{name}", before.get(name), after.get(name))


def _names(before: Mapping[K, object], after: Mapping[K, object]) -> list[K]:
    return list(dict.fromkeys([*before, *after]))


def _value(values: Mapping[str, object], name: str) -> str:
    if name not in values:
        return NONE
    return canonical_json(encode(values[name])).decode("utf-8", "surrogatepass")


def _short(digest: str | None) -> str:
    return digest[:_SHORT] if digest else NONE
