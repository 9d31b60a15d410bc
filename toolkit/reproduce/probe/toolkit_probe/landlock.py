"""Landlock: Linux refuses files and connections, to native code and children too.

References
----------
Linux, Documentation/userspace-api/landlock.rst and include/uapi/linux/landlock.h
"""

from __future__ import annotations

import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same everywhere
_ASK_VERSION = 1
_PATH_BENEATH = 1
_NO_NEW_PRIVILEGES = 38  # prctl
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
REFER, TRUNCATE = 1 << 13, 1 << 14
_CONNECT_TCP = 2
_FIRST = (1 << 13) - 1  # all rights of ABI 1
_OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
_WITH_REFER, _WITH_TRUNCATE, WITH_NETWORK = 2, 3, 4  # since which ABI


def version() -> int:
    """Return the ABI that this kernel speaks, 0 if it has no Landlock."""
    if sys.platform != "linux":
        return 0
    return max(0, _call(_CREATE_RULESET, None, 0, _ASK_VERSION))


def restrict(
    abi: int,
    readable: Iterable[str] | None,
    writable: Iterable[str],
    *,
    network: bool,
) -> bool:
    """Restrict this process and its children, for good; say whether that worked.

    Parameters
    ----------
    abi : as :func:`version` says
    readable : files and folders to read and execute; None leaves files alone
    writable : files and folders to read, execute and write
    network : whether to refuse TCP connections; needs ``WITH_NETWORK``
    """
    import ctypes  # noqa: PLC0415 -- slow to import

    rights = 0 if readable is None else _rights(abi)
    connect = _CONNECT_TCP if network and abi >= WITH_NETWORK else 0
    if not rights and not connect:
        return False
    fields = (rights, connect) if abi >= WITH_NETWORK else (rights,)
    attributes = (ctypes.c_uint64 * len(fields))(*fields)
    rules = _call(_CREATE_RULESET, attributes, ctypes.sizeof(attributes), 0)
    if rules < 0:
        return False
    try:
        reading = EXECUTE | READ_FILE | READ_DIR
        for path in readable or ():
            _allow(rules, path, reading & rights)
        for path in writable if rights else ():
            _allow(rules, path, rights)
        library = ctypes.CDLL(None, use_errno=True)
        zero = ctypes.c_ulong(0)
        library.prctl(_NO_NEW_PRIVILEGES, ctypes.c_ulong(1), zero, zero, zero)
        return _call(_RESTRICT_SELF, rules, 0) == 0
    finally:
        os.close(rules)


def _rights(abi: int) -> int:
    """Return the rights over files that this ABI knows; ioctl stays free."""
    rights = _FIRST
    if abi >= _WITH_REFER:
        rights |= REFER
    if abi >= _WITH_TRUNCATE:
        rights |= TRUNCATE
    return rights


def _allow(rules: int, path: str, rights: int) -> None:
    """Add a rule for a file or all below a folder, if it exists."""
    try:
        number = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(number).st_mode):
            rights &= _OF_A_FILE
        rule = rights.to_bytes(8, sys.byteorder) + number.to_bytes(4, sys.byteorder)
        _call(_ADD_RULE, rules, _PATH_BENEATH, rule, 0)
    finally:
        os.close(number)


def _call(number: int, *args: Any) -> int:  # noqa: ANN401
    import ctypes  # noqa: PLC0415 -- slow to import

    library = ctypes.CDLL(None, use_errno=True)
    wide = [
        ctypes.c_ulong(value) if isinstance(value, int) else value for value in args
    ]
    done: int = library.syscall(ctypes.c_long(number), *wide)
    return done
