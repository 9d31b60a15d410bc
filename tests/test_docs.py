"""What the docs tell people to type is what the program takes."""

import re
import shlex
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path

import pytest

from toolkit.cli import VERBS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md"))]
MODULES = {name: module for name, module, _ in VERBS}


def commands() -> list[tuple[str, str]]:
    """Every ``toolkit …`` in backticks, without those that show a choice."""
    found = [
        (page.name, text)
        for page in PAGES
        for text in re.findall(r"`toolkit ([^`]+)`", page.read_text("utf-8"))
        if "…" not in text and "[" not in text
    ]
    assert found
    return sorted(set(found))


@pytest.mark.parametrize(("page", "command"), commands())
def test_a_documented_command_is_taken(page: str, command: str) -> None:
    verb, *arguments = shlex.split(command)
    assert verb in MODULES, page
    parser = ArgumentParser()
    import_module(MODULES[verb]).add_parser(parser.add_subparsers())
    assert parser.parse_args([verb, *arguments]).run


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_linked_file_exists(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_named_files_exist() -> None:
    for page in PAGES:
        for name in re.findall(
            r"`((?:tests|docs|toolkit|benchmarks)/[\w./-]+)`", page.read_text("utf-8")
        ):
            assert (ROOT / name).exists(), f"{page.name}: {name}"
