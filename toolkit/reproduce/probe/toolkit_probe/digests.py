"""Digests of values by their content: no address, no hash order, no pickle's memory."""

from __future__ import annotations

import copyreg
import hashlib
import sys
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

_MOST_PARTS = 200_000  # of one value; larger ones are left out
_MOST_BYTES = 2 << 30
_DEEPEST = 100
_ITEMS = 3  # from there on, what is reduced has iterators
_PLAIN = (bool, int, str, bytes, complex, type(None), type(...), range)
_BY_NAME = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.ModuleType,
    type,
)
_PASSING = (  # whose state is no value: they hold threads, files or drawings
    "_io",
    "_thread",
    "asyncio",
    "concurrent",
    "IPython",
    "ipykernel",
    "matplotlib",
    "multiprocessing",
    "socket",
    "sqlite3",
    "threading",
    "weakref",
)


class UndigestedError(Exception):
    """A value has no digest: it is too large, or nothing that can be told twice."""


def digest(value: object) -> str:
    """Return the SHA-256 of a value's content.

    The order of a set is left out, that of a dictionary counts. Arrays, frames and
    estimators are digested by what they hold.

    Raises
    ------
    UndigestedError : for a value without a content of its own, or too large
    """
    return _Digest().of(value)


class _Digest:
    """Walks through one value."""

    def __init__(self) -> None:
        self._left = _MOST_PARTS
        self._bytes = _MOST_BYTES
        self._open: list[int] = []  # ids of what contains the part at hand

    def of(self, value: object) -> str:
        """Return the digest of a part."""
        made = hashlib.sha256()
        self._feed(value, made.update)
        return made.hexdigest()

    def _feed(self, value: Any, add: Callable[[bytes], None]) -> None:  # noqa: ANN401
        self._left -= 1
        if self._left < 0 or len(self._open) > _DEEPEST:
            message = "too large"
            raise UndigestedError(message)
        kind = type(value)
        if kind is float:
            add(f"float {value!r};".encode())
        elif kind in _PLAIN:
            add(f"{kind.__name__} {value!r};".encode("utf-8", "surrogatepass"))
        elif isinstance(value, _BY_NAME):
            name = getattr(value, "__qualname__", None) or value.__name__
            add(f"named {name};".encode())
        elif id(value) in self._open:
            add(f"again {len(self._open) - self._open.index(id(value))};".encode())
        else:
            self._open.append(id(value))
            add(f"{kind.__module__}.{kind.__qualname__}(".encode())
            self._feed_parts(value, add)
            add(b")")
            self._open.pop()

    def _feed_parts(self, value: Any, add: Callable[[bytes], None]) -> None:  # noqa: ANN401
        top = type(value).__module__.partition(".")[0]
        if isinstance(value, (set, frozenset)):
            for part in sorted(self.of(item) for item in value):
                add(part.encode())
        elif isinstance(value, dict):
            self._feed_all((part for item in value.items() for part in item), add)
        elif isinstance(value, (list, tuple)):
            self._feed_all(value, add)
        elif top == "numpy" and hasattr(value, "dtype") and hasattr(value, "tobytes"):
            self._feed_array(value, add)
        elif top == "pandas" and _is_pandas(value):
            self._feed_pandas(value, add)
        elif top == "polars" and hasattr(value, "hash_rows"):
            add(f"{value.schema!r}".encode())
            self._feed_array(value.hash_rows(seed=0).to_numpy(), add)
        else:
            self._feed_object(value, add)

    def _feed_all(self, parts: Iterable[object], add: Callable[[bytes], None]) -> None:
        for part in parts:
            self._feed(part, add)

    def _feed_array(self, array: Any, add: Callable[[bytes], None]) -> None:  # noqa: ANN401
        """Feed a NumPy array or scalar: type, shape and bytes."""
        add(f"{array.dtype!s} {array.shape};".encode())
        if array.dtype.hasobject or array.dtype.kind == "T":
            self._feed(array.tolist(), add)
            return
        if array.dtype.names:  # between the fields may lie anything
            for name in array.dtype.names:
                self._feed_array(array[name], add)
            return
        self._bytes -= array.nbytes
        if self._bytes < 0:
            message = "too large"
            raise UndigestedError(message)
        if getattr(array, "mask", None) is not None:
            self._feed_array(sys.modules["numpy"].asarray(array.mask), add)
        add(array.tobytes())

    def _feed_pandas(self, value: Any, add: Callable[[bytes], None]) -> None:  # noqa: ANN401
        """Feed a frame, series or index: labels, types and a number for each row."""
        pandas = sys.modules["pandas"]
        frame = isinstance(value, pandas.DataFrame)
        if frame:
            labels = [list(value.columns), value.columns.names, value.index.names]
            types_ = list(value.dtypes)
        else:
            labels = [value.name, getattr(value, "names", None)]
            types_ = [value.dtype]
        self._feed(labels, add)
        add(str(types_).encode())
        try:
            rows = pandas.util.hash_pandas_object(value, index=True)
        except TypeError:  # cells that hold lists and the like
            columns = [value.iloc[:, at] for at in range(value.shape[1])]
            for column in columns if frame else [value]:
                self._feed(column.tolist(), add)
            if not isinstance(value, pandas.Index):
                self._feed(value.index.tolist(), add)
            return
        self._feed_array(rows.to_numpy(), add)

    def _feed_object(self, value: Any, add: Callable[[bytes], None]) -> None:  # noqa: ANN401
        """Feed any other object by what would be copied of it."""
        if type(value).__module__.partition(".")[0] in _PASSING:
            message = "no value"
            raise UndigestedError(message)
        state = getattr(value, "__dict__", None)
        if state and _is_ordinary(type(value)):
            self._feed_state(state, add)
            return
        try:
            parts = _reduced(value)
        except Exception as error:
            raise UndigestedError(str(error)) from error
        if isinstance(parts, str):
            add(parts.encode())
            return
        self._feed_all(parts[:_ITEMS], add)
        for items in parts[_ITEMS:]:  # what a subclass of list or dict holds
            self._feed_all(items or (), add)

    def _feed_state(
        self, state: dict[str, object], add: Callable[[bytes], None]
    ) -> None:
        for name in sorted(state):
            self._feed(name, add)
            self._feed(state[name], add)


def _is_ordinary(kind: type) -> bool:
    """Say whether objects of a class are copied as any other."""
    plain: Any = object
    own: Any = kind
    if own.__reduce_ex__ is not plain.__reduce_ex__:
        return False
    if own.__reduce__ is not plain.__reduce__:
        return False
    state = getattr(own, "__getstate__", None)
    return state is None or state is getattr(plain, "__getstate__", None)


def _is_pandas(value: object) -> bool:
    pandas = sys.modules["pandas"]
    return isinstance(value, (pandas.DataFrame, pandas.Series, pandas.Index))


def _reduced(value: object) -> tuple[Any, ...] | str:
    """Return what would be copied of an object."""
    special = copyreg.dispatch_table.get(type(value))
    parts: Any = special(value) if special else value.__reduce_ex__(4)
    return parts if isinstance(parts, str) else tuple(parts)
