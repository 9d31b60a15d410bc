"""Which runs may lose what is heavy, planned first and done then."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.ledger.heavy import Heavy, drop, heavy_files
from toolkit.reproduce.checkout.git import CheckoutError, run_git
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import Store
from toolkit.reproduce.verification.integrity import contradictions


@dataclass(eq=False)
class DropError(ToolkitError, OSError):
    """A heavy file cannot be removed."""

    path: str
    reason: str

    def __str__(self) -> str:
        return (
            f"{self.path}: cannot be removed ({self.reason}); the rest is as it was, "
            "mend that and call it again"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Collection:
    """What would go, and why the rest stays."""

    dropped: tuple[Heavy, ...]
    kept: Mapping[str, str]  # reason by run, of those that have something heavy

    @property
    def size(self) -> int:
        """Bytes that become free."""
        return sum(heavy.size for heavy in self.dropped)


def plan_collection(runs_dir: Path, *, keep: int = 1) -> Collection:
    """Return which runs may lose their heavy files.

    These stay: of the latest runs of each notebook, of runs that others use, of those
    whose record cannot be read or is contradicted by what lies beside it, since that is
    the evidence, and what git has.

    Parameters
    ----------
    runs_dir : there, or holds no runs
    keep : how many runs of each notebook count as the latest, 1 or more
    """
    store = Store(runs_dir)
    listing = store.scan()
    reasons = _reasons(listing.records, keep)
    tracked = _tracked(runs_dir)
    records = {str(record.run): record for record in listing.records}
    dropped, kept = [], {}
    for folder in sorted(runs_dir.iterdir()) if runs_dir.is_dir() else ():
        if folder.name.startswith(".") or folder.is_symlink() or not folder.is_dir():
            continue
        heavy = heavy_files(folder)
        if not heavy.paths:
            continue
        reason = reasons.get(folder.name) or _evidence(records.get(folder.name), folder)
        if not reason and any(f"{heavy.run}/{path}" in tracked for path in heavy.paths):
            reason = "git has some of it"
        if reason:
            kept[folder.name] = reason
        else:
            dropped.append(heavy)
    return Collection(dropped=tuple(dropped), kept=kept)


def collect(runs_dir: Path, collection: Collection) -> None:
    """Drop what was planned; records, metrics and all evidence stay.

    Raises
    ------
    DropError : if a file cannot be removed
    """
    for heavy in collection.dropped:
        try:
            drop(runs_dir / heavy.run)
        except OSError as error:
            raise DropError(
                path=str(error.filename or runs_dir / heavy.run),
                reason=error.strerror or str(error),
            ) from error


def _reasons(records: Sequence[Record], keep: int) -> dict[str, str]:
    """Return why runs stay: the latest of their notebook, or used by another."""
    by_notebook: defaultdict[str, list[Record]] = defaultdict(list)
    reasons: dict[str, str] = {}
    for record in records:  # oldest first
        by_notebook[record.recipe.notebook.path].append(record)
        for used in record.recipe.upstream.values():
            reasons[used] = f"{record.run} uses it"
    for path, runs in by_notebook.items():
        finished = [record for record in runs if record.status == "finished"]
        for record in (*runs[-keep:], *finished[-keep:]):
            reasons[record.run] = f"among the latest of {path}"
    return reasons


def _evidence(record: Record | None, folder: Path) -> str:
    """Return why a run's heavy files may be needed to see what is wrong with it."""
    if record is None:
        return "its record is not here, or cannot be read"
    told = contradictions(record, folder, history=False)
    return f"its parts contradict each other: {told[0]}" if told else ""


def _tracked(runs_dir: Path) -> frozenset[str]:
    """Return what git has below a folder."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    try:
        done = run_git(["-C", str(runs_dir), "ls-files", "-z"], environ, where=runs_dir)
    except CheckoutError:
        return frozenset()
    names = done.stdout.split(b"\0") if done.returncode == 0 else []
    return frozenset(map(os.fsdecode, names))
