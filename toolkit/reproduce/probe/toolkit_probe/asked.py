"""Functions whose answer may differ elsewhere, and what each asks about."""

from __future__ import annotations

# Built-in functions and methods, by module and name; the module is where it is written.
BUILT_IN: dict[str, str] = {
    "time.time": "clock",
    "time.time_ns": "clock",
    "time.clock_gettime": "clock",
    "time.clock_gettime_ns": "clock",
    "time.gmtime": "clock",
    "time.ctime": "clock",
    "datetime.datetime.now": "clock",
    "datetime.datetime.today": "clock",
    "datetime.datetime.utcnow": "clock",
    "datetime.date.today": "clock",
    "time.localtime": "time-zone",
    "time.mktime": "time-zone",
    "time.tzset": "time-zone",
    "datetime.datetime.fromtimestamp": "time-zone",
    "datetime.date.fromtimestamp": "time-zone",
    "datetime.datetime.astimezone": "time-zone",
    "datetime.datetime.timestamp": "time-zone",
    "time.strftime": "locale",
    "datetime.datetime.strftime": "locale",
    "datetime.date.strftime": "locale",
    "_locale.setlocale": "locale",
    "_locale.localeconv": "locale",
    "_locale.nl_langinfo": "locale",
    "_locale.getencoding": "locale",
    "posix.urandom": "entropy",
    "posix.getrandom": "entropy",
    "posix.listdir": "listing",
    "posix.scandir": "listing",
    "posix.cpu_count": "processors",
    "posix.process_cpu_count": "processors",
    "posix.sched_getaffinity": "processors",
    "posix.uname": "host",
    "_socket.gethostname": "host",
    "posix.getlogin": "user",
    "posix.getuid": "user",
    "posix.geteuid": "user",
    "pwd.getpwuid": "user",
    "pwd.getpwnam": "user",
    "posix.getcwd": "folder",
    "posix.getcwdb": "folder",
    "posix.umask": "umask",
    "posix.getpid": "identity",
    "posix.getppid": "identity",
    "_thread.get_ident": "identity",
    "builtins.id": "identity",
    "builtins.hash": "hash-seed",
    "_thread.start_new_thread": "parallel",
    "_thread.start_joinable_thread": "parallel",
    "_posixsubprocess.fork_exec": "parallel",
    "posix.fork": "parallel",
}
# Methods of random.Random that are built in; the others call them.
RANDOM = frozenset({"random", "getrandbits", "random_sample"})

# Python functions, by the end of their file and their name.
WRITTEN: dict[str, tuple[tuple[str, str, str], ...]] = {
    "expanduser": (("/posixpath.py", "home", "os.path.expanduser"),),
    "home": (("/pathlib.py", "home", "pathlib.Path.home"),),
    "getuser": (("/getpass.py", "user", "getpass.getuser"),),
    "getenv": (("/os.py", "environment", "os.getenv"),),
    "__getitem__": (("/toolkit_probe/environment.py", "environment", "os.environ"),),
    "__iter__": (("/toolkit_probe/environment.py", "environment", "os.environ"),),
    "node": (("/platform.py", "host", "platform.node"),),
    "getfqdn": (("/socket.py", "host", "socket.getfqdn"),),
    "cpu_count": (
        ("/loky/backend/context.py", "processors", "joblib.cpu_count"),
        ("/multiprocessing/context.py", "processors", "multiprocessing.cpu_count"),
    ),
    "effective_n_jobs": (("/joblib/parallel.py", "processors", "n_jobs"),),
    "uuid1": (("/uuid.py", "clock", "uuid.uuid1"),),
    "submit": (("/concurrent/futures/thread.py", "parallel", "Executor.submit"),),
    "delayed": (("/toolkit_probe/parallel.py", "parallel", "Executor.submit"),),
    "as_completed": (
        ("/concurrent/futures/_base.py", "parallel", "as_completed"),
        ("/toolkit_probe/parallel.py", "parallel", "as_completed"),
        ("/asyncio/tasks.py", "parallel", "asyncio.as_completed"),
    ),
    "imap_unordered": (
        ("/multiprocessing/pool.py", "parallel", "Pool.imap_unordered"),
        ("/toolkit_probe/parallel.py", "parallel", "Pool.imap_unordered"),
    ),
    "__call__": (("/joblib/parallel.py", "parallel", "joblib.Parallel"),),
}
# Python functions that turn "no seed" into the global generator: the argument's name.
SEEDING: dict[str, tuple[tuple[str, str, str], ...]] = {
    "check_random_state": (
        ("/sklearn/utils/validation.py", "seed", "random_state of scikit-learn"),
        ("/scipy/_lib/_util.py", "seed", "random_state of SciPy"),
    ),
    "random_state": (("/pandas/core/common.py", "state", "random_state of pandas"),),
}
