from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from judging import SAME, SHOWN, always, depends_on, judge_in
from verified import Came, Fake

from notebooks import cell, parsed
from toolkit.reproduce.verification.verdict import Verdict

Judge = Callable[..., Verdict]


@pytest.fixture
def judged(tmp_path: Path) -> Judge:
    return judge_in(tmp_path)


@pytest.mark.parametrize("name", ["locale", "umask"])
def test_failing_under_a_variation_is_a_difference(judged: Judge, name: str) -> None:
    fails = replace(SAME, fails=(1, "UnicodeDecodeError", "'ascii' codec"))
    found = judged(depends_on({name}, other=fails))
    assert (found.cause, found.culprits, found.cell) == ("variation", (name,), 1)
    assert "finished → failed (UnicodeDecodeError" in found.differences[0].how_much


def test_not_ending_under_a_variation_is_a_difference(judged: Judge) -> None:
    late = replace(SAME, fails=(1, "CellTimeout", "not done"), status="timed out")
    found = judged(depends_on({"clock"}, other=late))
    assert (found.cause, found.culprits) == ("variation", ("clock",))


def test_a_plain_execution_that_takes_too_long_was_not_checked(judged: Judge) -> None:
    late = replace(SAME, fails=(1, "CellTimeout", "not done"), status="timed out")
    fake: list[Fake] = []
    found = judged(always(late), fake=fake)
    assert (found.value, found.cause) == ("not checked", "took too long")
    assert "--timeout" in found.why
    assert len(fake[0].told) == 2


def test_an_execution_that_fails_differs_from_a_run_that_finished(
    judged: Judge,
) -> None:
    fails = replace(SAME, fails=(1, "ValueError", "no rows"))
    found = judged(always(fails))
    assert (found.value, found.cause, found.cell) == ("differs", "fails", 1)
    assert "cell 2: ValueError: no rows; the run had finished" in found.why


def test_failing_now_and_then_is_not_deterministic(judged: Judge) -> None:
    fails = replace(SAME, fails=(1, "ValueError", "no rows"))
    found = judged(lambda _, nth: fails if nth == 0 else SAME, jobs=1)
    assert found.cause == "not deterministic"


def test_a_file_that_only_its_author_has_is_named(judged: Judge) -> None:
    text = "[Errno 2] No such file or directory: '/home/ann/pump/data.csv'"
    found = judged(always(replace(SAME, fails=(0, "FileNotFoundError", text))))
    assert found.cause == "fails"
    assert (
        "reads /home/ann/pump/data.csv, which neither git nor scope.yaml" in found.why
    )


def test_a_package_that_is_not_here_was_not_checked(judged: Judge) -> None:
    text = "No module named 'polars'"
    found = judged(always(replace(SAME, fails=(0, "ModuleNotFoundError", text))))
    assert (found.value, found.cause) == ("not checked", "the surroundings drifted")


def test_a_run_that_failed_has_nothing_to_reproduce(judged: Judge) -> None:
    fails = replace(SAME, fails=(1, "ValueError", "no rows"))
    again = judged(always(fails), fails)
    assert (again.value, again.cause) == ("not checked", "did not finish")
    assert again.why.endswith("it fails again in the same way")
    other = replace(SAME, fails=(0, "KeyError", "'x'"))
    assert "executed again, cell 1: KeyError" in judged(always(other), fails).why
    assert "it finishes: toolkit run" in judged(always(SAME), fails).why


@pytest.mark.parametrize("status", ["timed out", "kernel died", "interrupted"])
def test_a_run_that_was_ended_is_not_executed_again(judged: Judge, status: str) -> None:
    ended = Came(fails=(1, "X", ""), status=status)  # type: ignore[arg-type]  # one
    fake: list[Fake] = []
    assert judged(always(SAME), ended, fake=fake).cause == "did not finish"
    assert not fake[0].told


def test_a_hidden_failure_only_looks_like_success(judged: Judge) -> None:
    notebook = parsed("n = 1", cell("n = int('x')", "raises-exception"), "print(n)")
    came = Came(shown={2: "1"}, raised={1: "ValueError"})
    found = judged(always(came), came, notebook=notebook)
    assert (found.value, found.cause) == ("differs", "only looks like success")
    assert "cell 2 fails (ValueError), its tag hides it, and cell 3 uses n" in found.why
    assert found.cell == 1
    assert found.suspects[0].source == "n = int('x')"


def test_a_failure_that_is_shown_for_its_own_sake_is_a_note(judged: Judge) -> None:
    notebook = parsed("n = 1", cell("int('x')", "raises-exception"), "print(n)")
    came = Came(shown={2: "1"}, raised={1: "ValueError"})
    found = judged(always(came), came, notebook=notebook)
    assert found.value == "reproduced"
    assert "as its tag raises-exception allows" in found.notes[0]


def test_cells_that_are_skipped_are_noted(judged: Judge) -> None:
    notebook = parsed("n = 1", cell("n = 2", "skip-execution"), "print(n)")
    found = judged(always(SHOWN), SHOWN, notebook=notebook)
    assert found.notes == ("cell 2 is not executed: its tag is skip-execution",)
