import json
import os
import signal
import subprocess
import sys
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path

import pytest
from cli_runs import recorded
from records import a_record

from notebooks import cell, write
from toolkit import __main__, cli
from toolkit.cli import VERBS, main
from toolkit.cli.interrupts import orderly
from toolkit.cli.output import table

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("name", "module", "text"), VERBS)
def test_the_help_of_each_verb_is_the_one_that_is_listed(
    name: str, module: str, text: str
) -> None:
    parser = ArgumentParser()
    import_module(module).add_parser(parser.add_subparsers())
    listed = " ".join(parser.format_help().split())
    assert f"{name} {text}" in listed


def test_help_imports_no_verb_and_nothing_heavy() -> None:
    code = (
        "import sys\nfrom toolkit.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(  # noqa: S603 -- this interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = set(done.stderr.split())
    heavy = {"pandas", "numpy", "yaml", "pydantic", "papermill"}
    assert not loaded & heavy
    assert not [name for name in loaded if name.startswith("toolkit.cli.")]
    assert all(text in " ".join(done.stdout.split()) for _, _, text in VERBS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["rnus"], "no verb 'rnus'; did you mean 'runs'?", id="misspelt"),
        pytest.param(["-C", ".", "zzz"], "verbs: run, ", id="unknown"),
        pytest.param([], "required: VERB", id="none"),
        pytest.param(["run", "--timeout", "0"], "no number of seconds", id="zero"),
        pytest.param(["run", "--timeout", "x"], "no number of seconds", id="text"),
        pytest.param(["runs", "--md", "--json"], "not allowed with", id="two-shapes"),
    ],
)
def test_usage_errors_exit_with_2(
    capsys: Capture, arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_what_a_user_can_mend_is_one_line(project: Path, capsys: Capture) -> None:
    assert main(["show", "02-baseline"]) == 2
    assert main(["-C", str(project / "no"), "runs"]) == 2
    assert main(["run", "-f", "no.yaml", "-p", "n=1"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("toolkit: ")
    assert "no run '02-baseline'; there is none yet" in lines[0]
    assert "No such file" in lines[1]
    assert len(lines) == 3


def test_another_folder_is_worked_in(
    project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(project, a_record())
    monkeypatch.chdir("/")
    assert main(["-C", str(project), "runs"]) == 0
    assert "02-baseline" in capsys.readouterr().out


def test_parameters_are_listed_without_executing(
    project: Path, capsys: Capture
) -> None:
    source = "n: int = 10  # checks a day\npath = find()\nday: str"
    path = write(project, "nb", cell(source, "parameters"))
    assert main(["params", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "n          int   10          checks a day",
        "path       any   find()",
        "day        str   (required)",
    ]
    assert main(["params", str(path), "--json"]) == 0
    first = json.loads(capsys.readouterr().out)["parameters"][0]
    assert (first["name"], first["default"]) == ("n", 10)
    bare = write(project, "bare", "1")
    assert main(["params", str(bare), "--md"]) == 0
    assert capsys.readouterr().out == "bare.ipynb declares no parameters\n"


def test_tables_for_pull_requests_are_escaped_and_aligned() -> None:
    text = table(["a", "n"], [["x\ny|z", "1,000"], ["z", ""]], markdown=True)
    assert text.splitlines() == [
        "| a      |     n |",
        "| ------ | ----: |",
        "| x y\\|z | 1,000 |",
        "| z      |       |",
    ]
    assert table(["a"], [], markdown=False) == "a"


def test_a_crash_exits_with_2_and_says_whose_fault_it_is(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash() -> int:
        raise RuntimeError("unforeseen")  # noqa: EM101 -- what nobody planned

    monkeypatch.setattr(cli, "main", crash)
    with pytest.raises(SystemExit) as stop:
        __main__.run()
    assert stop.value.code == 2
    printed = capsys.readouterr().err
    assert "RuntimeError: unforeseen" in printed
    assert "a fault in the toolkit itself" in printed


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(KeyboardInterrupt(), 130, id="ctrl-c"),
        pytest.param(SystemExit(2), 2, id="usage"),
        pytest.param(SystemExit(None), 0, id="help"),
        pytest.param(OSError("unforeseen"), 2, id="os"),
    ],
)
def test_how_the_program_ends_is_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture, error: BaseException, code: int
) -> None:
    def end() -> int:
        raise error

    monkeypatch.setattr(cli, "main", end)
    with pytest.raises(SystemExit) as stop:
        __main__.run()
    assert stop.value.code == code
    assert ("interrupted" in capsys.readouterr().err) == (code == 130)


def test_a_reader_that_has_seen_enough_is_no_error(project: Path) -> None:
    read, written = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "toolkit", "runs", "--json"],
        cwd=project,
        stdout=written,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(written)
    assert (done.returncode, done.stderr) == (141, b"")


def test_the_first_signal_interrupts_and_the_second_has_to_wait(
    capsys: Capture,
) -> None:
    before = signal.getsignal(signal.SIGINT)
    with orderly():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is before
    assert "keeping the record; once more ends it" in capsys.readouterr().err


def test_what_nobody_foresaw_is_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_: object) -> int:
        raise OSError

    monkeypatch.setattr("toolkit.cli.runs.run", crash)
    with pytest.raises(OSError, match=r"^$"):
        main(["runs"])
