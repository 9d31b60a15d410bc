"""From what probe and watch saw to a trace, and to what no run may do."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath

from toolkit.publish.results import Sha256
from toolkit.reproduce.digest import bytes_digest, names_digest
from toolkit.reproduce.records.trace import Breach, Event, Trace
from toolkit.reproduce.tracing.breaches import Breaches
from toolkit.reproduce.tracing.places import Places
from toolkit.reproduce.workspace.layout import Stamp, digest_of
from toolkit.reproduce.workspace.making import Workspace
from toolkit.reproduce.workspace.patterns import Patterns

_NEVER_UNDECLARED = frozenset(("scope.yaml", "pyproject.toml"))
_DIGEST = re.compile(r"[0-9a-f]{64}")


def trace_of(
    workspace: Workspace,
    probe_events: Sequence[Event],
    watch_events: Sequence[Event],
    *,
    declared: Sequence[str] = (),
    strict: bool = False,
    own: Sequence[Path] = (),
    notebook: str = "",
    digest: Callable[[Path], Sha256] = digest_of,
) -> tuple[Trace, tuple[Breach, ...]]:
    """Return what an execution was seen to do, and what of it no run may do.

    An input is a file that was there at the start and was read; its digest is that of
    its content at the start. Modules of the project are told by name, their content is
    the recipe's; those that the recipe's code leaves out are inputs as well. What the
    run wrote itself is no input. A folder counts as listed if the probe saw it listed
    by the notebook or the project's code; if only inotify did, it may have been Python
    in search of a module, so a folder that can hold modules is then left out.

    Parameters
    ----------
    workspace : in which it took place; it must still be there
    probe_events, watch_events : what was seen, in order
    declared : paths, folders and globs that are declared as inputs
    strict : an input that is not declared, or a new file, is a breach
    own : places of the run's own, whose files are no inputs: home, temporary folder,
        run folder, upstream runs, interpreter
    notebook : its path, relative to the project
    digest : gives the digest of a real file; it may remember
    """
    places = Places(workspace, own, notebook)
    modules = _modules(places, probe_events)
    reads = _reads(places, modules, probe_events, watch_events)
    inputs, moved = _digests(workspace, reads, digest)
    covered = Patterns([*declared, *workspace.declared], project=workspace.project)
    undeclared = tuple(
        path
        for path in inputs
        if path not in modules
        and path not in _NEVER_UNDECLARED
        and not covered.covers(path)
    )
    new = workspace.new_files()
    trace = Trace(
        inputs=inputs,
        listed=_listed(places, probe_events, watch_events),
        absent=_absent(places, probe_events),
        written=_written(workspace, new),
        modules=tuple(sorted(modules)),
        processes=_told(probe_events, "process", lambda what: PurePath(what).name),
        network=_told(probe_events, "network", str),
        environment=_environment(probe_events),
        undeclared=undeclared,
        enforced=tuple(dict.fromkeys(_enforced(probe_events))),
    )
    breaches = Breaches(places, probe_events, watch_events)
    breaches.find_changes(moved)
    breaches.find_refused()
    breaches.find_earlier_runs()
    if strict:
        breaches.find_undeclared({path: reads.get(path) for path in undeclared}, new)
    return trace, breaches.found()


def _modules(places: Places, events: Iterable[Event]) -> frozenset[str]:
    found = (places.module(event.what) for event in events if event.kind == "module")
    return frozenset(path for path in found if path is not None)


def _reads(
    places: Places,
    modules: frozenset[str],
    probe_events: Sequence[Event],
    watch_events: Sequence[Event],
) -> dict[str, Event | None]:
    """Return what may be an input, by path, with the event that saw it first."""
    found: dict[str, Event | None] = {}
    for event in (*probe_events, *watch_events):
        if event.kind != "read" or event.what[:1] != "/":
            continue
        path = places.workspace.relative(event.what)
        if path is None:
            plain = os.path.normpath(event.what)
            if not places.is_system(plain) and Path(plain).is_file():
                found.setdefault(plain, event)
        elif not places.is_compiled(path) and not (
            path in modules and places.is_code(path)
        ):
            found.setdefault(path, event)
    for path in modules:
        if not places.is_code(path):
            found.setdefault(path, None)
    return found


def _digests(
    workspace: Workspace,
    reads: Mapping[str, Event | None],
    digest: Callable[[Path], Sha256],
) -> tuple[dict[str, Sha256], dict[str, Event | None]]:
    """Return the digests at the start, and which inputs are not what they were."""
    found: dict[str, Sha256] = {}
    moved: dict[str, Event | None] = {}
    for path in sorted(reads):
        at_start = workspace.files.get(path)
        if at_start is not None:
            found[path] = at_start
            continue
        real = Path(path) if path.startswith("/") else workspace.real(path)
        if not path.startswith("/") and real == workspace.root / path:
            continue  # the run wrote it, or it is a folder
        try:
            if not real.is_file() and path not in workspace.files:
                continue
            found[path] = digest(real)
            if not _unchanged(workspace, path, real):
                moved[path] = reads[path]
        except OSError:
            moved[path] = reads[path]
    return found, moved


def _unchanged(workspace: Workspace, path: str, real: Path) -> bool:
    facts = real.stat()
    stamp = workspace.stamps.get(path)
    if stamp is None:
        return facts.st_ctime_ns <= workspace.made_ns
    return Stamp.of(facts)[:3] == stamp[:3]


def _listed(
    places: Places, probe_events: Sequence[Event], watch_events: Sequence[Event]
) -> dict[str, Sha256]:
    found: dict[str, Sha256] = {}
    for seen_by_probe, events in ((True, probe_events), (False, watch_events)):
        for event in events:
            if event.kind != "list" or event.what[:1] != "/":
                continue
            path = places.workspace.relative(event.what)
            if path is None or path in found or places.is_compiled(path):
                continue
            if not seen_by_probe and places.is_import_path(path):
                continue
            names = places.workspace.names(path)
            if names is not None:
                found[path] = names_digest(names)
    return {path or ".": found[path] for path in sorted(found)}


def _absent(places: Places, events: Iterable[Event]) -> tuple[str, ...]:
    found = {
        path
        for event in events
        if event.kind == "absent" and event.what[:1] == "/"
        for path in (places.workspace.relative(event.what),)
        if path and not places.is_compiled(path) and not places.is_hidden(path)
        if not places.workspace.existed(path)
    }
    return tuple(sorted(found))


def _written(workspace: Workspace, new: Iterable[str]) -> dict[str, Sha256]:
    found = {}
    for path in new:
        place = workspace.root / path
        if place.is_file():
            found[path] = digest_of(place)
    return found


def _told(
    events: Iterable[Event], kind: str, name: Callable[[str], str]
) -> tuple[str, ...]:
    return tuple(sorted({name(event.what) for event in events if event.kind == kind}))


def _environment(events: Iterable[Event]) -> dict[str, Sha256 | None]:
    """Return the variables that were read; their values are secrets, so by digest."""
    found: dict[str, Sha256 | None] = {}
    for event in events:
        if event.kind == "environment" and event.what not in found:
            value = event.detail
            hashed = Sha256(value) if _DIGEST.fullmatch(value) else None
            found[event.what] = hashed or (
                bytes_digest(os.fsencode(value)) if value else None
            )
    return dict(sorted(found.items()))


def _enforced(events: Iterable[Event]) -> Iterator[str]:
    for event in events:
        if event.kind == "enforced":
            yield f"{event.what}: {event.detail}" if event.detail else event.what
