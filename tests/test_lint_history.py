"""The session's memory: history, magics, cells that take away twice."""

import pytest
from linted import told

from toolkit.lint.rules_history import RULES


@pytest.mark.parametrize(
    ("code", "cells", "word"),
    [
        ("ORD201", ["import os", "n = _ / 2"], "`_`"),
        ("ORD201", ["1", "n = Out[1]"], "`Out`"),
        ("ORD201", ["1", "n = _1"], "`_1`"),
        ("ORD201", ["print(1)", "n = _"], "`_`"),
        ("ORD301", ["%store -r weights", "weights"], "'weights'"),
        ("ORD301", ["%store -r"], "whatever was stored"),
        ("ORD301", ["get_ipython().run_line_magic('store', '-r n')"], "'n'"),
        ("ORD302", ["%load helpers.py"], "%load helpers.py"),
        ("ORD303", ["%run prepare.py", "print(units)"], "'units' comes only from"),
        ("ORD304", ["%pylab inline"], "numpy and pyplot"),
        ("ORD305", ["from numpy import *"], "`from numpy import *`"),
        ("ORD306", ["exec('n = 1')", "print(n)"], "'n' can come only from"),
        ("ORD401", ["t = {'a': 1}", "t.pop('a')"], "pops the same from 't'"),
        ("ORD401", ["t = f()", "t = t.drop('a', axis=1)"], "drops the same"),
        ("ORD401", ["t = f()", "t.set_index('a', inplace=True)"], "the index"),
        ("ORD401", ["t = {'a': 1}", "del t['a']"], "deletes"),
        ("ORD401", ["n = 1", "n += 1"], "changes the number"),
    ],
)
def test_what_depends_on_the_session_is_found(
    code: str, cells: list[str], word: str
) -> None:
    (what,) = told(RULES, code, *cells)
    assert word in what


@pytest.mark.parametrize(
    ("code", "cells"),
    [
        ("ORD201", ["1 + 1", "print(_)"]),
        ("ORD201", ["%%timeit -o\n1 + 1", "spent = _"]),
        ("ORD201", ["for _ in range(3):\n    print(_)"]),
        ("ORD201", ["from gettext import gettext as _", "print(_('a'))"]),
        ("ORD201", ["f = lambda _: _"]),
        ("ORD301", ["weights = [1]", "%store weights"]),
        ("ORD301", ["n = 1", "%store -r n"]),
        ("ORD302", ["%load?"]),
        ("ORD303", ["%run tests.py", "print(1)"]),
        ("ORD306", ["print(eval('n', globals()))", "print(m)"]),
        ("ORD306", ["exec('print(1)')", "print(2)"]),
        ("ORD306", ["exec('n = 1', names)", "print(2)"]),
        ("ORD401", ["t = {'a': 1}\nt.pop('a')"]),
        ("ORD401", ["t = f()", "t = t.drop('a', axis=1, errors='ignore')"]),
        ("ORD401", ["t = f()", "t = t.drop(gone, level='day')"]),
        ("ORD401", ["t = f()", "t = t.drop([c for c in t.columns if c], axis=1)"]),
        ("ORD401", ["t = f()", "t['a'] = 1\ndel t['a']"]),
        ("ORD401", ["level = 4", "level = level / 2"]),
        ("ORD401", ["n = 0", "for x in [1, 2]:\n    n += 1"]),
        ("ORD401", ["rows = []", "rows.append(1)"]),
    ],
)
def test_what_does_not_is_left_alone(code: str, cells: list[str]) -> None:
    assert told(RULES, code, *cells) == []
