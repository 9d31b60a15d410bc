"""Which runs the report shows: the latest finished one of each notebook."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from toolkit.errors import ToolkitError
from toolkit.publish.results import Metric
from toolkit.report.runs import Run
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.trust import Trust, trust_of


@dataclass(eq=False)
class NoFinishedRunError(ToolkitError, LookupError):
    """There is nothing to report on."""

    runs: str  # the folder
    failed: tuple[str, ...] = ()

    def __str__(self) -> str:
        found = (
            f"only unfinished runs ({', '.join(self.failed)})"
            if self.failed
            else "none"
        )
        return (
            f"{self.runs}: found {found}, expected a finished run; "
            "`toolkit run` executes the notebooks"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Latest:
    """The runs shown, in the notebooks' order, and later ones that came to nothing."""

    shown: tuple[Run, ...]
    failed: tuple[Run, ...] = ()

    def metric(self, name: str) -> tuple[Metric, Run] | None:
        """Return a number and its run; of several of one name, the latest run's."""
        found = [(run.metric(name), run) for run in self.shown]
        known = [(metric, run) for metric, run in found if metric is not None]
        return max(known, key=lambda pair: pair[1].started, default=None)

    @property
    def outdated(self) -> tuple[tuple[Run, str], ...]:
        """Runs that used results of another notebook that are not those shown here."""
        shown = {run.stem: run for run in self.shown}
        return tuple(
            (run, needed)
            for run in self.shown
            for needed, used in sorted(run.record.recipe.upstream.items())
            if needed not in shown
            or (
                shown[needed].name != used
                and shown[needed].record.results_digest
                != run.record.recipe.upstream_results[needed]
            )
        )


def _unverified(record: Record) -> Trust:
    return trust_of(record, ())


def select_latest(
    records: Iterable[Record],
    *,
    folder: str,
    trust: Callable[[Record], Trust] = _unverified,
) -> Latest:
    """Return the latest finished run of each notebook, numbered from 1.

    Parameters
    ----------
    records : iterable of Record, oldest first
    folder : str
        Where they lie, for the message.
    trust : callable
        Tells how far a run can be trusted; left out, nobody has verified any.

    Raises
    ------
    NoFinishedRunError
        If no run has finished.
    """
    histories: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        histories[record.recipe.notebook.path].append(record)
    shown, failed = [], []
    for _, history in sorted(histories.items()):
        shown += [record for record in history if record.status == "finished"][-1:]
        failed += [record for record in history[-1:] if record.status != "finished"]
    if not shown:
        names = tuple(record.run for record in failed)
        raise NoFinishedRunError(runs=folder, failed=names)
    return Latest(
        shown=tuple(
            Run(record=record, number=n, trust=trust(record))
            for n, record in enumerate(shown, 1)
        ),
        failed=tuple(Run(record=record) for record in failed),
    )
