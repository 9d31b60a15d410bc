"""Put a function of ours in a function's place, now or when its module is imported."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType
    from typing import Any

    Function = Callable[..., Any]

_WITH_FUNCTIONS = ("supports_dir_fd", "supports_fd", "supports_follow_symlinks")


class Wrapped:
    """Behaves as the built-in function that it replaces.

    Unlike a Python function, and like a built-in one, it does not become a method when
    a class keeps it. It is pickled by its name.
    """

    def __init__(self, original: Function, function: Function, module: str) -> None:
        self._function = function
        self.__wrapped__ = original
        self.__module__ = module
        for name in ("__name__", "__qualname__", "__doc__", "__text_signature__"):
            setattr(self, name, getattr(original, name, None))

    def __call__(self, *args: object, **named: object) -> object:
        """Call the function."""
        return self._function(*args, **named)

    def __reduce__(self) -> str:
        """Return the name under which the module holds it."""
        name: str = self.__wrapped__.__name__
        return name

    def __repr__(self) -> str:
        return repr(self.__wrapped__)


def wrap(module: ModuleType, name: str, make: Callable[[Function], Function]) -> None:
    """Replace a module's function, if it is there.

    Parameters
    ----------
    module, name : of the function
    make : is given the original and returns what is called instead
    """
    original = getattr(module, name, None)
    if original is None:
        return
    wrapped = Wrapped(original, make(original), module.__name__)
    setattr(module, name, wrapped)
    if module is os:  # these sets tell others what a function can do
        for which in _WITH_FUNCTIONS:
            known = getattr(os, which)
            if original in known:
                known.add(wrapped)


class _Imports:
    """A finder that finds nothing itself and calls back after an import."""

    def __init__(self) -> None:
        self.waiting: dict[str, list[Callable[[ModuleType], None]]] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: object = None
    ) -> object:
        """Return what the next finders find, with a loader that calls back."""
        if name not in self.waiting:
            return None
        finders: list[Any] = list(sys.meta_path)
        for finder in finders:
            if finder is self:
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                callbacks = self.waiting.pop(name)
                if isinstance(spec.loader, type):  # shared by all built-in modules
                    return None
                _call_after(spec.loader, callbacks)
                return spec
        return None


def _call_after(loader: Any, callbacks: list[Callable[[ModuleType], None]]) -> None:  # noqa: ANN401
    """Let a loader call back, once, when it has executed its module."""
    execute = loader.exec_module

    def executed(module: ModuleType) -> None:
        del loader.exec_module
        execute(module)
        for callback in callbacks:
            _safely(callback, module)

    loader.exec_module = executed


def _safely(callback: Callable[[ModuleType], None], module: ModuleType) -> None:
    with suppress(Exception):  # another version of the module, which is not varied
        callback(module)


_imports = _Imports()


def when_imported(name: str, callback: Callable[[ModuleType], None]) -> None:
    """Call back with a module: at once if it is imported, else after its import."""
    if name in sys.modules:
        _safely(callback, sys.modules[name])
        return
    if name in sys.builtin_module_names:
        _safely(callback, __import__(name))
        return
    _imports.waiting.setdefault(name, []).append(callback)
    finders: list[Any] = sys.meta_path
    if _imports not in finders:
        finders.insert(0, _imports)
