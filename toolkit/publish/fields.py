"""Plain JSON values to and from frozen records, naming whatever does not fit."""

import dataclasses
import json
import math
import types
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import (
    Any,
    Literal,
    NewType,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from toolkit.errors import ToolkitError

Json: TypeAlias = "bool | float | str | Sequence[Json] | Mapping[str, Json] | None"
T = TypeVar("T")
MAX_SHOWN = 60  # characters of a value that a message quotes
MAX_DEPTH = 50  # of nested lists and mappings; Python's own limit is no message


@dataclass(eq=False)
class FieldError(ToolkitError, ValueError):
    """A JSON document has a value, a key or a version that its record does not know."""

    at: str  # "results.metrics[2].value"; empty for the document itself
    found: str
    expected: str

    def __str__(self) -> str:
        where = f"{self.at}: " if self.at else ""
        return f"{where}found {self.found}, expected {self.expected}"


def parse_json(text: str | bytes) -> object:
    """Return the value that a JSON text holds.

    Raises
    ------
    FieldError : if it is not JSON, repeats a key, or holds NaN or Infinity

    Examples
    --------
    >>> parse_json('{"a": [1, 2.5]}')
    {'a': [1, 2.5]}
    """
    try:
        return json.loads(
            text, object_pairs_hook=_unique_keys, parse_constant=_no_constant
        )
    except RecursionError:
        raise FieldError(
            at="", found="too many nested brackets", expected="a flat document"
        ) from None
    except FieldError:
        raise
    except ValueError as error:
        raise FieldError(at="", found=f"no JSON ({error})", expected="JSON") from error


def decode(kind: type[T], value: object, at: str = "") -> T:
    """Return ``value`` as a ``kind``: a frozen dataclass, or a type its fields have.

    Known are dataclasses, ``str``, ``int``, ``float``, ``bool``, ``X | None``,
    ``Literal``, ``StrEnum``, ``NewType``, ``tuple``, ``Mapping[str, X]`` and ``object``
    (any JSON value).

    Parameters
    ----------
    kind : type of the result
    value : what ``json.loads`` returned
    at : str, where in the document ``value`` stands

    Raises
    ------
    FieldError : on the first value, key or version that does not fit; it says where

    Examples
    --------
    >>> decode(tuple[int, ...], [1, 2])
    (1, 2)
    """
    result: T = _decode(kind, value, at)
    return result


def encode(value: object) -> Json:
    """Return a record as the JSON value that :func:`decode` reads back.

    Examples
    --------
    >>> encode({"a": (1, 2)})
    {'a': [1, 2]}
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: encode(getattr(value, field.name))
            for field in dataclasses.fields(value)
        }
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    if isinstance(value, StrEnum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise FieldError(at="", found=f"a {type(value).__name__}", expected="a JSON value")


def shown(value: object) -> str:
    """Return ``repr(value)``, cut to what a message can bear."""
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


def _decode(kind: Any, value: object, at: str) -> Any:  # noqa: ANN401 -- types are data here
    if kind is object:
        return _any_json(value, at)
    if isinstance(kind, NewType):
        return _decode(kind.__supertype__, value, at)
    if dataclasses.is_dataclass(kind):
        return _record(kind, value, at)
    origin = get_origin(kind)
    if origin is not None:
        return _ORIGINS[origin](kind, value, at)
    if issubclass(kind, StrEnum):
        return kind(_literal(Literal[tuple(kind)], value, at))
    return _scalar(kind, value, at)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _record(kind: Any, value: object, at: str) -> object:  # noqa: ANN401
    if not isinstance(value, Mapping):
        raise FieldError(at=at, found=shown(value), expected="a mapping")
    fields = {field.name: field for field in dataclasses.fields(kind)}
    if "schema" in fields:  # a later version may well have other keys: say so first
        _decode(_hints(kind)["schema"], value.get("schema"), _join(at, "schema"))
    for key in value:
        if key not in fields:
            close = get_close_matches(str(key), fields, n=1)
            expected = f"{close[0]!r}" if close else f"one of {', '.join(fields)}"
            raise FieldError(
                at=at, found=f"the unknown key {shown(key)}", expected=expected
            )
    arguments = {}
    for name, field in fields.items():
        if name in value:
            arguments[name] = _decode(_hints(kind)[name], value[name], _join(at, name))
        elif field.default is dataclasses.MISSING:
            raise FieldError(at=at, found="no such key", expected=repr(name))
    return kind(**arguments)


def _join(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _union(kind: object, value: object, at: str) -> object:
    kinds = [k for k in get_args(kind) if k is not types.NoneType]
    if value is None and len(kinds) < len(get_args(kind)):
        return None
    for one in kinds[:-1]:
        with suppress(FieldError):
            return _decode(one, value, at)
    return _decode(kinds[-1], value, at)


def _literal(kind: object, value: object, at: str) -> object:
    choices = get_args(kind)
    for choice in choices:
        if type(value) is type(choice) and value == choice:
            return value
        if isinstance(choice, StrEnum) and value == choice.value:
            return choice
    listed = " or ".join(repr(getattr(c, "value", c)) for c in choices)
    raise FieldError(at=at, found=shown(value), expected=listed)


def _tuple(kind: object, value: object, at: str) -> tuple[object, ...]:
    if not isinstance(value, list | tuple):
        raise FieldError(at=at, found=shown(value), expected="a list")
    kinds = get_args(kind)
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        raise FieldError(at=at, found=shown(value), expected=f"{len(kinds)} values")
    return tuple(
        _decode(k, item, f"{at}[{i}]")
        for i, (k, item) in enumerate(zip(kinds, value, strict=True))
    )


def _mapping(kind: object, value: object, at: str) -> dict[str, object]:
    if not isinstance(value, Mapping):
        raise FieldError(at=at, found=shown(value), expected="a mapping")
    return {
        _scalar(str, key, at): _decode(get_args(kind)[1], item, _join(at, str(key)))
        for key, item in value.items()
    }


def _scalar(kind: type[T], value: object, at: str) -> T:
    found = shown(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        try:
            value = float(value)
        except OverflowError:
            raise FieldError(at=at, found=found, expected="a finite number") from None
    if type(value) is not kind:
        raise FieldError(
            at=at, found=found, expected=f"a value of type {kind.__name__}"
        )
    if isinstance(value, float) and not math.isfinite(value):
        raise FieldError(at=at, found=found, expected="a finite number")
    return value


def _any_json(value: object, at: str, depth: int = 0) -> object:
    if depth > MAX_DEPTH:
        raise FieldError(at=at, found="too many nested brackets", expected="fewer")
    if isinstance(value, Mapping):
        for key, item in value.items():
            _any_json(item, _join(at, _scalar(str, key, at)), depth + 1)
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            _any_json(item, f"{at}[{i}]", depth + 1)
    elif value is not None and not isinstance(value, bool | int | float | str):
        raise FieldError(at=at, found=shown(value), expected="a JSON value")
    elif isinstance(value, float):
        _scalar(float, value, at)
    return value


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise FieldError(
            at="", found=f"the key {shown(twice)} twice", expected="each key once"
        )
    return result


def _no_constant(text: str) -> object:
    raise FieldError(at="", found=text, expected="a finite number")


_ORIGINS: dict[object, Callable[[object, object, str], object]] = {
    Union: _union,
    types.UnionType: _union,
    Literal: _literal,
    tuple: _tuple,
    Mapping: _mapping,
    dict: _mapping,
}
