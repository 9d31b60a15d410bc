"""Estimators, samplers and networks that draw without a seed, and get used."""

import ast
from collections.abc import Iterator

from toolkit.lint.chance import (
    LAYERS,
    NO_STATE,
    SAMPLERS,
    SEEDS,
    is_frame_sample,
    is_seeded,
    library_of,
)
from toolkit.lint.model import Hit, Rule, Subject
from toolkit.lint.telling import follow, looks, reached, told
from toolkit.reproduce.diagnosis.draws import DRAWING, PREFIXES, WITH_OPTION
from toolkit.reproduce.diagnosis.kinds_names import GENERATOR
from toolkit.reproduce.diagnosis.sources import Look, keyword, unpacks
from toolkit.reproduce.diagnosis.words import words

_LOADS = words(
    "load_weights load_state_dict from_pretrained load_model load_checkpoint"
)
_NO_STATE = "`{}` draws random numbers and is given no `random_state`"


def _estimators(subject: Subject) -> Iterator[Hit]:
    for look in looks(subject, *DRAWING, *WITH_OPTION):
        for call, dotted, last in look.calls():
            if not _takes_state(look, call, dotted, last) or unpacks(call):
                continue
            given = keyword(call, *SEEDS)
            if given is not None and look.constant(given) is not None:
                continue
            if keyword(call, "sampler") or is_seeded(look, "numpy"):
                continue
            word = "seed" if dotted.startswith("networkx") else "random_state"
            yield from follow(
                subject,
                look,
                call,
                "maker" if last[:1].isupper() else "random",
                _NO_STATE.replace("random_state", word),
                mend=f"Pass `{word}=0` to `{look.text(call.func)}`.",
            )


def _takes_state(look: Look, call: ast.Call, dotted: str, last: str) -> bool:
    """Whether it draws, as it is called there."""
    if look.program.callee(call.func, look.step.scope) is not None:
        return False
    if dotted.partition(".")[0] not in PREFIXES or last in NO_STATE:
        return False
    if last in WITH_OPTION:
        option, values = WITH_OPTION[last]
        given = keyword(call, option)
        value = look.constant(given) if given is not None else None
        if value == "liblinear" and look.constant(keyword(call, "dual")) is not True:
            return False  # draws only where it solves the dual
        return given is not None and value in values
    if last in ("train_test_split", "learning_curve"):
        default = last == "train_test_split"
        shuffles = keyword(call, "shuffle")
        value = look.constant(shuffles) if shuffles is not None else default
        return value is not False
    return last in DRAWING


def _samples(subject: Subject) -> Iterator[Hit]:
    for look in looks(
        subject, "sample", "rvs", *(n.rpartition(".")[2] for n in SAMPLERS)
    ):
        for call, dotted, last in look.calls():
            known = dotted in SAMPLERS
            method = last in ("sample", "rvs") and isinstance(call.func, ast.Attribute)
            if unpacks(call) or not (known or method):
                continue
            if not known and last == "sample" and not is_frame_sample(look, call):
                continue
            if not known and last == "rvs" and _is_own(look, call):
                continue
            given = keyword(call, *SEEDS)
            if given is not None and look.constant(given) is not None:
                continue
            if known or not is_seeded(look, "numpy"):
                word = SAMPLERS.get(dotted, "random_state")
                what = f"`{{}}` draws and is given no `{word}`"
                mend = f"Pass `{word}=0`."
                yield from follow(subject, look, call, "random", what, mend=mend)


def _is_own(look: Look, call: ast.Call) -> bool:
    func = call.func
    owner = func.value if isinstance(func, ast.Attribute) else func
    return look.kind(owner) == GENERATOR or bool(look.program.methods("rvs"))


def _weights(subject: Subject) -> Iterator[Hit]:
    told_of: set[str] = set()
    if any(map(subject.program.steps_with, _LOADS)):
        return  # they are replaced by weights that were kept
    for look in looks(subject, *LAYERS):
        for call, dotted, last in look.calls():
            library = library_of(dotted)
            if last not in LAYERS or library not in ("torch", "tensorflow"):
                continue
            if library in told_of or is_seeded(look, library):
                continue
            if _is_in_class(look) or reached(subject, call, look.step, "maker"):
                told_of.add(library)
                seed = {"torch": "torch.manual_seed(0)"}.get(
                    library, "keras.utils.set_random_seed(0)"
                )
                yield from told(
                    look,
                    call,
                    "`{}` begins with random weights, and nothing seeds them before",
                    mend=f"Call `{seed}` before the model is made.",
                )


def _is_in_class(look: Look) -> bool:
    return bool(look.step.scope.owner)


RULES: tuple[Rule, ...] = (
    Rule(
        code="RND104",
        name="no-random-state",
        severity="warning",
        why="Estimators, splitters and samplers draw from numpy's hidden generator "
        "unless they are given a `random_state`.",
        mend="Pass `random_state`.",
        bad=(
            (
                "from sklearn.model_selection import train_test_split\n"
                "train, test = train_test_split(range(99))"
            ),
            "print(sum(test))",
        ),
        good=(
            (
                "from sklearn.model_selection import train_test_split\n"
                "train, test = train_test_split(range(99), random_state=0)"
            ),
            "print(sum(test))",
        ),
        check=_estimators,
    ),
    Rule(
        code="RND105",
        name="unseeded-sample",
        severity="warning",
        why="Rows or values that are sampled without a seed are others each time.",
        mend="Pass `random_state` (or what the library calls it).",
        bad=("import pandas as pd\nframe = pd.read_csv('a.csv')", "frame.sample(n=6)"),
        good=(
            "import pandas as pd\nframe = pd.read_csv('a.csv')",
            "frame.sample(n=6, random_state=0)",
        ),
        check=_samples,
    ),
    Rule(
        code="RND107",
        name="unseeded-weights",
        severity="warning",
        why="A network begins with random weights; without a seed every training ends "
        "elsewhere.",
        mend="Seed the library before the model is made.",
        bad=("import torch\nmodel = torch.nn.Linear(3, 1)", "print(model(x))"),
        good=(
            "import torch\ntorch.manual_seed(0)\nmodel = torch.nn.Linear(3, 1)",
            "print(model(x))",
        ),
        check=_weights,
    ),
)
