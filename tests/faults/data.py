"""Inputs that change underneath: overwritten, appended to, moved, linked."""

import os

from .entry import LOAD, SALES, Group, Site

group = Group("data changing underneath")
BREACH = ("changed", "deleted", "moved", "writ", "Permission", "Read-only", "BreachE")


def _linked_outside(site: Site) -> None:
    (site.outside / "sales.csv").write_text(SALES)
    (site.root / "data").mkdir()
    (site.root / "data/sales.csv").symlink_to(site.outside / "sales.csv")


def stocked(site: Site) -> None:
    """Put a database with the stock into the project."""
    import sqlite3  # noqa: PLC0415 -- one entry needs it

    base = sqlite3.connect(site.root / "data/stock.sqlite")
    base.execute("create table stock (units integer)")
    base.executemany("insert into stock values (?)", [(n,) for n in range(9)])
    base.commit()
    base.close()


def dated(site: Site) -> None:
    """Put a file for each of two days there, and a link to the earlier one."""
    for day in ("05", "06"):
        (site.root / f"data/sales-{day}.csv").write_text(SALES)
    (site.root / "data/latest.csv").symlink_to("sales-05.csv")


def _one_is_newer(site: Site) -> None:
    """Let the third file be the newest, as on the machine where they came in."""
    for number, path in enumerate(sorted((site.root / "data/drops").iterdir())):
        when = 1_700_000_000 + (90_000 if number == 2 else number)
        os.utime(path, (when, when))


group.fault(
    "cleans its input and saves it back",
    """
    import pandas as pd

    sales = pd.read_csv("data/sales.csv").drop_duplicates()
    sales["price"] = sales["price"] * 1.1
    """,
    'sales.to_csv("data/sales.csv", index=False)',
    'print(sales["price"].sum())',
    caught="run",
    causes=BREACH,
    cell=1,
    line="to_csv",
)
group.fault(
    "appends its result to its input",
    LOAD,
    """
    with open("data/sales.csv", "a", encoding="utf-8") as stream:
        stream.write(f"2026-01-15,total,{sum(units)},0\\n")
    """,
    "print(sum(units))",
    caught="run",
    causes=BREACH,
    cell=1,
    line="data/sales.csv",
)
group.fault(
    "deletes what it has read",
    LOAD,
    'import os\n\nos.remove("data/sales.csv")',
    "print(sum(units))",
    caught="run",
    causes=BREACH,
    cell=1,
    line="os.remove",
)
group.fault(
    "moves its input to the ones that are done",
    LOAD,
    """
    import shutil

    shutil.move("data/sales.csv", "data/done.csv")
    """,
    "print(sum(units))",
    caught="run",
    causes=BREACH,
    cell=1,
    line="shutil.move",
)
group.fault(
    "a child process edits the input in place",
    LOAD,
    """
    import subprocess

    subprocess.run(["sed", "-i", "s/north/centre/", "data/sales.csv"], check=False)
    """,
    "print(open('data/sales.csv').read().count('centre'))",
    caught="run",
    causes=BREACH,
    cell=1,
    line="sed",
)
group.fault(
    "a database is updated by its C library",
    """
    import sqlite3

    base = sqlite3.connect("data/stock.sqlite")
    total = base.execute("select sum(units) from stock").fetchone()[0]
    """,
    'base.execute("update stock set units = units + 1")\nbase.commit()',
    "print(total)",
    caught="run",
    causes=(*BREACH, "OperationalError"),
    cell=1,
    line="update stock",
    files={"data/readme.txt": "stock\n"},
    before=stocked,
)
group.fault(
    "parquet rewritten by a native writer",
    """
    import pandas as pd

    frame = pd.DataFrame({"units": [1, 2, 3]})
    """,
    'frame.to_parquet("data/stock.parquet")',
    "print(frame['units'].sum())",
    caught="run",
    causes=(*BREACH, "OSError"),
    cell=1,
    line="to_parquet",
    files={"data/stock.parquet": b"PAR1 of last week"},
)
group.fault(
    "link to the latest file is set anew",
    """
    import os

    os.remove("data/latest.csv")
    os.symlink("sales-06.csv", "data/latest.csv")
    """,
    "print(len(open('data/latest.csv').readlines()))",
    caught="run",
    causes=BREACH,
    cell=0,
    line="data/latest.csv",
    files={"data/readme.txt": "sales by day\n"},
    before=dated,
)
group.fault(
    "input that is a link to somewhere else",
    LOAD,
    "print(sum(units))",
    caught="runs",
    causes="in no commit and in no scope",
    files={"readme.txt": "sales\n"},
    before=_linked_outside,
)
group.fault(
    "data that git ignores and nobody declared",
    LOAD,
    "print(sum(units))",
    caught="run",
    causes="FileNotFoundError",
    cell=0,
    line="data/sales.csv",
    ignored="data/\n",
)
group.fault(
    "input rewritten by a thread of an earlier cell",
    LOAD,
    """
    import threading
    import time


    def refresh():
        time.sleep(0.2)
        with open("data/sales.csv", "a") as stream:
            stream.write("2026-01-15,late,1,1\\n")


    thread = threading.Thread(target=refresh)
    thread.start()
    """,
    "thread.join()\nprint(len(open('data/sales.csv').readlines()))",
    caught="run",
    causes=BREACH,
    cell=None,
    line="",
)
group.fault(
    "a module of the project is generated anew",
    """
    import sales_settings

    limit = sales_settings.LIMIT
    """,
    """
    with open("sales_settings.py", "w") as stream:
        stream.write(f"LIMIT = {limit + 1}\\n")
    """,
    "print(limit)",
    caught="run",
    causes=BREACH,
    cell=1,
    line="sales_settings.py",
    files={"sales_settings.py": "LIMIT = 3\n"},
)
group.fault(
    "the notebook writes itself",
    LOAD,
    """
    from pathlib import Path

    own = Path("analysis.ipynb")
    own.write_text(own.read_text().replace("3", "4"))
    """,
    "print(sum(units))",
    caught="run",
    causes=BREACH,
    cell=1,
    line="write_text",
)
group.fault(
    "results written beside the project",
    LOAD,
    """
    from pathlib import Path

    Path("../results-of-sales.txt").write_text(str(sum(units)))
    """,
    "print(sum(units))",
    caught="run",
    causes=BREACH,
    cell=1,
    line="results-of-sales",
)
group.fault(
    "the newest file as ls says",
    """
    newest = !ls -t data/drops
    print(newest[0])
    """,
    "print(open(f'data/drops/{newest[0]}').read())",
    causes="the surroundings drifted",
    cell=0,
    line="ls -t",
    files={f"data/drops/w4{n}.csv": f"{n}\n" for n in range(6)},
    before=_one_is_newer,
)
