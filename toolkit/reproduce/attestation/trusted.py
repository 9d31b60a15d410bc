"""The public keys that a project names, in a file that is reviewed as code is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from toolkit.errors import ToolkitError
from toolkit.publish.fields import FieldError, decode, shown
from toolkit.reproduce.attestation.keys import BadKeyError, PublicKey, parse_public

if TYPE_CHECKING:
    from yaml.nodes import Node

TRUSTED = "trusted-keys.yaml"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
Role: TypeAlias = Literal["ci", "reviewer"]
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?")
_MOST = 1_000_000  # characters


@dataclass(eq=False)
class TrustedKeysError(ToolkitError, ValueError):
    """The file of trusted keys says something that cannot be meant; none is trusted."""

    path: str
    at: str  # "keys[0].role"
    found: str
    expected: str

    def __str__(self) -> str:
        at = f" {self.at}:" if self.at else ""
        return f"{self.path}:{at} found {self.found}, expected {self.expected}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Revoked:
    """That a key counts no more, whenever it signed: its thief writes any date."""

    on: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TrustedKey:
    """A public key that the project names."""

    name: str
    key: PublicKey
    role: Role
    not_before: datetime  # first moment at which it may sign
    not_after: datetime  # from then on it may not
    revoked: Revoked | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    name: str
    public: str
    id: str
    role: Role
    not_before: str
    not_after: str
    revoked: Revoked | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    schema: Literal["1"]
    keys: tuple[_Entry, ...]


def load_trusted(root: Path) -> tuple[TrustedKey, ...]:
    """Return the keys that a project trusts; none where it has no such file.

    Raises
    ------
    TrustedKeysError : if the file cannot be read, or one of its lines not be meant
    """
    path = root / TRUSTED
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        found = getattr(error, "strerror", None) or "no UTF-8"
        raise TrustedKeysError(
            path=str(path), at="", found=found, expected="YAML in UTF-8"
        ) from error
    return parse_trusted(text, name=str(path))


def parse_trusted(text: str, *, name: str = TRUSTED) -> tuple[TrustedKey, ...]:
    """Return the keys that the text of a ``trusted-keys.yaml`` names.

    Raises
    ------
    TrustedKeysError : on the first thing that is not as it must be; it says where
    """
    try:
        plain = _plain(root_node(text, name), "")
        file = decode(_File, plain)
        keys = tuple(_key(one, f"keys[{at}]") for at, one in enumerate(file.keys))
        _refuse_twins(keys)
    except FieldError as error:
        raise TrustedKeysError(
            path=name, at=error.at, found=error.found, expected=error.expected
        ) from error
    except BadKeyError as error:
        raise TrustedKeysError(
            path=name, at=error.where, found=error.found, expected=error.expected
        ) from error
    return keys


def root_node(text: str, name: str) -> "Node":
    """Return the root of the YAML; see :func:`parse_trusted` for what it raises."""
    from toolkit.scope.nodes import compose  # noqa: PLC0415 -- slow
    from toolkit.scope.problems import ScopeError  # noqa: PLC0415

    if len(text) > _MOST:
        found = f"{len(text)} characters"
        raise TrustedKeysError(path=name, at="", found=found, expected="a short list")
    try:
        node = compose(text, name=name)
    except ScopeError as error:
        problem = error.problems[0]
        raise TrustedKeysError(
            path=name,
            at=f"line {problem.place.line}",
            found=problem.found,
            expected="YAML",
        ) from error
    if node is None:
        raise TrustedKeysError(
            path=name, at="", found="nothing", expected="'schema: 1'"
        )
    return node


def parse_date(text: str, at: str) -> datetime:
    """Return the moment that a date names: its beginning, in UTC.

    Raises
    ------
    FieldError : if it is none

    Examples
    --------
    >>> parse_date("2026-11-24", "").isoformat()
    '2026-11-24T00:00:00+00:00'
    """
    expected = "'2026-11-24' or '2026-11-24T08:00:00Z'"
    try:
        if _DATE.fullmatch(text):
            return datetime.fromisoformat(text.rstrip("Z")).replace(tzinfo=UTC)
    except ValueError:
        pass
    raise FieldError(at=at, found=shown(text), expected=expected)


def _plain(node: "Node", at: str, depth: int = 0) -> object:
    """Return lists, mappings and texts; never what YAML makes of a text."""
    from yaml.nodes import MappingNode, ScalarNode, SequenceNode  # noqa: PLC0415

    if isinstance(node, ScalarNode):
        return str(node.value)
    if depth > 4:  # noqa: PLR2004 -- of the file: keys, a key, revoked, its reason
        raise FieldError(
            at=at, found="too many nested levels", expected="a key's lines"
        )
    if isinstance(node, SequenceNode):
        return [_plain(x, f"{at}[{i}]", depth + 1) for i, x in enumerate(node.value)]
    assert isinstance(node, MappingNode)  # noqa: S101 -- there is no other kind
    plain: dict[str, object] = {}
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            raise FieldError(at=at, found="a key that is no text", expected="a word")
        if key.value in plain:
            found = f"the key {shown(key.value)} twice"
            raise FieldError(at=at, found=found, expected="each key once")
        inside = f"{at}.{key.value}" if at else str(key.value)
        plain[key.value] = _plain(value, inside, depth + 1)
    return plain


def _key(entry: _Entry, at: str) -> TrustedKey:
    if not NAME.fullmatch(entry.name):
        raise FieldError(
            at=f"{at}.name",
            found=ascii(entry.name)[:60],  # letters that only look alike are told apart
            expected="plain lower-case letters, digits, '.', '_' and '-'",
        )
    key = parse_public(entry.public, where=f"{at}.public")
    if entry.id != key.id:
        raise FieldError(
            at=f"{at}.id",
            found=ascii(entry.id)[:80],
            expected=f"{key.id}, which is the id of that public key",
        )
    begin = parse_date(entry.not_before, f"{at}.not_before")
    end = parse_date(entry.not_after, f"{at}.not_after")
    if not begin < end:
        raise FieldError(
            at=f"{at}.not_after",
            found=shown(entry.not_after),
            expected=f"a later date than not_before, {entry.not_before}",
        )
    if entry.revoked is not None:
        parse_date(entry.revoked.on, f"{at}.revoked.on")
        if not entry.revoked.reason.strip():
            reason = f"{at}.revoked.reason"
            raise FieldError(at=reason, found="nothing", expected="why, in a few words")
    return TrustedKey(
        name=entry.name,
        key=key,
        role=entry.role,
        not_before=begin,
        not_after=end,
        revoked=entry.revoked,
    )


def _refuse_twins(keys: Sequence[TrustedKey]) -> None:
    seen: Mapping[str, set[str]] = {"name": set(), "public": set()}
    for at, one in enumerate(keys):
        for field, value in (("name", one.name), ("public", one.key.id)):
            if value in seen[field]:
                raise FieldError(
                    at=f"keys[{at}].{field}",
                    found=f"the same {field} as of another key",
                    expected="each name and each key once",
                )
            seen[field].add(value)
