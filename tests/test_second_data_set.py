"""Other words, another rhythm, nothing changed in toolkit/."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from second_data_set import write_second_data_set

from toolkit import datasets, scope
from toolkit.analysis import sanity
from toolkit.analysis.baseline import scaled_baseline
from toolkit.analysis.build import build_panel
from toolkit.analysis.evaluation import Evaluation, evaluate
from toolkit.analysis.panel import Panel
from toolkit.analysis.rebuild import draw_cutoffs, find_future_leaks
from toolkit.scope import Scope

WINDOWS = (pd.Timedelta(hours=6), pd.Timedelta(days=2))
Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Scope:
    return scope.load(write_second_data_set(tmp_path_factory.mktemp("w") / "pumps"))


@pytest.fixture(scope="module")
def tables(asked: Scope) -> Tables:
    return datasets.load_tables(asked)


@pytest.fixture(scope="module")
def panel(asked: Scope, tables: Tables) -> Panel:
    return build_panel(tables, asked, windows=WINDOWS)


@pytest.fixture(scope="module")
def evaluated(asked: Scope, tables: Tables, panel: Panel) -> Evaluation:
    return evaluate(
        scaled_baseline(), panel, asked, tables, name="scaled", random_state=0, n_jobs=1
    )


def test_the_same_seed_writes_the_same_tables(tmp_path: Path, tables: Tables) -> None:
    again = datasets.load_tables(scope.load(write_second_data_set(tmp_path / "again")))
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(again[name], frame)
    other = write_second_data_set(tmp_path / "other", random_state=1)
    assert not datasets.load_tables(scope.load(other))["trips"].equals(tables["trips"])


def test_the_panel_has_a_row_an_hour_through_the_repeated_one(panel: Panel) -> None:
    rows = panel.X.groupby("cutoff").size()
    hours = pd.DatetimeIndex(rows.index)
    assert set(hours.diff()[1:]) == {pd.Timedelta(hours=1)}
    assert sum(hours.strftime("%m-%d %H:%M") == "10-26 02:30") == 2
    assert [rows.iloc[0], rows.iloc[-1]] == [27, 30]  # three came on the way


def test_the_panel_passes_the_rebuild_test(
    asked: Scope, tables: Tables, panel: Panel
) -> None:
    cutoffs = draw_cutoffs(panel, n=3, random_state=0)
    assert find_future_leaks(build_panel, tables, asked, cutoffs).empty


def test_nothing_in_clean_tables_stops_the_pipeline(
    asked: Scope, tables: Tables, panel: Panel
) -> None:
    report = sanity.check_tables(tables, asked) + sanity.check_panel(panel, asked)
    report.raise_for_errors(asked.accepted)


def test_the_simplest_pipeline_finds_the_planted_signal(evaluated: Evaluation) -> None:
    table = evaluated.comparison().set_index("name")
    recall = table["recall"]
    assert recall["scaled"] > 5 * recall["today's way"]
    assert recall["goal"] < recall["scaled"] < recall["perfect foresight"]
    assert table["saved_per_day"]["scaled"] > table["saved_per_day"]["today's way"]


@pytest.mark.kernel
@pytest.mark.slow
def test_the_notebooks_run_on_it_as_they_are(tmp_path: Path) -> None:
    """Sanity, baseline, error analysis and the report, by the commands of a user."""
    folder = write_second_data_set(tmp_path / "pumps").parent
    shutil.copytree(Path(__file__).parents[1] / "notebooks", folder / "notebooks")
    run = [
        "run",
        "-p",
        "windows=['6 hours', '2 days']",
        "-p",
        "pipeline=scaled_baseline",
    ]
    for command in (run, ["report"]):
        called = [sys.executable, "-m", "toolkit", *command]
        done = subprocess.run(  # noqa: S603  # our own command
            called, cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    (metrics,) = (folder / "runs").glob("*-02-baseline-*/metrics.json")
    found = json.loads(metrics.read_text("utf-8"))
    assert found["bar_hit_rate"] < found["hit_rate"] < found["oracle_hit_rate"]
    assert "pump" in (folder / "runs/report.html").read_text("utf-8").lower()
