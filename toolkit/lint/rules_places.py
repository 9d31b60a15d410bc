"""Paths of one machine, the working folder, and files that were left over."""

import ast
import re
from collections.abc import Iterator

from toolkit.lint.machine import is_absolute
from toolkit.lint.model import Hit, Rule, Subject
from toolkit.lint.telling import every_look, follow, looks, reached, told
from toolkit.reproduce.diagnosis.sources import Look
from toolkit.reproduce.diagnosis.words import words

_FOLDERS = words(
    "os.getcwd os.getcwdb pathlib.Path.cwd os.path.abspath os.path.realpath"
)
_HOMES = words("pathlib.Path.home os.path.expanduser")
_KEEPS = words(
    "to_csv to_parquet to_pickle to_feather to_json to_hdf write_text write_bytes "
    "numpy.save numpy.savez numpy.savetxt joblib.dump pickle.dump json.dump torch.save "
    "save_model dump"
)
_ASKS = words("exists is_file isfile")
_LEFT = re.compile(r"^(\./)?(\.?cache|runs|\.ipynb_checkpoints|tmp)/\S+")
_NAMES = ("cache", "runs", ".ipynb_checkpoints", "tmp/")  # one is in what it matches
_CD = re.compile(r"^\s*%cd\s+\S")


def _folders(subject: Subject) -> Iterator[Hit]:
    for look in looks(
        subject,
        *(n.rpartition(".")[2] for n in _FOLDERS | _HOMES),
        "resolve",
        "absolute",
    ):
        for call, dotted, last in look.calls():
            method = not dotted and last in ("resolve", "absolute", "expanduser")
            if dotted in _FOLDERS | _HOMES or (method and not call.args):
                what = "`{}` is where the project lies on this machine"
                yield from follow(subject, look, call, "place", what)


def _homes(subject: Subject) -> Iterator[Hit]:
    for look in looks(subject, "home", "expanduser"):
        for call, dotted, last in look.calls():
            if dotted not in _HOMES and (dotted or last != "expanduser"):
                continue
            if reached(subject, call, look.step, "written"):
                continue  # kept there by the notebook itself
            if result := reached(subject, call, look.step, "read"):
                what = "`{}` is the home folder of whoever runs it"
                yield from told(look, call, what, result=result)


def _absolutes(subject: Subject) -> Iterator[Hit]:
    for look in looks(subject, "<path>"):
        for node in look.nodes:
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            above = look.parent(node)
            expanded = isinstance(above, ast.Call) and look.dotted(above.func) in _HOMES
            if not is_absolute(node.value) or expanded:
                continue
            result = reached(subject, node, look.step, "read")
            result = result or reached(subject, node, look.step, "written")
            if result is not None:
                what = "{} exists on one machine only"
                yield from told(look, node, what, result=result)


def _changes(subject: Subject) -> Iterator[Hit]:
    for look in looks(subject, "chdir"):
        for call, dotted, _ in look.calls():
            if dotted == "os.chdir":
                yield from told(look, call, "`{}` changes the folder of the process")
    for cell in subject.notebook.code:
        for number, line in enumerate(cell.source.split("\n"), 1):
            if _CD.match(line):
                what = f"`{line.strip()}` changes the folder of the process"
                yield Hit(cell=cell.index, line=number, what=what)


def _kept(subject: Subject) -> Iterator[Hit]:
    for look in looks(subject, *_ASKS):
        head = look.step.node
        if not isinstance(head, ast.If) or (not head.orelse and not _negated(head)):
            continue
        path = next(_asked(look), None)
        if path is None or _from_home(look, path):
            continue
        text = ast.unparse(path)
        if any(_writes(look, node, text) for node in ast.walk(head)):
            what = f"`{text}` is taken as it is if an earlier execution left it there"
            yield from told(look, path, what)


def _negated(head: ast.If) -> bool:
    return isinstance(head.test, ast.UnaryOp) and isinstance(head.test.op, ast.Not)


def _asked(look: Look) -> Iterator[ast.expr]:
    for call, dotted, last in look.calls():
        if last not in _ASKS:
            continue
        if dotted.startswith("os.path.") and call.args:
            yield call.args[0]
        elif not dotted and isinstance(call.func, ast.Attribute) and not call.args:
            yield call.func.value


def _from_home(look: Look, path: ast.expr) -> bool:
    """Whether it lies in the home folder, which is empty where a run is executed."""
    steps = [
        getattr(step.node, "value", None)
        for node in ast.walk(path)
        if isinstance(node, ast.Name)
        for step in look.step.scope.definitions.get(node.id, ())
    ]
    said = " ".join(ast.unparse(n) for n in [path, *steps] if isinstance(n, ast.AST))
    return "home()" in said or "expanduser" in said or "~" in said


def _writes(look: Look, node: ast.AST, path: str) -> bool:
    """Whether a call keeps something computed at a path."""
    if not isinstance(node, ast.Call):
        return False
    last = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if last == "open":
        mode = look.constant(node.args[1]) if len(node.args) > 1 else ""
        writes = isinstance(mode, str) and "w" in mode
        return writes and ast.unparse(node.args[0]) == path
    known = {name.rpartition(".")[2] for name in _KEEPS} | {"save"}
    if last not in known:
        return False
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    given = [*node.args, *(word.value for word in node.keywords)]
    return path in [ast.unparse(each) for each in [*given, *filter(None, [owner])]]


def _left_over(subject: Subject) -> Iterator[Hit]:
    for look in every_look(subject):
        source = look.step.source
        if source.cell is None or not any(name in source.text for name in _NAMES):
            continue
        for node in look.nodes:
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            found = _LEFT.match(node.value) or (
                node.value in ("runs", "cache", ".cache") and _is_path(look, node)
            )
            if not found or reached(subject, node, look.step, "written"):
                continue
            if result := reached(subject, node, look.step, "read"):
                what = "{} is what an earlier execution left there"
                yield from told(look, node, what, result=result)


def _is_path(look: Look, node: ast.AST) -> bool:
    above = look.parent(node)
    return isinstance(above, ast.Call) and look.dotted(above.func) == "pathlib.Path"


RULES: tuple[Rule, ...] = (
    Rule(
        code="SUR201",
        name="folder-in-result",
        severity="warning",
        why="Where the project lies is another path on every machine: what is computed "
        "from it, a key or a digest, is another too.",
        mend="Use paths relative to the project, and keep them out of results.",
        bad=(
            "import os, zlib\nkey = zlib.crc32(os.getcwd().encode())",
            "print(key)",
        ),
        good=("from pathlib import Path\nprint('reading', Path('a.csv').resolve())",),
        check=_folders,
    ),
    Rule(
        code="SUR202",
        name="home-folder",
        severity="warning",
        why="What lies in somebody's home folder lies in nobody else's.",
        mend="Keep what a notebook reads in the project, or declare it in scope.yaml.",
        bad=(
            (
                "import pandas as pd\nfrom pathlib import Path\n"
                "sales = pd.read_csv(Path.home() / 'sales.csv')"
            ),
        ),
        good=("import pandas as pd\nsales = pd.read_csv('data/sales.csv')",),
        check=_homes,
    ),
    Rule(
        code="SUR203",
        name="absolute-path",
        severity="warning",
        why="An absolute path exists on one machine only.",
        mend="Use a path relative to the project, or declare the data in scope.yaml.",
        bad=("import pandas as pd\nsales = pd.read_csv('/home/ann/sales.csv')",),
        good=("import pandas as pd\nsales = pd.read_csv('data/sales.csv')",),
        check=_absolutes,
    ),
    Rule(
        code="SUR204",
        name="changed-folder",
        severity="warning",
        why="Every relative path after it means another file, and a cell that is "
        "executed twice goes further.",
        mend="Stay where the notebook is started; build paths from a parameter.",
        bad=("import os\nos.chdir('..')",),
        good=("from pathlib import Path\nfolder = Path('..')",),
        check=_changes,
    ),
    Rule(
        code="SUR205",
        name="kept-result",
        severity="warning",
        why="Whoever has a file of an earlier execution gets what that computed, not "
        "what the code computes now.",
        mend="Compute it each time, or declare the file as data.",
        bad=(
            (
                "import os\nimport pandas as pd\nif os.path.exists('a.csv'):\n"
                "    table = pd.read_csv('a.csv')\nelse:\n"
                "    table = pd.DataFrame({'n': [1]})\n    table.to_csv('a.csv')"
            ),
        ),
        good=("import pandas as pd\ntable = pd.DataFrame({'n': [1]})",),
        check=_kept,
    ),
    Rule(
        code="SUR206",
        name="left-over-file",
        severity="warning",
        why="A cache or a run's folder is not there after a fresh clone.",
        mend="Compute it in the notebook, or declare the file as data.",
        bad=("model = open('cache/model.json', encoding='utf-8').read()",),
        good=("model = open('data/model.json', encoding='utf-8').read()",),
        check=_left_over,
    ),
)
