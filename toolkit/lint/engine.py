"""Notebooks in, findings out: read or remembered, chosen by the project, counted."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from toolkit.errors import ToolkitError
from toolkit.lint.cache import Readings, reading_key
from toolkit.lint.choosing import Choice, Finding, chosen
from toolkit.lint.configuration import Configuration, load_configuration
from toolkit.lint.hits import Reading, RuleError, read
from toolkit.lint.model import Rule
from toolkit.lint.registry import all_rules
from toolkit.lint.surroundings import Neighbourhoods
from toolkit.publish.results import Sha256
from toolkit.reproduce.notebook import NotebookError
from toolkit.reproduce.workspace.patterns import Patterns

_PASSED_OVER = frozenset(("node_modules", "__pycache__", "runs"))  # and hidden ones
Narrow: TypeAlias = Callable[[Configuration], Configuration]


@dataclass(eq=False)
class NothingToLintError(ToolkitError):
    """There is no notebook where some were asked for."""

    places: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{', '.join(self.places)}: no notebook there; name notebooks or "
            f"folders of them"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Unchecked:
    """A notebook of which nothing can be said."""

    path: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What was found in all notebooks."""

    notebooks: int  # that were looked at
    findings: tuple[Finding, ...] = ()  # those that count
    suppressed: tuple[Finding, ...] = ()  # with the reason
    unchecked: tuple[Unchecked, ...] = ()

    @property
    def failing(self) -> tuple[Finding, ...]:
        """The findings of which one is enough to fail."""
        return tuple(finding for finding in self.findings if finding.fails)


def _as_it_is(configuration: Configuration) -> Configuration:
    return configuration


@dataclass(kw_only=True)
class Linter:
    """Reads notebooks, and remembers what they and their projects said.

    Parameters
    ----------
    environ : environment variables of this process
    narrow : what the command line makes of a project's configuration
    cached : whether readings are kept between calls
    rules : what is looked for
    """

    environ: Mapping[str, str]
    narrow: Narrow = _as_it_is
    cached: bool = True
    rules: tuple[Rule, ...] = field(default_factory=all_rules)
    _around: Neighbourhoods = field(default_factory=Neighbourhoods)
    _sources: dict[str, tuple[str, Sha256]] = field(default_factory=dict)
    _readings: dict[Path, Readings] = field(default_factory=dict)
    _configurations: dict[Path, Configuration] = field(default_factory=dict)

    @cached_property
    def _by_code(self) -> Mapping[str, Rule]:
        return {rule.code: rule for rule in self.rules}

    def lint(self, paths: Iterable[Path]) -> Report:
        """Return what is found in notebooks and in folders of them.

        Raises
        ------
        NothingToLintError : if there is no notebook
        PolicyError : if a project's configuration cannot be meant
        """
        named = list(paths)
        files = self.notebooks(named)
        if not files:
            raise NothingToLintError(tuple(map(str, named)))
        findings: list[Finding] = []
        unchecked: list[Unchecked] = []
        for path in files:
            try:
                findings += self.findings(path, content_of(path))
            except (NotebookError, RuleError) as error:
                unchecked.append(
                    Unchecked(path=_shown(_whole(path)), reason=str(error))
                )
        self.save()
        return Report(
            notebooks=len(files) - len(unchecked),
            findings=tuple(f for f in findings if f.suppressed is None),
            suppressed=tuple(f for f in findings if f.suppressed is not None),
            unchecked=tuple(unchecked),
        )

    def notebooks(self, paths: Iterable[Path]) -> tuple[Path, ...]:
        """Return the notebooks that are named, and those of folders, each once.

        A notebook that is named is taken even if the project excludes it.
        """
        found: dict[Path, Path] = {}
        for path in paths:
            if path.is_dir():
                for each in _below(path):
                    if not self._is_excluded(each):
                        found.setdefault(_whole(each), each)
            else:
                found.setdefault(_whole(path), path)
        return tuple(found.values())

    def findings(self, path: Path, content: bytes) -> tuple[Finding, ...]:
        """Return the findings of one notebook, suppressed ones too.

        Parameters
        ----------
        path : where it lies
        content : its bytes

        Raises
        ------
        NotebookError : if it is no Python notebook
        RuleError : if a rule broke down over it
        PolicyError : if its project's configuration cannot be meant
        """
        whole = _whole(path)
        around = self._around.of(whole)
        choice = Choice(
            path=around.shown(whole),
            shown=_shown(whole),
            root=around.root,
            configuration=self.configuration(around.root),
            rules=self._by_code,
        )
        return chosen(self._reading(whole, choice.path, content), choice)

    def configuration(self, root: Path) -> Configuration:
        """Return what a project asks for, with what the command line does."""
        if root not in self._configurations:
            loaded = load_configuration(root, tuple(self._by_code))
            self._configurations[root] = self.narrow(loaded)
        return self._configurations[root]

    def configuration_of(self, path: Path) -> Configuration:
        """Return what the project of a notebook asks for.

        Raises
        ------
        PolicyError : if it cannot be meant
        """
        return self.configuration(self._around.of(_whole(path)).root)

    def save(self) -> None:
        """Keep what was read for the next call."""
        for readings in self._readings.values():
            readings.save()

    def _reading(self, path: Path, shown: str, content: bytes) -> Reading:
        around = self._around.of(path)
        surroundings, files = around.surroundings(self._sources)
        if not self.cached:
            return read(content, path=shown, around=surroundings, rules=self.rules)
        if around.root not in self._readings:
            self._readings[around.root] = Readings(around.root, self.environ)
        readings = self._readings[around.root]
        key = reading_key(shown, content, around.digest, self._by_code)
        reading = readings.find(shown, key, around.paths, self._sources)
        if reading is None:
            reading = read(content, path=shown, around=surroundings, rules=self.rules)
            readings.keep(shown, key, files.read, reading)
        return reading

    def _is_excluded(self, path: Path) -> bool:
        whole = _whole(path)
        around = self._around.of(whole)
        exclude = self.configuration(around.root).exclude
        if not exclude:
            return False
        patterns = Patterns(exclude, project=around.root)
        return patterns.covers(around.shown(whole))


def content_of(path: Path) -> bytes:
    """Return a notebook's bytes.

    Raises
    ------
    NotebookError : if it cannot be read
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotebookError(
            path=str(path),
            found=error.strerror or "cannot be read",
            expected="give the path of an .ipynb",
        ) from error


def _below(folder: Path) -> Iterator[Path]:
    """Yield the notebooks of a folder in the order of their names."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in _PASSED_OVER
        )
        for name in sorted(names):
            if name.endswith(".ipynb") and not name.startswith("."):
                yield Path(place, name)


def _whole(path: Path) -> Path:
    """Return where a notebook lies; a link to one lies where the link does."""
    return path.parent.resolve() / path.name


def _shown(whole: Path) -> str:
    """Return the path as it is typed here."""
    here = Path.cwd()
    inside = whole.is_relative_to(here)
    return (whole.relative_to(here) if inside else whole).as_posix()
