"""The types a parameter can have, and which written values fit them."""

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "int", "float", "str", "bool", "list", "dict", "None", "choice", "union", "any"
]
_INT = re.compile(r"[+-]?(0|[1-9][0-9]*(_[0-9]+)*)")
_FLOAT = re.compile(r"[+-]?([0-9]+(_[0-9]+)*\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_LONGEST_INT = 1000  # digits; Python refuses to read or print much longer ones
_TRUTH = {"true": True, "yes": True, "on": True}
_TRUTH |= {"false": False, "no": False, "off": False}
_NONE = ("null", "None", "~")


class Plain(str):
    """A value as it was written, without quotes: ``007`` may be a number or a text."""

    __slots__ = ()


@dataclass(eq=False)
class Misfit(Exception):  # noqa: N818 -- caught where notebook and name are known
    """A value does not fit its type."""

    found: object
    expected: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Bound:
    """One limit: ``Ge(1)`` is ``Bound(rule="ge", limit=1)``."""

    rule: str
    limit: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Type:
    """What values a parameter takes."""

    kind: Kind
    members: tuple["Type", ...] = ()  # of a union; the item of a list or dict
    choices: tuple[object, ...] = ()
    bounds: tuple[Bound, ...] = ()

    def __str__(self) -> str:
        words = {
            "choice": lambda: f"one of {', '.join(map(repr, self.choices))}",
            "union": lambda: " or ".join(map(str, self.members)),
            "list": lambda: f"list[{self.members[0]}]",
            "dict": lambda: f"dict[str, {self.members[0]}]",
        }
        text = words.get(self.kind, lambda: self.kind)()
        limits = [f"{_WORDS[bound.rule]} {bound.limit:g}" for bound in self.bounds]
        return ", ".join([text, *limits])

    @property
    def is_scalar(self) -> bool:
        """Whether no value of it is a text or holds others: a comma then separates."""
        if self.kind == "union":
            return all(member.is_scalar for member in self.members)
        return self.kind in ("int", "float", "bool", "None", "choice")


ANY = Type(kind="any")


def fit(wanted: Type, value: object) -> object:
    """Return the value as the parameter's type.

    Parameters
    ----------
    wanted : type of the parameter
    value : a Python value, or a :class:`Plain` as somebody wrote it

    Raises
    ------
    Misfit : if it has another type, is out of its range, or is not among the choices

    Examples
    --------
    >>> fit(Type(kind="str"), Plain("007")), fit(Type(kind="float"), Plain("1e3"))
    ('007', 1000.0)
    """
    result = _FITS[wanted.kind](wanted, value)
    for bound in wanted.bounds:
        if not _holds(bound, result):
            raise Misfit(found=value, expected=str(wanted))
    return result


def type_of(value: object) -> Type:
    """Return the type that a literal default stands for.

    Examples
    --------
    >>> print(type_of([1, 2]), "|", type_of([1, "a"]), "|", type_of(None))
    list[int] | list[any] | any
    """
    if isinstance(value, list | dict):
        items = list(value.values() if isinstance(value, dict) else value)
        kinds = {type_of(item) for item in items}
        item = kinds.pop() if len(kinds) == 1 else ANY
        return Type(kind="dict" if isinstance(value, dict) else "list", members=(item,))
    for kind, python in _SCALARS.items():
        if type(value) is python:
            return Type(kind=kind)
    return ANY


def _holds(bound: Bound, value: object) -> bool:
    if value is None:  # Annotated[int | None, Ge(1)]
        return True
    if bound.rule in ("min_length", "max_length"):
        size = len(value) if isinstance(value, str | list | dict) else 0
        return _RULES[bound.rule](size, bound.limit)
    return isinstance(value, int | float) and _RULES[bound.rule](value, bound.limit)


def _fit_int(wanted: Type, value: object) -> int:
    if type(value) is int:
        return value
    if isinstance(value, Plain):
        if _INT.fullmatch(value) and len(value) < _LONGEST_INT:
            return int(value)
        if re.fullmatch(r"[+-]?0[0-9_]+", value):
            hint = f"{wanted} (with leading zeros it may be a text; write {int(value)})"
            raise Misfit(found=value, expected=hint)
        if _FLOAT.fullmatch(value) and math.isfinite(number := float(value)):
            hint = f" (write {int(number)})" if number.is_integer() else ""
            raise Misfit(found=value, expected=f"{wanted}{hint}")
    raise Misfit(found=value, expected=str(wanted))


def _fit_float(wanted: Type, value: object) -> float:
    if isinstance(value, Plain) and _FLOAT.fullmatch(value):
        value = float(value)
    if type(value) in (int, float):
        try:
            number = float(value)  # type: ignore[arg-type]  # narrowed by the line above
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise Misfit(found=value, expected=f"{wanted}, finite")


def _fit_str(wanted: Type, value: object) -> str:
    if isinstance(value, str):
        return str(value)
    raise Misfit(found=value, expected=str(wanted))


def _fit_bool(wanted: Type, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, Plain) and value.lower() in _TRUTH:
        return _TRUTH[value.lower()]
    raise Misfit(found=value, expected=f"{wanted}: true or false")


def _fit_none(wanted: Type, value: object) -> None:
    if value is not None and not (isinstance(value, Plain) and value in _NONE):
        raise Misfit(found=value, expected=str(wanted))


def _fit_list(wanted: Type, value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        raise Misfit(found=value, expected=f"{wanted}, written [1, 2]")
    return [fit(wanted.members[0], item) for item in value]


def _fit_dict(wanted: Type, value: object) -> dict[str, object]:
    if not isinstance(value, Mapping):
        raise Misfit(found=value, expected=f"{wanted}, written {{a: 1}}")
    return {str(key): fit(wanted.members[0], item) for key, item in value.items()}


def _fit_choice(wanted: Type, value: object) -> object:
    for choice in wanted.choices:
        try:
            if fit(type_of(choice), value) == choice:
                return choice
        except Misfit:
            continue
    raise Misfit(found=value, expected=str(wanted))


def _fit_union(wanted: Type, value: object) -> object:
    misfits = []
    order = {"None": 0, "bool": 1, "int": 2, "float": 3}  # a text takes what is left
    for member in sorted(wanted.members, key=lambda m: order.get(m.kind, 4)):
        try:
            return fit(member, value)
        except Misfit as misfit:
            misfits.append(misfit)
    kinds = [member for member in wanted.members if member.kind != "None"]
    if len(kinds) == 1:
        raise misfits[-1]
    raise Misfit(found=value, expected=str(wanted))


def _fit_any(_: Type, value: object) -> object:
    if isinstance(value, list | tuple):
        return [fit(ANY, item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): fit(ANY, item) for key, item in value.items()}
    if isinstance(value, Plain):
        return next(_readings(value))
    if value is None or isinstance(value, bool | int | str):
        return value
    return _fit_float(Type(kind="float"), value)


def _readings(text: Plain) -> Iterator[object]:
    """Yield what an unquoted text can mean where nothing says its type."""
    if text.lower() in ("true", "false"):
        yield _TRUTH[text.lower()]
    for kind in _GUESSED:
        with suppress(Misfit):
            yield fit(Type(kind=kind), text)
    yield str(text)


_GUESSED: tuple[Kind, ...] = ("None", "int", "float")
_SCALARS: Mapping[Kind, type] = {"bool": bool, "int": int, "float": float, "str": str}
_FITS: Mapping[Kind, Callable[[Type, object], object]] = {
    "int": _fit_int,
    "float": _fit_float,
    "str": _fit_str,
    "bool": _fit_bool,
    "None": _fit_none,
    "list": _fit_list,
    "dict": _fit_dict,
    "choice": _fit_choice,
    "union": _fit_union,
    "any": _fit_any,
}
_WORDS: Mapping[str, str] = {
    "ge": "at least",
    "gt": "above",
    "le": "at most",
    "lt": "below",
    "multiple_of": "a multiple of",
    "min_length": "of length at least",
    "max_length": "of length at most",
}
_RULES: Mapping[str, Callable[[float, float], bool]] = {
    "ge": operator.ge,
    "gt": operator.gt,
    "le": operator.le,
    "lt": operator.lt,
    "multiple_of": lambda value, step: value % step == 0,
    "min_length": operator.ge,
    "max_length": operator.le,
}
