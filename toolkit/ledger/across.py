"""What only the whole ledger tells: runs that contradict or resemble one another."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.ledger.alike import skeleton
from toolkit.ledger.entries import Entry
from toolkit.ledger.finding import Finding
from toolkit.reproduce.comparison.sides import Side, compare
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import RECORD, Store

_SHOWN = 3  # differences that a message names


def across(
    entries: Mapping[str, Entry],
    differences: Callable[[str, str], Sequence[str]],
) -> Iterator[Finding]:
    """Yield what entries say against each other.

    Parameters
    ----------
    entries : by run, with those that git once got and that are not here
    differences : gives the results in which two runs differ, in words; those within
        the tolerance that was published are none
    """
    for entry in entries.values():
        for used in entry.uses:
            if used not in entries or not entries[used].record:
                found = f"it used {used}, whose record is not here"
                yield Finding(place=entry.run, code="LED103", found=found)
    yield from _contradicting(entries, differences)
    yield from _alike(list(entries))
    for runs in _groups((one.record, one.run) for one in entries.values()):
        for run in runs[1:]:
            found = f"it is the record of {runs[0]}, too"
            yield Finding(place=run, code="LED502", found=found)


def result_differences(runs_dir: Path, one: str, other: str) -> tuple[str, ...]:
    """Return the published results in which two runs differ, in words.

    A record that cannot be read is told elsewhere, and differs in nothing.
    """
    store = Store(runs_dir)
    try:
        sides = [_side(store.read(run), runs_dir / run) for run in (one, other)]
    except ToolkitError:
        return ()
    found = compare(*sides)
    return tuple(difference.how_much for difference in found if difference.decides)


def _side(record: Record, folder: Path) -> Side:
    return Side(results=record.results, folder=folder)


def _contradicting(
    entries: Mapping[str, Entry], differences: Callable[[str, str], Sequence[str]]
) -> Iterator[Finding]:
    finished = ((one.recipe, one.run) for one in entries.values() if one.finished)
    for runs in _groups(finished):
        first, seen = runs[0], {entries[runs[0]].results}
        for run in runs[1:]:
            if entries[run].results in seen:
                continue
            seen.add(entries[run].results)
            told = differences(first, run)
            if told:
                more = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
                found = f"beside {first}: {'; '.join(told[:_SHOWN])}{more}"
                place = f"{run}/{RECORD}"
                yield Finding(place=place, code="LED401", found=found)


def _alike(runs: Sequence[str]) -> Iterator[Finding]:
    for alike in _groups((skeleton(run), run) for run in runs):
        for run in alike[1:]:
            found = f"{run!a} looks like {alike[0]!a}"
            yield Finding(place=run, code="LED501", found=found)


def _groups(pairs: Iterator[tuple[str, str]]) -> Iterator[list[str]]:
    """Yield the runs, sorted, that share a key with another one; no key is none."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for key, run in pairs:
        groups[key].append(run)
    for key, runs in groups.items():
        if key and len(runs) > 1:
            yield sorted(runs)
