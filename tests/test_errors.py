"""Every error carries its facts, and arrives from another process as it was raised."""

import importlib
import pickle
import pkgutil
from dataclasses import dataclass, fields

import pytest

import toolkit
from toolkit.errors import ToolkitError


@dataclass(eq=False)
class PlacedError(ToolkitError, ValueError):
    """An error for these tests."""

    place: str
    found: int

    def __str__(self) -> str:
        return f"{self.place}: found {self.found}"


def every_error() -> list[type[ToolkitError]]:
    """All errors of the package, once every module is imported."""
    for module in pkgutil.walk_packages(toolkit.__path__, "toolkit."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found, left = [], [ToolkitError]
    while left:
        kinds = left.pop().__subclasses__()
        found += [each for each in kinds if each.__module__.startswith("toolkit.")]
        left += kinds
    return found


def test_an_error_arrives_from_another_process_as_it_was_raised() -> None:
    arrived = pickle.loads(pickle.dumps(PlacedError(place="a.csv", found=3)))  # noqa: S301  # our own bytes
    assert isinstance(arrived, PlacedError)
    assert str(arrived) == "a.csv: found 3"


def test_an_error_without_facts_is_pickled_as_any_other() -> None:
    arrived = pickle.loads(pickle.dumps(ToolkitError("plain")))  # noqa: S301  # our own bytes
    assert str(arrived) == "plain"


def test_every_error_is_a_record_that_builds_its_own_text() -> None:
    kinds = every_error()
    assert len(kinds) > 20
    for kind in kinds:
        assert fields(kind), kind  # type: ignore[arg-type]  # checked by this very line
        assert kind.__str__ is not Exception.__str__, kind
        assert kind.__doc__, kind


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_an_error_is_named_as_one(kind: type[ToolkitError]) -> None:
    assert kind.__name__.endswith("Error")
