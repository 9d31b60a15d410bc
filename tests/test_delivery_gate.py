"""What CI refuses before it begins, each with what to do."""

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from attested import a_key
from commits import commit, git, put
from delivered import ENVIRON, Faked, a_fresh_project, a_lock, deliver, name_key

from toolkit.delivery.gate import Origin, load_origin
from toolkit.reproduce.attestation.trusted import TRUSTED, TrustedKey
from toolkit.reproduce.attestation.trusting import trust_key
from toolkit.reproduce.environments.lock import LOCK

Change = Callable[[Path], object]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return a_fresh_project(tmp_path)


def lock(text: str) -> Change:
    """Write another lock, and commit it."""

    def change(root: Path) -> None:
        (root / LOCK).write_text(text)
        commit(root)

    return change


def ignored_lock(root: Path) -> None:
    """Let git have no lock, and not miss it."""
    git(root, "rm", "-q", "--cached", LOCK)
    put(root, {".gitignore": f".cache/\n{LOCK}\n".encode()})
    commit(root)


def keys(**facts: object) -> Change:
    """Let the project name the key otherwise."""

    def change(root: Path) -> None:
        (root / TRUSTED).unlink()
        plain: dict[str, object] = {
            "name": "other",
            "key": a_key(1).public,
            "role": "ci",
            "not_before": datetime(2026, 1, 1, tzinfo=UTC),
            "not_after": datetime(2126, 1, 1, tzinfo=UTC),
        }
        trust_key(root, TrustedKey(**{**plain, **facts}))  # type: ignore[arg-type]  # facts are of its fields
        commit(root)

    return change


def other_key(root: Path) -> None:
    (root / TRUSTED).unlink()
    name_key(root, seed=2)
    commit(root)


def unread_keys(root: Path) -> None:
    put(root, {TRUSTED: b"schema: 7\n"})
    commit(root)


PAST = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(
            lambda root: shutil.rmtree(root / ".git"),
            r"is in no git repository with a commit; .*git init",
            id="no git",
        ),
        pytest.param(
            lambda root: put(root, {"data/a.csv": b"a\n2\n", "data/b": b""}),
            r"data/a.csv, data/b: not what commit \w{12} holds; commit what belongs",
            id="dirty",
        ),
        pytest.param(
            lambda root: put(root, {f"x{n}.py": b"" for n in range(7)}),
            r"x0.py, x1.py, x2.py, x3.py, x4.py and 2 more: not what commit",
            id="not tracked",
        ),
        pytest.param(
            lambda root: (git(root, "rm", "-q", LOCK), commit(root)),
            r"requirements.lock: is not there, .*; write one with",
            id="no lock",
        ),
        pytest.param(
            ignored_lock,
            r"requirements.lock: is in no commit; commit it: git add",
            id="lock in no commit",
        ),
        pytest.param(
            lock(f"{a_lock()}-e .\n"),
            r"requirements.lock: holds what names no version \(line \d+: '-e \.'.*==",
            id="odd lock",
        ),
        pytest.param(
            lock(a_lock().replace(f" --hash=sha256:{'0' * 64}", "", 1)),
            r"requirements.lock: has no hash for [\w-]+; export it with hashes",
            id="lock without hashes",
        ),
        pytest.param(
            lock(f"{a_lock()}zzz==1 --hash=sha256:{'0' * 64}\n"),
            r"installed is something else: zzz 1 \(not installed\); install what",
            id="drift",
        ),
        pytest.param(
            lambda root: (git(root, "rm", "-q", TRUSTED), commit(root)),
            r"trusted-keys.yaml: does not name the key \w{12}….*; name a key of CI",
            id="no key named",
        ),
        pytest.param(other_key, r"does not name the key", id="another key named"),
        pytest.param(
            keys(role="reviewer"), r"gives the key 'other' the role reviewer", id="role"
        ),
        pytest.param(
            keys(not_after=PAST), r"does not let the key 'other' sign", id="expired"
        ),
        pytest.param(
            unread_keys,
            r"trusted-keys.yaml.*schema",
            id="keys that cannot be read",
        ),
    ],
)
def test_a_commit_is_refused(project: Path, change: Change, told: str) -> None:
    change(project)
    fake = Faked()
    done = deliver(project, fake)
    first = done.steps[0]
    assert (done.exit_code, first.state) == (2, "not checked")
    text = "\n".join((first.told, *first.findings))
    assert re.search(told, text), text
    assert {step.state for step in done.steps[1:]} == {"not reached"}
    assert not fake.executed
    assert not (project / "runs").exists()


def test_all_reasons_are_told_at_once(project: Path) -> None:
    git(project, "rm", "-q", LOCK, TRUSTED)
    commit(project)
    done = deliver(project, environ={**ENVIRON, "GITHUB_EVENT_NAME": "pull_request"})
    assert done.steps[0].told == "3 reasons not to begin"
    assert len(done.steps[0].findings) == 3


@pytest.mark.parametrize(
    "environ",
    [
        {"GITHUB_EVENT_NAME": "pull_request"},
        {"GITHUB_EVENT_NAME": "pull_request_target"},
        {"CI_PIPELINE_SOURCE": "merge_request_event"},
    ],
)
def test_what_is_only_proposed_is_not_signed(
    project: Path, environ: dict[str, str]
) -> None:
    done = deliver(project, environ={**ENVIRON, **environ})
    (found,) = done.steps[0].findings
    assert found.endswith("to this job: toolkit ci --unsigned")


def test_without_a_key_none_need_be_named(project: Path) -> None:
    git(project, "rm", "-q", TRUSTED)
    commit(project)
    done = deliver(project, Faked(status="failed"), seed=None)
    assert [step.state for step in done.steps[:4]] == ["done"] * 3 + ["not checked"]


def test_a_submodule_brings_all_that_is_in_it(tmp_path: Path) -> None:
    paths = frozenset(("runs/a", "notebooks/x.ipynb"))
    origin = Origin(root=tmp_path, commit="0" * 40, paths=paths)
    assert origin.brought(tmp_path / "runs" / "a" / "record.json")
    assert not origin.brought(tmp_path / "runs" / "b" / "record.json")
    assert not origin.brought(tmp_path.parent / "runs" / "a")


def test_runs_make_no_tree_dirty(project: Path) -> None:
    put(project, {"runs/x/record.json": b"{}"})
    assert load_origin(project).commit == git(project, "rev-parse", "HEAD")
