"""What a project adds to the output rules, in its ``pyproject.toml``."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import ToolkitError
from toolkit.publish.fields import shown
from toolkit.reproduce.outputs.cells import DEFAULT, Rules
from toolkit.reproduce.outputs.rules import Ignore
from toolkit.reproduce.policy import PYPROJECT

TABLE = "tool.toolkit.outputs"
_KEYS = ("pattern", "with", "why")
_EXAMPLE = '{pattern = "session [0-9a-f]+", with = "session", why = "drawn by lot"}'


@dataclass(eq=False)
class OutputRulesError(ToolkitError, ValueError):
    """A project's output rule cannot be followed."""

    at: str  # "pyproject.toml: tool.toolkit.outputs.ignore[0].pattern"
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.at}: found {self.found}; {self.expected}"


def load_output_rules(root: Path) -> Rules:
    """Return the rules that the project in a folder adds.

    Raises
    ------
    OutputRulesError : if its ``pyproject.toml`` says something that cannot be meant
    """
    path = root / PYPROJECT
    return parse_output_rules(path.read_bytes()) if path.is_file() else DEFAULT


def parse_output_rules(content: bytes, *, path: str = "pyproject.toml") -> Rules:
    """Return the rules that a ``pyproject.toml`` adds; none if it says nothing.

    Parameters
    ----------
    content : of the file
    path : str, for messages

    Raises
    ------
    OutputRulesError : if it is no TOML, or a rule is ill-formed, has no reason, or
        matches the empty text and so everywhere

    Examples
    --------
    >>> rule = b"{pattern = 'run [0-9]+', with = 'run', why = 'counts executions'}"
    >>> parse_output_rules(b"tool.toolkit.outputs.ignore = [" + rule + b"]").notes
    ("outputs: 'run [0-9]+' is not compared: counts executions",)
    """
    try:
        table: object = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise OutputRulesError(
            at=path, found=f"no TOML ({error})", expected="mend the file"
        ) from error
    for name in TABLE.split("."):
        table = table.get(name) if isinstance(table, Mapping) else None
    if table is None:
        return DEFAULT
    at = f"{path}: {TABLE}"
    if not isinstance(table, Mapping):
        raise OutputRulesError(at=at, found=shown(table), expected="write a table")
    for key in table:
        if key != "ignore":
            raise OutputRulesError(
                at=at, found=f"the key {shown(key)}", expected="it has only 'ignore'"
            )
    listed = table.get("ignore", [])
    if not isinstance(listed, list):
        raise OutputRulesError(
            at=f"{at}.ignore", found=shown(listed), expected=f"write [{_EXAMPLE}]"
        )
    ignored = tuple(_ignore(o, f"{at}.ignore[{n}]") for n, o in enumerate(listed))
    notes = tuple(
        f"outputs: {shown(one.pattern.pattern)} is not compared: {one.why}"
        for one in ignored
    )
    return Rules(ignored=ignored, notes=notes)


def _ignore(one: object, at: str) -> Ignore:
    if not isinstance(one, Mapping):
        raise OutputRulesError(at=at, found=shown(one), expected=f"write {_EXAMPLE}")
    for key in one:
        if key not in _KEYS:
            raise OutputRulesError(
                at=at, found=f"the key {shown(key)}", expected=f"known: {_KEYS}"
            )
    for key, default in zip(_KEYS, (None, "", None), strict=True):
        value = one.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise OutputRulesError(
                at=f"{at}.{key}",
                found="nothing" if value is None else shown(value),
                expected=f"write a text, as in {_EXAMPLE}",
            )
    pattern = _pattern(one["pattern"], at)
    replacement = one.get("with", "")
    try:
        pattern.sub(replacement, "")
    except (re.error, IndexError) as error:
        raise OutputRulesError(
            at=f"{at}.with",
            found=f"{shown(replacement)} ({error})",
            expected="refer to groups that the pattern has: \\1, \\g<name>",
        ) from error
    return Ignore(pattern=pattern, replacement=replacement, why=one["why"].strip())


def _pattern(text: str, at: str) -> re.Pattern[str]:
    try:
        pattern = re.compile(text, re.MULTILINE)
    except (re.error, RecursionError, OverflowError) as error:
        raise OutputRulesError(
            at=f"{at}.pattern",
            found=f"{shown(text)}, no regular expression ({error})",
            expected="mend it; in TOML, write it in single quotes",
        ) from error
    if pattern.search("") is not None:
        raise OutputRulesError(
            at=f"{at}.pattern",
            found=f"{shown(text)}, which matches the empty text",
            expected="let it match at least one character",
        )
    return pattern
