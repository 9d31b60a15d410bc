"""Inputs that are handled with suspicion all around, and stay what they are."""

from .data import dated, stocked
from .entry import LOAD, Group, Site

group = Group("data changing underneath")


def _data_grown(site: Site) -> None:
    """Add a day after the run, and commit it; the record's own commit has the old."""
    with (site.root / "data/sales.csv").open("a") as stream:
        stream.write("2026-01-15,north,20,3.5\n")


group.clean(
    "a copy is cleaned, the input stays",
    """
    import pandas as pd

    sales = pd.read_csv("data/sales.csv")
    clean = sales.assign(price=sales["price"].round(1))
    clean.to_csv("clean.csv", index=False)
    """,
    "print(pd.read_csv('clean.csv')['price'].sum())",
)
group.clean(
    "input opened for reading and writing, only read",
    """
    with open("data/sales.csv", encoding="utf-8") as stream:
        lines = stream.read().splitlines()
    """,
    "print(len(lines))",
)
group.clean(
    "a link inside the project",
    "lines = open('data/latest.csv').readlines()",
    "print(len(lines))",
    files={"data/readme.txt": "sales by day\n"},
    before=dated,
)
group.clean(
    "a database, only read",
    """
    import sqlite3

    base = sqlite3.connect("file:data/stock.sqlite?mode=ro", uri=True)
    """,
    "print(base.execute('select sum(units) from stock').fetchone()[0])",
    files={"data/readme.txt": "stock\n"},
    before=stocked,
)


group.clean(
    "new data since the run",
    LOAD,
    "print(sum(units))",
    between=_data_grown,
)
