"""Parameters that are ignored, overwritten, or not what they seem."""

from .entry import LOAD, Group, code

group = Group("parameters")
N = code("n: int = 3  # days to look at", "parameters")

group.fault(
    "two cells tagged parameters",
    N,
    LOAD,
    code("n = 3", "parameters"),
    "print(units[:n])",
    caught="run",
    causes="are tagged 'parameters'",
)
group.fault(
    "a parameter that nobody declares",
    N,
    LOAD,
    "print(units[:n])",
    caught="run",
    causes="declares no parameter",
    run=("-p", "days=4"),
)
group.fault(
    "a value of another type",
    N,
    LOAD,
    "print(units[:n])",
    caught="run",
    causes="n",
    run=("-p", "n=many"),
)
group.fault(
    "a default computed from an overridden one",
    code("n: int = 3\nlast: int = n + 1", "parameters"),
    LOAD,
    "print(units[:last])",
    caught="run",
    causes="last",
    run=("-p", "n=4"),
)
group.fault(
    "a required value that is not given",
    code("n: int", "parameters"),
    LOAD,
    "print(units[:n])",
    caught="run",
    causes="n",
)
group.fault(
    "overwritten after it was given",
    N,
    LOAD,
    "n = 5",
    "print(units[:n])",
    causes="sets 'n' before anything has read it",
    caught="run",
    cell=2,
    line="n = 5",
    run=("-p", "n=4"),
)
group.fault(
    "default taken from an environment variable",
    code('import os\n\nn = int(os.environ.get("DAYS") or 3)', "parameters"),
    LOAD,
    "print(units[: n % 7])",
    causes="environment",
    cell=0,
    line="os.environ.get",
)
group.fault(
    "default is today",
    code("from datetime import date\n\nas_of = date.today().toordinal()", "parameters"),
    LOAD,
    "print(as_of)",
    causes="clock",
    cell=0,
    line="date.today()",
)

group.clean(
    "a value that is given and used", N, LOAD, "print(units[:n])", run=("-p", "n=4")
)
group.clean(
    "derived from a parameter in a cell of its own",
    N,
    LOAD,
    "last = n + 1\nprint(units[:last])",
    run=("-p", "n=2"),
)
group.clean(
    "a loop variable of another name",
    N,
    LOAD,
    "for day in range(n):\n    print(units[day])",
)
