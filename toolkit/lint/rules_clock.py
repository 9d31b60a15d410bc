"""Clock, durations and zones in results."""

from collections.abc import Iterator

from toolkit.lint.chance import chance_in
from toolkit.lint.machine import MOMENTS, TICKS, ZONES, is_local, is_moment
from toolkit.lint.model import Hit, Rule, Subject
from toolkit.lint.telling import calls_of, follow, looks
from toolkit.reproduce.diagnosis.words import words

_LITERALS = words("Timestamp datetime64 DatetimeIndex date_range to_datetime")


def _last(names: frozenset[str]) -> list[str]:
    return sorted({name.rpartition(".")[2] for name in names})


def _clock(subject: Subject) -> Iterator[Hit]:
    for look in looks(subject, *_last(MOMENTS), *_LITERALS):
        for call, dotted, last in look.calls():
            if is_moment(look, call, dotted, last):
                yield from follow(subject, look, call, "moment", "`{}` reads the clock")


def _zones(subject: Subject) -> Iterator[Hit]:
    for look in looks(subject, *_last(ZONES), "astimezone", "timestamp"):
        called = {call.func for call, _, _ in look.calls()}
        for call, dotted, last in look.calls():
            given = [call.func, *call.args]
            if is_local(look, call, dotted, last) and not chance_in(look, given):
                what = "`{}` uses the time zone of the machine"
                yield from follow(subject, look, call, "value", what)
        for node, dotted, _ in look.named():
            if node not in called and dotted in ZONES:
                what = "`{}` is the time zone of the machine"
                yield from follow(subject, look, node, "value", what)


RULES: tuple[Rule, ...] = (
    Rule(
        code="SUR101",
        name="clock-in-result",
        severity="warning",
        why="What is computed from the date or the time of the execution is something "
        "else tomorrow.",
        mend="Make the moment a parameter of the notebook.",
        bad=(
            "from datetime import date\nage = (date.today() - date(2019, 5, 1)).days",
            "print(f'{age / 365.25:.2f} years')",
        ),
        good=(
            "from datetime import datetime\nn = 3",
            "print(f'[{datetime.now()}] loaded {n} days')",
        ),
        check=_clock,
    ),
    Rule(
        code="SUR102",
        name="duration-in-result",
        severity="warning",
        why="How long something took never repeats.",
        mend="Print durations, and keep them out of what is published, written or "
        "decided.",
        bad=(
            "import time\nfrom toolkit import publish\nbegun = time.perf_counter()",
            "publish.metric('seconds', time.perf_counter() - begun)",
        ),
        good=(
            "import time\nbegun = time.perf_counter()",
            "print(f'took {time.perf_counter() - begun:.1f} s')",
        ),
        check=calls_of(TICKS, "duration", "`{}` measures how long something took"),
    ),
    Rule(
        code="SUR103",
        name="local-zone",
        severity="warning",
        why="Moments without a zone are taken as ones of the machine's zone; in "
        "another zone they are other hours, and other days.",
        mend="Name the zone, e.g. `tz=timezone.utc`.",
        bad=("from datetime import datetime\nprint(datetime.fromtimestamp(9).hour)",),
        good=(
            (
                "from datetime import datetime, timezone\n"
                "print(datetime.fromtimestamp(9, tz=timezone.utc).hour)"
            ),
        ),
        check=_zones,
    ),
)
