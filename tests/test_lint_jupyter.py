import json
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from lint_projects import project

from toolkit.lint import ipython, jupyter
from toolkit.lint.jupyter import SaveHook

ON = "on-save = true"
BAD = "n = = 1"
KEY = "k" * 20
EXTENSION = json.loads(
    (Path(__file__).parents[1] / "jupyter-config" / "toolkit.json").read_text("utf-8")
)


def saved(
    path: Path, caplog: pytest.LogCaptureFixture, kind: str = "notebook"
) -> list[str]:
    """Save by the hook; return what was written to the log."""
    caplog.set_level(logging.INFO)
    hook = SaveHook(logging.getLogger("server"), {})
    hook(model={"type": kind}, os_path=str(path), contents_manager=None)
    hook.pool.shutdown(wait=True)
    return [record.getMessage() for record in caplog.records]


def test_what_is_saved_is_told_where_the_project_asks(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lines = saved(project(tmp_path, BAD, table=ON), caplog)
    assert "cell 1:1:5: SYN101" in lines[0]
    assert "1 error in 1 notebook" in lines[-1]
    assert caplog.records[0].levelno == logging.WARNING


@pytest.mark.parametrize(("table", "kind"), [("", "notebook"), (ON, "file")])
def test_nothing_is_told_where_nobody_asks(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, table: str, kind: str
) -> None:
    assert not saved(project(tmp_path, BAD, table=table), caplog, kind)


def test_a_hook_never_keeps_a_notebook_from_being_saved(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = project(tmp_path, BAD, table="colour = 1")
    assert "unknown key" in saved(path, caplog)[-1]
    path = project(tmp_path, BAD, table=ON)
    path.write_bytes(b"{")
    assert any("breaks off" in line for line in saved(path, caplog))

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(jupyter, "report_of", fail)
    assert "broke down" in saved(path, caplog)[-1]


class Shell:
    """As much of IPython as is asked."""

    def __init__(self) -> None:
        self.user_ns: dict[str, object] = {}
        self.magics: dict[str, Callable[[str], None]] = {}

    def register_magic_function(
        self, func: Callable[[str], None], magic_kind: str, magic_name: str
    ) -> None:
        assert magic_kind == "line"
        self.magics[magic_name] = func


def test_a_magic_tells_the_findings_of_the_saved_notebook(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    shell = Shell()
    ipython.load_ipython_extension(shell)
    shell.magics["lint"]("")
    assert "which notebook is this?" in capsys.readouterr().out
    path = project(tmp_path, BAD)
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    shell.magics["lint"]("")
    assert "SYN101" in capsys.readouterr().out
    shell.magics["lint"](str(tmp_path / "none.ipynb"))
    assert "No such file" in capsys.readouterr().out
    project(tmp_path, BAD, table="colour = 1")
    shell.magics["lint"]("")
    assert "unknown key" in capsys.readouterr().out


@pytest.mark.slow
def test_a_real_server_tells_on_save_and_answers(tmp_path: Path) -> None:
    path = project(tmp_path, "n = 1", table=ON)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path / "config" / "jupyter_server_config.json"
    config.parent.mkdir()
    config.write_text(json.dumps(EXTENSION), "utf-8")
    log = tmp_path / "server.log"
    options = [f"--port={port}", "--no-browser", "--allow-root", f"--config={config}"]
    options += [f"--IdentityProvider.token={KEY}", f"--ServerApp.root_dir={tmp_path}"]
    with log.open("w") as stream:
        server = subprocess.Popen(  # noqa: S603 -- our own command
            [sys.executable, "-m", "jupyter", "server", *options],
            stdout=stream,
            stderr=stream,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        content = json.loads(path.read_bytes())
        content["cells"][0]["source"] = BAD
        body = {"type": "notebook", "format": "json", "content": content}
        ask(f"{address}/api/contents/notebooks/nb.ipynb", body)
        answer = ask(f"{address}/toolkit/lint/notebooks/nb.ipynb")
        assert [each["code"] for each in answer["findings"]] == ["SYN101"]
        with pytest.raises(URLError, match="404"):
            ask(f"{address}/toolkit/lint/../../etc/passwd", tries=1)
        with pytest.raises(URLError, match="403"):
            ask(f"{address}/toolkit/lint/notebooks/nb.ipynb", tries=1, key="no")
    finally:
        server.terminate()
        server.wait(timeout=30)
    assert "toolkit lint: " in log.read_text("utf-8")
    assert "SYN101" in log.read_text("utf-8")


def ask(
    url: str, body: object = None, *, tries: int = 60, key: str = KEY
) -> dict[str, Any]:
    """Ask the server, as soon as it is there."""
    content = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"token {key}", "Content-Type": "application/json"}
    request = Request(  # noqa: S310 -- of this machine
        url, data=content, headers=headers, method="PUT" if content else "GET"
    )
    for _ in range(tries - 1):
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310
                plain: dict[str, Any] = json.load(answer)
                return plain
        except ConnectionRefusedError:
            time.sleep(0.5)
        except URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
            time.sleep(0.5)
    with urlopen(request, timeout=30) as answer:  # noqa: S310
        last: dict[str, Any] = json.load(answer)
        return last
