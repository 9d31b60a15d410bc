"""Surroundings that differ: user, host, umask, processors, as Python sees them."""

from __future__ import annotations

import os

from .wrapping import when_imported, wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

    from .log import Log
    from .settings import Settings


def vary(settings: Settings, log: Log) -> None:
    """Apply what the settings vary; say of each what could not be applied."""
    changes: dict[str, Callable[[Any], None]] = {
        "clock": _advance,
        "locale": _decode_otherwise,
        "user": _rename_user,
        "host": _rename_host,
        "umask": _mask,
        "processors": _count,
        "listing": _reverse,
        "parallel": _disturb,
    }
    for name, change in changes.items():
        if name not in settings.varied:
            continue
        try:
            change(settings.varied[name])
        except Exception as error:  # noqa: BLE001 -- one that fails must not stop others
            log.write("enforced", f"variation {name}", f"not varied: {error}")


def _advance(seconds: int) -> None:
    from .clock import advance  # noqa: PLC0415 -- only where it is varied

    advance(seconds)


def _decode_otherwise(name: str) -> None:
    """Decode texts by another character set; the names of files stay as they are."""
    import _locale  # noqa: PLC0415 -- locale is slow to import

    _locale.setlocale(_locale.LC_CTYPE, name)

    def preferred(original: Callable[..., Any]) -> Callable[..., Any]:
        return lambda do_setlocale=True: original(False)  # noqa: ARG005, FBT003

    when_imported(
        "locale", lambda module: wrap(module, "getpreferredencoding", preferred)
    )


def _mask(mask: int) -> None:
    os.umask(mask)


def _count(number: int) -> None:
    """Let Python count another number of processors; none is taken away."""

    def counting(_: Callable[..., Any]) -> Callable[..., Any]:
        return lambda: number

    def asking(original: Callable[..., Any]) -> Callable[..., Any]:
        def affinity(pid: int) -> object:
            own = pid in {0, os.getpid()}
            return set(range(number)) if own else original(pid)

        return affinity

    wrap(os, "cpu_count", counting)
    wrap(os, "process_cpu_count", counting)
    wrap(os, "sched_getaffinity", asking)


def _rename_user(name: str) -> None:
    """Give this user another name, where Python asks for it."""

    def logged_in(_: Callable[..., Any]) -> Callable[..., Any]:
        return lambda: name

    def in_database(pwd: ModuleType) -> None:
        renamed = pwd.getpwuid(os.getuid()).pw_name

        def entry(found: Any) -> object:  # noqa: ANN401 -- a struct_passwd
            if found.pw_uid != os.getuid() or found.pw_name != renamed:
                return found
            return pwd.struct_passwd((name, *tuple(found)[1:]))

        def by_number(original: Callable[..., Any]) -> Callable[..., Any]:
            return lambda uid: entry(original(uid))

        def by_name(original: Callable[..., Any]) -> Callable[..., Any]:
            return lambda who: entry(original(renamed if who == name else who))

        wrap(pwd, "getpwuid", by_number)
        wrap(pwd, "getpwnam", by_name)

    wrap(os, "getlogin", logged_in)
    when_imported("pwd", in_database)


def _rename_host(name: str) -> None:
    """Give this machine another name, unless a namespace did; it stays reachable."""
    if os.uname().nodename != name:
        _say_host(name)

    def own(original: Callable[..., Any]) -> Callable[..., Any]:
        def resolve(host: Any, *args: Any, **named: Any) -> object:  # noqa: ANN401
            return original("localhost" if host == name else host, *args, **named)

        return resolve

    def resolving(module: ModuleType) -> None:
        for function in ("gethostbyname", "gethostbyname_ex", "getaddrinfo"):
            wrap(module, function, own)

    when_imported("socket", resolving)
    when_imported("platform", _forget)  # it may have been asked before us


def _forget(platform: ModuleType) -> None:
    platform._uname_cache = None  # type: ignore[attr-defined]  # noqa: SLF001


def _say_host(name: str) -> None:
    def named(_: Callable[..., Any]) -> Callable[..., Any]:
        return lambda: name

    def described(original: Callable[..., Any]) -> Callable[..., Any]:
        def uname() -> os.uname_result:
            return os.uname_result((original()[0], name, *original()[2:]))

        return uname

    wrap(os, "uname", described)
    when_imported("socket", lambda module: wrap(module, "gethostname", named))


def _reverse(_: object) -> None:
    from .listing import reverse  # noqa: PLC0415 -- only where it is varied

    reverse()


def _disturb(_: object) -> None:
    from .parallel import disturb  # noqa: PLC0415 -- only where it is varied

    disturb()
