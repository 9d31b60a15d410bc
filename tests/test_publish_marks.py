import json
import re
from html import escape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from published import PREFIX, Bundle, collected

from toolkit import publish
from toolkit.publish import claims, display
from toolkit.publish.marks import MARK


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Bundle]:
    return collected(monkeypatch)


def test_outside_of_a_notebook_the_text_is_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    publish.metric("x", 0.1)
    assert capsys.readouterr().out == (
        "x = 0.1\nexploratory: not for quoting; it counts after: toolkit run NOTEBOOK\n"
    )


def both(value: float = 0.1) -> None:
    publish.metric("x", value, unit="a day")
    publish.table("t", pd.DataFrame({"a": [1]}))


def test_a_number_that_no_run_keeps_is_marked(shown: list[Bundle]) -> None:
    both()
    for bundle in shown:
        assert bundle["text/plain"].splitlines()[-1].startswith(MARK)
        assert f"{MARK}</summary>" in bundle["text/html"]
        assert not re.search("<script|<style| on[a-z]+=", bundle["text/html"])


def test_in_a_run_nothing_is_marked(
    shown: list[Bundle], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both()
    monkeypatch.setenv(claims.RUN_FOLDER, str(tmp_path))
    monkeypatch.setenv("JPY_SESSION_NAME", "/p/02-baseline.ipynb")
    both()
    for marked, bare in zip(shown[:2], shown[2:], strict=True):
        assert "exploratory" not in json.dumps(bare)
        payload = next(mime for mime in bare if mime.startswith(PREFIX))
        assert marked[payload] == bare[payload]
        assert marked["text/plain"].startswith(bare["text/plain"] + "\n")


@pytest.mark.parametrize(
    ("session", "command"),
    [
        pytest.param(
            "p/notebooks/02-baseline.ipynb",
            "toolkit run notebooks/02-baseline.ipynb && toolkit verify 02-baseline",
            id="lab",
        ),
        pytest.param(
            "p/my notes.ipynb",
            "toolkit run 'my notes.ipynb' && toolkit verify 'my notes'",
            id="blank",
        ),
        pytest.param("p/Console 1", "toolkit run NOTEBOOK", id="console"),
        pytest.param("", "toolkit run NOTEBOOK", id="empty"),
    ],
)
def test_the_mark_says_what_would_make_the_number_count(
    shown: list[Bundle],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    session: str,
    command: str,
) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "scope.yaml").touch()
    monkeypatch.setenv("JPY_SESSION_NAME", f"{tmp_path}/{session}" if session else "")
    publish.metric("x", 0.1)
    assert shown[0]["text/plain"].endswith(f"counts after: {command}")
    assert escape(command) in shown[0]["text/html"]


def test_the_mark_knows_the_notebook_from_other_editors(
    shown: list[Bundle], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = SimpleNamespace(user_ns={"__vsc_ipynb_file__": str(tmp_path / "a.ipynb")})
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "b.ipynb"))
    publish.metric("x", 0.1)
    assert shown[0]["text/plain"].endswith("toolkit run a.ipynb && toolkit verify a")


def test_ipython_gets_the_whole_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    objects: list[Any] = []
    monkeypatch.setattr("IPython.display.display", objects.append)
    display.show({"text/plain": "x"})
    assert objects[0]._repr_mimebundle_(include=None, exclude=None) == {
        "text/plain": "x"
    }
