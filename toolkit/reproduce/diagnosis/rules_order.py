"""Iteration over sets, listings of folders, results as they arrive, hashes."""

import ast
from collections.abc import Iterator

from toolkit.reproduce.diagnosis.kinds_names import NUMBER, SET
from toolkit.reproduce.diagnosis.order_names import HIDDEN, LIKELY
from toolkit.reproduce.diagnosis.sources import Finding, Groups, Look, Table, keyword
from toolkit.reproduce.diagnosis.words import words

_SEED: Groups = {"hash-seed": 1.0, "entropy": 0.1}
_LISTING: Groups = {"listing": 1.0, "entropy": 0.4, "folder": 0.2}
_ARRIVAL: Groups = {"parallel": 1.0, "entropy": 0.8, "processors": 0.5, "threads": 0.4}
_LISTERS = words(
    "os.listdir os.scandir os.walk os.fwalk glob.glob glob.iglob "
    "pkgutil.iter_modules os.listxattr"
)
_LISTER_METHODS = words("iterdir glob rglob walk")
_TIMES = words("getmtime getctime st_mtime st_ctime st_mtime_ns st_ctime_ns")
_BY_NAME = (
    "Name the file, or choose it by a date in its name: files have other times in "
    "another checkout: `{}`."
)
_ARRIVERS = words(
    "concurrent.futures.as_completed asyncio.as_completed distributed.as_completed "
    "dask.distributed.as_completed concurrent.futures.wait asyncio.wait"
)
_SETS = (
    ast.Name,
    ast.Attribute,
    ast.Call,
    ast.Set,
    ast.SetComp,
    ast.BinOp,
    ast.Subscript,
)
_READ = ast.Load()
# what can bring the order of a set to light
_LOUD = (
    ast.Call,
    ast.keyword,
    ast.comprehension,
    ast.Starred,
    ast.FormattedValue,
    ast.YieldFrom,
    ast.For,
    ast.AsyncFor,
    ast.Assign,
    ast.AugAssign,
)
_UNSORTED = "`{}` gives files in whatever order the disk keeps them"
_BY_HASH = (
    "{} is a set: its order depends on the hash seed, which is another in each process"
)


def _sets(look: Look) -> Iterator[Finding]:
    for node in look.nodes:
        if not isinstance(node, _SETS) or is_quiet(look, node):
            continue
        if look.kind(node) != SET or _is_empty(node):
            continue
        surely = look.order.shows(node, look.step, "set")
        if surely > HIDDEN:
            what = f"`{look.text(node)}`"
            groups = {group: weight * surely for group, weight in _SEED.items()}
            yield look.found(
                node, groups, _BY_HASH.format(what), sorted_advice(look, node)
            )


def is_quiet(look: Look, node: ast.expr) -> bool:
    """Whether the order of a set cannot show there, seen without knowing its kind."""
    above = look.parent(node)
    if isinstance(above, ast.Attribute):
        return above.attr not in ("pop", "__iter__")
    if isinstance(above, ast.Call) and above.func is node:
        return True
    return not isinstance(above, _LOUD) or not isinstance(
        getattr(node, "ctx", _READ), ast.Load
    )


def _is_empty(node: ast.expr) -> bool:
    """``set()``: what is put into it has a name of its own."""
    if not isinstance(node, ast.Call) or node.args:
        return False
    return getattr(node.func, "id", "") in ("set", "frozenset")


def sorted_advice(look: Look, node: ast.AST) -> str:
    """Return how to sort what an expression gives, as it is used there."""
    above, text = look.parent(node), look.text(node)
    head = look.step.node
    if isinstance(above, ast.comprehension):
        target = look.text(above.target)
        return f"Sort it: `for {target} in sorted({text})`."
    if above is head and isinstance(head, (ast.For, ast.AsyncFor)):
        return f"Sort it: `for {look.text(head.target)} in sorted({text}):`."
    if isinstance(above, ast.Attribute) and above.attr == "pop":
        return f"Choose one by a rule, e.g. `min({text})`, instead of `.pop()`."
    if isinstance(above, ast.Call) and look.dotted(above.func) in ("list", "tuple"):
        return f"Sort it: `sorted({text})` instead of `{look.text(above)}`."
    return f"Sort it before its order counts: `sorted({text})`."


def _hashes(look: Look) -> Iterator[Finding]:
    if look.step.scope.name == "__hash__":
        return
    for node, dotted, call in look.named():
        last = dotted.rpartition(".")[2]
        if dotted != "hash" and last != "__hash__":
            continue
        if call is not None and call.args and look.kind(call.args[0]) == NUMBER:
            continue
        yield look.found(
            call or node,
            {"hash-seed": 1.0, "entropy": 0.3},
            "`{}` of a text is another number in each process",
            "Use a digest that is always the same, "
            "e.g. `zlib.crc32(text.encode())` or `hashlib.sha256`, instead of `{}`.",
        )  # fmt: skip
    for call, dotted, last in look.calls():
        if last == "__hash__" and not dotted:
            yield look.found(
                call,
                _SEED,
                "`{}` of a text is another number in each process",
                "Use `zlib.crc32` or `hashlib.sha256` instead of `{}`.",
            )


def _listings(look: Look) -> Iterator[Finding]:
    for call, dotted, last in look.calls():
        method = (
            not dotted
            and last in _LISTER_METHODS
            and isinstance(call.func, ast.Attribute)
        )
        if dotted not in _LISTERS and not method and dotted != "pathlib.Path.walk":
            continue
        state = "walk" if last in ("walk", "fwalk") else "list"
        surely = look.order.shows(call, look.step, "list")
        if state == "walk" and walk_is_sorted(look):
            continue
        if surely > HIDDEN:
            groups = {group: weight * surely for group, weight in _LISTING.items()}
            by_time = not look.step.words.isdisjoint(_TIMES)
            advice = _BY_NAME if by_time else sorted_advice(look, call)
            yield look.found(call, groups, _UNSORTED, advice)


def walk_is_sorted(look: Look) -> bool:
    """Whether a loop over ``os.walk`` sorts both folders and files."""
    node = look.step.node
    if not isinstance(node, ast.For) or not isinstance(node.target, ast.Tuple):
        return False
    names = [t.id for t in node.target.elts if isinstance(t, ast.Name)]
    text = {each.id for part in ast.walk(node) for each in _sorted_names(part)}
    used = {n.id for b in node.body for n in ast.walk(b) if isinstance(n, ast.Name)}
    walked = [name for name in names[1:] if name in used or name == names[1]]
    return bool(walked) and all(name in text for name in walked)


def _sorted_names(node: ast.AST) -> Iterator[ast.Name]:
    if not isinstance(node, ast.Call):
        return
    if isinstance(node.func, ast.Name) and node.func.id == "sorted":
        yield from (
            n for a in node.args for n in ast.walk(a) if isinstance(n, ast.Name)
        )
    match node.func:
        case ast.Attribute(attr="sort", value=ast.Name() as name):
            yield name


def _arrivals(look: Look) -> Iterator[Finding]:
    """Find results taken in the order in which parallel work completes."""
    for call, dotted, last in look.calls():
        if keyword(call, "return_as") is not None:
            surely = _unordered(look, call)
        elif dotted in _ARRIVERS or last in ("imap_unordered", "as_completed"):
            surely = look.order.shows(call, look.step, "list")
        else:
            continue
        if surely > HIDDEN:
            groups = {group: weight * surely for group, weight in _ARRIVAL.items()}
            yield look.found(
                call,
                groups,
                "`{}` gives results in the order in which they are ready",
                "Keep the order of what was asked for (`map`, or a list of futures), "
                "or sort the results by a key: `{}`.",
            )


def _unordered(look: Look, call: ast.Call) -> float:
    """Judge ``Parallel(return_as="generator_unordered")(jobs)``, on one line or two."""
    if look.constant(keyword(call, "return_as")) != "generator_unordered":
        return HIDDEN
    above = look.parent(call)
    if isinstance(above, ast.Call) and above.func is call:
        return look.order.shows(above, look.step, "list")
    return LIKELY


TABLE = Table(
    names={},
    methods={},
    rules=(
        (frozenset(("<sets>",)), _sets),
        (words("hash __hash__"), _hashes),
        (
            words("listdir scandir walk fwalk glob iglob iterdir rglob iter_modules"),
            _listings,
        ),
        (words("as_completed imap_unordered wait return_as"), _arrivals),
    ),
)
