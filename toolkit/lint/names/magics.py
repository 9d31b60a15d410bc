"""Magics of IPython: where they stand, and which names they set."""

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.reproduce.diagnosis.cells import Source
from toolkit.reproduce.diagnosis.program import Program
from toolkit.reproduce.diagnosis.words import words

_LINE = re.compile(r"(\s*)(%{1,2})([A-Za-z_]\w*)\b[ \t]*(.*)")
_NAME = re.compile(r"[A-Za-z_]\w*")
_OPTION = re.compile(r"--(?:out|err|proc|output|result)[= ]\s*([A-Za-z_]\w*)")
_SHORT = re.compile(r"(?:^|\s)-o\s+([A-Za-z_][\w,]*)")
_SHIFTED = re.compile(r"([A-Za-z_]\w*)\s*<<")
_CALLS = words("run_line_magic run_cell_magic magic")
# what stands in such a cell is no Python of the notebook's
INERT = words(
    "writefile file html HTML latex markdown svg SVG javascript js bash sh script "
    "cmd system perl ruby pypy python python2 python3 sql bigquery R octave mermaid "
)
_PLAIN = words(
    "matplotlib time timeit load_ext autoreload config env set_env cd pip conda mamba "
    "precision who whos who_ls reset xdel psearch pinfo pinfo2 doctest_mode colors "
    "automagic logstart logstop system sx sc alias rehashx history hist notebook "
    "memit mprun lprun prun tensorboard watermark version_information nbagg gui "
    "reload_ext unload_ext xmode pdb tb debug lsmagic magic quickref cls clear ls pwd "
    "mkdir rm cat head less more man unalias store bookmark dhist pushd popd dirs "
)
LOADERS = words("load loadpy recall rep edit paste cpaste rerun macro")


@dataclass(frozen=True, kw_only=True, slots=True)
class Magic:
    """One magic as it was written."""

    cell: int
    line: int
    column: int
    name: str
    rest: str
    whole: bool  # rules its cell

    @property
    def text(self) -> str:
        """What one would type."""
        return f"{'%%' if self.whole else '%'}{self.name} {self.rest}".strip()

    @property
    def names(self) -> tuple[str, ...]:
        """Names that it surely sets, whatever happened in earlier sessions."""
        found = [*_OPTION.findall(self.rest), *_SHIFTED.findall(self.rest)]
        if self.whole and self.name == "capture":
            found += [w for w in self.rest.split()[:1] if _NAME.fullmatch(w)]
        found += [n for each in _SHORT.findall(self.rest) for n in each.split(",")]
        return tuple(found)

    @property
    def is_timed(self) -> bool:
        """Whether it executes what stands on its line: ``%%timeit a = f()``."""
        return self.name in ("time", "timeit", "prun", "memit")

    @property
    def stored(self) -> tuple[str, ...] | None:
        """Names that ``%store -r`` brings back; none: all. None: it is another."""
        given = self.rest.split("#")[0].split()
        if self.name != "store" or "-r" not in given:
            return None
        return tuple(word for word in given if _NAME.fullmatch(word))

    @property
    def mentions(self) -> frozenset[str]:
        """Names that an unknown magic may set: all that stand on its line."""
        known = self.name in _PLAIN | LOADERS and not (self.whole and self.is_timed)
        return frozenset() if known else frozenset(_NAME.findall(self.rest))


def magics(source: Source) -> Iterator[Magic]:
    r"""Yield the magics of a cell, in the order of their lines.

    Examples
    --------
    >>> from toolkit.reproduce.diagnosis.cells import cell_tree
    >>> text = "%store -r weights\nx = 1"
    >>> source = Source(cell=0, file=None, text=text, tree=cell_tree(text))
    >>> [magic.stored for magic in magics(source)]
    [('weights',)]
    """
    if source.cell is None or "%" not in source.text or is_python(source.text):
        return
    blank = True
    for number, line in enumerate(source.lines, 1):
        found = _LINE.fullmatch(line)
        asked = found is not None and found[4].startswith("?")  # for help only
        if found and not asked and (blank or found[2] == "%"):
            yield Magic(
                cell=source.cell,
                line=number,
                column=len(found[1]),
                name=found[3],
                rest=found[4].strip(),
                whole=found[2] == "%%",
            )
            if found[2] == "%%" and found[3] in INERT:
                return
        blank = blank and not line.strip()


def called_magics(program: Program) -> Iterator[Magic]:
    """Yield the magics that are called: ``get_ipython().run_line_magic(...)``."""
    if not program.steps_with("get_ipython"):
        return
    for name in sorted(_CALLS):
        for call, step in program.sites(name):
            given = [a.value for a in call.args if isinstance(a, ast.Constant)]
            texts = [each for each in given if isinstance(each, str)]
            if step.source.cell is None or not texts:
                continue
            first, _, rest = texts[0].lstrip("%").partition(" ")
            yield Magic(
                cell=step.source.cell,
                line=call.lineno,
                column=call.col_offset,
                name=first,
                rest=" ".join([rest, *texts[1:2]]).strip(),
                whole=name == "run_cell_magic",
            )


def is_python(text: str) -> bool:
    """Whether a cell is Python without any line of IPython's.

    Then a line that begins with ``%`` goes on with the one before.
    """
    try:
        with warnings.catch_warnings():  # of foreign code: not ours to mention
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
