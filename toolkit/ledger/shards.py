"""The runs in shares, so that a change of one writes little of the index anew."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

from toolkit.ledger.entries import Entry, entries_json, parse_entries
from toolkit.ledger.history import (
    Firsts,
    against_firsts,
    firsts_json,
    merged,
    parse_firsts,
)
from toolkit.ledger.index import Parts
from toolkit.ledger.watching import Seen, joined

_SHARDS = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """A run's folder as it was read."""

    entry: Entry | None  # None if it holds nothing of the ledger
    paths: Sequence[str]  # none if there is no such folder
    stamps: bytes


def apply(
    parts: Parts, read: Mapping[str, Read], firsts: Firsts, *, anew: bool
) -> None:
    """Put what was read, and what git first got, in the place of what was known.

    Parameters
    ----------
    parts : of the index, to be changed
    read : the runs that changed
    firsts : what git first got, of all runs or of those that came later
    anew : whether that is all
    """
    shards: defaultdict[str, set[str]] = defaultdict(set)
    for run in (*read, *firsts):
        shards[_shard(run)].add(run)
    for name in parts.all("entries") if anew else ():
        shards[name].update(())
    for name, runs in shards.items():
        here = {run: read[run] for run in runs & read.keys()}
        _put_seen(parts, name, here)
        more = {run: firsts[run] for run in runs & firsts.keys()}
        if not anew:
            more = merged(parse_firsts(parts.get("firsts", name) or b"{}"), more)
        parts.put("firsts", name, firsts_json(more))
        entries = parse_entries(parts.get("entries", name) or b"[]")
        among = {*entries, *more, *runs} if anew else runs
        parts.put("entries", name, entries_json(_changed(entries, among, here, more)))


def _changed(
    entries: Mapping[str, Entry],
    among: set[str],
    read: Mapping[str, Read],
    firsts: Firsts,
) -> dict[str, Entry]:
    """Return the entries, with some of them as they are now."""
    changed = dict(entries)
    for run in among:
        entry = changed.pop(run, None)
        if run in read:
            entry = read[run].entry
        elif entry is not None and not entry.is_here:
            entry = None
        past = list(against_firsts(run, entry, firsts.get(run, {})))
        if entry is not None or past:
            told = [(one.place, one.code, one.found) for one in past]
            changed[run] = (entry or Entry(run))._replace(past=told)
    return changed


def _put_seen(parts: Parts, name: str, read: Mapping[str, Read]) -> None:
    content = parts.get("seen", name)
    seen = {} if content is None else Seen.from_bytes(content).by_run()
    for run, one in read.items():
        seen.pop(run, None)
        if one.paths:
            seen[run] = list(one.paths), one.stamps
    parts.put("seen", name, joined(seen).to_bytes())


def _shard(run: str) -> str:
    return f"{crc32(run.encode('utf-8', 'surrogateescape')) % _SHARDS:03}"
