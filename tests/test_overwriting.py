import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notebooks import cell, parsed
from toolkit.reproduce.parameters.overwriting import (
    OverwrittenParameterError,
    check_overwritten,
)

PARAMETERS = cell("n: int = 10\nm: int = 1", "parameters")


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        pytest.param(["n = 5"], "cell 2, line 1", id="assigned"),
        pytest.param(["x = 1\nif x:\n    n = 5"], "cell 2, line 3", id="in-a-branch"),
        pytest.param(["x = 1", "x, (n, y) = 1, (2, 3)"], "cell 3, line 1", id="tuple"),
        pytest.param(["for n in range(3): pass"], "cell 2, line 1", id="loop"),
        pytest.param(["def n(): pass"], "cell 2, line 1", id="function"),
        pytest.param(["with open('x') as n: pass"], "cell 2, line 1", id="with"),
        pytest.param(["%time\nn: int = 3"], "cell 2, line 2", id="after-a-magic"),
    ],
)
def test_a_given_value_that_would_not_count_is_refused(
    cells: list[str], place: str
) -> None:
    with pytest.raises(OverwrittenParameterError, match=f"{place}: .* sets 'n' before"):
        check_overwritten(parsed(PARAMETERS, *cells), {"n"})


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(["m = 5"], id="another-that-was-not-given"),
        pytest.param(["n = n * 2"], id="derived"),
        pytest.param(["n += 1"], id="augmented"),
        pytest.param(["print(n)", "n = 5"], id="read-before"),
        pytest.param(["def f():\n    return n", "n = 5"], id="read-in-a-function"),
        pytest.param(["print(f'{n} rows')", "n = 5"], id="read-in-an-f-string"),
        pytest.param(["d.query('x > @n')", "n = 5"], id="named-in-a-query"),
        pytest.param(["def f():\n    n = 5"], id="local"),
        pytest.param(["x = [n for n in range(3)][0] + n"], id="read-beside"),
        pytest.param(
            ["this is no python", "x.n = 3", "d['n'] = 4"], id="other-targets"
        ),
    ],
)
def test_what_is_read_first_may_be_set_anew(cells: list[str]) -> None:
    check_overwritten(parsed(PARAMETERS, *cells), {"n"})


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80))
def test_no_source_is_too_strange(source: str) -> None:
    try:
        check_overwritten(parsed(PARAMETERS, source), {"n"})
    except OverwrittenParameterError as error:
        assert "'n'" in str(error)  # noqa: PT017 -- either is right
