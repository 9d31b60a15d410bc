"""What the client asked for, as frozen values; ``docs/scope.md`` explains them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, time, timedelta
from typing import Literal

from toolkit.scope.durations import format_duration
from toolkit.scope.problems import OpenQuestionError, Place, Question

Rule = Literal["longest-unchecked", "random"]
Role = Literal["entities", "events", "measurements"]
Window = Literal["growing", "sliding"]
Metric = Literal[
    "hit_rate", "precision", "recall", "lift", "average_precision", "saved_per_day"
]
Inputs = Literal["discovered", "declared"]
Network = Literal["refused", "allowed"]

_BLANK = (None, "", ())


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A number that nobody knows exactly: low <= mid <= high."""

    low: float
    mid: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Strategy:
    """How the client decides today, the bar that a pipeline has to pass."""

    description: str
    worth: str  # what today's way achieves, in the client's words
    rule: Rule  # how it is simulated; "random" while the scope does not say
    checks: str | None = None  # the table whose rows are checks of an entity


@dataclass(frozen=True, kw_only=True, slots=True)
class Decisions:
    """When the entities to act on are chosen."""

    every: timedelta
    ready_by: time  # wall-clock time of the records, of `timezone` if that is given
    timezone: str | None = None  # IANA name
    first: date | None = None  # no decision before this day
    last: date | None = None  # none after it


@dataclass(frozen=True, kw_only=True, slots=True)
class Costs:
    """What a failure and a check cost, in one currency."""

    currency: str
    failure: Estimate
    check: Estimate  # one that finds nothing
    prevented_share: Estimate  # of the announced failures, in [0, 1]
    planned_repair: Estimate = field(
        default_factory=lambda: Estimate(low=0, mid=0, high=0)
    )

    @property
    def break_even(self) -> Estimate:
        """The least probability of a failure at which a check pays for itself.

        ``U / (e F - R + U)`` for a failure F, a check in vain U, a planned repair R and
        a prevented share e; ``low`` takes the estimates most favourable to checking,
        ``high`` the least, and 1 says that a check then never pays.

        References
        ----------
        Elkan (2001), The Foundations of Cost-Sensitive Learning, IJCAI, section 2

        Examples
        --------
        >>> exactly = lambda x: Estimate(low=x, mid=x, high=x)
        >>> Costs(
        ...     currency="USD", failure=exactly(10_000), check=exactly(500),
        ...     prevented_share=exactly(0.5), planned_repair=exactly(500),
        ... ).break_even.mid
        0.1
        """
        failure, check = self.failure, self.check
        share, repair = self.prevented_share, self.planned_repair
        return Estimate(
            low=_break_even(failure.high, check.low, share.high, repair.low),
            mid=_break_even(failure.mid, check.mid, share.mid, repair.mid),
            high=_break_even(failure.low, check.high, share.low, repair.high),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Success:
    """The criterion on which client and team agreed."""

    metric: Metric
    threshold: float
    unit: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """One source of records and what its columns mean."""

    name: str = field(compare=False)  # the key it stands under
    source: str  # path relative to the scope's folder
    role: Role
    entity: str  # column
    time: str | None = None  # column; entities may do without
    kind: str | None = None  # column that tells events apart
    values: tuple[str, ...] = ()  # numeric columns of measurements
    delay: timedelta = timedelta()  # from a record's time until it is known


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """The events to announce."""

    table: str
    kinds: tuple[str, ...] = ()  # empty: all


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """How history is cut into training and test."""

    window: Window
    first_training: timedelta  # length of the first training; of each, if sliding
    test_length: timedelta
    step: timedelta  # from one fold's first test day to the next one's
    gap: timedelta  # from the last training decision to the first test decision


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """A red flag that the team has looked at and lives with."""

    code: str
    reason: str
    place: str | None = None  # None: wherever it is found


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """All that ``scope.yaml`` says; texts that it leaves open are empty.

    ``costs`` and ``success`` raise :class:`OpenQuestionError` while they are open;
    ``stated_costs`` and ``stated_success`` are None then.
    """

    question: str
    why: str
    pain_point: str
    client: str
    user: str
    decision: str
    current_strategy: Strategy
    horizon: timedelta
    decisions: Decisions
    capacity: int
    stated_costs: Costs | None
    stated_success: Success | None
    assumptions: tuple[str, ...]
    disruption: tuple[str, ...]
    tables: Mapping[str, Table]
    label: Label
    evaluation: Evaluation
    accepted: tuple[Accepted, ...] = ()
    inputs: Inputs = "discovered"  # "declared": reading any other file is an error
    network: Network = "refused"  # for notebooks that are executed headless
    environment: tuple[str, ...] = ()  # variables that such a notebook may see
    name: str = field(default="scope.yaml", compare=False)
    root: str = field(default=".", compare=False)  # the folder that sources start from
    open_questions: tuple[Question, ...] = field(default=(), compare=False)
    places: Mapping[str, Place] = field(default_factory=dict, compare=False, repr=False)

    @property
    def costs(self) -> Costs:
        """The costs; raises OpenQuestionError while one of them is open."""
        if self.stated_costs is None:
            raise self._open(key="costs")
        return self.stated_costs

    @property
    def success(self) -> Success:
        """The success criterion; raises OpenQuestionError while it is open."""
        if self.stated_success is None:
            raise self._open(key="success")
        return self.stated_success

    def with_capacity(self, capacity: int | None) -> "Scope":
        """Return the scope with another length of the list; None keeps its own."""
        return self if capacity is None else replace(self, capacity=capacity)

    def at(self, key: str) -> str:
        """Return where a key stands, for the start of a message.

        A key that the file leaves out stands where its parent does.
        """
        known = key
        while known and known not in self.places:
            known = known.rpartition(".")[0]
        place = self.places.get(known, Place())
        return f"{self.name}:{place.line}:{place.column}: {key}"

    def to_dict(self) -> dict[str, object]:
        """Return the scope in the shape of its file, defaults filled in."""
        return {
            key.removeprefix("stated_"): value for key, value in _fields(self).items()
        }

    def _open(self, *, key: str) -> OpenQuestionError:
        asked = (q for q in self.open_questions if q.key.startswith(f"{key}."))
        return OpenQuestionError(name=self.name, key=key, questions=tuple(asked))


def _break_even(failure: float, check: float, share: float, repair: float) -> float:
    gain = share * failure - repair
    return check / (gain + check) if gain > 0 else 1.0


def _fields(record: object) -> dict[str, object]:
    """Return what a record states: no blanks, and nothing that does not count."""
    stated = {
        f.name: getattr(record, f.name)
        for f in fields(record)  # type: ignore[arg-type]  # callers pass dataclasses
        if f.compare
    }
    return {
        name: _plain(value) for name, value in stated.items() if value not in _BLANK
    }


def _plain(value: object) -> object:
    """Return a value as YAML and JSON know it."""
    match value:
        case timedelta():
            return format_duration(value)
        case time():
            return value.isoformat("seconds" if value.second else "minutes")
        case date():
            return value.isoformat()
        case tuple():
            return [_plain(item) for item in value]
        case Mapping():
            return {name: _fields(table) for name, table in value.items()}
    return _fields(value) if is_dataclass(value) else value
