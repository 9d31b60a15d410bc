"""Random numbers that no seed decides, and other values that never come twice."""

import ast
from collections.abc import Iterator

from toolkit.reproduce.diagnosis.draws import (
    DRAWING,
    MAKERS,
    NUMPY_DRAWS,
    OWN_GENERATOR,
    PREFIXES,
    RANDOM_DRAWS,
    SOMETIMES,
    TORCH_DRAWS,
    WITH_OPTION,
)
from toolkit.reproduce.diagnosis.kinds_names import GENERATOR
from toolkit.reproduce.diagnosis.seeds import is_reset, seeded
from toolkit.reproduce.diagnosis.sources import (
    Finding,
    Groups,
    Look,
    Table,
    keyword,
    table,
    unpacks,
)
from toolkit.reproduce.diagnosis.words import words

_RANDOM: Groups = {"entropy": 1.0}
_RESET: Groups = {"entropy": 0.6}
_SEEDS = ("random_state", "seed", "rng", "random_seed", "rstate", "generator", "key")
_WHY = "`{}` draws random numbers that no seed decides"
_GIVE = "Pass `{word}=0` in `{{}}`."
_FRESH = "`{}` takes its seed from the system: another one at each execution"


def _has_size(look: Look, call: ast.Call | None) -> bool:
    if call is None or not call.args:
        return True
    shape = call.args[0]
    sizes = shape.elts if isinstance(shape, ast.Tuple) else [shape]
    return 0 not in [look.constant(size) for size in sizes]


_NAMES = table(
    "os.urandom os.getrandom uuid.uuid4 secrets.token_hex secrets.token_bytes "
    "secrets.token_urlsafe secrets.choice secrets.randbelow secrets.randbits "
    "random.SystemRandom secrets.SystemRandom",
    _RANDOM, "`{}` asks the system for chance: no seed can make it repeat",
    "Draw from a generator with a seed instead, e.g. "
    "`numpy.random.default_rng(seed)`: `{}`.",
) | table(
    "id ctypes.addressof", {"entropy": 0.8},
    "`{}` is an address in memory, another one each time",
    "Give things a number or a name of their own instead of `{}`.",
) | table(
    "os.getpid os.getppid threading.get_ident threading.get_native_id",
    {"entropy": 0.85}, "`{}` is another number in each process",
    "Leave the number of the process out of results: `{}`.",
) | table(
    "tempfile.mkdtemp tempfile.mkstemp tempfile.mktemp tempfile.TemporaryDirectory "
    "tempfile.NamedTemporaryFile tempfile.gettempdir",
    {"entropy": 0.5, "home": 0.4, "folder": 0.3},
    "`{}` has another name each time",
    "Leave the names of temporary files out of results: `{}`.",
) | table(
    "numpy.empty numpy.empty_like torch.empty",
    {"entropy": 0.35, "threads": 0.1},
    "`{}` holds whatever was in memory before, until all of it is written",
    "Begin with `zeros` or `full` instead of `{}`.", _has_size,
) | table(
    "requests.get requests.post urllib.request.urlopen urllib.request.urlretrieve "
    "httpx.get",
    {"entropy": 0.4, "clock": 0.4},
    "`{}` reads what somebody else may change at any time",
    "Keep a copy of what was fetched with the data, and read that: `{}`.",
)  # fmt: skip


def _hidden_generator(look: Look) -> Iterator[Finding]:
    """``random.random()``, ``np.random.rand()``, ``torch.rand()``."""
    for node, dotted, call in look.named():
        module, _, name = dotted.rpartition(".")
        drawn = {
            "random": RANDOM_DRAWS,
            "numpy.random": NUMPY_DRAWS,
            "torch": TORCH_DRAWS,
            "torch.nn": TORCH_DRAWS,
            "torch.utils.data": TORCH_DRAWS,
        }.get(module, frozenset())
        if name not in drawn or keyword(call, *_SEEDS):
            continue
        library = module.split(".")[0]
        if name == "DataLoader" and look.constant(keyword(call, "shuffle")) is not True:
            continue
        if seeded(look, library):
            continue
        seed = {"random": "random.seed", "numpy": "numpy.random.seed"}
        how = seed.get(library, "torch.manual_seed")
        advice = f"Seed it before: `{how}(seed)`."
        if library == "numpy":
            advice = (
                "Draw from a seeded generator: `rng = np.random.default_rng(seed)`, "
                f"then `rng.{_modern(name)}(…)`."
            )
        # where the seed was taken away is the line to mend
        groups = _RESET if is_reset(look, library) else _RANDOM
        yield look.found(call or node, groups, _WHY, advice)


def _modern(name: str) -> str:
    return {"rand": "random", "randn": "standard_normal", "randint": "integers"}.get(
        name, name
    )


def _makers(look: Look) -> Iterator[Finding]:
    """Find generators, and seeds, without a number."""
    for _, dotted, call in look.named():
        if dotted not in MAKERS or call is None:
            continue
        given = (
            call.args[0] if call.args else keyword(call, "seed", "x", "entropy", "a")
        )
        if dotted == "faker.Faker" and "seed" in _all_words(look):
            continue
        if unpacks(call) or (given is not None and look.constant(given) is not None):
            continue
        if dotted.endswith("check_random_state") and seeded(look, "numpy"):
            continue
        text = look.text(call.func)
        advice = f"Pass a seed: `{text}(seed)` instead of `{{}}`."
        if isinstance(given, ast.Name):
            advice = f"`{given.id}` is None there: give it a number."
        yield look.found(call, _RANDOM, _FRESH, advice)


def _all_words(look: Look) -> frozenset[str]:
    found = look.facts.cache.get("words")
    if not isinstance(found, frozenset):
        found = frozenset(w for s in look.program.steps() for w in s.words)
        look.facts.cache["words"] = found
    return found


def _estimators(look: Look) -> Iterator[Finding]:
    """Whatever takes ``random_state`` and was given none."""
    for call, dotted, last in look.calls():
        weight = _weight(look, call, last)
        if not weight or unpacks(call) or _is_own(look, call, dotted):
            continue
        given = keyword(call, *_SEEDS)
        if given is not None and look.constant(given) is not None:
            continue
        if given is None and any(w.arg == "sampler" for w in call.keywords):
            continue
        if seeded(look, "numpy") and last not in OWN_GENERATOR:
            continue
        word = "seed" if dotted.startswith(("networkx", "seaborn")) else "random_state"
        yield look.found(call, {"entropy": weight}, _WHY, _GIVE.format(word=word))


def _is_own(look: Look, call: ast.Call, dotted: str) -> bool:
    """Whether the name is the project's own, or a function of something unknown."""
    if look.program.callee(call.func, look.step.scope) is not None:
        return True
    if not dotted:  # a method, or a local name
        return True
    return dotted.partition(".")[0] not in PREFIXES and "." in dotted


def _weight(look: Look, call: ast.Call, last: str) -> float:
    if last in DRAWING:
        shuffles = keyword(call, "shuffle")
        if last in ("train_test_split", "learning_curve"):
            default = last == "train_test_split"
            value = look.constant(shuffles) if shuffles is not None else default
            return 0.0 if value is False else 1.0
        return 1.0
    if last in SOMETIMES:
        return 0.4
    if last in WITH_OPTION:
        option, values = WITH_OPTION[last]
        given = keyword(call, option)
        return 1.0 if given is not None and look.constant(given) in values else 0.0
    return 0.0


def _methods(look: Look) -> Iterator[Finding]:
    """``frame.sample()``, ``distribution.rvs()``."""
    for call, dotted, last in look.calls():
        if last not in ("sample", "rvs", "shuffle") or not isinstance(
            call.func, ast.Attribute
        ):
            continue
        if dotted.startswith(("random.", "numpy.random.")) or unpacks(call):
            continue
        receiver = call.func.value
        if look.kind(receiver) == GENERATOR or _is_generator(receiver):
            continue
        if last == "shuffle" or look.program.methods(last):
            continue
        given = keyword(call, *_SEEDS)
        if given is not None and look.constant(given) is not None:
            continue
        if not seeded(look, "numpy"):
            yield look.found(call, _RANDOM, _WHY, _GIVE.format(word="random_state"))


def _is_generator(node: ast.AST) -> bool:
    """Judge by its name: a generator that was handed in."""
    name = getattr(node, "attr", getattr(node, "id", ""))
    return name.lower().lstrip("_") in ("rng", "random", "generator", "gen", "r", "rnd")


TABLE = Table(
    names=_NAMES,
    methods={},
    rules=(
        (RANDOM_DRAWS | NUMPY_DRAWS | TORCH_DRAWS, _hidden_generator),
        (frozenset(name.rpartition(".")[2] for name in MAKERS), _makers),
        (DRAWING | SOMETIMES | frozenset(WITH_OPTION), _estimators),
        (words("sample rvs"), _methods),
    ),
)
