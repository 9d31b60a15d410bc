"""Judge a run: execute its recipe again, vary what must not matter, and compare."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from toolkit.reproduce.comparison.sides import Difference
from toolkit.reproduce.diagnosis.sources import FILE_TIMES
from toolkit.reproduce.verification.causes import (
    NOTHING,
    Reason,
    failing,
    unfinished,
    unlike_record,
)
from toolkit.reproduce.verification.explaining import Explanation, explain, leads
from toolkit.reproduce.verification.inquiry import Ask, Inquiry
from toolkit.reproduce.verification.parting import deciding
from toolkit.reproduce.verification.pretence import pretences, stored_differences
from toolkit.reproduce.verification.trials import Bench, Trial
from toolkit.reproduce.verification.verdict import Verdict, described, spoken


def judge(bench: Bench, ask: Ask) -> Verdict:
    """Return the verdict on a case whose record is sound and whose files are there.

    Parameters
    ----------
    bench : executes the case
    ask : what was asked for
    """
    began = time.monotonic()
    inquiry = Inquiry(bench, ask)
    record = bench.case.record
    if record.status != "finished":
        verdict = _unfinished(inquiry)
    else:
        inquiry.begin()
        verdict = _finished(inquiry)
    gaps = inquiry.gaps
    missed = [name for name in gaps if gaps[name].startswith("not ")]
    return replace(
        verdict,
        varied=tuple(n for n in ask.vary if inquiry.varied and n not in missed),
        executions=inquiry.executions,
        notes=(
            *bench.case.notes,
            *verdict.notes,
            *(f"{spoken([name])}: {gap}" for name, gap in gaps.items()),
        ),
        seconds=round(time.monotonic() - began, 3),
    )


def _unfinished(inquiry: Inquiry) -> Verdict:
    """Return what is said of a run that failed: nothing, but that it fails again."""
    trial = None
    if inquiry.case.record.status == "failed":
        (trial,) = inquiry.execute(inquiry.told())
    return _verdict(inquiry, unfinished(inquiry.case.record, trial), ())


def _finished(inquiry: Inquiry) -> Verdict:
    """Return what is said of a run that finished, now that it was executed again."""
    from_record = deciding(inquiry.from_record())
    if inquiry.plain.executed.status != "timed out":  # another would take as long
        between = inquiry.between_plains(doubt=bool(from_record))
        if between:
            return _not_deterministic(inquiry, from_record, between)
    if inquiry.plain.executed.status != "finished":
        reason = failing(inquiry.case, inquiry.plain)
        return _verdict(inquiry, reason, from_record)
    return (
        _varied(inquiry, from_record)
        or _unlike(inquiry, from_record)
        or _reproduced(inquiry)
    )


def _varied(inquiry: Inquiry, from_record: Sequence[Difference]) -> Verdict | None:
    """Return the verdict if a varied execution differs from the plain one."""
    parted = [(one, deciding(inquiry.from_plain(one))) for one in inquiry.varied]
    for trial, found in parted:
        if found:
            if between := inquiry.between_plains(doubt=True):
                return _not_deterministic(inquiry, from_record, between)
            if _explains(found, from_record):
                return _depends(inquiry, trial, found, from_record)
    if any(found for _, found in parted):
        return None
    late = inquiry.other_turn()
    if late is None or not _explains(late[1], from_record):
        return None
    return _depends(inquiry, *late, from_record)


def _unlike(inquiry: Inquiry, from_record: Sequence[Difference]) -> Verdict | None:
    """Return the verdict if all executions agree, and not with the record."""
    if not from_record:
        return None
    reason = unlike_record(inquiry.case, inquiry.plains)
    suspects = leads(inquiry.case, from_record)
    if reason.cause == "tampered with" and any(FILE_TIMES in s.why for s in suspects):
        reason = Reason(
            value="differs",
            cause="the surroundings drifted",
            why="its results depend on file times, which are another in each checkout",
        )
    return replace(_verdict(inquiry, reason, from_record), suspects=suspects)


def _reproduced(inquiry: Inquiry) -> Verdict:
    """Return that it is reproduced, unless something only looks like it."""
    case, executed = inquiry.case, inquiry.plain.executed
    if inquiry.is_empty:
        return _verdict(inquiry, NOTHING, ())
    stored = inquiry.ask.stored
    if stored and (found := stored_differences(case.notebook, executed, case.rules)):
        reason = Reason(
            value="differs",
            cause="stored outputs",
            why="the notebook holds outputs that its source does not produce",
        )
        return _verdict(inquiry, reason, found)
    seen = pretences(case.notebook, executed)
    if seen.faults:
        reason = Reason(
            value="differs",
            cause="only looks like success",
            why="; ".join(fault.why for fault in seen.faults),
        )
        verdict = _verdict(inquiry, reason, ())
        suspects = tuple(fault.suspect for fault in seen.faults)
        return replace(verdict, cell=seen.faults[0].cell, suspects=suspects)
    loose = [*inquiry.from_record()]
    for trial in inquiry.varied:
        loose += inquiry.from_plain(trial)
    return Verdict(
        run=case.record.run,
        notebook=case.record.recipe.notebook.path,
        value="reproduced",
        notes=(*seen.notes, *_loose_notes(loose), *_lucky_notes(inquiry)),
    )


def _loose_notes(found: Sequence[Difference]) -> Iterator[str]:
    """Yield notes on outputs that differ while all that decides is the same."""
    if cells := sorted({one.cell + 1 for one in found if one.cell is not None}):
        listed = ", ".join(map(str, cells))
        yield f"what cell {listed} shows differs; nothing that is published does"
    if files := sorted({one.name for one in found if one.cell is None}):
        yield f"{', '.join(files)}, which it writes, differs; no result does"


def _lucky_notes(inquiry: Inquiry) -> tuple[str, ...]:
    """Return notes on random numbers that were drawn, and changed no result."""
    return tuple(f"{place}; it changed no result" for place in inquiry.draws)


def _explains(found: Sequence[Difference], missed: Sequence[Difference]) -> bool:
    """Return whether what the record has otherwise is what the variations change."""
    changed = {(one.kind, one.name) for one in found}
    return all((one.kind, one.name) in changed for one in missed) or any(
        one.kind == "cell" for one in found
    )


def _not_deterministic(
    inquiry: Inquiry, from_record: Sequence[Difference], between: Sequence[Difference]
) -> Verdict:
    reason = Reason(
        value="differs",
        cause="not deterministic",
        why="equal executions give different results",
    )
    found = explain(inquiry, (*from_record, *between), frozenset())
    return _explained(_verdict(inquiry, reason, from_record or between), found)


def _depends(
    inquiry: Inquiry,
    varied: Trial,
    found: Sequence[Difference],
    from_record: Sequence[Difference],
) -> Verdict:
    culprits = inquiry.culprits(varied, found)
    reason = Reason(
        value="differs",
        cause="variation",
        why=f"its results depend on {described(culprits)}, which must not matter",
    )
    verdict = replace(
        _verdict(inquiry, reason, from_record or found), culprits=culprits
    )
    turn = varied.told.variation.turn
    return _explained(verdict, explain(inquiry, found, frozenset(culprits), turn))


def _explained(verdict: Verdict, found: Explanation) -> Verdict:
    return replace(verdict, cell=found.cell, names=found.names, suspects=found.suspects)


def _verdict(inquiry: Inquiry, reason: Reason, found: Sequence[Difference]) -> Verdict:
    record = inquiry.case.record
    return Verdict(
        run=record.run,
        notebook=record.recipe.notebook.path,
        value=reason.value,
        cause=reason.cause,
        why=reason.why,
        differences=tuple(found),
        cell=min((one.cell for one in found if one.cell is not None), default=None),
    )
