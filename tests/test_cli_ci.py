"""The command: key, summary, report, exit codes, and what no child gets to see."""

import json
import os
import re
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from commits import commit, git, put
from delivered import Faked, a_fresh_project, a_lock, described, private_line, tree
from scope_texts import REAL

from notebooks import cell, write
from toolkit import cli
from toolkit.cli import ci
from toolkit.reproduce.environments import listing
from toolkit.reproduce.environments.lock import LOCK
from toolkit.reproduce.policy import SIGNING_KEY
from toolkit.reproduce.records.store import RECORD

ROOT = Path(__file__).parents[1]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project that is the work folder, in no CI."""
    root = a_fresh_project(tmp_path)
    put(root, {"scope.yaml": REAL.encode()})
    commit(root)
    monkeypatch.chdir(root)
    monkeypatch.setattr(listing, "describe", described)
    for name in os.environ:
        if name.startswith(("GITHUB_", "CI_", "GITLAB_")) or name == SIGNING_KEY:
            monkeypatch.delenv(name)
    return root


def call(fake: Faked, *arguments: str) -> int:
    """Call the verb with a kernel that is made up."""
    parser = ArgumentParser()
    ci.add_parser(parser.add_subparsers())
    return ci.run(parser.parse_args(["ci", *arguments]), fake.hands())


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what each child was given: its environment as one text."""
    given: list[str] = []
    start: Any = subprocess.Popen.__init__

    def watched(self: object, *args: Any, **kw: Any) -> None:  # noqa: ANN401 -- as there
        given.append(str(kw.get("env") or dict(os.environ)) + str(args))
        start(self, *args, **kw)

    monkeypatch.setattr(subprocess.Popen, "__init__", watched)
    return given


def test_all_is_done_and_nobody_sees_the_key(
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
    children: list[str],
) -> None:
    monkeypatch.setenv(SIGNING_KEY, private_line())
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    own, fake = tmp_path / "own.md", Faked()
    assert call(fake, "--summary", str(own)) == 0
    printed = capsys.readouterr()
    assert SIGNING_KEY not in os.environ
    assert summary.read_text() == f"before\n{own.read_text()}"
    assert own.read_text().startswith("## toolkit ci: all done\n")
    assert re.search(r"02-base.ipynb +finished +trusted +2026", printed.out)
    page = (project / "runs" / "report.html").read_text("utf-8")
    assert page.count("Trusted: reproduced") == 2
    assert len(fake.environs) == 6
    assert len(children) > 10
    kept = b"".join([*tree(project).values(), own.read_bytes()]).decode("latin-1")
    told = (printed.out + printed.err, kept, *children, str(fake.environs))
    for secret in (private_line(), private_line()[22:], "AQEB" * 5):
        assert not [text[:99] for text in told if secret in text]

    monkeypatch.setenv(SIGNING_KEY, private_line())
    before, again = tree(project / "runs"), Faked()
    assert call(again, "--json") == 0
    plain = json.loads(capsys.readouterr().out)
    assert (plain["schema"], plain["exit_code"], plain["added"]) == (1, 0, [])
    assert [run["level"] for run in plain["runs"]] == ["trusted", "trusted"]
    assert tree(project / "runs") == before
    assert "Nothing was added" in summary.read_text()


def test_without_a_key_nothing_is_begun(project: Path, capsys: Capture) -> None:
    fake = Faked()
    assert call(fake, "--summary", "runs/ci.md") == 2
    assert "could not be checked" in (project / "runs" / "ci.md").read_text()
    printed = capsys.readouterr()
    assert "TOOLKIT_SIGNING_KEY: is not set" in printed.out
    assert "or sign nothing: toolkit ci --unsigned" in printed.out
    assert not fake.steps


@pytest.mark.parametrize("value", ["no key", "", "-----BEGIN PUBLIC KEY-----"])
def test_a_key_that_is_none_is_refused_and_not_shown(
    project: Path, value: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv(SIGNING_KEY, value)
    assert call(Faked(), "--md") == 2
    assert capsys.readouterr().out.startswith("## toolkit ci: commit could not be")
    assert SIGNING_KEY not in os.environ
    assert not (project / "runs").exists()


def test_unsigned_forgets_a_key_that_is_there(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv(SIGNING_KEY, private_line())
    put(project, {"left.csv": b""})
    assert call(Faked(), "--unsigned") == 2
    assert SIGNING_KEY not in os.environ
    assert "left.csv: not what commit" in capsys.readouterr().out


def test_a_key_in_the_clone_is_refused(project: Path, capsys: Capture) -> None:
    put(project, {"ci.key": private_line().encode()})
    assert call(Faked(), "--key", "ci.key") == 2
    printed = capsys.readouterr()
    assert "lies in the project's clone" in printed.out
    assert private_line() not in printed.out + printed.err


def test_ctrl_c_is_130_and_the_summary_says_so(project: Path, capsys: Capture) -> None:
    summary = project / "runs" / "ci.md"
    summary.parent.mkdir()
    fake = Faked(status="interrupted")
    assert call(fake, "--unsigned", "--summary", str(summary)) == 130
    assert summary.read_text().startswith("## toolkit ci: interrupted at run")
    assert "not reached" in capsys.readouterr().out


def test_a_summary_that_cannot_be_written_is_told(
    project: Path, capsys: Capture
) -> None:
    put(project, {"notebooks/03-bad.ipynb": b"{"})
    commit(project)
    assert call(Faked(), "--unsigned", "--summary", "scope.yaml/ci.md") == 2
    assert "scope.yaml/ci.md: no summary, " in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--key", "x", "--unsigned"], ["--jobs", "0"], ["--timeout", "no"]]
)
def test_what_cannot_be_meant_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["ci", *arguments])


def jobs(name: str) -> Mapping[Any, Any]:
    """Return a template; YAML 1.1 takes the key ``on`` for true."""
    plain: Mapping[Any, Any] = yaml.safe_load((ROOT / "docs/ci" / name).read_text())
    return plain


def test_the_job_with_the_secret_executes_no_notebook() -> None:
    plain = jobs("github.yml")
    assert not [event for event in plain[True] if event.startswith("pull_request")]
    found = {name: str(job) for name, job in plain["jobs"].items()}
    (signs,) = (name for name, text in found.items() if "secrets." in text)
    (runs,) = (name for name, text in found.items() if "toolkit ci --unsigned" in text)
    assert (signs, runs) == ("sign", "execute")
    assert not re.search(r"toolkit (ci|run|verify|-m)", found[signs])
    assert "toolkit attest --all" in found[signs]


def test_so_it_is_on_gitlab() -> None:
    plain = jobs("gitlab.yml")
    assert "toolkit ci --unsigned" in str(plain["execute"])
    assert not re.search(r"toolkit (ci|run|verify|-m)", str(plain["sign"]))


@pytest.mark.slow
@pytest.mark.kernel
def test_end_to_end_with_kernels(tmp_path: Path) -> None:
    """As a person would: a key, a commit, the command, twice, and one byte changed."""
    root, key = tmp_path / "project", tmp_path / "ci.key"
    root.mkdir()
    shows = "from toolkit import publish\n\npublish.metric('n', 2 * n, unit='rows')"
    write(root / "notebooks", "01-data", cell("n: int = 3  # x", "parameters"), shows)
    uses = "from toolkit import publish, upstream\n\nrows = upstream.load('01-data')"
    then = "publish.metric('m', rows.metrics['n'] + 1)"
    write(root / "notebooks", "02-base", uses, then)
    put(root, {"scope.yaml": REAL.encode(), LOCK: a_lock().encode()})
    git(root, "init", "-q", "-b", "main")
    lint = "[tool.toolkit.lint]\nignore = { NET203 = 'the toolkit is a link' }\n"
    ignored = ".cache/\nruns/report.html\n"
    put(root, {"pyproject.toml": lint.encode(), ".gitignore": ignored.encode()})

    def toolkit(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 -- ourselves
            [sys.executable, "-m", "toolkit", *arguments],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )

    assert toolkit("keys", "new", str(key)).returncode == 0
    trust = ("keys", "trust", f"{key}.pub", "--name", "ci", "--role", "ci")
    assert toolkit(*trust).returncode == 0
    commit(root)
    first = toolkit("ci", "--key", str(key))
    assert first.returncode == 0, first.stdout + first.stderr
    assert toolkit("runs").stdout.count("  trusted  ") == 2
    page = (root / "runs" / "report.html").read_text("utf-8")
    assert page.count("Trusted: reproduced") == 2
    assert "ot to be quoted" not in page
    before = tree(root / "runs")
    second = toolkit("ci", "--key", str(key))
    assert (second.returncode, tree(root / "runs")) == (0, before)
    assert "nothing was added" in second.stdout
    path = next(root.glob(f"runs/*-02-base-*/{RECORD}"))
    path.write_text(path.read_text().replace('"value": 7.0', '"value": 8.0'))
    third = toolkit("ci", "--key", str(key))
    assert third.returncode == 1
    assert str(path.relative_to(root)) in third.stderr
    secret = key.read_text().splitlines()[1]
    kept = b"".join(tree(root).values()).decode("latin-1")
    assert secret not in kept + first.stdout + first.stderr
