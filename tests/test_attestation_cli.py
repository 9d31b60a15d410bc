"""``toolkit keys`` and ``toolkit attest``, as people and CI call them."""

import json
import os
import shutil
from pathlib import Path

import pytest
from attested import a_key, published, put_published
from commits import commit, git

from toolkit.cli import main
from toolkit.reproduce.attestation.trusted import TRUSTED
from toolkit.reproduce.policy import SIGNING_KEY
from toolkit.reproduce.records.store import METRICS

Capture = pytest.CaptureFixture[str]
RUN = published()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a clone with one run that is not committed; it is the work folder."""
    root = tmp_path / "project"
    root.mkdir()
    git(root, "init", "-q")
    (root / "pyproject.toml").touch()
    commit(root)
    put_published(root / "runs", RUN)
    monkeypatch.chdir(root)
    monkeypatch.delenv(SIGNING_KEY, raising=False)
    for name in ("GITHUB_ACTIONS", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)
    return root


@pytest.fixture
def key(project: Path, tmp_path: Path, capsys: Capture) -> Path:
    """Return a private key of which the project knows the public one."""
    path = tmp_path / "ci.key"
    assert main(["keys", "new", str(path)]) == 0
    trust = ["keys", "trust", f"{path}.pub", "--name", "ci", "--role", "ci"]
    assert main([*trust, "--from", "2026-11-01", "--until", "2126-11-01"]) == 0
    printed = capsys.readouterr()
    assert path.read_text().splitlines()[1] not in printed.out + printed.err
    assert (project / TRUSTED).exists()
    return path


def runs_json(capsys: Capture, *arguments: str) -> tuple[int, list[dict[str, object]]]:
    capsys.readouterr()
    code = main([*arguments, "--json"])
    runs: list[dict[str, object]] = json.loads(capsys.readouterr().out)["runs"]
    return code, runs


def test_ci_signs_and_anybody_checks(
    project: Path, key: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["attest", "--check", "--all"]) == 2
    assert "not signed" in capsys.readouterr().out
    monkeypatch.setenv(SIGNING_KEY, key.read_text())
    assert main(["attest", "--all"]) == 0
    assert SIGNING_KEY not in os.environ
    assert capsys.readouterr().out.count("  signed  ") == 2
    assert main(["attest", "--all", "--key", str(key)]) == 0
    assert capsys.readouterr().out.count("signed before") == 2
    assert main(["attest", "--check", RUN.run]) == 0
    assert "trusted signer  ci: executed, ci: reproduced" in capsys.readouterr().out
    assert main(["runs"]) == 0
    assert "  trusted  " in capsys.readouterr().out
    assert main(["show", RUN.run]) == 0
    assert ": finished, trusted" in capsys.readouterr().out
    (project / "runs" / RUN.run / METRICS).write_text("{}")
    assert main(["attest", "--check", "--all"]) == 1
    printed = capsys.readouterr()
    assert "does not hold" in printed.out
    assert "changed file: metrics.json is not what was signed" in printed.err


def test_the_verdicts_as_json(project: Path, key: Path, capsys: Capture) -> None:
    assert project.is_dir()
    code, runs = runs_json(capsys, "attest", "--all", "--key", str(key))
    written: list[str] = runs[0]["written"]  # type: ignore[assignment]  # names
    assert (code, [name.split("-")[0] for name in written]) == (
        0,
        ["provenance", "svr"],
    )
    code, runs = runs_json(capsys, "attest", "--all", "--check")
    assert (code, runs[0]["verdict"]) == (0, "trusted signer")
    assert main(["keys", "revoke", "ci", "--reason", "it's gone"]) == 0
    code, runs = runs_json(capsys, "attest", "--all", "--check")
    refused: list[dict[str, str]] = runs[0]["refused"]  # type: ignore[assignment]  # of them
    assert (code, runs[0]["verdict"]) == (1, "does not hold")
    assert {one["fault"] for one in refused} == {"revoked key"}
    (project / TRUSTED).unlink()
    code, runs = runs_json(capsys, "attest", "--all", "--check")
    assert (code, runs[0]["verdict"]) == (1, "unknown signer")
    at_hand = ["--public", f"{key}.pub"]
    code, runs = runs_json(capsys, "attest", "--all", "--check", *at_hand)
    assert (code, runs[0]["verdict"]) == (1, "unknown signer")
    shown: list[dict[str, object]] = runs[0]["attestations"]  # type: ignore[assignment]  # of them
    assert [one["kind"] for one in shown] == ["provenance", "svr"]


def test_what_came_with_a_commit_is_not_signed(
    project: Path, key: Path, capsys: Capture
) -> None:
    """Else a pull request would bring a forged record, and CI would sign it."""
    commit(project)
    assert main(["attest", RUN.run, "--key", str(key)]) == 1
    assert "came with a commit, so it was not made here" in capsys.readouterr().err
    assert not list((project / "runs" / RUN.run).glob("*.sigstore.json"))
    code, runs = runs_json(capsys, "attest", "--all", "--key", str(key))
    assert (code, len(runs[0]["refused"])) == (2, 2)  # type: ignore[arg-type]  # a list
    assert main(["attest", "--all", "--key", str(key)]) == 2
    assert "2 statements about what came with a commit" in capsys.readouterr().err
    assert main(["attest", "--all", "--committed", "--key", str(key)]) == 0
    assert main(["attest", "--all", "--key", str(key)]) == 0
    shutil.rmtree(project / ".git")
    assert main(["attest", "--all", "--key", str(key)]) == 2
    assert "git does not say" in capsys.readouterr().err


def test_two_branches_that_sign_merge_without_conflict(
    project: Path, tmp_path: Path
) -> None:
    commit(project)
    for number in (1, 2):
        git(project, "checkout", "-q", "-b", f"b{number}", "HEAD")
        path = tmp_path / f"{number}.key"
        main(["keys", "new", str(path)])
        assert main(["attest", "--all", "--committed", "--key", str(path)]) == 0
        commit(project)
        git(project, "checkout", "-q", "-")
    git(project, "merge", "-q", "b1")
    git(project, "merge", "-q", "b2", "-m", "both")
    assert len(list((project / "runs" / RUN.run).glob("*.sigstore.json"))) == 4


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["attest"], "TOOLKIT_SIGNING_KEY: is not set"),
        (["attest", "--check"], "no run to check"),
        (["attest", "--check", "nothing"], "no run 'nothing'"),
        (["attest", "--key", "KEY"], "no run to sign"),
        (["attest", "--all", "--key", "KEY.pub"], "others may use it"),
        (["attest", "--check", "--all", "--public", "KEY"], "a private key"),
        (["keys", "new", "inside.key"], "lies in the project's clone"),
        (["keys", "revoke", "who", "--reason", "x"], "no such key"),
        (["keys", "trust", "KEY", "--name", "x", "--role", "ci"], "a private key"),
        (
            ["keys", "trust", "KEY.pub", "--name", "x", "--role", "ci", "--until", "1"],
            "--until: found '1'",
        ),
        (
            [
                *("keys", "trust", "KEY.pub", "--name", "x", "--role", "ci"),
                *("--until", "2020-01-01"),
            ],
            "a date later than",
        ),
    ],
)
def test_what_cannot_be_done_is_told(
    key: Path, capsys: Capture, arguments: list[str], told: str
) -> None:
    named = [one.replace("KEY", str(key)) for one in arguments]
    assert main(named) == 2
    printed = capsys.readouterr()
    assert told in printed.err
    assert key.read_text().splitlines()[1] not in printed.err + printed.out


def test_a_record_that_cannot_be_read_is_not_passed_over(
    project: Path, key: Path, capsys: Capture
) -> None:
    path = project / "runs" / RUN.run / "record.json"
    path.write_text(path.read_text().replace("1.02", "9.99"))
    assert main(["attest", "--all", "--check"]) == 2
    assert main(["attest", "--all", "--key", str(key)]) == 2
    assert "it was edited" in capsys.readouterr().err


def test_the_keys_are_listed(project: Path, key: Path, capsys: Capture) -> None:
    assert project.is_dir()
    other = key.with_name("other.pub")
    other.write_text(a_key(3).public.pem)
    trust = ["keys", "trust", str(other), "--name", "anna", "--role", "reviewer"]
    assert main([*trust, "--from", "2125-01-01"]) == 0
    old = key.with_name("old.pub")
    old.write_text(a_key(4).public.pem)
    trust = ["keys", "trust", str(old), "--name", "old", "--role", "ci"]
    assert main([*trust, "--from", "2020-01-01"]) == 0
    capsys.readouterr()
    assert main(["keys", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["name", "ci", "anna", "old"]
    assert "not yet valid" in lines[2]
    assert "expired" in lines[3]
    assert main(["keys", "revoke", "ci", "--reason", "lost"]) == 0
    capsys.readouterr()
    assert main(["keys", "list", "--json"]) == 0
    keys = json.loads(capsys.readouterr().out)["keys"]
    assert keys[0]["state"].endswith(": lost")
    assert keys[1]["public"] == a_key(3).public.line
    (project / TRUSTED).unlink()
    assert main(["keys", "list"]) == 0
    assert "trusts no key" in capsys.readouterr().err
