"""Clocks, time zones and locales."""

from .entry import LOAD, Group

group = Group("time, zone and locale")
CLOCK, ZONE, LOCALE = "clock", "time-zone", "locale"

group.fault(
    "age of a machine as of today",
    """
    from datetime import date

    built = date(2019, 5, 1)
    age_days = (date.today() - built).days
    """,
    "print(f'{age_days / 365.25:.3f} years')",
    causes=CLOCK,
    cell=0,
    line="date.today()",
)
group.fault(
    "rows of the last thousand days",
    """
    import pandas as pd

    sales = pd.read_csv("data/sales.csv", parse_dates=["day"])
    stock = pd.DataFrame({"day": pd.date_range("2020-01-01", "2040-01-01")})
    recent = stock[stock["day"] < pd.Timestamp.now().normalize()]
    """,
    "print(len(recent))",
    causes=CLOCK,
    cell=0,
    line="pd.Timestamp.now()",
)
group.fault(
    "year of the report from datetime.now",
    LOAD,
    """
    from datetime import datetime

    now = datetime.now()
    title = f"Sales, as of {now:%d %B %Y}"
    """,
    "print(title)",
    causes=(CLOCK, "not deterministic"),
    cell=1,
    line="datetime.now()",
)
group.fault(
    "seconds that a cell took, published",
    LOAD,
    """
    import time

    begun = time.perf_counter()
    ordered = sorted(units * 1000)
    elapsed = time.perf_counter() - begun
    """,
    "from toolkit import publish\n\npublish.metric('seconds', elapsed)",
    causes="not deterministic",
    cell=1,
    line="time.perf_counter()",
)
group.fault(
    "month's file chosen by today's date",
    """
    import time
    from pathlib import Path

    path = Path(f"data/rates-{time.strftime('%Y-%j')}.txt")
    rate = float(path.read_text()) if path.exists() else len(path.name) * 0.1
    share = int(path.stem[-3:]) / 366
    """,
    "print(rate * share)",
    causes=CLOCK,
    cell=0,
    line="time.strftime",
)
group.fault(
    "deadline counted in a module of the project",
    "import plan\n\ndays = plan.days_left()",
    "print(days)",
    causes=CLOCK,
    line="date.today()",
    files={
        "plan.py": (
            '"""The plan."""\n\nfrom datetime import date\n\n'
            "DEADLINE = date(2040, 1, 1)\n\n\ndef days_left():\n"
            '    """Return the days until the deadline."""\n'
            "    return (DEADLINE - date.today()).days\n"
        ),
    },
)
group.fault(
    "hour of a stamp in local time",
    LOAD,
    """
    from datetime import datetime

    hours = [datetime.fromtimestamp(1_767_571_200 + 3600 * n).hour for n in units]
    """,
    "print(hours)",
    causes=ZONE,
    cell=1,
    line="datetime.fromtimestamp",
)
group.fault(
    "night shift by time.localtime",
    LOAD,
    """
    import time

    stamps = [1_767_571_200 + 5400 * n for n in range(40)]
    night = [stamp for stamp in stamps if time.localtime(stamp).tm_hour < 6]
    """,
    "print(len(night), night[0])",
    causes=ZONE,
    cell=1,
    line="time.localtime",
)
group.fault(
    "naive stamps made aware by the machine's zone",
    LOAD,
    """
    from datetime import datetime, timezone

    naive = datetime(2026, 1, 5, 23, 30)
    day = naive.astimezone(timezone.utc)
    """,
    "print(day.isoformat())",
    causes=ZONE,
    cell=1,
    line="astimezone",
)
group.fault(
    "offset of the zone in a formula",
    LOAD,
    "import time\n\nshift = time.timezone / 3600\nprint([n + shift for n in units])",
    causes=ZONE,
    cell=1,
    line="time.timezone",
)
group.fault(
    "day's beginning by mktime",
    LOAD,
    """
    import time

    begins = time.mktime((2026, 1, 5, 0, 0, 0, 0, 0, -1))
    """,
    "print(int(begins))",
    causes=ZONE,
    cell=1,
    line="time.mktime",
)
group.fault(
    "text read without an encoding",
    """
    with open("data/cities.txt") as stream:
        cities = stream.read().split()
    """,
    "print(max(cities, key=len), [len(city) for city in cities])",
    causes=LOCALE,
    cell=0,
    line='open("data/cities.txt")',
    files={"data/cities.txt": "Zürich Genève Bern\n"},
)
group.fault(
    "encoding asked of the locale",
    LOAD,
    """
    import locale

    raw = "Zürich".encode("utf-8")
    name = raw.decode(locale.getpreferredencoding(), errors="replace")
    """,
    "print(len(name))",
    causes=LOCALE,
    cell=1,
    line="getpreferredencoding",
)
group.fault(
    "modification time of the input as the day of its extraction",
    LOAD,
    """
    import os

    extracted = int(os.path.getmtime("data/sales.csv"))
    """,
    "print(extracted)",
    causes=(
        CLOCK,
        "tampered with",
        "not deterministic",
        "the surroundings drifted",
    ),
    cell=1,
    line="getmtime",
)

group.clean(
    "a line of log with the time",
    LOAD,
    """
    from datetime import datetime

    print(f"[{datetime.now():%Y-%m-%d %H:%M:%S}] loaded {len(sales)} days")
    """,
    "print(sum(units))",
)
group.clean(
    "elapsed time, only printed",
    LOAD,
    """
    import time

    begun = time.perf_counter()
    total = sum(units)
    print(f"took {time.perf_counter() - begun:.4f} s")
    """,
    "print(total)",
)
group.clean(
    "a stamp in UTC",
    LOAD,
    """
    from datetime import datetime, timezone

    day = datetime.fromtimestamp(1_767_571_200, tz=timezone.utc)
    """,
    "print(day.isoformat())",
)
group.clean(
    "the reference day is a parameter",
    'from datetime import date\n\nas_of = date.fromisoformat("2026-02-01")',
    "print((as_of - date(2026, 1, 5)).days)",
)
group.clean(
    "text read with its encoding",
    'cities = open("data/cities.txt", encoding="utf-8").read().split()',
    "print(cities)",
    files={"data/cities.txt": "Zürich Genève Bern\n"},
)
group.clean(
    "aware stamps converted between zones",
    LOAD,
    """
    import pandas as pd

    stamps = pd.date_range("2026-03-28", periods=4, freq="12h", tz="Europe/Berlin")
    """,
    "print(stamps.tz_convert('UTC').strftime('%H').tolist())",
)
group.clean(
    "a deadline checked, and never shown",
    LOAD,
    """
    import time

    assert time.time() > 1_600_000_000, "the clock of this machine is wrong"
    """,
    "print(max(units))",
)
