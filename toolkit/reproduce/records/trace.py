"""What an execution was seen to do: files, modules, processes, network, variables."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from toolkit.publish.results import Sha256


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """What an execution was seen to do, and how it was kept from doing more.

    Paths are relative to the project, with ``/``; absolute where they lie outside.
    """

    inputs: Mapping[str, Sha256] = field(default_factory=dict)  # files that were read
    listed: Mapping[str, Sha256] = field(default_factory=dict)  # folders, by names
    absent: tuple[str, ...] = ()  # files of the project, looked for and not there
    written: Mapping[str, Sha256] = field(default_factory=dict)  # kept in ``files/``
    modules: tuple[str, ...] = ()  # the project's own, imported
    processes: tuple[str, ...] = ()  # programs that were started
    network: tuple[str, ...] = ()  # attempts, "example.org:443"
    environment: Mapping[str, Sha256 | None] = field(
        default_factory=dict
    )  # None: unset
    undeclared: tuple[str, ...] = ()  # inputs that no scope names
    enforced: tuple[str, ...] = ()  # "network: refused, by a network namespace"


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One thing that was seen, and where in the notebook.

    ``kind`` is one of: read, write, delete, list, absent, module, process, network,
    environment, entropy, witness, enforced, refused, variable.
    """

    kind: str
    what: str  # a path, "host:port", a program, a name
    cell: int | None = None  # index of the executed cell; None before the first
    file: str | None = None  # of the project, whose line it is; None in the cell itself
    line: int | None = None  # of the cell or the file, from 1
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    """Something that no run may do: it fails the run, whatever the cell made of it."""

    cell: int | None
    found: str  # "changed data/x.csv, which is an input"
    expected: str  # what to do instead
