"""The network as Python uses it: attempts are noted, and refused if they must be."""

from __future__ import annotations

import errno
import os

from .places import caller

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .log import Log
    from .places import Places

_LOCAL = frozenset({"", "localhost", "localhost.localdomain", "ip6-localhost", "::1"})
_ANY = frozenset({"0.0.0.0", "::"})  # noqa: S104 -- compared, not bound to
REFUSED = "the network is refused: allow it with `network: allowed` in scope.yaml"


class Network:
    """Handles audit events of sockets; this machine's own addresses are let pass."""

    def __init__(self, log: Log, places: Places, *, allowed: bool) -> None:
        self._log = log
        self._places = places
        self._allowed = allowed

    def handlers(self) -> Mapping[str, Callable[[tuple[object, ...]], OSError | None]]:
        """Return the function for each event."""
        return {
            "socket.connect": self.connected,
            "socket.sendto": self.connected,
            "socket.sendmsg": self.connected,
            "socket.bind": self.bound,
            "socket.getaddrinfo": self.looked_up,
            "socket.gethostbyname": self.looked_up,
            "socket.gethostbyaddr": self.looked_up,
        }

    def connected(self, args: tuple[object, ...]) -> OSError | None:
        """Handle connect(socket, address) and its like."""
        where = _address(args[1])
        if where is None or is_local(where[0]):
            return None
        return self._attempt(*where)

    def bound(self, args: tuple[object, ...]) -> None:
        """Handle bind(socket, address): noted if others could reach it."""
        where = _address(args[1])
        if where is None or not where[1]:  # without a number, nobody knows the door
            return
        host = where[0] or "0.0.0.0"  # noqa: S104 -- what no name means
        if host in _ANY or not is_local(host):
            self._note(host, where[1], "listens")

    def looked_up(self, args: tuple[object, ...]) -> OSError | None:
        """Handle getaddrinfo(host, port, …) and its like."""
        host = _text(args[0])
        if host is None or is_local(host) or _is_numeric(host):
            return None
        port = args[1] if len(args) > 1 else None
        return self._attempt(host, port)

    def _attempt(self, host: str, port: object) -> OSError | None:
        self._note(host, port, "allowed" if self._allowed else "refused")
        if self._allowed:
            return None
        return OSError(errno.ENETUNREACH, f"{REFUSED} (asked for {_named(host, port)})")

    def _note(self, host: str, port: object, detail: str) -> None:
        what = _named(host, port)
        if self._log.is_new(("network", what)):
            place = self._places.innermost(caller(1))
            self._log.write("network", what, detail, place)


def is_local(host: str) -> bool:
    """Say whether a host is this machine, as far as its name tells."""
    if host.lower() in _LOCAL or host in _ANY:
        return True
    return host.startswith("127.") or host == os.uname().nodename


def _is_numeric(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def _named(host: str, port: object) -> str:
    return host if port in {None, 0, "", "0"} else f"{host}:{_text(port)}"


def _address(address: object) -> tuple[str, object] | None:
    """Return host and port; None for a socket that is a file, and the like."""
    if not isinstance(address, tuple) or len(address) < 2:  # noqa: PLR2004
        return None
    host = address[0]  # a number in families that are no network of ours
    if not isinstance(host, (str, bytes)):
        return None
    return _text(host) or "", address[1]


def _text(value: object) -> str | None:
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("ascii", "replace")
    return str(value) if isinstance(value, (str, int)) else None
