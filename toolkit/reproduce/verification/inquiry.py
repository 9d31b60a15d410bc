"""One recipe, executed as often as it takes to tell what its results depend on."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from toolkit.reproduce.comparison.sides import Difference, first_cell
from toolkit.reproduce.execution.executing import Told
from toolkit.reproduce.outputs.rules import NUMBER as OUTPUT_RULES
from toolkit.reproduce.variation import NAMES, Variation
from toolkit.reproduce.verification.parting import (
    deciding,
    differences,
    record_shown,
    trial_shown,
)
from toolkit.reproduce.verification.smallest import Names, smallest
from toolkit.reproduce.verification.suspicion import draws, likely, suspected
from toolkit.reproduce.verification.trials import Bench, Trial
from toolkit.reproduce.verification.verdict import Tried

FOLDER = "folder"
_VARIATION = "variation "  # begins what the probe says of one
_PLAIN: Names = frozenset()
TURNING = frozenset(("hash-seed", "clock"))  # can be varied in several ways
_IN_DOUBT = 3  # plain executions, where something says that they could differ
_TURNS = 4  # other hash seeds and dates, where the source makes them suspicious
_SHORT_S = 120.0  # a run that takes longer gets one only
_LIKELY, _POSSIBLE = 0.6, 0.2  # suspicion, from 0 to 1
_ALONE = 4  # variations that are tried alone, before halves of all are


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
        self._known: dict[tuple[Names, int], bool] = {}
        self._claimed = record_shown(self.case.record, self.case.folder)

    def begin(self) -> None:
        """Execute plainly and with everything varied, as often as was asked for."""
        pairs = [_PLAIN, frozenset(self.ask.vary)] if self.ask.vary else [_PLAIN]
        turns = range(self.ask.runs)
        told = [self.told(names, turn=turn) for turn in turns for names in pairs]
        for trial in self._bench.execute(*told):
            which = self.varied if trial.told.variation.names else self.plains
            which.append(trial)
        for trial in self.varied[:1]:
            if not deciding(self.from_plain(trial)) and FOLDER in self.ask.vary:
                self._known[_key(frozenset((FOLDER,)), 0)] = False

    @property
    def plain(self) -> Trial:
        """The first plain execution, which the others are compared with."""
        return self.plains[0]

    @cached_property
    def draws(self) -> tuple[str, ...]:
        """Where the notebook draws random numbers that no seed decides."""
        return draws(self.case, self.plain.executed.events)

    @property
    def gaps(self) -> dict[str, str]:
        """What a variation could not do here, by its name."""
        beyond = {}
        others = any(
            event.kind == "process"
            and event.line is not None  # of the author's own code
            and not event.what.startswith("python")
            for plain in self.plains
            for event in plain.executed.events
        )
        if others and "listing" in self.ask.vary:
            beyond["listing"] = "varied in Python, not in the programs that it starts"
        return beyond | {
            event.what.removeprefix(_VARIATION): event.detail
            for trial in self.varied
            for event in trial.executed.events
            if event.kind == "enforced" and event.what.startswith(_VARIATION)
        }

    @property
    def executions(self) -> tuple[Tried, ...]:
        """Everything that was executed, in order."""
        return tuple(
            trial.tried(parted=id(trial) in self._parted)
            for trial in self._bench.trials
        )

    @property
    def is_empty(self) -> bool:
        """Whether neither record nor execution has anything to compare."""
        return self._claimed.is_empty and trial_shown(self.plain).is_empty

    def from_record(self, trial: Trial | None = None) -> tuple[Difference, ...]:
        """Return in what an execution, by default the plain one, is not the record."""
        found = differences(self._claimed, trial_shown(trial or self.plain))
        if self.case.record.output_rules != OUTPUT_RULES:
            found = tuple(one for one in found if one.kind != "output")
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

    def other_turn(self) -> tuple[Trial, tuple[Difference, ...]] | None:
        """Return a varied execution that differs, where one alone may have had luck.

        The first of a set of four is the same under every fourth hash seed, and a
        weekday may be one on two dates: what the source makes likely is varied in
        several other ways. None if that changed nothing.
        """
        names = frozenset(TURNING & set(self._likely())) & set(self.ask.vary)
        if not names or not self.varied:
            return None
        short = self.case.record.circumstances.seconds <= _SHORT_S
        turns = range(self.ask.runs, self.ask.runs + (_TURNS if short else 1))
        width = self._bench.crew.jobs
        for start in turns[::width]:
            batch = [t for t in turns if start <= t < start + width]
            for trial in self.execute(*(self.told(names, turn=t) for t in batch)):
                if found := deciding(self.from_plain(trial)):
                    return trial, found
        return None

    def culprits(self, varied: Trial, found: Sequence[Difference]) -> tuple[str, ...]:
        """Return the smallest set of variations that makes a difference.

        Parameters
        ----------
        varied : an execution that differs from the plain one
        found : in what it differs
        """
        until, turn = first_cell(found), varied.told.variation.turn

        def differ(sets: Sequence[Names]) -> list[bool]:
            asked = [names for names in sets if _key(names, turn) not in self._known]
            told = (self.told(names, turn=turn, until=until) for names in asked)
            for names, trial in zip(asked, self.execute(*told), strict=True):
                self._note(names, turn, trial, until)
            return [self._known[_key(names, turn)] for names in sets]

        names = [n for n in self.ask.vary if n in varied.told.variation.names]
        if FOLDER in names and not self._knows_folder:
            differ([frozenset((FOLDER,))])
        return smallest(
            names,
            differ,
            suspected=[*self._suspected(_POSSIBLE)[:_ALONE], FOLDER],
            width=self._bench.crew.jobs,
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
            elsewhere=True,
            wait=FOLDER not in names
            and self._known.get(_key(frozenset((FOLDER,)), 0), True),
        )

    def execute(self, *told: Told) -> tuple[Trial, ...]:
        """Execute once more, several at once."""
        return self._bench.execute(*told)

    def _repeat(self) -> None:
        """Execute plainly again; meanwhile see whether the folder alone matters."""
        folder = frozenset((FOLDER,))
        told, until = [self.told()], None
        if self.varied and not self._knows_folder and FOLDER in self.ask.vary:
            found = deciding(self.from_plain(self.varied[0]))
            until = first_cell(found)
            told += [self.told(folder, until=until)] if found else []
        again, *alone = self.execute(*told)
        for trial in alone:
            self._note(folder, 0, trial, until)
        self.plains.append(again)

    @property
    def _knows_folder(self) -> bool:
        """Whether it is known if the folder matters."""
        return _key(frozenset((FOLDER,)), 0) in self._known

    def _note(self, names: Names, turn: int, trial: Trial, until: int | None) -> None:
        parted = bool(deciding(self.from_plain(trial, until)))
        self._known[_key(names, turn)] = parted

    def _likely(self) -> list[str]:
        return likely(self.case, self.plain.executed.events, _LIKELY)

    def _suspected(self, least: float) -> list[str]:
        return suspected(self.case, self.plain.executed.events, least)

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


def _key(names: Names, turn: int) -> tuple[Names, int]:
    return names, turn if names & TURNING else 0
