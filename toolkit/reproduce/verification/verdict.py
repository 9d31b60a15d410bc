"""What a verification found, as a value: reproduced, differs, or not checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from toolkit.publish.fields import FieldError
from toolkit.publish.results import Sha256
from toolkit.reproduce.comparison.difference import Difference
from toolkit.reproduce.diagnosis import Suspect
from toolkit.reproduce.records.record import Status

Value: TypeAlias = Literal["reproduced", "differs", "not checked"]
Cause: TypeAlias = Literal[
    "",  # reproduced
    "variation",  # it depends on what must not matter
    "not deterministic",  # two equal executions differ
    "tampered with",  # the record or an output of the run was edited
    "the surroundings drifted",  # environment, data or code are not the recipe's
    "only looks like success",  # a failure or a cell left out is hidden
    "stored outputs",  # the notebook shows what its source does not produce
    "fails",  # it does not finish where the record says that it did
    "did not finish",  # the run itself did not: there is nothing to reproduce
    "nothing to compare",  # it publishes, shows and writes nothing
    "cannot be run",  # a notebook that never ran, and that cannot
    "not readable",  # no record, or one of another version
    "took too long",  # the time limit of the verification passed
]
_WORDS = {
    "folder": "the path of its folder",
    "home": "the home folder",
    "user": "the user's name",
    "host": "the host's name",
    "processors": "the number of processors",
    "threads": "the number of threads",
    "listing": "the order of directory listings",
    "environment": "variables of the environment",
    "parallel": "the order in which parallel work completes",
}
EXIT = {"reproduced": 0, "differs": 1, "not checked": 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """One execution that the verification made."""

    variations: tuple[str, ...]  # none: a plain one
    status: Status
    seconds: float
    results: Sha256  # of all that it published
    until: int | None = None  # last cell that was executed; None: to the end
    parted: bool = False  # it differed from the plain one


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What became of one run, and why.

    Raises
    ------
    FieldError : if value and cause do not fit: only what is reproduced has no cause
    """

    run: str
    notebook: str  # its path; "" where no record could be read
    value: Value
    cause: Cause = ""
    why: str = ""  # one sentence; empty if reproduced
    differences: tuple[Difference, ...] = ()  # the record's results, and what came out
    cell: int | None = None  # the first that parts, index in the source notebook
    names: tuple[str, ...] = ()  # the first variables that part
    culprits: tuple[str, ...] = ()  # the smallest set of variations that does it
    suspects: tuple[Suspect, ...] = ()  # likely lines, best first
    varied: tuple[str, ...] = ()  # what was varied
    executions: tuple[Tried, ...] = ()
    seconds: float = 0.0
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.value == "reproduced") != (self.cause == ""):
            raise FieldError(
                at="verdict.cause",
                found=f"{self.cause!r} of a verdict that says {self.value!r}",
                expected="no cause for 'reproduced', and one for all else",
            )

    @property
    def short(self) -> str:
        """The cause in a few words, for a table.

        Examples
        --------
        >>> Verdict(
        ...     run="r",
        ...     notebook="a.ipynb",
        ...     value="differs",
        ...     cause="variation",
        ...     culprits=("hash-seed", "clock"),
        ... ).short
        'hash seed and clock'
        """
        if self.cause == "variation":
            return spoken(self.culprits)
        return self.cause


def spoken(names: Sequence[str]) -> str:
    """Return names of variations as short words: ``hash seed and time zone``."""
    return _listed([name.replace("-", " ") for name in names])


def described(names: Sequence[str]) -> str:
    """Return names of variations as a sentence needs them.

    Examples
    --------
    >>> described(["hash-seed", "listing"])
    'the hash seed and the order of directory listings'
    """
    return _listed([_WORDS.get(name, f"the {spoken([name])}") for name in names])


def _listed(words: Sequence[str]) -> str:
    if len(words) > 1:
        return f"{', '.join(words[:-1])} and {words[-1]}"
    return "".join(words)


def exit_code(verdicts: Sequence[Verdict]) -> int:
    """Return 1 if a run differs, else 2 if one was not checked or there is none.

    Examples
    --------
    >>> exit_code(())
    2
    """
    codes = {EXIT[verdict.value] for verdict in verdicts} or {2}
    return 1 if 1 in codes else max(codes)
