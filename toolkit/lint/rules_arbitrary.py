"""Orders that nobody decided, where they show in a result."""

import ast
from collections.abc import Iterator

from toolkit.lint.model import Edit, Hit, Rule, Subject
from toolkit.lint.telling import every_look, looks, reached, replaced, told
from toolkit.reproduce.diagnosis.kinds_names import NUMBER, SET
from toolkit.reproduce.diagnosis.order_names import LIKELY, divides
from toolkit.reproduce.diagnosis.rules_order import (
    is_quiet,
    sorted_advice,
    walk_is_sorted,
)
from toolkit.reproduce.diagnosis.sources import Look, keyword
from toolkit.reproduce.diagnosis.words import words

_LISTS = words("os.listdir glob.glob")  # what gives a list
_LISTERS = _LISTS | words("os.scandir os.walk os.fwalk glob.iglob pathlib.Path.walk")
_METHODS = words("iterdir glob rglob")
_SUMS = words("sum numpy.sum numpy.mean statistics.fmean statistics.mean")
_TIES = words("max min sorted heapq.nlargest heapq.nsmallest")
_WHOLE = words("int float str str.lower str.casefold natsort_key os.path.basename")
_MAKES_SETS = words("set frozenset keys <set> intersection symmetric_difference")
_SETS = (
    ast.Name,
    ast.Attribute,
    ast.Call,
    ast.Set,
    ast.SetComp,
    ast.BinOp,
    ast.Subscript,
)


def _sets(subject: Subject) -> Iterator[Hit]:
    if not _has_sets(subject):
        return
    for look in every_look(subject):
        for node in look.nodes:
            if not isinstance(node, _SETS) or is_quiet(look, node):
                continue
            if look.kind(node) != SET or _is_empty(node):
                continue
            head: ast.AST = node
            if _breaks_ties(look, node):
                head = look.parent(node)
            elif not (_shows(look, node) or _numbers(look, node)):
                continue
            if result := reached(subject, head, look.step, "order"):
                yield from told(
                    look,
                    node,
                    "`{}` is a set: its order depends on the hash seed, "
                    "another in each process",
                    mend=sorted_advice(look, node),
                    result=result,
                )


def _shows(look: Look, node: ast.AST) -> bool:
    return look.order.shows(node, look.step, "set") >= LIKELY


def _numbers(look: Look, node: ast.AST) -> bool:
    """``for name in names: codes.setdefault(name, len(codes))``."""
    head = look.step.node
    if not isinstance(head, ast.For) or head.iter is not node:
        return False
    return any(
        isinstance(n, ast.Call)
        and getattr(n.func, "attr", "") == "setdefault"
        and any(getattr(m, "id", "") == "len" for a in n.args for m in ast.walk(a))
        for each in head.body
        for n in ast.walk(each)
    )


def _has_sets(subject: Subject) -> bool:
    program = subject.program
    return any(map(program.steps_with, _MAKES_SETS)) or any(
        "et[" in source.text for source in {step.source for step in program.steps()}
    )


def _is_empty(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call) or node.args:
        return False
    return getattr(node.func, "id", "") in ("set", "frozenset")


def _breaks_ties(look: Look, node: ast.AST) -> bool:
    """``max(names, key=wins.get)``: the first of equal ones."""
    above = look.parent(node)
    if not isinstance(above, ast.Call) or look.dotted(above.func) not in _TIES:
        return False
    key = keyword(above, "key")
    if key is None or look.dotted(key) in _WHOLE:
        return False
    return not (isinstance(key, ast.Lambda) and _tells_apart(key))


def _tells_apart(key: ast.Lambda) -> bool:
    """Whether elements that differ have keys that differ, as far as can be told."""
    names = {each.arg for each in key.args.args}
    parts = key.body.elts if isinstance(key.body, ast.Tuple) else [key.body]
    whole = any(isinstance(part, ast.Name) and part.id in names for part in parts)
    return whole or not isinstance(key.body, (ast.Tuple, ast.Subscript, ast.UnaryOp))


def _hashes(subject: Subject) -> Iterator[Hit]:
    for look in looks(subject, "hash"):
        if look.step.scope.name == "__hash__":
            continue
        for call, dotted, _ in look.calls():
            if dotted != "hash" or not call.args:
                continue
            first = call.args[0]
            number = isinstance(look.constant(first), (int, float))
            if number or look.kind(first) == NUMBER:
                continue
            if result := reached(subject, call, look.step, "value"):
                what = "`{}` of a text or an object is another number in each process"
                yield from told(look, call, what, result=result)


def _listings(subject: Subject) -> Iterator[Hit]:
    names = {name.rpartition(".")[2] for name in _LISTERS} | _METHODS
    for look in looks(subject, *sorted(names)):
        for call, dotted, last in look.calls():
            method = not dotted and last in _METHODS
            if not method and dotted not in _LISTERS:
                continue
            if method and not isinstance(call.func, ast.Attribute):
                continue
            if last in ("walk", "fwalk") and walk_is_sorted(look):
                continue
            if look.order.shows(call, look.step, "list") < LIKELY:
                continue
            if result := reached(subject, call, look.step, "order"):
                yield from told(
                    look,
                    call,
                    "`{}` gives files in whatever order the disk keeps them",
                    mend=sorted_advice(look, call),
                    result=result,
                    edit=_sorted(look, call, dotted),
                )


def _sorted(look: Look, call: ast.Call, dotted: str) -> Edit | None:
    """Return the edit that sorts a list of names; other listings are no lists."""
    above = look.parent(call)
    looped = isinstance(above, (ast.comprehension, ast.For)) or above is look.step.node
    paths = (
        dotted == "" and looped and isinstance(look.step.node, (ast.For, ast.Assign))
    )
    if dotted in _LISTS or (paths and isinstance(above, (ast.comprehension, ast.For))):
        return replaced(look, call, "sorted(", ")")
    return None


def _sums(subject: Subject) -> Iterator[Hit]:
    names = {name.rpartition(".")[2] for name in _SUMS}
    for look in looks(subject, *sorted(names)):
        for call, dotted, _ in look.calls():
            if dotted not in _SUMS or not call.args:
                continue
            made = call.args[0]
            if not isinstance(made, (ast.GeneratorExp, ast.ListComp)):
                continue
            around = made.generators[0].iter
            if not _is_arbitrary(look, around) or not _is_fraction(look, made.elt):
                continue
            if result := reached(subject, call, look.step, "digits"):
                yield from told(
                    look,
                    call,
                    "`{}` adds fractions in an arbitrary order, "
                    "which decides on the last digits",
                    result=result,
                )


def _is_arbitrary(look: Look, node: ast.expr) -> bool:
    if look.kind(node) == SET:
        return True
    if not isinstance(node, ast.Call):
        return False
    dotted = look.dotted(node.func)
    last = getattr(node.func, "attr", "")
    return dotted in _LISTERS or (not dotted and last in _METHODS)


def _is_fraction(look: Look, node: ast.expr) -> bool:
    """Whether values are fractions, or come from what computes with fractions."""
    if divides(node):
        return True
    scope = look.step.scope
    made = (
        getattr(step.node, "value", None)
        for each in ast.walk(node)
        if isinstance(each, ast.Name)
        for step in scope.definitions.get(each.id, ())
        if each.id in step.binds
    )
    return any(isinstance(value, ast.AST) and divides(value) for value in made)


RULES: tuple[Rule, ...] = (
    Rule(
        code="ARB101",
        name="set-order",
        severity="warning",
        why="The order of a set of texts depends on the hash seed, another one in each "
        "process; a result that shows it is another each time.",
        mend="Sort the set before its order counts: `sorted(…)`.",
        bad=("names = {'north', 'south'}\nfirst = list(names)[0]", "print(first)"),
        good=("names = {'north', 'south'}\nfirst = sorted(names)[0]", "print(first)"),
        check=_sets,
    ),
    Rule(
        code="ARB102",
        name="hash-of-text",
        severity="warning",
        why="`hash` of a text, and of an object without a hash of its own, is another "
        "number in each process.",
        mend="Use a digest that is always the same: `zlib.crc32(text.encode())`.",
        bad=(
            "names = ['a', 'b']\ntest = [n for n in names if hash(n) % 5 == 0]\ntest",
        ),
        good=(
            (
                "import zlib\nnames = ['a', 'b']\n"
                "test = [n for n in names if zlib.crc32(n.encode()) % 5 == 0]\ntest"
            ),
        ),
        check=_hashes,
    ),
    Rule(
        code="ARB103",
        name="unsorted-listing",
        severity="warning",
        why="A folder is listed in whatever order its disk keeps it: another machine "
        "gives another one.",
        mend="Sort the files: `sorted(os.listdir(folder))`.",
        bad=("import os\nnames = os.listdir('data')\nprint(names[0])",),
        good=("import os\nnames = sorted(os.listdir('data'))\nprint(names[0])",),
        check=_listings,
    ),
    Rule(
        code="ARB106",
        name="sum-in-any-order",
        severity="warning",
        why="Fractions add up differently in another order; the last digits of the sum "
        "are those of the order.",
        mend="Use `math.fsum`, sort first, or publish the sum with a tolerance.",
        bad=(
            (
                "shares = {f'shop-{n}': 0.1 * n for n in range(9)}\n"
                "total = sum(shares[name] for name in set(shares))"
            ),
            "print(repr(total))",
        ),
        good=(
            (
                "import math\nshares = {f'shop-{n}': 0.1 * n for n in range(9)}\n"
                "total = math.fsum(shares[name] for name in set(shares))"
            ),
            "print(repr(total))",
        ),
        check=_sums,
    ),
)
