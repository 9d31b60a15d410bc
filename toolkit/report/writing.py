"""The report of a folder of runs, read from disk and written as one file."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.report.latest import Latest, select_latest
from toolkit.report.page import build_page
from toolkit.report.render import render
from toolkit.report.runs import Run
from toolkit.report.texts import text
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.levels import load_levels
from toolkit.reproduce.records.store import Store
from toolkit.scope import Scope


@dataclass(eq=False)
class ReportFileError(ToolkitError, OSError):
    """The page could not be written."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: not written, {self.reason}; name another file with -o"


def write_report(runs: Path, target: Path, scope: Scope) -> int:
    """Write the report of the latest finished runs, whole or not at all.

    Parameters
    ----------
    runs : Path
        The folder of runs.
    target : Path
        The file to write; its folder is made if need be.
    scope : Scope
        What the client asked for.

    Returns
    -------
    int, the report's size in bytes

    Raises
    ------
    NoFinishedRunError
        If there is no finished run to report on.
    ReportFileError
        If the file cannot be written; what was there before is still there.
    """
    store = Store(runs)
    listing = store.scan()
    levels = load_levels(runs, listing.records)
    latest = select_latest(listing.records, folder=str(runs), trust=levels.trust)
    notices = [text("scope_changed")] if _scope_changed(latest, scope) else []
    page = build_page(
        replace(latest, shown=tuple(_with_images(run, store) for run in latest.shown)),
        scope,
        readmes=tuple(_readmes(scope)),
        notices=(*notices, *map(str, (*listing.unreadable, *levels.unreadable))),
    )
    html = render(page).encode()
    _write_whole(target, html)
    return len(html)


def _with_images(run: Run, store: Store) -> Run:
    folder = store.folder(run.name) / "figures"
    paths = {
        figure.name: folder / f"{figure.name}.svg" for figure in run.results.figures
    }
    present = {
        name: path.read_bytes() for name, path in paths.items() if path.is_file()
    }
    return replace(run, images=present)


def _readmes(scope: Scope) -> Iterator[str]:
    """Yield what lies beside the tables; the project's own README is not about data."""
    root = Path(scope.root).resolve()
    folders = dict.fromkeys(
        (root / table.source).resolve().parent for table in scope.tables.values()
    )
    for folder in folders:
        path = folder / "README.md"
        if folder != root and path.is_file():
            yield path.read_text("utf-8")


def _scope_changed(latest: Latest, scope: Scope) -> bool:
    """Tell whether a run was made with another ``scope.yaml`` than the one shown."""
    path = Path(scope.root, Path(scope.name).name)
    if not path.is_file():
        return False
    digest = bytes_digest(path.read_bytes())
    used = {run.record.recipe.scope for run in latest.shown}
    return bool(used - {None, digest})


def _write_whole(target: Path, content: bytes) -> None:
    """Write a file that is there whole or, if anything goes wrong, as it was before."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(target)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise ReportFileError(path=str(target), reason=str(error.strerror)) from error
