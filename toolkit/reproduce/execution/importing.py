"""Whether a project's own packages can be imported where its notebooks run."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

_SITE = frozenset(("site-packages", "dist-packages"))


def import_roots(root: Path, python: Path) -> tuple[Path, ...]:
    """Return the folders of a copied project that belong on its kernel's path.

    A notebook that can import its project's packages, because they are installed in
    place, shall find those of the copy. What is not importable stays so. An interpreter
    that was built from a lock has none of them installed: there they count as if.

    Parameters
    ----------
    root : of the copy
    python : that executes the kernel
    """
    foreign = python != Path(sys.executable)
    return tuple(
        folder
        for folder in (root, root / "src")
        if folder.is_dir()
        and any(foreign or _is_in_place(name) for name in _packages(folder))
    )


def _packages(folder: Path) -> Iterator[str]:
    for entry in sorted(folder.iterdir()):
        if entry.name.isidentifier() and (entry / "__init__.py").is_file():
            yield entry.name


def _is_in_place(name: str) -> bool:
    """Return whether this interpreter imports it, but from no folder of packages."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    origin = spec.origin if spec else None
    if not origin or origin in ("built-in", "frozen"):
        return False
    return _SITE.isdisjoint(Path(origin).parts) and not Path(origin).is_relative_to(
        sys.base_prefix
    )
