"""One run as one immutable document: recipe, results, cells and circumstances."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from toolkit.publish.fields import (
    FieldError,
    Json,
    decode,
    encode,
    parse_json,
    shown,
)
from toolkit.publish.results import Results, Sha256
from toolkit.reproduce.digest import value_digest
from toolkit.reproduce.records.recipe import Recipe, RunId
from toolkit.reproduce.records.trace import Trace

Status: TypeAlias = Literal[
    "finished", "failed", "timed out", "kernel died", "interrupted"
]
CellStatus: TypeAlias = Literal["finished", "failed", "interrupted", "not run"]
_RUN_ID = re.compile(r"(?P<time>\d{8}-\d{6})-(?P<stem>.+)-[0-9a-f]{8}(-\d+)?")
_UNSAFE = re.compile(r"[^\w.]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class CellRecord:
    """What became of one code cell."""

    index: int  # in the source notebook, from 0
    status: CellStatus
    execution_count: int | None
    seconds: float | None
    raised: str | None = None  # the exception that the tag raises-exception allowed
    output: Sha256 | None = None  # of what it showed, normalised; None if nothing
    shown: str = ""  # the beginning of that


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Why a run did not finish."""

    cell: int | None  # index in the source notebook; None outside of any cell
    source: str
    ename: str
    evalue: str
    traceback: str  # without colours


@dataclass(frozen=True, kw_only=True, slots=True)
class Circumstances:
    """When, where and how long: what should decide no result."""

    started: str  # "2026-11-23T18:15:00.123456Z"
    finished: str
    seconds: float
    commit: str | None
    dirty: bool | None  # None where there is no git
    ci: str | None
    not_captured: tuple[str, ...]  # what could decide a result and was not looked at
    drift: tuple[str, ...] = ()  # from the lock: "pandas 3.0.0 (lock 3.1.1)"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """A run, whether it finished or not; written once, never changed."""

    schema: Literal[3] = field(default=3)
    run: RunId
    status: Status
    recipe: Recipe
    results: Results
    output_rules: int = 1  # number of the rules that the cells' outputs went through
    cells: tuple[CellRecord, ...]
    error: Failure | None
    trace: Trace = field(default_factory=Trace)
    executed: Sha256 | None = None  # of what the executed notebook shows
    circumstances: Circumstances

    @property
    def notebook(self) -> str:
        """Stem of the notebook's file name: what ``upstream.load`` calls it."""
        return notebook_stem(self.recipe.notebook.path)

    @property
    def metrics(self) -> dict[str, float]:
        """The published numbers, flat: the content of ``metrics.json``."""
        return {metric.name: metric.value for metric in self.results.metrics}

    @property
    def results_digest(self) -> Sha256:
        """Digest of all that was published."""
        return value_digest(self.results)

    @property
    def digest(self) -> Sha256:
        """Digest of the whole record, which stands at its end."""
        return value_digest(self)

    def to_dict(self) -> Mapping[str, Json]:
        """Return the record as plain JSON values: schema number first, digest last."""
        plain = encode(self)
        assert isinstance(plain, Mapping)  # noqa: S101 -- a dataclass becomes a dict
        return {**plain, "digest": self.digest}

    @classmethod
    def from_dict(cls, plain: object) -> "Record":
        """Return the record of plain JSON values.

        Raises
        ------
        FieldError : on a version, key or value that this version does not know, or a
            digest that is not the record's: it was edited
        PublishError : if a result in it could not have been published
        """
        rest = dict(plain) if isinstance(plain, Mapping) else plain
        digest = rest.pop("digest", None) if isinstance(rest, dict) else None
        record = decode(cls, rest)
        written = rest["recipe"]["digest"] if isinstance(rest, dict) else None
        _check_digest("recipe.digest", written, record.recipe.digest)
        _check_digest("digest", digest, record.digest)
        return record

    def to_json(self) -> bytes:
        """Return the record as the bytes of ``record.json``."""
        return json_text(self.to_dict()).encode("utf-8", "surrogatepass")

    @classmethod
    def from_json(cls, text: str | bytes) -> "Record":
        """Return the record that a ``record.json`` holds; raises as ``from_dict``."""
        return cls.from_dict(parse_json(text))


def _check_digest(at: str, found: object, digest: Sha256) -> None:
    if found != digest:
        raise FieldError(
            at=at,
            found=shown(found),
            expected=f"{digest[:12]}…, the digest of the rest: it was edited",
        )


def json_text(value: object) -> str:
    """Return a value as JSON that a person can read and git can diff.

    Examples
    --------
    >>> print(json_text({"hit_rate": 1.02}), end="")
    {
      "hit_rate": 1.02
    }
    """
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def notebook_stem(path: str) -> str:
    """Return the name of a notebook: its file name without folder and ending.

    Examples
    --------
    >>> notebook_stem("notebooks/02-baseline.ipynb")
    '02-baseline'
    """
    return path.rpartition("/")[2].removesuffix(".ipynb")


def run_id(started: datetime, stem: str, recipe: Sha256, *, nth: int = 1) -> RunId:
    """Return a run's id, which is also its folder's name.

    Parameters
    ----------
    started : when, in UTC
    stem : of the notebook
    recipe : digest of the recipe
    nth : 2 and more where the shorter id is taken

    Examples
    --------
    >>> run_id(datetime(2026, 11, 23, 18, 15), "02-baseline", Sha256("3f2a9c1b77"))
    '20261123-181500-02-baseline-3f2a9c1b'
    """
    later = f"-{nth}" if nth > 1 else ""
    time = f"{started:%Y%m%d-%H%M%S}"
    return RunId(f"{time}-{safe_name(stem)}-{recipe[:8]}{later}")


def safe_name(stem: str) -> str:
    """Return a notebook's stem as the part of a folder's name.

    Examples
    --------
    >>> safe_name("My notebook (2)")
    'My-notebook-2'
    """
    return _UNSAFE.sub("-", stem).strip(".-")[:80] or "notebook"


def split_run_id(run: str) -> tuple[str, str] | None:
    """Return the time and the notebook that a run id names; None if it is none.

    Examples
    --------
    >>> split_run_id("20261123-181500-02-baseline-3f2a9c1b")
    ('20261123-181500', '02-baseline')
    """
    match = _RUN_ID.fullmatch(run)
    return (match["time"], match["stem"]) if match else None
