"""From the text of ``scope.yaml`` to a scope, or to all that is wrong with it."""

from dataclasses import dataclass

from toolkit.scope.nodes import compose
from toolkit.scope.problems import Problem, Question, ScopeError
from toolkit.scope.reading import ABSENT, Reading
from toolkit.scope.rules import check_contradictions
from toolkit.scope.schema import SCOPE
from toolkit.scope.values import Scope


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """What a file says so far: a scope if it can be used, and what is still open."""

    name: str
    scope: Scope | None  # None if there are problems or a needed answer is missing
    open_questions: tuple[Question, ...]  # in the order of docs/scope.md
    problems: tuple[Problem, ...]  # in the order of the file

    def finished(self) -> Scope:
        """Return the scope.

        Raises
        ------
        ScopeError : with every problem; if there is none, with every answer that is
            missing and needed
        """
        if self.scope is not None:
            return self.scope
        missing = (
            Problem(
                name=self.name,
                place=question.place,
                key=question.key,
                found="no answer",
                expected=f"one to the question {question.text!r}",
            )
            for question in self.open_questions
            if question.needed
        )
        raise ScopeError(problems=self.problems or tuple(missing))


def parse(text: str, *, name: str = "scope.yaml", root: str = ".") -> Scope:
    """Return the scope that a text states.

    Parameters
    ----------
    text : str
        YAML; ``docs/scope.md`` explains each key.
    name : str
        How messages call the file.
    root : str
        The folder that the tables' sources start from.

    Raises
    ------
    ScopeError : with every problem, each with line and column; questions that are open
        but not needed to compute anything are no problem, see ``Scope.open_questions``

    Examples
    --------
    >>> parse("horizn: 2 days")
    Traceback (most recent call last):
    toolkit.scope.problems.ScopeError: scope.yaml:1:1: found the unknown key 'horizn', \
expected a known one; did you mean 'horizon'?
    """
    return read(text, name=name, root=root).finished()


def read(text: str, *, name: str = "scope.yaml", root: str = ".") -> Draft:
    """Return all that a text states, leaves open and gets wrong; raise nothing."""
    needed = [key for key, field in SCOPE.fields.items() if field.default is ABSENT]
    reading = Reading(name=name, needed=needed)
    try:
        parts = SCOPE(reading, "", compose(text, name=name))
    except ScopeError as error:
        return Draft(name=name, scope=None, open_questions=(), problems=error.problems)
    check_contradictions(reading)
    questions = tuple(reading.questions)
    scope = None
    if isinstance(parts, dict) and not reading.problems:
        scope = Scope(
            stated_costs=parts.pop("costs"),
            stated_success=parts.pop("success"),
            **parts,
            name=name,
            root=root,
            open_questions=questions,
            places=reading.places,
        )
    return Draft(
        name=name,
        scope=scope,
        open_questions=questions,
        problems=tuple(sorted(reading.problems, key=lambda problem: problem.place)),
    )
