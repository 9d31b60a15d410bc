import json
from dataclasses import replace
from pathlib import Path

import pytest
from ledgers import HEAVY, checked, commit, git, whole_run

from toolkit.cli import main
from toolkit.ledger.collecting import collect, plan_collection
from toolkit.ledger.settings import LedgerSettingsError, parse_settings
from toolkit.reproduce.records.record import Record

TIMES = [f"2025-01-0{day}T08:00:00.000000Z" for day in range(1, 5)]


@pytest.fixture
def runs(tmp_path: Path) -> list[Record]:
    """Four runs of one notebook, oldest first; git has what belongs there."""
    ignored = "\n".join(f"runs/*/{path.split('/')[0]}" for path in HEAVY)
    (tmp_path / ".gitignore").write_text(f"{ignored}\n.cache/\n")
    records = [whole_run(tmp_path / "runs", started) for started in TIMES]
    commit(tmp_path)
    return records


def heavy_of(runs_dir: Path) -> list[int]:
    """Return how many heavy files each run has left."""
    return [
        sum((folder / path).is_file() for path in HEAVY)
        for folder in sorted(runs_dir.iterdir())
    ]


def test_older_runs_lose_what_is_heavy_and_no_record(
    tmp_path: Path, runs: list[Record]
) -> None:
    folder = tmp_path / "runs"
    collection = plan_collection(folder, keep=2)
    assert [heavy.run for heavy in collection.dropped] == [r.run for r in runs[:2]]
    assert heavy_of(folder) == [4, 4, 4, 4]
    collect(folder, collection)
    assert heavy_of(folder) == [0, 0, 4, 4]
    assert sorted(p.name for p in (folder / runs[0].run).iterdir()) == [
        "metrics.json",
        "record.json",
    ]
    assert checked(tmp_path).findings == ()
    assert plan_collection(folder, keep=2).dropped == ()


def test_what_others_use_stays(tmp_path: Path, runs: list[Record]) -> None:
    last = runs[-1]
    recipe = replace(last.recipe, upstream={"notebooks/x.ipynb": runs[0].run})
    user = replace(last, recipe=replace(recipe, digest=last.recipe.digest))
    (tmp_path / "runs" / last.run / "record.json").write_bytes(user.to_json())
    collection = plan_collection(tmp_path / "runs")
    assert collection.kept[runs[0].run] == f"{last.run} uses it"
    assert [heavy.run for heavy in collection.dropped] == [r.run for r in runs[1:3]]


def test_the_latest_that_finished_stays(tmp_path: Path, runs: list[Record]) -> None:
    failed = replace(runs[-1], status="interrupted")
    (tmp_path / "runs" / failed.run / "record.json").write_bytes(failed.to_json())
    kept = plan_collection(tmp_path / "runs").kept
    assert set(kept) == {runs[-1].run, runs[-2].run}


def test_evidence_of_an_edit_stays(tmp_path: Path, runs: list[Record]) -> None:
    folder = tmp_path / "runs"
    (folder / runs[0].run / "metrics.json").write_text('{"accuracy": 1.0}')
    (folder / runs[1].run / "record.json").write_text("{}")
    collection = plan_collection(folder)
    assert "contradict each other" in collection.kept[runs[0].run]
    assert "cannot be read" in collection.kept[runs[1].run]
    assert [heavy.run for heavy in collection.dropped] == [runs[2].run]


def test_what_git_has_stays(tmp_path: Path, runs: list[Record]) -> None:
    git(tmp_path, "add", "-f", f"runs/{runs[0].run}/tables/t.csv")
    assert plan_collection(tmp_path / "runs").kept[runs[0].run] == "git has some of it"


def test_a_link_goes_and_what_it_leads_to_stays(
    tmp_path: Path, runs: list[Record]
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious.csv").write_text("1")
    (tmp_path / "runs" / runs[0].run / "files" / "link").symlink_to(outside)
    collect(tmp_path / "runs", plan_collection(tmp_path / "runs"))
    assert (outside / "precious.csv").is_file()
    assert heavy_of(tmp_path / "runs") == [0, 0, 0, 4]


def test_an_empty_folder_has_nothing_to_drop(tmp_path: Path) -> None:
    assert plan_collection(tmp_path / "runs").dropped == ()


def ledger(root: Path, *arguments: str) -> int:
    return main(["-C", str(root), "ledger", *arguments])


@pytest.fixture
def project(
    tmp_path: Path, runs: list[Record], monkeypatch: pytest.MonkeyPatch
) -> list[Record]:
    monkeypatch.chdir(tmp_path)
    store = (tmp_path / "store").as_uri()
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.toolkit.ledger]\nartifacts = "{store}"\n'
    )
    return runs


def test_the_command_checks(
    tmp_path: Path, project: list[Record], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ledger(tmp_path, "check") == 0
    assert capsys.readouterr().err == "4 runs, all hold\n"
    (tmp_path / "runs" / project[0].run / "metrics.json").unlink()
    assert ledger(tmp_path, "check", "--json") == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["code"], finding["name"]) == ("LED102", "a lost file of a run")
    assert ledger(tmp_path, "check", "--md", "--no-index") == 1
    assert "| LED102 |" in capsys.readouterr().out
    with (tmp_path / "pyproject.toml").open("a") as file:
        file.write(
            f'accepted = [{{code = "LED102", run = "{project[0].run}", why = "old"}}]\n'
        )
    assert ledger(tmp_path, "check") == 0
    assert capsys.readouterr().out.endswith("a lost file of a run: old\n")


def test_the_command_pushes_drops_and_pulls(
    tmp_path: Path, project: list[Record], capsys: pytest.CaptureFixture[str]
) -> None:
    oldest = project[0].run
    assert ledger(tmp_path, "push", oldest) == 0
    assert ledger(tmp_path, "gc", "--dry-run") == 0
    assert "3 runs" in capsys.readouterr().err
    assert ledger(tmp_path, "gc") == 0
    assert heavy_of(tmp_path / "runs") == [0, 0, 0, 4]
    assert ledger(tmp_path, "pull", oldest, project[1].run) == 2
    told = capsys.readouterr()
    assert f"{oldest}: 4 files, 4 moved" in told.out
    assert "the store has nothing of this run" in told.err
    assert heavy_of(tmp_path / "runs") == [4, 0, 0, 4]


def test_without_a_place_nothing_is_pushed(
    tmp_path: Path, project: list[Record], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    assert ledger(tmp_path, "push", project[0].run) == 2
    assert "write where heavy files go: artifacts =" in capsys.readouterr().err


WRONG = [
    ('artifacts = "runs"', "write a URL"),
    ('artifacts = "sftp://me:secret@host/x"', "found a password; give it by the env"),
    ("artifacts = 1", "expected a value of type str"),
    ("artefacts = 's3://x'", "the unknown key 'artefacts'; expected 'artifacts'"),
    ("options = {secret = 'x'}", "options.secret: found what should be secret"),
    ("options = {a = {aws_session_token = 'x'}}", "what should be secret"),
    ("timeout_s = 0", "write seconds, more than 0"),
    ("accepted = [{code = 'LED999', run = 'x', why = 'y'}]", "found 'LED999'; one of"),
    ("accepted = [{code = 'LED101', run = 'x', why = ' '}]", "say why it may stay"),
    ("=", "no TOML"),
]


@pytest.mark.parametrize(("text", "match"), WRONG)
def test_a_setting_that_cannot_be_meant_is_refused(text: str, match: str) -> None:
    with pytest.raises(LedgerSettingsError, match=match) as caught:
        parse_settings(f"[tool.toolkit.ledger]\n{text}\n".encode())
    assert "me:secret" not in str(caught.value)


def test_settings_default_to_nothing() -> None:
    assert parse_settings(b"").artifacts is None
    given = b"tool.toolkit.ledger.options = {endpoint_url = 'http://localhost:1'}"
    assert parse_settings(given).options == {"endpoint_url": "http://localhost:1"}
