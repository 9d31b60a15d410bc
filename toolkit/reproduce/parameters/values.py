"""The values that a run gives to what its notebooks declare."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from toolkit.errors import ToolkitError
from toolkit.publish.fields import shown
from toolkit.reproduce.parameters.schema import Parameter, Schema
from toolkit.reproduce.parameters.types import Misfit, fit


@dataclass(eq=False)
class UnknownParameterError(ToolkitError, LookupError):
    """A value was given for a parameter that no notebook of the run declares."""

    where: str  # "-p", "params.yaml"
    name: str
    notebooks: tuple[str, ...]
    declared: tuple[str, ...]

    def __str__(self) -> str:
        names = ", ".join(self.notebooks)
        if not self.declared:
            hint = "tag the cell that sets its parameters 'parameters'"
            return (
                f"{self.where}: {names} has no parameters, so no {self.name!r}; {hint}"
            )
        close = get_close_matches(self.name, self.declared, n=1)
        listed = f"declared: {', '.join(self.declared)}"
        known = f"did you mean {close[0]!r}?" if close else listed
        return f"{self.where}: {names} declares no parameter {self.name!r}; {known}"


@dataclass(eq=False)
class MissingParameterError(ToolkitError, ValueError):
    """A parameter without a default was given no value."""

    notebook: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        flags = " ".join(f"-p {name}=…" for name in self.names)
        missing = ", ".join(self.names)
        return f"{self.notebook}: no value for {missing}, which has no default; {flags}"


@dataclass(eq=False)
class ParameterValueError(ToolkitError, ValueError):
    """A value does not fit its parameter's type, range or choices."""

    notebook: str
    where: str
    name: str
    found: str
    expected: str

    def __str__(self) -> str:
        return (
            f"{self.where}: {self.name}={self.found} does not fit {self.notebook}, "
            f"which expects {self.expected}"
        )


@dataclass(eq=False)
class StaleDefaultError(ToolkitError, ValueError):
    """A default is computed from a parameter that is given another value after it."""

    notebook: str
    name: str
    expression: str
    overridden: str

    def __str__(self) -> str:
        return (
            f"{self.notebook}: the default {self.name} = {self.expression} is computed "
            f"before {self.overridden} gets the value you gave, and would stay stale; "
            f"give {self.name} too, or compute it in a later cell"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """One value that somebody gave, and where."""

    name: str
    value: object
    where: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Values:
    """What one execution uses: the given values, and all of them with the defaults."""

    given: Mapping[str, object]  # to be injected
    effective: Mapping[str, object]  # to be recorded


def resolve(schema: Schema, given: Iterable[Given]) -> Values:
    """Return the typed values of one execution.

    Parameters
    ----------
    schema : what the notebook declares
    given : values for some of its parameters, and for those of other notebooks

    Raises
    ------
    ParameterValueError : if one has the wrong type, or is out of its range or choices
    MissingParameterError : if a parameter without default has no value
    StaleDefaultError : if a default is computed from a parameter that is given
    """
    by_name = {one.name: one for one in given}
    typed = {
        parameter.name: _fitted(schema, parameter, by_name[parameter.name])
        for parameter in schema.parameters
        if parameter.name in by_name
    }
    missing = [p.name for p in schema.parameters if p.required and p.name not in typed]
    if missing:
        raise MissingParameterError(notebook=schema.notebook, names=tuple(missing))
    _check_stale(schema, typed)
    defaults = {
        parameter.name: parameter.default
        if parameter.expression is None
        else {"expression": parameter.expression}
        for parameter in schema.parameters
    }
    return Values(given=typed, effective={**defaults, **typed})


def injected_source(given: Mapping[str, object]) -> str:
    """Return the source of the cell that sets the given values.

    Examples
    --------
    >>> print(injected_source({"n": 10, "name": "007"}), end="")
    # Parameters
    n = 10
    name = '007'
    """
    lines = (f"{name} = {value!r}\n" for name, value in given.items())
    return "".join(["# Parameters\n", *lines])


def _fitted(schema: Schema, parameter: Parameter, given: Given) -> object:
    try:
        return fit(parameter.type, given.value)
    except Misfit as misfit:
        raise ParameterValueError(
            notebook=schema.notebook,
            where=given.where,
            name=given.name,
            found=shown(given.value),
            expected=misfit.expected,
        ) from None


def _check_stale(schema: Schema, given: Mapping[str, object]) -> None:
    stale: dict[str, str] = {name: name for name in given}  # by the given one behind it
    for parameter in schema.parameters:
        behind = [stale[name] for name in parameter.depends_on if name in stale]
        if behind and parameter.name not in given:
            raise StaleDefaultError(
                notebook=schema.notebook,
                name=parameter.name,
                expression=parameter.source,
                overridden=behind[0],
            )
