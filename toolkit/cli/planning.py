"""Which notebooks a verb is about, and with which values."""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.reproduce.execution.runner import Project
    from toolkit.reproduce.pipeline.cache import Cache
    from toolkit.reproduce.pipeline.plans import Plan


def add_selection(parser: ArgumentParser) -> None:
    """Add what names notebooks, values and the folder of runs."""
    parser.add_argument(
        "notebooks",
        nargs="*",
        type=Path,
        metavar="NOTEBOOK",
        help="notebooks, or folders of them (default: notebooks/ of the project)",
    )
    parser.add_argument(
        "-p",
        dest="parameters",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set a parameter; n=10,20,50 runs once for each value",
    )
    parser.add_argument(
        "-f",
        dest="files",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="set parameters from a YAML file; -p comes before it",
    )
    add_runs_dir(parser)


def add_runs_dir(parser: ArgumentParser, option: str = "--runs") -> None:
    """Add what names the folder of runs."""
    parser.add_argument(
        option,
        type=Path,
        metavar="DIR",
        help="the folder of runs (default: runs/ of the project)",
    )


def planned_of(args: Namespace) -> "tuple[Project, Plan]":
    """Return the project and what is to be executed.

    Raises
    ------
    ToolkitError : if something is wrong with a notebook or a value
    """
    from toolkit.reproduce.execution.runner import Project  # noqa: PLC0415
    from toolkit.reproduce.parameters.arguments import (  # noqa: PLC0415
        parse_assignment,
        parse_file,
    )
    from toolkit.reproduce.pipeline.plans import find_notebooks, plan  # noqa: PLC0415
    from toolkit.reproduce.project import RUNS, find_root  # noqa: PLC0415

    first = args.notebooks[0] if args.notebooks else Path()
    root = find_root(first if first.is_dir() else first.parent)
    paths: list[Path] = []
    for path in args.notebooks or [_shown(root / "notebooks")]:
        paths += find_notebooks(path) if path.is_dir() or not args.notebooks else [path]
    project = Project(root=root, runs_dir=args.runs or _shown(root / RUNS))
    in_files = [
        given
        for path in args.files
        for given in parse_file(path.read_bytes(), where=str(path))
    ]
    given = [parse_assignment(text) for text in args.parameters]
    return project, plan(paths, project, given, in_files)


def cache_of(project: "Project") -> "Cache":
    """Return what knows which earlier runs of a project stand."""
    from toolkit.reproduce.fingerprints import kept_fingerprints  # noqa: PLC0415
    from toolkit.reproduce.pipeline.cache import Cache  # noqa: PLC0415

    return Cache(project, kept_fingerprints(project.root, os.environ), os.environ)


def _shown(path: Path) -> Path:
    """Return a path as seen from here, where that is shorter."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
