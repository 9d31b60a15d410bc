"""Processors, threads, and what several of them change at once."""

import ast
from collections.abc import Iterator

from toolkit.reproduce.diagnosis.names import root_name
from toolkit.reproduce.diagnosis.sources import (
    Finding,
    Groups,
    Look,
    Table,
    keyword,
    table,
)
from toolkit.reproduce.diagnosis.steps import Scope, Step
from toolkit.reproduce.diagnosis.words import words

_COUNT: Groups = {"processors": 1.0, "threads": 0.5}
_JOBS: Groups = {"processors": 0.8, "threads": 0.5, "parallel": 0.3}
_BLAS: Groups = {"threads": 0.6, "processors": 0.5}
_RACE: Groups = {"parallel": 1.0, "entropy": 0.8, "threads": 0.4, "processors": 0.4}
_POOLS = words(
    "concurrent.futures.ThreadPoolExecutor concurrent.futures.ProcessPoolExecutor "
    "multiprocessing.Pool multiprocessing.pool.Pool multiprocessing.pool.ThreadPool "
    "multiprocessing.dummy.Pool joblib.Parallel"
)
_STARTERS = words(
    "submit map apply_async imap starmap map_async run_in_executor to_thread "
    "add_done_callback"
)
_ADDS = words("append extend insert put put_nowait update write pop")
_FITTED = words("fit fit_transform fit_predict cross_val_score cross_validate")
_ADVICE = (
    "Return the value and collect it in order (`list(pool.map(…))`), "
    "or sort what was collected."
)
_TASKS = words("gather create_task ensure_future")
_ROUND = "Round to the digits that count, or publish it with a tolerance: `{}`."
_WHY_BLAS = "`{}` adds up in an order that depends on the number of threads"

_NAMES = (
    table("os.cpu_count multiprocessing.cpu_count joblib.cpu_count loky.cpu_count "
          "os.sched_getaffinity os.process_cpu_count psutil.cpu_count "
          "joblib.effective_n_jobs torch.get_num_threads numba.get_num_threads",
          _COUNT, "`{}` is how many processors this machine has",
          "Make the number of parts or workers a parameter, and let no result depend "
          "on it: `{}`.")
    | table("threadpoolctl.threadpool_limits threadpoolctl.threadpool_info "
            "torch.set_num_threads threading.active_count", {"threads": 0.3},
            "`{}` looks at or changes the number of threads",
            "Let no result depend on the number of threads: `{}`.")
    | table("numpy.dot numpy.matmul numpy.inner numpy.einsum numpy.tensordot "
            "numpy.cov numpy.corrcoef numpy.linalg.svd numpy.linalg.inv "
            "numpy.linalg.solve numpy.linalg.lstsq numpy.linalg.eig "
            "numpy.linalg.eigh numpy.linalg.pinv numpy.linalg.qr numpy.linalg.det "
            "numpy.linalg.norm numpy.linalg.cholesky numpy.linalg.eigvals "
            "numpy.linalg.matrix_power scipy.linalg.svd scipy.linalg.solve "
            "scipy.linalg.inv scipy.linalg.eigh scipy.linalg.lstsq scipy.linalg.qr "
            "torch.matmul torch.mm", _BLAS, _WHY_BLAS, _ROUND)
)  # fmt: skip


def _jobs(look: Look) -> Iterator[Finding]:
    """``n_jobs=-1``, and pools of as many workers as there are processors."""
    for call, dotted, _ in look.calls():
        given = keyword(call, "n_jobs", "num_workers", "thread_count", "workers")
        value = look.constant(given) if given is not None else 1
        if value is None or (isinstance(value, (int, float)) and value < 0):
            yield look.found(
                given or call,
                _JOBS,
                "`{}` uses as many processors as there are: "
                "what is divided among them adds up differently",
                "Give a number of jobs (`n_jobs=1`), or publish with a tolerance.",
            )
        if dotted in _POOLS and dotted != "joblib.Parallel" and given is None:
            workers = (
                call.args[0] if call.args else keyword(call, "max_workers", "processes")
            )
            if workers is None or look.constant(workers) is None:
                yield look.found(
                    call, {"processors": 0.4, "parallel": 0.2},
                    "`{}` starts as many workers as there are processors",
                    "Give the number of workers, and let no result depend on it: `{}`.",
                )  # fmt: skip


def _products(look: Look) -> Iterator[Finding]:
    for node in look.nodes:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            yield look.found(node, _BLAS, _WHY_BLAS, _ROUND)


def _fits(look: Look) -> Iterator[Finding]:
    """Solvers that iterate carry the last digits on."""
    for call, _, last in look.calls():
        if last in _FITTED:
            groups = {"threads": 0.35, "processors": 0.3}
            yield look.found(call, groups, _WHY_BLAS, _ROUND)


def races(look: Look) -> Iterator[Finding]:
    """Threads that change what they share: at the line that changes it."""
    for call, dotted, last in look.calls():
        for target in _targets(look, call, dotted, last):
            if isinstance(target, ast.Lambda):
                yield from _in_lambda(look, target)
                continue
            function = look.program.callee(target, look.step.scope)
            if function is not None:
                for shared in _shared(look, function):
                    yield shared
                    # where they are started is worth a look as well
                    less = {group: weight * 0.7 for group, weight in _RACE.items()}
                    yield look.found(call, less, shared.why, shared.advice)
            elif isinstance(target, ast.Attribute) and target.attr in _ADDS:
                yield look.found(call, _RACE, _why(look.text(target.value)), _ADVICE)


def _targets(look: Look, call: ast.Call, dotted: str, last: str) -> Iterator[ast.expr]:
    """Yield what a call has executed beside everything else."""
    if dotted in ("threading.Thread", "multiprocessing.Process"):
        target = keyword(call, "target")
        yield from () if target is None else (target,)
    elif dotted and not dotted.startswith("asyncio."):
        return
    elif last in _TASKS:
        for node in (n for each in call.args for n in ast.walk(each)):
            if isinstance(node, ast.Call):
                function = look.program.callee(node.func, look.step.scope)
                if function and isinstance(function.node, ast.AsyncFunctionDef):
                    yield node.func
    elif last in _STARTERS and isinstance(call.func, ast.Attribute) and call.args:
        yield from call.args[:2] if last == "run_in_executor" else call.args[:1]
        yield from filter(None, (keyword(call, "callback"),))


def _in_lambda(look: Look, target: ast.Lambda) -> Iterator[Finding]:
    own = {each.arg for each in target.args.args}
    for node in ast.walk(target.body):
        match node:
            case ast.Call(func=ast.Attribute(attr=last, value=ast.Name(id=name))):
                if last in _ADDS and name not in own:
                    yield look.found(node, _RACE, _why(name), _ADVICE)


def _shared(look: Look, function: Scope) -> Iterator[Finding]:
    for step in function.steps:
        for name in sorted(step.changes | (step.binds & function.outer)):
            local = name in function.parameters or name in function.bound
            if (local and name not in function.outer) or not _adds(look, step, name):
                continue
            if name in function.root.imports:
                continue
            yield Finding(
                step=step,
                line=step.line,
                groups=_RACE,
                why=_why(name),
                advice=_ADVICE,
            )


def _adds(look: Look, step: Step, name: str) -> bool:
    """Whether a statement leaves in a shared name when it was executed."""
    if isinstance(step.node, ast.AugAssign) or name in step.binds:
        return True
    for node in look.program.nodes(step):
        match node:
            case ast.Call(func=ast.Attribute(attr=last) as func) if last in _ADDS:
                if name in root_name(func):
                    return True
    return False


def _why(name: str) -> str:
    return f"several threads change `{name}`, in the order in which they get there"


def _groups(look: Look) -> Iterator[Finding]:
    """Polars gives groups and distinct rows in any order."""
    tops = {v.split(".")[0] for v in look.step.scope.root.imports.values()}
    if "polars" not in tops:
        return
    for call, _, last in look.calls():
        kept = keyword(call, "maintain_order")
        if last not in ("group_by", "unique") or look.constant(kept) is True:
            continue
        if any(isinstance(n, ast.Attribute) and n.attr == "sort" for n in look.nodes):
            continue
        yield look.found(
            call,
            {"entropy": 0.9, "threads": 0.7, "processors": 0.7, "parallel": 0.5},
            "`{}` gives its rows in any order",
            "Pass `maintain_order=True`, or sort the result: `{}`.",
        )


TABLE = Table(
    names=_NAMES,
    methods=table("dot", _BLAS, _WHY_BLAS, _ROUND),
    rules=(
        (
            words("n_jobs num_workers thread_count workers Pool ThreadPool")
            | words("ThreadPoolExecutor ProcessPoolExecutor"),
            _jobs,
        ),
        (frozenset(("<matmul>",)), _products),
        (_FITTED, _fits),
        (_STARTERS | _TASKS | words("Thread Process"), races),
        (words("group_by unique"), _groups),
    ),
)
