"""Play entries as a user would: commit, run, do something to it, verify."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .entry import Caught, Entry, Site

NOTEBOOK = "analysis.ipynb"
LOCK = "requirements.lock"
_TIMEOUT_S = 600
_MARKED = re.compile(r"^\s*>\s*\d+ \| (.*)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Played:
    """What became of an entry."""

    entry: Entry
    caught: Caught | None  # None: neither run nor verified, for it broke
    said: str  # cause, or message
    cause: bool  # the cause that a person would name is named
    cell: bool | None  # None: there is none to name
    line: bool | None

    @property
    def right(self) -> bool:
        """Whether a fault was caught as expected, or a clean one left alone."""
        return self.caught == self.entry.caught


def play(entry: Entry, folder: Path) -> Played:
    """Build an entry's project in an empty folder, and see what is found.

    Parameters
    ----------
    entry : to play
    folder : there already
    """
    site = Site(root=folder / "project", outside=folder / "elsewhere")
    _build(entry, site)
    ran = _toolkit(site, "run", NOTEBOOK, "--json", *entry.run)
    if ran.returncode and not entry.fails:
        return _failed(entry, ran)
    if entry.between is not None:
        entry.between(site)
    if entry.caught == "runs":
        return _listed(entry, _toolkit(site, "runs", "--json"))
    return _verified(
        entry, _toolkit(site, "verify", site.run.name, "--json", *entry.verify)
    )


def play_all(
    entries: Sequence[Entry],
    progress: Callable[[Played], None] | None = None,
    *,
    keep: Path | None = None,
) -> list[Played]:
    """Play entries, each in a folder of its own, as many at once as there are cores.

    Parameters
    ----------
    entries : to play
    progress : is called with each that was played, in their order
    keep : write what the commands printed there, for whoever looks into a miss
    """

    def one(entry: Entry) -> Played:
        with tempfile.TemporaryDirectory(
            prefix="fault-", ignore_cleanup_errors=True
        ) as name:
            return play(entry, Path(name).resolve())

    played = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for each in pool.map(one, entries):
            played.append(each)
            if keep is not None and not each.right:
                name = each.entry.name.replace(" ", "-")
                (keep / f"{name}.txt").write_text(each.said)
            if progress is not None:
                progress(each)
    return played


def notebook_text(entry: Entry) -> str:
    """Return the notebook's JSON."""
    cells = [
        {
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {"tags": list(cell.tags)} if cell.tags else {},
            "source": cell.source,
            "outputs": list(cell.stored),
            "execution_count": 1 if cell.stored else None,
        }
        for number, cell in enumerate(entry.cells)
    ]
    kernelspec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    plain = {
        "cells": cells,
        "metadata": {"kernelspec": kernelspec},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(plain, indent=1)


def _build(entry: Entry, site: Site) -> None:
    site.outside.mkdir()
    files = {NOTEBOOK: notebook_text(entry), **entry.files}
    files[".gitignore"] = f"__pycache__/\n{entry.ignored}"
    files["pyproject.toml"] = '[project]\nname = "sales"\nversion = "1"\n'
    for name, content in files.items():
        path = site.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    if entry.caught == "runs":  # without a lock, nothing is trusted anyway
        (site.root / LOCK).write_bytes((Path(__file__).parents[2] / LOCK).read_bytes())
    if entry.before is not None:
        entry.before(site)
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "Sales")):
        subprocess.run(  # noqa: S603 -- literal arguments
            ["git", *identity, *command],  # noqa: S607 -- from PATH
            cwd=site.root,
            check=True,
            env=_environment(),
        )


def _environment() -> dict[str, str]:
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "GITHUB"))}
    return kept | quiet


def _toolkit(site: Site, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 -- this interpreter
        [sys.executable, "-m", "toolkit", *arguments],
        cwd=site.root,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_S,
    )


def _failed(entry: Entry, ran: subprocess.CompletedProcess[str]) -> Played:
    """Return what a run that failed says: its message is all that a user sees."""
    runs = json.loads(ran.stdout)["runs"] if ran.stdout.startswith("{") else []
    error = (runs[0]["error"] or {}) if runs else {}
    status = runs[0]["status"] if runs else ""
    said = f"{status} {error.get('ename', '')}: {error.get('evalue', '')} {ran.stderr}"
    marked = _MARKED.findall(ran.stderr) or ran.stderr.splitlines()
    return Played(
        entry=entry,
        caught="run",
        said=said,
        cause=_names(entry.causes, said),
        cell=None
        if entry.cell is None
        else error.get("cell") == entry.cell or f"cell {entry.cell + 1}" in ran.stderr,
        line=None if not entry.line else any(entry.line in text for text in marked),
    )


def _verified(entry: Entry, done: subprocess.CompletedProcess[str]) -> Played:
    try:
        verdict = json.loads(done.stdout)["verdicts"][0]
    except (ValueError, LookupError):
        return _broken(entry, done)
    fault = verdict["value"] != "reproduced"
    if fault != bool(done.returncode):
        return _broken(entry, done)
    suspects = verdict["suspects"]
    cells = {verdict["cell"], *(suspect["cell"] for suspect in suspects[:1])}
    causes = " ".join([verdict["cause"], *verdict["culprits"]])
    return Played(
        entry=entry,
        caught="verify" if fault else "nothing",
        said=json.dumps(verdict, indent=1) if fault else "",
        cause=_names(entry.causes, causes),
        cell=None if entry.cell is None else entry.cell in cells,
        line=None
        if not entry.line
        else any(entry.line in suspect["source"] for suspect in suspects[:1]),
    )


def _listed(entry: Entry, done: subprocess.CompletedProcess[str]) -> Played:
    try:
        run = json.loads(done.stdout)["runs"][-1]
    except (ValueError, LookupError):
        return _broken(entry, done)
    trusted = run["level"] in ("reproduced", "trusted")
    said = f"{done.stderr}{json.dumps(run['reasons'])}"
    told = _names(entry.causes, said)  # it is not verified, so that it must say more
    return Played(
        entry=entry,
        caught="runs" if told and not trusted else "nothing",
        said=said,
        cause=told,
        cell=None,
        line=None,
    )


def _broken(entry: Entry, done: subprocess.CompletedProcess[str]) -> Played:
    said = f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return Played(
        entry=entry, caught=None, said=said, cause=False, cell=None, line=None
    )


def _names(causes: Sequence[str], said: str) -> bool:
    return any(cause in said for cause in causes)
