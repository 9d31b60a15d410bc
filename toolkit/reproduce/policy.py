"""What a project allows its executions to touch."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from toolkit import scope
from toolkit.errors import ToolkitError
from toolkit.publish.fields import shown

SCOPE = "scope.yaml"
PYPROJECT = "pyproject.toml"
SIGNING_KEY = "TOOLKIT_SIGNING_KEY"  # no kernel sees it, whatever a project allows
# what is read elsewhere: outputs, ledger and lint
_KEYS = ("inputs", "network", "environment", "outputs", "ledger", "lint")


@dataclass(eq=False)
class PolicyError(ToolkitError, ValueError):
    """A project's ``[tool.toolkit]`` says something that cannot be meant."""

    path: str
    key: str
    found: str
    expected: str

    def __str__(self) -> str:
        return (
            f"{self.path}: [tool.toolkit] {self.key}: found {self.found}, "
            f"expected {self.expected}"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """Which files, network and variables an execution may use."""

    declared: tuple[str, ...] = ()  # paths, folders and globs, from the project's root
    strict: bool = False  # reading any other file is an error
    network: bool = False  # True: allowed
    environment: tuple[str, ...] = ()  # variables that pass


def load_policy(root: Path) -> Policy:
    """Return what ``scope.yaml`` and pyproject's ``[tool.toolkit]`` allow together.

    Parameters
    ----------
    root : of the project; both files may be missing

    Raises
    ------
    ScopeError : if the scope says something wrong
    PolicyError : if a key in ``[tool.toolkit]`` is unknown, or a value cannot be meant
    """
    table = _table(root / PYPROJECT)
    _refuse_unknown(root, table)
    declared = _names(root, table, "inputs")
    environment = _names(root, table, "environment")
    strict, network = False, _allowed(root, table)
    path = root / SCOPE
    if path.is_file():
        asked = scope.load(path)
        declared += tuple(sorted({t.source for t in asked.tables.values()}))
        strict = asked.inputs == "declared"
        network = network or asked.network == "allowed"
        environment += asked.environment
    return Policy(
        declared=tuple(dict.fromkeys(declared)),
        strict=strict,
        network=network,
        environment=tuple(dict.fromkeys(environment)),
    )


def _table(path: Path) -> Mapping[str, object]:
    """Return pyproject's table; a file that cannot be read is for others to report."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    tool = document.get("tool", {})
    table = tool.get("toolkit", {}) if isinstance(tool, dict) else {}
    return table if isinstance(table, dict) else {}


def _refuse_unknown(root: Path, table: Mapping[str, object]) -> None:
    for key in table:
        if key not in _KEYS:
            close = get_close_matches(key, _KEYS, n=1)
            raise PolicyError(
                path=str(root / PYPROJECT),
                key=key,
                found="an unknown key",
                expected=f"{close[0]!r}?" if close else f"one of {', '.join(_KEYS)}",
            )


def _names(root: Path, table: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise PolicyError(
        path=str(root / PYPROJECT),
        key=key,
        found=shown(value),
        expected='a list of texts, ["a", "b"]',
    )


def _allowed(root: Path, table: Mapping[str, object]) -> bool:
    value = table.get("network", "refused")
    if value in ("refused", "allowed"):
        return value == "allowed"
    raise PolicyError(
        path=str(root / PYPROJECT),
        key="network",
        found=shown(value),
        expected="'refused' or 'allowed'",
    )
