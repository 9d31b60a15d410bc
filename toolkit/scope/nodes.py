"""The text of a scope as nodes that know their lines: YAML without its surprises.

Only the text of a scalar is used, never what YAML 1.1 makes of it: ``07:00`` is no
sexagesimal 420, ``no`` is no boolean and ``010`` is ten.
"""

import yaml
from yaml.nodes import Node
from yaml.scanner import ScannerError

from toolkit.scope.problems import Place, Problem, ScopeError

_EXPECTED = "YAML, with lines such as 'horizon: 2 days'"
_PLAIN_WORDS = (  # what PyYAML says, what is meant, what to do
    ("character '\\t'", "a tab", "indent with blanks"),
    (
        "mapping values are not allowed",
        "a ':' where no key can stand",
        "quote a text that holds ': ', and let keys of one level start in one column",
    ),
    ("cannot start any token", "a character that YAML reserves", "quote the text"),
    (
        "but found another document",
        "a second document",
        "keep the part above the '---'",
    ),
    ("unexpected end of stream", "the end of the file", "close the quote"),
    ("<stream end>", "the end of the file", "close the bracket"),
    (
        "<block end>",
        "a line that does not go on with what is above it",
        "let keys of one level start in one column, and close quotes",
    ),
)


class _Loader(yaml.SafeLoader):
    """Reads ``why: ?`` as an open answer, where YAML would start a complex key."""

    def check_key(self) -> bool:
        return bool(self.flow_level) and super().check_key()

    def check_plain(self) -> bool:
        return (not self.flow_level and self.peek() == "?") or super().check_plain()

    def fetch_tag(self) -> None:
        raise ScannerError(problem="a tag ('!')", problem_mark=self.get_mark())


def compose(text: str, *, name: str) -> Node | None:
    """Return the root node of a YAML document, None if there is nothing in it.

    Raises
    ------
    ScopeError : if the text is no YAML, with the place where it stops being that
    """
    mark, advice = None, ""
    try:
        loader = _Loader(text)
    except yaml.reader.ReaderError as error:
        place = place_in(text, error.position)
        found = f"the character {text[error.position]!r}"
        raise _unreadable(name, place, found) from error
    try:
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        found, advice = _in_plain_words(str(error.problem))
    except (ValueError, OverflowError):  # an escape beyond Unicode
        found = "an escaped character that does not exist"
    except RecursionError:
        found = "lists or mappings nested too deep"
    mark = mark or loader.get_mark()
    raise _unreadable(name, place_of(mark), found, advice)


def place_of(mark: yaml.Mark) -> Place:
    """Return the place that a mark of PyYAML means."""
    return Place(line=mark.line + 1, column=mark.column + 1)


def place_in(text: str, position: int) -> Place:
    r"""Return the line and column of a position in a text.

    Examples
    --------
    >>> place_in("ab\ncd", 4)
    Place(line=2, column=2)
    """
    before = text[:position]
    return Place(line=before.count("\n") + 1, column=position - before.rfind("\n"))


def _in_plain_words(problem: str) -> tuple[str, str]:
    """Return what was found, and advice."""
    for words, found, advice in _PLAIN_WORDS:
        if words in problem:
            return found, advice
    return problem.removeprefix("found "), ""


def _unreadable(name: str, place: Place, found: str, advice: str = "") -> ScopeError:
    problem = Problem(
        name=name, place=place, key="", found=found, expected=_EXPECTED, advice=advice
    )
    return ScopeError(problems=(problem,))
