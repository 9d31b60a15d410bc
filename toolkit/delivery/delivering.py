"""A clean commit, from the gate to the report; the first that fails is the last."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.delivery.gate import Origin, load_origin, refusals
from toolkit.delivery.history import check_history
from toolkit.delivery.linting import lint_notebooks
from toolkit.delivery.producing import (
    Hands,
    outcomes_of,
    run_step,
    status,
    verified,
    verify_step,
    why_no_higher,
)
from toolkit.delivery.reporting import update_report
from toolkit.delivery.signing import Pen, sign_runs
from toolkit.delivery.standing import OwnRuns
from toolkit.delivery.steps import (
    INTERRUPTED,
    NAMES,
    NOT_CHECKED,
    Delivered,
    Name,
    RunLine,
    Step,
    counted,
    step_of,
)
from toolkit.errors import ToolkitError
from toolkit.reproduce.execution.runner import Project
from toolkit.reproduce.execution.watchdog import Limits
from toolkit.reproduce.fingerprints import kept_fingerprints
from toolkit.reproduce.levels import Levels, load_levels
from toolkit.reproduce.pipeline.plans import Outcome
from toolkit.reproduce.project import RUNS
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import RECORD, Store

if TYPE_CHECKING:
    from toolkit.reproduce.verification.session import Checked


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What is to be delivered."""

    root: Path
    report: Path
    environ: Mapping[str, str]
    pen: Pen | None = None  # None: nothing is signed
    limits: Limits = field(default_factory=Limits)


class Delivery:
    """One delivery; used once.

    Parameters
    ----------
    order : what is to be delivered
    hands : who does it
    """

    def __init__(self, order: Order, hands: Hands) -> None:
        self._order = order
        self._hands = hands
        self._project = Project(root=order.root, runs_dir=order.root / RUNS)
        self._origin: Origin | None = None
        self._levels: Levels | None = None
        self._outcomes: list[Outcome] = []
        self._reasons: Mapping[str, str] = {}
        self._added: list[Path] = []

    def deliver(self) -> Delivered:
        """Do one step after the other, until one fails or all are done."""
        steps: list[Step] = []
        for name in NAMES:
            if steps and steps[-1].ends:
                break
            steps.append(self._shortened(self._guarded(name)))
            self._hands.progress.ended(steps[-1])
        left = NAMES[len(steps) :]
        pen = self._order.pen
        return Delivered(
            commit=None if self._origin is None else self._origin.commit,
            signer=None if pen is None else pen.key.public.id,
            steps=(*steps, *(Step(name=one, state="not reached") for one in left)),
            runs=tuple(map(self._line, self._outcomes)),
            added=tuple(map(self._inside, self._added)),
        )

    def _guarded(self, name: Name) -> Step:
        """Do a step; what goes wrong with it is what it came to."""
        does: Mapping[Name, Callable[[], Step]] = {
            "commit": self._commit,
            "history": lambda: self._history("history"),
            "lint": self._lint,
            "run": self._run,
            "verify": self._verify,
            "attest": self._attest,
            "ledger": lambda: self._history("ledger"),
            "report": self._report,
        }
        try:
            self._hands.progress.begins(name)
            return does[name]()
        except KeyboardInterrupt:
            return step_of(name, INTERRUPTED, "interrupted")
        except ToolkitError as error:
            return step_of(name, NOT_CHECKED, str(error))
        except OSError as error:
            if error.filename is None:  # nobody foresaw it, so it is no message
                raise
            return step_of(name, NOT_CHECKED, f"{error.filename}: {error.strerror}")

    def _commit(self) -> Step:
        self._origin = origin = load_origin(self._order.root)
        pen = self._order.pen
        refused = tuple(
            refusals(
                origin,
                signer=None if pen is None else pen.key.public,
                environ=self._order.environ,
                now=self._hands.clock(),
            )
        )
        if refused:
            told = f"{counted(len(refused), 'reason')} not to begin"
            return step_of("commit", NOT_CHECKED, told, list(map(str, refused)))
        return step_of("commit", 0, f"{origin.commit[:12]}, clean, and its lock")

    def _history(self, name: Name) -> Step:
        levels = self._judge()
        now = self._hands.clock()
        return check_history(name, self._order.root, levels.unreadable, now)

    def _lint(self) -> Step:
        return lint_notebooks(self._order.root / "notebooks", self._order.environ)

    def _run(self) -> Step:
        assert self._origin is not None  # noqa: S101 -- the first step made it
        assert self._levels is not None  # noqa: S101 -- the second did
        known = kept_fingerprints(self._order.root, self._order.environ)
        own = OwnRuns(
            self._project,
            known,
            self._order.environ,
            origin=self._origin,
            levels=self._levels,
        )
        self._reasons = own.reasons
        limits = self._order.limits
        for outcome in outcomes_of(self._project, limits, self._hands, own):
            self._outcomes.append(outcome)
            if outcome.record is not None and not outcome.unchanged:
                self._added.append(self._project.runs_dir / outcome.record.run / RECORD)
        return run_step(self._outcomes, self._judge())

    def _verify(self) -> Step:
        levels, records = self._judge(), self._records
        due = [one.run for one in records if not levels.trust(one).quotable]
        checked: list[Checked] = []
        if due:
            project, limits = self._project, self._order.limits
            for one in verified(project, due, limits, self._hands):
                checked.append(one)
                self._added += [] if one.path is None else [one.path]
        return verify_step(checked, records, self._judge())

    def _attest(self) -> Step:
        assert self._origin is not None  # noqa: S101 -- the first step made it
        if self._order.pen is None:
            told = "--unsigned: whoever holds the key signs what was made here"
            return Step(name="attest", state="left out", told=told)
        step, written = sign_runs(
            self._records,
            self._judge(),
            self._project.runs_dir,
            pen=self._order.pen,
            origin=self._origin,
            now=self._hands.clock(),
        )
        self._added += written
        levels = self._judge()
        low = [one for one in self._records if levels.trust(one).level != "trusted"]
        if step.ends or not low:
            return step
        return step_of("attest", 1, step.told, why_no_higher(low, levels))

    def _report(self) -> Step:
        step, written = update_report(self._order.root, self._order.report)
        if written:
            self._added.append(self._order.report)
        return step

    @property
    def _records(self) -> tuple[Record, ...]:
        found = (one.record for one in self._outcomes)
        return tuple(record for record in found if record is not None)

    def _judge(self) -> Levels:
        """Return, and keep, how far each run can be trusted as it lies there now."""
        runs_dir = self._project.runs_dir
        now = self._hands.clock()
        self._levels = load_levels(runs_dir, Store(runs_dir).records(), now)
        return self._levels

    def _line(self, outcome: Outcome) -> RunLine:
        record, path = outcome.record, outcome.step.notebook.path
        trust = None
        if record is not None and self._levels is not None:
            trust = self._levels.trust(record)
        executed = record is not None and not outcome.unchanged
        return RunLine(
            run=record.run if record else "",
            notebook=path,
            status=status(outcome),
            executed=executed,
            why=self._reasons.get(path, "") if executed else "",
            level=trust.level if trust else None,
            missing=trust.missing if trust else "",
            metrics=record.results.metrics if record else (),
        )

    def _shortened(self, step: Step) -> Step:
        """Return a step whose paths are told from the project's root."""
        start = f"{self._order.root}/"
        return replace(
            step,
            told=step.told.replace(start, ""),
            findings=tuple(text.replace(start, "") for text in step.findings),
            pages=tuple(text.replace(start, "") for text in step.pages),
        )

    def _inside(self, path: Path) -> str:
        if path.is_relative_to(self._order.root):
            return path.relative_to(self._order.root).as_posix()
        return path.as_posix()


def refused(error: ToolkitError) -> Delivered:
    """Return a delivery that ended before its first step, for want of a key."""
    first = step_of("commit", NOT_CHECKED, str(error))
    rest = (Step(name=name, state="not reached") for name in NAMES[1:])
    return Delivered(commit=None, signer=None, steps=(first, *rest))
