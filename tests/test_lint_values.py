"""A value matters where it reaches a result, and only there."""

import ast

import pytest
from values_linted import RULES, codes, hits

from notebooks import parsed
from toolkit.lint.model import Rule, Subject

NUMPY = "import numpy as np\nx = np.random.rand(9)"
CLOCK = "from datetime import datetime\nnow = datetime.now()"
TICK = "import time\nbegun = time.time()"
NAMES = "names = {'north', 'south'}"
FOREST = "from sklearn.ensemble import RandomForestClassifier as F\nmodel = F()"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        pytest.param((NUMPY, "y = x + 1", "y.sum()"), "RND101", id="last expression"),
        pytest.param((NUMPY, "model.fit(x, y)"), "RND101", id="fitted"),
        pytest.param((NUMPY, "ax.plot(x)\nprint(1)"), "RND101", id="drawn"),
        pytest.param((NUMPY, "np.save('a.npy', x)\n1"), "RND101", id="written"),
        pytest.param((NUMPY, "frame['x'] = x", "frame"), "RND101", id="in a column"),
        pytest.param((NUMPY, "y = []\ny.append(x)", "y"), "RND101", id="in a list"),
        pytest.param((NUMPY, "assert x.sum() == 3.5"), "RND101", id="asserted"),
        pytest.param(
            ("import random\ndef f():\n    return random.random()", "f()"),
            "RND101",
            id="returned",
        ),
        pytest.param(
            (NUMPY, "def f(a):\n    b = a * 2\n    return b", "f(x)"),
            "RND101",
            id="through a function",
        ),
        pytest.param(
            (NUMPY, "if x[0] > 0.5:\n    n = 1\nelse:\n    n = 2", "print(n)"),
            "RND101",
            id="decides",
        ),
        pytest.param(
            (
                ("import random\nclass A:\n    def __init__(self):\n"
                "        self.n = random.random()\n    def get(self):\n"
                "        return self.n"),
                "A().get()",
            ),
            "RND101",
            id="kept on an object",
        ),
        pytest.param(
            ("import random\nrandom.shuffle(rows)\ntest = rows[:9]", "sorted(test)"),
            "RND101",
            id="a part of what is shuffled",
        ),
        pytest.param((FOREST, "model.fit(x, y)"), "RND104", id="estimator"),
        pytest.param(
            (f"{FOREST}\nfrom sklearn.pipeline import make_pipeline",
             "whole = make_pipeline(model)", "whole.fit(x, y);"),
            "RND104",
            id="in a pipeline",
        ),
        pytest.param((CLOCK, "age = now.year - 1970", "age"), "SUR101", id="clock"),
        pytest.param((CLOCK, "print(f'Sales, {now}')"), "SUR101", id="in a title"),
        pytest.param(
            (TICK, "n = 0\nwhile time.time() < begun + 1:\n    n += 1", "n"),
            "SUR101",
            id="stops a loop",
        ),
        pytest.param(
            (TICK, ("from toolkit import publish\n"
             "publish.metric('s', time.time() - begun)")),
            "SUR101",
            id="duration published",
        ),
        pytest.param((NAMES, "list(names)"), "ARB101", id="set"),
        pytest.param((NAMES, "for n in names:\n    print(n)"), "ARB101", id="loop"),
        pytest.param(
            ("import os\nprint(os.environ['USERS'])",), "SUR107", id="variable"
        ),
        pytest.param(("%cd ..",), "SUR204", id="cd"),
        pytest.param(("!date",), "SUR110", id="command"),
    ],
)  # fmt: skip
def test_what_reaches_a_result_is_told(cells: tuple[str, ...], code: str) -> None:
    assert code in codes(*cells)


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param((NUMPY, "print(x.shape, len(x))"), id="its size"),
        pytest.param((NUMPY, "x = 3", "x"), id="bound anew"),
        pytest.param((NUMPY, "print(np.allclose(x, x))"), id="a property"),
        pytest.param((NUMPY, "%timeit x.sum()"), id="timed"),
        pytest.param(
            ("import numpy as np\nnp.random.seed(0)", "np.random.rand(2)"), id="seeded"
        ),
        pytest.param((FOREST, "model"), id="an estimator that is only shown"),
        pytest.param((FOREST, "model.get_params"), id="its parameters"),
        pytest.param((CLOCK, "print(now)"), id="a stamp"),
        pytest.param((CLOCK, "print('Finished at', now)"), id="a line of a log"),
        pytest.param((CLOCK, "import logging\nlogging.info(now)"), id="logged"),
        pytest.param((TICK, "print(time.time() - begun)"), id="elapsed"),
        pytest.param((TICK, "f'{time.time() - begun:.1f}'"), id="elapsed, shown"),
        pytest.param((CLOCK, "frame.to_csv(f'out-{now}.csv')"), id="in a file's name"),
        pytest.param((NAMES, "'north' in names"), id="membership"),
        pytest.param((NAMES, "sorted(names)"), id="sorted"),
        pytest.param((NAMES, "y = list(names)\ny.sort()", "y"), id="sorted in place"),
        pytest.param((NAMES, "len(names)"), id="counted"),
        pytest.param((NAMES, "max(names, key=lambda n: (len(n), n))"), id="whole key"),
        pytest.param(
            ("import os\nos.environ['N'] = '1'", "print(os.environ['N'])"),
            id="set by itself",
        ),
        pytest.param(
            ("import os\nprint(load(os.environ.get('DATA_DIR', 'data')))",), id="a path"
        ),
        pytest.param(
            (("import os\nfrom joblib import Parallel\n"
             "Parallel(n_jobs=os.cpu_count())(jobs)"),),
            id="workers",
        ),
        pytest.param(("import os\nprint(os.getcwd())",), id="the folder, printed"),
        pytest.param(
            (("import torch\nmodel = torch.nn.Linear(2, 1)\n"
             "model.load_state_dict(kept)\nprint(model(x))"),),
            id="weights that were kept",
        ),
    ],
)  # fmt: skip
def test_what_reaches_no_result_is_not_told(cells: tuple[str, ...]) -> None:
    assert codes(*cells) == set()


def test_a_file_of_the_project_is_told_where_it_gets_into_a_cell() -> None:
    files = {
        "smooth.py": "import random\n\ndef jitter():\n    return random.random()\n"
    }
    cells = ("import smooth", "n = 3\ny = smooth.jitter()", "y")
    ((rule, hit),) = hits(*cells, files=files)
    assert (rule.code, hit.cell, hit.line) == ("RND101", 1, 2)
    assert hit.what.startswith("smooth.py, line 4: `random.random()`")
    assert hit.what.endswith("and is shown in cell 2, line 1")


@pytest.mark.parametrize(
    ("cell", "after"),
    [
        (
            "import os\nü = os.listdir('ä')\nü",
            "import os\nü = sorted(os.listdir('ä'))\nü",
        ),
        (
            "import glob\nprint(glob.glob(\n    '*.csv'\n)[0])",
            "import glob\nprint(sorted(glob.glob(\n    '*.csv'\n))[0])",
        ),
        ("t = open('ä').read()", "t = open('ä', encoding=\"utf-8\").read()"),
        ("t = open('a', mode='r',)", "t = open('a', mode='r', encoding=\"utf-8\",)"),
        (
            "from pathlib import Path\nt = Path('a').read_text()",
            "from pathlib import Path\nt = Path('a').read_text(encoding=\"utf-8\")",
        ),
    ],
)
def test_an_edit_mends_what_it_was_made_for(cell: str, after: str) -> None:
    ((_, hit),) = hits(cell)
    assert hit.edit is not None
    assert (hit.edit.before, hit.edit.after) == (cell, after)
    assert hits(after) == ()


def test_no_edit_is_offered_where_it_would_not_be_safe() -> None:
    cell = "import os\nfor entry in os.scandir('a'):\n    print(entry)"
    assert [hit.edit for _, hit in hits(cell)] == [None]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_examples_are_python_and_hit_their_rule_alone(rule: Rule) -> None:
    assert rule.code in {found.code for found, _ in hits(*rule.bad)}
    assert codes(*rule.good) == set()
    assert not list(rule.check(Subject(notebook=parsed(*rule.good))))


@pytest.mark.parametrize("text", ["", "x =", "%%html\n<b>", "def f(:", "\x00", "!ls"])
def test_cells_that_are_no_python_are_passed_over(text: str) -> None:
    assert codes(text, NUMPY, "x") == {"RND101"}


def test_what_depends_on_itself_ends() -> None:
    loop = "\n".join(f"def f{n}(a):\n    return f{(n + 1) % 9}(a)" for n in range(9))
    assert codes(NUMPY, loop, "for _ in y:\n    x = f0(x)\n    y = x", "y")


def test_positions_count_characters() -> None:
    cell = "import random\nüü = random.random(); üü"
    ((_, hit),) = hits(cell)
    line = cell.split("\n")[hit.line - 1]
    assert ast.unparse(ast.parse(line[hit.column :].split(";")[0])) == "random.random()"
