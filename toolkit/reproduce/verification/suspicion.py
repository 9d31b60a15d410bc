"""Which variations to try first, and which lines draw numbers that no seed decides."""

from collections.abc import Iterable, Sequence

from toolkit.reproduce.diagnosis import static_suspicion
from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.search import Search
from toolkit.reproduce.records.trace import Event
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
_CHEAP_S = 10.0  # a run that takes longer is not repeated for what lies far from it


def suspected(case: Case, events: Iterable[Event], least: float) -> list[str]:
    """Return the variations that the results may depend on, most suspicious first.

    Parameters
    ----------
    case : whose source is read
    events : of a plain execution
    least : suspicion, from 0 to 1
    """
    return _ranked(dict(static_suspicion(case.notebook, case.files)), events, least)


def likely(case: Case, events: Iterable[Event], least: float) -> list[str]:
    """Return the variations that are worth further executions, likeliest first.

    Where they are dear, the notebook's own lines count, and no module's.

    Parameters
    ----------
    case, events, least : as in :func:`suspected`
    """
    files = case.files if _is_cheap(case) else {}
    return _ranked(dict(static_suspicion(case.notebook, files)), events, least)


def _is_cheap(case: Case) -> bool:
    return case.record.circumstances.seconds <= _CHEAP_S


def _ranked(
    weights: dict[str, float], events: Iterable[Event], least: float
) -> list[str]:
    for event in events:
        name = _BY_VARIABLE.get(event.what, _BY_KIND.get(event.kind, ""))
        if event.line is not None and name in weights and event.kind in _BY_KIND:
            weights[name] = min(max(weights[name], _SEEN) + 0.01, 1.0)
    ranked = sorted(weights, key=lambda name: -weights[name])
    return [name for name in ranked if weights[name] >= least]


def draws(case: Case, events: Sequence[Event]) -> tuple[str, ...]:
    """Return where random numbers are drawn that no seed decides, one sentence each.

    What a module draws counts where it was seen, or where a look is cheap.

    Parameters
    ----------
    case : whose source is read
    events : of a plain execution
    """
    program = Program(case.notebook, case.files if _is_cheap(case) else {})
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
