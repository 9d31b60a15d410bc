"""What asks the machine for something that no result depends on."""

from .entry import LOAD, Group

group = Group("environment")


group.clean(
    "variable only for verbosity",
    LOAD,
    """
    import os

    verbose = bool(os.environ.get("SALES_VERBOSE"))
    total = sum(units)
    """,
    "print(total)",
)
group.clean(
    "path of the data, printed",
    LOAD,
    "from pathlib import Path\n\nprint('reading', Path('data/sales.csv').resolve())",
    "print(sum(units))",
)
group.clean(
    "temporary folder",
    LOAD,
    """
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "units.txt")
        copy.write_text(" ".join(map(str, units)))
        back = [int(n) for n in copy.read_text().split()]
    """,
    "print(back == units, sum(back))",
)
group.clean(
    "workers by the count of processors",
    LOAD,
    """
    import os
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        squares = list(pool.map(lambda n: n * n, units))
    """,
    "print(squares)",
)
group.clean(
    "an optional accelerator that is not there",
    LOAD,
    """
    try:
        from accelerator_that_nobody_has import total
    except ImportError:
        total = sum
    """,
    "print(total(units))",
)
group.clean(
    "a temporary folder with a prefix of one's own",
    LOAD,
    """
    import tempfile

    cache = tempfile.mkdtemp(prefix="orders-")
    print("cached to", cache)
    """,
    "print(sum(units))",
)
group.clean(
    "an image within a drawing",
    """
    import matplotlib
    import matplotlib.pyplot as plt
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    set_matplotlib_formats("svg")
    plt.imshow([[1, 2], [3, 4]])
    plt.colorbar()
    plt.show()
    """,
)
group.clean(
    "a child process that only computes",
    LOAD,
    """
    import subprocess
    import sys

    command = [sys.executable, "-c", "print(6 * 7)"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    """,
    "print(int(answer.stdout) + sum(units))",
)
