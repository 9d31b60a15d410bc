"""Names that are not there when a fresh kernel goes from top to bottom."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linted import hits, told

from toolkit.lint.rules_order import RULES

CALLS_EARLY = "def half():\n    return total / 2"


@pytest.mark.parametrize(
    ("code", "cells", "place"),
    [
        pytest.param("ORD101", ["print(outliers)"], (0, 1, 6), id="plainly"),
        pytest.param("ORD101", ["é = 'é' + x"], (0, 1, 10), id="columns count letters"),
        pytest.param("ORD101", ["1", "[a for a in xs]"], (1, 1, 12), id="first source"),
        pytest.param("ORD101", ["f = lambda a: a + b"], (0, 1, 18), id="lambda"),
        pytest.param(
            "ORD101", ["def f():\n    return b", "f()"], (0, 2, 11), id="function"
        ),
        pytest.param("ORD101", ["class A:\n    x = b", "A"], (0, 2, 8), id="class"),
        pytest.param("ORD101", ["n += 1"], (0, 1, 0), id="increment"),
        pytest.param("ORD101", ["n: int", "print(n)"], (1, 1, 6), id="only annotated"),
        pytest.param(
            "ORD101", ["%%writefile a.py\nn = 1", "print(n)"], (1, 1, 6), id="not here"
        ),
        pytest.param("ORD102", ["print(n)", "n = 1"], (0, 1, 6), id="later cell"),
        pytest.param("ORD102", ["print(n)\nn = 1"], (0, 1, 6), id="later line"),
        pytest.param("ORD102", ["n = n + 1", "n = 1"], (0, 1, 4), id="by itself"),
        pytest.param(
            "ORD102", [CALLS_EARLY, "half()", "total = 1"], (1, 1, 0), id="called"
        ),
        pytest.param(
            "ORD102",
            [CALLS_EARLY, "def twice():\n    return half()\ntwice()", "total = 1"],
            (1, 3, 0),
            id="called through another",
        ),
        pytest.param("ORD103", ["n = 1", "del n", "print(n)"], (2, 1, 6), id="deleted"),
    ],
)
def test_what_is_missing_is_found_at_its_place(
    code: str, cells: list[str], place: tuple[int, int, int]
) -> None:
    found = hits(RULES, code, *cells)
    assert [(hit.cell, hit.line, hit.column) for hit in found] == [place]


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(["from numpy import *", "print(arange(3))"], id="star"),
        pytest.param(["%run prepare.py", "print(units)"], id="run"),
        pytest.param(["exec('n = 1')", "print(n)"], id="exec"),
        pytest.param(["globals()['n'] = 1", "print(n)"], id="globals"),
        pytest.param(["globals().update({'n': 1})", "print(n)"], id="update"),
        pytest.param(["get_ipython().push({'n': 1})", "print(n)"], id="push"),
        pytest.param(["get_ipython().run_line_magic('run', 'a.py')", "n"], id="called"),
        pytest.param(["%%bash --out text\ndate", "print(text)"], id="shell"),
        pytest.param(["%%capture text\nprint(1)", "print(text)"], id="capture"),
        pytest.param(["%%R -o rows\nrows <- 1", "print(rows)"], id="R"),
        pytest.param(["%sql rows << select 1", "print(rows)"], id="sql"),
        pytest.param(["files = !ls", "print(files)"], id="command"),
        pytest.param(["print 'old'\nn = 1", "print(n)"], id="no Python that we read"),
        pytest.param(["try:\n    n\nexcept NameError:\n    n = 1"], id="guarded"),
        pytest.param(["if False:\n    print(n)"], id="never"),
        pytest.param(["def f():\n    return n"], id="a function that nobody calls"),
        pytest.param(
            [CALLS_EARLY, "total = 1", "half()"], id="set before it is called"
        ),
        pytest.param(
            ["def f(deep):\n    if deep:\n        return n", "f(0)", "n = 1"],
            id="perhaps not read",
        ),
        pytest.param(
            ["def f():\n    yield n", "rows = f()", "n = 1", "list(rows)"],
            id="generator",
        ),
        pytest.param(
            ["import dask\n@dask.delayed\ndef f():\n    return n", "f()", "n = 1"],
            id="decorated",
        ),
        pytest.param(
            ["for i in range(2):\n    if i:\n        print(n)\n    n = i"], id="loop"
        ),
        pytest.param(["print([y for x in [[1]] for y in x])"], id="nested"),
        pytest.param(["f = lambda *a, **k: (a, k)"], id="lambda's own"),
        pytest.param(["f = lambda: n", "n = 1", "f()"], id="lambda, later"),
        pytest.param(["print((n := 3) + n)"], id="walrus"),
        pytest.param(["class A:\n    x = 1\n    y = x", "A"], id="class's own"),
        pytest.param(["class A:\n    def f(self):\n        return A", "A"], id="self"),
        pytest.param(["def f():\n    global n\n    n = 1", "f()", "n"], id="global"),
        pytest.param(["display(get_ipython(), In, __name__)"], id="IPython's own"),
        pytest.param(["# [tags: raises-exception]\nprint(n)"], id="may fail"),
        pytest.param(["# [tags: parameters]\nn: int", "print(n)"], id="required"),
        pytest.param(["n = 1\ndel n\nn = 2", "n"], id="set again"),
        pytest.param(["%%timeit a = [1]\nsum(a)"], id="set up for timing"),
        pytest.param(["ls"], id="automagic"),
        pytest.param(["1", "print(_1, _i1)"], id="history: another rule's"),
        pytest.param(["if len([1]):\n    dbutils.fs.cp()"], id="only on a platform"),
        pytest.param(["text = '%s' \\\n    % 3", "print(text)"], id="no magic"),
    ],
)
def test_what_may_be_there_is_not_flagged(cells: list[str]) -> None:
    assert [hit for rule in RULES for hit in hits(RULES, rule.code, *cells)] == []


def test_a_name_is_told_once_and_where_it_is_set() -> None:
    cells = ("print(total)", "print(total)", "total = 4")
    assert told(RULES, "ORD102", *cells) == [
        "'total' is read before anything sets it: that happens in cell 3"
    ]


def test_the_names_of_a_star_are_known_where_the_project_has_the_module() -> None:
    files = {"pump.py": "import json\n\nLEVEL = 3\n"}
    cells = ("from pump import *", "print(LEVEL, json, PRESSURE)")
    (hit,) = hits(RULES, "ORD101", *cells, files=files)
    assert "'PRESSURE'" in hit.what


@settings(deadline=None, max_examples=50)
@given(order=st.permutations(range(5)))
def test_a_chain_is_flagged_exactly_if_a_link_stands_above_what_it_reads(
    order: list[int],
) -> None:
    """Cell i reads what cell i - 1 sets."""
    cells = [f"n{i} = n{i - 1} + 1" if i else "n0 = 1" for i in order]
    early = {i - 1 for i in order if i and order.index(i) < order.index(i - 1)}
    found = told(RULES, "ORD102", *cells)
    assert {what.split("'")[1] for what in found} == {f"n{i}" for i in early}
    assert told(RULES, "ORD101", *cells) == []
