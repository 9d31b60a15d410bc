"""Which earlier runs stand for CI: its own, and those that a key of it has signed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from toolkit.delivery.gate import Origin
from toolkit.reproduce.execution.runner import Project, Step
from toolkit.reproduce.fingerprints import Fingerprints
from toolkit.reproduce.levels import Levels
from toolkit.reproduce.pipeline.cache import Cache, Judgement
from toolkit.reproduce.pipeline.freshness import Change
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import RECORD

if TYPE_CHECKING:
    from pathlib import Path


class OwnRuns(Cache):
    """Lets no run stand that somebody else could have written.

    A record that came with a commit proves nothing until a key of CI has signed it: CI
    executes its notebook anew, and whatever rests on another run of it.

    Parameters
    ----------
    project : whose runs they are
    fingerprints : of its files
    environ : environment variables of this process
    origin : tells what came with the commit
    levels : of the runs that were there before
    """

    def __init__(
        self,
        project: Project,
        fingerprints: Fingerprints,
        environ: Mapping[str, str],
        *,
        origin: Origin,
        levels: Levels,
    ) -> None:
        super().__init__(project, fingerprints, environ)
        self.reasons: dict[str, str] = {}  # why a notebook is executed, by its path
        self._runs_dir: Path = project.runs_dir
        self._origin = origin
        self._levels = levels

    def judge(self, step: Step, upstream: Mapping[str, Record]) -> Judgement:
        """Return whether a run stands here; parameters and errors as there."""
        judged = super().judge(step, upstream)
        if judged.stands and judged.record is not None:
            record = judged.record
            if why := self._doubt(record, upstream):
                change = Change(what=f"run {record.run}", found=why)
                judged = Judgement(record=record, changes=(change,))
        if not judged.stands:
            changed = judged.changes
            self.reasons[step.notebook.path] = (
                str(changed[0]) if changed else "it never ran"
            )
        return judged

    def _doubt(self, record: Record, upstream: Mapping[str, Record]) -> str:
        """Return why a run that would stand elsewhere does not here; "" if it does."""
        trust = self._levels.trust(record)
        if trust.level == "trusted":
            return ""
        if trust.level == "exploratory":
            return f"is exploratory ({trust.short})"
        if self._origin.brought(self._runs_dir / record.run / RECORD):
            return "came with a commit, and no key of CI has signed it"
        used = set(record.recipe.upstream.values())
        if used - {one.run for one in upstream.values()}:
            return "used another run, which does not stand here"
        return ""
