"""What a project asks for in ``[tool.toolkit.lint]`` of its pyproject.toml."""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TypeAlias, get_args

from toolkit.errors import ToolkitError
from toolkit.lint.model import Severity
from toolkit.publish.fields import shown
from toolkit.reproduce.policy import PYPROJECT, PolicyError
from toolkit.reproduce.workspace.patterns import Patterns

KEYS = (
    "select",
    "ignore",
    "severity",
    "per-notebook",
    "exclude",
    "fail-on",
    "on-save",
)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
ON_THE_COMMAND_LINE = "asked for on the command line"


@dataclass(eq=False)
class UnknownCodeError(ToolkitError, ValueError):
    """The command line names a rule that there is not."""

    code: str
    expected: str

    def __str__(self) -> str:
        return f"found the unknown code {self.code!r}, expected {self.expected}"


Refuse: TypeAlias = Callable[[str, str, str], PolicyError]


@dataclass(frozen=True, kw_only=True, slots=True)
class Configuration:
    """Which rules count where, and how much; codes may be cut: ``RND`` is a group."""

    select: tuple[str, ...] = ()  # none: all
    ignore: Mapping[str, str] = field(default_factory=dict)  # code -> reason
    severity: Mapping[str, Severity] = field(default_factory=dict)
    per_notebook: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()  # paths and globs from the project's root
    fail_on: Severity = "warning"  # the least that fails
    on_save: bool = False  # whether JupyterLab's server tells

    def counts(self, code: str) -> bool:
        """Return whether a rule is selected at all."""
        chosen = not self.select or _longest(self.select, code) is not None
        return chosen and _longest(self.ignore, code) is None

    def ignored(self, code: str, path: str, root: Path) -> str | None:
        """Return why a rule is ignored in a notebook; None if it is not."""
        for pattern, ignore in self.per_notebook.items():
            named = _longest(ignore, code)
            if named is not None and Patterns([pattern], project=root).covers(path):
                return ignore[named]
        return None

    def severity_of(self, code: str, usual: Severity) -> Severity:
        """Return a rule's severity here."""
        named = _longest(self.severity, code)
        return usual if named is None else self.severity[named]

    def fails(self, severity: Severity) -> bool:
        """Return whether a finding of that severity fails the check."""
        return SEVERITIES.index(severity) <= SEVERITIES.index(self.fail_on)

    def narrowed(
        self, select: Sequence[str], ignore: Sequence[str], fail_on: Severity | None
    ) -> "Configuration":
        """Return it with what the command line asks for."""
        more = dict.fromkeys(ignore, ON_THE_COMMAND_LINE)
        return replace(
            self,
            select=tuple(select) or self.select,
            ignore={**self.ignore, **more},
            fail_on=fail_on or self.fail_on,
        )


def _longest(named: Iterable[str], code: str) -> str | None:
    """Return the code, or else the longest beginning of it, that is named."""
    return max(filter(code.startswith, named), key=len, default=None)


def load_configuration(root: Path, codes: Sequence[str]) -> Configuration:
    """Return what a project asks for; what it leaves out has its usual value.

    Parameters
    ----------
    root : of the project; it may have no ``pyproject.toml``
    codes : of all rules

    Raises
    ------
    PolicyError : if a key or code is unknown, a reason is missing, or a value cannot
        be meant
    """
    path = root / PYPROJECT

    def refuse(key: str = "", found: str = "", expected: str = "") -> PolicyError:
        at = f"lint.{key}" if key else "lint"
        return PolicyError(path=str(path), key=at, found=found, expected=expected)

    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Configuration()
    except ValueError as error:
        raise refuse(
            found=f"a file that is no TOML ({error})", expected="TOML"
        ) from error
    table: object = document
    for key in ("tool", "toolkit", "lint"):
        table = table.get(key, {}) if isinstance(table, dict) else {}
    if not isinstance(table, dict):
        raise refuse(found=shown(table), expected="a table")
    return _parsed(table, codes, refuse)


def _parsed(
    table: Mapping[str, object], codes: Sequence[str], refuse: Refuse
) -> Configuration:
    for key in table:
        if key not in KEYS:
            close = get_close_matches(key, KEYS, n=1)
            expected = f"{close[0]!r}?" if close else f"one of {', '.join(KEYS)}"
            raise refuse(key, "an unknown key", expected)
    select = _names(table.get("select", []), "select", refuse)
    check_codes(select, "select", codes, refuse)
    per_notebook = {
        pattern: _reasons(ignore, f"per-notebook.{pattern!r}", codes, refuse)
        for pattern, ignore in _table(table, "per-notebook", refuse).items()
    }
    on_save = table.get("on-save", False)
    if not isinstance(on_save, bool):
        key = "on-save"
        raise refuse(key, shown(on_save), "true or false")
    severity = _table(table, "severity", refuse)
    check_codes(severity, "severity", codes, refuse)
    return Configuration(
        select=select,
        ignore=_reasons(table.get("ignore", {}), "ignore", codes, refuse),
        severity={
            code: _severity(value, f"severity.{code}", refuse)
            for code, value in severity.items()
        },
        per_notebook=per_notebook,
        exclude=_names(table.get("exclude", []), "exclude", refuse),
        fail_on=_severity(table.get("fail-on", "warning"), "fail-on", refuse),
        on_save=on_save,
    )


def check_codes(
    named: Iterable[str], key: str, codes: Sequence[str], refuse: Refuse
) -> None:
    """Refuse what is neither a code nor the beginning of one.

    Raises
    ------
    PolicyError : as ``refuse`` makes it
    """
    for code in named:
        if expected := unknown(code, codes):
            raise refuse(key, f"the unknown code {code!r}", expected)


def unknown(code: str, codes: Sequence[str]) -> str:
    """Return what else could be meant by what begins no rule's code; "" if it does.

    Examples
    --------
    >>> unknown("RND11", ["RND101", "ORD101"]), unknown("RND", ["RND101"])
    ("'RND101'?", '')
    """
    if code and any(each.startswith(code) for each in codes):
        return ""
    groups = sorted({each[:-3] for each in codes})
    close = get_close_matches(code, [*codes, *groups], n=1)
    return f"{close[0]!r}?" if close else f"a code of {', '.join(groups)}"


def _names(value: object, key: str, refuse: Refuse) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise refuse(key, shown(value), 'a list of texts, ["a", "b"]')


def _table(
    table: Mapping[str, object], key: str, refuse: Refuse
) -> Mapping[str, object]:
    value = table.get(key, {})
    if isinstance(value, dict):
        return value
    raise refuse(key, shown(value), "a table")


def _reasons(
    value: object, key: str, codes: Sequence[str], refuse: Refuse
) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise refuse(key, shown(value), 'a reason for each code, { OUT101 = "…" }')
    check_codes(value, key, codes, refuse)
    for code, reason in value.items():
        if not isinstance(reason, str) or not reason.strip():
            key = f"{key}.{code}"
            raise refuse(key, shown(reason), "a reason")
    return value


def _severity(value: object, key: str, refuse: Refuse) -> Severity:
    for severity in SEVERITIES:
        if value == severity:
            return severity
    raise refuse(key, shown(value), " or ".join(map(repr, SEVERITIES)))
