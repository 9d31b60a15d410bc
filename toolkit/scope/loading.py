"""Finding and reading ``scope.yaml``: the only part of the scope that touches disk."""

import os
from pathlib import Path

from toolkit.scope.nodes import place_in
from toolkit.scope.parsing import Draft, read
from toolkit.scope.problems import Problem, ScopeFileError
from toolkit.scope.values import Scope

FILE_NAME = "scope.yaml"


def load(path: str | Path | None = None) -> Scope:
    """Return the scope of a file, or of the ``scope.yaml`` that is nearest upwards.

    Parameters
    ----------
    path : path of the file, optional
        Without it the working folder and its parents are searched, in this order.

    Raises
    ------
    ScopeFileError : if there is no such file, or it cannot be read
    ScopeError : if it says something wrong, or lacks what every computation needs

    Examples
    --------
    >>> load("no-such-scope.yaml")
    Traceback (most recent call last):
    toolkit.scope.problems.ScopeFileError: no-such-scope.yaml: No such file or directory
    """
    return load_draft(path).finished()


def load_draft(path: str | Path | None = None) -> Draft:
    """Return all that a file states, leaves open and gets wrong.

    Raises
    ------
    ScopeFileError : if there is no such file, or it cannot be read
    """
    found = _nearest() if path is None else Path(path)
    try:
        content = found.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ScopeFileError(path=str(found), reason=reason) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec counts from behind the byte order mark, if there is one.
        before = error.object[: error.start].decode()
        problem = Problem(
            name=str(found),
            place=place_in(before, len(before)),
            key="",
            found=f"the byte 0x{error.object[error.start]:02x}",
            expected="text in UTF-8",
            advice="save the file as UTF-8",
        )
        return Draft(
            name=str(found), scope=None, open_questions=(), problems=(problem,)
        )
    root = os.path.realpath(found.parent)
    return read(text, name=str(found), root=root)


def _nearest() -> Path:
    """Return the path, relative to the working folder, of the nearest scope upwards."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FILE_NAME).is_file():
            return Path(os.path.relpath(folder / FILE_NAME))
    reason = (
        f"neither here nor in a folder above is a {FILE_NAME}; docs/scope.md has one"
    )
    raise ScopeFileError(path=str(here), reason=reason)
