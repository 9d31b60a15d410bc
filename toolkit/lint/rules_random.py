"""Random numbers that no seed decides, where they reach a result."""

from collections.abc import Iterator

from toolkit.lint.chance import (
    ENTROPY,
    IDENTITY,
    SEEDERS,
    SEEDS,
    SYSTEM_GENERATORS,
    TEMPORARY,
    TENSOR_DRAWS,
    chance_in,
    is_seeded,
    library_of,
)
from toolkit.lint.model import Hit, Rule, Subject
from toolkit.lint.telling import calls_of, follow, looks, told
from toolkit.reproduce.diagnosis.draws import (
    MAKERS,
    NUMPY_DRAWS,
    RANDOM_DRAWS,
)
from toolkit.reproduce.diagnosis.sources import keyword, unpacks
from toolkit.reproduce.diagnosis.words import words

_DRAWN = {"random": RANDOM_DRAWS, "numpy.random": NUMPY_DRAWS}
_SHUFFLES = words("shuffle permutation randperm")
_FRESH = "`{}` takes its seed from the system"
_SYSTEM = "`{}` asks the system for chance, which no seed can repeat"
_CHANCE = "`{}` draws from a generator that nobody seeded"
_MODERN = {"rand": "random", "randn": "standard_normal", "randint": "integers"}
_GENERATOR = (
    "Draw from a generator with a seed: `rng = numpy.random.default_rng(0)`, "
    "then `rng.{name}(…)`."
)


def _draws(subject: Subject) -> Iterator[Hit]:
    for look in looks(subject, *RANDOM_DRAWS, *NUMPY_DRAWS, *TENSOR_DRAWS):
        for call, dotted, last in look.calls():
            module = dotted.rpartition(".")[0]
            tensor = module in TENSOR_DRAWS.get(last, ())
            if not tensor and last not in _DRAWN.get(module, ()):
                continue
            if keyword(call, *SEEDS) or is_seeded(look, library_of(dotted)):
                continue
            numeric = module == "numpy.random"
            name = _MODERN.get(last, last)
            yield from follow(
                subject,
                look,
                call,
                "order" if last in _SHUFFLES else "random",
                _CHANCE,
                mend=_GENERATOR.format(name=name) if numeric else "",
            )


def _makers(subject: Subject) -> Iterator[Hit]:
    for look in looks(subject, *(name.rpartition(".")[2] for name in MAKERS)):
        for call, dotted, last in look.calls():
            if dotted not in MAKERS or last == "seed" or unpacks(call):
                continue
            given = call.args[0] if call.args else keyword(call, *SEEDS, "entropy")
            if given is not None and look.constant(given) is not None:
                continue
            if last in ("check_random_state", "Faker") and is_seeded(look, "numpy"):
                continue
            if last == "Faker" and subject.program.steps_with("seed"):
                continue
            mend = f"Give it a seed: `{look.text(call.func)}(0)`."
            yield from follow(subject, look, call, "maker", _FRESH, mend=mend)


def _by_chance(subject: Subject) -> Iterator[Hit]:
    for look in looks(subject, *(name.rpartition(".")[2] for name in SEEDERS)):
        for call, dotted, last in look.calls():
            if dotted not in SEEDERS or unpacks(call):
                continue
            given = [*call.args, *(word.value for word in call.keywords)]
            bare = not given or look.constant(given[0]) is None
            if bare and last not in ("manual_seed", "set_seed"):
                source = "takes its seed from the system"
            elif name := chance_in(look, given):
                source = f"is given a seed by `{name}`, another at each execution"
            else:
                continue
            yield from told(look, call, f"`{{}}` {source}")


def _entropy(subject: Subject) -> Iterator[Hit]:
    yield from calls_of(ENTROPY, "random", _SYSTEM)(subject)
    yield from calls_of(SYSTEM_GENERATORS, "maker", _SYSTEM)(subject)


def _identities(subject: Subject) -> Iterator[Hit]:
    what = "`{}` is another number or name in each process"
    yield from calls_of(IDENTITY, "value", what)(subject)
    yield from calls_of(TEMPORARY, "place", what)(subject)


def _legacy(subject: Subject) -> Iterator[Hit]:
    for look in looks(subject, "seed"):
        for call, dotted, _ in look.calls():
            if dotted != "numpy.random.seed" or not call.args:
                continue
            if look.constant(call.args[0]) is None or chance_in(look, call.args):
                continue
            yield from told(
                look,
                call,
                "`{}` seeds a generator that all code shares: "
                "whatever draws in between changes what comes after",
            )
            return  # once is enough


RULES: tuple[Rule, ...] = (
    Rule(
        code="RND101",
        name="unseeded-draw",
        severity="warning",
        why="The hidden generator of a library begins anywhere unless it is seeded, so "
        "what is drawn from it is different at each execution.",
        mend="Draw from a generator of your own that has a seed.",
        bad=("import random\nlevel = random.gauss(0, 1)", "print(level)"),
        good=("import random\nrng = random.Random(7)\nlevel = rng.gauss(0, 1)\nlevel",),
        check=_draws,
    ),
    Rule(
        code="RND102",
        name="unseeded-generator",
        severity="warning",
        why="A generator that is made without a seed takes one from the system.",
        mend="Give the generator a seed, best a parameter of the notebook.",
        bad=("import numpy as np\nrng = np.random.default_rng()", "rng.normal()"),
        good=("import numpy as np\nrng = np.random.default_rng(2026)", "rng.normal()"),
        check=_makers,
    ),
    Rule(
        code="RND103",
        name="system-entropy",
        severity="warning",
        why="The system's own chance (`uuid4`, `secrets`, `os.urandom`) cannot be "
        "seeded: no execution repeats it.",
        mend="Use a generator with a seed, or a name-based `uuid.uuid5`.",
        bad=("import uuid\nkeys = [uuid.uuid4().hex for _ in range(3)]", "print(keys)"),
        good=("import uuid\nmarker = uuid.uuid4().hex", "print(3)"),
        check=_entropy,
    ),
    Rule(
        code="RND106",
        name="seeded-by-chance",
        severity="warning",
        why="A seed that comes from the clock, the process or the system is another at "
        "each execution: it seeds nothing.",
        mend="Give a number as the seed, best a parameter of the notebook.",
        bad=("import random\nimport time\nrandom.seed(time.time_ns())",),
        good=("import random\nrandom.seed(7)",),
        check=_by_chance,
    ),
    Rule(
        code="RND108",
        name="process-identity",
        severity="warning",
        why="Addresses in memory, numbers of processes and names of temporary files "
        "are others in each process.",
        mend="Give things a number or a name of their own.",
        bad=("import os\nfold = os.getpid() % 5", "print(fold)"),
        good=("import os\npid = os.getpid()", "print(5)"),
        check=_identities,
    ),
    Rule(
        code="RND201",
        name="legacy-global-seed",
        severity="note",
        why="One hidden generator for all code: a draw that is added anywhere changes "
        "every number after it.",
        mend="Make a generator of your own: `rng = numpy.random.default_rng(seed)`.",
        bad=("import numpy as np\nnp.random.seed(0)",),
        good=("import numpy as np\nrng = np.random.default_rng(0)",),
        check=_legacy,
    ),
)
