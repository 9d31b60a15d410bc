from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import toolkit
from notebooks import parsed
from toolkit.reproduce.diagnosis import diagnose, stale_names, static_suspicion
from toolkit.reproduce.diagnosis.cells import cell_tree
from toolkit.reproduce.diagnosis.draws import DRAWING, SOMETIMES, WITH_OPTION
from toolkit.reproduce.variation import NAMES

LINES = (
    "%matplotlib inline", "!ls -la", "x = !date", "%%time", "%%bash", "x = %pwd",
    "for a in set(b):", "    c.append(a)", "        return c",
    "def f(a, *b, c=None, **d):", "class A(B):",
    "    def g(self): self.x = set(self.y)", "x = f(x)", "f(f)", "x.y.z",
    "a, (b, *c) = d", "(a := b)", "del x, y[0], z.w", "import os.path as p, random",
    "from random import *", "from . import x", "from .. import *", "lambda: (yield)",
    "with a as b, c as (d, e):", "try:", "except* E as e:", "finally:", "match x:",
    "    case {'a': b, **c}:", "    case [a, *b] | A(c=d) as e:", "global x",
    "async def h():", "    await x", "    async for y in z: pass",
    "x = {**a, 'b': {c}}", "x = [*{*a}]", "f'{x!r:>{y}n}'", "x = list(set(x))",
    "while x: x -= 1", "x: set[int] = set()", "?", "x?", "print(x", "'''", "\\", "\t",
    "x = {y: {z} for y in w for z in y if z}", "return", "x = x = x", "x += {x}",
    "x = sorted(x, key=lambda v: -v)", "os.environ[x]", "yield x",
)  # fmt: skip
CULPRITS = st.sampled_from([*NAMES, "entropy", "", "new"])
CELL = st.lists(st.sampled_from(LINES), max_size=8).map("\n".join)
ANY = st.text(max_size=200) | CELL


def everything(cells: list[str], file: str, names: list[str], culprit: str) -> None:
    notebook = parsed(*cells)
    found = diagnose(
        notebook,
        {"m/__init__.py": file, "m/x.py": file, "odd": file},
        cell=len(cells) - 1 if cells else None,
        names=names,
        culprits=frozenset(filter(None, [culprit])),
        witnesses=(),
    )
    code = [c for c in notebook.code if c.index == len(cells) - 1]
    assert found or not code
    for suspect in found:
        lines = suspect.source.split("\n")
        assert len(lines) == 1
        assert suspect.line >= 1
    assert set(static_suspicion(notebook, {"m/__init__.py": file})) == set(NAMES)
    stale_names(notebook, dict.fromkeys(range(len(cells))))


@settings(deadline=None, max_examples=150)
@given(st.lists(ANY, max_size=4), ANY, st.lists(st.sampled_from("abcx")), CULPRITS)
def test_no_source_is_too_strange(
    cells: list[str], file: str, names: list[str], culprit: str
) -> None:
    everything(["from m import *\nimport m.x as x", *cells], file, names, culprit)


@settings(deadline=None, max_examples=100)
@given(CELL)
def test_replaced_lines_keep_their_numbers(source: str) -> None:
    tree = cell_tree(source)
    rows = source.split("\n")
    assert all(0 < node.lineno <= len(rows) for node in tree.body)


@pytest.mark.parametrize(
    ("source", "number", "word"),
    [
        pytest.param("!ls\n%cd ..\nx = 1", 3, "x", id="magics"),
        pytest.param("%%time\n\nx = 1", 3, "x", id="cell-magic"),
        pytest.param("a = (1\n  % 2)\nx = 1", 3, "x", id="a-percent-that-is-none"),
        pytest.param("t = '''\n%d\n!s\n'''\nx = 1", 5, "x", id="in-a-text"),
        pytest.param("%time x = 1", 1, "x", id="timed"),
        pytest.param("a = !ls\nx = 1", 2, "x", id="captured"),
        pytest.param("x?\nx = 1", 2, "x", id="help"),
    ],
)
def test_lines_of_ipython_are_replaced_in_place(
    source: str, number: int, word: str
) -> None:
    last = cell_tree(source).body[-1]
    assert last.lineno == number
    assert source.split("\n")[number - 1].find(word) >= 0


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("x = " + "(" * 150 + "1" + ")" * 150, id="parentheses"),
        pytest.param("x = " + "+".join(["a"] * 3000), id="sum"),
        pytest.param("x = a" + ".b()" * 1500, id="chain"),
        pytest.param("x = " + "[" * 90 + "set(a)" + "]" * 90, id="lists"),
        pytest.param(
            "\n".join(f"x{n} = x{n - 1}" for n in range(1, 3000)), id="copies"
        ),
        pytest.param("def f(a):\n    return f(f(a))\nx = f(set(b))", id="recursion"),
        pytest.param(
            "\n".join(
                f"def f{n}(a):\n    return f{n + 1}(f{n + 1}(a))" for n in range(60)
            )
            + "\nx = list(f0(set(b)))",
            id="many-calls",
        ),
    ],
)
def test_what_is_deep_or_goes_in_circles_ends(source: str) -> None:
    everything(["import os", source], source, ["x"], "hash-seed")


def test_a_megabyte_is_read() -> None:
    paths = sorted(Path(toolkit.__file__).parent.rglob("*.py"))
    sources = [path.read_text("utf-8") for path in paths]
    sources *= -(-1_000_000 // sum(map(len, sources)))
    cells, size = [], 0
    for source in sources:
        if size < 1_000_000:
            cells.append(source)
            size += len(source)
    notebook = parsed(*cells)
    diagnose(
        notebook,
        {},
        cell=len(cells) - 1,
        names=(),
        culprits=frozenset(("hash-seed",)),
        witnesses=(),
    )


def test_every_estimator_that_draws_is_known() -> None:
    """What takes ``random_state`` in scikit-learn is in one of three lists, or safe."""
    from inspect import signature  # noqa: PLC0415 -- slow, as the next

    from sklearn.utils import all_estimators  # noqa: PLC0415

    drawing = {
        name
        for name, kind in all_estimators()
        if "random_state" in signature(kind).parameters
    }
    safe = {"LogisticRegression"}  # with its default solver
    assert drawing - DRAWING - SOMETIMES - WITH_OPTION.keys() - safe == set()
