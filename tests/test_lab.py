"""The notebooks say the same in JupyterLab, cell by cell, as headless."""

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ("01-data-sanity", "02-baseline", "03-error-analysis")
METRIC = "application/vnd.toolkit.metric+json"
PROJECT = ("scope.yaml", "requirements.lock", "pyproject.toml", "notebooks", "docs")
MINUTES = 60_000


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what the notebooks need, and execute them headless."""
    folder = tmp_path_factory.mktemp("project")
    for name in PROJECT:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, folder / name)
    shutil.copytree(ROOT / "toolkit/data", folder / "toolkit/data")
    (folder / "runs").mkdir()
    subprocess.run([sys.executable, "-m", "toolkit", "run"], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def lab(project: Path) -> Iterator[str]:
    """Serve the project by JupyterLab on a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--port={port}", "--no-browser", "--ServerApp.token=", "--allow-root"]
    command = [sys.executable, "-m", "jupyter", "lab", *options, "--LabApp.news_url="]
    with (project / "lab.log").open("w") as log:
        server = subprocess.Popen(  # noqa: S603  # our own command
            [*command, f"--ServerApp.root_dir={project / 'notebooks'}"],
            stdout=log,
            stderr=log,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(f"{address}/api")
            yield address
        finally:
            server.terminate()
            server.wait(timeout=30)


def wait_for(address: str) -> None:
    for _ in range(120):
        with contextlib.suppress(OSError), urlopen(address):  # noqa: S310  # this machine
            return
        time.sleep(0.5)
    pytest.fail(f"{address} does not answer")


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    tab = browser.new_page(viewport={"width": 1400, "height": 1000})
    yield tab
    tab.close()


def run_all_cells(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/lab/tree/{name}.ipynb?reset", timeout=2 * MINUTES)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=2 * MINUTES)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=MINUTES)
    prompts = "Array.from(document.querySelectorAll('.jp-InputArea-prompt'))"
    begun = f"{prompts}.some(each => /[\\d*]/.test(each.textContent))"
    for _ in range(5):  # a kernel that has just come up may lose the first request
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        page.wait_for_timeout(5_000)
        if page.evaluate(begun):
            break
    page.wait_for_function(
        f"{begun} && !{prompts}.some(each => each.textContent.includes('*'))"
        " && !!document.querySelector('[data-status=idle]')",
        timeout=4 * MINUTES,
    )
    page.keyboard.press("Control+s")
    page.wait_for_timeout(3_000)


def published(notebook: Path) -> dict[str, float]:
    """Metrics that the saved outputs of a notebook claim."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    outputs: list[dict[str, Any]] = [
        output for cell in cells for output in cell.get("outputs", [])
    ]
    assert not [one for one in outputs if one["output_type"] == "error"]
    claims = [one["data"][METRIC] for one in outputs if METRIC in one.get("data", {})]
    return {claim["name"]: claim["value"] for claim in claims}


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.kernel
@pytest.mark.xdist_group("lab")
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_numbers_in_jupyterlab_are_those_of_the_headless_run(
    name: str, project: Path, lab: str, page: Page
) -> None:
    run_all_cells(page, lab, name)
    (folder,) = (project / "runs").glob(f"*-{name}-*")
    headless = json.loads((folder / "metrics.json").read_text("utf-8"))
    assert published(project / f"notebooks/{name}.ipynb") == headless
