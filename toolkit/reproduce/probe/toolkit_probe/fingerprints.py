"""A digest of each variable after each cell, to find the first that parts."""

from __future__ import annotations

import types
import warnings

from .wrapping import when_imported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType
    from typing import Any

    from .log import Log

_IPYTHON = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})
_PASSED_OVER = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type)


class Fingerprints:
    """Says after a cell which variables have another content than before."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._last: dict[str, str] = {}

    def look(self, variables: Mapping[str, object]) -> None:
        """Write an event for each variable that changed."""
        from .digests import digest  # noqa: PLC0415 -- hashlib is slow to import

        for name, value in list(variables.items()):
            if name.startswith("_") or name in _IPYTHON:
                continue
            if isinstance(value, _PASSED_OVER):
                continue
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    found = digest(value)
            except Exception:  # noqa: BLE001, S112 -- a value may raise anything
                continue
            if self._last.get(name) != found:
                self._last[name] = found
                self._log.write("variable", name, found)


def watch_variables(log: Log) -> None:
    """Look at the variables after each cell, once there is a shell."""

    def patch(module: ModuleType) -> None:
        shell: Any = module.InteractiveShell
        initialise = shell.init_events

        def init_events(self: Any) -> None:  # noqa: ANN401
            initialise(self)
            fingerprints = Fingerprints(log)
            self.events.register(
                "post_run_cell", lambda *_: fingerprints.look(self.user_ns)
            )

        shell.init_events = init_events

    when_imported("IPython.core.interactiveshell", patch)
