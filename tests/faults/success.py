"""Stored outputs that the source does not produce, and failures that nobody sees."""

from .entry import LOAD, Cell, Group, code, printed

stored = Group("stored outputs")
swallowed = Group("swallowed errors")
STORED = ("--stored",)
SAID = ("stored outputs", "tampered with")


def shown(source: str, text: str, html: str = "") -> Cell:
    """Return a cell with a stored result."""
    data = {"text/plain": text} | ({"text/html": html} if html else {})
    result = {
        "output_type": "execute_result",
        "execution_count": 3,
        "metadata": {},
        "data": data,
    }
    return Cell(source=source, stored=(result,))


stored.fault(
    "a printed number was edited by hand",
    LOAD,
    printed("print(sum(units) / len(units))", "12.25\n"),
    causes=SAID,
    cell=1,
    verify=STORED,
)
stored.fault(
    "the result of an older source",
    LOAD,
    shown("sum(units[:4])", "82"),
    causes=SAID,
    cell=1,
    verify=STORED,
)
stored.fault(
    "output of a cell that shows nothing",
    LOAD,
    printed("total = sum(units)", "total is 99, as agreed\n"),
    causes=SAID,
    cell=1,
    verify=STORED,
)
stored.fault(
    "output of another parameter",
    code("n: int = 3", "parameters"),
    LOAD,
    printed("print(units[:n])", "[12, 7, 9, 14, 11]\n"),
    causes=SAID,
    cell=2,
    verify=STORED,
)
stored.fault(
    "a table whose HTML was prettified",
    "import pandas as pd",
    shown(
        'pd.DataFrame({"units": [12, 7]})',
        "   units\n0     12\n1     70",
        "<table><tr><th>0</th><td>12</td></tr><tr><th>1</th><td>70</td></tr></table>",
    ),
    causes=SAID,
    cell=1,
    verify=STORED,
)
stored.fault(
    "a second output that was added",
    LOAD,
    Cell(
        source="print(max(units))",
        stored=(
            {"output_type": "stream", "name": "stdout", "text": "14\n"},
            {
                "output_type": "display_data",
                "metadata": {},
                "data": {"text/plain": "'verified by the auditor'"},
            },
        ),
    ),
    causes=SAID,
    cell=1,
    verify=STORED,
)

stored.clean(
    "stored outputs that are right",
    LOAD,
    printed("print(sum(units))", "82\n"),
    shown("max(units)", "14"),
    verify=STORED,
)
stored.clean("no stored outputs at all", LOAD, "print(sum(units))", verify=STORED)
stored.clean(
    "stored address of an object",
    "class Model:\n    pass",
    shown("Model()", "<__main__.Model at 0x7f3a2c1d4e50>"),
    verify=STORED,
)

swallowed.fault(
    "a load that fails, hidden by its tag",
    "limit = 10",
    code('limit = int(open("data/limit.txt").read())', "raises-exception"),
    "print('checks a day:', limit)",
    causes="only looks like success",
    cell=1,
    line="data/limit.txt",
)
swallowed.fault(
    "half of a cell that its tag cuts off",
    LOAD,
    code(
        """
        scale = 1.0
        factor = sales[99]["price"]
        scale = float(factor)
        """,
        "raises-exception",
    ),
    "print([n * scale for n in units])",
    causes="only looks like success",
    cell=1,
    line="sales[99]",
)
swallowed.fault(
    "SystemExit(0) in the middle",
    LOAD,
    "if len(sales) < 10:\n    raise SystemExit(0)",
    "print(sum(units))",
    caught="run",
    causes="SystemExit",
    cell=1,
    line="SystemExit",
)
swallowed.fault(
    "sys.exit in a helper",
    LOAD,
    "import check\n\ncheck.enough(sales)",
    "print(sum(units))",
    caught="run",
    causes="SystemExit",
    cell=1,
    files={
        "data/sales.csv": "day,units\n2026-01-05,12\n",
        "check.py": (
            '"""Checks."""\n\nimport sys\n\n\ndef enough(rows):\n'
            '    """Stop quietly where there is too little."""\n'
            "    if len(rows) < 3:\n        sys.exit()\n"
        ),
    },
)
swallowed.fault(
    "os._exit(0)",
    LOAD,
    "import os\n\nos._exit(0)",
    "print(sum(units))",
    caught="run",
    causes=("kernel died", "DeadKernelError"),
    cell=1,
)
swallowed.fault(
    "killed by a signal",
    LOAD,
    "import os\nimport signal\n\nos.kill(os.getpid(), signal.SIGKILL)",
    "print(sum(units))",
    caught="run",
    causes=("kernel died", "DeadKernelError"),
    cell=1,
)
swallowed.fault(
    "exit() at the end of the interesting part",
    LOAD,
    "print(sum(units))\nexit()",
    "assert sum(units) == 100",
    caught="run",
    causes=("kernel died", "DeadKernelError", "SystemExit", "AssertionError"),
)
swallowed.fault(
    "a question to whoever sits there",
    LOAD,
    "limit = int(input('How many checks a day? '))",
    "print(limit)",
    caught="run",
    causes="StdinNotImplementedError",
    cell=1,
    line="input(",
)
swallowed.fault(
    "a loop that never ends",
    LOAD,
    "level = 1.0\nwhile level > 0.1:\n    level = level * 0.5 + 0.1",
    "print(level)",
    caught="run",
    causes="timed out",
    cell=1,
    run=("--timeout", "3"),
)

swallowed.clean(
    "an allowed exception that nobody depends on",
    LOAD,
    code("units / 2", "raises-exception"),
    "print(sum(units))",
)
swallowed.clean(
    "a failure that is caught and dealt with",
    LOAD,
    """
    try:
        limit = int("ten")
    except ValueError:
        limit = 10
    """,
    "print(limit)",
)
swallowed.clean(
    "a warning",
    LOAD,
    "import warnings\n\nwarnings.warn('few rows', stacklevel=1)",
    "print(len(sales))",
)
