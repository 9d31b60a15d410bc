"""What may be quoted: the trust of each run, as the report marks and tells it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from toolkit.report.runs import Run
from toolkit.report.texts import label, text
from toolkit.reproduce.trust import Trust


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A run's level; ``mark`` stands at each of its numbers, empty if it may."""

    mark: str
    level: str
    missing: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What a reader has to know before quoting anything from the page."""

    sentence: str
    quotable: bool  # all of it
    details: tuple[str, ...] = ()


def standing(trust: Trust) -> Standing:
    """Return a run's level as the report shows it."""
    facts = {"date": trust.since[:10], "count": len(trust.variations)}
    return Standing(
        mark="" if trust.quotable else text(f"mark_{_kind(trust)}"),
        level=text(f"level_{_kind(trust)}", **facts),
        missing=trust.missing,
    )


def build_proof(shown: Sequence[Run], headline: Run | None) -> Proof:
    """Return what may be quoted of some runs.

    Parameters
    ----------
    shown : all that the page shows
    headline : the one that its first number is from, if there is one
    """
    loose = [run for run in shown if not run.trust.quotable]
    if not loose:
        count = min((len(run.trust.variations) for run in shown), default=0)
        date = min((run.trust.since[:10] for run in shown), default="")
        sentence = text("proof_reproduced", date=date, count=count)
        return Proof(sentence=sentence, quotable=True)
    key = "proof_partly"
    if headline is None or not headline.trust.quotable:
        key = "proof_none"
    sentence = text(key, runs=", ".join(label(run.stem) for run in loose))
    return Proof(sentence=sentence, quotable=False, details=tuple(_details(loose)))


def _details(loose: Iterable[Run]) -> Iterable[str]:
    """Yield why a run is worse than not verified yet, and what would mend it."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for run in loose:
        if _kind(run.trust) == "recorded":
            continue
        for reason in run.trust.reasons:
            about = (reason.found, reason.advice)
            grouped.setdefault(about, []).append(label(run.stem))
    for (found, advice), names in grouped.items():
        yield text("proof_reason", runs=", ".join(names), found=found, advice=advice)


def _kind(trust: Trust) -> str:
    differs = any(reason.short.startswith("differs") for reason in trust.reasons)
    return "differs" if trust.level == "recorded" and differs else trust.level
