"""Parameters that do not do what whoever gives them believes."""

import pytest
from linted import hits, told

from toolkit.lint.rules_parameters import RULES

N = "# [tags: parameters]\nn: int = 3"


@pytest.mark.parametrize(
    ("code", "cells", "word"),
    [
        ("PAR101", ["a = 1\nb = 2\nc = 'x'", "print(a, b, c)"], "a, b, c"),
        ("PAR102", [N, N, "print(n)"], "as cell 1 is"),
        ("PAR103", [N + "\nn = 4", "print(n)"], "'n' is set again"),
        ("PAR103", ["# [tags: parameters]\nn = = 3"], "is no Python"),
        ("PAR104", [N + "\nlast = n + 1", "print(n, last)"], "from 'n'"),
        ("PAR104", [N + "\nprint(n)", "print(n)"], "`print(n)` is done"),
        (
            "PAR104",
            ["# [tags: parameters]\nimport os\nn = os.environ.get('N')", "print(n)"],
            "'n' is computed: `os.environ.get('N')`",
        ),
        ("PAR104", [N + "\nfor i in [1]:\n    pass", "n"], "`for i in"),
        ("PAR105", [N, "n = 5\nprint(n)"], "before anything has read it"),
        ("PAR105", [N, "from numpy import arange\nfor n in [1]:\n    n"], "'n'"),
        ("PAR106", [N, "print(n)\nfor n in [1]:\n    print(n)"], "the loop sets"),
        ("PAR106", [N, "print(n)", "n = 5\nprint(n)"], "does not count"),
        ("PAR107", [N, "print(1)"], "nothing reads the parameter 'n'"),
        (
            "PAR108",
            ["# [tags: parameters]\nhorizon_days = 3", "print(horizonDays)"],
            "'horizon_days' meant",
        ),
    ],
)
def test_what_is_wrong_with_parameters_is_found(
    code: str, cells: list[str], word: str
) -> None:
    (what,) = told(RULES, code, *cells)
    assert word in what


@pytest.mark.parametrize(
    ("code", "cells"),
    [
        ("PAR101", ["a = 1\nb = 2", "print(a, b)"]),
        ("PAR101", ["a = 1\nb = 2\nc = f()", "print(a, b, c)"]),
        ("PAR101", ["a = 1\nb = 2\nc = 3", "a = 4", "print(a, b, c)"]),
        ("PAR104", ["# [tags: parameters]\nfrom pathlib import Path\np = Path('a')"]),
        ("PAR104", ["# [tags: parameters]\nn = 60 * 60\nw: list[str] = ['a']\n'why'"]),
        ("PAR104", ["# [tags: parameters]\nimport os\np = os.path.join('a', 'b')"]),
        ("PAR105", [N, "print(n)", "n = 5"]),
        ("PAR106", [N, "n = n or 5\nprint(n)"]),
        ("PAR106", [N, "if n > 5:\n    n = 5\nprint(n)"]),
        ("PAR107", [N, "print('{n}')"]),
        ("PAR107", [N, "!train --days {n}"]),
        ("PAR107", [N, "%%bash -s $n\necho $1"]),
        ("PAR107", [N, "f = lambda: n"]),
        ("PAR107", [N, "print(locals())"]),
        ("PAR107", [N, "%run train.py"]),
        ("PAR107", ["# [tags: parameters]\nhorizon_days = 3", "print(horizn_days)"]),
        ("PAR108", [N, "print(m)"]),
        ("PAR108", ["# [tags: parameters]\nfold_1 = 3", "print(fold_2)"]),
    ],
)
def test_what_is_right_is_left_alone(code: str, cells: list[str]) -> None:
    assert told(RULES, code, *cells) == []


def test_every_parameter_that_is_overwritten_is_told_with_its_place() -> None:
    cells = ("# [tags: parameters]\na = 1\nb = 2", "x = 0\na = 3\nb = 4")
    found = hits(RULES, "PAR105", *cells)
    assert [(hit.cell, hit.line) for hit in found] == [(1, 2), (1, 3)]
