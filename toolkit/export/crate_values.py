"""Parameters and metrics as entities of an RO-Crate: what was given, what came out."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias
from urllib.parse import quote

from toolkit.export.mlflow_names import storable
from toolkit.publish.results import Metric
from toolkit.reproduce.digest import canonical_json

Entity: TypeAlias = dict[str, object]
_PROFILE = "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"
_SPDX_ID = re.compile(r"[A-Za-z0-9.+-]+")  # one licence, no "A OR B"


def given(name: str, value: object) -> Entity:
    """Return what a parameter was: a scalar as it is, all else as JSON text.

    Examples
    --------
    >>> given("n", [1, 2])["value"]
    '[1,2]'
    """
    plain = isinstance(value, bool | int | float | str)
    text = value if plain else canonical_json(value).decode("utf-8", "surrogatepass")
    return _property("parameter", name, text)


def number(metric: Metric) -> Entity:
    """Return a published number, with its unit and interval."""
    entity = _property("metric", metric.name, metric.value)
    if metric.unit:
        entity["unitText"] = metric.unit
    if metric.interval is not None:
        low, high = metric.interval
        entity["description"] = f"{metric.level!r} interval: {low!r} to {high!r}"
    return entity


def parameters_of(values: Sequence[Entity]) -> Iterator[Entity]:
    """Yield what a notebook takes and gives, of what it was given and gave."""
    for value in values:
        formal = value["exampleOfWork"]
        assert isinstance(formal, dict)  # noqa: S101 -- _property made it
        yield {
            "@id": formal["@id"],
            "@type": "FormalParameter",
            "name": value["name"],
            "additionalType": _TYPES[type(value["value"])],
            "conformsTo": {"@id": _PROFILE},
            "workExample": {"@id": value["@id"]},
        }


def storable_value(value: object) -> object:
    """Return a JSON value in whose texts no half of a character is left."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {key: storable_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable_value(item) for item in value]
    return value


def is_reference(licence: str) -> bool:
    """Tell whether a licence's text is the name of one in SPDX's list.

    Examples
    --------
    >>> is_reference("BSD-3-Clause"), is_reference("MIT OR Apache-2.0")
    (True, False)
    """
    return _SPDX_ID.fullmatch(licence) is not None


_TYPES = {bool: "Boolean", int: "Integer", float: "Float", str: "Text"}


def _property(kind: str, name: str, value: object) -> Entity:
    place = f"#{kind}/{quote(name.encode('utf-8', 'surrogatepass'), safe='')}"
    return {
        "@id": f"{place}/value",
        "@type": "PropertyValue",
        "name": name,
        "value": value,
        "exampleOfWork": {"@id": place},
    }
