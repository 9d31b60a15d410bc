"""Parameter values as people write them: ``-p name=value`` and YAML files."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from toolkit.errors import ToolkitError
from toolkit.publish.fields import shown
from toolkit.reproduce.parameters.schema import Schema
from toolkit.reproduce.parameters.types import Plain, Type
from toolkit.reproduce.parameters.values import Given, UnknownParameterError


@dataclass(eq=False)
class ArgumentError(ToolkitError, ValueError):
    """A parameter value is written in a way that cannot be read."""

    where: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.where}: {self.found}; {self.expected}"


class _TextLoader(yaml.BaseLoader):
    """Keeps every scalar as it is written: its parameter, not YAML, says its type."""


def _scalar(loader: _TextLoader, node: yaml.ScalarNode) -> str:
    text = str(loader.construct_scalar(node))
    return Plain(text) if node.style is None else text


def _mapping(loader: _TextLoader, node: yaml.MappingNode) -> dict[str, object]:
    pairs = [
        (str(loader.construct_object(key, deep=True)), value)
        for key, value in node.value
    ]
    keys = [key for key, _ in pairs]
    for key, value in pairs:
        if keys.count(key) > 1:
            raise yaml.constructor.ConstructorError(
                problem=f"{key!r} is there twice", problem_mark=value.start_mark
            )
    return {key: loader.construct_object(value, deep=True) for key, value in pairs}


_TextLoader.add_constructor("tag:yaml.org,2002:str", _scalar)
_TextLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


def parse_assignment(text: str) -> Given:
    """Return the value of one ``-p NAME=VALUE``, not yet typed.

    Raises
    ------
    ArgumentError : if it has no ``=`` or no name, or its brackets are no YAML

    Examples
    --------
    >>> parse_assignment("code=007")
    Given(name='code', value='007', where='-p')
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise ArgumentError(
            where="-p", found=f"{text!r} sets nothing", expected="write -p name=value"
        )
    return Given(name=name.strip(), value=Plain(value), where="-p")


def parse_file(text: str | bytes, *, where: str) -> tuple[Given, ...]:
    """Return the values of a YAML file that maps names to values, not yet typed.

    Parameters
    ----------
    text : content of the file
    where : its name, for messages

    Raises
    ------
    ArgumentError : if it is no YAML, no mapping, or names one parameter twice
    """
    plain = _yaml(text, where)
    if plain in (None, ""):
        return ()
    if not isinstance(plain, dict):
        raise ArgumentError(
            where=where,
            found=f"holds {shown(plain)}",
            expected="write one 'name: value' a line",
        )
    return tuple(
        Given(name=name, value=value, where=where) for name, value in plain.items()
    )


def combine(
    schemas: Sequence[Schema], given: Sequence[Given], files: Sequence[Given] = ()
) -> tuple[tuple[Given, ...], ...]:
    """Return one set of values for each pass over the notebooks.

    A comma separates the values of a sweep, ``n=10,20,50``, where the parameter is a
    number, a truth value or a choice; in a text it is a comma. A file writes a sweep
    as a list, ``n: [10, 20]``, of texts as well.

    Parameters
    ----------
    schemas : of every notebook of the run
    given : values of the command line; a name may be there once
    files : values of files; those of the command line come before them

    Raises
    ------
    UnknownParameterError : if no notebook declares a name
    ArgumentError : if a name is given twice, or a sweep has an empty or repeated value
    """
    chosen = {**_by_name(files), **_by_name(given)}
    declared = tuple(dict.fromkeys(n for schema in schemas for n in schema.names))
    for one in chosen.values():
        if one.name not in declared:
            raise UnknownParameterError(
                where=one.where,
                name=one.name,
                notebooks=tuple(schema.notebook for schema in schemas),
                declared=declared,
            )
    axes = [tuple(_values(one, _types(schemas, one.name))) for one in chosen.values()]
    return tuple(itertools.product(*axes))


def _types(schemas: Sequence[Schema], name: str) -> list[Type]:
    return [p.type for schema in schemas for p in schema.parameters if p.name == name]


def _by_name(given: Sequence[Given]) -> Mapping[str, Given]:
    chosen: dict[str, Given] = {}
    for one in given:
        if one.name in chosen:
            raise ArgumentError(
                where=one.where,
                found=f"{one.name!r} is given twice",
                expected="give it once; a sweep is one value with commas: n=10,20",
            )
        chosen[one.name] = one
    return chosen


def _values(given: Given, types: Sequence[Type]) -> Iterator[Given]:
    """Yield the values that one argument stands for."""
    pieces: list[object]
    text = given.value
    bracketed = any(_holds_others(wanted) for wanted in types)
    if isinstance(text, list) and not bracketed:  # of a file: n: [10, 20]
        pieces = list(text)
    elif not isinstance(text, Plain):
        pieces = [text]
    elif bracketed and text.startswith(("[", "{")):
        pieces = [_yaml(text, f"{given.where} {given.name}")]
    elif all(wanted.is_scalar for wanted in types) and "," in text:
        pieces = [Plain(piece.strip()) for piece in text.split(",")]
    else:
        pieces = [text]
    if "" in pieces[1:] or "" in pieces[:-1] or _repeats(pieces):
        raise ArgumentError(
            where=given.where,
            found=f"{given.name}={shown(text)} has an empty or a repeated value",
            expected="separate the values of a sweep by one comma each",
        )
    for piece in pieces:
        yield Given(name=given.name, value=piece, where=given.where)


def _repeats(pieces: Sequence[object]) -> bool:
    return any(piece in pieces[:at] for at, piece in enumerate(pieces))


def _holds_others(wanted: Type) -> bool:
    if wanted.kind == "union":
        return any(map(_holds_others, wanted.members))
    return wanted.kind in ("list", "dict", "any")


def _yaml(text: str | bytes, where: str) -> object:
    try:
        return yaml.load(text, Loader=_TextLoader)  # noqa: S506 -- it makes texts only
    except (yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise ArgumentError(
            where=where, found=f"is no YAML ({reason})", expected="e.g. n: [10, 20]"
        ) from error
