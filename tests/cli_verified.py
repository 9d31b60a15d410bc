"""The verb that verifies, with executions that are made up."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from verified import Behaviour, Came, Fake

from toolkit.cli import verify
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.records.store import METRICS, RECORD

SAME = Came(shown={2: "2"}, metrics={"accuracy": (1, 0.9)})
WORSE = replace(SAME, metrics={"accuracy": (1, 0.8)})
Verify = Callable[..., int]


def verify_in(project: Path) -> Verify:
    """Call the verb with executions that behave like that."""
    assert project.exists()

    def call(*arguments: str, behaviour: Behaviour = lambda _, __: SAME) -> int:
        return verify.run(parsed_of(arguments), Fake(behaviour))

    return call


def parsed_of(arguments: Sequence[str]) -> Namespace:
    parser = ArgumentParser()
    verify.add_parser(parser.add_subparsers())
    return parser.parse_args(["verify", *arguments])


def worse_by_clock(names: frozenset[str], _: int) -> Came:
    return WORSE if "clock" in names else SAME


def rewrite(project: Path, record: Record) -> None:
    folder = project / "runs" / record.run
    (folder / RECORD).write_bytes(record.to_json())
    (folder / METRICS).write_text(json.dumps(record.metrics))
