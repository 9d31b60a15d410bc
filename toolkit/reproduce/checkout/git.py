"""A repository that is only read, and a git folder that borrows its objects."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import ToolkitError

_SHOWN = 300  # characters of what git says
_FAILED = re.compile(rb"^(error|fatal):", re.MULTILINE)  # older gits exit with 0


@dataclass(eq=False)
class CheckoutError(ToolkitError, OSError):
    """A commit's files cannot be had."""

    where: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.where}: {self.found}; {self.expected}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One path that a commit holds."""

    path: str  # relative to the project
    submodule: bool


class Repository:
    """The repository around a project: asked, never changed.

    Parameters
    ----------
    root : of the project

    Raises
    ------
    CheckoutError : if there is no git, or no repository
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._environ = {
            k: v for k, v in os.environ.items() if not k.startswith("GIT_")
        }
        told = self._ask(
            "rev-parse",
            "--show-prefix",
            "--git-path",
            "objects",
            "--git-common-dir",
            "--show-object-format",
        )
        if told is None:
            raise CheckoutError(
                where=str(root),
                found="is in no git repository that can be read",
                expected="a commit's files are there alone; try: git status",
            )
        prefix, objects, shared, self.format = told.split("\n")[:4]
        self.prefix = prefix.rstrip("/")  # of the project in the repository
        self.objects = (root / objects).resolve()
        self.shared = (root / shared).resolve()

    def find(self, commit: str) -> str:
        """Return the whole name of a commit.

        Raises
        ------
        CheckoutError : if it is not here
        """
        named = commit and not commit.startswith("-") and commit.isprintable()
        whole = named and self._ask(
            "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}"
        )
        if whole:
            return whole.strip()
        shallow = (self._ask("rev-parse", "--is-shallow-repository") or "").strip()
        raise CheckoutError(
            where=str(self.root),
            found=f"has no commit {commit!r}",
            expected="this clone is shallow, get its history: git fetch --unshallow"
            if shallow == "true"
            else "get it from where it was made: git fetch --all",
        )

    def setting(self, name: str) -> str:
        """Return a setting of the repository or the user; empty if there is none."""
        return (self._ask("config", "--get", name) or "").strip()

    def _ask(self, *arguments: str) -> str | None:
        done = run_git(
            ["-C", str(self.root), *arguments], self._environ, where=self.root
        )
        if done.returncode:
            return None
        return os.fsdecode(done.stdout)


class Borrowed:
    """A git folder made for one checkout.

    It borrows the repository's objects and has no settings: no hook, no filter and no
    line ending of the user's own takes part, and no index, work tree or ref of the
    repository is touched.

    Parameters
    ----------
    made : an empty folder
    repository : whose commits are checked out

    Raises
    ------
    CheckoutError : if it cannot be written
    """

    def __init__(self, made: Path, repository: Repository) -> None:
        self.repository = repository
        self.tree = made / "tree"
        self._git = made / "git"
        self._environ = {
            **{k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
            "HOME": str(made),
            "XDG_CONFIG_HOME": str(made),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ATTR_NOSYSTEM": "1",
            "LC_ALL": "C",
        }
        self.tree.mkdir()
        kind = ["--object-format=sha256"] if repository.format == "sha256" else []
        self._call("-c", "init.defaultBranch=none", "init", "-q", "--template=", *kind)
        alternates = self._git / "objects" / "info" / "alternates"
        alternates.parent.mkdir(exist_ok=True)
        alternates.write_bytes(os.fsencode(repository.objects) + b"\n")

    def check_out(self, commit: str) -> tuple[Entry, ...]:
        """Write the project's files below ``tree``; return what the commit holds.

        Raises
        ------
        CheckoutError : if the project is not in it, or a file cannot be written
        """
        prefix = self.repository.prefix
        self._call("read-tree", commit)
        # By the index, not by "read-tree -u": a sub-folder alone, and nevertheless with
        # the attributes of the folders above it.
        only = ["--", f":(top,literal){prefix}"] if prefix else []
        listed = self._call("ls-files", "-z", "--stage", *only)
        staged = [each.partition("\t") for each in listed.split("\0") if each]
        cut = len(prefix) + 1 if prefix else 0
        inside = [(mode, path) for mode, _, path in staged if len(path) > cut]
        if prefix and not inside:
            raise CheckoutError(
                where=str(self.repository.root),
                found=f"is not in the commit {commit[:12]}",
                expected="it lay elsewhere then: verify in a clone of that commit",
            )
        paths = "".join(f"{path}\0" for _, path in inside)
        self._call("checkout-index", "-q", "-z", "--stdin", told=paths)
        (self.tree / prefix).mkdir(parents=True, exist_ok=True)
        return tuple(
            Entry(path=path[cut:], submodule=mode.startswith("160000"))
            for mode, path in inside
        )

    def filters(self, entries: Sequence[Entry]) -> Mapping[str, str]:
        """Return the filter that the attributes give a file, by its path."""
        start = f"{self.repository.prefix}/" if self.repository.prefix else ""
        paths = "".join(f"{start}{entry.path}\0" for entry in entries)
        told = self._call("check-attr", "-z", "--stdin", "filter", told=paths)
        flat = told.split("\0")
        return {
            path[len(start) :]: value
            for path, value in zip(flat[0::3], flat[2::3], strict=False)
            if value not in ("unspecified", "unset", "set")
        }

    def _call(self, *arguments: str, told: str = "") -> str:
        places = [f"--git-dir={self._git}", f"--work-tree={self.tree}"]
        done = run_git(
            ["-C", str(self.tree), *places, *arguments],
            self._environ,
            where=self.repository.root,
            told=os.fsencode(told),
        )
        if done.returncode or _FAILED.search(done.stderr):
            said = " ".join(done.stderr.decode("utf-8", "replace").split())[:_SHOWN]
            raise CheckoutError(
                where=str(self.repository.root),
                found=f"git cannot read or write all files of the commit ({said})",
                expected=_advice(said),
            )
        return os.fsdecode(done.stdout)


def run_git(
    arguments: Sequence[str],
    environ: Mapping[str, str],
    *,
    where: Path,
    told: bytes = b"",
) -> "subprocess.CompletedProcess[bytes]":
    """Run git to its end.

    Raises
    ------
    CheckoutError : if there is no git
    """
    try:
        return subprocess.run(  # noqa: S603 -- git from PATH, no shell
            ["git", "--no-optional-locks", *arguments],  # noqa: S607
            input=told,
            capture_output=True,
            check=False,
            env=dict(environ),
        )
    except OSError as error:
        raise CheckoutError(
            where=str(where),
            found=f"git cannot be started ({error.strerror})",
            expected="install git; a commit's files are there alone",
        ) from error


def _advice(said: str) -> str:
    if re.search("unable to (write|create)|No space left|quota", said):
        return "free some space, or choose another folder (TMPDIR)"
    return (
        "if it is a partial clone, fetch what is left out: git fetch --refetch; if it "
        "is damaged, clone it again"
    )
