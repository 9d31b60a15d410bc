"""What is said of a rule: on the terminal, and as a page of docs/rules."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from toolkit.lint.model import Rule

INDEX = "README.md"
_COMMAND = "toolkit rule --docs docs/rules"


def explanation(rule: Rule) -> Iterator[str]:
    """Yield the lines that explain a rule."""
    yield f"{rule.code} {rule.name} ({rule.severity})"
    yield ""
    yield rule.why
    yield rule.mend
    for title, cells in (("Found", rule.bad), ("Not found", rule.good)):
        yield ""
        yield f"{title}:"
        yield from (f"    {line}".rstrip() for line in _joined(cells).split("\n"))


def pages(rules: Sequence[Rule]) -> Mapping[str, str]:
    """Return the text of each page of docs/rules by its file name."""
    found = {f"{rule.code}.md": _page(rule) for rule in rules}
    return {INDEX: _index(rules), **found}


def _page(rule: Rule) -> str:
    return "\n".join(
        (
            f"# {rule.code} {rule.name}",
            "",
            f"Severity: {rule.severity}.",
            "",
            rule.why,
            "",
            rule.mend,
            "",
            "<!-- fmt: off -->",  # examples stay as they are written
            "",
            "Found:",
            "",
            *_fenced(rule.bad),
            "",
            "Not found:",
            "",
            *_fenced(rule.good),
            "",
            f"`# noqa: {rule.code} the reason` on that line keeps it quiet.",
            "[How to use it](../lint.md).",
            "",
        )
    )


def _index(rules: Sequence[Rule]) -> str:
    rows = [
        f"| [{rule.code}]({rule.code}.md) | {rule.name} | {rule.severity} | "
        f"{rule.mend.replace('|', '&#124;')} |"
        for rule in rules
    ]
    return "\n".join(
        (
            "# Rules of toolkit lint",
            "",
            f"Written by `{_COMMAND}`; [how to use it](../lint.md).",
            "",
            "| code | name | severity | what to do |",
            "|---|---|---|---|",
            *rows,
            "",
        )
    )


def _fenced(cells: Iterable[str]) -> list[str]:
    return ["```python", *_joined(cells).split("\n"), "```"]


def _joined(cells: Iterable[str]) -> str:
    """Return the cells with a line between them."""
    return "\n# ---\n".join(cell.strip("\n") for cell in cells)
