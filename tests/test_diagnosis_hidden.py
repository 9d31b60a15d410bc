from typing import NamedTuple

import pytest

from notebooks import cell, parsed
from toolkit.reproduce.diagnosis import stale_names


class Stale(NamedTuple):
    name: str
    cells: tuple[str, ...]  # the second one fails
    found: tuple[tuple[str, int], ...] = ()
    line: int | None = None


TABLE = (
    Stale("used later", ("n = 1", "n = int('x')", "print(n)"), (("n", 2),)),
    Stale("nobody uses it", ("n = 1", "m = int('x')", "print(n)")),
    Stale("bound anew before it is used", ("n = 1", "n = int('x')", "n = 2\nprint(n)")),
    Stale(
        "perhaps bound anew",
        ("n = 1", "n = int('x')", "if a:\n    n = 2", "n"),
        (("n", 3),),
    ),
    Stale("a call that shows an error", ("df = load()", "check(df)", "df.head()")),
    Stale("a method that changes nothing", ("m = M()", "m.predict(X)", "m.fit(X)")),
    Stale("a comparison", ("n = 1", "assert n == 2", "print(n)")),
    Stale(
        "a list that is added to",
        ("rows = []", "rows.append(1 / 0)", "len(rows)"),
        (("rows", 2),),
    ),
    Stale("a column", ("df = load()", "df['a'] = f(df)", "df.sum()"), (("df", 2),)),
    Stale("an attribute", ("a = A()", "a.b = 1 / 0", "a.b"), (("a", 2),)),
    Stale("a fit", ("m = M()", "m.fit(X)", "m.predict(X)"), (("m", 2),)),
    Stale(
        "in place",
        ("df = f()", "df.dropna(inplace=True)", "df.sum()"),
        (("df", 2),),
    ),
    Stale("out", ("import numpy as np", "np.add(a, b, out=c)", "c"), (("c", 2),)),
    Stale("a loop", ("t = 0", "for x in 1, 0:\n    t += 1 / x", "t"), (("t", 2),)),
    Stale("an import", ("a = 1", "import nothing as np", "np.sum(a)"), (("np", 2),)),
    Stale("a function", ("a = 1", "1 / 0\ndef f(): pass", "f()"), (("f", 2),)),
    Stale(
        "used inside a function",
        ("n = 1", "n = int('x')", "def f():\n    return n"),
        (("n", 2),),
    ),
    Stale(
        "a function's own name",
        ("n = 1", "n = int('x')", "def f(n):\n    return n"),
    ),
    Stale(
        "a function that changes what it is given",
        ("def add(rows):\n    rows.append(1)\nrows = []", "add(rows)", "len(rows)"),
        (("rows", 2),),
    ),
    Stale(
        "a function that does not",
        ("def see(rows):\n    return len(rows)\nrows = []", "see(rows)", "len(rows)"),
    ),
    Stale(
        "shuffled", ("import random", "random.shuffle(a)", "print(a[0])"), (("a", 2),)
    ),
    Stale("what was done before the line", ("", "a = 1\nb = 1 / 0", "a"), (), 2),
    Stale("and after it", ("", "a = 1\nb = 1 / 0", "b"), (("b", 2),), 2),
    Stale("no Python", ("a = 1", "%%bash\nfalse", "a")),
)


@pytest.mark.parametrize("case", TABLE, ids=[case.name for case in TABLE])
def test_what_a_failed_cell_left_undone(case: Stale) -> None:
    first, second, *rest = case.cells
    notebook = parsed(first, cell(second, "raises-exception"), *rest)
    found = stale_names(notebook, {1: case.line or "ValueError"})
    assert found == tuple((1, name, user) for name, user in case.found)


def test_several_failures_are_told_in_order() -> None:
    notebook = parsed("a = 1 / 0", "b = 1 / 0", "print(b)", "print(a)")
    assert stale_names(notebook, {1: None, 0: None}) == ((0, "a", 3), (1, "b", 2))


def test_nothing_failed_nothing_stale() -> None:
    assert stale_names(parsed("a = 1", "a"), {}) == ()
