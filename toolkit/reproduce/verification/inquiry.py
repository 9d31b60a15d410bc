"""One recipe, executed as often as it takes to tell what its results depend on."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from toolkit.reproduce.comparison import Difference, first_cell
from toolkit.reproduce.executing import Told
from toolkit.reproduce.variation import NAMES, Variation
from toolkit.reproduce.verification.parting import (
    deciding,
    differences,
    record_shown,
    trial_shown,
)
from toolkit.reproduce.verification.smallest import Names, smallest
from toolkit.reproduce.verification.suspicion import draws, suspected
from toolkit.reproduce.verification.trials import Bench, Trial
from toolkit.reproduce.verification.verdict import Tried

FOLDER = "folder"
_PLAIN: Names = frozenset()
_IN_DOUBT = 3  # plain executions, where something says that they could differ


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """What a verification is asked to do."""

    vary: tuple[str, ...] = NAMES  # none: plain executions only
    runs: int = 1  # plain executions, each with a varied one
    stored: bool = False  # compare the outputs stored in the notebook as well


class Inquiry:
    """Executes a case, and knows in what the executions differ.

    Executions of one notebook take place in a folder of the same name, unless two of
    them do at once. Whether that matters is found out first: until then those that do
    not vary the folder wait for each other.

    Parameters
    ----------
    bench : executes the case
    ask : what was asked for
    """

    def __init__(self, bench: Bench, ask: Ask) -> None:
        self.case = bench.case
        self.ask = ask
        self.plains: list[Trial] = []
        self.varied: list[Trial] = []
        self._bench = bench
        self._parted: set[int] = set()  # identities of trials
        self._known: dict[Names, bool] = {}
        self._claimed = record_shown(self.case.record, self.case.folder)

    def begin(self) -> None:
        """Execute plainly and with everything varied, as often as was asked for."""
        pairs = [_PLAIN, frozenset(self.ask.vary)] if self.ask.vary else [_PLAIN]
        turns = range(self.ask.runs)
        told = [self.told(names, turn=turn) for turn in turns for names in pairs]
        for trial in self._bench.execute(*told):
            which = self.varied if trial.told.variation.names else self.plains
            which.append(trial)

    @property
    def plain(self) -> Trial:
        """The first plain execution, which the others are compared with."""
        return self.plains[0]

    @cached_property
    def draws(self) -> tuple[str, ...]:
        """Where the notebook draws random numbers that no seed decides."""
        return draws(self.case, self.plain.executed.events)

    @property
    def executions(self) -> tuple[Tried, ...]:
        """Everything that was executed, in order."""
        return tuple(
            trial.tried(parted=id(trial) in self._parted)
            for trial in self._bench.trials
        )

    def from_record(self, trial: Trial | None = None) -> tuple[Difference, ...]:
        """Return in what an execution, by default the plain one, is not the record."""
        found = differences(self._claimed, trial_shown(trial or self.plain))
        return self._noted(trial or self.plain, found)

    def from_plain(
        self, trial: Trial, until: int | None = None
    ) -> tuple[Difference, ...]:
        """Return in what an execution is not the plain one, up to a cell."""
        shown = trial_shown(self.plain), trial_shown(trial)
        return self._noted(trial, differences(*shown, until))

    def between_plains(self, *, doubt: bool) -> tuple[Difference, ...]:
        """Return in what plain executions differ; execute a second one if need be.

        Parameters
        ----------
        doubt : something differs already. Where random numbers are drawn that no seed
            decides, equal results may be luck, and there is doubt anyway
        """
        most = _IN_DOUBT if self.draws else 2 if doubt else 1
        while True:
            for other in self.plains[1:]:
                if found := deciding(self.from_plain(other)):
                    return found
            if len(self.plains) >= most:
                return ()
            self._repeat()

    def culprits(self, found: Sequence[Difference]) -> tuple[str, ...]:
        """Return the smallest set of variations that makes a difference.

        Parameters
        ----------
        found : what differs when all are varied
        """
        until = first_cell(found)

        def differ(sets: Sequence[Names]) -> list[bool]:
            asked = [names for names in sets if names not in self._known]
            self._try(asked, until)
            return [self._known[names] for names in sets]

        order = suspected(self.case, self.plain.executed.events)
        first = [FOLDER, *order] if FOLDER in self.ask.vary else order
        return smallest(
            self.ask.vary, differ, suspected=first, width=self._bench.crew.jobs
        )

    def told(
        self,
        names: Names = _PLAIN,
        *,
        turn: int = 0,
        until: int | None = None,
        watched: bool = False,
        witnesses: bool = False,
    ) -> Told:
        """Return how to execute it.

        Parameters
        ----------
        names : of the variations
        turn : another one varies hash seed and clock otherwise
        until : last cell
        watched : with a fingerprint of each variable
        witnesses : and of calls that are not the same twice
        """
        return Told(
            variation=Variation(names=names, stray=self._stray(), turn=turn),
            until=until,
            fingerprints=watched,
            watch_calls=witnesses,
            limits=self.case.limits,
            wait=FOLDER not in names and self._known.get(frozenset((FOLDER,)), True),
        )

    def execute(self, *told: Told) -> tuple[Trial, ...]:
        """Execute once more, several at once."""
        return self._bench.execute(*told)

    def _repeat(self) -> None:
        """Execute plainly again; meanwhile see whether the folder alone matters."""
        told = [self.told()]
        folder = frozenset((FOLDER,))
        unknown = self.varied and folder not in self._known and FOLDER in self.ask.vary
        if unknown and (found := deciding(self.from_plain(self.varied[0]))):
            until = first_cell(found)
            again, alone = self.execute(*told, self.told(folder, until=until))
            self._note(folder, alone, until)
        else:
            (again,) = self.execute(*told)
        self.plains.append(again)

    def _try(self, sets: Sequence[Names], until: int | None) -> None:
        trials = self.execute(*(self.told(names, until=until) for names in sets))
        for names, trial in zip(sets, trials, strict=True):
            self._note(names, trial, until)

    def _note(self, names: Names, trial: Trial, until: int | None) -> None:
        self._known[names] = bool(deciding(self.from_plain(trial, until)))

    def _noted(
        self, trial: Trial, found: tuple[Difference, ...]
    ) -> tuple[Difference, ...]:
        if deciding(found):
            self._parted.add(id(trial))
        return found

    def _stray(self) -> tuple[str, ...]:
        """Return the variables that were asked for and are not set."""
        traces = [self.case.record.trace, *(p.executed.trace for p in self.plains)]
        names = {
            name
            for trace in traces
            for name, digest in trace.environment.items()
            if digest is None
        }
        return tuple(sorted(names))
