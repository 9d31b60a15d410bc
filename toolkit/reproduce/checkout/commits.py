"""A commit's files in a folder of their own; the repository stays as it is."""

import tempfile
from pathlib import Path

from toolkit.reproduce.checkout.gaps import fill_gaps
from toolkit.reproduce.checkout.git import Borrowed, CheckoutError, Repository


def checkout(root: Path, commit: str, target: Path) -> tuple[str, ...]:
    """Write the project's files, as they are in a commit, into a folder.

    If the project is a sub-folder of its repository, only that one is written. The
    commit's own attributes apply (line endings, encodings), filters do not; a file that
    Git LFS keeps is taken from the repository's own store, if it is there. The files
    are dated now, as git does it. There is no ``.git`` among them.

    Parameters
    ----------
    root : of the project: in a git repository or a linked work tree, or a bare clone
    commit : its name, whole or shortened
    target : is made, or is an empty folder

    Returns
    -------
    notes : what is not as it would be in a work tree: sub-modules, files that Git LFS
        keeps elsewhere, files that a filter would have changed

    Raises
    ------
    CheckoutError : if there is no git, repository or such a commit, if the project was
        not in it yet, or if the files cannot be written; the target is empty then
    """
    repository = Repository(root)
    whole = repository.find(commit)
    try:
        target.mkdir(parents=True, exist_ok=True)
        _check_empty(target)
        with tempfile.TemporaryDirectory(
            prefix=".checkout-", dir=target, ignore_cleanup_errors=True
        ) as made:
            return _written(Borrowed(Path(made), repository), whole, target)
    except CheckoutError:
        raise
    except OSError as error:
        raise CheckoutError(
            where=str(target),
            found=f"cannot be written ({error.strerror or error})",
            expected="free some space, or choose another folder (TMPDIR)",
        ) from error


def _check_empty(target: Path) -> None:
    if any(target.iterdir()):
        raise CheckoutError(
            where=str(target), found="is not empty", expected="name an empty folder"
        )


def _written(git: Borrowed, commit: str, target: Path) -> tuple[str, ...]:
    """Check out through the git folder that is borrowed, then move the files."""
    entries = git.check_out(commit)
    found = git.tree / git.repository.prefix
    notes = fill_gaps(
        found, entries, filters=git.filters(entries), repository=git.repository
    )
    for path in found.iterdir():
        path.rename(target / path.name)
    return notes
