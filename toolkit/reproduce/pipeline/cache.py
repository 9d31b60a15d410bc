"""Which earlier run stands for an execution, and what changed where none does."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

from toolkit.errors import ToolkitError
from toolkit.publish.fields import parse_json
from toolkit.publish.results import Sha256
from toolkit.reproduce.digest import canonical_json
from toolkit.reproduce.execution.runner import Project, Step
from toolkit.reproduce.fingerprints import Fingerprints
from toolkit.reproduce.pipeline.freshness import Candidate, Change, changes, lost_files
from toolkit.reproduce.pipeline.here import Here
from toolkit.reproduce.records.record import Record, safe_name, split_run_id
from toolkit.reproduce.records.store import RECORD, RecordError, Store

_TIME = 15  # characters of a run id
_MOST = 50  # runs of the same values that are asked


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """Whether a notebook's last run stands for executing it again."""

    record: Record | None  # the run that it was held against; None if it never ran
    changes: tuple[Change, ...] = ()

    @property
    def stands(self) -> bool:
        """Tell if an execution would be the same."""
        return self.record is not None and not self.changes


_Likeness: TypeAlias = tuple[bool, bool, bool]  # finished, same values, same upstream
_EQUAL: _Likeness = (True, True, True)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """A run, before its record is read whole."""

    run: str
    likeness: _Likeness
    failed: str | None  # a later run of the same recipe that did


class Cache:
    """Judges runs before anything is executed.

    Parameters
    ----------
    project : whose runs they are
    fingerprints : of its files
    environ : environment variables of this process
    """

    def __init__(
        self, project: Project, fingerprints: Fingerprints, environ: Mapping[str, str]
    ) -> None:
        self._project = project
        self._store = Store(project.runs_dir)
        self._fingerprints = fingerprints
        self._environ = environ
        self._here = self._look()

    def look_again(self) -> None:
        """Forget what was seen of the project: something was executed meanwhile."""
        self._fingerprints.save()
        self._here = self._look()

    def save(self) -> None:
        """Keep the fingerprints for the next time."""
        self._fingerprints.save()

    def standing(self, step: Step, upstream: Mapping[str, Record]) -> Record | None:
        """Return the run that stands for a step; None if it must be executed.

        It counts as the latest of its notebook from now on. Takes and raises the same
        as :meth:`judge`.
        """
        judged = self.judge(step, upstream)
        if not judged.stands or judged.record is None:
            return None
        with suppress(ToolkitError, OSError):  # it stands, whatever else lies there
            latest = self._store.latest(judged.record.notebook)
            if latest is not None and latest.run != judged.record.run:
                self._store.show(judged.record.run, datetime.now(UTC))
        return judged.record

    def judge(self, step: Step, upstream: Mapping[str, Record]) -> Judgement:
        """Return whether a finished run stands for a step, and if not, why.

        Asked are those with the same values and upstream results, latest first; one
        does not stand if one of the same recipe failed after it. If none does, the
        changes are those since the latest of them; else since the latest that finished;
        else since the latest. A record that cannot be read stands for nothing.

        Parameters
        ----------
        step : notebook and values
        upstream : the run of each notebook that it needs

        Raises
        ------
        ScopeError, SourceError, PolicyError : if what decides results cannot be read
        """
        now = self._candidate(step, upstream)
        found: dict[_Likeness, Judgement] = {}
        for seen in _seen(self._store.runs_dir, step.notebook.stem, now):
            if seen.likeness != _EQUAL and seen.likeness in found:
                continue
            with suppress(RecordError):
                record = self._store.read(seen.run)
                if record.recipe.notebook.path != step.notebook.path:
                    continue
                judged = self._judged(record, now, seen.failed)
                if judged.stands:
                    return judged
                found.setdefault(seen.likeness, judged)
        return found[max(found)] if found else Judgement(record=None)

    def _judged(self, record: Record, now: Candidate, failed: str | None) -> Judgement:
        """Return what changed since one run; ``failed``: a later one of its recipe."""
        if record.status != "finished":
            told = f"{record.status}, and only a run that finished stands"
            return Judgement(record=record, changes=(_about(record.run, told),))
        found = list(changes(record, now))
        if failed is not None:
            found.append(_about(failed, "did not finish, and was executed later"))
        if not found:
            folder = self._store.folder(record.run)
            found += lost_files(record, folder, self._here)
        return Judgement(record=record, changes=tuple(found))

    def _candidate(self, step: Step, upstream: Mapping[str, Record]) -> Candidate:
        return Candidate(
            notebook=step.notebook.digest,
            parameters=step.values.effective,
            code=self._here.code(step.path.resolve().parent),
            upstream={name: record.run for name, record in upstream.items()},
            upstream_results=_results(upstream),
            here=self._here,
        )

    def _look(self) -> Here:
        return Here(
            self._project.root,
            self._project.runs_dir,
            self._fingerprints,
            self._environ,
        )


def _about(run: str, found: str) -> Change:
    return Change(what=f"run {run}", found=found)


def _results(upstream: Mapping[str, Record]) -> Mapping[str, Sha256]:
    return {name: record.results_digest for name, record in upstream.items()}


def _seen(runs_dir: Path, stem: str, now: Candidate) -> Iterator[_Seen]:
    """Yield the runs of a notebook's name, latest first, before they are read whole."""
    wanted = _key(now.parameters, now.upstream_results)
    failed: dict[object, str] = {}
    equal = 0
    for run, plain in _latest_first(runs_dir, stem):
        recipe, status = plain.get("recipe"), plain.get("status")
        if not isinstance(recipe, dict):
            continue
        digest = str(recipe.get("digest"))
        if status not in ("finished", "interrupted"):
            failed.setdefault(digest, run)
        key = _key(recipe.get("parameters"), recipe.get("upstream_results"))
        alike = (status == "finished", key[0] == wanted[0], key == wanted)
        equal += alike == _EQUAL
        if alike != _EQUAL or equal <= _MOST:
            yield _Seen(run=run, likeness=alike, failed=failed.get(digest))


def _key(parameters: object, upstream: object) -> tuple[bytes, bytes]:
    """Return values and upstream results as text: for Python 1 is 1.0 is True."""
    return canonical_json(parameters), canonical_json(upstream)


def _latest_first(runs_dir: Path, stem: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the runs of a notebook's name with their records as plain JSON."""
    named = safe_name(stem)
    try:
        folders = [each.name for each in runs_dir.iterdir()]
    except OSError:
        return
    ids = [run for run in folders if (split_run_id(run) or ("", ""))[1] == named]
    ids.sort(reverse=True)
    for _, same_second in groupby(ids, key=lambda run: run[:_TIME]):
        read = [(run, _plain(runs_dir / run / RECORD)) for run in same_second]
        yield from sorted(read, key=lambda each: _started(each[1]), reverse=True)


def _started(plain: Mapping[str, object]) -> str:
    about = plain.get("circumstances")
    return str(about.get("started")) if isinstance(about, dict) else ""


def _plain(path: Path) -> dict[str, object]:
    try:
        plain = parse_json(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return plain if isinstance(plain, dict) else {}
