"""What docs/attestation.md tells a sceptic and CI was tried."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from attested import Case, signed_run, trusted

from toolkit.reproduce.attestation.faults import Fault
from toolkit.reproduce.attestation.trusted import parse_trusted
from toolkit.reproduce.attestation.trusting import trust_key
from toolkit.reproduce.records.store import METRICS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "attestation.md").read_text("utf-8")
CI = ROOT / "docs" / "ci"


def block(language: str) -> str:
    """Return the one block of a language on the page."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert isinstance(found, str)
    return found


def by_hand(root: Path) -> subprocess.CompletedProcess[str]:
    """Do what the page says, in a shell that stops at the first failure."""
    return subprocess.run(  # noqa: S603 -- what the page says
        ["/usr/bin/env", "bash", "-euo", "pipefail", "-c", block("sh")],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Return a signed run of a project that names two keys."""
    case = signed_run(tmp_path / "runs")
    trust_key(tmp_path, trusted(2, name="other"))
    trust_key(tmp_path, trusted(name="ci"))
    return case


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl on PATH")
def test_a_sceptic_checks_a_number_by_hand(case: Case, tmp_path: Path) -> None:
    done = by_hand(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Signature Verified Successfully" in done.stdout
    assert "metrics.json is what was signed" in done.stdout
    assert trusted().key.id in done.stdout
    path = case.folder / METRICS
    content = path.read_bytes()
    path.write_bytes(content.replace(b"1.02", b"1.03"))
    changed = by_hand(tmp_path)
    assert changed.returncode != 0
    assert "is what was signed" not in changed.stdout
    path.write_bytes(content)
    case.rewrite(case.path().read_bytes().replace(b'"payload":"e', b'"payload":"f', 1))
    assert by_hand(tmp_path).returncode != 0


def test_the_file_of_keys_on_the_page_is_one() -> None:
    (key,) = parse_trusted(block("yaml"))
    assert (key.name, key.role) == ("ci", "ci")
    assert key.revoked is not None


def test_every_fault_is_on_the_page() -> None:
    table = PAGE.split("| fault | found |")[1].split("\n\n")[0]
    named = [row.split("|")[1] for row in table.splitlines()[2:]]
    listed = {fault.strip() for names in named for fault in names.split(",")}
    assert listed == set(get_args(Fault))


def loaded(name: str) -> Mapping[str, Any]:
    """Return a template; YAML 1.1 takes the key ``on`` for true."""
    plain: Mapping[str, Any] = yaml.safe_load((CI / name).read_text("utf-8"))
    return plain


def test_on_github_no_job_that_executes_sees_the_key() -> None:
    plain = loaded("github.yml")
    triggers = plain[True]  # type: ignore[index]  # the key "on"
    assert triggers == {"push": {"branches": ["main"]}}
    assert plain["permissions"] == {}
    execute, sign = plain["jobs"]["execute"], plain["jobs"]["sign"]
    assert "secrets" not in str(execute)
    assert execute["permissions"] == {"contents": "read"}
    assert "github.ref == 'refs/heads/main'" in sign["if"]
    assert sign["environment"] == "results"
    holds = [step for step in sign["steps"] if "secrets" in str(step)]
    assert [step["run"].split()[:3] for step in holds] == [
        [".venv/bin/toolkit", "attest", "--all"]
    ]
    assert not re.search(r"toolkit (run|verify)", str(sign))
    used = [s["uses"] for job in (execute, sign) for s in job["steps"] if "uses" in s]
    assert all(re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", one) for one in used)


def test_on_gitlab_no_job_that_executes_sees_the_key() -> None:
    plain = loaded("gitlab.yml")
    execute, sign = plain["execute"], plain["sign"]
    assert "TOOLKIT_SIGNING_KEY" not in str(execute)
    assert "environment" not in execute
    assert sign["environment"] == "results"
    (rule,) = sign["rules"]
    for needed in ('"push"', "$CI_DEFAULT_BRANCH", "$CI_COMMIT_REF_PROTECTED"):
        assert needed in rule["if"]
    assert not re.search(r"toolkit (run|verify)", str(sign))


@pytest.mark.slow  # seconds each, and files that hardly change
@pytest.mark.parametrize(
    "check",
    [
        ["-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", "G"],
        ["-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci", "L"],
    ],
    ids=["github", "gitlab"],
)
def test_the_templates_are_what_their_platforms_take(check: list[str]) -> None:
    files = {"G": str(CI / "github.yml"), "L": str(CI / "gitlab.yml")}
    command = [sys.executable, *(files.get(one, one) for one in check)]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 -- as make lint does
    assert done.returncode == 0, done.stdout


def test_zizmor_finds_nothing_in_the_template() -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    if not zizmor.exists():
        pytest.skip("no zizmor in this environment")
    command = [str(zizmor), "--offline", "--quiet", str(CI / "github.yml")]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 -- as make lint does
    assert done.returncode == 0, done.stdout
