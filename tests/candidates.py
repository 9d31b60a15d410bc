"""A run that might stand, and surroundings that are made up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from records import RECIPE

from toolkit.publish.results import Sha256
from toolkit.reproduce.policy import Policy
from toolkit.reproduce.records.recipe import Environment
from toolkit.reproduce.records.trace import Trace
from toolkit.reproduce.sources import Data
from toolkit.reproduce.tracing.watch import SEEN

ONE, TWO = Sha256("1" * 64), Sha256("2" * 64)
TRACE = Trace(
    inputs={"data/x.csv": ONE, "/elsewhere/y": TWO},
    listed={"data": ONE},
    absent=("data/z.csv",),
    environment={"LIMIT": ONE, "MODE": None},
    enforced=("network: refused", SEEN),
)


@dataclass
class FakeHere:
    """A project that is told what it is."""

    root: Path = Path("/project")
    environment: Environment = RECIPE.environment
    data: Data = field(
        default_factory=lambda: Data(scope=ONE, sources=RECIPE.data, missing=())
    )
    policy: Policy = field(default_factory=Policy)
    files: dict[str, Sha256] = field(default_factory=lambda: dict(TRACE.inputs))
    listings: dict[str, Sha256] = field(default_factory=lambda: dict(TRACE.listed))
    there: set[str] = field(default_factory=set)
    values: dict[str, Sha256 | None] = field(
        default_factory=lambda: dict(TRACE.environment)
    )

    def file(self, path: str) -> Sha256 | None:
        return self.files.get(path)

    def listing(self, folder: str) -> Sha256 | None:
        return self.listings.get(folder)

    def exists(self, path: str) -> bool:
        return path in self.there

    def variables(self, names: Mapping[str, object]) -> Mapping[str, Sha256 | None]:
        return {name: self.values[name] for name in names if name in self.values}
