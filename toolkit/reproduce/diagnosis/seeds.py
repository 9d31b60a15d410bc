"""Whether a hidden generator was given a seed before it was drawn from."""

import ast
from collections.abc import Iterator

from toolkit.reproduce.diagnosis.slices import EVERYTHING
from toolkit.reproduce.diagnosis.sources import Look
from toolkit.reproduce.diagnosis.steps import Step
from toolkit.reproduce.diagnosis.words import words

_SEEDERS = {
    "random.seed": ("random",),
    "random.setstate": ("random",),
    "numpy.random.seed": ("numpy",),
    "numpy.random.set_state": ("numpy",),
    "torch.manual_seed": ("torch",),
    "torch.random.manual_seed": ("torch",),
    "tensorflow.random.set_seed": ("tensorflow",),
}
_ALL = words(
    "seed_everything set_random_seed set_seed seed_all manual_seed_all fix_seed"
)
_WORDS = words("seed setstate set_state manual_seed set_seed") | _ALL
_DEEP = 3


def seeded(look: Look, library: str) -> bool:
    """Whether a statement's draws come after a seed of that library.

    A seed inside a function counts from where the function is called.
    """
    position = _position(look, look.step, 0)
    return any(
        at <= position for name, at in _seeds(look) if name in (library, "every")
    )


def _position(look: Look, step: Step, deep: int) -> int:
    """Return where in the notebook a statement is executed first."""
    main = look.program.main
    if step.scope is main:
        return step.position
    if deep >= _DEEP:
        return EVERYTHING
    if step.scope.parent is None:  # of a file: when it is imported, at the top
        return -1
    sites = look.program.sites(step.scope.owner_name)
    outside = (s for _, s in sites if s.scope is not step.scope)
    return min((_position(look, s, deep + 1) for s in outside), default=EVERYTHING)


def is_reset(look: Look, library: str) -> bool:
    """Whether a seed of that library is set to none: ``random.seed()``."""
    wanted = [name for name, of in _SEEDERS.items() if library in of]
    return any(
        isinstance(node, ast.Call)
        and look.program.dotted(node.func, step.scope) in wanted
        and not _has_seed(look, node, step)
        for step in look.program.steps_with("seed")
        for node in look.program.nodes(step)
    )


def _seeds(look: Look) -> tuple[tuple[str, int], ...]:
    known = look.facts.cache.get("seeds")
    if not isinstance(known, tuple):
        known = tuple(_found(look))
        look.facts.cache["seeds"] = known
    return known


def _found(look: Look) -> Iterator[tuple[str, int]]:
    for step in look.program.steps():
        if step.words.isdisjoint(_WORDS):
            continue
        for node in look.program.nodes(step):
            if isinstance(node, ast.Call) and _has_seed(look, node, step):
                dotted = look.program.dotted(node.func, step.scope) or ""
                own = look.program.callee(node.func, step.scope)
                libraries = _SEEDERS.get(dotted, ())
                last = dotted.rpartition(".")[2]
                if last in _ALL and not own:
                    libraries = ("every",)
                for library in libraries:
                    yield library, _position(look, step, 0)


def _has_seed(look: Look, node: ast.Call, step: Step) -> bool:
    given = [*node.args, *(word.value for word in node.keywords)]
    return bool(given) and look.facts.constant(given[0], step) is not None
