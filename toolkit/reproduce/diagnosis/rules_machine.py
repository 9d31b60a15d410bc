"""Environment, home, user, host, folder and umask: whose machine it is."""

import ast
import re
from collections.abc import Iterator

from toolkit.reproduce.diagnosis.cells import SHELL
from toolkit.reproduce.diagnosis.sources import (
    FILE_TIMES,
    Finding,
    Groups,
    Look,
    Table,
    keyword,
    table,
)
from toolkit.reproduce.diagnosis.words import words

_ENVIRONMENT: Groups = {"environment": 1.0}
_FOLDER: Groups = {"folder": 1.0, "entropy": 0.3, "home": 0.2}
_HOME: Groups = {"home": 1.0, "user": 0.5, "entropy": 0.2}
_USER: Groups = {"user": 1.0}
_HOST: Groups = {"host": 1.0}
_UMASK: Groups = {"umask": 1.0}
# what a variable of the environment says, besides being one
_VARIABLES: dict[str, Groups] = {
    "HOME": _HOME,
    "USERPROFILE": _HOME,
    "XDG_CACHE_HOME": _HOME,
    "USER": _USER,
    "LOGNAME": _USER,
    "USERNAME": _USER,
    "HOSTNAME": _HOST,
    "HOST": _HOST,
    "TZ": {"time-zone": 1.0},
    "LANG": {"locale": 1.0},
    "LC_ALL": {"locale": 1.0},
    "LC_TIME": {"locale": 1.0},
    "LANGUAGE": {"locale": 1.0},
    "PWD": _FOLDER,
    "TMPDIR": {"home": 0.6, "folder": 0.6, "entropy": 0.6},
    "PYTHONHASHSEED": {"hash-seed": 1.0},
    "OMP_NUM_THREADS": {"threads": 1.0, "processors": 0.5},
    "OPENBLAS_NUM_THREADS": {"threads": 1.0, "processors": 0.5},
    "MKL_NUM_THREADS": {"threads": 1.0, "processors": 0.5},
    "NUMEXPR_MAX_THREADS": {"threads": 1.0, "processors": 0.5},
}
_NAMED = (
    "Make it a parameter of the notebook, "
    "or name the variable under `environment:` in scope.yaml: `{}`."
)
_RELATIVE = "Use paths relative to the project, and keep them out of results: `{}`."
_LOCAL = "Keep what tells one machine from another out of results: `{}`."
_WHY_FOLDER = "`{}` is where the project lies on this machine"
_WHY_HOME = "`{}` is the home folder of whoever runs it"
_WHY_VARIABLE = "`{}` reads a variable of the environment"
_SHELL_WORDS: tuple[tuple[str, Groups, str], ...] = (
    (r"^time(it)?\b", {"entropy": 0.8, "clock": 0.3}, "how long something took"),
    (r"\bdate\b", {"clock": 1.0, "entropy": 0.7, "time-zone": 0.5}, "the clock"),
    (r"\bhostname\b|\buname\b", _HOST, "the name of the machine"),
    (r"\bwhoami\b|\bid\b|\$USER\b|\$LOGNAME\b", _USER, "the user"),
    (r"\bpwd\b|\$PWD\b|\brealpath\b", _FOLDER, "the folder"),
    (r"\$HOME\b|~/", _HOME, "the home folder"),
    (r"\bnproc\b|/proc/cpuinfo|\blscpu\b", {"processors": 1.0}, "the processors"),
    (r"\$RANDOM\b|\bshuf\b|/dev/u?random|\buuidgen\b", {"entropy": 1.0}, "chance"),
    (r"\bumask\b|\bls\s+-\w*l", _UMASK, "the permissions of files"),
    (r"\bls\s+-\w*t|\bstat\b|-newer|-mtime", {"clock": 0.6, "folder": 0.3}, FILE_TIMES),
    (r"\bfind\b|\bls\s+-\w*[Uf]", {"listing": 0.9}, "files in the disk's order"),
    (r"\bsort\b|\bls\b", {"locale": 0.5}, "the locale's order"),
    (r"\benv\b|\bprintenv\b|\$[A-Z_]{3,}", {"environment": 0.8}, "the environment"),
)  # fmt: skip
_SQL: tuple[tuple[str, Groups, str], ...] = (
    (r"\b(random|rand|newid|uuid|gen_random_uuid)\(|\busing sample|\btablesample",
     {"entropy": 0.9}, "draws random rows or numbers"),
    (r"\bnow\(|\bcurrent_date\b|\bcurrent_timestamp\b|\bcurrent_time\b|'now'|\bgetdate\(",
     {"clock": 0.9, "entropy": 0.7, "time-zone": 0.4}, "reads the clock"),
    (r"^(?!.*\border by\b).*\blimit\b",
     {"threads": 0.4, "parallel": 0.4, "entropy": 0.3},
     "takes rows of no order"),
)  # fmt: skip
_PROCESSES = words(
    "subprocess.run subprocess.check_output subprocess.Popen subprocess.call "
    "subprocess.getoutput subprocess.getstatusoutput os.system os.popen"
)


def _bare(_: Look, call: ast.Call | None) -> bool:
    return call is not None and not call.args


_NAMES = (
    table("os.getcwd os.getcwdb pathlib.Path.cwd os.path.abspath os.path.realpath "
          "__file__ sys.path sys.argv inspect.getfile", _FOLDER, _WHY_FOLDER, _RELATIVE)
    | table("sys.executable sys.prefix sys.base_prefix site.getsitepackages",
            {"folder": 0.4, "home": 0.4, "environment": 0.3}, _WHY_FOLDER, _RELATIVE)
    | table("pathlib.Path.home os.path.expanduser", _HOME, _WHY_HOME, _RELATIVE)
    | table("getpass.getuser os.getlogin os.getuid os.geteuid os.getgid os.getgroups "
            "pwd.getpwuid pwd.getpwnam grp.getgrgid",
            _USER, "`{}` says who runs it", _LOCAL)
    | table("socket.gethostname socket.getfqdn socket.gethostbyname platform.node "
            "platform.uname os.uname uuid.getnode",
            _HOST, "`{}` says on which machine it runs", _LOCAL)
    | table("platform.platform platform.machine platform.processor platform.release "
            "platform.version platform.system", {"host": 0.5},
            "`{}` says on which machine it runs", _LOCAL)
    | table("uuid.uuid1", {"entropy": 1.0, "host": 0.7, "clock": 0.7},
            "`{}` is made of the machine's address and the moment",
            "Use `uuid.uuid5` of a name instead of `{}`.")
    | table("os.umask os.access stat.filemode stat.S_IMODE shutil.copymode",
            _UMASK, "`{}` depends on which permissions new files get here",
            "Keep permissions of files out of results: `{}`.")
    | table("os.chmod os.mkdir os.makedirs", {"umask": 0.4},
            "`{}` gives permissions, less those that the umask takes away", _LOCAL)
    | table("os.environb os.environ.copy os.environ.items os.environ.keys "
            "dotenv.load_dotenv dotenv.dotenv_values os.path.expandvars "
            "decouple.config environ.Env",
            _ENVIRONMENT, _WHY_VARIABLE, _NAMED)
)  # fmt: skip
_METHODS = (
    table("resolve absolute", {g: w * 0.8 for g, w in _FOLDER.items()},
          _WHY_FOLDER, _RELATIVE,
          _bare)
    | table("expanduser", _HOME, _WHY_HOME, _RELATIVE)
    | table("owner", {"user": 0.6}, "`{}` says who owns a file here", _LOCAL,
            _bare)
    | table("st_mode st_uid st_gid", {"umask": 1.0, "user": 0.4},
            "`{}` holds permissions that the umask decided",
            "Keep permissions of files out of results: `{}`.")
    | table("stat lstat", {"umask": 0.3, "entropy": 0.3, "clock": 0.3, "user": 0.2},
            "`{}` tells more of a file than what is in it",
            "Use the file's content or name instead of `{}`.")
    | table("chmod", {"umask": 0.4}, "`{}` sets permissions", _LOCAL)
)  # fmt: skip


def _environment(look: Look) -> Iterator[Finding]:
    """Find reads of one variable, or of all."""
    for node, dotted, call in look.named():
        if dotted not in (
            "os.environ",
            "os.environ.get",
            "os.getenv",
            "os.environ.pop",
        ):
            continue
        whole: ast.AST = call or node
        name: object = ...
        if call is not None and call.args:
            name = look.constant(call.args[0])
        elif dotted == "os.environ":
            above = look.parent(node)
            if isinstance(above, ast.Attribute):
                continue  # another function of it: the table knows it, or it sets
            if isinstance(above, ast.Subscript):
                if not isinstance(above.ctx, ast.Load):
                    continue  # it is set
                name, whole = look.constant(above.slice), above
        groups: dict[str, float] = {"environment": 1.0}
        if isinstance(name, str):
            groups |= _VARIABLES.get(name, {})
        yield look.found(whole, groups, _WHY_VARIABLE, _NAMED)


def _shell(look: Look) -> Iterator[Finding]:
    """Find commands: of IPython, and of ``subprocess``."""
    for call, dotted, _ in look.calls():
        if dotted not in _PROCESSES and dotted != SHELL:
            continue
        text = " ".join(
            str(n.value) for n in ast.walk(call) if isinstance(n, ast.Constant)
        )
        for pattern, groups, what in _SHELL_WORDS:
            if re.search(pattern, text):
                yield look.found(
                    call, groups, f"the command `{text}` shows {what}",
                    f"Do it in Python, from what the recipe holds: not `{text}`.",
                )  # fmt: skip


def _sql(look: Look) -> Iterator[Finding]:
    for node in look.nodes:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        text = " ".join(node.value.lower().split())
        if "select" not in text:
            continue
        for pattern, groups, what in _SQL:
            if re.search(pattern, text):
                yield look.found(
                    node, groups, f"the query {what}",
                    "Name the order, the date or the seed in the query: `{}`.",
                )  # fmt: skip


def _paths(look: Look) -> Iterator[Finding]:
    """Find paths that exist on one machine only."""
    for node in look.nodes:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if re.match(r"(/(home|Users|root|mnt|data|tmp)/|~/|[A-Z]:\\)\S+$", node.value):
            home = node.value.startswith(("~", "/home", "/Users", "/root"))
            yield look.found(
                node,
                {"folder": 0.4, "home": 0.5 if home else 0.1},
                "{} is a path of one machine",
                _RELATIVE,
            )


def _modes(look: Look) -> Iterator[Finding]:
    for call, dotted, last in look.calls():
        if last in ("mkdir", "touch") and not dotted and keyword(call, "mode"):
            yield look.found(
                call, {"umask": 0.7}, "`{}` gives permissions, less those of the umask",
                _LOCAL,
            )  # fmt: skip


TABLE = Table(
    names=_NAMES,
    methods=_METHODS,
    rules=(
        (words("environ getenv"), _environment),
        (frozenset((SHELL, *(p.rpartition(".")[2] for p in _PROCESSES))), _shell),
        (frozenset(("<sql>",)), _sql),
        (frozenset(("<path>",)), _paths),
        (words("mkdir touch"), _modes),
    ),
)
