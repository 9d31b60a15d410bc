from collections.abc import Sequence
from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.reproduce.variation import NAMES
from toolkit.reproduce.verification.smallest import Names, Oracle, smallest

SETS = st.sets(st.sampled_from(NAMES), min_size=1).map(frozenset)


def holding(*causes: Names) -> Oracle:
    """An oracle for which a set differs if it holds one of the causes whole."""
    return lambda sets: [any(cause <= one for cause in causes) for one in sets]


@given(cause=SETS, suspected=st.lists(st.sampled_from(NAMES)), width=st.integers(1, 5))
def test_the_one_cause_is_found(
    cause: Names, suspected: Sequence[str], width: int
) -> None:
    found = smallest(
        NAMES, holding(cause), suspected=suspected, width=width, most=10_000
    )
    assert frozenset(found) == cause


@given(causes=st.lists(SETS, min_size=1, max_size=4), width=st.integers(1, 4))
def test_what_is_found_differs_and_none_of_it_can_be_left_out(
    causes: Sequence[Names], width: int
) -> None:
    oracle = holding(*causes)
    found = frozenset(smallest(NAMES, oracle, width=width, most=10_000))
    assert oracle([found]) == [True]
    assert not any(oracle([found - {name} for name in found]))


@given(
    answers=st.dictionaries(SETS, st.booleans(), max_size=40), most=st.integers(0, 20)
)
def test_an_oracle_that_obeys_no_rule_is_asked_a_bounded_number_of_times(
    answers: dict[Names, bool], most: int
) -> None:
    asked: list[Names] = []

    def oracle(sets: Sequence[Names]) -> list[bool]:
        asked.extend(sets)
        return [answers.get(one, hash(one) % 3 == 0) for one in sets]

    found = smallest(NAMES, oracle, suspected=NAMES[:3], width=3, most=most)
    assert found
    assert len(asked) <= most
    assert len(set(asked)) == len(asked)
    assert frozenset() not in asked
    assert frozenset(NAMES) not in asked


@given(causes=st.lists(SETS, min_size=1, max_size=4), data=st.data())
def test_the_answer_does_not_depend_on_the_width(
    causes: Sequence[Names], data: st.DataObject
) -> None:
    suspected = data.draw(st.lists(st.sampled_from(NAMES), unique=True))
    found = {
        smallest(NAMES, holding(*causes), suspected=suspected, width=width, most=10_000)
        for width in (1, 2, 3, 8)
    }
    assert len(found) == 1


@pytest.mark.parametrize("cause", NAMES)
def test_one_cause_takes_few_executions(cause: str) -> None:
    rounds: list[int] = []

    def oracle(sets: Sequence[Names]) -> list[bool]:
        rounds.append(len(sets))
        return [cause in one for one in sets]

    assert smallest(NAMES, oracle, width=2) == (cause,)
    assert sum(rounds) <= 8  # 4 halvings, both halves at once
    rounds.clear()
    assert smallest(NAMES, oracle, suspected=[cause], width=2) == (cause,)
    assert rounds == [1]


def test_every_pair_is_found() -> None:
    for pair in map(frozenset, combinations(NAMES, 2)):
        counted: list[Names] = []

        def oracle(
            sets: Sequence[Names],
            pair: Names = pair,
            counted: list[Names] = counted,
        ) -> list[bool]:
            counted.extend(sets)
            return [pair <= one for one in sets]

        assert frozenset(smallest(NAMES, oracle, width=2)) == pair
        assert len(counted) <= 50


def test_a_name_that_was_not_varied_is_not_suspected() -> None:
    assert smallest(["clock"], holding(frozenset(("clock",))), suspected=["umask"]) == (
        "clock",
    )


def test_names_come_back_in_their_order() -> None:
    everything = frozenset(chain(NAMES))
    assert smallest(NAMES, holding(everything), most=10_000) == NAMES
