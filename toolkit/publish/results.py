"""What a notebook can publish, as frozen values that check themselves."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, NewType, TypeAlias

from toolkit.errors import ToolkitError
from toolkit.publish.fields import shown

Sha256 = NewType("Sha256", str)
Direction: TypeAlias = Literal["higher", "lower", "none"]
Severity: TypeAlias = Literal["error", "warning", "note"]
NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
MIME = "application/vnd.toolkit.{}+json"


@dataclass(eq=False)
class PublishError(ToolkitError, ValueError):
    """Something was published that cannot count as a result."""

    what: str  # "metric 'hit_rate'"
    found: str
    expected: str

    def __str__(self) -> str:
        return f"publish: {self.what}: {self.found}; {self.expected}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One number, exact, with what is needed to read and compare it."""

    kind: ClassVar[str] = "metric"
    name: str
    value: float
    unit: str = ""
    direction: Direction = "higher"  # which is better
    interval: tuple[float, float] | None = None
    level: float = 0.95  # of the interval
    tolerance: float | None = None  # absolute difference that counts as equal
    description: str = ""

    def __post_init__(self) -> None:
        what = _check_name("metric", self.name)
        _check_finite(what, "value", self.value)
        if self.direction not in ("higher", "lower", "none"):
            raise PublishError(
                what=what,
                found=f"direction is {shown(self.direction)}",
                expected="write 'higher', 'lower' or 'none': which is better",
            )
        for end in self.interval or ():
            _check_finite(what, "interval", end)
        if self.interval and self.interval[0] > self.interval[1]:
            raise PublishError(
                what=what,
                found=f"interval is {self.interval}",
                expected="write (low, high)",
            )
        if not 0 < self.level < 1:
            raise PublishError(
                what=what, found=f"level is {self.level!r}", expected="write e.g. 0.95"
            )
        if self.tolerance is not None:
            _check_finite(what, "tolerance", self.tolerance)
            if self.tolerance < 0:
                raise PublishError(
                    what=what,
                    found=f"tolerance is {self.tolerance!r}",
                    expected="write an absolute difference, 0 or more",
                )


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A table's column and the dtype that its text is read back as."""

    name: str
    kind: str  # "float64", "str", "datetime64[us]", "category", …
    categories: tuple[str | int, ...] | None = None  # of a category column
    ordered: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table: its columns, its first rows, and the digest of the whole as CSV."""

    kind: ClassVar[str] = "table"
    name: str
    title: str
    columns: tuple[Column, ...]
    rows: int
    digest: Sha256  # of tables/<name>.csv
    preview: tuple[tuple[object, ...], ...]

    def __post_init__(self) -> None:
        _check_name("table", self.name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A figure: what it shows in words, and the digest of its SVG."""

    kind: ClassVar[str] = "figure"
    name: str
    alt: str
    caption: str
    digest: Sha256  # of figures/<name>.svg

    def __post_init__(self) -> None:
        what = _check_name("figure", self.name)
        if not self.alt.strip():
            raise PublishError(
                what=what,
                found="alt is empty",
                expected="say in a sentence what the figure shows, for those who "
                "cannot see it",
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedFinding:
    """A red flag, and why it is accepted, if it is."""

    kind: ClassVar[str] = "finding"
    code: str
    severity: Severity
    place: str
    message: str
    advice: str
    count: int
    accepted: str | None  # the reason; None while nobody accepted it


Result: TypeAlias = Metric | Table | Figure | PublishedFinding
KINDS: Mapping[str, type[Result]] = {
    MIME.format(kind.kind): kind for kind in (Metric, Table, Figure, PublishedFinding)
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """All that one run published, in the order of its cells."""

    metrics: tuple[Metric, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    findings: tuple[PublishedFinding, ...] = ()

    def __post_init__(self) -> None:
        for several in (self.metrics, self.tables, self.figures):
            names: set[str] = set()
            for result in several:
                if result.name in names:
                    raise PublishError(
                        what=f"{result.kind} {result.name!r}",
                        found="published twice in one run",
                        expected="give each its own name",
                    )
                names.add(result.name)

    @classmethod
    def of(cls, results: Iterable[Result]) -> "Results":
        """Return the results sorted by kind; a repeated name is an error."""
        listed = list(results)
        return cls(
            metrics=tuple(r for r in listed if isinstance(r, Metric)),
            tables=tuple(r for r in listed if isinstance(r, Table)),
            figures=tuple(r for r in listed if isinstance(r, Figure)),
            findings=tuple(r for r in listed if isinstance(r, PublishedFinding)),
        )


def _check_name(kind: str, name: object) -> str:
    what = f"{kind} {shown(name)}"
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise PublishError(
            what=what,
            found="is no name",
            expected="write lower-case letters, digits and _, beginning with a letter, "
            "at most 100: 'hit_rate'",
        )
    return what


def _check_finite(what: str, field: str, value: float) -> None:
    if not math.isfinite(value):
        raise PublishError(
            what=what,
            found=f"{field} is {value!r}",
            expected="publish a finite number; where there is none, publish a finding "
            "that says why",
        )
