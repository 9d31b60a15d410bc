"""What a ``requirements.lock`` names, and how that differs from what is installed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.reproduce.environments.listing import Distribution, normal_name

LOCK = "requirements.lock"
_INSTALLERS = frozenset(("pip", "setuptools", "uv", "wheel"))
_OURSELVES = "toolkit"  # an editable one: what executes, not what is executed
_JOINED = re.compile(r"\\\r?\n")
_COMMENT = re.compile(r"(^|\s)#.*$")
_PIN = re.compile(
    r"(?P<name>[A-Za-z0-9][\w.-]*)\s*(\[[^\]]*\])?\s*={2,3}\s*(?P<version>[^\s;]+)"
    r"\s*(;(?P<marker>.*?))?(?P<hashes>(\s+--hash[= ]\S+)*)\s*"
)
_OTHER_FILES = ("-r", "-c", "--requirement", "--constraint")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pin:
    """One version that a lock names."""

    name: str  # normalized
    version: str
    marker: str  # where it is to be installed; empty is everywhere
    hashed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """What a lock names, and the lines of it that name no version."""

    pins: tuple[Pin, ...]
    odd: tuple[str, ...]  # "line 3: -e ., which is a folder of somebody's machine"

    def versions(self, markers: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the version of each package that an interpreter is to have.

        Parameters
        ----------
        markers : of the interpreter; this one's if left out
        """
        return {p.name: p.version for p in self.pins if _applies(p.marker, markers)}


def parse_lock(content: bytes) -> Lock:
    """Return what a lock names; a line that cannot be read is kept as an odd one.

    Examples
    --------
    >>> parse_lock(b"pandas==3.1.1 ; python_version >= '3.11'").pins[0].version
    '3.1.1'
    """
    pins, odd = [], []
    for number, line in _lines(content.decode("utf-8", "replace")):
        if match := _PIN.fullmatch(line):
            pins.append(
                Pin(
                    name=normal_name(match["name"]),
                    version=match["version"],
                    marker=(match["marker"] or "").strip(),
                    hashed=bool(match["hashes"]),
                )
            )
        elif why := _odd(line):
            odd.append(f"line {number}: {line[:60]!r}, {why}")
    return Lock(pins=tuple(pins), odd=tuple(odd))


def drift(
    lock: Lock,
    installed: Mapping[str, Distribution],
    *,
    root: Path | None = None,
    markers: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Return how what is installed differs from what the lock names.

    Installers that the lock does not name are passed over, and so is the project itself
    where it is installed as a link: the recipe has a digest of its code.

    Parameters
    ----------
    lock : what should be there
    installed : by normalized name
    root : of the project; without one, every link is passed over
    markers : of the interpreter; this one's if left out

    Examples
    --------
    >>> drift(parse_lock(b"pandas==3.1.1"), {"pandas": Distribution("3.0.0")})
    ('pandas 3.0.0 (lock 3.1.1)',)
    """
    locked: dict[str, list[Pin]] = {}
    for pin in lock.pins:
        locked.setdefault(pin.name, []).append(pin)
    found = []
    for name, (version, editable) in sorted(installed.items()):
        if editable is not None:
            if root is not None and name != _OURSELVES and not _within(editable, root):
                found.append(f"{name} {version} (a link to {editable})")
        elif name in locked:
            if not _named(version, locked[name]):
                versions = sorted({pin.version for pin in locked[name]})
                found.append(f"{name} {version} (lock {' or '.join(versions)})")
        elif name not in _INSTALLERS:
            found.append(f"{name} {version} (not in the lock)")
    for name in sorted(locked.keys() - installed.keys()):
        pins = [pin for pin in locked[name] if _applies(pin.marker, markers)]
        found += [f"{name} {pin.version} (not installed)" for pin in pins[:1]]
    return tuple(found)


def counted(installed: Mapping[str, Distribution], lock: Lock | None) -> list[str]:
    """Return the sorted lines ``name==version`` of which an environment's digest is.

    Links to somebody's folder are left out, their version says nothing; so are the
    installers, unless the lock names them: they differ by how it was built.
    """
    named = {pin.name for pin in lock.pins} if lock else set()
    return sorted(
        f"{name}=={version}"
        for name, (version, editable) in installed.items()
        if editable is None and (name not in _INSTALLERS or name in named)
    )


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number and the text of each line; continued ones are joined."""
    number = 1
    joined = _JOINED.sub("\0", text.removeprefix("\ufeff"))
    for line in joined.splitlines():
        text = _COMMENT.sub("", line.replace("\0", " ")).strip()
        if text:
            yield number, text
        number += 1 + line.count("\0")


def _odd(line: str) -> str:
    """Return why nothing can be built from a line; empty for an option of pip's."""
    if line.startswith(("-e", "--editable")):
        return "which is a link to a folder"
    if line.startswith(_OTHER_FILES):
        return "which is another file"
    if line.startswith("-"):
        return ""
    if "://" in line or re.search(r"@\s*\S|^file:|^[./~]|[/\\]", line):
        return "which is a place and no version"
    return "which names no version"


def _named(version: str, pins: Sequence[Pin]) -> bool:
    if any(pin.version == version for pin in pins):
        return True
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415 -- seldom

    try:
        return any(Version(pin.version) == Version(version) for pin in pins)
    except InvalidVersion:
        return False


def _applies(marker: str, markers: Mapping[str, str] | None) -> bool:
    if not marker:
        return True
    from packaging.markers import (  # noqa: PLC0415 -- slow
        InvalidMarker,
        Marker,
        UndefinedEnvironmentName,
    )

    try:
        return Marker(marker).evaluate(dict(markers) if markers else None)
    except (InvalidMarker, UndefinedEnvironmentName):
        return False


def _within(folder: str, root: Path) -> bool:
    return Path(folder).resolve().is_relative_to(root.resolve())
