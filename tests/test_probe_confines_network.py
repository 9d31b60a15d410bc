import os
import subprocess
import sys
from pathlib import Path

import pytest
from probes import REPOSITORY, probed

from toolkit.reproduce.probe.toolkit_probe import landlock
from toolkit.reproduce.probe.toolkit_probe.network import is_local

linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux refuses")
with_landlock = pytest.mark.skipif(
    landlock.version() == 0, reason="this kernel has no Landlock"
)


@linux
def test_the_network_is_refused_and_said(tmp_path: Path) -> None:
    cell = """
        import socket, urllib.request
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        errors = []
        try: socket.create_connection(("192.0.2.1", 80))
        except OSError as error: errors.append(error)
        try: socket.getaddrinfo("example.org", 443)
        except OSError as error: errors.append(error)
        try: socket.gethostbyname("example.net")
        except OSError as error: errors.append(error)
        try: urllib.request.urlopen("http://example.com")
        except OSError as error: errors.append(error)
        try: s.sendto(b"x", ("192.0.2.2", 53))
        except OSError as error: errors.append(error)
        for error in errors: print(error)
    """
    found = probed(tmp_path, cell)
    said = "the network is refused: allow it with `network: allowed` in scope.yaml"
    assert found.out.count(said) == 5, found.out + found.err
    assert found.of("network") == [
        ("network", "192.0.2.1:80", 4),
        ("network", "example.org:443", 6),
        ("network", "example.net", 8),
        ("network", "example.com:80", 10),
        ("network", "192.0.2.2:53", 12),
    ]


@linux
def test_this_machine_itself_can_be_reached(tmp_path: Path) -> None:
    cell = """
        import socket
        for host in ("127.0.0.1", "localhost"):
            with socket.create_server((host, 0)) as server:
                socket.create_connection(server.getsockname()).close()
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("s"); server.listen()
            with socket.socket(socket.AF_UNIX) as client: client.connect("s")
        one, two = socket.socketpair(); one.send(b"x")
        socket.getaddrinfo(None, 80)
        print("reached")
    """
    found = probed(tmp_path, cell)
    assert found.out == "reached\n", found.err
    assert not found.of("network")


@linux
def test_native_code_is_refused_the_network(tmp_path: Path) -> None:
    cell = """
        import ctypes, struct
        library = ctypes.CDLL(None, use_errno=True)
        number = library.socket(2, 1, 0)
        address = struct.pack("=H", 2) + struct.pack(">H4B8x", 80, 192, 0, 2, 1)
        print(library.connect(number, address, len(address)), ctypes.get_errno() in
              (13, 101, 111))
    """
    found = probed(tmp_path, cell)
    assert found.out == "-1 True\n", found.err


def test_an_allowed_network_is_noted_only(tmp_path: Path) -> None:
    cell = """
        import socket
        with socket.socket() as s:
            s.settimeout(0.01)
            try: s.connect(("192.0.2.1", 80))
            except OSError as error: print("refused:" in str(error))
        with socket.socket() as s: s.bind(("0.0.0.0", 0))
    """
    found = probed(tmp_path, cell, network=True)
    assert found.out in {"False\n", ""}
    (event,) = (event for event in found.events if event.kind == "network")
    assert (event.what, event.detail) == ("192.0.2.1:80", "allowed")
    assert ("network", "allowed") in [(e.what, e.detail) for e in found.events]


@linux
def test_a_door_to_others_is_noted(tmp_path: Path) -> None:
    cell = """
        import socket
        for address in (("", 45231), ("127.0.0.1", 45232), ("0.0.0.0", 0)):
            with socket.socket() as s: s.bind(address)
    """
    found = probed(tmp_path, cell)
    assert found.of("network") == [("network", "0.0.0.0:45231", 3)], found.err


@with_landlock
def test_landlock_alone_refuses_connections(tmp_path: Path) -> None:
    if landlock.version() < landlock.WITH_NETWORK:
        pytest.skip("this kernel's Landlock knows no network")
    program = (
        "import socket, sys\n"
        f"sys.path.insert(0, {str(REPOSITORY)!r})\n"
        "from toolkit.reproduce.probe.toolkit_probe import landlock\n"
        "done = landlock.restrict(landlock.version(), None, (), network=True)\n"
        "open('here', 'w').close()\n"
        "try: socket.create_connection(('127.0.0.1', 9))\n"
        "except PermissionError: print(done, 'refused')\n"
        "assert not landlock.restrict(0, None, (), network=True)\n"
        "assert not landlock.restrict(1, None, (), network=True)\n"
    )
    done = subprocess.run(  # noqa: S603 -- this interpreter
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"True refused\n"


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("", True),
        ("localhost", True),
        ("LOCALHOST", True),
        ("127.0.0.53", True),
        ("::1", True),
        ("0.0.0.0", True),  # noqa: S104 -- a name
        (os.uname().nodename, True),
        ("192.0.2.1", False),
        ("example.org", False),
        ("localhost.example.org", False),
    ],
)
def test_a_host_is_this_machine_or_not(host: str, local: bool) -> None:  # noqa: FBT001
    assert is_local(host) == local
