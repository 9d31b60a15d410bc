import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notebooks import cell, content, parsed
from toolkit.errors import ToolkitError
from toolkit.reproduce.notebook import NotebookError, code_tree, parse_notebook

WHOLE = content(["n = 1", cell("text", kind="markdown")])


def test_a_notebook_is_its_cells() -> None:
    notebook = parsed(
        cell("# why", kind="markdown"), cell("n = 1\nn", "parameters"), " "
    )
    assert [c.kind for c in notebook.cells] == ["markdown", "code", "code"]
    assert notebook.cells[1].tags == ("parameters",)
    assert [c.source for c in notebook.code] == ["n = 1\nn"]
    assert (notebook.stem, notebook.kernel) == ("nb", "python3")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(json.dumps(json.loads(WHOLE), indent=4).encode(), id="layout"),
        pytest.param(WHOLE.replace(b'"n = 1"', b'"n = 1\\n"'), id="final-newline"),
        pytest.param(WHOLE.replace(b'["n = 1"]', b'"n = 1"'), id="text-or-list"),
        pytest.param(WHOLE.replace(b'"c0"', b'"x0"'), id="cell-id"),
        pytest.param(WHOLE.replace(b'count": null', b'count": 3'), id="count"),
        pytest.param(
            WHOLE.replace(b'"nbformat_minor": 5', b'"nbformat_minor": 4'), id="m"
        ),
        pytest.param(
            WHOLE.replace(b'"metadata": {}', b'"metadata": {"x": 1}'), id="meta"
        ),
        pytest.param(b"\xef\xbb\xbf" + WHOLE, id="byte-order-mark"),
    ],
)
def test_what_no_execution_sees_leaves_the_digest(other: bytes) -> None:
    same = parse_notebook(other, path="a.ipynb").digest
    assert same == parse_notebook(WHOLE, path="b.ipynb").digest


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(
            content(["n = 1  # one", cell("text", kind="markdown")]), id="note"
        ),
        pytest.param(content(["n = 1", cell("Text", kind="markdown")]), id="markdown"),
        pytest.param(
            content([cell("n = 1", "parameters"), cell("text", kind="markdown")]),
            id="tag",
        ),
        pytest.param(content([cell("text", kind="markdown"), "n = 1"]), id="order"),
    ],
)
def test_what_a_reader_sees_changes_the_digest(other: bytes) -> None:
    changed = parse_notebook(other, path="a.ipynb").digest
    assert changed != parse_notebook(WHOLE, path="a.ipynb").digest


@pytest.mark.parametrize(
    ("damaged", "message"),
    [
        pytest.param(b"", r"is empty \(0 bytes\); get it back from git", id="empty"),
        pytest.param(b" \n", r"is empty \(2 bytes\)", id="blank"),
        pytest.param(WHOLE[:60], "breaks off at line 1 column", id="truncated"),
        pytest.param(WHOLE[:100] + b'"', "breaks off|no JSON", id="cut-in-text"),
        pytest.param(b"print(1)", "is no JSON at line 1 column 1", id="script"),
        pytest.param(b"\x89PNG\xff", "is no notebook", id="picture"),
        pytest.param(b"[" * 100_000, "is no notebook", id="nested"),
        pytest.param(b"[1]", "is JSON but no notebook", id="list"),
        pytest.param(b'{"a": 1}', "is JSON but no notebook", id="mapping"),
        pytest.param(
            b'{"nbformat": 3, "worksheets": []}', "format 3, not 4; convert", id="v3"
        ),
        pytest.param(b'{"nbformat": 4}', "has no cells", id="no-cells"),
        pytest.param(
            WHOLE.replace(b'"code"', b'"sql"'),
            "cell 1 .* unknown type 'sql'",
            id="type",
        ),
        pytest.param(WHOLE.replace(b'["n = 1"]', b"7"), "cell 1 has no source", id="7"),
        pytest.param(
            content(["x <- 1"], language_info={"name": "R"}), "written in 'R'", id="r"
        ),
        pytest.param(
            content(["1"], kernelspec={"name": "julia-1.11", "language": "julia"}),
            "written in 'julia'; only Python",
            id="julia",
        ),
        pytest.param(
            content([cell("n = 2", "injected-parameters")]),
            "already executed with parameters",
            id="executed",
        ),
    ],
)
def test_what_is_no_python_notebook_is_refused_with_a_way_out(
    damaged: bytes, message: str
) -> None:
    with pytest.raises(NotebookError, match=f"^bad.ipynb: .*({message})"):
        parse_notebook(damaged, path="bad.ipynb")


@settings(max_examples=60, deadline=None)
@given(noise=st.binary(max_size=9), at=st.integers(0, 400), cut=st.integers(0, 30))
def test_damaged_bytes_are_read_or_refused(noise: bytes, at: int, cut: int) -> None:
    try:
        notebook = parse_notebook(
            WHOLE[:at] + noise + WHOLE[at + cut :], path="x.ipynb"
        )
    except ToolkitError:
        return
    assert len(notebook.digest) == 64
    assert notebook.needs == ()


def test_a_notebook_without_kernelspec_is_python() -> None:
    plain = json.loads(WHOLE) | {"metadata": None}
    notebook = parse_notebook(json.dumps(plain).encode(), path="a.ipynb")
    assert notebook.kernel == "python3"


@pytest.mark.parametrize(
    "source",
    [
        "from toolkit import upstream\nupstream.load('01-data')",
        "from toolkit import datasets, upstream as up\nx = up.require('01-data')",
        "from toolkit.upstream import load as read\nread(notebook='01-data').metrics",
        "import toolkit.upstream\ntoolkit.upstream.load('01-data')",
        "import toolkit.upstream as up\nif up.load('01-data').metrics: pass",
        "import toolkit\ntoolkit.upstream.load('01-data')",
        "%pylab\nfrom toolkit import upstream\nawait upstream.load('01-data')",
    ],
)
def test_needs_are_found_however_they_are_written(source: str) -> None:
    assert parsed(source).needs == ("01-data",)


@pytest.mark.parametrize(
    "source",
    [
        "from pandas import upstream\nupstream.load('01-data')",
        "from toolkit import upstream\nupstream.load(name)",
        "from toolkit import upstream\n# upstream.load('01-data')",
        "from toolkit import upstream\nupstream.load('a', 'b')",
        "%%bash\nupstream.load('01-data')",
        "this is no Python",
    ],
)
def test_what_is_no_literal_call_is_no_need(source: str) -> None:
    assert parsed(source).needs == ()


def test_an_import_in_one_cell_serves_the_next() -> None:
    notebook = parsed(
        "from toolkit import upstream",
        "upstream.load('b')\nupstream.load('a')\nupstream.load('b')",
    )
    assert notebook.needs == ("b", "a")


def test_lines_of_ipython_are_left_out_of_the_tree() -> None:
    tree = code_tree("!ls\nif 1:\n    %time x\ny = 2\nz?")
    assert tree is None
    assert code_tree("if 1:\n    %time x\ny = 2") is not None
    assert code_tree("x = '\0'") is None
