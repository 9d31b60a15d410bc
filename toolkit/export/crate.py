"""Each run as a Workflow Run RO-Crate: a folder with its files and their metadata."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

from toolkit.errors import ToolkitError
from toolkit.export.artefacts import (
    Artefact,
    Artefacts,
    artefacts_of,
    is_inside,
    read_artefact,
)
from toolkit.export.crate_graph import METADATA, crate_graph
from toolkit.export.exported import About, Chosen, Effect, Exported, ExportError
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.notebook import parse_notebook
from toolkit.reproduce.records.history import file_at
from toolkit.reproduce.records.record import Record, json_text
from toolkit.reproduce.records.staging import RunFolderError, staged
from toolkit.reproduce.records.store import NOTEBOOK, RECORD, Store
from toolkit.reproduce.whole import sync, write_whole

Load: TypeAlias = Callable[[], bytes]
_SOURCE = "source"  # folder of the notebook as the commit has it


def export_crate(
    chosen: Chosen, store: Store, root: Path, folder: Path, about: About
) -> Exported:
    """Write a run into a folder of its own; it is there whole or not at all.

    The folder of runs itself may be named: then the metadata come to lie beside each
    record.

    Parameters
    ----------
    chosen : the run and its trust
    store : where its files are
    root : of the project, where git knows the notebook
    folder : of the crates; made if it is not there
    about : what the project says of itself

    Raises
    ------
    ExportError : if the notebook's source is nowhere, or something else lies there
    RecordError : if a file of the run was changed after it
    RunFolderError : if the folder cannot be written
    """
    record = chosen.record
    files = artefacts_of(store, record)
    workflow, source = _workflow(record, files, root)
    graph = crate_graph(chosen, files.here, workflow, about)
    contents: dict[str, Load] = {
        file.path: partial(read_artefact, store, record.run, file)
        for file in files.here
    }
    if source is not None:
        contents[workflow.path] = lambda: source
    contents[METADATA] = lambda: json_text(graph).encode()  # last: it names the others
    absent = ", ".join(files.absent)
    return Exported(
        run=record.run,
        level=chosen.trust.level,
        effect=_put(folder / record.run, contents),
        where=str(folder / record.run / METADATA),
        notes=(f"not here, so it did not go along: {absent}",) if absent else (),
    )


def _put(target: Path, contents: Mapping[str, Load]) -> Effect:
    """Make a crate's folder, or bring the one that is there up to date."""
    if target.exists():
        if not _is_same(target / RECORD, contents[RECORD]()):
            raise ExportError(
                where=str(target),
                found="is there, and is not of this run",
                expected="name another folder, or remove that one",
            )
        return "completed" if _write(target, contents) else "there already"
    try:
        with staged(target.parent) as folder:
            _write(folder, contents)
            folder.rename(target)
            sync(target.parent)
    except RunFolderError as error:
        raise replace(error, instead="--ro-crate") from error
    return "added"


def _write(folder: Path, contents: Mapping[str, Load]) -> bool:
    """Write what is not there yet, each file whole; tell whether there was any."""
    written = False
    for path, load in contents.items():
        content, file = load(), folder / path
        if not _is_same(file, content):
            file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, content)
            written = True
    return written


def _is_same(file: Path, content: bytes) -> bool:
    return file.is_file() and file.read_bytes() == content


def _workflow(
    record: Record, files: Artefacts, root: Path
) -> tuple[Artefact, bytes | None]:
    """Return the notebook as it was before the run; else as the run has left it.

    Raises
    ------
    ExportError : if there is neither
    """
    path, digest = record.recipe.notebook.path, record.recipe.notebook.digest
    for content in _sources(root, path, record.circumstances.commit):
        with suppress(ToolkitError):  # it was a notebook once, and is none any more
            if parse_notebook(content, path=path).digest == digest:
                place, found = f"{_SOURCE}/{path}", bytes_digest(content)
                return Artefact(path=place, title=path, digest=found), content
    executed = [file for file in files.here if file.path == NOTEBOOK]
    if executed:
        return executed[0], None
    raise ExportError(
        where=record.run,
        found=f"the source of {path} is in no commit that git has here, not in the "
        "work tree, and no executed notebook lies beside the record",
        expected="a crate needs its workflow: get the commit (git fetch), or run it "
        "again",
    )


def _sources(root: Path, path: str, commit: str | None) -> Iterator[bytes]:
    if not is_inside(path):
        return
    content = file_at(root, commit, path) if commit is not None else None
    if content is not None:
        yield content
    with suppress(OSError):
        yield (root / path).read_bytes()
