from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from judging import SAME, SHOWN, WORSE, always, depends_on, judge_in
from verified import Came, Fake

from notebooks import cell, parsed
from toolkit.publish.results import Sha256
from toolkit.reproduce.records.trace import Event, Trace
from toolkit.reproduce.variation import NAMES
from toolkit.reproduce.verification.inquiry import Ask
from toolkit.reproduce.verification.verdict import Verdict

Judge = Callable[..., Verdict]


@pytest.fixture
def judged(tmp_path: Path) -> Judge:
    return judge_in(tmp_path)


def test_what_comes_out_each_time_is_reproduced_by_two_executions(
    judged: Judge,
) -> None:
    found = judged(always(SAME))
    assert (found.value, found.cause, found.differences) == ("reproduced", "", ())
    assert [one.variations for one in found.executions] == [(), tuple(sorted(NAMES))]
    assert found.varied == NAMES
    assert not any(one.parted for one in found.executions)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("jobs", [1, 2, 4])
def test_a_single_variation_is_named(judged: Judge, name: str, jobs: int) -> None:
    found = judged(depends_on({name}), jobs=jobs)
    assert (found.value, found.cause) == ("differs", "variation")
    assert found.culprits == (name,)
    assert found.names == ("m",)
    assert found.cell == 1
    assert found.suspects
    (difference,) = found.differences
    assert "accuracy: 0.9 → 0.8, 0.1 lower" in difference.how_much


def test_a_pair_of_variations_is_named(judged: Judge) -> None:
    found = judged(depends_on({"clock", "time-zone"}))
    assert set(found.culprits) == {"clock", "time-zone"}
    assert "the clock" in found.why
    assert "the time zone" in found.why


def test_executions_that_look_for_the_culprit_stop_at_the_first_cell_that_parted(
    judged: Judge,
) -> None:
    fake: list[Fake] = []
    judged(depends_on({"user"}), fake=fake)
    assert {told.until for told in fake[0].told[3:]} == {1}


def test_no_two_executions_are_in_the_notebooks_folder_before_it_is_cleared(
    judged: Judge,
) -> None:
    """Only those that vary the folder, or know that it is no culprit, do not wait."""
    fake: list[Fake] = []
    judged(depends_on({"user"}), fake=fake)
    alone = fake[0].varied.index(frozenset({"folder"}))
    early = fake[0].told[:alone]
    assert all(told.wait or "folder" in told.variation.names for told in early)
    assert not any(told.wait for told in fake[0].told[alone + 1 :])


def test_a_folder_that_matters_is_found_first(judged: Judge) -> None:
    fake: list[Fake] = []
    found = judged(depends_on({"folder"}), fake=fake)
    assert found.culprits == ("folder",)
    assert len(found.executions) <= 7


def test_the_home_folder_is_told_from_the_folder_that_it_lies_in(
    judged: Judge,
) -> None:
    """Another folder is another path of the home folder, too."""
    notebook = parsed("import os", "m = os.path.expanduser('~')", "print(m)")
    behaviour = depends_on({"folder"}, {"home"}, other=Came(shown={2: "3"}), came=SHOWN)
    assert judged(behaviour, SHOWN, notebook=notebook).culprits == ("home",)


def test_variables_that_differ_between_plain_executions_are_no_sign(
    judged: Judge,
) -> None:
    def behaviour(names: frozenset[str], nth: int) -> Came:
        came = WORSE if "locale" in names else SAME
        return replace(came, variables={**came.variables, (0, "began"): f"{nth}"})

    found = judged(behaviour)
    assert (found.cell, found.names) == (1, ("m",))


def test_plain_executions_that_differ_are_not_deterministic(judged: Judge) -> None:
    def behaviour(_: frozenset[str], nth: int) -> Came:
        return replace(
            SAME,
            metrics={"accuracy": (1, nth / 7)},
            variables={(0, "n"): "a", (1, "m"): f"{nth}"},
        )

    found = judged(behaviour)
    assert (found.value, found.cause) == ("differs", "not deterministic")
    assert (found.cell, found.names) == (1, ("m",))
    assert found.culprits == ()


def test_what_the_record_has_by_luck_is_not_deterministic_either(
    judged: Judge,
) -> None:
    """The first execution agrees with the record, the varied one does not."""

    def behaviour(_: frozenset[str], nth: int) -> Came:
        return SAME if nth == 0 else replace(SAME, metrics={"accuracy": (1, nth / 7)})

    assert judged(behaviour, jobs=1).cause == "not deterministic"


def test_equal_results_are_doubted_where_no_seed_decides(judged: Judge) -> None:
    notebook = parsed("import random", "n = random.choice([1, 2])", "print(n)")

    def behaviour(_: frozenset[str], nth: int) -> Came:
        return Came(shown={2: "2" if nth == 3 else "1"})

    fake: list[Fake] = []
    came = Came(shown={2: "1"})
    found = judged(behaviour, came, notebook=notebook, fake=fake, jobs=1)
    assert found.cause == "not deterministic"
    lucky = judged(always(came), came, notebook=notebook)
    assert lucky.value == "reproduced"
    assert len(lucky.executions) == 4
    assert "no seed decides; it changed no result" in lucky.notes[0]


def test_a_record_that_nothing_agrees_with_was_tampered_with(judged: Judge) -> None:
    found = judged(always(SAME), WORSE)
    assert (found.value, found.cause) == ("differs", "tampered with")
    assert "accuracy: 0.8 → 0.9" in found.differences[0].how_much
    assert found.cell == 1
    assert found.suspects == ()


def test_a_line_that_could_make_such_a_record_is_a_lead(judged: Judge) -> None:
    notebook = parsed("import os", "m = os.path.getmtime('a.csv')", "print(m)")
    found = judged(always(SHOWN), Came(shown={2: "7"}), notebook=notebook)
    assert found.suspects[0].source == "m = os.path.getmtime('a.csv')"


def test_times_of_files_are_not_taken_for_an_edit(judged: Judge) -> None:
    notebook = parsed("import os", "m = os.path.getmtime('a.csv')", "print(m)")
    found = judged(always(SHOWN), Came(shown={2: "7"}), notebook=notebook)
    assert found.cause == "the surroundings drifted"
    assert "file times" in found.why


def test_what_other_programs_list_is_not_varied_and_told(judged: Judge) -> None:
    find = Event(kind="process", what="find", cell=1, line=1)
    library = Event(kind="process", what="ldconfig", cell=1)
    assert judged(always(replace(SAME, events=(library,)))).notes == ()
    verdict = judged(always(replace(SAME, events=(find,))))
    assert "listing: varied in Python, not in the programs that it starts" in (
        verdict.notes
    )
    assert "listing" in verdict.varied


def test_in_other_surroundings_they_are_to_blame(judged: Judge) -> None:
    found = judged(always(SAME), WORSE, same_surroundings=False)
    assert (found.value, found.cause) == ("differs", "the surroundings drifted")


def test_an_input_outside_that_changed_is_named(judged: Judge) -> None:
    def read(digit: str) -> Trace:
        return Trace(inputs={"/usr/share/words": Sha256(digit * 64)})

    found = judged(
        always(replace(SAME, trace=read("1"))), replace(WORSE, trace=read("2"))
    )
    assert found.cause == "the surroundings drifted"
    assert "/usr/share/words changed since the run" in found.why


def test_a_variation_explains_a_record_of_another_day(judged: Judge) -> None:
    """Made on Monday, executed on Tuesday: it is the clock, and nobody edited it."""
    found = judged(depends_on({"clock"}), replace(SAME, metrics={"accuracy": (1, 0.5)}))
    assert (found.cause, found.culprits) == ("variation", ("clock",))


def test_a_variation_does_not_excuse_an_edited_metric(judged: Judge) -> None:
    two = {"accuracy": (1, 0.9), "recall": (2, 0.4)}
    other = replace(SAME, metrics={**two, "accuracy": (1, 0.8)})
    edited = replace(SAME, metrics={**two, "recall": (2, 0.7)})
    found = judged(
        depends_on({"clock"}, other=other, came=replace(SAME, metrics=two)), edited
    )
    assert found.cause == "tampered with"


def test_outputs_decide_where_nothing_is_published(judged: Judge) -> None:
    other = replace(SHOWN, shown={1: "1", 2: "3"})
    found = judged(depends_on({"threads"}, other=other, came=SHOWN), SHOWN)
    assert (found.culprits, found.cell) == (("threads",), 2)
    assert judged(always(SHOWN), SHOWN).value == "reproduced"


def test_outputs_are_notes_where_something_is_published(judged: Judge) -> None:
    found = judged(depends_on({"host"}, other=replace(SAME, shown={2: "pc"})))
    assert found.value == "reproduced"
    assert found.notes == ("what cell 3 shows differs; nothing that is published does",)


def test_outputs_kept_by_other_rules_are_not_compared(judged: Judge) -> None:
    came = replace(SAME, shown={2: "3"})
    assert judged(always(came), rules=0).notes == ()
    assert judged(always(came)).notes == (
        "what cell 3 shows differs; nothing that is published does",
    )


def test_stored_outputs_are_compared_if_asked_for(judged: Judge) -> None:
    stored = cell("print(m)")
    stored["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "7\n"}]
    notebook = parsed("n = 1", "m = n + 1", stored)
    came = Came(shown={2: "2"})
    assert judged(always(came), came, notebook=notebook).value == "reproduced"
    found = judged(always(came), came, Ask(stored=True), notebook=notebook)
    assert (found.value, found.cause, found.cell) == ("differs", "stored outputs", 2)
    assert found.differences[0].how_much.startswith("cell 3: only numbers differ: 7 →")


def wrote(digit: str, came: Came = SAME) -> Came:
    return replace(came, trace=Trace(written={"out/m.csv": Sha256(digit * 64)}))


def test_files_decide_where_nothing_is_shown(judged: Judge) -> None:
    behaviour = depends_on({"user"}, other=wrote("2", Came()), came=wrote("1", Came()))
    found = judged(behaviour, wrote("1", Came()))
    assert (found.cause, found.culprits, found.cell) == ("variation", ("user",), None)
    assert "out/m.csv, which it writes: content 1111" in found.differences[0].how_much


def test_files_are_notes_where_something_is_shown(judged: Judge) -> None:
    found = judged(depends_on({"user"}, other=wrote("2"), came=wrote("1")), wrote("1"))
    assert found.value == "reproduced"
    assert found.notes == ("out/m.csv, which it writes, differs; no result does",)


def test_a_notebook_that_shows_nothing_was_not_checked(judged: Judge) -> None:
    found = judged(always(Came()), Came())
    assert (found.value, found.cause) == ("not checked", "nothing to compare")
    assert judged(always(wrote("1", Came())), wrote("1", Came())).value == "reproduced"


def test_an_execution_that_was_stopped_stops_the_verification(judged: Judge) -> None:
    stopped = replace(SAME, fails=(1, "KeyboardInterrupt", ""), status="interrupted")
    with pytest.raises(KeyboardInterrupt):
        judged(always(stopped))
