"""What a project says of its ledger: ``[tool.toolkit.ledger]`` in pyproject.toml."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from toolkit.errors import ToolkitError
from toolkit.ledger.finding import KINDS, Finding
from toolkit.publish.fields import FieldError, decode, shown
from toolkit.reproduce.policy import PYPROJECT

TABLE = "tool.toolkit.ledger"
_SECRET = re.compile(
    r"secret|token|passw|credential|(^|_)(key|sig|sas)($|_)|auth", re.IGNORECASE
)
_IN_URL = re.compile(r"[a-z0-9+.-]+://[^/@]*:[^/@]*@", re.IGNORECASE)
_URL = re.compile(r"[a-z0-9+.-]+://.*", re.IGNORECASE)


@dataclass(eq=False)
class LedgerSettingsError(ToolkitError, ValueError):
    """A project's ``[tool.toolkit.ledger]`` says something that cannot be meant."""

    at: str  # "pyproject.toml: tool.toolkit.ledger.artifacts"
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.at}: found {self.found}; {self.expected}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """A finding that the project knows of, and why it may stay."""

    code: str
    run: str
    why: str

    def covers(self, finding: Finding) -> bool:
        """Tell whether it is this finding."""
        return (finding.code, finding.run) == (self.code, self.run)


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Where heavy files lie, and which findings are known."""

    artifacts: str | None = None  # a URL that fsspec knows
    options: Mapping[str, object] = field(default_factory=dict)  # for fsspec; no secret
    timeout_s: float = 60.0  # for an answer of the store
    accepted: tuple[Accepted, ...] = ()


def load_settings(root: Path) -> Settings:
    """Return what the project in a folder says of its ledger.

    Raises
    ------
    LedgerSettingsError : as :func:`parse_settings`
    """
    path = root / PYPROJECT
    return parse_settings(path.read_bytes()) if path.is_file() else Settings()


def parse_settings(content: bytes) -> Settings:
    """Return what a ``pyproject.toml`` says of the ledger; defaults if nothing.

    Raises
    ------
    LedgerSettingsError : if it is no TOML, or a value cannot be meant, or holds what
        should be secret: a project's file is read by everybody

    Examples
    --------
    >>> parse_settings(b"tool.toolkit.ledger.artifacts = 's3://runs/pumps'").artifacts
    's3://runs/pumps'
    """
    try:
        document = tomllib.loads(content.decode("utf-8"))
    except ValueError as error:
        raise LedgerSettingsError(
            at=PYPROJECT, found=f"no TOML ({error})", expected="mend it"
        ) from error
    table: object = document
    for name in TABLE.split("."):
        table = table.get(name, {}) if isinstance(table, dict) else {}
    try:
        plain = {"options": {}, **table} if isinstance(table, dict) else table
        settings = decode(Settings, plain)
    except FieldError as error:
        _refuse(error.at, error.found, f"expected {error.expected}")
    _check_url(settings.artifacts)
    _check_options(settings)
    _check_accepted(settings.accepted)
    return settings


def no_place() -> LedgerSettingsError:
    """Return the error of a project that does not say where heavy files go."""
    return LedgerSettingsError(
        at=f"{PYPROJECT}: {TABLE}.artifacts",
        found="nothing",
        expected="write where heavy files go: artifacts = 's3://bucket/folder'",
    )


def _check_url(url: str | None) -> None:
    if url is None:
        return
    if _IN_URL.match(url):
        _refuse(
            "artifacts",
            "a password",
            "give it by the environment (docs/ledger.md), and change it: it is known",
        )
    if not _URL.fullmatch(url):
        expected = "write a URL: 's3://bucket/folder', 'file:///srv/runs'"
        _refuse("artifacts", shown(url), expected)


def _check_options(settings: Settings) -> None:
    for name in _names(settings.options):
        if _SECRET.search(name):
            expected = "give secrets by the environment (docs/ledger.md), never here"
            _refuse(f"options.{name}", "what should be secret", expected)
    if settings.timeout_s <= 0:
        found = shown(settings.timeout_s)
        _refuse("timeout_s", found, "write seconds, more than 0")


def _names(options: Mapping[str, object]) -> Sequence[str]:
    inner = [each for each in options.values() if isinstance(each, Mapping)]
    return [*options, *(name for each in inner for name in _names(each))]


def _check_accepted(accepted: Sequence[Accepted]) -> None:
    for i, one in enumerate(accepted):
        if one.code not in KINDS:
            expected = f"one of {', '.join(KINDS)}"
            _refuse(f"accepted[{i}].code", shown(one.code), expected)
        if not one.why.strip():
            expected = "say why it may stay, in a sentence"
            _refuse(f"accepted[{i}].why", "nothing", expected)


def _refuse(at: str, found: str, expected: str) -> NoReturn:
    where = f"{PYPROJECT}: {TABLE}"
    if at:
        where += f".{at}"
    raise LedgerSettingsError(at=where, found=found, expected=expected)
