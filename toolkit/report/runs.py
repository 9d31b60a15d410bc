"""A run as the report shows it: its record, its footnote, its figures' files."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from toolkit.publish.results import Metric, Results
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.trust import Trust

_UNSEEN = Trust(level="exploratory")  # while nobody looked at it


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One run; ``number`` is its footnote, 0 while it has none."""

    record: Record
    number: int = 0
    trust: Trust = _UNSEEN
    images: Mapping[str, bytes] = field(default_factory=dict)  # SVG by figure

    @property
    def name(self) -> str:
        """The run's id."""
        return self.record.run

    @property
    def stem(self) -> str:
        """The notebook's name: "02-baseline"."""
        return self.record.notebook

    @property
    def results(self) -> Results:
        """What the notebook published."""
        return self.record.results

    @property
    def started(self) -> str:
        """When, in UTC; sorts as time does."""
        return self.record.circumstances.started

    @property
    def committed(self) -> bool:
        """Whether a commit holds the code, so that others can repeat the run."""
        where = self.record.circumstances
        return where.commit is not None and where.dirty is False

    def metric(self, name: str) -> Metric | None:
        """Return the number of that name, or None."""
        return next((m for m in self.results.metrics if m.name == name), None)
