"""One entry of the ledger: what the check of the whole needs to know of a run."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from toolkit.ledger.finding import Finding
from toolkit.reproduce.records.store import METRICS, RECORD

_KEPT = re.compile(r"verification-[^/]*\.json|[^/]+\.sigstore\.json")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


class Entry(NamedTuple):
    """A run's folder in short; a tuple, since a hundred thousand are read at once."""

    run: str
    recipe: str = ""  # digests, empty where the record cannot be read
    results: str = ""
    record: str = ""
    finished: bool = False
    uses: Sequence[str] = ()  # runs
    times: Sequence[Sequence[str]] = ()  # place and time, of the record and evidence
    blobs: Mapping[str, str] = {}  # git's digest of each file that belongs in git
    own: Sequence[Sequence[str]] = ()  # findings in the folder: place, code, found
    past: Sequence[Sequence[str]] = ()  # findings against what git first got

    @property
    def is_here(self) -> bool:
        """Whether there is a folder; else git alone knows of the run."""
        return bool(self.blobs or self.own)

    @property
    def findings(self) -> Iterable[Finding]:
        """What is wrong with this run alone."""
        past = {(place, code): found for place, code, found in self.past}
        rest = [one for one in self.own if (one[0], one[1]) not in past]
        for place, code, found in (*rest, *self.past):
            yield Finding(place=place, code=code, found=found)


def entries_json(entries: Mapping[str, Entry]) -> bytes:
    """Return entries as the index keeps them.

    Examples
    --------
    >>> parse_entries(entries_json({"a": Entry("a")}))["a"].run
    'a'
    """
    return json.dumps(list(entries.values()), separators=(",", ":")).encode()


def parse_entries(content: bytes) -> dict[str, Entry]:
    """Return the entries that the index keeps, by run."""
    return {one.run: one for one in map(Entry._make, json.loads(content))}


def belongs_in_git(name: str) -> bool:
    """Tell whether a file of a run's folder belongs to the ledger for good.

    Examples
    --------
    >>> [belongs_in_git(name) for name in ("record.json", "notebook.ipynb")]
    [True, False]
    """
    return name in (RECORD, METRICS) or _KEPT.fullmatch(name) is not None


def is_time(text: str) -> bool:
    """Tell whether a text is a time as records write it: texts sort as times."""
    return _TIME.fullmatch(text) is not None
