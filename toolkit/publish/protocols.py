"""What can be published: anything with these fields, wherever it comes from."""

from typing import Protocol

from toolkit.publish.results import Direction


class IntervalLike(Protocol):
    """Anything with two ends, such as the intervals of ``toolkit.analysis``."""

    @property
    def low(self) -> float:
        """The lower end."""

    @property
    def high(self) -> float:
        """The upper end."""


class FindingLike(Protocol):
    """Anything with the facts of a red flag, such as ``toolkit.analysis`` findings."""

    @property
    def code(self) -> str:
        """Stable and documented: ``DS101``."""

    @property
    def severity(self) -> str:
        """``error``, ``warning`` or ``note``."""

    @property
    def place(self) -> str:
        """Table or table.column."""

    @property
    def message(self) -> str:
        """What is wrong, with the numbers."""

    @property
    def advice(self) -> str:
        """What to do about it."""

    @property
    def count(self) -> int:
        """Rows, or whatever is counted, concerned."""


class MetricLike(Protocol):
    """Anything with the facts of a metric, such as ``toolkit.analysis`` measures."""

    @property
    def name(self) -> str:
        """Lower-case letters, digits and ``_``."""

    @property
    def value(self) -> float:
        """A finite number."""

    @property
    def unit(self) -> str:
        """Such as ``"failures a day"``."""

    @property
    def direction(self) -> Direction:
        """Which is better."""

    @property
    def interval(self) -> IntervalLike | None:
        """Its interval, in the same unit."""

    @property
    def description(self) -> str:
        """One sentence."""
