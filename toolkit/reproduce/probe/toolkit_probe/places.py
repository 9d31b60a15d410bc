"""Where in the notebook or the project something happens, from the stack."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    Place = tuple[str | None, int]  # file of the project (None: the cell), line

_CELL = ""
_TIMED = ("<timed exec>", "<timed eval>")  # what %time and %%time compile
_STDLIB = os.path.dirname(os.__file__) + os.sep  # noqa: PTH120 -- fast


class Places:
    """Finds the line of a cell or of a project's file that is being executed."""

    def __init__(self, roots: tuple[str, ...]) -> None:
        self._roots = tuple(root.rstrip("/") + "/" for root in roots)
        self._known: dict[str, str | None] = {}

    def file(self, name: str) -> str | None:
        """Return a code's file, relative; "" for a cell, None for anything else."""
        try:
            return self._known[name]
        except KeyError:
            found = self._known[name] = self._classified(name)
            return found

    def at(self, frame: FrameType | None) -> Place | None:
        """Return this frame's place; None if it is no cell's and no project file's."""
        if frame is None:
            return None
        file = self.file(frame.f_code.co_filename)
        if file is None:
            return None
        return (file or None), frame.f_lineno

    def innermost(self, frame: FrameType | None) -> Place | None:
        """Return the place that is nearest to this frame, outwards."""
        inside = 0  # line within what %%time compiled
        while frame is not None:
            code = frame.f_code
            if code.co_filename in _TIMED:
                inside = frame.f_lineno
            elif inside and code.co_name == "run_line_magic":
                inside = 0
            else:
                file = self.file(code.co_filename)
                if file is not None:
                    return (file or None), frame.f_lineno + (0 if file else inside)
            frame = frame.f_back
        return None

    def _classified(self, name: str) -> str | None:
        folder, _, base = name.rpartition("/")
        made = folder.rpartition("/")[2].startswith("ipykernel_")
        if (made and base.endswith(".py")) or name.startswith("<ipython-input-"):
            return _CELL
        if name.startswith("<"):
            return None
        if not name.startswith("/"):
            name = os.path.abspath(name)  # noqa: PTH100 -- pathlib is slow to import
        for root in self._roots:
            if name.startswith(root) and "/site-packages/" not in name:
                return name[len(root) :]
        return None


def stdlib(*modules: str) -> frozenset[str]:
    """Return the files that the code of these modules names, frozen or not."""
    files = {f"<frozen {module}>" for module in modules}
    return frozenset(files | {f"{_STDLIB}{module}.py" for module in modules})


def outside(frame: FrameType | None, passed: frozenset[str]) -> FrameType | None:
    """Return the first frame, outwards, whose code is in none of these files."""
    while frame is not None and frame.f_code.co_filename in passed:
        frame = frame.f_back
    return frame


def caller(depth: int) -> FrameType | None:
    """Return a frame by its depth below the function that asks."""
    try:
        return sys._getframe(depth + 1)  # noqa: SLF001 -- the only way to it
    except ValueError:
        return None
