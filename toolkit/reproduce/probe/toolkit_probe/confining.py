"""Keep this process and its children from what they may not do, and say how."""

from __future__ import annotations

import os

from . import landlock
from .namespaces import separate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .log import Log
    from .settings import Settings

_INSIDE = "TOOLKIT_PROBE_INSIDE"  # children inherit all of it: it is said once


def confine(settings: Settings, log: Log) -> None:
    """Confine files and network, unless an earlier process did it for its children."""
    if os.environ.get(_INSIDE) == settings.log:
        return
    host = settings.varied.get("host")
    refusing = not settings.network
    refused = separate(host, network=refusing) if refusing or host else None
    abi = landlock.version()
    own_network = refusing and refused is None
    done = landlock.restrict(
        abi,
        settings.readable or None,
        settings.writable,
        network=refusing and not own_network,
    )
    if settings.network:
        network = "allowed"
    elif own_network:
        network = "refused, by a network namespace"
    elif done and abi >= landlock.WITH_NETWORK:
        network = f"TCP refused by Landlock, all else by Python alone ({refused})"
    else:
        network = f"refused by Python alone ({refused})"
    if not settings.readable:
        files = "not confined"
    elif done:
        files = f"confined, by Landlock {abi}"
    else:
        files = "confined by Python alone (no Landlock)"
    log.write("enforced", "network", network)
    log.write("enforced", "files", files)
    log.write("enforced", "processes", "seen as Python starts them")
    log.write("enforced", "environment", "seen as the notebook's own code reads it")
    os.environ[_INSIDE] = settings.log
