"""A network and a host name of one's own, by Linux namespaces, without privileges."""

from __future__ import annotations

import os
import sys

NEW_UTS = 0x04000000
NEW_USER = 0x10000000
NEW_NET = 0x40000000
_SET_FLAGS = 0x8914  # SIOCSIFFLAGS
_UP_AND_RUNNING = 0x41
_NAME_WIDTH = 16


def separate(host: str | None, *, network: bool) -> str | None:
    """Give this process its own host name, network, or both.

    Parameters
    ----------
    host : the new host name; None keeps it
    network : whether to leave all networks, the loopback interface excepted

    Returns
    -------
    None if it worked, else what the system said; then nothing has changed
    """
    if sys.platform != "linux":
        return f"{sys.platform} has no namespaces"
    wanted = (NEW_UTS if host else 0) | (NEW_NET if network else 0)
    said = "nothing to do"
    for flags in (wanted, wanted | NEW_USER):
        # Whether a new user may map itself and bring the interface up is known only
        # afterwards, when there is no way back: a child tries it.
        try:
            if flags & NEW_USER and not _works_in_child(flags, host):
                return "no user namespace is allowed here"
            _enter(flags, host)
        except OSError as error:
            said = error.strerror or str(error)
        else:
            return None
    return said


def _works_in_child(flags: int, host: str | None) -> bool:
    child = os.fork()
    if child == 0:
        try:
            _enter(flags, host)
        except BaseException:  # noqa: BLE001 -- the child's only word is its exit code
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def _enter(flags: int, host: str | None) -> None:
    user, group = os.geteuid(), os.getegid()
    _unshare(flags)
    if flags & NEW_USER:
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")
    if flags & NEW_NET:
        try:
            _bring_loopback_up()
        except OSError:
            if flags & NEW_USER:  # there are other ways yet
                raise
    if flags & NEW_UTS and host:
        import _socket  # noqa: PLC0415 -- socket takes longer

        _socket.sethostname(host)


def _unshare(flags: int) -> None:
    if sys.version_info >= (3, 12):
        os.unshare(flags)
        return
    import ctypes  # noqa: PLC0415 -- slow to import

    if ctypes.CDLL(None, use_errno=True).unshare(flags):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _write(path: str, text: str) -> None:
    number = os.open(path, os.O_WRONLY)
    try:
        os.write(number, text.encode())
    finally:
        os.close(number)


def _bring_loopback_up() -> None:
    import _socket  # noqa: PLC0415 -- socket takes longer
    import fcntl  # noqa: PLC0415 -- only here

    request = b"lo".ljust(_NAME_WIDTH, b"\0") + _UP_AND_RUNNING.to_bytes(
        2, sys.byteorder
    )
    opened = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)
    try:
        fcntl.ioctl(opened.fileno(), _SET_FLAGS, request.ljust(40, b"\0"))
    finally:
        opened.close()
