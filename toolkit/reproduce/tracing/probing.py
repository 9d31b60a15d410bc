"""The probe, as the process sees it that starts the kernel."""

import json
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from toolkit.reproduce import variation as varying
from toolkit.reproduce.locales import other_locale
from toolkit.reproduce.records.trace import Event
from toolkit.reproduce.variation import Variation

_FOLDER = "probe"
_SETTINGS = "TOOLKIT_PROBE"
_ZONES = Path("/usr/share/zoneinfo/Pacific/Chatham")
_QUIET = (  # nobody's input
    "/proc",
    "/sys",
    "/dev",
    "/run",
    "/etc",
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/bin",
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/i18n",
    "/usr/share/locale",
    "/usr/share/mime",
    "/usr/share/zoneinfo",
    "/System",
    "/Library",
)
_CELL = struct.Struct("<q")  # and a byte: an event was lost
_LOST = Event(
    kind="enforced",
    what="events",
    detail="not all were kept: their log could not be written",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What the probe is to watch, to keep from happening, and to vary."""

    workspace: Path
    project: Path
    readable: tuple[Path, ...]  # none: files are watched, but not confined
    writable: tuple[Path, ...]
    network: bool = False  # True: allowed
    variation: Variation = field(default_factory=Variation)
    fingerprints: bool = False  # a digest of each variable after each cell
    watch_calls: bool = False  # who asks for the clock, for entropy, …; slow


class Probe:
    """One kernel's probe: its settings, the cell that runs, and what it saw."""

    path_entry: Path = Path(__file__).parents[1] / "probe"

    def __init__(self, home: Path, settings: Settings) -> None:
        """Write what the probe reads.

        Parameters
        ----------
        home : folder of the kernel's own files; may hold the workspace
        settings : how to probe
        """
        self._folder = Path(os.path.realpath(home)) / _FOLDER
        self._folder.mkdir(parents=True)
        self._log = self._folder / "events.jsonl"
        self._cell = self._folder / "cell"
        self._log.touch()
        self._cell.write_bytes(bytes(_CELL.size + 1))
        self.start_cell(None)
        self.variables = MappingProxyType(self._prepare(settings))

    variables: Mapping[str, str]

    def start_cell(self, index: int | None) -> None:
        """Say which cell runs from now on, to the kernel and all its children."""
        number = os.open(self._cell, os.O_WRONLY)
        try:
            os.pwrite(number, _CELL.pack(-1 if index is None else index), 0)
        finally:
            os.close(number)

    def events(self) -> tuple[Event, ...]:
        """Return what was seen so far; a line that is no event is left out."""
        try:
            lines = self._log.read_bytes().split(b"\n")
            lost = self._cell.read_bytes()[_CELL.size :] != b"\0"
        except FileNotFoundError:
            return ()
        found = (event for event in map(_event, lines) if event is not None)
        return (*found, *((_LOST,) if lost else ()))

    def _prepare(self, settings: Settings) -> dict[str, str]:
        """Write the settings and return the kernel's environment variables."""
        variation = settings.variation
        found = varying.variables(variation, has_zones=_ZONES.exists())
        varied = dict(varying.in_kernel(variation, processors=os.cpu_count() or 1))
        if "locale" in variation.names:
            other = other_locale()
            found |= other.variables(self._folder / "locales")
            varied["locale"] = other.texts
            if other.missing:
                self._say("variation locale", f"varied: {other.missing}")
        path = self._folder / "settings.json"
        content = _content(settings, self._folder, varied)
        text = json.dumps(content, ensure_ascii=False, indent=1)
        path.write_bytes(text.encode("utf-8", "backslashreplace"))  # names of any bytes
        return {_SETTINGS: str(path)} | found

    def _say(self, what: str, detail: str) -> None:
        event = {"kind": "enforced", "what": what, "detail": detail}
        with self._log.open("a") as log:
            log.write(f"{json.dumps(event)}\n")


def _content(
    settings: Settings, folder: Path, varied: Mapping[str, object]
) -> dict[str, object]:
    """Return the settings as the kernel's side reads them."""
    own = (folder, Probe.path_entry)
    readable = (*settings.readable, *own) if settings.readable else ()
    workspace = settings.workspace
    return {
        "workspace": _texts((workspace, Path(os.path.realpath(workspace)))),
        "project": str(settings.project),
        "home": str(folder.parent),
        "log": str(folder / "events.jsonl"),
        "cell": str(folder / "cell"),
        "readable": _texts(readable),
        "writable": _texts(
            (*settings.writable, folder / "events.jsonl", folder / "cell")
        ),
        "quiet": [*_QUIET, str(folder.parent), str(Probe.path_entry)],
        "network": settings.network,
        "varied": dict(varied),
        "fingerprints": settings.fingerprints,
        "watch_calls": settings.watch_calls,
    }


def _texts(paths: tuple[Path, ...]) -> list[str]:
    return list(dict.fromkeys(map(str, paths)))


def _event(line: bytes) -> Event | None:
    """Return the event in a line; None if there is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    kind, what, detail, file = (
        found.get(name) for name in ("kind", "what", "detail", "file")
    )
    texts = isinstance(kind, str) and isinstance(what, str)
    optional = isinstance(detail, str | None) and isinstance(file, str | None)
    if not texts or not optional:
        return None
    return Event(
        kind=str(kind),
        what=str(what),
        cell=_number(found.get("cell")),
        file=file,
        line=_number(found.get("line")),
        detail=detail or "",
    )


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
