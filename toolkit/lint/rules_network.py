"""Rules of the network: what a notebook reads from there, and what it imports."""

import ast
import re
import sys
from collections.abc import Iterator

from toolkit.lint.distributions import provided
from toolkit.lint.model import Hit, Rule, Subject
from toolkit.lint.places import hit_at
from toolkit.reproduce.diagnosis.sources import Look, keyword
from toolkit.reproduce.diagnosis.steps import Step
from toolkit.reproduce.diagnosis.words import words

_URL = re.compile(r"(https?|ftp|s3|gs|gcs|abfs|hf)://")
_LOCAL = re.compile(r"https?://(localhost|127\.|0\.0\.0\.0|\[::1\])")
_REQUESTS = words("get post put head request urlopen urlretrieve Request stream")
_OPENERS = words(
    "imread loadtxt genfromtxt open load get_file download retrieve load_data"
)
_CLIENTS = (
    "requests.", "urllib.request.", "httpx.", "urllib3.", "aiohttp.", "wget.",
    "gdown.", "pooch.", "fsspec.", "torch.hub.download_url_to_file",
    "tensorflow.keras.utils.get_file", "keras.utils.get_file",
)  # fmt: skip
_LOADS = re.compile(
    r"""sklearn\.datasets\.fetch_(?!openml$)\w+ | sklearn\.datasets\.fetch_openml
    | seaborn\.load_dataset | torch\.hub\.load(_state_dict_from_url)?
    | (tensorflow\.)?keras\.datasets\.\w+\.load_data | datasets\.load_dataset
    | tensorflow_datasets\.load | nltk\.download | gensim\.downloader\.load
    | yfinance\.download | pandas_datareader\.(data\.)?(DataReader|get_\w+)
    | huggingface_hub\.(hf_hub_download|snapshot_download)
    | statsmodels(\.api)?\.datasets\.get_rdataset | openml\.datasets\.get_dataset
    | vega_datasets\.data\.\w+\.url | spacy\.cli\.download | quandl\.get
    | tensorflow_hub\.load | kagglehub\.\w+download | fetch_ucirepo
    | ucimlrepo\.fetch_ucirepo""",
    re.VERBOSE,
)
_WAKES_LOAD = re.compile(
    r"fetch|load|download|DataReader|from_pretrained|get_rdataset|get|get_dataset"
)


def _urls(subject: Subject) -> Iterator[Hit]:
    for look in subject.looks():
        for call, dotted, last in look.calls():
            url = next(_given(look, call), "")
            reads = last.startswith("read_") or (bool(dotted) and last in _OPENERS)
            client = dotted.startswith(_CLIENTS) and last[:1].islower()
            if url and (reads or client) and not _is_cache(look, call):
                shown = f"`{look.text(call)}` reads {url[:60]!r} from the network"
                yield hit_at(look.step.source, call, shown)
            elif (
                client
                and last in _REQUESTS
                and dotted.startswith(
                    ("requests.", "urllib.request.url", "httpx.", "wget.", "gdown.")
                )
                and not _is_local(look, call)
            ):
                what = f"`{look.text(call)}` asks the network"
                yield hit_at(look.step.source, call, what)


def _given(look: Look, call: ast.Call) -> Iterator[str]:
    """Yield addresses that a call is given first, also in front of something else."""
    named = keyword(call, "url", "filepath_or_buffer", "io", "origin", "path")
    for node in [*call.args[:2], *([named] if named else [])]:
        value = look.constant(_front(node))
        if isinstance(value, str) and _URL.match(value) and not _LOCAL.match(value):
            yield value


def _front(node: ast.expr) -> ast.expr:
    """Return what an address begins with: of ``BASE + name``, and of f-strings."""
    while isinstance(node, (ast.BinOp, ast.JoinedStr, ast.FormattedValue)):
        if isinstance(node, ast.BinOp):
            node = node.left
        elif isinstance(node, ast.FormattedValue):
            node = node.value
        elif node.values:
            node = node.values[0]
        else:
            break
    return node


def _is_local(look: Look, call: ast.Call) -> bool:
    value = look.constant(_front(call.args[0])) if call.args else ...
    return isinstance(value, str) and bool(_LOCAL.match(value))


def _is_cache(look: Look, call: ast.Call) -> bool:
    """Whether the digest of what must come is given as well."""
    return keyword(call, "known_hash", "hash_prefix", "file_hash") is not None and (
        look.constant(keyword(call, "known_hash", "hash_prefix", "file_hash"))
        is not None
    )


def _data_sets(subject: Subject) -> Iterator[Hit]:
    for look in subject.looks():
        if not any(_WAKES_LOAD.match(word) for word in look.step.words):
            continue
        for call, dotted, last in look.calls():
            found = bool(dotted) and _LOADS.fullmatch(dotted) is not None
            if "torchvision." in dotted and ".datasets." in f".{dotted}":
                found = look.constant(keyword(call, "download")) is True
            if last == "from_pretrained":
                found = _is_hub_name(look, call)
            if dotted.startswith("sklearn.datasets.fetch_"):
                found = look.constant(keyword(call, "download_if_missing")) is not False
            if dotted == "datasets.load_dataset" and call.args:
                local = look.constant(call.args[0])
                found = local not in ("csv", "json", "parquet", "text", "imagefolder")
            if found:
                what = f"`{look.text(call)}` downloads what it returns"
                yield hit_at(look.step.source, call, what)


def _is_hub_name(look: Look, call: ast.Call) -> bool:
    given = (
        call.args[0] if call.args else keyword(call, "pretrained_model_name_or_path")
    )
    name = look.constant(given)
    if look.constant(keyword(call, "local_files_only")) is True:
        return False
    saved = (call.args[:1] for call, _ in look.program.sites("save_pretrained"))
    if any(look.constant(each) == name for args in saved for each in args):
        return False
    return (
        isinstance(name, str)
        and not name.startswith((".", "/", "~"))
        and (
            re.fullmatch(r"[\w.-]+(/[\w.-]+)?", name) is not None
            and keyword(call, "revision") is None
        )
    )


def _undeclared(subject: Subject) -> Iterator[Hit]:
    locked = subject.around.locked
    if locked is None:
        return
    told: set[str] = set()
    for step in subject.program.steps():
        node = step.node
        if step.source.cell is None or _is_optional(step):
            continue
        for name in _tops(node):
            if name in told or name in subject.around.modules or name == "__future__":
                continue
            if name in sys.stdlib_module_names or provided(name, locked):
                continue
            told.add(name)
            yield hit_at(
                step.source, node, f"no package of the lock is known to bring {name!r}"
            )


def _tops(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
        yield node.module.partition(".")[0]


def _is_optional(step: Step) -> bool:
    """Whether the import may fail: ``try: import … except ImportError``."""
    outside = step.within
    while outside is not None:
        if isinstance(outside.node, ast.Try):
            return True
        outside = outside.within
    return False


_OWN = "Fetch it once, keep it as a data set with a digest, and read that."
RULES: tuple[Rule, ...] = (
    Rule(
        code="NET101",
        name="reads-from-network",
        severity="warning",
        why="What an address answers changes, or is gone; and no recipe says which "
        "bytes a result was made of.",
        mend=_OWN,
        bad=(
            'import pandas as pd\npd.read_csv("https://example.org/pumps.csv")',
            'import requests\nrequests.get("https://example.org/pumps").json()',
        ),
        good=(
            (
                'import pandas as pd\npd.read_csv("data/pumps.csv")\n'
                'print("from https://example.org")'
            ),
        ),
        check=_urls,
    ),
    Rule(
        code="NET102",
        name="downloads-data-set",
        severity="warning",
        why="The loader keeps what it downloads in a folder of this machine: "
        "elsewhere it asks the network again, and may get another version.",
        mend=_OWN,
        bad=(
            (
                "from sklearn.datasets import fetch_california_housing\n"
                "frame = fetch_california_housing(as_frame=True).frame"
            ),
        ),
        good=(
            (
                "from sklearn.datasets import load_diabetes\n"
                "frame = load_diabetes(as_frame=True).frame"
            ),
        ),
        check=_data_sets,
    ),
    Rule(
        code="NET203",
        name="undeclared-import",
        severity="error",
        why="The lock does not bring it: the notebook works only where somebody "
        "happened to install it.",
        mend="Add the package to the project's dependencies and lock them.",
        bad=("import nowhere_declared",),
        good=("import json\nimport numpy as np\nfrom sklearn import metrics",),
        check=_undeclared,
    ),
)
