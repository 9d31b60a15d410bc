"""Which of the possible lines it was: by influence, by what was seen, by fit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from toolkit.reproduce.diagnosis.slices import Slice
from toolkit.reproduce.diagnosis.sources import Finding
from toolkit.reproduce.records.trace import Event

# what explains a variation though it was not written for it, and how well
_NEAR: Mapping[str, Mapping[str, float]] = {
    "processors": {"threads": 0.6, "parallel": 0.3},
    "threads": {"processors": 0.6, "parallel": 0.4},
    "parallel": {"entropy": 0.2, "threads": 0.3, "processors": 0.3},
    "home": {"user": 0.2, "folder": 0.2},
    "environment": {"home": 0.1},
}
_VARIABLES = {"HOME": "home", "USER": "user", "LOGNAME": "user", "TZ": "time-zone"}
_AS = {"identity": "entropy"}  # numbers of processes and addresses are chance, too
_LEAST = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranked:
    """A finding with its place in the order."""

    finding: Finding
    group: str  # the culprit that it explains best
    score: float
    seen: bool


def groups_of(event: Event) -> frozenset[str]:
    """Return the groups that an event speaks for; none: it is no witness."""
    if event.kind == "witness":
        return frozenset((_AS.get(event.what, event.what),))
    if event.kind == "entropy":
        return frozenset(("entropy",))
    if event.kind == "environment":
        special = _VARIABLES.get(event.what)
        return frozenset(filter(None, ("environment", special)))
    return frozenset()


def fit(groups: Mapping[str, float], culprit: str) -> float:
    """Return how well a finding explains that a variation makes a difference."""
    near = _NEAR.get(culprit, {})
    others = (groups.get(group, 0.0) * weight for group, weight in near.items())
    return max(groups.get(culprit, 0.0), *others, 0.0)


def rank(
    findings: Iterable[Finding],
    influence: Slice,
    *,
    cell: int | None,
    culprits: frozenset[str],
    witnesses: Sequence[Event],
) -> tuple[Ranked, ...]:
    """Return what explains a culprit, best first; each culprit has its turn.

    Parameters
    ----------
    findings : of all rules
    influence : what can have influenced the value that parted
    cell : that parted; what only later cells do cannot be the cause
    culprits : variations; empty: any
    witnesses : what was seen at run time
    """
    wanted = sorted(culprits) or [""]
    by_group: dict[str, list[Ranked]] = {group: [] for group in wanted}
    for finding in findings:
        for group in wanted:
            how_well = fit(finding.groups, group) if group else _best(finding)
            if how_well < _LEAST or _is_later(finding, cell):
                continue
            seen = any(_saw(event, finding, group) for event in witnesses)
            score = _score(finding, influence, how_well, seen=seen)
            by_group[group].append(
                Ranked(finding=finding, group=group, score=score, seen=seen)
            )
    for found in by_group.values():
        found.sort(key=lambda r: (-r.score, r.finding.step.position, r.finding.line))
    turns = max(map(len, by_group.values()), default=0)
    return tuple(
        found[turn]
        for turn in range(turns)
        for found in sorted(by_group.values(), key=lambda f: -f[0].score if f else 0.0)
        if turn < len(found)
    )


def _best(finding: Finding) -> float:
    return max(finding.groups.values(), default=0.0)


def _is_later(finding: Finding, cell: int | None) -> bool:
    where = finding.step.source.cell
    return cell is not None and where is not None and where > cell


def _score(finding: Finding, influence: Slice, how_well: float, *, seen: bool) -> float:
    """Influence counts most, then that it was seen, then how well and how near."""
    distance = influence.distances.get(finding.step)
    score = how_well * 4.0 + 2.0 * seen
    if distance is not None:
        score += 4.0 + 2.0 / (1.0 + distance / 4.0)
    return score


def _saw(event: Event, finding: Finding, group: str) -> bool:
    """Whether an event was at a finding's lines, and speaks for its group."""
    step = finding.step
    groups = groups_of(event)
    if not groups or event.line is None:
        return False
    if event.file is not None:
        if step.source.file != event.file:
            return False
    elif step.source.cell != event.cell:
        return False
    if not step.line <= event.line <= max(step.last_line, finding.line):
        return False
    return not group or any(
        fit({g: 1.0}, group) or fit(finding.groups, g) for g in groups
    )
