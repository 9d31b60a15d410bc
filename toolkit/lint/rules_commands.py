"""Rules of commands: what a notebook installs and fetches by them."""

import ast
import re
from collections.abc import Iterator

from toolkit.lint.model import Hit, Rule, Subject
from toolkit.lint.places import hit_at
from toolkit.reproduce.diagnosis.cells import SHELL
from toolkit.reproduce.diagnosis.sources import Look
from toolkit.reproduce.diagnosis.steps import Step
from toolkit.reproduce.diagnosis.words import words

_INSTALLS = re.compile(
    r"(?:^|[;&|]\s*|\bsudo\s+(?:-\S+\s+)*|-m\s+)(pip3?|conda|mamba|micromamba|uv(?:\s+pip)?|"
    r"apt(?:-get)?|brew|poetry|npm|easy_install)\s+(?:-\S+\s+)*(install|add|upgrade|update)\b"
)
_FETCHES = re.compile(
    r"(?:^|[;&|]\s*|\bsudo\s+)(git\s+(?:-\S+\s+)*(?:clone|pull|fetch|submodule)|wget|curl|"
    r"gdown|kaggle\s+datasets|aws\s+s3|gsutil|rsync|scp|dvc\s+pull|aria2c)\b"
)
_MAGIC = re.compile(r"^[ \t]*%(pip|conda|mamba|micromamba|uv)[ \t]+(.*)$", re.MULTILINE)
_PROCESSES = words("subprocess os")


def _commands(subject: Subject) -> Iterator[tuple[Step, ast.AST, str]]:
    """Yield the text of each command: ``!``, shell cells, ``os.system``."""
    for look in subject.looks():
        if not look.step.words & {
            SHELL,
            "system",
            "run",
            "check_call",
            "Popen",
            "check_output",
            "call",
            "getoutput",
        }:
            continue
        for call, dotted, last in look.calls():
            mine = last == SHELL or dotted.partition(".")[0] in _PROCESSES
            mine = mine or dotted.endswith("get_ipython.system")
            if mine and call.args and (text := _text(look, call.args[0])):
                yield look.step, call, text


def _text(look: Look, node: ast.expr) -> str:
    if isinstance(node, (ast.List, ast.Tuple)):
        parts = [look.constant(each) for each in node.elts]
        known = [p if isinstance(p, str) else "…" for p in parts]
        if node.elts and look.dotted(node.elts[0]) == "sys.executable":
            known = known[1:]
            return " ".join(known).removeprefix("-m ")
        return " ".join(known)
    value = look.constant(node)
    if isinstance(node, ast.JoinedStr):
        value = "".join(
            str(v.value) if isinstance(v, ast.Constant) else "…" for v in node.values
        )
    return value.strip() if isinstance(value, str) else ""


def _installs(subject: Subject) -> Iterator[Hit]:
    for step, node, text in _commands(subject):
        if found := _INSTALLS.search(text):
            what = f"`{found[1]} {found[2]}` changes the environment while it is used"
            yield hit_at(step.source, node, what)
    for source in subject.program.cells:
        for found in _MAGIC.finditer(source.text):
            if re.match(r"(pip\s+)?(-\S+\s+)*(install|add|upgrade|update)\b", found[2]):
                line = source.text.count("\n", 0, found.start()) + 1
                yield Hit(
                    cell=source.cell,
                    line=line,
                    what=f"`%{found[1]} install` changes the environment while it is "
                    f"used",
                )


def _fetched(subject: Subject) -> Iterator[Hit]:
    for step, node, text in _commands(subject):
        if found := _FETCHES.search(text):
            what = f"`{found[1]}` fetches what no recipe knows"
            yield hit_at(step.source, node, what)


RULES: tuple[Rule, ...] = (
    Rule(
        code="NET201",
        name="installs-in-cell",
        severity="error",
        why="It installs whatever is newest that day, over what the lock pins, and "
        "after packages were imported already.",
        mend="Add it to the project's dependencies and lock them.",
        bad=("!pip install pumplib", "%pip install pumplib"),
        good=("!pip list", "import pandas"),
        check=_installs,
    ),
    Rule(
        code="NET202",
        name="fetches-by-command",
        severity="warning",
        why="What the command brings is not part of the recipe: another day it "
        "brings something else, or nothing.",
        mend="Fetch it once, keep it as a data set with a digest, and read that.",
        bad=("!git clone https://example.org/pumps.git",),
        good=("!git log -1",),
        check=_fetched,
    ),
)
