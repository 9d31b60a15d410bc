"""What an earlier session left, and what the cells hide from each other."""

from .entry import LOAD, SALES, Group, Site, code

group = Group("hidden state between cells")


def _earlier_model(site: Site) -> None:
    """Leave what a session of last week wrote, where git does not look."""
    (site.root / "cache").mkdir()
    (site.root / "cache/model.json").write_text('{"slope": 1.7}')


def _own_result(site: Site) -> None:
    folder = site.root / "runs/20260101-000000-analysis-00000000"
    folder.mkdir(parents=True)
    (folder / "metrics.json").write_text('{"level": 3.5}')


group.fault(
    "a model that only an earlier session wrote",
    LOAD,
    """
    import json

    with open("cache/model.json") as stream:
        model = json.load(stream)
    """,
    "print([n * model['slope'] for n in units])",
    caught="run",
    causes="FileNotFoundError",
    cell=1,
    line="cache/model.json",
    ignored="cache/\n",
    before=_earlier_model,
)
group.fault(
    "a variable restored by %store",
    LOAD,
    "%store -r weights",
    "print(sum(w * n for w, n in zip(weights, units)))",
    caught="run",
    causes="NameError",
    cell=2,
    line="weights",
)
group.fault(
    "cells that were executed in another order",
    LOAD,
    "print(total / len(units))",
    "total = sum(units)",
    caught="run",
    causes="NameError",
    cell=1,
    line="total",
)
group.fault(
    "a cell that was deleted",
    LOAD,
    "clean = [n for n in units if n not in outliers]\nprint(clean)",
    caught="run",
    causes="NameError",
    cell=1,
    line="outliers",
)
group.fault(
    "a name from IPython's startup files",
    LOAD,
    "print(pd.Series(units).mean())",
    caught="run",
    causes="NameError",
    cell=1,
    line="pd.Series",
)
group.fault(
    "its own result of the last run",
    LOAD,
    """
    import json
    from pathlib import Path

    last = sorted(Path("runs").glob("*/metrics.json"))[-1]
    level = json.loads(last.read_text())["level"]
    """,
    "print(0.5 * level + 0.5 * sum(units) / len(units))",
    caught="run",
    causes=("IndexError", "FileNotFoundError"),
    cell=1,
    line="runs",
    ignored="runs/\n",
    before=_own_result,
)
group.fault(
    "a service of the author's machine",
    LOAD,
    """
    import socket

    with socket.create_connection(("127.0.0.1", 54321), timeout=2) as server:
        answer = server.recv(100)
    """,
    "print(answer)",
    caught="run",
    causes=("ConnectionRefusedError", "OSError", "PermissionError"),
    cell=1,
    line="create_connection",
)
group.fault(
    "last expression of a cell that is not there",
    "import statistics",
    "level = _ / 2",
    "print(level)",
    caught="run",
    causes=("TypeError", "NameError"),
    cell=1,
    line="_ / 2",
)
group.fault(
    "a database in the author's home folder",
    LOAD,
    """
    import sqlite3
    from pathlib import Path

    base = sqlite3.connect(Path.home() / "stock.sqlite")
    rows = base.execute("select units from stock").fetchall()
    """,
    "print(rows)",
    caught="run",
    causes="OperationalError",
    cell=1,
    line="base.execute",
)

group.clean(
    "a cell that redefines a name",
    LOAD,
    "level = sum(units)",
    "level = level / len(units)",
    "print(level)",
)
group.clean(
    "a cache in the home folder",
    LOAD,
    """
    from pathlib import Path

    kept = Path.home() / ".cache-of-sales"
    if not kept.exists():
        kept.write_text(str(sum(units)))
    """,
    "print(int(kept.read_text()))",
)
group.clean(
    "a new file, written and read again",
    LOAD,
    """
    from pathlib import Path

    Path("totals.csv").write_text("units\\n" + "\\n".join(map(str, units)))
    """,
    "print(len(Path('totals.csv').read_text().splitlines()))",
)
group.clean(
    "an earlier session's file that nobody reads",
    LOAD,
    "print(sum(units))",
    ignored="cache/\n",
    before=_earlier_model,
    files={"data/sales.csv": SALES},
)
group.clean(
    "the last output, used in the next cell",
    LOAD,
    "sum(units)",
    "print(_ / len(units))",
)
group.clean(
    "magics that change nothing",
    code("%matplotlib inline\n%config InlineBackend.figure_format = 'svg'"),
    LOAD,
    "print(max(units))",
)
