"""All that decides a run's results, and nothing else: no clock, host or path."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import NewType

from toolkit.publish.fields import FieldError
from toolkit.publish.results import Sha256
from toolkit.reproduce.digest import value_digest

RunId = NewType("RunId", str)
_UNKNOWN = Sha256("")
_UNHASHED = ("digest", "notebook", "upstream")  # they hold a path, or a clock


@dataclass(frozen=True, kw_only=True, slots=True)
class NotebookSource:
    """Which notebook, and the digest of its source cells."""

    path: str  # relative to the project, with "/"
    digest: Sha256  # outputs, counts, ids and metadata left out


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """What executes the notebook."""

    lock: Sha256 | None  # of requirements.lock; None where there is none
    python: str  # "3.11.7"
    platform: str  # "linux-x86_64"
    installed: Sha256  # of the sorted "name==version" lines of what is installed


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """The inputs of one execution.

    Two executions with equal ``digest`` had equal inputs, wherever and whenever they
    took place. The notebook's path and the upstream run ids are kept for people; the
    digest covers the notebook's source and the upstream results instead.

    Raises
    ------
    FieldError : if a digest is given that is not the digest of the rest
    """

    notebook: NotebookSource
    parameters: Mapping[str, object]  # every declared one, defaults filled in
    code: Sha256 | None  # of the project's own packages; None where there are none
    data: Mapping[str, Sha256]  # by source, as the scope writes it
    scope: Sha256 | None  # of scope.yaml; None where there is none
    environment: Environment
    upstream: Mapping[str, RunId]  # by notebook
    upstream_results: Mapping[str, Sha256]  # what the digest covers of them
    digest: Sha256 = _UNKNOWN

    def __post_init__(self) -> None:
        hashed: dict[str, object] = {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name not in _UNHASHED
        }
        digest = value_digest({"notebook": self.notebook.digest, **hashed})
        if self.digest not in (_UNKNOWN, digest):
            raise FieldError(
                at="recipe.digest",
                found=f"{self.digest[:12]}…",
                expected=f"{digest[:12]}…, the digest of the recipe: it was edited",
            )
        object.__setattr__(self, "digest", digest)
