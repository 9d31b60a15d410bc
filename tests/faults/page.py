"""The table of the suite, for the terminal and for ``docs/faults.md``."""

from collections.abc import Sequence

from .suite import Played

_HEAD = """\
# Planted faults

`make faults` plants each of these in a small project with its own git repository, runs and verifies it as anybody would, and writes this page.
A fault counts as caught if `toolkit run` fails, `toolkit verify` says that it differs or cannot be checked, or `toolkit runs` grants no trust,
each where it ought to. *Cause*, *cell* and *line* say whether the message named what a person would have named; - where there is none to name.
"""  # noqa: E501 -- a page's lines
_COMMANDS = {
    "run": "`toolkit run`",
    "verify": "`toolkit verify`",
    "runs": "`toolkit runs`",
    "nothing": "**missed**",
    None: "**broke**",
}
_WORDS = {True: "yes", False: "no", None: "-"}


def page(played: Sequence[Played]) -> str:
    """Return the page, without times and paths: it changes only with the outcome."""
    faults = [one for one in played if one.entry.is_fault]
    clean = [one for one in played if not one.entry.is_fault]
    parts = [
        _HEAD,
        summary(played),
        "",
        "| group | fault | caught by | cause | cell | line |",
        "|---|---|---|---|---|---|",
        *map(_row, faults),
        "",
        "## Suspicious, and fine",
        "",
        "| group | notebook | verdict |",
        "|---|---|---|",
        *(
            f"| {one.entry.group} | {one.entry.name} | "
            f"{'reproduced' if one.right else '**flagged**'} |"
            for one in clean
        ),
    ]
    return "\n".join(parts) + "\n"


def summary(played: Sequence[Played]) -> str:
    """Return how many were caught, named and flagged, in a paragraph."""
    faults = [one for one in played if one.entry.is_fault]
    clean = [one for one in played if not one.entry.is_fault]
    caught = sum(one.right for one in faults)
    cells = [one.cell for one in faults if one.cell is not None]
    lines = [one.line for one in faults if one.line is not None]
    flagged = sum(not one.right for one in clean)
    return (
        f"{caught} of {len(faults)} faults are caught; the cause is named of "
        f"{sum(one.cause for one in faults)}, the cell of {sum(cells)} (of "
        f"{len(cells)} that have one), the line of {sum(lines)} (of {len(lines)}). Of "
        f"{len(clean)} notebooks that look suspicious and are fine, {flagged} "
        f"{'is' if flagged == 1 else 'are'} flagged."
    )


def line_of(one: Played) -> str:
    """Return one played entry as a line for the terminal."""
    mark = "ok  " if one.right else "MISS" if one.entry.is_fault else "FLAG"
    named = " ".join(
        f"{name}:{_WORDS[value]}"
        for name, value in (
            ("cause", one.cause),
            ("cell", one.cell),
            ("line", one.line),
        )
    )
    found = f"{one.caught or 'broke'}"
    detail = named if one.entry.is_fault else ""
    return f"{mark} {found:8} {one.entry.group}: {one.entry.name}  {detail}".rstrip()


def _row(one: Played) -> str:
    cells = (
        one.entry.group,
        one.entry.name.replace("|", "\\|"),
        _COMMANDS[one.caught],
        *(_WORDS[value] for value in (one.cause, one.cell, one.line)),
    )
    return f"| {' | '.join(cells)} |"
