"""What can be wrong with a scope, and what can still be open, each with its place."""

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

from toolkit.errors import ToolkitError


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Place:
    """Where a value stands in the file; both count from 1, as editors do."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing to mend: where, what was found, what was expected, what to do."""

    name: str  # of the file, as the reader would open it
    place: Place
    key: str  # "evaluation.gap"; empty where the file as a whole is meant
    found: str
    expected: str
    advice: str = ""

    def __str__(self) -> str:
        where = f"{self.name}:{self.place.line}:{self.place.column}"
        key = f" {self.key}:" if self.key else ""
        advice = f"; {self.advice}" if self.advice else ""
        return f"{where}:{key} found {self.found}, expected {self.expected}{advice}"

    def to_dict(self) -> dict[str, object]:
        """Return the facts and the text for JSON."""
        return {
            "key": self.key,
            "line": self.place.line,
            "column": self.place.column,
            "message": str(self),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One thing that the scope does not say yet, and the key that waits for it."""

    place: Place  # of the key, or of what should hold it
    key: str
    text: str
    needed: bool  # whether nothing can be computed before it is answered

    def to_dict(self) -> dict[str, object]:
        """Return the facts for JSON."""
        return {
            "key": self.key,
            "line": self.place.line,
            "column": self.place.column,
            "question": self.text,
            "needed": self.needed,
        }


@dataclass(eq=False)
class ScopeError(ToolkitError, ValueError):
    """A scope cannot be used as it is; all that is wrong with it, in file order."""

    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


@dataclass(eq=False)
class OpenQuestionError(ToolkitError, ValueError):
    """Something asked for an answer that the scope does not give yet."""

    name: str
    key: str
    questions: tuple[Question, ...]

    def __str__(self) -> str:
        asked = "; ".join(
            f"{question.key}: {question.text}" for question in self.questions
        )
        return f"{self.name}: {self.key} is needed here and still open; fill in {asked}"


@dataclass(eq=False)
class ScopeFileError(ToolkitError, OSError):
    """The scope's file could not be found or read."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


def did_you_mean(word: str, known: Collection[str]) -> str:
    """Return advice that names the closest known word, or all of them.

    Examples
    --------
    >>> did_you_mean("gpa", ["gap", "step"])
    "did you mean 'gap'?"
    """
    close = get_close_matches(word, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
