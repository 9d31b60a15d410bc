"""Other tools read what we write; each lives in an environment of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from elsewhere import python_with, says, surroundings
from exporting import CSV, METRICS, a_run, reproduce

from toolkit.cli import main
from toolkit.reproduce.records.record import Failure

pytestmark = pytest.mark.elsewhere
ROOT = Path(__file__).parents[1]
START_S = 180
CALM = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "1"}
SCHEMA = (
    "about actionStatus additionalType creativeWorkStatus datePublished "
    "description encodingFormat endTime exampleOfWork hasPart identifier "
    "instrument keywords license mainEntity mentions name object operatingSystem "
    "programmingLanguage result softwareRequirements softwareVersion startTime "
    "unitText url value version workExample CreateAction CreativeWork "
    "ComputerLanguage Dataset PropertyValue SoftwareApplication "
    "SoftwareSourceCode error "
)
BIOSCHEMAS = "https://bioschemas.org/"
TERMS = {  # what the two contexts say of the words we use: the validator is offline
    **{word: f"http://schema.org/{word}" for word in SCHEMA.split()},
    "File": "http://schema.org/MediaObject",
    "conformsTo": "http://purl.org/dc/terms/conformsTo",
    "ComputationalWorkflow": f"{BIOSCHEMAS}ComputationalWorkflow",
    "FormalParameter": f"{BIOSCHEMAS}FormalParameter",
    "input": f"{BIOSCHEMAS}ComputationalWorkflow#input",
    "output": f"{BIOSCHEMAS}ComputationalWorkflow#output",
    "sha256": "https://w3id.org/ro/terms/workflow-run#sha256",
}
READ_BACK = """
import json, sys, mlflow
client = mlflow.MlflowClient(sys.argv[1])
(experiment,) = [e for e in client.search_experiments() if e.name != "Default"]
runs = client.search_runs([experiment.experiment_id])
found = []
for run in runs:
    uri = f"runs:/{run.info.run_id}"
    path = mlflow.artifacts.download_artifacts(
        f"{uri}/tables/cities.csv", tracking_uri=sys.argv[1]
    )
    steps = client.get_metric_history(run.info.run_id, "third")
    found.append({
        "status": run.info.status, "name": run.info.run_name,
        "times": [run.info.start_time, run.info.end_time],
        "params": run.data.params, "metrics": run.data.metrics, "tags": run.data.tags,
        "csv": open(path, encoding="utf-8").read(),
        "files": sorted(f.path for f in client.list_artifacts(run.info.run_id)),
        "steps": [[m.value, m.step, m.timestamp] for m in steps],
    })
print(json.dumps({"experiment": experiment.name, "runs": found}))
"""
SHOW = ("metrics", "show", "--json")
DIFF = ("metrics", "diff", "--json")
VALIDATE = """
import json, sys
from rocrate_validator import models, services
settings = services.ValidationSettings(
    rocrate_uri=sys.argv[1], profile_identifier=sys.argv[2], offline=True,
    requirement_severity=models.Severity.REQUIRED,
)
result = services.validate(settings)
issues = [f"{i.check.identifier}: {i.message}" for i in result.get_issues()]
print(json.dumps({"passed": result.passed(), "issues": issues}))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    reproduce(root, a_run(root))
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A real tracking server, with a database and files of its own."""
    python = python_with("mlflow")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path / "mlflow"
    home.mkdir()
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(  # noqa: S603 -- built by us
        [
            *(str(python), "-m", "mlflow", "server", "--port", str(port)),
            *("--backend-store-uri", f"sqlite:///{home}/runs.db", "--workers", "1"),
            *("--artifacts-destination", str(home / "files")),
        ],
        cwd=home,
        env=surroundings(home, **CALM, PATH=f"{python.parent}:/usr/bin:/bin"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            wait_for(f"{url}/health", process)
            yield url
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(START_S * 2):
        assert process.poll() is None
        try:
            with urlopen(url, timeout=5):  # noqa: S310 -- of this machine
                return
        except (URLError, OSError):
            time.sleep(0.5)
    pytest.fail("the server did not start")


def test_mlflows_own_client_reads_every_number_back(project: Path, server: str) -> None:
    assert main(["export", "--mlflow", server]) == 0
    assert main(["export", "--mlflow", server]) == 0
    python = python_with("mlflow")
    told = json.loads(says(python, "-c", READ_BACK, server, cwd=project.parent))
    (run,) = told["runs"]
    assert told["experiment"] == "pumps/02-baseline"
    assert {m.name: m.value for m in METRICS}.items() <= run["metrics"].items()
    assert run["steps"] == [[1 / 3, 0, 1795457760500]]
    assert run["times"] == [1795457700000, 1795457760500]
    assert run["status"] == "FINISHED"
    assert run["params"]["größe"] == "übergroß"
    assert run["tags"]["trust.level"] == "reproduced"
    assert run["tags"]["mlflow.source.name"] == "notebooks/02-baseline.ipynb"
    assert run["csv"].encode() == CSV
    assert {"record.json", "tables", "figures", "notebook.ipynb"} <= {*run["files"]}


def test_the_validator_of_crates_finds_no_fault(project: Path) -> None:
    python = python_with("crate")
    assert main(["export", "--ro-crate", "crates"]) == 0
    (crate,) = (project / "crates").iterdir()
    assert faults(python, crate) == []
    (crate / "tables" / "cities.csv").unlink()
    assert any("cities.csv" in fault for fault in faults(python, crate))


def test_the_crate_of_a_failed_run_is_one_too(project: Path) -> None:
    python = python_with("crate")
    failure = Failure(cell=0, source="", ename="KeyError", evalue="'x'", traceback="")
    record = a_run(project, status="failed", error=failure)
    assert main(["export", "--all", "--ro-crate", "crates", record.run]) == 0
    assert faults(python, project / "crates" / record.run) == []


def faults(python: Path, crate: Path) -> list[str]:
    """What the validator says of a copy whose words need no network."""
    copy = crate.parent / "copy"
    shutil.copytree(crate, copy)
    metadata = copy / "ro-crate-metadata.json"
    content = json.loads(metadata.read_text("utf-8"))
    content["@context"] = TERMS
    metadata.write_text(json.dumps(content))
    found: list[str] = []
    for profile in ("workflow-run-crate-0.5", "process-run-crate-0.5"):
        told = says(python, "-c", VALIDATE, "copy", profile, cwd=crate.parent)
        result = json.loads(told.splitlines()[-1])
        assert result["passed"] == (not result["issues"])
        found += result["issues"]
    shutil.rmtree(copy)
    return found


def test_dvc_shows_the_metrics_and_what_changed(project: Path) -> None:
    python = python_with("dvc")
    assert main(["export", "--dvc", "exported"]) == 0
    git(project, "init", "-q", ".")
    says(python, "-m", "dvc", "init", "-q", cwd=project)
    git(project, "add", "-A")
    git(project, "commit", "-qm", "one")
    shown = json.loads(says(python, "-m", "dvc", *SHOW, cwd=project))
    (file,) = shown[""]["data"]
    assert file == "exported/metrics/02-baseline.json"
    assert shown[""]["data"][file]["data"] == {m.name: m.value for m in METRICS}
    better = (replace(METRICS[0], value=1.5), *METRICS[1:])
    later = a_run(project, metrics=better, parameters={"n": 20})
    reproduce(project, later)
    assert main(["export", "--dvc", "exported", later.run]) == 0
    changed = json.loads(says(python, "-m", "dvc", *DIFF, cwd=project))
    assert changed[file]["hit_rate"] == {"old": 1.02, "new": 1.5, "diff": 0.48}


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(  # noqa: S603 -- git from PATH
        ["git", *who, *arguments],  # noqa: S607
        cwd=folder,
        check=True,
        env=surroundings(folder),
    )


def test_the_citation_is_valid() -> None:
    python = python_with("dvc")
    command = "from cffconvert.cli.cli import cli; cli()"
    says(python, "-c", command, "--validate", "-i", "CITATION.cff", cwd=ROOT)
