"""Pages of text for a terminal or a document, and the one that asks questions."""

from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import wrap
from typing import Final

from toolkit.scope.parsing import Draft

WIDTH: Final = 84  # columns of a page in a terminal
_MARGIN: Final = 14  # of them for the names of sections
_MARKUP: Final = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_<>[]|#~$"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of a page: paragraphs, then a list."""

    name: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A title and its sections."""

    title: str
    sections: tuple[Section, ...]

    def to_text(self) -> str:
        """Return the page for a terminal, at most ``WIDTH`` columns wide."""
        title = wrap(self.title, WIDTH)
        lines = [*title, "=" * max(map(len, title))]
        for section in self.sections:
            lines += ["", *_beside(section.name, section)]
        return "\n".join(lines)

    def to_markdown(self) -> str:
        """Return the page as Markdown; nothing in it is taken for markup."""
        blocks = [f"# {_literal(self.title)}"]
        for section in self.sections:
            blocks += [f"## {_literal(section.name)}"]
            blocks += map(_literal, section.paragraphs)
            if section.items:
                blocks += ["\n".join(f"- {_literal(item)}" for item in section.items)]
        return "\n\n".join(blocks)


def question_page(draft: Draft) -> Page:
    """Return the questions that a draft leaves open, each with the key to fill in."""
    groups = (
        ("Needed first", "Nothing can be computed before these are answered.", True),
        ("To ask", "The page for the client waits for these.", False),
    )
    sections = []
    for name, why, needed in groups:
        items = tuple(
            f"{question.key}: {question.text}"
            for question in draft.open_questions
            if question.needed is needed
        )
        if items:
            sections.append(Section(name=name, paragraphs=(why,), items=items))
    count = len(draft.open_questions)
    title = f"{draft.name} leaves {count} question{'' if count == 1 else 's'} open"
    return Page(title=title, sections=tuple(sections))


def _beside(name: str, section: Section) -> Iterable[str]:
    """Yield a section's lines, its name beside the first."""
    width = WIDTH - _MARGIN
    lines = [line for text in section.paragraphs for line in wrap(text, width)]
    for item in section.items:
        lines += wrap(item, width, initial_indent="- ", subsequent_indent="  ")
    for number, line in enumerate(lines):
        yield f"{name if number == 0 else '':{_MARGIN}}{line}"


def _literal(text: str) -> str:
    return text.translate(_MARKUP)
