"""Watches, confines and varies the interpreter that it is started in."""

from __future__ import annotations

import sys

__all__ = ["start"]


def start(path: str) -> None:
    """Start, as the settings in a file say.

    Parameters
    ----------
    path : of the settings, which :mod:`toolkit.reproduce.tracing.probing` writes
    """
    from .confining import confine  # noqa: PLC0415 -- an import tells of itself only
    from .environment import Variables, watch  # noqa: PLC0415
    from .files import Files  # noqa: PLC0415
    from .hook import install  # noqa: PLC0415
    from .log import Log  # noqa: PLC0415
    from .network import Network  # noqa: PLC0415
    from .paths import Paths  # noqa: PLC0415
    from .places import Places  # noqa: PLC0415
    from .processes import Processes  # noqa: PLC0415
    from .reads import Entropy, watch_looking  # noqa: PLC0415
    from .settings import read  # noqa: PLC0415

    settings = read(path)
    log = Log(settings.log, settings.cell)
    places = Places(settings.workspace)
    paths = Paths(settings)
    # The copy's modules count: the project itself is on the path where it is installed
    # in place, and looking for a module there would read as looking into the project.
    sys.path[:] = [
        entry
        for entry in sys.path
        if not paths.in_project(entry) or paths.may_read(entry)
    ]
    confine(settings, log)
    if settings.varied:
        from .surroundings import vary  # noqa: PLC0415 -- only where it is needed

        vary(settings, log)
    files = Files(log, places, paths)
    watch_looking(files, paths, log, places)
    Entropy(log, places).watch()
    watch(Variables(log, places, settings))
    handlers = {
        **files.handlers(),
        **Processes(log, places).handlers(),
        **Network(log, places, allowed=settings.network).handlers(),
    }
    if settings.fingerprints:
        from .fingerprints import watch_variables  # noqa: PLC0415

        watch_variables(log)
    if settings.watch_calls:
        from .witnesses import watch_calls  # noqa: PLC0415

        handlers |= watch_calls(log, places)
    install(handlers)
