"""Readers of mappings and lists: a table of fields makes a frozen value.

A *reader* takes the reading, the key and the node, and returns the value, or
``ABSENT`` after it noted what is wrong or still open.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol

from yaml.nodes import Node, SequenceNode

from toolkit.scope.nodes import place_of
from toolkit.scope.problems import did_you_mean
from toolkit.scope.reading import (
    ABSENT,
    Reading,
    clipped,
    describe,
    is_null,
    is_placeholder,
    join,
)

_NAME = re.compile(r"[^\W\d][\w-]*")  # names of columns are built from it


class Reader(Protocol):
    """Reads one value."""

    @property
    def expected(self) -> str:
        """What can be read, for messages."""

    def __call__(self, reading: Reading, key: str, node: Node, /) -> object:
        """Return the value, or ABSENT after noting why there is none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """What a key holds, and what its lack means.

    With a question, the lack is an open question, and the default, if there is one,
    stands in meanwhile. Without a question, the lack is a problem unless there is a
    default.
    """

    read: "Reader"
    question: str = ""
    default: object = ABSENT

    def lacks(self, node: Node | None) -> bool:
        """Return whether a node gives no answer; optional text may be anything."""
        optional = not self.question and self.default is not ABSENT
        return node is None or is_null(node) or (not optional and is_placeholder(node))


@dataclass(frozen=True, slots=True)
class Record:
    """Reads a mapping with known keys."""

    build: Callable[..., object]
    fields: Mapping[str, Field]

    @property
    def expected(self) -> str:
        """The keys it knows."""
        return f"a mapping with the keys {', '.join(self.fields)}"

    def __call__(
        self, reading: Reading, key: str, node: Node | None, /, **given: object
    ) -> object:
        """Return the built value; without a node, ask all its questions."""
        entries: dict[str, Node] | None = {}
        if not (node is None or is_null(node) or is_placeholder(node)):
            entries = reading.entries(key, node, expected=self.expected)
        if entries is None:
            return ABSENT
        meant = self._refuse_unknown(reading, key, entries)
        values = dict(given)
        for name, field in self.fields.items():
            child = join(key, name)
            values[name] = (
                ABSENT
                if name in meant
                else _read_field(reading, child, field, entries.get(name))
            )
            reading.values[child] = values[name]
        if any(value is ABSENT for value in values.values()):
            return ABSENT
        return self.build(**values)

    def _refuse_unknown(
        self, reading: Reading, key: str, entries: Mapping[str, Node]
    ) -> set[str]:
        """Note each unknown key; return the known ones that were meant, if clear."""
        free = [name for name in self.fields if name not in entries]
        meant: set[str] = set()
        for name in (name for name in entries if name not in self.fields):
            meant.update(get_close_matches(name, free, n=1))
            reading.refuse(
                key,
                found=f"the unknown key {clipped(name)}",
                expected="a known one",
                advice=did_you_mean(name, free or self.fields),
                place=reading.places[join(key, name)],
            )
        return meant


@dataclass(frozen=True, slots=True)
class Listing:
    """Reads a list into a tuple, and refuses an item that comes twice."""

    item: Reader | Record
    expected: str

    def __call__(self, reading: Reading, key: str, node: Node, /) -> object:
        """Return the items; ABSENT if any of them is."""
        if not isinstance(node, SequenceNode):
            reading.refuse_node(key, node, expected=self.expected)
            return ABSENT
        items: list[object] = []
        for number, item_node in enumerate(node.value):
            child = f"{key}[{number}]"
            reading.places[child] = place_of(item_node.start_mark)
            item = self.item(reading, child, item_node)
            if item is not ABSENT and item in items:
                first = reading.places[f"{key}[{items.index(item)}]"].line
                reading.refuse(
                    child,
                    found=f"{describe(item_node)} a second time",
                    expected="each item once",
                    advice=f"it stands in line {first}, too",
                )
            items.append(item)
        return ABSENT if ABSENT in items else tuple(items)


@dataclass(frozen=True, slots=True)
class Named:
    """Reads a mapping from names that the author chose to records that know theirs."""

    record: Record
    expected: str

    def __call__(self, reading: Reading, key: str, node: Node, /) -> object:
        """Return the records by name; ABSENT if any of them is."""
        entries = reading.entries(key, node, expected=self.expected)
        if entries is None:
            return ABSENT
        records: dict[str, object] = {}
        for name, item in entries.items():
            child = join(key, name)
            if not _NAME.fullmatch(name):
                reading.refuse(
                    key,
                    found=f"the name {clipped(name)}",
                    expected="a letter, then letters, digits, '_' or '-'",
                    place=reading.places[child],
                )
                records[name] = ABSENT
            else:
                records[name] = self.record(reading, child, item, name=name)
                reading.values[child] = records[name]
        return ABSENT if ABSENT in records.values() else records


def _read_field(reading: Reading, key: str, field: Field, node: Node | None) -> object:
    """Return a field's value, or its default where the question is open."""
    if isinstance(field.read, Record):
        value = field.read(reading, key, node)
        return field.default if value is ABSENT else value
    if node is not None and not field.lacks(node):
        return field.read(reading, key, node)
    if field.question:
        reading.ask(key, field.question, needed=field.default is ABSENT)
    elif field.default is ABSENT:
        parent, _, name = key.rpartition(".")
        reading.refuse(parent, found=f"no {name!r}", expected=field.read.expected)
    return field.default
