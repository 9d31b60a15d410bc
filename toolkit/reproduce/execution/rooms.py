"""The room of one execution: its folders, and what may be done in them."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from toolkit.publish.claims import RUN_FOLDER
from toolkit.reproduce.execution.importing import import_roots
from toolkit.reproduce.execution.mentions import mentioned_paths
from toolkit.reproduce.execution.prepared import Surround
from toolkit.reproduce.execution.quarters import FOLDERS, HOME, OTHER_HOME, TMP
from toolkit.reproduce.execution.watchdog import Limits
from toolkit.reproduce.notebook import Notebook
from toolkit.reproduce.parameters.values import Values
from toolkit.reproduce.policy import Policy
from toolkit.reproduce.records.store import UPSTREAM
from toolkit.reproduce.tracing.confinement import confine
from toolkit.reproduce.tracing.probing import Probe, Settings
from toolkit.reproduce.variation import Variation
from toolkit.reproduce.workspace.making import Workspace
from toolkit.reproduce.workspace.patterns import Patterns


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a notebook's files are, and what executes it."""

    root: Path  # of the project, or of a checkout of it
    notebook: str  # path from there, with "/"
    python: Path = field(default_factory=lambda: Path(sys.executable))
    upstream: Mapping[str, Path] = field(default_factory=dict)  # run folders
    hidden: tuple[Path, ...] = ()  # folders that must not be seen
    supplied: Mapping[str, Path] = field(default_factory=dict)  # files not in root


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """How to execute it."""

    variation: Variation = field(default_factory=Variation)
    until: int | None = None  # index of the last cell to execute
    fingerprints: bool = False  # of each variable, after each cell
    watch_calls: bool = False  # of the clock, of generators and the like
    limits: Limits = field(default_factory=Limits)
    wait: bool = False  # for another execution of this notebook to end
    elsewhere: bool = False  # files outside the project are not there, unless declared


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """The folders of one execution, and what may be done in them."""

    place: Place
    policy: Policy
    home: Path
    copy: Workspace
    folder: Path

    def outside(
        self, notebook: Notebook, values: Values, told: Told
    ) -> tuple[Path, ...]:
        """Return the files and folders outside the project that may be read."""
        hidden = (self.place.root, *self.place.hidden)
        named = mentioned_paths(notebook, values.effective, hidden)
        if not told.elsewhere:
            return named
        declared = Patterns(self.policy.declared, project=self.place.root)
        return tuple(path for path in named if declared.covers(str(path)))

    def settings(self, told: Told, outside: Sequence[Path]) -> Settings:
        """Return what the probe in the kernel is told."""
        readable, writable = confine(
            self.place.root,
            self.place.python,
            also_read=(
                *self.copy.real_places,
                *self.place.upstream.values(),
                *outside,
            ),
            write=(
                *(self.home / name for name in FOLDERS),
                self.copy.root,
                self.folder,
            ),
        )
        return Settings(
            workspace=self.copy.root,
            project=self.place.root,
            readable=readable,
            writable=writable,
            network=self.policy.network,
            variation=told.variation,
            fingerprints=told.fingerprints,
            watch_calls=told.watch_calls,
        )

    def surround(self, told: Told, probe: Probe) -> Surround:
        """Return where the kernel starts."""
        inside = PurePosixPath(self.place.notebook).parent
        home = self.home / (OTHER_HOME if "home" in told.variation.names else HOME)
        roots = import_roots(self.copy.root, self.place.python)
        passed = {n: os.environ[n] for n in self.policy.environment if n in os.environ}
        folders = {name: str(path) for name, path in self.place.upstream.items()}
        return Surround(
            home=self.home,
            cwd=self.copy.root / inside,
            folder=self.folder,
            limits=told.limits,
            python=self.place.python,
            variables={
                **passed,
                "HOME": str(home),
                "PYTHONPATH": os.pathsep.join(map(str, (probe.path_entry, *roots))),
                RUN_FOLDER: str(self.folder),
                UPSTREAM: json.dumps(folders),
                **probe.variables,
            },
        )

    def names(self) -> Mapping[str, str]:
        """Return what outputs call these folders, wherever they are."""
        named = {
            self.copy.root: "<project>",
            self.folder: "<run>",
            self.home / TMP: "<tmp>",
            self.home / HOME: "<home>",
            self.home / OTHER_HOME: "<home>",
            self.home: "<room>",
        }
        return {
            str(each): name
            for path, name in named.items()
            for each in (path, path.resolve())
        }
