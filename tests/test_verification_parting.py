from toolkit.reproduce.records.trace import Event
from toolkit.reproduce.verification.parting import first_variables


def after(**digests: str) -> list[Event]:
    """Events of variables: ``x_1="a"`` is the digest of x after cell 1."""
    return [
        Event(kind="variable", what=key[:-2], cell=int(key[-1]), detail=digest)
        for key, digest in digests.items()
    ]


def test_the_first_cell_and_all_its_variables_are_told() -> None:
    one = after(a_0="0", b_1="1", c_1="2", d_2="3")
    two = after(a_0="0", b_1="9", c_1="8", d_2="7")
    assert first_variables([one, two]) == (1, ("b", "c"))


def test_equal_variables_part_nowhere() -> None:
    assert first_variables([after(a_0="0"), after(a_0="0")]) is None


def test_a_variable_that_only_one_of_them_has_parts() -> None:
    assert first_variables([after(a_0="0"), after(a_0="0", b_2="1")]) == (2, ("b",))


def test_what_differs_between_equal_executions_is_no_sign() -> None:
    one, two = after(t_0="0", b_1="1"), after(t_0="1", b_1="2")
    assert first_variables([one, two]) == (0, ("t",))
    assert first_variables([one, two, after(t_0="2", b_1="1")]) == (1, ("b",))


def test_only_relevant_variables_are_looked_at() -> None:
    one, two = after(t_0="0", b_1="1"), after(t_0="1", b_1="2")
    assert first_variables([one, two], {(1, "b")}) == (1, ("b",))
    assert first_variables([one, two], {(2, "b")}) is None


def test_other_events_are_no_variables() -> None:
    read = [Event(kind="read", what="a.csv", cell=0)]
    assert first_variables([read, []]) is None
