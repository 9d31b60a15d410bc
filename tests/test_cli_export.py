import json
from pathlib import Path

import pytest
from exporting import a_run, reproduce
from fake_mlflow import FakeMlflow, listening

from toolkit.cli import main
from toolkit.reproduce.records.record import Record

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Record:
    monkeypatch.chdir(tmp_path)
    for name in ("USERNAME", "PASSWORD", "TOKEN"):
        monkeypatch.delenv(f"MLFLOW_TRACKING_{name}", raising=False)
    return a_run(tmp_path)


@pytest.fixture
def reproduced(tmp_path: Path, record: Record) -> Record:
    reproduce(tmp_path, record)
    return record


@pytest.mark.usefixtures("reproduced")
def test_a_reproduced_run_goes_everywhere(tmp_path: Path, capsys: Capture) -> None:
    fake = FakeMlflow()
    with listening(fake) as url:
        assert main(["export", "--mlflow", url]) == 0
    assert main(["export", "--ro-crate", "crates"]) == 0
    assert main(["export", "--dvc", "dvc"]) == 0
    assert len(fake.runs) == 1
    assert len(list((tmp_path / "crates").glob("*/ro-crate-metadata.json"))) == 1
    assert (tmp_path / "dvc" / "dvc.yaml").exists()
    captured = capsys.readouterr()
    assert captured.out.count(" reproduced  added ") == 3
    assert captured.err == ""


def test_one_that_is_not_reproduced_stays(record: Record, capsys: Capture) -> None:
    assert main(["export", "--dvc", "dvc"]) == 2
    assert not Path("dvc").exists()
    error = capsys.readouterr().err
    assert f"{record.run}: not for quoting: only recorded" in error
    assert (
        "next: toolkit verify 02-baseline; or take them along, marked: --all" in error
    )
    assert main(["export", "--dvc", "dvc", record.run]) == 1
    assert main(["export", "--dvc", "dvc", "--all"]) == 0
    assert Path("dvc/metrics/not-for-quoting/02-baseline.json").exists()


def test_json_tells_what_went_and_what_stayed(record: Record, capsys: Capture) -> None:
    assert main(["export", "--dvc", "dvc", "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["exported"] == []
    assert told["left_out"][0]["run"] == record.run
    assert main(["export", "--dvc", "dvc", "--json", "--all"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["exported"]
    assert (one["run"], one["level"], one["effect"]) == (
        record.run,
        "recorded",
        "added",
    )


def test_a_record_that_cannot_be_read_is_told(
    reproduced: Record, capsys: Capture
) -> None:
    broken = Path("runs") / "20261101-000000-01-sanity-00000000"
    broken.mkdir()
    (broken / "record.json").write_text("{")
    assert main(["export", "--dvc", "dvc"]) == 2
    captured = capsys.readouterr()
    assert reproduced.run in captured.out
    assert "record.json: found no JSON" in captured.err
    assert main(["export", "--dvc", "dvc", reproduced.run]) == 0


@pytest.mark.usefixtures("reproduced")
def test_what_went_before_an_error_is_printed(capsys: Capture) -> None:
    later = Path("runs") / a_run(Path(), {"n": 20}).run
    (later / "tables" / "cities.csv").write_text("changed")
    assert main(["export", "--ro-crate", "crates", "--all"]) == 2
    captured = capsys.readouterr()
    assert captured.out.count(" added ") == 1
    assert captured.err.count("was changed after the run") == 1


def test_no_run_is_no_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()
    assert main(["export", "--dvc", "dvc"]) == 2
    assert "nothing to export: toolkit run" in capsys.readouterr().err
    assert main(["export", "--dvc", "dvc", "nb"]) == 2
    assert "no run 'nb'" in capsys.readouterr().err


@pytest.mark.usefixtures("reproduced")
def test_a_file_that_is_not_here_is_noted(capsys: Capture) -> None:
    next(Path("runs").glob("*/notebook.ipynb")).unlink()
    assert main(["export", "--ro-crate", "crates"]) == 0
    assert "so it did not go along: notebook.ipynb" in capsys.readouterr().err


@pytest.mark.usefixtures("reproduced")
def test_one_target_must_be_named() -> None:
    for wrong in (["export"], ["export", "--dvc", "a", "--ro-crate", "b"]):
        with pytest.raises(SystemExit, match="2"):
            main(wrong)
