"""What a name holds, as far as rows, columns and models go."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from toolkit.reproduce.diagnosis.steps import Step

MarkKind: TypeAlias = Literal[
    "fitted", "supervised", "resampled", "statistic", "backfilled", "centred", "future"
]
COMPUTED = "?"  # the name of what is computed from columns
Cut: TypeAlias = tuple[int, str]  # which division, and which side of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Which rows: those of one origin, or a part of them.

    Examples
    --------
    >>> whole = Rows(origin=1)
    >>> train = whole.part(7, "train")
    >>> train in whole, whole in train
    (True, False)
    """

    origin: int
    path: tuple[Cut, ...] = ()

    def part(self, cut: int, side: str) -> "Rows":
        """Return one side of a division of these rows."""
        return Rows(origin=self.origin, path=(*self.path, (cut, side)))

    def __contains__(self, other: "Rows") -> bool:
        """Whether all rows of the other are among these."""
        mine = self.path
        return self.origin == other.origin and other.path[: len(mine)] == mine

    @property
    def side(self) -> str:
        """On which side of the last division they are; "" for whole data."""
        return self.path[-1][1] if self.path else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that was done to values, and that training should not know of."""

    kind: MarkKind
    rows: Rows  # that it was learned from
    step: Step
    node: ast.AST
    ahead: int = 0  # rows that it looks into the future; 0: not known how many
    of: frozenset[str] = frozenset()  # columns that a statistic is of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Data:
    """A frame, a column of it, or an array with its rows."""

    rows: Rows
    made: Mapping[str, "Data"] = field(default_factory=dict)  # columns set by the code
    listed: frozenset[str] | None = None  # the only columns; None: all but `without`
    without: frozenset[str] = frozenset()
    known: bool = True  # whether it can be told which columns are there
    name: str = ""  # of the column that it is
    reads: frozenset[str] = frozenset()  # columns from which it was computed
    pure: bool = True  # from nothing else, each row by itself
    marks: frozenset[Mark] = frozenset()
    time: str = ""  # what says that rows stand in the order of time
    dates: frozenset[str] = frozenset()  # columns that were parsed as dates
    ahead: int = 0  # how far the label that was made from it looks ahead
    real: bool = False  # read from somewhere, and not made up

    def has(self, column: str) -> bool:
        """Whether a column is certainly among those of this frame."""
        if not self.known or self.name or column in ("", COMPUTED):
            return False
        if self.listed is not None:
            return column in self.listed
        return column not in self.without

    def column(self, name: str) -> "Data":
        """Return one column."""
        if found := self.made.get(name):
            return replace(
                found,
                rows=self.rows,
                name=name,
                reads=found.reads | {name},
                time=self.time or found.time,
                dates=self.dates,
                real=self.real,
                marks=found.marks | self.marks,
                ahead=max(found.ahead, self.ahead),
            )
        return replace(
            self, name=name, made={}, reads=frozenset({name}), listed=None, pure=True
        )

    def columns(self, names: frozenset[str]) -> "Data":
        """Return a frame of some columns."""
        made = {n: v for n, v in self.made.items() if n in names}
        return replace(self, made=made, listed=names, known=True, name="")

    def dropped(self, names: frozenset[str]) -> "Data":
        """Return the frame without some columns."""
        made = {n: v for n, v in self.made.items() if n not in names}
        listed = None if self.listed is None else self.listed - names
        return replace(self, made=made, listed=listed, without=self.without | names)

    def with_column(self, name: str, value: "Data | None") -> "Data":
        """Return the frame with a column set."""
        if value is None:
            value = Data(rows=self.rows, pure=False)
        listed = None if self.listed is None else self.listed | {name}
        return replace(
            self,
            made={**self.made, name: value},
            listed=listed,
            without=self.without - {name},
            time=self.time or value.time,
            ahead=max(self.ahead, value.ahead),
        )

    def computed(self) -> "Data":
        """Return it as something that is no column of a frame any more."""
        return replace(self, name=COMPUTED, made={}) if self.name else self

    def part(self, cut: int, side: str) -> "Data":
        """Return one side of a division of its rows."""
        return replace(self, rows=self.rows.part(cut, side))

    def marked(self, *marks: Mark) -> "Data":
        """Return it with what was done to it."""
        return replace(self, marks=self.marks | set(marks))

    def vague(self) -> "Data":
        """Return an array with its rows whose columns are not known any more."""
        return replace(
            self, known=False, name="", pure=False, marks=frozenset(self.all_marks())
        )

    def all_marks(self) -> Iterator[Mark]:
        """Yield its own marks and those of the columns that were set."""
        yield from self.marks
        for value in self.made.values():
            yield from value.marks


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grouped:
    """What ``groupby`` gives, and a column chosen of it."""

    data: Data
    of: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Window:
    """What ``rolling``, ``expanding``, ``ewm`` and ``resample`` give."""

    data: Data


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Statistic:
    """A number over rows, or one for each group."""

    rows: Rows
    of: frozenset[str] = frozenset()
    grouped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """A list of column names."""

    names: frozenset[str]
    others: bool = False  # it is all columns but these


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Positions that a splitter gives."""

    cut: int
    side: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Splitter:
    """A way to make folds."""

    kind: str  # name of its class
    call: ast.Call
    step: Step
    shuffles: bool = False
    gap: int | None = 0  # None: not known


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """An estimator, and what it was fitted on last."""

    kind: str = ""  # name of its class
    call: ast.Call | None = None
    inner: tuple["Model", ...] = ()  # steps of a pipeline, what a search fits
    splitter: "Splitter | None" = None  # of a search
    fitted: Rows | None = None
    supervised: bool = False  # it was given a target
    stopping: bool = False  # training ends when scores on other rows get worse


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prediction:
    """What a model says of rows."""

    model: Model
    rows: Rows


Value: TypeAlias = (
    Data
    | Grouped
    | Window
    | Statistic
    | Texts
    | Index
    | Splitter
    | Model
    | Prediction
    | tuple["Value | None", ...]
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """Rows were divided into training and test rows."""

    step: Step
    node: ast.Call
    data: tuple[Data, ...]
    shuffles: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Folds:
    """A model was scored, or chosen, over folds."""

    step: Step
    node: ast.Call
    model: Model | None
    splitter: Splitter | None  # None: the default, or one that is not known
    default: bool
    x: Data
    y: Data | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """A model learned from rows."""

    step: Step
    node: ast.Call
    model: Model
    x: Data
    y: Data | None
    watched: tuple[Rows, ...] = ()  # rows that decide when it stops


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Score:
    """A model was held against the truth."""

    step: Step
    node: ast.Call
    model: Model
    rows: Rows


Event: TypeAlias = Split | Folds | Fit | Score


def of_events(events: Iterable[Event], kind: type) -> Iterator[Event]:
    """Yield the events of a kind."""
    return (event for event in events if isinstance(event, kind))
