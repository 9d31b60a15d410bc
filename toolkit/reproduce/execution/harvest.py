"""Results taken from an executed notebook: from their payloads, never from HTML."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toolkit.errors import ToolkitError
from toolkit.publish.fields import decode, shown
from toolkit.publish.results import KINDS, PublishError, Result, Results, Sha256

SCHEMA = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Harvest:
    """What was published, and the first thing that cannot count."""

    results: Results
    problem: str | None  # None if all of it counts
    cell: int | None  # where the problem is


def harvest(
    cells: Sequence[Mapping[str, Any]], digest_of: Callable[[str], Sha256 | None]
) -> Harvest:
    """Return the published results of executed cells, in their order.

    Parameters
    ----------
    cells : as they lie in the executed notebook
    digest_of : gives the digest of a file of the run's folder; None if it is not there
    """
    found: list[Result] = []
    for index, payload in _payloads(cells):
        try:
            result = _result(*payload)
            _check_file(result, digest_of)
            Results.of([*found, result])
        except ToolkitError as error:
            return Harvest(results=Results.of(found), problem=str(error), cell=index)
        found.append(result)
    return Harvest(results=Results.of(found), problem=None, cell=None)


def _payloads(
    cells: Sequence[Mapping[str, Any]],
) -> Iterator[tuple[int, tuple[str, object]]]:
    for index, cell in enumerate(cells):
        for output in cell.get("outputs", ()):
            for mime, payload in output.get("data", {}).items():
                if mime in KINDS:
                    yield index, (mime, payload)


def _result(mime: str, payload: object) -> Result:
    fields = dict(payload) if isinstance(payload, Mapping) else {}
    if fields.pop("schema", None) != SCHEMA:
        raise PublishError(
            what=mime,
            found=f"the payload {shown(payload)} is of another version",
            expected="publish with the toolkit that runs the notebook",
        )
    return decode(KINDS[mime], fields)


def _check_file(result: Result, digest_of: Callable[[str], Sha256 | None]) -> None:
    paths = {"table": "tables/{}.csv", "figure": "figures/{}.svg"}
    digest = getattr(result, "digest", None)
    if digest is None:
        return
    name = getattr(result, "name", "")
    path = paths[result.kind].format(name)
    if digest_of(path) != digest:
        raise PublishError(
            what=f"{result.kind} {name!r}",
            found=f"{path} in the run's folder is gone, or not what was published",
            expected="publish it once, and leave the run's folder alone",
        )
