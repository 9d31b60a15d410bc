"""The suite of planted faults is what it says it is, and each is caught."""

import ast
from dataclasses import replace

import pytest
from faults.catalogue import CLEAN, ENTRIES, FAULTS
from faults.entry import Entry
from faults.page import page
from faults.suite import Played, notebook_text

from toolkit.reproduce.diagnosis.cells import cell_tree
from toolkit.reproduce.notebook import parse_notebook

names = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


def test_there_are_enough_and_each_is_told_apart() -> None:
    assert len(FAULTS) >= 60
    assert len(CLEAN) >= 40
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES)


@names
def test_what_is_expected_can_be_found(entry: Entry) -> None:
    """The blamed cell is there, holds the blamed line, and all of it is Python."""
    notebook = parse_notebook(notebook_text(entry).encode(), path="nb.ipynb")
    assert all(cell_tree(cell.source).body for cell in notebook.code)
    for name, content in entry.files.items():
        if name.endswith(".py") and isinstance(content, str):
            ast.parse(content)
    if entry.cell is not None:
        assert entry.line in entry.cells[entry.cell].source
    else:
        texts = [text for text in entry.files.values() if isinstance(text, str)]
        assert any(entry.line in text for text in (*texts, ""))
    assert bool(entry.causes) == entry.is_fault


def test_the_page_counts_misses_and_flags() -> None:
    missed = Played(
        entry=FAULTS[0], caught=None, said="", cause=False, cell=None, line=False
    )
    text = page([missed, replace(missed, entry=CLEAN[0], caught="verify")])
    assert "0 of 1 faults are caught" in text
    assert "1 is flagged" in text
    assert "**broke**" in text
    assert "**flagged**" in text
