"""Another locale to vary to: one that is installed, else one that is made."""

import functools
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_TIMEOUT_S = 30
# With a decimal comma and other names of months; English and C are what is pinned.
_WANTED = ("de_DE", "fr_FR", "es_ES", "it_IT", "pt_BR", "nl_NL", "ru_RU", "da_DK")
_MADE = "de_DE"
_UTF8, _LATIN = "UTF-8", "ISO-8859-1"
_COPIED = (
    "IDENTIFICATION",
    "MONETARY",
    "NUMERIC",
    "TIME",
    "MESSAGES",
    "PAPER",
    "NAME",
    "ADDRESS",
    "TELEPHONE",
    "MEASUREMENT",
)
_PLAIN = ("CTYPE", "COLLATE")  # slow to compile, and Python has its own


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherLocale:
    """How to vary the locale.

    Names of files are decoded as before, so that they can be opened; texts are not.
    """

    name: str  # for LC_ALL
    texts: str  # the locale whose character set decodes texts
    files: Mapping[str, bytes] = field(default_factory=dict)  # for LOCPATH
    missing: str = ""  # what is not varied

    def variables(self, folder: Path) -> dict[str, str]:
        """Return the environment variables, after writing the locale's files."""
        found = {"LC_ALL": self.name, "LANG": self.name, "LANGUAGE": self.name[:2]}
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if self.name == "C.UTF-8":
            del found["LANGUAGE"]
        return found | ({"LOCPATH": str(folder)} if self.files else {})


@functools.cache
def other_locale() -> OtherLocale:
    """Return a locale other than the pinned one; found or made once."""
    installed = {name.lower().replace("-", ""): name for name in _installed()}
    for wanted in _WANTED:
        name = installed.get(f"{wanted.lower()}.utf8")
        if name is not None:
            latin = installed.get(f"{wanted.lower()}.iso88591", "C")
            return OtherLocale(name=name, texts=latin)
    files = _compiled()
    if files:
        return OtherLocale(
            name=f"{_MADE}.{_UTF8}", texts=f"{_MADE}.{_LATIN}", files=files
        )
    return OtherLocale(
        name="C.UTF-8",
        texts="C",
        missing="only the character set of texts: no other locale is installed here",
    )


def _installed() -> list[str]:
    try:
        done = subprocess.run(
            ["locale", "-a"],  # noqa: S607 -- where the system has it
            capture_output=True,
            check=True,
            timeout=_TIMEOUT_S,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return done.stdout.decode("ascii", "replace").split()


def _compiled() -> dict[str, bytes]:
    """Return the files of a locale in two character sets; none without a compiler."""
    compiler = shutil.which("localedef")
    if compiler is None:
        return {}
    with tempfile.TemporaryDirectory(prefix="tk") as made:
        folder = Path(made)
        (folder / "source").write_text(_source(), "ascii")
        for charset in (_UTF8, _LATIN):
            target = folder / "made" / f"{_MADE}.{charset}"
            target.parent.mkdir(exist_ok=True)
            command = [compiler, "-c", "-i", str(folder / "source"), "-f", charset]
            try:
                subprocess.run(  # noqa: S603 -- the system's compiler of locales
                    [*command, str(target)],
                    capture_output=True,
                    check=False,  # warns of what is copied from C
                    timeout=_TIMEOUT_S,
                )
            except (OSError, subprocess.SubprocessError):
                return {}
            if not (target / "LC_NUMERIC").exists():
                return {}
        root = folder / "made"
        return {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }


def _source() -> str:
    lines = ["comment_char %", "escape_char /"]
    for category in (*_COPIED, *_PLAIN):
        copied = "POSIX" if category in _PLAIN else _MADE
        lines += [f"LC_{category}", f'copy "{copied}"', f"END LC_{category}"]
    return "\n".join([*lines, ""])
