"""Who asks for the clock, for entropy, for names of files: seen call by call, slow."""

from __future__ import annotations

import builtins
import os
import sys

from .asked import BUILT_IN, RANDOM, SEEDING, WRITTEN
from .places import caller
from .reads import is_seeded_state
from .wrapping import Wrapped, when_imported, wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType, ModuleType
    from typing import Any

    from .hook import Handler
    from .log import Log
    from .places import Place, Places

_STDLIB = os.path.dirname(os.__file__) + os.sep  # noqa: PTH120 -- fast
_OURS = os.path.dirname(__file__) + os.sep  # noqa: PTH120
_NAMES = frozenset(key.rpartition(".")[2] for key in BUILT_IN) | RANDOM
_IMPORTING = ("<frozen importlib", "<frozen runpy")
_DEEPEST = 30
_STATE = frozenset({"get_state", "set_state", "get_bit_generator"})
# Asked by the standard library all the time: only a question of the cell's own counts.
_DIRECT = {"identity": "", "hash-seed": "", "environment": "os."}
_INNARDS = ("os", "collections.abc", "_collections_abc")
_WRAPPED = Wrapped.__call__.__code__


class Witnesses:
    """Notes what a cell or a project's file asks, itself or by the standard library."""

    def __init__(self, log: Log, places: Places) -> None:
        self._log = log
        self._places = places
        self._seeded: set[str] = set()  # "random", "numpy"

    def watch(self) -> None:
        """Look at every call from now on, in every thread."""
        when_imported("numpy.random", self._watch_numpy)
        when_imported("threading", lambda module: module.setprofile(self.profile))
        self._profile = self.profile  # one object, to be known again
        sys.setprofile(self._profile)
        self._leave_imports_alone()

    def _leave_imports_alone(self) -> None:
        """Let imports of others' packages run unwatched: they take most of the time."""
        original: Callable[..., Any] = builtins.__import__

        def importing(*args: Any, **named: Any) -> Any:  # noqa: ANN401
            if sys.getprofile() is not self._profile:
                return original(*args, **named)
            sys.setprofile(None)
            try:
                return original(*args, **named)
            finally:
                sys.setprofile(self._profile)

        builtins.__import__ = importing

    def executed(self, args: tuple[object, ...]) -> None:
        """Handle the audit event exec(code): a project's module is watched again."""
        name = getattr(args[0], "co_filename", "")
        if self._places.file(name) and sys.getprofile() is None:
            sys.setprofile(self._profile)

    def profile(self, frame: FrameType, event: str, arg: object) -> None:
        """Look at a call: a frame that calls into C, or the frame that is called."""
        if event == "c_call":
            if getattr(arg, "__name__", None) in _NAMES:
                self._built_in(frame, arg)
        elif event == "call":
            code = frame.f_code
            if code is _WRAPPED:
                self._built_in(frame.f_back, frame.f_locals["self"].__wrapped__)
            elif code.co_name in WRITTEN or code.co_name in SEEDING:
                self._written(frame)
            elif code.co_name == "seed" and code.co_filename.endswith("/random.py"):
                self._seeds(frame)

    def _seeds(self, frame: FrameType) -> None:
        if frame.f_locals.get("a") is not None:
            self._seeded.add("random")

    def _built_in(self, frame: FrameType | None, function: Any) -> None:  # noqa: ANN401
        group, name = _asks(function)
        if group is None or (group == "random" and "random" in self._seeded):
            return
        found = self._asked(frame, name)
        if found is None or (group in _DIRECT and found[1] != name):
            return
        if group == "entropy" and self._is_for_state(frame):
            return
        self._note("entropy" if group == "random" else group, *found)

    def _is_for_state(self, frame: FrameType | None) -> bool:
        while frame is not None and self._places.at(frame) is None:
            frame = frame.f_back
        return is_seeded_state(frame)

    def _written(self, frame: FrameType) -> None:
        """Note a Python function that is in the tables."""
        code = frame.f_code
        file = code.co_filename
        if file.startswith("<frozen "):
            file = f"/{file[8:-1].replace('.', '/')}.py"
        for end, group, name in WRITTEN.get(code.co_name, ()):
            if file.endswith(end):
                found = self._asked(frame.f_back, name)
                if found is not None and found[1].startswith(_DIRECT.get(group, "")):
                    self._note(group, found[0], name)
        for end, argument, name in SEEDING.get(code.co_name, ()):
            if file.endswith(end) and frame.f_locals.get(argument) is None:
                self._drawn(frame.f_back, name)

    def _asked(self, frame: FrameType | None, name: str) -> tuple[Place, str] | None:
        """Return the line that asks, if only the standard library lies between."""
        for _ in range(_DEEPEST):
            if frame is None:
                return None
            place = self._places.at(frame)
            if place is not None:
                return place, name
            file = frame.f_code.co_filename
            if file.startswith(_IMPORTING) or "-packages/" in file:
                return None
            if not file.startswith(_OURS):
                if not file.startswith((_STDLIB, "<frozen ")):
                    return None
                module = frame.f_globals.get("__name__", "")
                if module not in _INNARDS:
                    name = f"{module}.{frame.f_code.co_name}"
            frame = frame.f_back
        return None

    def _drawn(self, frame: FrameType | None, name: str) -> None:
        """Note a draw from NumPy's global generator, unless it is at an import."""
        if "numpy" in self._seeded:
            return
        at = frame
        while at is not None and self._places.at(at) is None:
            if at.f_code.co_filename.startswith(_IMPORTING):
                return
            at = at.f_back
        if at is not None:
            self._note("entropy", (self._places.at(at) or (None, 0)), name)

    def _note(self, group: str, place: Place, name: str) -> None:
        if self._log.is_new(("witness", group, name, place)):
            self._log.write("witness", group, name, place)

    def _watch_numpy(self, module: ModuleType) -> None:
        """Wrap the functions of the global generator: no profiler sees them."""
        generator = getattr(getattr(module, "mtrand", None), "_rand", None)
        for name in dir(module):
            function = getattr(module, name)
            if name == "seed":
                wrap(module, name, self._seeding)
                continue
            owner = getattr(function, "__self__", None)
            if name not in _STATE and owner is not None and owner is generator:
                wrap(module, name, self._drawing)

    def _seeding(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def seed(*args: Any, **named: Any) -> object:  # noqa: ANN401
            if (args and args[0] is not None) or named.get("seed") is not None:
                self._seeded.add("numpy")
            return original(*args, **named)

        return seed

    def _drawing(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def draw(*args: Any, **named: Any) -> object:  # noqa: ANN401
            self._drawn(caller(1), f"numpy.random.{original.__name__}")
            return original(*args, **named)

        return draw


def _asks(function: Any) -> tuple[str | None, str]:  # noqa: ANN401
    """Return what a built-in function asks about, and its name."""
    name = function.__name__
    owner = getattr(function, "__self__", None)
    if name in RANDOM and type(owner).__module__ == "random":
        return "random", f"random.{name}"
    kinds = owner.__mro__ if isinstance(owner, type) else type(owner).__mro__
    for kind in kinds:
        key = f"{kind.__module__}.{kind.__qualname__}.{name}"
        if key in BUILT_IN:
            return BUILT_IN[key], key
    module = getattr(function, "__module__", None) or getattr(owner, "__name__", "")
    key = f"{module}.{name}"
    return BUILT_IN.get(key), key.replace("posix.", "os.").removeprefix("builtins.")


def watch_calls(log: Log, places: Places) -> Mapping[str, Handler]:
    """Watch calls in this process; return what else handles audit events."""
    witnesses = Witnesses(log, places)
    witnesses.watch()
    return {"exec": witnesses.executed}
