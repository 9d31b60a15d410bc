"""Another date: this process's clock, native code included, runs ahead.

Programs ask the kernel's vDSO for the time, code that is mapped into each process. Here
its functions are made to ask the kernel itself and to add a constant. Clocks that
measure durations stay as they are.

References
----------
Linux, Documentation/ABI/stable/vdso; the ELF layout is that of the generic ABI
"""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_JUMP = bytes.fromhex("48b8"), bytes.fromhex("ffe0")  # mov rax, address; jmp rax
# endbr64; mov eax, number; syscall; return unless it worked and it is a clock of the
# wall; add the offset to the seconds; return
_CODE = {
    "clock_gettime": (
        "f30f1efa b8e4000000 0f05 85c0 7511 83ff00 7405 83ff05 7507 488106",
        "c3",
    ),
    "gettimeofday": ("f30f1efa b860000000 0f05 85c0 750c 4885ff 7407 488107", "c3"),
    "time": ("f30f1efa b8c9000000 0f05 4805", "4885ff 7403 488907 c3"),
}
_STUB_WIDTH = 64
_SYMBOLS = 11  # SHT_DYNSYM
_READ_WRITE_EXECUTE, _READ_EXECUTE = 7, 5
_PRIVATE_ANONYMOUS = 0x22
_PAGE = 4096
_TOLERANCE_S = 60
_PATIENCE_S = 2.0


class UnvariedError(Exception):
    """The clock could not be changed, and why."""


def advance(seconds: int) -> None:
    """Let the clock of this process run ahead.

    Raises
    ------
    UnvariedError : if it cannot be changed here; then it is as it was
    """
    if sys.platform != "linux" or os.uname().machine != "x86_64":
        message = "only possible on Linux on x86-64"
        raise UnvariedError(message)
    _try_in_child(seconds)
    _patch(seconds)


def _try_in_child(seconds: int) -> None:
    """Try it in a child first: a wrong guess would end or hang the process."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            _patch(seconds)
            code = 0 if _waits_are_unaffected() else 2
        finally:
            os._exit(code)
    ends = time.monotonic() + _PATIENCE_S
    while time.monotonic() < ends:
        done, status = os.waitpid(child, os.WNOHANG)
        if done and status == 0:
            return
        if done:
            message = "the system does not let its code be changed"
            raise UnvariedError(message)
        time.sleep(0.001)
    os.kill(child, 9)
    os.waitpid(child, 0)
    message = "this Python's time limits follow the date and would never end"
    raise UnvariedError(message)


def _waits_are_unaffected() -> bool:
    """Wait for a lock with a time limit: this hangs if limits follow the date."""
    import _thread  # noqa: PLC0415 -- only here

    lock = _thread.allocate_lock()
    lock.acquire()
    return not lock.acquire(True, 0.002)  # noqa: FBT003 -- positional only


def _patch(seconds: int) -> None:
    import ctypes  # noqa: PLC0415 -- slow to import

    before = time.time()
    start, end = _vdso()
    image = ctypes.string_at(start, end - start)
    address = _new_page()
    library = ctypes.CDLL(None, use_errno=True)
    region = ctypes.c_void_p(start), ctypes.c_size_t(end - start)
    if library.mprotect(*region, _READ_WRITE_EXECUTE):
        message = "the system's code is sealed"
        raise UnvariedError(message)
    offset = seconds.to_bytes(4, "little", signed=True)
    for kind, at, width in _functions(image):
        first, last = _CODE[kind]
        stub = bytes.fromhex(first) + offset + bytes.fromhex(last)
        ctypes.memmove(address, stub, len(stub))
        jump = _JUMP[0] + address.to_bytes(8, "little") + _JUMP[1]
        if width >= len(jump):
            ctypes.memmove(start + at, jump, len(jump))
        address += _STUB_WIDTH
    library.mprotect(*region, _READ_EXECUTE)
    if abs(time.time() - before - seconds) > _TOLERANCE_S:
        message = "the time is asked for in another way here"
        raise UnvariedError(message)


def _new_page() -> int:
    """Return the address of memory that is executed until the very end.

    An object of Python's would be freed while the interpreter still asks for the time.
    """
    import ctypes  # noqa: PLC0415 -- slow to import

    allocate = ctypes.CDLL(None, use_errno=True).mmap
    allocate.restype = ctypes.c_void_p
    size, nowhere = ctypes.c_size_t(_PAGE), ctypes.c_long(0)
    address: int | None = allocate(
        None, size, _READ_WRITE_EXECUTE, _PRIVATE_ANONYMOUS, -1, nowhere
    )
    if address in {None, 2**64 - 1}:
        message = "no memory may be written and executed here"
        raise UnvariedError(message)
    return int(address or 0)


def _vdso() -> tuple[int, int]:
    """Return where the kernel's code is mapped."""
    number = os.open("/proc/self/maps", os.O_RDONLY)
    text = b""
    while piece := os.read(number, 1 << 16):
        text += piece
    os.close(number)
    for line in text.splitlines():
        if line.endswith(b"[vdso]"):
            start, _, end = line.split(b" ", 1)[0].partition(b"-")
            return int(start, 16), int(end, 16)
    message = "the system maps no code for it"
    raise UnvariedError(message)


def _functions(image: bytes) -> Iterator[tuple[str, int, int]]:
    """Yield which function of the clock lies where and how long it is, each once."""

    def number(at: int, width: int) -> int:
        return int.from_bytes(image[at : at + width], "little")

    sections, size, count = number(0x28, 8), number(0x3A, 2), number(0x3C, 2)
    headers = [sections + index * size for index in range(count)]
    done = set()
    for header in headers:
        if number(header + 4, 4) != _SYMBOLS:
            continue
        names = number(headers[number(header + 0x28, 4)] + 0x18, 8)
        table, length = number(header + 0x18, 8), number(header + 0x20, 8)
        for symbol in range(table, table + length, 24):
            name = image[names + number(symbol, 4) :].split(b"\0", 1)[0].decode()
            kind = name.removeprefix("__vdso_")
            at = number(symbol + 8, 8)
            if kind in _CODE and at not in done:
                done.add(at)
                yield kind, at, number(symbol + 16, 8)
