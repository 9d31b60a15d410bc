"""All rules, from the modules ``rules_*`` of this package; codes are theirs alone."""

import pkgutil
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from toolkit import lint
from toolkit.errors import ToolkitError
from toolkit.lint import suppression
from toolkit.lint.model import Rule

_CODE = re.compile(r"[A-Z]{3,4}\d{3}")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(eq=False)
class RegistryError(ToolkitError, ValueError):
    """The rules cannot be told apart."""

    code: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"rule {self.code}: found {self.found}, expected {self.expected}"


@cache
def all_rules() -> tuple[Rule, ...]:
    """Return every rule, sorted by its code.

    Raises
    ------
    RegistryError : if two have one code or one name, or a code is of another form
    """
    modules = sorted(
        module.name
        for module in pkgutil.iter_modules(lint.__path__)
        if module.name.startswith("rules_")
    )
    found = [*suppression.RULES]
    for name in modules:
        found += import_module(f"{lint.__name__}.{name}").RULES
    return checked(found)


def checked(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules sorted by their codes.

    Raises
    ------
    RegistryError : if two have one code or one name, or a code is of another form
    """
    known: dict[str, Rule] = {}
    names: dict[str, str] = {}
    for rule in rules:
        if not _CODE.fullmatch(rule.code):
            raise RegistryError(rule.code, "that code", "letters and three digits")
        if not _NAME.fullmatch(rule.name):
            raise RegistryError(rule.code, f"the name {rule.name!r}", "words-like-this")
        if rule.code in known:
            raise RegistryError(rule.code, "it twice", "each code once")
        if rule.name in names:
            raise RegistryError(
                rule.code,
                f"the name {rule.name!r}, that of {names[rule.name]}",
                "each name once",
            )
        known[rule.code] = rule
        names[rule.name] = rule.code
    return tuple(known[code] for code in sorted(known))


@cache
def rules_by_code() -> Mapping[str, Rule]:
    """Return every rule by its code."""
    return {rule.code: rule for rule in all_rules()}
