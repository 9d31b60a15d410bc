"""What is found while a file is read: values, problems, questions, and their places."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, TypeVar

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from toolkit.scope.nodes import place_of
from toolkit.scope.problems import Place, Problem, Question

T = TypeVar("T")

ABSENT: Final = object()  # there is no value, and the reading knows why
_LONGEST = 60  # characters of a found text that a message repeats
_NULLS = ("", "~", "null")
_PLACEHOLDERS = ("", "tbd", "tbc", "todo", "fixme", "xxx")


@dataclass(kw_only=True, slots=True)
class Reading:
    """What was found in one file so far; every problem is noted, none is raised."""

    name: str
    needed: Collection[str]  # top keys without which nothing can be computed
    problems: list[Problem] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    values: dict[str, object] = field(default_factory=dict)  # by key: "costs.check"
    places: dict[str, Place] = field(default_factory=dict)

    def value(self, key: str, kind: type[T]) -> T | None:
        """Return what was read at a key, None if it is absent or of another kind."""
        value = self.values.get(key)
        return value if isinstance(value, kind) else None

    def place(self, key: str) -> Place:
        """Return where a key stands, or else what should hold it."""
        while key and key not in self.places:
            key = key.rpartition(".")[0]
        return self.places.get(key, Place())

    def refuse(
        self,
        key: str,
        *,
        found: str,
        expected: str,
        advice: str = "",
        place: Place | None = None,
    ) -> None:
        """Note a problem, by default where the key stands."""
        problem = Problem(
            name=self.name,
            place=place or self.place(key),
            key=key,
            found=found,
            expected=expected,
            advice=advice,
        )
        self.problems.append(problem)

    def ask(self, key: str, text: str, *, needed: bool) -> None:
        """Note an open question."""
        needed = needed and key.partition(".")[0] in self.needed
        question = Question(place=self.place(key), key=key, text=text, needed=needed)
        self.questions.append(question)

    def refuse_node(self, key: str, node: Node, *, expected: str) -> None:
        """Note that a node is of the wrong kind."""
        place = place_of(node.start_mark)
        self.refuse(key, found=describe(node), expected=expected, place=place)

    def entries(self, key: str, node: Node, *, expected: str) -> dict[str, Node] | None:
        """Return a mapping's values by name, and note its places and repeated keys.

        None if the node is no mapping.
        """
        if not isinstance(node, MappingNode):
            self.refuse_node(key, node, expected=expected)
            return None
        found: dict[str, Node] = {}
        for key_node, value in node.value:
            if not isinstance(key_node, ScalarNode):
                self.refuse_node(key, key_node, expected="a key that is a word")
                continue
            name, place = key_node.value, place_of(key_node.start_mark)
            child = join(key, name)
            if name in found:
                line = self.places[child].line
                self.refuse(
                    key,
                    found=f"{name!r} a second time",
                    expected="each key once",
                    advice=f"it stands in line {line}, too",
                    place=place,
                )
                continue
            found[name] = value
            self.places[child] = place
        return found


def join(key: str, name: str) -> str:
    """Return the key of a part: ``costs`` and ``check`` make ``costs.check``."""
    return f"{key}.{name}" if key else name


def describe(node: Node) -> str:
    """Return what a node is, in words."""
    if isinstance(node, ScalarNode):
        return "nothing" if is_null(node) else clipped(node.value)
    return "a list" if isinstance(node, SequenceNode) else "a mapping"


def clipped(text: str) -> str:
    """Return the start of a text as a literal."""
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...")


def is_null(node: Node) -> bool:
    """Return whether a node says nothing at all."""
    plain = isinstance(node, ScalarNode) and node.style is None
    return not node.value or (plain and node.value.lower() in _NULLS)


def is_placeholder(node: Node) -> bool:
    """Return whether a node, or an item of it, promises an answer: ?, TBD, to do."""
    if isinstance(node, SequenceNode):
        return any(isinstance(n, ScalarNode) and is_placeholder(n) for n in node.value)
    if not isinstance(node, ScalarNode):
        return False
    return node.value.strip(" ?.!-\n").lower().replace(" ", "") in _PLACEHOLDERS
