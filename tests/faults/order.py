"""Results that depend on the order of sets, hashes and directory listings."""

from .entry import LOAD, Group

group = Group("hash and listing order")
HASH, LISTING = "hash-seed", "listing"
MONTHS = {
    f"data/{name}.csv": f"month,units\n{name},{units}\n"
    for name, units in (
        ("january", 31),
        ("february", 28),
        ("march", 33),
        ("april", 25),
        ("may", 37),
    )
}

group.fault(
    "first element of a set of names is the reference",
    LOAD,
    'shops = {row["shop"] for row in sales}\nreference = list(shops)[0]',
    """
    base = sum(int(r["units"]) for r in sales if r["shop"] == reference)
    print(f"{sum(units) / base:.3f} times {reference}")
    """,
    causes=HASH,
    cell=1,
    line="list(shops)",
)
group.fault(
    "set of words joined to a label",
    LOAD,
    'label = ", ".join({"north", "south", "east", "west", "centre", "airport"})',
    "print(label)",
    causes=HASH,
    cell=1,
    line="join",
)
group.fault(
    "split by hash of the customer's name",
    LOAD,
    """
    customers = [f"customer-{n}" for n in range(60)]
    test = [name for name in customers if hash(name) % 5 == 0]
    """,
    "print(len(test), test[:3])",
    causes=HASH,
    cell=1,
    line="hash(name)",
)
group.fault(
    "tie broken by the order of a set",
    LOAD,
    """
    wins = {"north": 2, "south": 1, "east": 2, "west": 2, "centre": 2}
    best = max(set(wins), key=wins.get)
    """,
    "print(best)",
    causes=HASH,
    cell=1,
    line="max(set(wins)",
)
group.fault(
    "columns in the order of a set difference",
    """
    import pandas as pd

    sales = pd.read_csv("data/sales.csv")
    features = list(set(sales.columns) - {"day"})
    """,
    "print(sales[features].head(2).to_csv())",
    causes=HASH,
    cell=0,
    line="set(sales.columns)",
)
group.fault(
    "popped from a set until it is empty",
    LOAD,
    """
    left = {"wash", "paint", "weld", "drill", "pack"}
    plan = []
    while left:
        plan.append(left.pop())
    """,
    'print(" > ".join(plan))',
    causes=HASH,
    cell=1,
    line="left.pop()",
)
group.fault(
    "most common of a counted set",
    LOAD,
    """
    from collections import Counter

    seen = Counter(word for word in {"pump", "fan", "belt", "motor", "valve"})
    top = seen.most_common(2)
    """,
    "print(top)",
    causes=HASH,
    cell=1,
    line='{"pump"',
)
group.fault(
    "codes of categories by first appearance in a set",
    LOAD,
    """
    codes = {}
    for shop in set(row["shop"] for row in sales):
        codes.setdefault(shop, len(codes))
    """,
    'print([codes[row["shop"]] for row in sales])',
    causes=HASH,
    cell=1,
    line="set(row",
)
group.fault(
    "files in the order of os.listdir",
    """
    import os

    names = os.listdir("data")
    first = names[0]
    """,
    "print(open(os.path.join('data', first)).read())",
    causes=LISTING,
    cell=0,
    line="os.listdir",
    files=MONTHS,
)
group.fault(
    "latest file is the last of glob",
    """
    import glob

    latest = glob.glob("data/*.csv")[-1]
    """,
    "print(latest)",
    causes=LISTING,
    cell=0,
    line="glob.glob",
    files=MONTHS,
)
group.fault(
    "frames concatenated in the order of Path.iterdir",
    """
    from pathlib import Path

    import pandas as pd

    parts = [pd.read_csv(path) for path in Path("data").iterdir()]
    year = pd.concat(parts, ignore_index=True)
    """,
    "print((year['units'] * (year.index + 1)).sum())",
    causes=LISTING,
    cell=0,
    line="iterdir",
    files=MONTHS,
)
group.fault(
    "os.walk numbers the files",
    """
    import os

    numbered = {}
    for folder, _, names in os.walk("data"):
        for name in names:
            numbered[name] = len(numbered)
    """,
    "print(numbered['march.csv'], numbered['may.csv'])",
    causes=LISTING,
    cell=0,
    line="os.walk",
    files=MONTHS,
)
group.fault(
    "scandir in a module of the project",
    "import stock\n\nunits = stock.load('data')",
    "print(units)",
    causes=LISTING,
    line="os.scandir",
    files={
        **MONTHS,
        "stock.py": (
            '"""Read the stock."""\n\nimport os\n\n\ndef load(folder):\n'
            '    """Return the units of each month."""\n    found = []\n'
            "    for entry in os.scandir(folder):\n"
            "        with open(entry.path) as stream:\n"
            "            found.append(int(stream.read().split(',')[-1]))\n"
            "    return found\n"
        ),
    },
)
group.fault(
    "rglob feeds a running mean",
    """
    from pathlib import Path

    level = 0.0
    for path in Path("data").rglob("*.csv"):
        level = 0.7 * level + 0.3 * int(path.read_text().split(",")[-1])
    """,
    "from toolkit import publish\n\npublish.metric('level', level)",
    causes=LISTING,
    cell=0,
    line="rglob",
    files=MONTHS,
)

group.clean(
    "set for membership only",
    LOAD,
    'known = {"north", "south"}\nkept = [r for r in sales if r["shop"] in known]',
    "print(len(kept))",
)
group.clean(
    "set, sorted before use",
    LOAD,
    'shops = sorted({row["shop"] for row in sales})',
    "print(shops)",
)
group.clean(
    "size and sum of a set of integers",
    LOAD,
    "distinct = set(units)\nprint(len(distinct), sum(distinct))",
)
group.clean(
    "dict keeps the order of insertion",
    LOAD,
    """
    totals = {}
    for row in sales:
        totals[row["shop"]] = totals.get(row["shop"], 0) + int(row["units"])
    """,
    "print(totals)",
)
group.clean(
    "set of small integers, shown",
    LOAD,
    "print({n % 4 for n in units})",
)
group.clean(
    "set of names displayed as a set",
    LOAD,
    'shops = {row["shop"] for row in sales}\nlen(shops)',
    'print("north" in shops, len(shops & {"north", "west"}))',
)
group.clean(
    "sorted listing",
    "import os\n\nnames = sorted(os.listdir('data'))",
    "print(names)",
    files=MONTHS,
)
group.clean(
    "listing only counted",
    "import glob\n\nprint(len(glob.glob('data/*.csv')), 'months')",
    files=MONTHS,
)
group.clean(
    "files summed in any order",
    """
    from pathlib import Path

    total = 0
    for path in Path("data").iterdir():
        total += int(path.read_text().split(",")[-1])
    """,
    "print(total)",
    files=MONTHS,
)
group.clean(
    "stable digest instead of hash",
    LOAD,
    """
    import zlib

    test = [n for n in range(50) if zlib.crc32(f"customer-{n}".encode()) % 5 == 0]
    """,
    "print(test)",
)
