"""Failures and warnings that nobody would hear of, and ends that look like success."""

import pytest
from linted import hits, told

from toolkit.lint.rules_ends import RULES as ENDS
from toolkit.lint.rules_silence import RULES as SILENCE

RULES = (*SILENCE, *ENDS)
TRY = "try:\n    n = int(text)\nexcept{}:\n    {}"


@pytest.mark.parametrize(
    ("code", "cells"),
    [
        ("SIL101", [TRY.format("", "pass"), "print(n)"]),
        ("SIL101", [TRY.format(" Exception", "pass"), "print(n)"]),
        ("SIL101", [TRY.format(" (ValueError, Exception)", "..."), "print(n)"]),
        (
            "SIL101",
            ["rows = {}", "try:\n    rows['a'] = f()\nexcept:\n    pass", "rows"],
        ),
        (
            "SIL101",
            [
                "from contextlib import suppress",
                "with suppress(Exception):\n    n = int('x')",
                "print(n)",
            ],
        ),
        (
            "SIL101",
            ["def f(x):\n    try:\n        n = g(x)\n    except:\n        pass\n    n"],
        ),
        ("SIL102", ["n = 1", "# [tags: raises-exception]\nn = f()", "print(n)"]),
        ("SIL103", ["import warnings\nwarnings.filterwarnings('ignore')"]),
        ("SIL103", ["import warnings\nwarnings.simplefilter(action='ignore')"]),
        ("SIL103", ["from warnings import filterwarnings as f\nf('ignore')"]),
        ("SIL103", ["import numpy as np\nnp.seterr(all='ignore')"]),
        (
            "SIL103",
            ["import warnings\ndef f():\n    warnings.simplefilter('ignore')\nf()"],
        ),
        ("SIL103", ["import pandas as pd\npd.options.mode.chained_assignment = None"]),
        ("SIL104", ["%%capture\nn = sum([1])", "print(n)"]),
        ("SIL201", ["import sys\nif not 3:\n    sys.exit(0)"]),
        ("SIL201", ["raise SystemExit(0)"]),
        ("SIL201", ["from os import _exit\n_exit(0)"]),
        ("SIL201", ["exit()"]),
        ("SIL201", ["import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"]),
        ("SIL202", ["n = int(input('How many?'))"]),
        ("SIL202", ["from getpass import getpass\nkey = getpass()"]),
        ("SIL202", ["breakpoint()"]),
    ],
)
def test_silence_is_found(code: str, cells: list[str]) -> None:
    assert len(told(RULES, code, *cells)) == 1


@pytest.mark.parametrize(
    ("code", "cells"),
    [
        ("SIL101", [TRY.format(" ValueError", "pass"), "print(n)"]),
        ("SIL101", [TRY.format("", "n = 0"), "print(n)"]),
        ("SIL101", [TRY.format("", "print('left out')"), "print(n)"]),
        ("SIL101", [TRY.format("", "pass"), "print(1)"]),
        ("SIL101", ["try:\n    import torch\nexcept Exception:\n    pass", "torch"]),
        ("SIL101", ["try:\n    plt.style.use('x')\nexcept:\n    pass", "plt.plot()"]),
        ("SIL102", ["n = 1", "# [tags: raises-exception]\nn / 0", "print(n)"]),
        ("SIL102", ["# [tags: raises-exception]\nn = 1 / 0", "n = 2", "print(n)"]),
        (
            "SIL103",
            ["import warnings\nwarnings.filterwarnings('ignore', message='x')"],
        ),
        ("SIL103", ["import warnings\nwarnings.simplefilter('ignore', FutureWarning)"]),
        ("SIL103", ["import warnings\nwarnings.simplefilter('always')"]),
        (
            "SIL103",
            [
                "import warnings",
                "with warnings.catch_warnings():\n    warnings.simplefilter('ignore')",
            ],
        ),
        ("SIL103", ["import numpy as np\nnp.seterr(divide='ignore')"]),
        ("SIL104", ["%%capture\n!pip list"]),
        ("SIL104", ["%%capture said\nn = sum([1])", "print(n)"]),
        ("SIL201", ["def exit():\n    pass\nexit()"]),
        (
            "SIL202",
            ["import os\nif 'KEY' not in os.environ:\n    key = input('Key?')"],
        ),
        ("SIL202", ["def input(x):\n    return x\ninput(3)"]),
        ("SIL202", ["input = [3]\nprint(input)"]),
    ],
)
def test_what_is_said_is_left_alone(code: str, cells: list[str]) -> None:
    assert told(RULES, code, *cells) == []


def test_a_helper_of_the_project_that_ends_the_process_is_found_at_its_call() -> None:
    files = {"check.py": "import sys\n\n\ndef enough(rows):\n    sys.exit()\n"}
    (hit,) = hits(RULES, "SIL201", "import check", "check.enough([])", files=files)
    assert (hit.cell, hit.line) == (1, 1)
    assert "`check.enough([])` may end the process" in hit.what
