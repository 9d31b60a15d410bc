"""What a check of the ledger can find: a code, a name, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass

from toolkit.publish.fields import Json

_GET_BACK = "get it back from git: git checkout COMMIT -- PLACE"
_FIRST = (
    "get the first version back from git; what should change is a new run, not an "
    "edited one"
)
_AGAIN = "remove it and verify the run again; it counts for nothing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """What a code stands for."""

    name: str
    todo: str
    unchecked: bool = False  # nothing is known to be wrong; it could not be looked at


KINDS: Mapping[str, Kind] = {
    "LED101": Kind(name="a lost run", todo=_GET_BACK),
    "LED102": Kind(name="a lost file of a run", todo=_GET_BACK),
    "LED103": Kind(
        name="a used run that is not here",
        todo="get that run from where it was made, or run both again: toolkit run",
    ),
    "LED201": Kind(
        name="an altered or unreadable record",
        todo="get it back from git; if git never had it, run the notebook again",
    ),
    "LED202": Kind(
        name="a file that is written otherwise than the toolkit writes it",
        todo="get it back from git; no editor or formatter should touch runs/",
    ),
    "LED203": Kind(name="a record that is not what git first got", todo=_FIRST),
    "LED204": Kind(name="a file that is not what git first got", todo=_FIRST),
    "LED205": Kind(name="an altered or unreadable verification", todo=_AGAIN),
    "LED206": Kind(
        name="an attestation that cannot be read or does not hold",
        todo="get it back from git, or attest the run again: toolkit attest RUN",
    ),
    "LED301": Kind(
        name="a verification or attestation without a record",
        todo="get the record back from git, or remove what is left of the run",
    ),
    "LED302": Kind(name="a verification of another record", todo=_AGAIN),
    "LED303": Kind(
        name="an attestation of another record",
        todo="move it back to its own run; attest this one: toolkit attest RUN",
    ),
    "LED304": Kind(
        name="a record of another run",
        todo="get each record back from git; a run's folder is never copied or renamed",
    ),
    "LED401": Kind(
        name="same recipe, different results",
        todo="something decides these results that no recipe names; find it: toolkit "
        "verify RUN",
    ),
    "LED402": Kind(
        name="a record that contradicts what lies beside it",
        todo="do not quote it; get the run back from git, or run the notebook again",
    ),
    "LED403": Kind(
        name="a verification that tells of other results than the record", todo=_AGAIN
    ),
    "LED501": Kind(
        name="look-alike run ids",
        todo="one of them was made to be taken for the other: see which git got first, "
        "and remove the other",
    ),
    "LED502": Kind(
        name="one record under two ids", todo="remove the copy; see which git got first"
    ),
    "LED601": Kind(
        name="a time that is yet to come",
        todo="set the clock of the machine that made it, and run it again",
    ),
    "LED602": Kind(
        name="times that cannot be",
        todo="do not quote it; set the clock of that machine, and run it again",
    ),
    "LED701": Kind(
        name="no history to hold it against",
        todo="get the whole history (git fetch --unshallow), or leave it out: "
        "--no-history",
        unchecked=True,
    ),
    "LED702": Kind(
        name="a file of another version of the toolkit",
        todo="check it with the version that wrote it",
        unchecked=True,
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Finding:
    """One thing that is wrong with the ledger, or could not be checked."""

    place: str  # in the folder of runs: "RUN", "RUN/record.json"; "" for the whole
    code: str  # a key of KINDS
    found: str

    @property
    def kind(self) -> Kind:
        """What the code stands for."""
        return KINDS[self.code]

    @property
    def run(self) -> str:
        """The run that it is about; empty for the whole ledger."""
        return self.place.partition("/")[0]

    def to_dict(self) -> Mapping[str, Json]:
        """Return the finding as plain JSON values."""
        return {
            "code": self.code,
            "name": self.kind.name,
            "place": self.place,
            "found": self.found,
            "todo": self.kind.todo,
            "unchecked": self.kind.unchecked,
        }

    def __str__(self) -> str:
        place = self.place or "the ledger"
        return f"{place}: {self.code} {self.kind.name}: {self.found}; {self.kind.todo}"
