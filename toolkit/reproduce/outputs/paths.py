"""Paths, addresses and numbers of processes in a text: they differ elsewhere."""

import html
import json
import re
from collections.abc import Mapping
from functools import cache
from urllib.parse import quote

_CELL_FILE = re.compile(r"ipykernel_\d+/\d+\.py")
_OLD_CELL_FILE = re.compile(r"<ipython-input-\d+-[0-9a-f]{6,40}>")
_COUNT = re.compile(r"\b((?:Cell |Input )In ?)\[\d+\]")
_PACKAGES = re.compile(
    r"/(?:lib/python3(?:\.\d+)?/)?(?:site|dist)-packages/|/lib/python3\.\d+/"
)
_NOT_IN_PATHS = " \n\t\r'\"()[]{}=,;|<>"
_LONGEST = 1000  # characters of a path before a package's folder
_TEMPORARY = re.compile(
    r"(?:(?<=<tmp>/)|(?<=/tmp/)|(?<=/T/))"
    r"(?:tmp[a-z0-9_]{8}|joblib_memmapping_folder_\w+)(?!\w)|"
    r"(?<=<tmp>/)[\w.+-]{1,60}?[a-z0-9_]{8}(?!\w)"  # with the author's own prefix
)
_PROCESS = re.compile(r"/proc/\d+(?=/|\b)")
_ADDRESS = re.compile(
    r"\bat 0x(?:[0-9a-fA-F]{9,16}\b|[0-9a-fA-F]{4,16}(?=[>,;]|&gt;|\.\.\.))"
)
_POINTER = re.compile(r"(?<=[ (])0x[0-9a-fA-F]{9,16}(?=\)?(?:>|&gt;))")
_THREAD = re.compile(r"(, started (?:daemon )?)\d{4,}(?=\)(?:>|&gt;))")
_CHILD = re.compile(r"\bpid=\d+ parent=\d+")
_COLOUR = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])"
)


def hide_colours(text: str) -> str:
    r"""Return the text without the terminal's escape sequences.

    Examples
    --------
    >>> hide_colours("\x1b[31mred\x1b[0m")
    'red'
    """
    return _COLOUR.sub("", text) if "\x1b" in text else text


def overwritten(text: str) -> str:
    r"""Return what is left of each line on which the carriage went back.

    Examples
    --------
    >>> overwritten("10 %\r100 %\ndone")
    '100 %\ndone'
    """
    if "\b" in text:
        text = "".join(_erased(text))
    if "\r" not in text:
        return text
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return "\n".join(lines)


def _erased(text: str) -> list[str]:
    kept: list[str] = []
    for letter in text:
        if letter != "\b":
            kept.append(letter)
        elif kept and kept[-1] != "\n":
            kept.pop()
    return kept


def hide_places(text: str, places: Mapping[str, str]) -> str:
    """Return the text with known folders called by their names, the longest first.

    Parameters
    ----------
    text : what was shown
    places : ``"<project>"`` and the like by absolute path; also as it is written in
        addresses, HTML and JSON

    Examples
    --------
    >>> hide_places("/home/eva/x/a.csv", {"/home/eva": "<home>", "/home/eva/x": "<p>"})
    '<p>/a.csv'
    """
    for path, name in _written(tuple(places.items())):
        if path in text:
            pattern = rf"(?<![\w.~-]){re.escape(path)}(?![\w-]|\.\w)"
            text = re.sub(pattern, lambda _, name=name: name, text)  # type: ignore[misc]  # mypy sees no default
    return text


@cache
def _written(places: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for path, name in places:
        folder = path.rstrip("/")
        if folder.count("/") < 1 or len(folder) < 3:  # noqa: PLR2004 -- "/", "": no place
            continue
        for form in (
            folder,
            quote(folder),
            html.escape(folder),
            json.dumps(folder)[1:-1],
            repr(folder)[1:-1],
        ):
            found.setdefault(form, name)
    return tuple(sorted(found.items(), key=lambda item: -len(item[0])))


def hide_cells(text: str, places: Mapping[str, str]) -> str:
    """Return the text without the kernel's names and counts of cells.

    Examples
    --------
    >>> hide_cells("/tmp/ipykernel_71/12.py:3: UserWarning: hot", {})
    '<cell>:3: UserWarning: hot'
    """
    if "ipykernel_" in text:
        text = _cut(text, _CELL_FILE, "<cell>", places)
    if "<ipython-input-" in text:
        text = _OLD_CELL_FILE.sub("<cell>", text)
    return _COUNT.sub(r"\1[<count>]", text) if "In" in text else text


def hide_packages(text: str, places: Mapping[str, str]) -> str:
    """Return the text without the folders in which packages and Python are installed.

    Examples
    --------
    >>> hide_packages("/opt/lib/python3.11/site-packages/pandas/core.py:9: hot", {})
    '<packages>/pandas/core.py:9: hot'
    """
    if "-packages/" in text or "/lib/python3." in text:
        return _cut(text, _PACKAGES, "<packages>/", places)
    return text


def _cut(
    text: str, pattern: re.Pattern[str], name: str, places: Mapping[str, str]
) -> str:
    """Replace each match together with the path that leads to it."""
    names = tuple(set(places.values()))
    pieces, at = [], 0
    for match in pattern.finditer(text):
        least = max(at, match.start() - _LONGEST)
        before = text[least : match.start()]
        begins = 1 + max(before.rfind(mark) for mark in _NOT_IN_PATHS)
        ends = before[:begins]
        if ends.endswith(names):  # <project>/.venv/lib/… is one path, too
            begins = max(begins - len(one) for one in names if ends.endswith(one))
        pieces += [text[at : least + begins], name]
        at = match.end()
    return "".join([*pieces, text[at:]])


def hide_temporary(text: str) -> str:
    """Return the text with names of temporary files numbered in their order.

    Examples
    --------
    >>> hide_temporary("<tmp>/tmpzntk0i2v and <tmp>/tmpzntk0i2v/a")
    '<tmp>/tmp-1 and <tmp>/tmp-1/a'
    >>> hide_temporary("<tmp>/orders-_zwyeheg/a.csv")
    '<tmp>/tmp-1/a.csv'
    """
    if "tmp" not in text and "/joblib" not in text:
        return text
    names: dict[str, str] = {}
    return _TEMPORARY.sub(
        lambda m: names.setdefault(m[0], f"tmp-{len(names) + 1}"), text
    )


def hide_processes(text: str) -> str:
    """Return the text without numbers of processes and threads.

    Examples
    --------
    >>> hide_processes("<Thread(fit, started 140560836)>")
    '<Thread(fit, started <thread>)>'
    """
    if "/proc/" in text:
        text = _PROCESS.sub("/proc/<process>", text)
    if ", started " in text:
        text = _THREAD.sub(r"\1<thread>", text)
    return (
        _CHILD.sub("pid=<process> parent=<process>", text) if "pid=" in text else text
    )


def hide_addresses(text: str) -> str:
    """Return the text without the addresses in memory that objects are shown by.

    Examples
    --------
    >>> hide_addresses("<Model at 0x7f12a8c0d5e0>, flags 0x7f")
    '<Model at <address>>, flags 0x7f'
    """
    if "0x" not in text:
        return text
    return _POINTER.sub("<address>", _ADDRESS.sub("at <address>", text))
