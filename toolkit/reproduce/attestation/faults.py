"""What can be wrong with an attestation, each with a name."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from toolkit.errors import ToolkitError

Fault: TypeAlias = Literal[
    "not readable",
    "too large",
    "no JSON",  # truncated, too
    "duplicate key",
    "wrong form",  # a key or value that a bundle or a statement does not have
    "not as written",  # keys re-ordered, blanks added, another base64 of the same bytes
    "renamed",  # the file's name is not that of its content
    "wrong media type",
    "wrong payload type",
    "signatures",  # none, or more than the one that counts
    "wrong signature",
    "wrong key id",  # it holds, but for another key than it says
    "revoked key",
    "expired key",
    "key not yet valid",
    "wrong role",
    "from the future",
    "signed too early",  # before that which it speaks of was over
    "another run",
    "changed file",
    "missing file",
    "unknown file",  # it speaks of a file that the run cannot have
    "contradicts the record",
    "contradicts the evidence",
]
GET_BACK = "get it back from git, or remove it and let CI sign the run again"


@dataclass(eq=False)
class AttestationError(ToolkitError, ValueError):
    """An attestation does not hold; it counts for nothing.

    Raised by whatever reads or verifies one, whichever bytes it is given.
    """

    path: str  # of the file; "" for bytes that came from nowhere
    fault: Fault
    found: str
    expected: str = GET_BACK

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{where}{self.fault}: {self.found}; {self.expected}"
