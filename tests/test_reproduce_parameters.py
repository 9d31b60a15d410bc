import math

import pytest
from declared import schema_of
from hypothesis import given
from hypothesis import strategies as st

from notebooks import cell, parsed
from toolkit.errors import ToolkitError
from toolkit.reproduce.parameters.arguments import combine, parse_assignment
from toolkit.reproduce.parameters.schema import ParametersCellError, read_schema
from toolkit.reproduce.parameters.types import Misfit, Plain, Type, fit, type_of
from toolkit.reproduce.parameters.values import resolve


def value_of(annotation: str, text: str) -> object:
    """What ``-p x=text`` gives to ``x: annotation``."""
    schema = schema_of(f"x: {annotation}")
    (only,) = combine([schema], [parse_assignment(f"x={text}")])
    return resolve(schema, only).given["x"]


def test_a_cell_declares_types_defaults_and_descriptions() -> None:
    schema = schema_of(
        '"""What can be set."""\n'
        "from typing import Annotated, Literal\n"
        "from annotated_types import Interval\n"
        "%matplotlib inline\n"
        "dataset: str  # which data\n"
        "capacity: Annotated[int, Interval(ge=1, le=1000)] = 10  # checks a day\n"
        "window: Literal['growing', 'sliding'] = 'growing'\n"
        "share = 0.5\n"
        "days = [7,\n"
        "    30]  # trailing\n"
        "level: float | None = None\n"
    )
    rows = [(p.name, str(p.type), p.required, p.default) for p in schema.parameters]
    assert rows == [
        ("dataset", "str", True, None),
        ("capacity", "int, at least 1, at most 1000", False, 10),
        ("window", "one of 'growing', 'sliding'", False, "growing"),
        ("share", "float", False, 0.5),
        ("days", "list[int]", False, [7, 30]),
        ("level", "float or None", False, None),
    ]
    described = [p.description for p in schema.parameters]
    assert described == ["which data", "checks a day", "", "", "trailing", ""]


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        pytest.param("str", "007", "007", id="text-of-digits"),
        pytest.param("str", "a,b", "a,b", id="text-with-comma"),
        pytest.param("str", "", "", id="empty-text"),
        pytest.param("str", "true", "true", id="text-true"),
        pytest.param("str", "[1]", "[1]", id="text-with-brackets"),
        pytest.param("str", "a=b: c #d", "a=b: c #d", id="text-with-signs"),
        pytest.param("int", "7", 7, id="int"),
        pytest.param("int", "-1_000", -1000, id="int-grouped"),
        pytest.param("float", "1e3", 1000.0, id="float"),
        pytest.param("float", "10", 10.0, id="float-of-int"),
        pytest.param("float", "-0.0", -0.0, id="negative-zero"),
        pytest.param("bool", "true", True, id="true"),
        pytest.param("bool", "No", False, id="no"),
        pytest.param("'int'", "3", 3, id="text-annotation"),
        pytest.param("typing.Optional[int]", "null", None, id="none"),
        pytest.param("int | None", "4", 4, id="some"),
        pytest.param("Union[int, str]", "4", 4, id="union-int"),
        pytest.param("str | int", "04", "04", id="union-text"),
        pytest.param("list[str]", "[007, x]", ["007", "x"], id="list-of-text"),
        pytest.param("list[int]", "[1, 2]", [1, 2], id="list"),
        pytest.param("list", "[1, a, null, 0.5]", [1, "a", None, 0.5], id="bare-list"),
        pytest.param("dict[str, float]", "{a: 1}", {"a": 1.0}, id="dict"),
        pytest.param("dict", "{a: [1]}", {"a": [1]}, id="bare-dict"),
        pytest.param("Literal[1, 2]", "2", 2, id="choice-of-int"),
        pytest.param("Literal['1', 2]", "1", "1", id="choice-of-text"),
        pytest.param("Any", "True", True, id="any-true"),
        pytest.param("Any", "x", "x", id="any-text"),
        pytest.param("Annotated[str, MinLen(2), 'why']", "ab", "ab", id="length"),
        pytest.param(
            "Annotated[int, Field(ge=1, description='d')]", "1", 1, id="field"
        ),
        pytest.param("Annotated[int, MultipleOf(5)]", "10", 10, id="multiple"),
        pytest.param("Annotated[float | None, Ge(1)]", "null", None, id="no-limit"),
    ],
)
def test_a_value_is_read_as_its_parameters_type(
    annotation: str, text: str, value: object
) -> None:
    found = value_of(annotation, text)
    assert found == value
    assert type(found) is type(value)
    if isinstance(value, float):
        assert math.copysign(1, value) == math.copysign(1, float(str(found)))


@pytest.mark.parametrize(
    ("annotation", "text", "message"),
    [
        pytest.param(
            "int", "007", r"leading zeros it may be a text; write 7", id="007"
        ),
        pytest.param("int", "1e3", r"expects int \(write 1000\)", id="1e3"),
        pytest.param("int", "1.5", "x='1.5' does not fit nb.ipynb", id="fraction"),
        pytest.param("int", "true", "expects int", id="truth-for-int"),
        pytest.param("int", " 7", "expects int", id="blank"),
        pytest.param("int", "9" * 5000, "expects int", id="endless"),
        pytest.param("float", "nan", "float, finite", id="nan"),
        pytest.param("float", "1e999", "float, finite", id="infinite"),
        pytest.param("bool", "1", "bool: true or false", id="one-for-bool"),
        pytest.param("list[int]", "[1, x]", "'x'|expects", id="item"),
        pytest.param("list[int]", "1", r"written \[1, 2\]", id="no-list"),
        pytest.param("list[int]", "[1", "is no YAML", id="open-bracket"),
        pytest.param("dict[str, int]", "[1]", "written {a: 1}", id="no-dict"),
        pytest.param("dict", "{a: 1, a: 2}", "'a' is there twice", id="key-twice"),
        pytest.param("Literal['a', 'b']", "c", "one of 'a', 'b'", id="choice"),
        pytest.param(
            "Annotated[int, Interval(ge=1, le=9)]", "10", "at most 9", id="le"
        ),
        pytest.param("Annotated[int, Gt(0)]", "0", "above 0", id="gt"),
        pytest.param("Annotated[float, Lt(1)]", "1", "below 1", id="lt"),
        pytest.param("Annotated[str, Len(2, 3)]", "a", "length at least 2", id="len"),
        pytest.param(
            "Annotated[list[int], MaxLen(1)]", "[1, 2]", "at most 1", id="max"
        ),
        pytest.param("int | None", "x", "expects int", id="optional"),
        pytest.param("int | bool", "x", "expects int or bool", id="union"),
        pytest.param("None", "x", "expects None", id="none"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(
    annotation: str, text: str, message: str
) -> None:
    with pytest.raises(ToolkitError, match=message):
        value_of(annotation, text)


@given(text=st.text())
def test_a_text_is_kept_exactly(text: str) -> None:
    assert value_of("str", text) == text


@given(number=st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_as_python_writes_it(number: float) -> None:
    kind = "int" if isinstance(number, int) else "float"
    assert value_of(kind, repr(number)) == number


@given(text=st.text(), kind=st.sampled_from(["int", "float", "bool", "any", "None"]))
def test_any_text_fits_or_is_refused(text: str, kind: str) -> None:
    try:
        value = fit(Type(kind=kind), Plain(text))  # type: ignore[arg-type]  # drawn
    except Misfit:
        return
    assert not isinstance(value, Plain)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        pytest.param(True, "int", id="bool-for-int"),
        pytest.param("1", "int", id="quoted-text-for-int"),
        pytest.param(1, "str", id="int-for-text"),
        pytest.param(10**400, "float", id="too-large"),
        pytest.param(float("inf"), "any", id="inf"),
        pytest.param({1}, "any", id="set"),
    ],
)
def test_a_python_value_keeps_its_type(value: object, wanted: str) -> None:
    with pytest.raises(Misfit):
        fit(Type(kind=wanted), value)  # type: ignore[arg-type]  # drawn


def test_what_nobody_typed_is_inferred() -> None:
    assert str(type_of({"a": 1})) == "dict[str, int]"
    assert str(type_of(value=False)) == "bool"
    assert fit(Type(kind="any"), {"a": (1, None)}) == {"a": [1, None]}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param(
            "n: int = 'x'", "line 1: n: the default 'x' does not", id="default"
        ),
        pytest.param(
            "n: Annotated[int, Ge(1)] = 0", "does not fit; expected int, at", id="range"
        ),
        pytest.param(
            "n = 1\nn = 2", r"line 2: 'n' is set again \(first in", id="twice"
        ),
        pytest.param("n = 1\nn += 1", "'n' is set again", id="augmented"),
        pytest.param(
            "n: pd.Timedelta = 1", "'pd.Timedelta'; .* write dates", id="class"
        ),
        pytest.param("n: tuple[int] = 1", r"annotation 'tuple\[int\]'", id="tuple"),
        pytest.param("n: '1 +'", r"annotation '1 \+'", id="broken-annotation"),
        pytest.param("n: Annotated[int, Ge(m)] = 1", "found|n: m|literal", id="limit"),
        pytest.param("n: Annotated[str, Field(pattern='a')]", "limit", id="pattern"),
        pytest.param("n =", "is no Python", id="syntax"),
        pytest.param("n: dict[int, int]", "annotation", id="dict-key"),
    ],
)
def test_a_cell_that_cannot_be_right_is_refused(source: str, message: str) -> None:
    with pytest.raises(ParametersCellError, match=message):
        schema_of(source)


def test_a_second_parameters_cell_is_refused() -> None:
    notebook = parsed(cell("n = 1", "parameters"), "x", cell("n = 2", "parameters"))
    with pytest.raises(ParametersCellError, match="cells 1 and 3 are tagged"):
        read_schema(notebook)


def test_nothing_of_the_cell_is_executed() -> None:
    schema = schema_of(
        "import nowhere\nroot = nowhere.find()\nn: int = 1 / 0\nx = f(n)"
    )
    values = resolve(schema, [])
    assert values.effective == {
        "root": {"expression": "nowhere.find()"},
        "n": {"expression": "1 / 0"},
        "x": {"expression": "f(n)"},
    }
