"""Numbers drawn from generators that nobody seeded."""

from .entry import LOAD, Group

group = Group("randomness")
ANY = "not deterministic"

group.fault(
    "bootstrap with the random module",
    LOAD,
    """
    import random

    means = []
    for _ in range(200):
        sample = random.choices(units, k=len(units))
        means.append(sum(sample) / len(sample))
    """,
    "print(sorted(means)[190], sum(means) / len(means))",
    causes=ANY,
    cell=1,
    line="random.choices",
)
group.fault(
    "numpy generator without a seed",
    LOAD,
    """
    import numpy as np

    rng = np.random.default_rng()
    noise = rng.normal(0, 1, len(units))
    """,
    "float(np.mean(np.array(units) + noise))",
    causes=ANY,
    cell=1,
    line="default_rng",
)
group.fault(
    "numpy's global state, shuffled",
    LOAD,
    """
    import numpy as np

    order = np.arange(len(units))
    np.random.shuffle(order)
    train, test = order[:4], order[4:]
    """,
    "print([units[i] for i in test])",
    causes=ANY,
    cell=1,
    line="np.random.shuffle",
)
group.fault(
    "split without random_state",
    LOAD,
    """
    from sklearn.model_selection import train_test_split

    train, test = train_test_split(units * 20, test_size=0.25)
    """,
    "print(sum(test) / len(test), test[:4])",
    causes=ANY,
    cell=1,
    line="train_test_split(",
)
group.fault(
    "k-means with random starts",
    LOAD,
    """
    import numpy as np
    from sklearn.cluster import KMeans

    points = np.array([[n % 97, n * 7 % 89] for n in range(300)], dtype=float)
    model = KMeans(n_clusters=8, n_init=1, init="random", max_iter=3)
    """,
    "inertia = model.fit(points).inertia_\nprint(inertia)",
    causes=ANY,
    cell=1,
    line="KMeans(n_clusters",
)
group.fault(
    "pandas sample without a seed",
    """
    import pandas as pd

    sales = pd.read_csv("data/sales.csv")
    """,
    "picked = sales.sample(n=6)",
    "picked",
    causes=ANY,
    cell=1,
    line="sales.sample",
)
group.fault(
    "groups assigned by a secret token",
    LOAD,
    """
    import secrets

    groups = ["a" if secrets.randbelow(2) else "b" for _ in range(64)]
    """,
    'print("in a:", groups.count("a"), "".join(groups))',
    causes=ANY,
    cell=1,
    line="secrets.randbelow",
)
group.fault(
    "bytes of the system's entropy as a seed",
    LOAD,
    """
    import os
    import random

    seed = int.from_bytes(os.urandom(8), "big")
    rng = random.Random(seed)
    """,
    "print(rng.sample(units, 4), rng.random())",
    causes=ANY,
    cell=1,
    line="os.urandom",
)
group.fault(
    "rows ordered by a fresh uuid",
    LOAD,
    """
    import uuid

    keyed = {uuid.uuid4().hex: row["day"] for row in sales}
    """,
    "first = [keyed[key] for key in sorted(keyed)]\nprint(first)",
    causes=ANY,
    cell=1,
    line="uuid.uuid4",
)
group.fault(
    "seed taken from the clock's nanoseconds",
    LOAD,
    """
    import random
    import time

    random.seed(time.time_ns())
    """,
    "print(random.sample(units, 4), random.random())",
    causes=(ANY, "clock"),
    cell=1,
    line="time.time_ns",
)
group.fault(
    "unseeded generator in a module of the project",
    LOAD,
    "import smoothing\n\nsmooth = smoothing.jitter(units)",
    "print(round(sum(smooth), 6))",
    causes=ANY,
    line="random.Random()",
    files={
        "data/sales.csv": "day,units\n2026-01-05,12\n2026-01-06,7\n",
        "smoothing.py": (
            '"""Smooth a series."""\n\nimport random\n\n'
            "_rng = random.Random()\n\n\ndef jitter(values):\n"
            '    """Return the values with a little noise, against ties."""\n'
            "    return [value + _rng.gauss(0, 0.01) for value in values]\n"
        ),
    },
)
group.fault(
    "objects sorted by their addresses",
    LOAD,
    """
    class Shop:
        def __init__(self, name):
            self.name = name


    shops = [Shop(f"shop {n}") for n in range(40)]
    junk = [bytearray(n % 7 * 400) for n in range(400)]
    """,
    """
    import ctypes

    buffers = [ctypes.create_string_buffer(3_000_000) for _ in range(3)]
    place = ctypes.addressof(buffers[0])
    first = shops[place // 4096 % len(shops)]
    second = shops[place // 4096 % 37]
    """,
    "print(first.name, second.name)",
    causes=ANY,
    cell=2,
    line="addressof",
)
group.fault(
    "hash of an object that has no hash of its own",
    LOAD,
    """
    class Batch:
        pass


    batches = [Batch() for _ in range(8)]
    """,
    "buckets = [hash(batch) // 16 % 1009 for batch in batches]",
    "print(buckets)",
    causes=ANY,
    cell=2,
    line="hash(batch)",
)
group.fault(
    "process number as a seed",
    LOAD,
    """
    import os
    import random

    random.seed(os.getpid())
    """,
    "print(random.sample(units, 4), random.random())",
    causes=ANY,
    cell=1,
    line="os.getpid",
)
group.fault(
    "name of a temporary file decides the fold",
    LOAD,
    """
    import tempfile
    import zlib

    with tempfile.NamedTemporaryFile("w", suffix=".csv") as stream:
        fold = zlib.crc32(stream.name.encode()) % 10007
    """,
    "print(fold)",
    causes=ANY,
    cell=1,
    line="NamedTemporaryFile",
)
group.fault(
    "published metric of an unseeded forest",
    """
    import numpy as np
    from sklearn.ensemble import RandomForestRegressor

    from toolkit import publish

    x = np.arange(80, dtype=float).reshape(-1, 1)
    y = np.sin(x[:, 0] / 5)
    """,
    "model = RandomForestRegressor(n_estimators=5, max_features=1)\nmodel.fit(x, y)",
    'publish.metric("r_squared", float(model.score(x, y)))',
    causes=ANY,
    cell=1,
    line="RandomForestRegressor(",
)
