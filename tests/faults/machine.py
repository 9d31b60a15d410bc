"""What is the author's machine's: variables, paths, names, processors, network."""

from .entry import LOAD, Group, Site

group = Group("environment")


def _rates_outside(site: Site) -> None:
    (site.outside / "rates.csv").write_text("rate\n1.08\n")
    notebook = site.root / "analysis.ipynb"
    text = notebook.read_text("utf-8")
    notebook.write_text(text.replace("OUTSIDE", site.outside.as_posix()), "utf-8")


group.fault(
    "region from an environment variable",
    LOAD,
    """
    import os

    region = os.environ.get("SALES_REGION", "north")
    kept = [row for row in sales if row["shop"] == region]
    """,
    "print(len(kept))",
    causes="environment",
    cell=1,
    line="os.environ.get",
)
group.fault(
    "getenv decides the number of rounds",
    LOAD,
    """
    import os

    rounds = 3 if os.getenv("QUICK_MODE") is None else 1
    """,
    "print([round(n * 0.9**rounds, 3) for n in units])",
    causes="environment",
    cell=1,
    line="os.getenv",
)
group.fault(
    "folder's path in a key",
    LOAD,
    """
    import zlib
    from pathlib import Path

    key = zlib.crc32(str(Path.cwd()).encode())
    """,
    "print(key)",
    causes="folder",
    cell=1,
    line="Path.cwd()",
)
group.fault(
    "project's name from its folder",
    LOAD,
    """
    import os

    depth = sum(map(ord, os.path.abspath("data"))) % 1013
    """,
    "print(depth)",
    causes="folder",
    cell=1,
    line="os.path.abspath",
)
group.fault(
    "analyst's name from the login",
    LOAD,
    "import getpass\n\nanalyst = getpass.getuser()",
    "print('prepared by', analyst)",
    causes="user",
    cell=1,
    line="getpass.getuser",
)
group.fault(
    "machine's name in the title",
    LOAD,
    "import socket\n\nhost = socket.gethostname()",
    "print('computed on', host)",
    causes="host",
    cell=1,
    line="socket.gethostname",
)
group.fault(
    "platform.node in a seed",
    LOAD,
    """
    import platform
    import random

    random.seed(platform.node())
    """,
    "print(random.sample(units, 4))",
    causes="host",
    cell=1,
    line="platform.node",
)
group.fault(
    "home folder in a digest",
    LOAD,
    """
    import hashlib
    import os

    digest = hashlib.md5(os.path.expanduser("~").encode()).hexdigest()
    """,
    "print(digest)",
    causes=("home", "not deterministic"),
    cell=1,
    line="expanduser",
)
group.fault(
    "number of chunks by the count of processors",
    LOAD,
    """
    import os

    chunks = os.cpu_count() + 1
    tops = [max(units[n::chunks]) for n in range(min(chunks, len(units)))]
    """,
    "print(tops)",
    causes="processors",
    cell=1,
    line="os.cpu_count",
)
group.fault(
    "affinity decides the size of a batch",
    LOAD,
    """
    import os

    size = 12 // (len(os.sched_getaffinity(0)) + 1)
    """,
    "print(size)",
    causes="processors",
    cell=1,
    line="sched_getaffinity",
)
group.fault(
    "threads of OpenMP in a formula",
    LOAD,
    """
    import os

    parts = int(os.environ["OMP_NUM_THREADS"])
    """,
    "print([sum(units[n::parts]) for n in range(parts)])",
    causes="threads",
    cell=1,
    line="OMP_NUM_THREADS",
)
group.fault(
    "mode of a new file is reported",
    LOAD,
    """
    from pathlib import Path

    Path("out.txt").write_text("x")
    mode = oct(Path("out.txt").stat().st_mode)
    """,
    "print(mode)",
    causes="umask",
    cell=1,
    line="st_mode",
)
group.fault(
    "exchange rate from the network",
    LOAD,
    """
    from urllib.request import urlopen

    with urlopen("http://127.0.0.1:9/rates", timeout=3) as answer:
        rate = float(answer.read())
    """,
    "print([n * rate for n in units])",
    caught="run",
    causes=("URLError", "PermissionError"),
    cell=1,
    line="urlopen",
)
group.fault(
    "a file outside of the project",
    LOAD,
    'rate = float(open("OUTSIDE/rates.csv").read().split()[1])',
    "print([n * rate for n in units])",
    caught="runs",
    causes="outside the project",
    before=_rates_outside,
)
group.fault(
    "settings in the author's home folder",
    LOAD,
    """
    import configparser
    from pathlib import Path

    settings = configparser.ConfigParser()
    settings.read(Path.home() / ".config/sales.ini")
    limit = int(settings["sales"]["limit"])
    """,
    "print(limit)",
    caught="run",
    causes="KeyError",
    cell=1,
    line='settings["sales"]',
)
group.fault(
    "a secret that only the author's shell has",
    LOAD,
    'import os\n\nkey = os.environ["SALES_API_KEY"]',
    "print(len(key))",
    caught="run",
    causes="KeyError",
    cell=1,
    line="SALES_API_KEY",
)
group.fault(
    "a package that nobody declared",
    LOAD,
    "import sales_tools_of_the_author as tools",
    "print(tools.mean(units))",
    caught="run",
    causes="ModuleNotFoundError",
    cell=1,
    line="sales_tools",
)
group.fault(
    "a title with the folder's name",
    LOAD,
    """
    from pathlib import Path

    title = f"Sales of {Path.cwd().name}"
    """,
    "print(title, sum(units))",
    causes="folder",
    cell=1,
    line="Path.cwd()",
)
