"""What draws, what seeds, and whether a seed is one."""

import ast
from collections.abc import Iterable, Iterator

from toolkit.reproduce.diagnosis.kinds_names import GENERATOR
from toolkit.reproduce.diagnosis.seeds import seeded
from toolkit.reproduce.diagnosis.slices import EVERYTHING
from toolkit.reproduce.diagnosis.sources import Look, keyword
from toolkit.reproduce.diagnosis.steps import Step
from toolkit.reproduce.diagnosis.words import words

SEEDS = ("random_state", "seed", "rng", "random_seed", "rstate", "generator", "key")
ENTROPY = words(
    "os.urandom os.getrandom uuid.uuid4 uuid.uuid1 secrets.token_hex secrets.choice "
    "secrets.token_bytes secrets.token_urlsafe secrets.randbelow secrets.randbits"
)
SYSTEM_GENERATORS = words("random.SystemRandom secrets.SystemRandom")
IDENTITY = words(
    "id ctypes.addressof os.getpid os.getppid threading.get_ident "
    "threading.get_native_id"
)
TEMPORARY = words(
    "tempfile.mkdtemp tempfile.mkstemp tempfile.mktemp tempfile.TemporaryDirectory "
    "tempfile.NamedTemporaryFile"
)
SEEDERS = words(
    "random.seed numpy.random.seed torch.manual_seed torch.seed "
    "tensorflow.random.set_seed"
)
_TORCH = ("torch",)
_TENSORFLOW = ("tensorflow.random", "keras.random", "tensorflow.keras.random")
# functions of tensor libraries that draw, with the modules that have them
TENSOR_DRAWS = {
    **dict.fromkeys(
        words("rand randn randint randperm bernoulli multinomial rand_like randn_like"),
        _TORCH,
    ),
    **dict.fromkeys(words("uniform truncated_normal stateful_uniform"), _TENSORFLOW),
    "normal": (*_TORCH, *_TENSORFLOW),
    "shuffle": _TENSORFLOW,
}
LAYERS = words(
    "Linear Conv1d Conv2d Conv3d LSTM GRU RNN Embedding Transformer "
    "TransformerEncoderLayer MultiheadAttention ConvTranspose2d Bilinear "
    "Dense Conv1D Conv2D Conv3D SimpleRNN Bidirectional SeparableConv2D"
)
# what the tables of the diagnosis hold and does not draw by default
NO_STATE = words(
    "fetch_20newsgroups estimate_bandwidth AdditiveChi2Sampler PatchExtractor "
    "MultiOutputClassifierChain ClassifierChain RegressorChain SelfTraining "
    "barplot pointplot lineplot regplot lmplot stripplot"
)
SAMPLERS = {
    "pymc.sample": "random_seed",
    "pymc.sample_posterior_predictive": "random_seed",
    "pymc.sample_prior_predictive": "random_seed",
    "pymc.draw": "random_seed",
    "pymc3.sample": "random_seed",
    "pymc3.sample_posterior_predictive": "random_seed",
    "pymc3.sample_prior_predictive": "random_seed",
}
_CLOCKS = words(
    "time.time time.time_ns time.perf_counter time.perf_counter_ns time.monotonic "
    "time.monotonic_ns time.process_time datetime.datetime.now "
    "datetime.datetime.utcnow datetime.date.today datetime.datetime.today"
)
_HOSTS = words("platform.node socket.gethostname getpass.getuser uuid.getnode")
_CHANCES = ENTROPY | SYSTEM_GENERATORS | IDENTITY | _CLOCKS | _HOSTS
_EVERY = words(
    "seed_everything set_random_seed set_seed seed_all manual_seed_all fix_seed "
    "set_rng_seed set_seeds enable_op_determinism random_seed"
)
_FRAME_WORDS = frozenset(
    ("n", "frac", "replace", "weights", "axis", "ignore_index", *SEEDS)
)
_DEEP = 3


def library_of(dotted: str) -> str:
    """Return whose hidden generator a function draws from."""
    top = dotted.partition(".")[0]
    return "tensorflow" if top == "keras" else top


def is_seeded(look: Look, library: str) -> bool:
    """Whether a seed was set before, also by what seeds every library at once."""
    return seeded(look, library) or _seeded_by_framework(look)


def _seeded_by_framework(look: Look) -> bool:
    """``lightning.seed_everything(1)`` and what a project calls like that."""
    for name in _EVERY:
        for call, step in look.program.sites(name):
            before = step.scope is not look.step.scope or (
                step.position <= look.step.position
            )
            if (call.args or call.keywords) and before:
                return True
    return False


def chance_in(look: Look, given: Iterable[ast.AST]) -> str:
    """Return the name of what makes a seed another each time, "" if nothing does."""
    return next(_chances(look, given, look.step, 0), "")


def _chances(
    look: Look, given: Iterable[ast.AST], step: Step, deep: int
) -> Iterator[str]:
    for node in (n for each in given for n in ast.walk(each)):
        if isinstance(node, ast.Call):
            dotted = look.program.dotted(node.func, step.scope) or ""
            if dotted in _CHANCES:
                yield dotted
        elif isinstance(node, ast.Name) and deep < _DEEP:
            before = step.position if step.scope is look.step.scope else EVERYTHING
            for other in step.scope.definitions.get(node.id, ()):
                value = getattr(other.node, "value", None)
                earlier = other.position < before and node.id in other.binds
                if earlier and isinstance(value, ast.AST):
                    yield from _chances(look, [value], other, deep + 1)


def is_frame_sample(look: Look, call: ast.Call) -> bool:
    """Whether ``x.sample(…)`` is that of a frame, as far as can be told."""
    func = call.func
    if not isinstance(func, ast.Attribute) or look.dotted(func):
        return False
    if look.kind(func.value) == GENERATOR or look.program.methods("sample"):
        return False
    tops = {v.partition(".")[0] for v in look.step.scope.root.imports.values()}
    if not tops & {"pandas", "polars", "geopandas", "dask", "modin"}:
        return keyword(call, "frac") is not None
    if any(word.arg not in _FRAME_WORDS for word in call.keywords):
        return False
    name = getattr(func.value, "id", getattr(func.value, "attr", ""))
    return name.lower().lstrip("_") not in ("rng", "random", "dist", "space")
