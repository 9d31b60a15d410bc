import json
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from fingerprinted import BIG, aged

from toolkit.reproduce import kept_digests
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.fingerprints import CACHE, Fingerprints, kept_fingerprints


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / CACHE


def edited(content: bytes) -> bytes:
    head, _, body = content.partition(b"\n")
    plain = json.loads(body)
    for texts in plain.values():
        texts[2] = "0" * len(texts[2])
    return head + b"\n" + json.dumps(plain).encode()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda content: content[: len(content) // 2], id="cut-off"),
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda _: b"\xff\x00{}", id="garbage"),
        pytest.param(lambda c: c.replace(b"prints 1 ", b"prints 2 "), id="version"),
        pytest.param(lambda c: c.replace(b"little", b"middle"), id="byte-order"),
        pytest.param(edited, id="edited"),
    ],
)
def test_a_damaged_cache_is_none(
    tmp_path: Path, cache: Path, damage: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "x"
    path.write_bytes(BIG)
    aged(path)
    known = Fingerprints(cache)
    known.digest_of(path)
    known.save()
    whole = cache.read_bytes()
    cache.write_bytes(damage(whole))
    again = Fingerprints(cache)
    assert again.digest_of(path) == bytes_digest(BIG)
    again.save()
    assert cache.read_bytes() == whole


def test_where_nothing_can_be_kept_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(BIG)
    aged(tmp_path / "x")
    cache = tmp_path / "x" / "cache"  # below a file
    known = Fingerprints(cache)
    assert known.digest_of(tmp_path / "x") == bytes_digest(BIG)
    known.save()
    folder = tmp_path / CACHE
    folder.mkdir(parents=True)  # a folder where the file should be
    known = Fingerprints(folder)
    assert known.digest_of(tmp_path / "x") == bytes_digest(BIG)
    known.save()
    assert list(folder.iterdir()) == []
    assert sorted(p.name for p in folder.parent.iterdir()) == [
        ".gitignore",
        "CACHEDIR.TAG",
        "fingerprints",
    ]


def test_two_that_save_at_once_leave_a_whole_cache(tmp_path: Path, cache: Path) -> None:
    for name in "abcdefgh":
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_bytes(BIG)
    aged(tmp_path / "h" / "x")

    def learn(name: str) -> None:
        for _ in range(20):
            known = Fingerprints(cache)
            assert known.digest_of(tmp_path / name / "x") == bytes_digest(BIG)
            known.save()
            assert kept_digests.load(cache)  # never half of one

    threads = [threading.Thread(target=learn, args=(name,)) for name in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = kept_digests.load(cache)
    assert {Path(folder).name for folder in kept} <= set("abcdefgh")
    assert kept
    left = [p.name for p in cache.parent.iterdir()]
    assert sorted(left) == [".gitignore", "CACHEDIR.TAG", "fingerprints"]


def test_saving_keeps_what_others_learned_and_forgets_what_is_gone(
    tmp_path: Path, cache: Path
) -> None:
    for name in ("one", "two", "gone"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_bytes(BIG)
    aged(tmp_path / "gone" / "x")
    one, two = Fingerprints(cache), Fingerprints(cache)
    one.digest_of(tmp_path / "one" / "x")
    one.digest_of(tmp_path / "gone" / "x")
    one.save()
    shutil.rmtree(tmp_path / "gone")
    two.digest_of(tmp_path / "two" / "x")
    two.save()
    assert {Path(folder).name for folder in kept_digests.load(cache)} == {"one", "two"}


def test_a_file_that_is_gone_is_forgotten(tmp_path: Path, cache: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for name in "xyz":
        (folder / name).write_bytes(BIG)
    aged(folder / "z")
    for gone in (None, "y"):
        if gone:
            (folder / gone).unlink()
        known = Fingerprints(cache)
        known.folder(folder)
        known.save()
    (packed,) = kept_digests.load(cache).values()
    assert set(packed.unpack()) == {"x", "z"}


def test_git_sees_nothing_of_the_cache(tmp_path: Path, cache: Path) -> None:
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)  # noqa: S603
    (tmp_path / ".git" / "x").write_bytes(BIG)
    aged(tmp_path / ".git" / "x")
    known = Fingerprints(cache)
    known.digest_of(tmp_path / ".git" / "x")
    known.save()
    assert cache.exists()
    status = [*git, "status", "--porcelain", "--untracked-files=all"]
    seen = subprocess.run(status, check=True, capture_output=True)  # noqa: S603
    assert seen.stdout == b""
    tag = (cache.parent / "CACHEDIR.TAG").read_bytes()
    assert tag.startswith(b"Signature: 8a477f597d28d172789f06886806bc55")


@pytest.mark.parametrize(
    ("environ", "kept"),
    [
        pytest.param({}, True, id="at-home"),
        pytest.param({"CI": "false"}, True, id="not-ci"),
        pytest.param({"CI": "true"}, False, id="any-ci"),
        pytest.param({"GITHUB_ACTIONS": "true"}, False, id="github"),
        pytest.param({"GITLAB_CI": "true"}, False, id="gitlab"),
    ],
)
def test_in_ci_every_file_is_read(
    tmp_path: Path, environ: dict[str, str], *, kept: bool
) -> None:
    (tmp_path / "x").write_bytes(BIG)
    aged(tmp_path / "x")
    known = kept_fingerprints(tmp_path, environ)
    known.digest_of(tmp_path / "x")
    known.save()
    assert (tmp_path / CACHE).exists() == kept
