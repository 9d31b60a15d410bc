"""What no run may do: found among what was seen, and said so that one can mend it."""

import os
from collections.abc import Iterable, Mapping, Sequence

from toolkit.reproduce.records.trace import Breach, Event
from toolkit.reproduce.tracing.places import Places
from toolkit.reproduce.workspace.patterns import below

_READS = frozenset(("read", "list"))
_LEAVE = "a run leaves the project as it is: write under a new name, or publish it"
_STILL = "let nothing change it while a run reads it, then run again"
_RELATIVE = "use a path relative to the notebook: elsewhere the project lies elsewhere"
_INSIDE = "write beside the notebook: the run keeps new files, and leaves the rest"
_DECLARE = "put it into the project, and name it under inputs in pyproject.toml"
_UPSTREAM = (
    "take results by upstream.load, which names the run that they come from: "
    "no other run can be seen"
)
_OFFLINE = "keep a copy in the project, or allow it in scope.yaml: network: allowed"


class Breaches:
    """Collects breaches, each once, with the cell that is to blame.

    Parameters
    ----------
    places : tells what a path is to the run
    probe_events, watch_events : all that was seen
    """

    def __init__(
        self,
        places: Places,
        probe_events: Sequence[Event],
        watch_events: Sequence[Event],
    ) -> None:
        self._places = places
        self._events = (*probe_events, *watch_events)
        # An original may be written by anybody: inotify does not say by whom.
        root = str(places.workspace.root)
        self._own = (*probe_events, *(e for e in watch_events if below(e.what, [root])))
        self._found: dict[tuple[str, str], Breach] = {}

    def found(self) -> tuple[Breach, ...]:
        """Return the breaches by cell; those of no known cell come last."""
        return tuple(
            sorted(
                self._found.values(),
                key=lambda breach: (breach.cell is None, breach.cell or 0),
            )
        )

    def find_changes(self, moved: Mapping[str, Event | None]) -> None:
        """Find project files that were changed or deleted, and inputs that moved on.

        Parameters
        ----------
        moved : linked or outside inputs that are not what they were at the start
        """
        workspace = self._places.workspace
        for path, how in workspace.changes().items():
            blamed = self._writer(path)
            if blamed is None and path in workspace.linked:
                continue  # from outside: told below, if the run has read it
            self._add(blamed, f"{how} {path}, which is a file of the project", _LEAVE)
        for path, event in moved.items():
            if self._writer(path) is None:
                self._add(event, f"{path} changed while the run read it", _STILL)

    def find_refused(self) -> None:
        """Find what was attempted and refused, whatever the cell made of it."""
        for event in self._events:
            if event.kind == "network" and event.detail == "refused":
                self._find_network(event)
            elif event.kind == "refused" and event.detail in _READS:
                self._find_read(event, os.path.normpath(event.what))
            elif event.kind == "refused":
                self._find_write(event, os.path.normpath(event.what))

    def find_earlier_runs(self) -> None:
        """Find looks into the folder of earlier runs, which is not there for a run."""
        workspace = self._places.workspace
        seen: dict[str, Event] = {}
        made = set()
        for event in self._own:
            path = workspace.relative(event.what) if event.what[:1] == "/" else None
            if path is None or not self._places.is_hidden(path):
                continue
            if event.kind == "write":
                made.add(path.partition("/")[0])  # a folder of the same name, its own
            elif event.kind in ("absent", "list", "read") and _by_author(event):
                seen.setdefault(path, event)
        for path, event in seen.items():
            if path.partition("/")[0] not in made:
                self._add(event, f"looked for {path}, of an earlier run", _UPSTREAM)

    def find_undeclared(
        self, inputs: Mapping[str, Event | None], new: Iterable[str]
    ) -> None:
        """Find inputs that nothing declares, and new files, where that is asked for."""
        for path, event in inputs.items():
            name = f"name it in scope.yaml, or as inputs = [{path!r}] in pyproject.toml"
            self._add(event, f"read {path}, which is not declared", name)
        for path in new:
            publish = "publish what counts, and write the rest to the temporary folder"
            self._add(self._writer(path), f"wrote {path} into the project", publish)

    def _find_network(self, event: Event) -> None:
        """Find a refused attempt, unless a library made it while it was imported."""
        if _by_author(event) and not self._places.is_import(event):
            self._add(event, f"tried to reach {event.what}", _OFFLINE)

    def _find_read(self, event: Event, path: str) -> None:
        """Find a refused read, unless a library only looked for the user's settings."""
        places = self._places
        if places.is_hidden(path):
            self._add(event, f"tried to read {path}, of an earlier run", _UPSTREAM)
        elif not _by_author(event) or not os.path.lexists(path):
            return
        elif places.in_project(path):
            self._add(event, f"tried to read {path} by its absolute path", _RELATIVE)
        elif not places.is_setting(path) and not places.is_system(path):
            self._add(event, f"tried to read {path}, outside the project", _DECLARE)

    def _find_write(self, event: Event, path: str) -> None:
        places = self._places
        linked = places.workspace.relative(path)
        if places.is_compiled(path) or places.is_device(path):
            return  # Python keeps no compiled module then, and says nothing either
        if linked is not None:
            what = f"tried to write {linked}, which is a file of the project"
            self._add(event, what, _LEAVE)
        elif places.in_project(path):
            self._add(event, f"tried to write {path}, of the project itself", _INSIDE)
        elif not places.is_setting(path) or _by_author(event):
            self._add(event, f"tried to write {path}, outside the project", _INSIDE)

    def _writer(self, path: str) -> Event | None:
        """Return the first event that may have changed a file, or a folder above."""
        relative = self._places.workspace.relative
        for event in self._own:
            if event.kind not in ("write", "delete") or event.what[:1] != "/":
                continue
            # A link that was set anew leads elsewhere by now: its own name counts, too.
            for follow in (True, False):
                seen = relative(event.what, follow=follow)
                if seen and below(path, [seen]):
                    return event
        return None

    def _add(self, event: Event | None, found: str, expected: str) -> None:
        cell = event.cell if event else None
        known = self._found.get((found, expected))
        if known is None or (known.cell is None and cell is not None):
            breach = Breach(cell=cell, found=found, expected=expected)
            self._found[found, expected] = breach


def _by_author(event: Event) -> bool:
    """Return whether a line of the notebook or the project stands behind an event."""
    return event.file is not None or event.line is not None
