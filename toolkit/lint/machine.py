"""What a machine, a user or a moment says: by which functions it is asked."""

import ast
import re

from toolkit.reproduce.diagnosis.kinds_names import AWARE, NAIVE
from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.sources import Look, keyword
from toolkit.reproduce.diagnosis.steps import Step
from toolkit.reproduce.diagnosis.words import words

MOMENTS = words(
    "datetime.datetime.now datetime.datetime.today datetime.date.today "
    "datetime.datetime.utcnow pandas.Timestamp.now pandas.Timestamp.today "
    "pandas.Timestamp.utcnow pandas.datetime.now pendulum.now pendulum.today arrow.now "
    "arrow.utcnow time.time time.time_ns time.localtime time.gmtime time.ctime "
    "time.asctime time.strftime"
)
_GIVEN_MOMENT = words("localtime gmtime ctime")  # or ask the clock if given nothing
_LITERAL = words("Timestamp datetime64 DatetimeIndex date_range to_datetime")
TICKS = words(
    "time.perf_counter time.perf_counter_ns time.monotonic time.monotonic_ns "
    "time.process_time time.process_time_ns timeit.timeit timeit.repeat "
    "timeit.default_timer psutil.cpu_percent psutil.virtual_memory"
)
ZONES = words(
    "datetime.datetime.fromtimestamp datetime.date.fromtimestamp time.localtime "
    "time.mktime time.timezone time.altzone time.tzname time.daylight "
    "dateutil.tz.tzlocal tzlocal.get_localzone tzlocal.get_localzone_name"
)
LOCALES = words(
    "locale.getpreferredencoding locale.getlocale locale.getdefaultlocale "
    "locale.localeconv locale.getencoding locale.strxfrm locale.format_string "
    "locale.currency locale.atof locale.nl_langinfo"
)
HOSTS = words(
    "socket.gethostname socket.getfqdn platform.node platform.uname os.uname "
    "uuid.getnode getpass.getuser os.getlogin os.getuid os.geteuid os.getgid "
    "pwd.getpwuid pwd.getpwnam"
)
PROCESSORS = words(
    "os.cpu_count multiprocessing.cpu_count joblib.cpu_count loky.cpu_count "
    "os.sched_getaffinity os.process_cpu_count psutil.cpu_count"
)
STAMPS = words("os.path.getmtime os.path.getctime os.path.getatime")
STAMP_PARTS = words(
    "st_mtime st_ctime st_atime st_mtime_ns st_ctime_ns st_atime_ns st_mode st_uid "
    "st_gid st_ino"
)
_COMMANDS: tuple[tuple[str, str], ...] = (
    (r"^date\b", "the clock"),
    (r"^(hostname|uname)\b", "the name of the machine"),
    (r"^(whoami|id)\b|\$USER\b|\$LOGNAME\b", "the user"),
    (r"\$RANDOM\b|^shuf\b|/dev/u?random|^uuidgen\b", "chance"),
)
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASS|PWD|CREDENTIAL|AUTH")
_PLACE = re.compile(r"DIR|PATH|FOLDER|ROOT|HOME|CACHE|FILE|URL|URI|HOST|PORT|ENDPOINT")
_ABSOLUTE = re.compile(
    r"(/(home|Users|root|mnt|media|Volumes|scratch|content|kaggle|dbfs|gdrive)/"
    r"|~[/\\]|[A-Za-z]:[\\/]{1,2})\w[^\n:*?\"<>|]*$"
)


def is_moment(look: Look, call: ast.Call, dotted: str, last: str) -> bool:
    """Whether a call asks the clock."""
    if dotted in MOMENTS:
        if last == "strftime":
            return len(call.args) == 1
        return last not in _GIVEN_MOMENT or not call.args
    if last in _LITERAL and not dotted.startswith("datetime."):
        given = [*call.args, *(word.value for word in call.keywords)]
        values = [look.constant(each) for each in given]
        return any(v in ("now", "today") for v in values if isinstance(v, str))
    return False


def is_clock(program: Program, node: ast.AST, step: Step) -> bool:
    """Whether a value was read off the clock, there or where its name was bound."""
    for each in ast.walk(node):
        name = getattr(each, "id", getattr(each, "attr", ""))
        bound = [
            *step.scope.definitions.get(name, ()),
            *step.scope.root.definitions.get(name, ()),
            *program.setters(name),
        ]
        if _asks(program, each, step) or any(
            _asks(program, n, other)
            for other in bound
            if other is not step
            for n in program.nodes(other)
        ):
            return True
    return False


def _asks(program: Program, node: ast.AST, step: Step) -> bool:
    clocks = MOMENTS | TICKS
    return (
        isinstance(node, ast.Call) and program.dotted(node.func, step.scope) in clocks
    )


def is_local(look: Look, call: ast.Call, dotted: str, last: str) -> bool:
    """Whether a call converts with the zone of the machine."""
    if dotted in ZONES:
        if last == "fromtimestamp" and dotted.startswith("datetime.datetime"):
            return len(call.args) == 1 and not call.keywords
        return last != "localtime" or bool(call.args)
    if dotted or last not in ("astimezone", "timestamp"):
        return False
    kind = look.kind(getattr(call.func, "value", call.func))
    if last == "timestamp":
        return kind == NAIVE and not call.args
    bare = not call.args and not call.keywords
    return kind == NAIVE or (bare and kind != AWARE)


def is_text_of_locale(look: Look, call: ast.Call, dotted: str, last: str) -> bool:
    """Whether a call opens a text without saying its encoding."""
    if keyword(call, "encoding") or any(word.arg is None for word in call.keywords):
        return False
    if not dotted and last in ("read_text", "write_text"):
        method = isinstance(call.func, ast.Attribute)
        return method and len(call.args) < (1 if last == "read_text" else 2)
    if dotted not in ("open", "io.open") or not call.args:
        return False
    given = [*call.args[1:2], keyword(call, "mode")]
    mode = next(filter(None, given), None)
    value = look.constant(mode) if mode is not None else "r"
    return isinstance(value, str) and "b" not in value and len(call.args) < 4  # noqa: PLR2004 -- the encoding is the fourth


def command_shows(text: str) -> str:
    """Return what a shell command shows of the machine, "" if nothing is known."""
    found = (what for pattern, what in _COMMANDS if re.search(pattern, text.strip()))
    return next(found, "")


def is_secret(name: str) -> bool:
    """Whether a variable of the environment holds a secret, by its name."""
    return bool(_SECRET.search(name.upper()))


def is_place(name: str) -> bool:
    """Whether a variable of the environment holds a path or an address."""
    return bool(_PLACE.search(name.upper()))


def is_absolute(text: str) -> bool:
    """Whether a text is a path that exists on one machine only.

    Examples
    --------
    >>> is_absolute("/home/ann/sales.csv"), is_absolute("data/sales.csv")
    (True, False)
    """
    return bool(_ABSOLUTE.match(text)) and "\n" not in text
