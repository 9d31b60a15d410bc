"""Clock, time zone and locale."""

import ast
import re
from collections.abc import Iterator

from toolkit.reproduce.diagnosis.kinds_names import AWARE, NAIVE
from toolkit.reproduce.diagnosis.sources import (
    FILE_TIMES,
    Finding,
    Look,
    Table,
    keyword,
    table,
)
from toolkit.reproduce.diagnosis.words import words

_NOW = {"clock": 1.0, "entropy": 0.8}
_LOCAL_NOW = {"clock": 1.0, "entropy": 0.8, "time-zone": 0.6}
_TICK = {"entropy": 0.85, "clock": 0.4, "threads": 0.2, "processors": 0.2}
_ZONE = {"time-zone": 1.0}
_LOCALE = {"locale": 1.0}
_TEXT = {"locale": 0.6}
_STAMP = {"entropy": 0.6, "clock": 0.7, "folder": 0.3}
_A_PARAMETER = (
    "Make the moment a parameter of the notebook instead of asking the clock: `{}`."
)
_OUT = "Leave durations out of results, or print them without publishing them: `{}`."
_UTC = "Name the zone, e.g. `timezone.utc`, instead of using the machine's: `{}`."
_WHY_NOW = "`{}` reads the clock: its value is another one at each execution"
_WHY_TICK = "`{}` measures how long something took, which never repeats"
_WHY_ZONE = "`{}` uses the time zone of the machine"
_WHY_STAMP = f"`{{}}` is {FILE_TIMES}, not part of its content"
_STAMP_OUT = "Take the date from the file's content or name, not from the disk: `{}`."
_ENCODING = 'Pass the encoding: `encoding="utf-8"` in `{}`.'
_WHY_TEXT = "`{}` reads or writes text in the encoding of the locale"
_WORDED = re.compile(r"%[-_^#]?[aAbBcxXphEO]")
_ZONED = re.compile(r"%[-_^#]?[zZs]")


def _naive(_: Look, call: ast.Call | None) -> bool:
    return call is not None and not call.args and not keyword(call, "tz")


def _one(_: Look, call: ast.Call | None) -> bool:
    """Whether no zone follows the moment."""
    return call is None or (len(call.args) < 2 and not keyword(call, "tz"))  # noqa: PLR2004 -- moment and zone


def _only_moment(_: Look, call: ast.Call | None) -> bool:
    return call is not None and len(call.args) == 1 and not keyword(call, "tz")


def _no_moment(_: Look, call: ast.Call | None) -> bool:
    return call is None or len(call.args) < (2 if _is(call, "strftime") else 1)


def _is(call: ast.Call, name: str) -> bool:
    return name in (getattr(call.func, "attr", ""), getattr(call.func, "id", ""))


def _text_mode(look: Look, call: ast.Call | None) -> bool:
    if call is None or keyword(call, "encoding"):
        return False
    place = 1 if isinstance(call.func, ast.Name) or look.dotted(call.func) else 0
    mode = keyword(call, "mode")
    if mode is None and len(call.args) > place:
        mode = call.args[place]
    if len(call.args) > place + 2:
        return False
    value = look.constant(mode) if mode is not None else "r"
    return not (isinstance(value, str) and "b" in value)


def _path_open(look: Look, call: ast.Call | None) -> bool:
    """``Path.open``; what other objects open is mostly no text."""
    if call is None or not isinstance(call.func, ast.Attribute):
        return False
    return not look.dotted(call.func) and _text_mode(look, call)


def _no_encoding(_: Look, call: ast.Call | None) -> bool:
    if call is None or keyword(call, "encoding"):
        return False
    return len(call.args) < (1 if _is(call, "read_text") else 2)


def _text_process(_: Look, call: ast.Call | None) -> bool:
    wanted = keyword(call, "text", "universal_newlines")
    return wanted is not None and keyword(call, "encoding") is None


_NAMES = (
    table(
        "datetime.datetime.now pandas.Timestamp.now pendulum.now arrow.now",
        _LOCAL_NOW, _WHY_NOW, _A_PARAMETER, lambda lk, c: c is None or _naive(lk, c),
    )
    | table(
        "datetime.datetime.today datetime.date.today pandas.Timestamp.today "
        "time.localtime time.ctime time.asctime time.strftime pendulum.today",
        _LOCAL_NOW, _WHY_NOW, _A_PARAMETER, _no_moment,
    )
    | table(
        "datetime.datetime.utcnow time.time time.time_ns arrow.utcnow "
        "pandas.Timestamp.utcnow django.utils.timezone.now",
        _NOW, _WHY_NOW, _A_PARAMETER,
    )
    | table("time.gmtime", _NOW, _WHY_NOW, _A_PARAMETER, _no_moment)
    | table(
        "time.perf_counter time.perf_counter_ns time.monotonic time.monotonic_ns "
        "time.process_time time.process_time_ns time.thread_time timeit.timeit "
        "timeit.repeat timeit.default_timer os.times resource.getrusage "
        "time.clock_gettime psutil.cpu_percent psutil.virtual_memory",
        _TICK, _WHY_TICK, _OUT,
    )
    | table(
        "os.path.getmtime os.path.getctime os.path.getatime",
        _STAMP, _WHY_STAMP, _STAMP_OUT,
    )
    | table(
        "pandas.Timestamp.fromtimestamp",
        _ZONE, _WHY_ZONE, _UTC, _one,
    )
    | table(
        "datetime.date.fromtimestamp time.mktime time.tzname time.timezone "
        "time.altzone time.daylight time.tzset dateutil.tz.tzlocal dateutil.tz.gettz "
        "tzlocal.get_localzone tzlocal.get_localzone_name email.utils.localtime",
        _ZONE, _WHY_ZONE, _UTC,
    )
    | table(
        "locale.setlocale locale.getlocale locale.getdefaultlocale locale.localeconv "
        "locale.getpreferredencoding locale.getencoding locale.strcoll locale.strxfrm "
        "locale.format_string locale.currency locale.str locale.atof locale.atoi "
        "locale.nl_langinfo calendar.month_name calendar.month_abbr calendar.day_name "
        "calendar.day_abbr gettext.gettext gettext.translation sys.stdout.encoding",
        _LOCALE, "`{}` follows the locale of the machine",
        "Write names and separators out yourself, or fix the locale in the code: `{}`.",
    )
    | table("open io.open", _TEXT, _WHY_TEXT, _ENCODING, _text_mode)
    | table(
        "subprocess.run subprocess.check_output subprocess.Popen subprocess.call "
        "subprocess.getoutput",
        {"locale": 0.5}, _WHY_TEXT, _ENCODING, _text_process,
    )
)  # fmt: skip

_METHODS = (
    table(
        "st_mtime st_ctime st_atime st_mtime_ns st_ctime_ns st_atime_ns",
        _STAMP, _WHY_STAMP, _STAMP_OUT,
    )
    | table("read_text write_text", _TEXT, _WHY_TEXT, _ENCODING, _no_encoding)
    | table("open", _TEXT, _WHY_TEXT, _ENCODING, _path_open)
)  # fmt: skip
# the same functions when they are told a zone, or a moment
_TOLD_NAMES = table(
    "datetime.datetime.now pandas.Timestamp.now pendulum.now arrow.now",
    _NOW, _WHY_NOW, _A_PARAMETER, lambda lk, c: c is not None and not _naive(lk, c),
) | table(
    "time.localtime time.ctime datetime.datetime.fromtimestamp",
    _ZONE, _WHY_ZONE, _UTC, _only_moment,
)  # fmt: skip


def _zones(look: Look) -> Iterator[Finding]:
    """Find moments without a zone, which are taken as ones of the machine's."""
    for call, dotted, last in look.calls():
        if last not in ("timestamp", "astimezone") or dotted:
            continue
        kind = look.kind(getattr(call.func, "value", call.func))
        bare = not call.args and not call.keywords
        weight = 1.0 if kind == NAIVE else 0.6 if last == "timestamp" else 0.35
        if last == "astimezone" and bare:
            weight = 1.0
        elif kind == AWARE or (last == "timestamp" and not bare):
            continue
        yield look.found(call, {"time-zone": weight}, _WHY_ZONE, _UTC)


def _formats(look: Look) -> Iterator[Finding]:
    """Find formats that ask for names, zones or separators."""
    for call, dotted, last in look.calls():
        if last not in ("strftime", "strptime", "to_datetime", "format"):
            continue
        for given in [*call.args, *(word.value for word in call.keywords)]:
            value = look.constant(given)
            if not isinstance(value, str):
                continue
            if _WORDED.search(value) and last != "format":
                weight = 1.0 if last != "to_datetime" else 0.4
                yield look.found(
                    call,
                    {"locale": weight},
                    f"`{{}}` spells names as the locale does ({value!r})",
                    "Use numbers (`%Y-%m-%d`), or a table of names of your own: `{}`.",
                )
            if _ZONED.search(value) and last == "strftime":
                yield look.found(call, {"time-zone": 0.8}, _WHY_ZONE, _UTC)
            if dotted == "format" and value.endswith("n"):
                yield _separators(look, call)
            if last == "to_datetime" and value in ("now", "today"):
                yield look.found(call, _LOCAL_NOW, _WHY_NOW, _A_PARAMETER)


def _separators(look: Look, node: ast.AST) -> Finding:
    return look.found(
        node,
        _LOCALE,
        "`{}` groups digits as the locale does",
        "Write `,` or `_` for the thousands instead of `n`: `{}`.",
    )


def _literals(look: Look) -> Iterator[Finding]:
    """Find strings that stand for the moment, in pandas and numpy."""
    for call, dotted, last in look.calls():
        moments = last in ("Timestamp", "datetime64", "DatetimeIndex", "date_range")
        if moments and not dotted.startswith("datetime."):
            given = [*call.args, *(word.value for word in call.keywords)]
            values = [look.constant(each) for each in given]
            if {"now", "today"} & {v for v in values if isinstance(v, str)}:
                yield look.found(call, _LOCAL_NOW, _WHY_NOW, _A_PARAMETER)
        local = call.args and look.constant(call.args[0]) == "localtime"
        if last == "ZoneInfo" and local:
            yield look.found(call, _ZONE, _WHY_ZONE, _UTC)


def _fields(look: Look) -> Iterator[Finding]:
    for node in look.nodes:
        if not isinstance(node, ast.FormattedValue) or node.format_spec is None:
            continue
        for part in ast.walk(node.format_spec):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                if part.value.endswith("n") and "%" not in part.value:
                    yield _separators(look, look.parent(node))
                if _WORDED.search(part.value):
                    yield look.found(
                        look.parent(node), _LOCALE,
                        "`{}` writes names as the locale spells them",
                        "Use numbers (`%Y-%m-%d`), or a table of your own: `{}`.",
                    )  # fmt: skip


TABLES = (
    Table(
        names=_NAMES,
        methods=_METHODS,
        rules=(
            (words("strftime strptime to_datetime format"), _formats),
            (
                words("Timestamp datetime64 DatetimeIndex date_range ZoneInfo"),
                _literals,
            ),
            (frozenset(("<format>",)), _fields),
            (words("timestamp astimezone"), _zones),
        ),
    ),
    Table(names=_TOLD_NAMES, methods={}),
)
