"""What an interpreter is, and what is installed for it.

Other interpreters execute this file to tell of themselves, so it needs the standard
library alone, of any Python 3.9 and later.
"""

import json
import os
import platform
import re
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, Optional
from urllib.parse import unquote, urlsplit

_SEPARATORS = re.compile(r"[-_.]+")
_EGG_PYTHON = re.compile(r"-py\d[\d.]*$")


class Distribution(NamedTuple):
    """An installed package."""

    version: str
    editable: Optional[str] = None  # noqa: UP045 -- older Pythons read this, too


def normal_name(name: str) -> str:
    """Return a package's name as it is compared.

    Examples
    --------
    >>> normal_name("Ruamel.YAML_clib")
    'ruamel-yaml-clib'
    """
    return _SEPARATORS.sub("-", name).lower()


def installed(places: Iterable[str]) -> dict[str, Distribution]:
    """Return the distributions below some folders by their normalized names.

    Read from the folders' names: that takes milliseconds, ``importlib.metadata`` parses
    every file. Of two on the path the first counts, as it does for an import.

    Parameters
    ----------
    places : as in ``sys.path``
    """
    found: dict[str, Distribution] = {}
    for place in places:
        try:
            names = sorted(os.listdir(place or "."))  # noqa: PTH208 -- it is quicker
        except OSError:
            continue
        here: dict[str, Distribution] = {}
        for entry in names:
            kind = entry[-9:]
            if not entry.endswith((".dist-info", ".egg-info")):
                continue
            name, _, version = entry[: entry.rindex(".")].partition("-")
            if kind == ".egg-info":
                version = _EGG_PYTHON.sub("", version)
            if version:  # without one it is a source tree
                here[normal_name(name)] = Distribution(
                    version, _editable(Path(place or ".", entry))
                )
        found = {**here, **found}
    return found


def describe() -> dict[str, object]:
    """Return what this interpreter is, as JSON values."""
    of_user = getattr(sys.modules.get("site"), "USER_SITE", None)  # no kernel sees it
    version = ".".join(platform.python_version_tuple()[:2])
    return {
        "python": platform.python_version(),
        "platform": sysconfig.get_platform(),
        "installed": installed(place for place in sys.path if place != of_user),
        "markers": {  # as PEP 508 calls them
            "implementation_name": sys.implementation.name,
            "implementation_version": platform.python_version(),
            "os_name": os.name,
            "platform_machine": platform.machine(),
            "platform_python_implementation": platform.python_implementation(),
            "platform_release": platform.release(),
            "platform_system": platform.system(),
            "platform_version": platform.version(),
            "python_full_version": platform.python_version(),
            "python_version": version,
            "sys_platform": sys.platform,
        },
    }


def _editable(info: Path) -> Optional[str]:  # noqa: UP045
    """Return the folder of a distribution that is installed as a link to it."""
    try:
        origin = json.loads((info / "direct_url.json").read_bytes())
        if origin["dir_info"]["editable"]:
            return unquote(urlsplit(origin["url"]).path)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


if __name__ == "__main__":
    json.dump(describe(), sys.stdout)
