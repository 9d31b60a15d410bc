"""Whether an arbitrary order shows: what becomes of it, from one use to the next."""

import ast
from collections.abc import Callable
from typing import TypeAlias

from toolkit.reproduce.diagnosis.kinds import Kinds
from toolkit.reproduce.diagnosis.kinds_names import NUMBER, SET
from toolkit.reproduce.diagnosis.order_names import (
    HARMLESS,
    HIDDEN,
    LIKELY,
    PERHAPS,
    SHOWS,
    Followed,
    divides,
)
from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.steps import Scope, Step
from toolkit.reproduce.diagnosis.words import words

_Follower: TypeAlias = Callable[..., float]
_DEEP = 7
_FREE = words(
    "sorted len any all set frozenset isinstance type bool min max math.fsum "
    "statistics.mean numpy.unique numpy.sort numpy.isin numpy.intersect1d "
    "numpy.union1d numpy.setdiff1d natsort.natsorted heapq.heapify warnings.warn "
    "numpy.bincount"
)
_TIES = words("sorted min max heapq.nlargest heapq.nsmallest")
_PAIRS = words("enumerate zip itertools.count itertools.zip_longest itertools.batched")
_KEEPS = _PAIRS | words(
    "list tuple iter reversed map filter dict collections.deque "
    "collections.OrderedDict dict.fromkeys itertools.chain itertools.product "
    "itertools.combinations itertools.permutations itertools.chain.from_iterable "
    "itertools.filterfalse itertools.starmap itertools.accumulate itertools.groupby "
    "itertools.pairwise numpy.array numpy.asarray numpy.fromiter numpy.stack "
    "numpy.vstack numpy.concatenate numpy.hstack pandas.Series pandas.DataFrame "
    "pandas.Index pandas.concat tqdm.tqdm tqdm.auto.tqdm tqdm.notebook.tqdm "
    "joblib.Parallel collections.Counter copy.copy copy.deepcopy pandas.Categorical "
    "pandas.DataFrame.from_dict polars.DataFrame polars.concat fnmatch.filter "
    "pandas.DataFrame.from_records asyncio.gather"
)
_FIRST = words(
    "next print str repr format display itertools.islice functools.reduce "
    "json.dumps json.dump random.choice random.sample random.choices random.shuffle "
    "numpy.random.choice pprint.pprint pickle.dumps"
)
_SUMS = words("sum numpy.sum numpy.mean statistics.fmean")
_GIVEN_TO = words("join choice sample shuffle permutation write")
_EXTENDS = words("extend extendleft writelines writerows")
_COMBINES = words("union difference intersection symmetric_difference")
_GIVES_BACK = words(
    "reindex select fromkeys from_iterable from_records submit map imap"
)
_KEEPING = _COMBINES | words(
    "copy items keys values map apply assign reset_index astype rename dropna fillna "
    "set_index to_list tolist iterrows itertuples to_frame str dt loc query filter "
    "explode melt transform round abs reshape ravel flatten"
)
_AGGREGATES = words(
    "sum mean std var median prod groupby agg merge join quantile pivot_table "
    "group_by corr dot"
)


class Order(Followed):
    """Follows a value of arbitrary order forward, until it shows or is sorted."""

    def __init__(self, program: Program, kinds: Kinds) -> None:
        super().__init__(program, kinds)
        self._around: dict[type, _Follower] = {
            ast.Call: self._call,
            ast.keyword: self._keyword,
            ast.Attribute: self._attribute,
            ast.comprehension: self._comprehension,
            ast.Subscript: self._subscript,
            ast.Starred: self._starred,
            ast.BinOp: self._operation,
            ast.IfExp: self._branch,
            ast.BoolOp: self._passed_on,
            ast.Await: self._passed_on,
            ast.FormattedValue: lambda *_: SHOWS,
            ast.Compare: self._compared,
            ast.UnaryOp: lambda *_: HIDDEN,
            ast.YieldFrom: self._yielded,
        }

    def shows(self, node: ast.AST, step: Step, state: str, deep: int = 0) -> float:
        """Return how surely the order of an expression's value shows.

        Parameters
        ----------
        node : the expression
        step : the statement that it stands in
        state : "set" as long as it has no order yet, "list" or "dict" once it has
        deep : how far it was followed
        """
        if deep > _DEEP:
            return PERHAPS
        above = self._program.parent(node, step)
        if above is step.node or isinstance(above, (ast.NamedExpr, ast.withitem)):
            return self.statement(node, step, state, deep)
        method = self._around.get(type(above))
        if method is None:
            return PERHAPS if state == "list" else HIDDEN
        return method(above, node, step, state, deep)

    def _call(
        self, above: ast.Call, node: ast.AST, step: Step, state: str, deep: int
    ) -> float:
        if node is above.func:
            return HIDDEN
        dotted = self._program.dotted(above.func, step.scope) or ""
        if dotted in _TIES and any(w.arg == "key" for w in above.keywords):
            return PERHAPS  # equal keys stay in the order in which they came
        if dotted in _FREE or dotted in _FIRST:
            seen = dotted in _FIRST and not self.is_single(node, step)
            return SHOWS if seen else HIDDEN
        if dotted in _SUMS:
            return self._sum(node, step, state)
        if dotted in _KEEPS:
            became = "dict" if dotted in ("dict", "dict.fromkeys") else "list"
            found = self.shows(above, step, became, deep + 1)
            # what is paired with a number or another list shows for good
            return max(LIKELY, found) if dotted in _PAIRS else found
        return self._argument(above, node, step, state, deep)

    def _argument(
        self, above: ast.Call, node: ast.AST, step: Step, state: str, deep: int
    ) -> float:
        function = self._program.callee(above.func, step.scope)
        if function is not None:
            return self._given(function, above, node, state, deep)
        if not isinstance(above.func, ast.Attribute):
            return PERHAPS
        name, found = above.func.attr, PERHAPS
        if name in _GIVEN_TO:
            found = SHOWS
        elif name in _EXTENDS:
            receiver = getattr(above.func.value, "id", "")
            found = self.uses(receiver, step, "list", deep + 1) if receiver else SHOWS
        elif name in HARMLESS or name in _COMBINES:
            found = HIDDEN
        elif name in _GIVES_BACK:
            found = self.shows(above, step, "list", deep + 1)
        return found

    def _sum(self, node: ast.AST, step: Step, state: str) -> float:
        """Whole numbers add up the same in any order, others not to the last digit."""
        if isinstance(node, (ast.GeneratorExp, ast.ListComp)):
            if divides(node.elt):
                return LIKELY
            return HIDDEN if self._kinds.of(node.elt, step) == NUMBER else PERHAPS
        return LIKELY if state == "set" else PERHAPS

    def _given(
        self, function: Scope, above: ast.Call, node: ast.AST, state: str, deep: int
    ) -> float:
        """Look at what a function of the project does with it."""
        if state == "set":
            return HIDDEN  # found there, since the parameter is a set
        given = [p for p in function.parameters if p not in ("self", "cls")]
        pairs = list(zip(given, above.args, strict=False))
        pairs += [(word.arg or "", word.value) for word in above.keywords]
        for name, value in pairs:
            if value is node and name in function.parameters:
                return self.uses_in(name, function, None, state, deep + 1)
        return PERHAPS

    def _keyword(
        self, above: ast.keyword, node: ast.AST, step: Step, state: str, deep: int
    ) -> float:
        call = self._program.parent(above, step)
        if above.arg == "key" or not isinstance(call, ast.Call):
            return HIDDEN
        if above.arg in ("columns", "index", "data"):
            return self.shows(call, step, "list", deep + 1)
        function = self._program.callee(call.func, step.scope)
        if function is not None:
            return self._given(function, call, node, state, deep)
        return PERHAPS

    def _attribute(
        self, above: ast.Attribute, node: ast.AST, step: Step, state: str, deep: int
    ) -> float:
        outer = self._program.parent(above, step)
        called = isinstance(outer, ast.Call) and outer.func is above
        if above.attr in ("pop", "popitem") and state != "dict":
            return HIDDEN if self.is_single(node, step) else SHOWS
        if above.attr in HARMLESS:
            return HIDDEN
        if above.attr in _KEEPING:
            if state == "set":
                return HIDDEN  # another set; judged where that is used
            return self.shows(outer if called else above, step, state, deep + 1)
        if above.attr in _AGGREGATES:
            return PERHAPS
        return LIKELY if state == "list" else PERHAPS

    def is_single(self, node: ast.AST, step: Step) -> bool:
        """Whether a test around it looks at how many there are: of one, no order."""
        while isinstance(node, ast.Call) and node.args:  # next(iter(names))
            node = node.args[0]
        said = step.source.snippet
        text = said(node)
        tests: list[ast.AST] = []
        above: ast.AST = node
        while above is not step.node:
            above = self._program.parent(above, step)
            tests += [above.test] if isinstance(above, ast.IfExp) else []
        outside = step.within
        while outside is not None:
            tests += [outside.node.test] if isinstance(outside.node, ast.If) else []
            outside = outside.within
        return any(
            isinstance(n, ast.Call)
            and getattr(n.func, "id", "") == "len"
            and [said(each) for each in n.args] == [text]
            for test in tests
            for n in ast.walk(test)
        )

    def _comprehension(
        self, above: ast.comprehension, node: ast.AST, step: Step, _: str, deep: int
    ) -> float:
        whole = self._program.parent(above, step)
        if node is not above.iter or isinstance(whole, ast.SetComp):
            return HIDDEN
        became = "dict" if isinstance(whole, ast.DictComp) else "list"
        return self.shows(whole, step, became, deep + 1)

    def _subscript(
        self, above: ast.Subscript, node: ast.AST, _: Step, state: str, __: int
    ) -> float:
        if node is above.slice:  # frame[list(columns)]
            return LIKELY if state == "list" else HIDDEN
        return HIDDEN if state == "dict" else SHOWS

    def _starred(
        self, above: ast.Starred, _: ast.AST, step: Step, __: str, deep: int
    ) -> float:
        outer = self._program.parent(above, step)
        if isinstance(outer, ast.Call):
            return self._call(outer, above, step, "list", deep)
        if isinstance(outer, (ast.List, ast.Tuple)):
            return self.shows(outer, step, "list", deep + 1)
        return HIDDEN

    def _operation(
        self, above: ast.BinOp, _: ast.AST, step: Step, state: str, deep: int
    ) -> float:
        if state == "set" or self._kinds.of(above, step) == SET:
            return HIDDEN
        return self.shows(above, step, state, deep + 1)

    def _branch(
        self, above: ast.IfExp, node: ast.AST, step: Step, state: str, deep: int
    ) -> float:
        if node is above.test:
            return HIDDEN
        return self._passed_on(above, node, step, state, deep)

    def _passed_on(
        self, above: ast.AST, _: ast.AST, step: Step, state: str, deep: int
    ) -> float:
        return HIDDEN if state == "set" else self.shows(above, step, state, deep + 1)

    def _compared(
        self, above: ast.Compare, _: ast.AST, __: Step, state: str, ___: int
    ) -> float:
        free = (ast.In, ast.NotIn, ast.Is, ast.IsNot)
        if state in ("set", "dict") or any(isinstance(op, free) for op in above.ops):
            return HIDDEN
        return LIKELY

    def _yielded(
        self, _: ast.YieldFrom, __: ast.AST, step: Step, ___: str, deep: int
    ) -> float:
        return self.returned(step, "list", deep)
