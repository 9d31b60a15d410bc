import pytest
from declared import schema_of
from hypothesis import given
from hypothesis import strategies as st

from notebooks import parsed
from toolkit.reproduce.parameters.arguments import (
    ArgumentError,
    combine,
    parse_assignment,
    parse_file,
)
from toolkit.reproduce.parameters.schema import read_schema
from toolkit.reproduce.parameters.values import (
    Given,
    MissingParameterError,
    ParameterValueError,
    StaleDefaultError,
    UnknownParameterError,
    injected_source,
    resolve,
)


def test_effective_values_hold_defaults_and_given_ones() -> None:
    schema = schema_of(
        "seed = 0\nn: int = 10 + 2 * seed\nhours = -7 * 24 // 2\nb = {'a': 1}"
    )
    values = resolve(schema, [Given(name="hours", value=1, where="call")])
    assert values.given == {"hours": 1}
    assert values.effective == {"seed": 0, "n": 10, "hours": 1, "b": {"a": 1}}


def test_a_default_that_would_stay_stale_is_refused() -> None:
    schema = schema_of("seed = 0\nn = 10 + seed\nm = 2 * n")
    with pytest.raises(StaleDefaultError, match=r"n = 10 \+ seed .* give n too"):
        resolve(schema, [Given(name="seed", value=5, where="-p")])
    given_too = [Given(name=name, value=1, where="-p") for name in ("seed", "n", "m")]
    assert resolve(schema, given_too).effective == {"seed": 1, "n": 1, "m": 1}
    with pytest.raises(StaleDefaultError, match=r"m = 2 \* n"):
        resolve(schema, given_too[:2])


def test_a_missing_value_is_asked_for() -> None:
    with pytest.raises(
        MissingParameterError, match=r"no value for a, b, .* -p a=… -p b"
    ):
        resolve(schema_of("a: int\nb: str\nc = 1"), [])


def test_an_unknown_name_is_met_with_a_suggestion() -> None:
    schemas = [schema_of("capacity = 10", "a.ipynb"), schema_of("seed = 0", "b.ipynb")]
    with pytest.raises(
        UnknownParameterError, match=r"^-p: a.ipynb, b.ipynb declares .*'capacity'"
    ):
        combine(schemas, [parse_assignment("capasity=1")])
    with pytest.raises(UnknownParameterError, match="declared: capacity, seed"):
        combine(schemas, [parse_assignment("zzz=1")])
    assert combine(schemas, [parse_assignment("seed=1")])


def test_values_for_a_notebook_without_parameters_are_refused() -> None:
    with pytest.raises(
        UnknownParameterError, match=r"has no parameters, .* tag the cell"
    ):
        combine([read_schema(parsed("n = 1"))], [parse_assignment("n=1")])
    assert read_schema(parsed("n = 1")).cell is None


def test_a_sweep_is_one_pass_for_each_combination() -> None:
    schema = schema_of("n = 1\nmodel: Literal['a', 'b'] = 'a'\nnote = ''")
    arguments = ["n=10, 20", "model=a,b", "note=x,y"]
    passes = combine([schema], [parse_assignment(text) for text in arguments])
    assert [tuple(resolve(schema, one).given.values()) for one in passes] == [
        (10, "a", "x,y"),
        (10, "b", "x,y"),
        (20, "a", "x,y"),
        (20, "b", "x,y"),
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            ["n"], "^-p: 'n' sets nothing; write -p name=value", id="no-equals"
        ),
        pytest.param(["=1"], "sets nothing", id="no-name"),
        pytest.param(["2n=1"], "sets nothing", id="bad-name"),
        pytest.param(["n=1", "n=2"], "'n' is given twice", id="twice"),
        pytest.param(["n=1,,2"], "an empty or a repeated value", id="empty-piece"),
        pytest.param(["n=1,1"], "an empty or a repeated value", id="repeated"),
        pytest.param(["n=,1"], "an empty or a repeated value", id="leading-comma"),
    ],
)
def test_arguments_that_say_nothing_clear_are_refused(
    arguments: list[str], message: str
) -> None:
    with pytest.raises(ArgumentError, match=message):
        combine([schema_of("n = 1")], [parse_assignment(text) for text in arguments])


def test_a_file_gives_values_as_they_are_written() -> None:
    schema = schema_of(
        "code = ''\nn = 1\ndays = [1]\nday = ''\nnone: str | None = ''\nd={}"
    )
    text = "code: 007\nn: 5\ndays: [7, 30]\nday: 2015-07-01\nnone: null\nd: {x: '1'}\n"
    (only,) = combine([schema], [], parse_file(text, where="p.yaml"))
    assert resolve(schema, only).given == {
        "code": "007",
        "n": 5,
        "days": [7, 30],
        "day": "2015-07-01",
        "none": None,
        "d": {"x": "1"},
    }


def test_the_command_line_comes_before_a_file_and_a_list_sweeps() -> None:
    schema = schema_of("name = ''\nn = 1")
    in_file = parse_file("name: [a, b]\nn: 2", where="p.yaml")
    passes = combine([schema], [parse_assignment("n=3")], in_file)
    given = [resolve(schema, one).given for one in passes]
    assert given == [{"name": "a", "n": 3}, {"name": "b", "n": 3}]


def test_quotes_in_a_file_make_a_text() -> None:
    schema = schema_of("n = 1")
    (only,) = combine([schema], [], parse_file("n: '1'", where="p.yaml"))
    with pytest.raises(ParameterValueError, match=r"^p.yaml: n='1' does not fit"):
        resolve(schema, only)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("n: [1", "^p.yaml: is no YAML", id="broken"),
        pytest.param("- n", "holds", id="list"),
        pytest.param("n", "holds 'n'", id="text"),
        pytest.param("n: 1\nn: 2", "'n' is there twice", id="twice"),
        pytest.param("&a [*a]", "is no YAML", id="recursive"),
    ],
)
def test_a_file_that_maps_nothing_is_refused(text: str, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        parse_file(text, where="p.yaml")


def test_an_empty_file_gives_nothing() -> None:
    assert parse_file("# nothing yet\n", where="p.yaml") == ()


@given(
    values=st.dictionaries(
        st.sampled_from("abc"),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text()
        | st.lists(st.text()),
    )
)
def test_the_injected_cell_sets_exactly_the_values(values: dict[str, object]) -> None:
    namespace: dict[str, object] = {}
    exec(injected_source(values), namespace)  # noqa: S102 -- what a kernel will do
    assert {name: namespace[name] for name in values} == values
