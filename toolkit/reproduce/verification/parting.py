"""Where two executions part: results, cells and variables."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from toolkit.publish.results import Sha256
from toolkit.reproduce.comparison.sides import (
    Difference,
    Side,
    compare,
    published_in,
)
from toolkit.reproduce.notebook import INJECTED
from toolkit.reproduce.outputs.cells import recorded_outputs
from toolkit.reproduce.records.record import Failure, Record, Status
from toolkit.reproduce.records.trace import Event
from toolkit.reproduce.verification.trials import Trial


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What a record, or an execution, has to show."""

    status: Status
    error: Failure | None
    side: Side
    places: Mapping[str, int]  # where each result was published
    written: Mapping[str, Sha256]  # files that it left in its folder

    @property
    def shows(self) -> bool:
        """Whether there is a result or an output to compare."""
        outputs = any(output.digest is not None for output in self.side.outputs)
        return self.side.publishes or outputs

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all to compare."""
        return not self.shows and not self.written and self.status == "finished"


def record_shown(record: Record, folder: Path) -> Shown:
    """Return what a run has to show."""
    side = Side(
        results=record.results,
        outputs=recorded_outputs(record.cells),
        cells=record.cells,
        folder=folder,
    )
    return Shown(
        status=record.status,
        error=record.error,
        side=side,
        places={},
        written=record.trace.written,
    )


def trial_shown(trial: Trial) -> Shown:
    """Return what an execution has to show."""
    executed = trial.executed
    cells = executed.content["cells"]
    injected = [
        index
        for index, cell in enumerate(cells)
        if INJECTED in cell.get("metadata", {}).get("tags", ())
    ]
    return Shown(
        status=executed.status,
        error=executed.error,
        side=Side(
            results=executed.results,
            outputs=executed.outputs,
            cells=executed.cells,
            folder=executed.folder,
        ),
        places=published_in(cells, lambda at: at - sum(i <= at for i in injected)),
        written=executed.trace.written,
    )


def differences(
    before: Shown, after: Shown, until: int | None = None
) -> tuple[Difference, ...]:
    """Return in what two of them differ.

    That one ended early is a single difference: what it did not come to is none.

    Parameters
    ----------
    before, after : of the record, or of an execution
    until : the last cell that was executed in both; None: all of them were
    """
    ends = [_end(each, until) for each in (before, after)]
    if ends[0] != ends[1]:
        return (_ended_otherwise(before, after, until),)
    places = {**before.places, **after.places}
    found = compare(before.side, after.side, places=places, until=until)
    files = () if until is not None else _files(before, after)
    return (*map(counted, found), *files)


def deciding(found: Iterable[Difference]) -> tuple[Difference, ...]:
    """Return the differences that a verdict rests on."""
    return tuple(one for one in found if one.decides)


def first_variables(
    events: Sequence[Iterable[Event]],
    relevant: Container[tuple[int, str]] | None = None,
) -> tuple[int, tuple[str, ...]] | None:
    """Return the first cell after which variables differ, and which those are.

    Parameters
    ----------
    events : of two executions with fingerprints; of a third, equal to the first: what
        differs there as well is left out
    relevant : cells and names to look at; all if left out

    Returns
    -------
    index of the cell and names, sorted; None if no variable differs
    """
    one, two, *noise = map(_variables, events)
    restless = {
        key[1] for three in noise for key in three if three[key] != one.get(key)
    }
    apart = sorted(
        key
        for key in {*one, *two}
        if one.get(key) != two.get(key)
        and key[1] not in restless
        and (relevant is None or key in relevant)
    )
    if not apart:
        return None
    cell = apart[0][0]
    return cell, tuple(name for at, name in apart if at == cell)


def _variables(events: Iterable[Event]) -> dict[tuple[int, str], str]:
    return {
        (event.cell, event.what): event.detail
        for event in events
        if event.kind == "variable" and event.cell is not None
    }


def _files(before: Shown, after: Shown) -> Iterator[Difference]:
    """Yield the files that it wrote otherwise; they decide where nothing else can."""
    for path in sorted({*before.written, *after.written}):
        old, now = before.written.get(path), after.written.get(path)
        if old != now:
            texts = [_written(digest) for digest in (old, now)]
            yield Difference(
                kind="output",
                name=path,
                cell=None,
                before=texts[0],
                after=texts[1],
                how_much=f"{path}, which it writes: {texts[0]} → {texts[1]}",
                decides=not (before.shows or after.shows),
            )


def _written(digest: Sha256 | None) -> str:
    return "not written" if digest is None else f"content {digest[:8]}…"


def _end(shown: Shown, until: int | None) -> tuple[Status, str]:
    error = shown.error
    if shown.status == "finished" or error is None:
        return shown.status, ""
    if until is not None and error.cell is not None and error.cell > until:
        return "finished", ""  # as far as it is looked at
    return shown.status, error.ename


def _ended_otherwise(before: Shown, after: Shown, until: int | None) -> Difference:
    cells = [
        each.error.cell
        for each in (after, before)
        if each.error is not None and _end(each, until)[0] != "finished"
    ]
    cell = next(iter(cells), None)
    name = "the execution" if cell is None else f"cell {cell + 1}"
    texts = [_end_text(each, until) for each in (before, after)]
    return Difference(
        kind="cell",
        name=name,
        cell=cell,
        before=texts[0],
        after=texts[1],
        how_much=f"{name}: {texts[0]} → {texts[1]}",
    )


def _end_text(shown: Shown, until: int | None) -> str:
    status, _ = _end(shown, until)
    if status == "finished" or shown.error is None:
        return status
    said = f"{shown.error.ename}: {shown.error.evalue}".rstrip(": ").splitlines()
    return f"{status} ({said[0]})" if said else status


def counted(one: Difference) -> Difference:
    """Return a difference whose cell is counted from 1, as people do."""
    named = f"cell {one.cell}"
    if one.cell is None or one.name != named:
        return one
    name = f"cell {one.cell + 1}"
    rest = one.how_much.removeprefix(named)
    return replace(one, name=name, how_much=f"{name}{rest}")
