"""Where values become results: shown, written, published, fitted."""

import ast
import re
from collections.abc import Iterator

from toolkit.lint.passing import FITS, Strain
from toolkit.reproduce.diagnosis.facts import Facts
from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.steps import Step
from toolkit.reproduce.diagnosis.trees import last_name
from toolkit.reproduce.diagnosis.words import words

_PRINTS = words("print display pprint pprint.pprint IPython.display.display")
_PLOTTERS = words("matplotlib seaborn plotly altair bokeh holoviews pylab hvplot")
_DRAWS = words(
    "plot scatter hist imshow bar barh boxplot contour contourf pcolormesh stem step "
    "fill_between errorbar violinplot plot_surface matshow hexbin pie semilogx "
    "semilogy loglog kdeplot histplot lineplot scatterplot heatmap distplot "
    "stackplot eventplot plot_wireframe quiver regplot pairplot jointplot"
)
_FRAMES = words(
    "figure subplots subplot axes legend grid xlabel ylabel tight_layout xlim ylim "
    "set_xlim set_ylim axis xticks yticks colorbar show close savefig rc use style "
    "set_theme suptitle title set_title set_xlabel set_ylabel clf axhline axvline"
)
_STORED = words(  # what they are called on is written
    "to_csv to_parquet to_excel to_json to_pickle to_sql to_hdf to_feather to_html "
    "to_markdown to_latex savefig write_csv write_parquet write_json write_html "
    "write_image to_netcdf to_zarr save_model"
)
_WRITES = words("write writelines writerow writerows write_text write_bytes")
_FIRST = words("json.dump pickle.dump joblib.dump yaml.dump yaml.safe_dump torch.save")
_SECOND = words("numpy.save numpy.savetxt numpy.savez numpy.savez_compressed")
_MAKES = words("mkdir makedirs urlretrieve copy copyfile move touch download save dump")
_READS = words(
    "open read read_text read_bytes connect load loadtxt genfromtxt read_csv "
    "read_excel read_parquet read_json read_table read_pickle read_hdf read_feather "
    "read_sql read_file read_fwf imread scan_csv scan_parquet open_dataset listdir "
    "scandir walk imopen ImageFolder load_model safe_load loadmat chdir"
)
_SPOKEN = re.compile(
    r"\[|\b(start|begin|began|end|finish|done|complet|elapsed|took|time|stamp|now|"
    r"log|run|current|today|updated|executed|generated|created|report|date|last)",
    re.IGNORECASE,
)
_TIMED = ("%%timeit", "%%memit", "%%prun", "%%capture")
_TIMED_LINE = ("%timeit", "%memit", "%prun")
_UNSHOWN = ("duration", "maker", "place", "count", "read", "written")
_LEAST = 1e-6  # a tolerance that is larger was meant for what is random
_NOTHING = words(
    "append extend insert update add remove discard clear sort reverse shuffle seed "
    "setdefault close flush start join"
)


class Results:
    """Tells whether a call or a cell's last expression makes a value a result."""

    def __init__(self, program: Program, facts: Facts) -> None:
        self._program = program
        self._facts = facts
        self._last = _last_statements(program)

    def of_call(
        self, call: ast.Call, node: ast.AST, step: Step, strain: Strain
    ) -> str | None:
        """Return how a call makes what it is given a result; None: it does not.

        Parameters
        ----------
        node : the argument, or the function whose object the value is
        """
        dotted = self._program.dotted(call.func, step.scope) or ""
        last = dotted.rpartition(".")[2] or last_name(call.func)
        if strain in ("read", "written"):
            return self._opened(call, node, step, strain, dotted, last)
        if dotted.startswith("toolkit.publish."):
            return self._published(call, step, strain)
        if strain in ("place", "count"):
            return None
        if dotted in _PRINTS or last == "pprint":
            return self._printed(call, node, strain)
        return self._used(call, node, dotted, last, strain)

    def _used(
        self, call: ast.Call, node: ast.AST, dotted: str, last: str, strain: Strain
    ) -> str | None:
        if last in FITS and not self._program.methods(last):
            return None if strain == "duration" else "is fitted"
        if _is_content(call, node, dotted, last):
            quiet = strain == "maker" or (
                node is not call.func and _is_log(call, strain)
            )
            return None if quiet else "is written to a file"
        return None if node is call.func else _drawn(dotted, last, strain)

    def _opened(
        self,
        call: ast.Call,
        node: ast.AST,
        step: Step,
        strain: Strain,
        dotted: str,
        last: str,
    ) -> str | None:
        """Return whether a call reads what lies at a path, or writes there."""
        writes = last in _STORED | _WRITES | _MAKES or dotted in _FIRST | _SECOND
        if last == "open":
            place = 0 if node is call.func else 1
            given = call.args[place] if len(call.args) > place else None
            words_in = (w.value for w in call.keywords if w.arg == "mode")
            mode = self._facts.constant(given or next(words_in, None), step)
            writes = isinstance(mode, str) and bool(set(mode) & set("wax"))
        reads = last in _READS and not writes
        if strain == "read":
            return "is read" if reads else None
        return "is written" if writes else None

    def _published(self, call: ast.Call, step: Step, strain: Strain) -> str | None:
        for word in call.keywords:
            if word.arg == "tolerance":
                value = self._facts.constant(word.value, step)
                wide = not isinstance(value, (int, float)) or value > _LEAST
                if strain == "digits" or (wide and strain in ("random", "order")):
                    return None
        return None if strain in ("maker", "place") else "is published"

    @staticmethod
    def _printed(call: ast.Call, node: ast.AST, strain: Strain) -> str | None:
        if strain in ("duration", "maker"):
            return None
        alone = strain == "moment" and len(call.args) == 1
        if alone or _is_log(call, strain) or isinstance(node, ast.keyword):
            return None
        return "is printed"

    def shown(self, step: Step, strain: Strain) -> str | None:
        """Return how a statement's value is a result as a cell's last expression."""
        if step not in self._last or strain in _UNSHOWN or is_timed(step):
            return None
        value = getattr(step.node, "value", None)
        if isinstance(value, ast.Call):
            last = last_name(value.func)
            if last in _NOTHING | _FRAMES or last in FITS:
                return None
            dotted = self._program.dotted(value.func, step.scope) or ""
            if dotted in _PRINTS or dotted.startswith("toolkit.publish."):
                return None
        return None if strain == "moment" else "is shown"


def _is_content(call: ast.Call, node: ast.AST, dotted: str, last: str) -> bool:
    """Whether a call writes a value to a file, and does not only name it after one."""
    if node is call.func:
        return last in _STORED
    if dotted in _FIRST:
        return node in call.args[:1]
    if dotted in _SECOND:
        return node in call.args[1:]
    return last in _WRITES and not dotted.startswith("sys.std")


def _is_log(call: ast.Call, strain: Strain) -> bool:
    """Whether it is a line of a log: a moment, with words that say so."""
    return strain in ("moment", "duration") and is_spoken(call)


def _drawn(dotted: str, last: str, strain: Strain) -> str | None:
    if strain not in ("random", "order", "value"):
        return None
    plots = dotted.partition(".")[0] in _PLOTTERS and last not in _FRAMES
    return "is drawn" if (plots and last[:1].islower()) or last in _DRAWS else None


def _is_progress(call: ast.Call) -> bool:
    """Whether the next line takes the place of what is printed."""
    ends = (word.value for word in call.keywords if word.arg == "end")
    return any(isinstance(e, ast.Constant) and "\r" in str(e.value) for e in ends)


def is_timed(step: Step) -> bool:
    """Whether a magic measures a statement, and drops its value."""
    text = step.source.text
    return text.lstrip().startswith(_TIMED) or (
        step.source.line(step.line).startswith(_TIMED_LINE)
    )


def is_spoken(node: ast.AST) -> bool:
    """Whether the texts in a node are those of a line of a log."""
    texts = [
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    return any(_SPOKEN.search(text) for text in texts if "%" not in text)


def worded(text: ast.JoinedStr, strain: Strain) -> Strain | None:
    """Return what a text with a moment in it is: a line of a log, or more."""
    if strain != "moment":
        return strain
    if is_spoken(text):
        return None
    has_words = any(isinstance(value, ast.Constant) for value in text.values)
    return "value" if has_words else "moment"


def _last_statements(program: Program) -> frozenset[Step]:
    return frozenset(_shown(program))


def _shown(program: Program) -> Iterator[Step]:
    last: dict[int, Step] = {}
    for step in program.main.steps:
        if step.source.cell is not None and step.within is None:
            last[step.source.cell] = step
    for step in last.values():
        quiet = step.source.text.rstrip().endswith(";")
        if isinstance(step.node, ast.Expr) and not quiet:
            yield step
