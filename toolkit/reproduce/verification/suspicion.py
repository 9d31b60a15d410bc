"""Which variations to try first, and which lines draw numbers that no seed decides."""

from collections.abc import Iterable, Sequence

from toolkit.reproduce.diagnosis import static_suspicion
from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.search import Search
from toolkit.reproduce.trace import Event
from toolkit.reproduce.verification.trials import Case

_BY_KIND = {"list": "listing", "environment": "environment"}
_BY_VARIABLE = {
    "TZ": "time-zone",
    "HOME": "home",
    "USER": "user",
    "LOGNAME": "user",
    "LANG": "locale",
    "OMP_NUM_THREADS": "threads",
}
_SEEN = 0.5  # what an event adds to the suspicion of a source, which is from 0 to 1
_SURE = 0.9


def suspected(case: Case, events: Iterable[Event], least: float) -> list[str]:
    """Return the variations that the results may depend on, most suspicious first.

    Parameters
    ----------
    case : whose source is read
    events : of a plain execution
    least : suspicion, from 0 to 1
    """
    weights = dict(static_suspicion(case.notebook, case.files))
    for event in events:
        name = _BY_VARIABLE.get(event.what, _BY_KIND.get(event.kind, ""))
        if event.line is not None and name in weights and event.kind in _BY_KIND:
            weights[name] = min(max(weights[name], _SEEN) + 0.01, 1.0)
    ranked = sorted(weights, key=lambda name: -weights[name])
    return [name for name in ranked if weights[name] >= least]


def draws(case: Case, events: Sequence[Event]) -> tuple[str, ...]:
    """Return where random numbers are drawn that no seed decides, one sentence each.

    Parameters
    ----------
    case : whose source is read
    events : of a plain execution
    """
    program = Program(case.notebook, case.files)
    program.load_imported()
    found = {
        _place(finding.step.source.cell, finding.step.source.file): finding.why
        for finding in Search(program).findings(program.steps())
        if finding.groups.get("entropy", 0.0) >= _SURE
    }
    for event in events:
        if event.kind == "entropy" and event.line is not None:
            place = _place(event.cell if event.file is None else None, event.file)
            found.setdefault(place, f"{event.what} draws from the system's entropy")
    return tuple(f"{place}: {why}" for place, why in found.items())


def _place(cell: int | None, file: str | None) -> str:
    if file is not None or cell is None:
        return str(file)
    return f"cell {cell + 1}"
