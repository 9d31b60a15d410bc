import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.reproduce.probe.toolkit_probe.log import Log
from toolkit.reproduce.probe.toolkit_probe.paths import Paths, mode
from toolkit.reproduce.probe.toolkit_probe.places import Places, caller
from toolkit.reproduce.probe.toolkit_probe.settings import read
from toolkit.reproduce.records.trace import Event
from toolkit.reproduce.tracing.probing import Probe, Settings
from toolkit.reproduce.variation import NAMES, Variation

TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)


def made(home: Path, **more: object) -> Probe:
    values: dict[str, object] = {
        "workspace": home / "w",
        "project": home / "p",
        "readable": (Path("/usr"), home / "r"),
        "writable": (home / "w",),
    }
    return Probe(home, Settings(**{**values, **more}))  # type: ignore[arg-type]


def log_of(home: Path) -> Path:
    return home / "probe" / "events.jsonl"


def test_the_kernel_reads_what_was_written(tmp_path: Path) -> None:
    home = tmp_path / 'ü "quoted" \\ \n line'
    probe = made(home, network=True, watch_calls=True, fingerprints=True)
    settings = read(probe.variables["TOOLKIT_PROBE"])
    assert settings.workspace == (str(home / "w"),)
    assert settings.readable[:2] == ("/usr", str(home / "r"))
    own = (str(log_of(home)), str(home / "probe" / "cell"))
    assert settings.writable == (str(home / "w"), *own)
    assert (settings.network, settings.watch_calls, settings.fingerprints) == (
        True,
        True,
        True,
    )
    assert settings.varied == {}
    assert dict(probe.variables) == {
        "TOOLKIT_PROBE": str(home / "probe" / "settings.json")
    }
    assert json.loads((home / "probe" / "settings.json").read_text("utf-8"))


def test_a_name_that_is_no_text_survives(tmp_path: Path) -> None:
    home = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    assert read(made(home).variables["TOOLKIT_PROBE"]).home == str(home)


def test_every_variation_is_prepared(tmp_path: Path) -> None:
    probe = made(tmp_path, variation=Variation(names=frozenset(NAMES), stray=("A",)))
    assert {"PYTHONHASHSEED", "TZ", "LC_ALL", "USER", "OMP_NUM_THREADS", "A"} <= set(
        probe.variables
    )
    assert set(read(probe.variables["TOOLKIT_PROBE"]).varied) == {
        "clock",
        "host",
        "listing",
        "locale",
        "parallel",
        "processors",
        "umask",
        "user",
    }


def test_the_cell_is_told(tmp_path: Path) -> None:
    probe = made(tmp_path)
    log = Log(str(log_of(tmp_path)), str(tmp_path / "probe" / "cell"))
    for index in (None, 0, 7, 2**40, None):
        probe.start_cell(index)
        assert log.cell() == index


@given(what=TEXTS, detail=TEXTS, file=st.none() | TEXTS, line=st.integers(1, 9999))
def test_an_event_arrives_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory,
    what: str,
    detail: str,
    file: str | None,
    line: int,
) -> None:
    home = tmp_path_factory.mktemp("home")
    probe = made(home)
    probe.start_cell(3)
    log = Log(str(log_of(home)), str(home / "probe" / "cell"))
    log.write("read", what, detail, (file, line))
    expected = Event(
        kind="read", what=what, cell=3, file=file, line=line, detail=detail
    )
    assert probe.events() == (expected,)


def test_events_are_new_once_in_each_cell(tmp_path: Path) -> None:
    probe = made(tmp_path)
    log = Log(str(log_of(tmp_path)), str(tmp_path / "probe" / "cell"))
    assert [log.is_new("a"), log.is_new("a"), log.is_new("b")] == [True, False, True]
    assert log.has("a")
    probe.start_cell(1)
    assert not log.has("a")
    assert log.is_new("a")


def test_an_event_that_could_not_be_kept_is_told(tmp_path: Path) -> None:
    probe = made(tmp_path)
    log = Log("/dev/full", str(tmp_path / "probe" / "cell"))
    log.write("read", "x")
    probe.start_cell(2)
    assert log.cell() == 2
    (event,) = probe.events()
    assert (event.kind, event.what) == ("enforced", "events")
    assert event.detail.startswith("not all were kept")


def test_a_log_that_is_gone_ends_nothing(tmp_path: Path) -> None:
    probe = made(tmp_path)
    log = Log(str(log_of(tmp_path)), str(tmp_path / "probe" / "cell"))
    log_of(tmp_path).unlink()
    log.write("read", "x")
    assert probe.events() == ()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b'{"kind":"read","what":"x"',
        b"[]",
        b"1",
        b"null",
        b"{}",
        b'{"kind":"read"}',
        b'{"kind":1,"what":"x"}',
        b'{"kind":"read","what":"x","file":3}',
        b'{"kind":"read","what":"x","detail":[]}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_damaged_line_is_left_out(tmp_path: Path, line: bytes) -> None:
    probe = made(tmp_path)
    whole = b'{"kind":"read","what":"a","line":true}\n'
    log_of(tmp_path).write_bytes(whole + line + b"\n" + whole + line)
    assert probe.events() == (Event(kind="read", what="a"),) * 2


@given(st.binary(max_size=200))
def test_any_log_can_be_read(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    home = tmp_path_factory.mktemp("home")
    probe = made(home)
    log_of(home).write_bytes(content)
    assert isinstance(probe.events(), tuple)


def test_paths_are_judged_where_they_lead(tmp_path: Path) -> None:
    home = Path(os.path.realpath(tmp_path))
    for name in ("w/sub", "r", "out"):
        (home / name).mkdir(parents=True)
    (home / "w" / "loop").symlink_to(home / "w" / "loop")
    (home / "w" / "away").symlink_to("../out")
    (home / "w" / "near").symlink_to("sub")
    paths = Paths(read(made(home).variables["TOOLKIT_PROBE"]))
    w = str(home / "w")
    assert paths.may_write(f"{w}/sub/x")
    assert paths.may_write(f"{w}/near/x")
    assert not paths.may_write(f"{w}/away/x")
    assert not paths.may_read(f"{w}/away")
    assert paths.may_read(str(home / "r"))
    assert not paths.may_read(f"{home}/rest")
    assert paths.may_write(f"{w}/loop")  # the system will say what it is
    assert paths.real("/") == "/"
    assert paths.real(f"{w}/away/x/y") == f"{home}/out/x/y"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/a/b", "/a/b"),
        (b"/a", "/a"),
        (Path("/a/../b"), "/b"),
        ("/a//b/./c/", "/a/b/c"),
        ("", None),
        (3.5, None),
        (None, None),
        (-1, None),
    ],
)
def test_a_path_is_made_absolute(
    tmp_path: Path, path: object, found: str | None
) -> None:
    paths = Paths(read(made(tmp_path).variables["TOOLKIT_PROBE"]))
    assert paths.absolute(path) == found


def test_a_relative_path_is_of_here_or_of_an_open_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Path(os.path.realpath(tmp_path))
    paths = Paths(read(made(home).variables["TOOLKIT_PROBE"]))
    monkeypatch.chdir(home)
    assert paths.absolute("x") == f"{home}/x"
    if sys.platform == "linux":
        number = os.open(home / "probe", os.O_RDONLY)
        assert paths.absolute("x", number) == f"{home}/probe/x"
        assert paths.absolute(number) == f"{home}/probe"
        os.close(number)
        assert paths.absolute(number) is None
    assert mode("\0") is None


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("/tmp/ipykernel_7/123.py", ""),  # noqa: S108 -- a name
        ("<ipython-input-1-abc>", ""),
        ("/w/src/a.py", "src/a.py"),
        ("/w/.venv/lib/site-packages/a.py", None),
        ("/world/a.py", None),
        ("<string>", None),
    ],
)
def test_code_is_a_cells_or_a_files_or_neither(name: str, file: str | None) -> None:
    places = Places(("/w",))
    assert places.file(name) == file
    assert places.file(name) == file


def test_a_stack_that_is_not_so_deep_has_no_caller() -> None:
    assert caller(10_000) is None
    assert Places(("/w",)).at(None) is None
