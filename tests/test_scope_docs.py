"""docs/scope.md names every key there is, and no other."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

from toolkit.scope.reading import ABSENT
from toolkit.scope.records import Field, Listing, Named, Record
from toolkit.scope.schema import SCOPE

DOCS = (Path(__file__).parent.parent / "docs" / "scope.md").read_text("utf-8")
ROWS = [line.split(" | ") for line in DOCS.splitlines() if line.startswith("| `")]
RULED = {"tables.*.time", "tables.*.values"}  # required or not by the table's role


def leaves(record: Record, prefix: str = "") -> Iterator[tuple[str, Field]]:
    for name, field in record.fields.items():
        key, reader = f"{prefix}{name}", field.read
        if isinstance(reader, Named):
            yield from leaves(reader.record, f"{key}.*.")
        elif isinstance(reader, Listing) and isinstance(reader.item, Record):
            yield from leaves(reader.item, f"{key}[].")
        elif isinstance(reader, Record):
            yield from leaves(reader, f"{key}.")
        else:
            yield key, field


def records(record: Record) -> Iterator[Record]:
    yield record
    for field in record.fields.values():
        reader = field.read
        if isinstance(reader, Named):
            reader = reader.record
        elif isinstance(reader, Listing):
            reader = reader.item
        if isinstance(reader, Record):
            yield from records(reader)


def test_every_key_has_a_row_and_every_row_a_key() -> None:
    named = [key for row in ROWS for key in re.findall(r"`([^`]+)`", row[0])]
    assert sorted(named) == sorted(key for key, _ in leaves(SCOPE))


def lack(key: str, field: Field) -> str:
    if not field.question:
        return "required" if field.default is ABSENT else "optional"
    top = SCOPE.fields[key.partition(".")[0]]
    needed = field.default is ABSENT and top.default is ABSENT
    return "**needed**" if needed else "a question"


def test_the_rows_say_what_a_lack_means() -> None:
    fields_by_key = dict(leaves(SCOPE))
    for row in ROWS:
        for key in re.findall(r"`([^`]+)`", row[0]):
            said = lack(key, fields_by_key[key])
            if key not in RULED:
                assert said in row[2], key


def test_the_keys_are_the_fields_of_the_values() -> None:
    for record in records(SCOPE):
        if is_dataclass(record.build):
            known = {field.name for field in fields(record.build)}
            given = {"name"} if "source" in record.fields else set()
            assert known == record.fields.keys() | given
