import shutil
import time
from collections.abc import Callable
from errno import ENOSPC
from pathlib import Path

import pytest
from ledgers import HEAVY, whole_run

from toolkit.errors import ToolkitError
from toolkit.ledger.faults import StoreError, plain_error, shown_url
from toolkit.ledger.heavy import drop
from toolkit.ledger.remote import Remote
from toolkit.ledger.transfer import TransferError, pull, push
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.records.record import Record

SECRET = "hunter2-very-secret"  # noqa: S105 -- to be looked for in messages


@pytest.fixture
def run(tmp_path: Path) -> tuple[Record, Path]:
    record = whole_run(tmp_path / "runs")
    return record, tmp_path / "runs" / record.run


@pytest.fixture(params=["file", "memory"])
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Remote:
    folder = str(tmp_path / "store") if request.param == "file" else str(tmp_path)
    return Remote(f"{request.param}://{folder}", options={}, timeout_s=10)


def local(tmp_path: Path) -> Remote:
    return Remote((tmp_path / "store").as_uri(), options={}, timeout_s=10)


def contents(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_what_was_pushed_can_be_pulled(
    run: tuple[Record, Path], remote: Remote
) -> None:
    before = contents(run[1])
    assert (push(*run, remote).moved, push(*run, remote).moved) == (4, 0)
    drop(run[1])
    assert set(contents(run[1])) == {"record.json", "metrics.json"}
    assert pull(*run, remote).moved == 4
    assert contents(run[1]) == before
    assert pull(*run, remote).moved == 0
    assert [path.name for path in run[1].parent.iterdir()] == [run[0].run]


def test_nothing_half_is_under_a_final_name(
    run: tuple[Record, Path], tmp_path: Path
) -> None:
    push(*run, local(tmp_path))
    stored = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    assert {p.name for p in stored if "sha256" in p.parts} == {
        bytes_digest(content) for content in HEAVY.values()
    }
    assert not any(".partial" in path.parts for path in stored)


def test_a_push_that_was_broken_off_goes_on(
    run: tuple[Record, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = local(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Remote, "write", failing_third(Remote.write))
        with pytest.raises(StoreError, match="the disk is full; free some space"):
            push(*run, remote)
    with pytest.raises(StoreError, match="the store has nothing of this run; push it"):
        pull(*run, remote)
    assert push(*run, remote).moved == 2


def failing_third(write: Callable[..., None]) -> Callable[..., None]:
    calls = []

    def failing(*args: object, **named: object) -> None:
        calls.append(args)
        if len(calls) == 3:
            raise plain_error(OSError(ENOSPC, SECRET), url="file:///x", doing="writing")
        write(*args, **named)

    return failing


def damage(store: Path) -> Path:
    (path,) = store.rglob(bytes_digest(HEAVY["tables/t.csv"]))
    return path


def half(store: Path) -> None:
    damage(store).write_bytes(b"a")


def another(store: Path) -> None:
    damage(store).write_bytes(b"a\n2\n")


def gone(store: Path) -> None:
    damage(store).unlink()


def swapped_notebook(store: Path) -> None:
    """Replace the executed notebook thoroughly, in the list as well."""
    content = HEAVY["notebook.ipynb"].replace(b"0.9", b"0.8")
    digest = bytes_digest(content)
    path = store / "sha256" / digest[:2] / digest
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    edit(store, bytes_digest(HEAVY["notebook.ipynb"]), digest)


def swapped_table(store: Path) -> None:
    edit(store, bytes_digest(HEAVY["tables/t.csv"]), bytes_digest(b"<svg/>"))


def outside(store: Path) -> None:
    edit(store, "files/out/model.bin", "files/../../model.bin")


def of_another_record(store: Path) -> None:
    (path,) = (store / "runs").rglob("*.json")
    edit(store, path.stem, "0" * 64)


def no_json(store: Path) -> None:
    (path,) = (store / "runs").rglob("*.json")
    path.write_text("{")


def edit(store: Path, old: str, new: str) -> None:
    (path,) = (store / "runs").rglob("*.json")
    path.write_text(path.read_text().replace(old, new))


DAMAGED = [
    (half, "half an upload, or somebody changed it"),
    (another, "half an upload, or somebody changed it"),
    (gone, "it is not there"),
    (
        swapped_notebook,
        "what the store has is not of this record: notebook.ipynb shows",
    ),
    (swapped_table, "its tables/t.csv is not that of the record"),
    (outside, "expected a heavy file of a run"),
    (of_another_record, "its list is of another record"),
    (no_json, "its list cannot be read"),
]


@pytest.mark.parametrize(
    ("harm", "match"), DAMAGED, ids=[h.__name__ for h, _ in DAMAGED]
)
def test_nothing_that_is_not_the_records_is_taken(
    run: tuple[Record, Path], tmp_path: Path, harm: Callable[[Path], None], match: str
) -> None:
    push(*run, local(tmp_path))
    drop(run[1])
    before = contents(tmp_path / "runs")
    harm(tmp_path / "store")
    with pytest.raises(ToolkitError, match=match):
        pull(*run, local(tmp_path))
    assert contents(tmp_path / "runs") == before


def test_what_is_not_whole_or_not_the_records_is_not_pushed(
    run: tuple[Record, Path], tmp_path: Path
) -> None:
    record, folder = run
    (folder / "tables" / "t.csv").write_text("a\n2\n")
    with pytest.raises(TransferError, match=r"tables/t\.csv was changed after the run"):
        push(record, folder, local(tmp_path))
    (folder / "tables" / "t.csv").unlink()
    with pytest.raises(TransferError, match=r"tables/t\.csv is not here; nothing was"):
        push(record, folder, local(tmp_path))
    shutil.rmtree(folder / "tables")
    assert not list((tmp_path / "store").rglob("*.json"))


def test_another_executed_notebook_replaces_none(
    run: tuple[Record, Path], tmp_path: Path
) -> None:
    push(*run, local(tmp_path))
    notebook = run[1] / "notebook.ipynb"
    notebook.write_bytes(notebook.read_bytes() + b"\n")
    with pytest.raises(TransferError, match="the store lists other files for it"):
        push(*run, local(tmp_path))


def test_a_store_that_never_answers_is_given_up(
    run: tuple[Record, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = Remote((tmp_path / "store").as_uri(), options={}, timeout_s=0.05)
    monkeypatch.setattr(
        "fsspec.implementations.local.LocalFileSystem.cat_file",
        lambda *_: time.sleep(1),
    )
    with pytest.raises(StoreError, match=r"no answer in 0 s; see whether the store"):
        pull(*run, remote)


def test_a_kind_of_store_that_nobody_knows_is_told() -> None:
    with pytest.raises(StoreError, match=r"nothing knows this kind of URL; write file"):
        Remote("nowhere://x", options={}, timeout_s=1)


class NoCredentialsError(Exception):
    pass


class ClientError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(f"{code}: {SECRET}")
        self.response = {"Error": {"Code": code}}


ERRORS: list[tuple[BaseException, str]] = [
    (PermissionError(13, SECRET), "it is refused"),
    (ClientError("InvalidAccessKeyId"), r"it is refused \(InvalidAccessKeyId\)"),
    (ClientError("SlowDown"), r"it fails \(ClientError \(SlowDown\)\)"),
    (ClientError(f"a b {SECRET}"), r"it fails \(ClientError\)"),
    (NoCredentialsError(SECRET), "there are no credentials"),
    (FileNotFoundError("The specified bucket does not exist"), "no such bucket"),
    (FileNotFoundError(SECRET), "it is not there"),
    (OSError(ENOSPC, SECRET), "the disk is full"),
    (TimeoutError(SECRET), "it answers too late"),
    (ConnectionRefusedError(111, SECRET), "nobody answers there"),
    (ImportError(SECRET), "no package that knows s3:// is installed"),
    (OSError(5, SECRET), r"it fails \(Input/output error\)"),
    (RuntimeError(SECRET), r"it fails \(RuntimeError\)"),
]


@pytest.mark.parametrize(("error", "match"), ERRORS)
def test_a_failure_is_told_plainly_and_without_secrets(
    error: BaseException, match: str
) -> None:
    url = shown_url(f"s3://me:{SECRET}@bucket/runs?token={SECRET}")
    told = plain_error(error, url=url, doing="reading runs/x")
    with pytest.raises(StoreError, match=match):
        raise told
    assert str(told).startswith("s3://bucket/runs: reading runs/x: ")
    assert SECRET not in str(told)


def test_a_digest_in_a_list_is_no_path(
    run: tuple[Record, Path], tmp_path: Path
) -> None:
    push(*run, local(tmp_path))
    edit(tmp_path / "store", bytes_digest(HEAVY["notebook.ipynb"]), "../x" * 16)
    with pytest.raises(TransferError, match="expected a SHA-256 in hex"):
        pull(*run, local(tmp_path))
