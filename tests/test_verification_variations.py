from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from judging import SAME, WORSE, always, depends_on, judge_in
from verified import Came, Fake

from notebooks import parsed
from toolkit.publish.results import Sha256
from toolkit.reproduce.records.trace import Event, Trace
from toolkit.reproduce.variation import NAMES
from toolkit.reproduce.verification.inquiry import Ask
from toolkit.reproduce.verification.verdict import Verdict

Judge = Callable[..., Verdict]


@pytest.fixture
def judged(tmp_path: Path) -> Judge:
    return judge_in(tmp_path)


def test_nothing_is_varied_if_nobody_asks_for_it(judged: Judge) -> None:
    found = judged(depends_on({"clock"}), ask=Ask(vary=()))
    assert (found.value, found.varied, len(found.executions)) == ("reproduced", (), 1)


def test_only_what_is_asked_for_is_varied(judged: Judge) -> None:
    fake: list[Fake] = []
    behaviour = depends_on({"clock"}, {"umask"})
    found = judged(behaviour, ask=Ask(vary=("locale", "umask")), fake=fake)
    assert found.culprits == ("umask",)
    assert frozenset().union(*fake[0].varied) <= {"locale", "umask"}


def test_pairs_are_executed_as_often_as_asked_for(judged: Judge) -> None:
    fake: list[Fake] = []
    judged(always(SAME), ask=Ask(runs=3), fake=fake)
    assert len(fake[0].told) == 6
    assert {told.variation.turn for told in fake[0].told} == {0, 1, 2}


def test_variables_that_were_asked_for_and_not_set_are_set(judged: Judge) -> None:
    asked = replace(
        SAME, trace=Trace(environment={"SEED": None, "N": Sha256("1" * 64)})
    )
    fake: list[Fake] = []
    judged(always(asked), asked, fake=fake)
    assert {told.variation.stray for told in fake[0].told} == {("SEED",)}


def test_an_event_makes_its_variation_the_first_to_be_tried(judged: Judge) -> None:
    seen = Event(kind="list", what="data", cell=0, line=1)
    fake: list[Fake] = []
    judged(
        depends_on(
            {"listing"},
            other=replace(WORSE, events=(seen,)),
            came=replace(SAME, events=(seen,)),
        ),
        fake=fake,
    )
    singles = [names for names in fake[0].varied if len(names) == 1]
    assert singles[:2] == [frozenset({"folder"}), frozenset({"listing"})]


def test_a_hash_seed_that_had_luck_is_followed_by_others(judged: Judge) -> None:
    """A set of two: under half of all seeds its first element is the same."""
    notebook = parsed("names = {'a', 'b'}", "first = list(names)[0]", "print(first)")
    came, fake = Came(shown={2: "a"}), list[Fake]()

    def behaviour(names: frozenset[str], nth: int) -> Came:
        lucky = "hash-seed" not in names or fake[0].told[nth].variation.turn < 3
        return came if lucky else Came(shown={2: "b"})

    found = judged(behaviour, came, notebook=notebook, fake=fake)
    assert (found.cause, found.culprits) == ("variation", ("hash-seed",))
    assert found.suspects[0].source == "first = list(names)[0]"
    assert judged(always(came), came, notebook=notebook).value == "reproduced"
    plain = judged(behaviour, came, Ask(vary=()), notebook=notebook, fake=fake)
    assert plain.value == "reproduced"


def test_a_later_pair_that_differs_is_looked_into(judged: Judge) -> None:
    fake: list[Fake] = []

    def behaviour(names: frozenset[str], nth: int) -> Came:
        late = fake[0].told[nth].variation.turn == 2
        return WORSE if late and "clock" in names else SAME

    assert judged(behaviour, ask=Ask(runs=3), fake=fake).culprits == ("clock",)


def test_what_could_not_be_varied_is_told_and_does_not_count(judged: Judge) -> None:
    gaps = {"host": "not varied: no permission", "locale": "varied: only in part"}
    seen = tuple(
        Event(kind="enforced", what=f"variation {name}", detail=detail)
        for name, detail in gaps.items()
    )
    found = judged(depends_on({"user"}, other=replace(SAME, events=seen)))
    assert set(NAMES) - set(found.varied) == {"host"}
    assert found.notes == (
        "host: not varied: no permission",
        "locale: varied: only in part",
    )
