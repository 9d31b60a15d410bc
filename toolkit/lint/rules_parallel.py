"""Orders that parallel work decides, where they show in a result."""

import ast
from collections.abc import Iterator

from toolkit.lint.model import Hit, Rule, Subject
from toolkit.lint.telling import follow, looks, reached, told
from toolkit.reproduce.diagnosis.order_names import LIKELY
from toolkit.reproduce.diagnosis.rules_parallel import races
from toolkit.reproduce.diagnosis.sources import keyword
from toolkit.reproduce.diagnosis.words import words

_ARRIVERS = words(
    "concurrent.futures.as_completed asyncio.as_completed distributed.as_completed "
    "dask.distributed.as_completed concurrent.futures.wait asyncio.wait"
)
_THREADS = words("Thread ThreadPool ThreadPoolExecutor gather create_task to_thread")
_STARTERS = words("submit map apply_async imap Thread Process gather create_task")


def _arrivals(subject: Subject) -> Iterator[Hit]:
    for look in looks(subject, "as_completed", "imap_unordered", "wait", "return_as"):
        for call, dotted, last in look.calls():
            unordered = look.constant(keyword(call, "return_as"))
            arrives = dotted in _ARRIVERS or last == "imap_unordered"
            shows = arrives and look.order.shows(call, look.step, "list") >= LIKELY
            if shows or unordered == "generator_unordered":
                what = "`{}` gives results in the order in which they are ready"
                yield from follow(subject, look, call, "order", what)


def _races(subject: Subject) -> Iterator[Hit]:
    told_of: set[int] = set()
    if not any(map(subject.program.steps_with, _THREADS)):
        return  # processes share nothing
    for look in looks(subject, *sorted(_STARTERS)):
        for finding in races(look):
            at = subject.look(finding.step)
            if id(finding.step) in told_of:
                continue
            node = at.nodes[0]
            value = getattr(node, "value", None)
            head = value if isinstance(value, ast.expr) else node
            result = reached(subject, head, finding.step, "order")
            if result is not None:
                told_of.add(id(finding.step))
                yield from told(
                    at, head, finding.why, mend=finding.advice, result=result
                )


def _groups(subject: Subject) -> Iterator[Hit]:
    for look in looks(subject, "group_by", "unique"):
        tops = {v.split(".")[0] for v in look.step.scope.root.imports.values()}
        if "polars" not in tops:
            continue
        for call, dotted, last in look.calls():
            kept = look.constant(keyword(call, "maintain_order"))
            if last not in ("group_by", "unique") or kept is True or dotted:
                continue
            if last == "unique" and "pandas" in tops | {"numpy"} & tops:
                continue
            if result := reached(subject, call, look.step, "order"):
                yield from told(
                    look, call, "`{}` gives its rows in any order", result=result
                )


RULES: tuple[Rule, ...] = (
    Rule(
        code="ARB104",
        name="order-of-arrival",
        severity="warning",
        why="What works in parallel is ready in another order each time.",
        mend="Keep the order of what was asked for (`map`, or a list of futures), or "
        "sort the results by a key.",
        bad=(
            (
                "from concurrent.futures import ThreadPoolExecutor, as_completed\n"
                "with ThreadPoolExecutor(2) as pool:\n"
                "    jobs = [pool.submit(pow, n, 2) for n in range(9)]\n"
                "    done = [job.result() for job in as_completed(jobs)]\nprint(done)"
            ),
        ),
        good=(
            (
                "from concurrent.futures import ThreadPoolExecutor\n"
                "with ThreadPoolExecutor(2) as pool:\n"
                "    done = list(pool.map(abs, range(9)))\nprint(done)"
            ),
        ),
        check=_arrivals,
    ),
    Rule(
        code="ARB105",
        name="shared-by-threads",
        severity="warning",
        why="Threads that add to one list add in the order in which they get there.",
        mend="Return the values and collect them in order: `list(pool.map(…))`.",
        bad=(
            (
                "import threading\nranked = []\ndef score(n):\n    ranked.append(n)\n"
                "many = [threading.Thread(target=score, args=(n,)) for n in range(9)]"
            ),
            "for each in many:\n    each.start()",
            "print(ranked)",
        ),
        good=(
            (
                "import threading\nranked = []\ndef score(n):\n    ranked.append(n)\n"
                "many = [threading.Thread(target=score, args=(n,)) for n in range(9)]"
            ),
            "for each in many:\n    each.start()",
            "print(sorted(ranked))",
        ),
        check=_races,
    ),
    Rule(
        code="ARB107",
        name="unordered-groups",
        severity="warning",
        why="Polars gives groups and distinct rows in any order unless it is told to "
        "keep theirs.",
        mend="Pass `maintain_order=True`, or sort the result.",
        bad=(
            "import polars as pl\nsales = pl.read_csv('a.csv')",
            "sales.group_by('shop').agg(pl.col('units').sum())",
        ),
        good=(
            "import polars as pl\nsales = pl.read_csv('a.csv')",
            "sales.group_by('shop').agg(pl.col('units').sum()).sort('shop')",
        ),
        check=_groups,
    ),
)
