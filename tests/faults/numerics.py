"""Last digits: sums in another order, threads, time budgets."""

from .entry import LOAD, Group

group = Group("numerics")

group.fault(
    "floats summed in the order of a set",
    LOAD,
    """
    shares = {f"shop-{n}": 0.1 * n + 1e-9 * n**3 for n in range(1, 40)}
    total = sum(shares[name] for name in set(shares))
    """,
    "print(repr(total))",
    causes="hash-seed",
    cell=1,
    line="set(shares)",
)
group.fault(
    "partial sums by the number of processors",
    LOAD,
    """
    import os

    values = [1 / n for n in range(1, 5000)]
    parts = (os.cpu_count() or 1) + 2
    total = sum(sum(values[n::parts]) for n in range(parts))
    """,
    "print(repr(total))",
    causes="processors",
    cell=1,
    line="os.cpu_count",
)
group.fault(
    "sum in the order in which threads complete",
    LOAD,
    """
    import time
    from concurrent.futures import ThreadPoolExecutor, as_completed


    def part(n):
        time.sleep(0.001 * (n * 7 % 5))
        return 1 / (n + 1) ** 3
    """,
    """
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(part, n) for n in range(64)]
        done = [job.result() for job in as_completed(jobs)]
    """,
    "print(done[:6], repr(sum(done)))",
    causes=("parallel", "not deterministic"),
    cell=2,
    line="as_completed(jobs)",
)
group.fault(
    "workers append as they finish",
    LOAD,
    """
    import threading
    import time

    ranked = []


    def score(n):
        time.sleep(0.004 * (5 - n % 5))
        ranked.append(n)


    workers = [threading.Thread(target=score, args=(n,)) for n in range(24)]
    """,
    """
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    """,
    "print(ranked)",
    causes=("parallel", "not deterministic"),
    cell=1,
    line="ranked.append",
)
group.fault(
    "joblib hands results over as they come",
    LOAD,
    """
    from joblib import Parallel, delayed


    def power(n):
        import time

        time.sleep(0.002 * (n * 7 % 5))
        return 1.1**n
    """,
    """
    pool = Parallel(n_jobs=2, backend="threading", return_as="generator_unordered")
    level = 0.0
    for value in pool(delayed(power)(n) for n in range(30)):
        level = 0.9 * level + value
    """,
    "print(level)",
    causes=("parallel", "not deterministic"),
    cell=2,
    line="generator_unordered",
)
group.fault(
    "dot product by several threads of BLAS",
    """
    import numpy as np

    x = 1 / np.arange(1.0, 2_000_001.0)
    y = np.cos(np.arange(2_000_000.0))
    """,
    "value = float(np.dot(x, y))",
    "print(repr(value))",
    causes="threads",
    cell=1,
    line="np.dot",
)
group.fault(
    "optimiser that stops after a tenth of a second",
    LOAD,
    """
    import time

    level, rounds = 0.0, 0
    end = time.monotonic() + 0.1
    while time.monotonic() < end:
        rounds += 1
        level += 1 / rounds**2
    """,
    "from toolkit import publish\n\npublish.metric('level', level)",
    causes="not deterministic",
    cell=1,
    line="time.monotonic()",
)
group.fault(
    "published mean over files in their listed order",
    """
    from pathlib import Path

    level = 0.0
    for path in Path("data").glob("*.txt"):
        level = level / 3 + float(path.read_text())
    """,
    "from toolkit import publish\n\npublish.metric('level', level, unit='a day')",
    causes="listing",
    cell=0,
    line='glob("*.txt")',
    files={f"data/{name}.txt": f"{n * 0.37}" for n, name in enumerate("qwertz")},
)
group.fault(
    "a tolerance that is smaller than the noise",
    LOAD,
    """
    import random

    from toolkit import publish

    level = sum(units) / len(units) + random.gauss(0, 0.5)
    """,
    "publish.metric('level', level, tolerance=1e-9)",
    causes="not deterministic",
    cell=1,
    line="random.gauss",
)

group.clean(
    "exact sum in any order",
    LOAD,
    """
    import math

    shares = {f"shop-{n}": 0.1 * n + 1e-9 * n**3 for n in range(1, 40)}
    total = math.fsum(shares[name] for name in set(shares))
    """,
    "print(repr(total))",
)
group.clean(
    "rounded, and summed in the order of a set",
    LOAD,
    """
    shares = {f"shop-{n}": 0.1 * n for n in range(1, 40)}
    total = sum(shares[name] for name in set(shares))
    """,
    "print(f'{total:.3f}')",
)
group.clean(
    "last digits within a stated tolerance",
    LOAD,
    """
    from toolkit import publish

    shares = {f"shop-{n}": 0.1 * n + 1e-9 * n**3 for n in range(1, 40)}
    total = sum(shares[name] for name in set(shares))
    """,
    "publish.metric('total', total, tolerance=1e-6)",
)
group.clean(
    "parallel, with results in order",
    LOAD,
    """
    from joblib import Parallel, delayed

    squares = Parallel(n_jobs=2, backend="threading")(
        delayed(pow)(n, 2) for n in units
    )
    """,
    "print(squares)",
)
group.clean(
    "threads complete in any order, results are sorted",
    LOAD,
    """
    from concurrent.futures import ThreadPoolExecutor, as_completed

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(pow, n, 3) for n in units]
        done = sorted(job.result() for job in as_completed(jobs))
    """,
    "print(done)",
)
group.clean(
    "integers counted by several jobs",
    """
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier

    x = np.arange(80).reshape(-1, 1)
    y = (x[:, 0] // 10) % 2
    model = RandomForestClassifier(n_estimators=5, random_state=0, n_jobs=2).fit(x, y)
    """,
    "print(int((model.predict(x) == y).sum()))",
)
