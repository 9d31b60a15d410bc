"""What each cell of an executed notebook showed, as text that can be compared."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from toolkit.publish.results import KINDS, Sha256
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.notebook import INJECTED
from toolkit.reproduce.outputs.images import decoded, image_text
from toolkit.reproduce.outputs.markup import plain_markup, plain_script
from toolkit.reproduce.outputs.rules import Ignore, Setting, normalise_text
from toolkit.reproduce.outputs.stamps import Span
from toolkit.reproduce.records.record import CellRecord

IGNORING_TAGS = frozenset(("toolkit-ignore-output", "nbval-ignore-output"))
_IGNORING_LINE = re.compile(
    r"^[ \t]*#[ \t]*(?:NBVAL|PYTEST_VALIDATE)_IGNORE_OUTPUT\b", re.MULTILINE
)
_CLOCKS = re.compile(
    r"\b(?:perf_counter|process_time|thread_time|monotonic|default_timer)(?:_ns)?\b|"
    r"\btime\.time(?:_ns)?\b|\bfrom\s+time\s+import\b|\btimeit\b|%time\b|"
    r"\b(?:datetime|date|Timestamp)\.(?:now|utcnow|today)\b|"
    r"datetime64\(\s*['\"](?:now|today)"
)
_IMAGES = (
    "image/svg+xml",
    "image/png",
    "image/jpeg",
    "application/pdf",
    "image/gif",
    "image/webp",
)
_TEXTS = ("text/html", "text/latex", "text/markdown")
_LAST = ("application/javascript", "text/plain")
_DIAGRAM = 'class="sk-top-container'  # an estimator: its text says all of it
_NO_CONTENT = re.compile(r"jupyter\.widget|bokehjs|holoviews_(?:exec|load)")


@dataclass(frozen=True, kw_only=True, slots=True)
class CellOutput:
    """What one cell displayed and printed, normalised.

    The text may be the beginning only, as a record keeps it; the digest is of all.
    """

    cell: int  # index in the source notebook
    digest: Sha256 | None = None  # None: it showed nothing, or nothing that counts
    text: str = ""
    stderr: str = ""  # log lines, warnings: as they came, and no result
    left_out: bool = False  # the notebook says that its output is not to be compared

    @property
    def whole(self) -> bool:
        """Whether the text is all that was shown."""
        return self.digest == text_digest(self.text)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What a project adds to the rules of ``docs/outputs.md``."""

    ignored: tuple[Ignore, ...] = ()
    notes: tuple[str, ...] = field(default=())  # for whoever reads the verdict


DEFAULT = Rules()


def normalise_outputs(
    cells: Sequence[Mapping[str, Any]],
    *,
    source_index: Callable[[int], int] = lambda index: index,
    places: Mapping[str, str] | None = None,
    began: datetime | None = None,
    ended: datetime | None = None,
    offset: timedelta = timedelta(0),
    rules: Rules = DEFAULT,
) -> tuple[CellOutput, ...]:
    """Return what each code cell showed, without what honest executions differ in.

    Parameters
    ----------
    cells : of the executed notebook, as they lie in its JSON
    source_index : gives the index in the source notebook of an executed cell
    places : ``"<project>"``, ``"<home>"``, ``"<tmp>"`` by absolute path; give each
        also as it is resolved
    began, ended : of the execution on its own clock, with their zone; None: not known,
        and no time stamp is taken for the execution's
    offset : of the kernel's time zone from UTC
    rules : what the project adds

    Returns
    -------
    one for each code cell but an injected one, in their order
    """
    span = Span(began=began, ended=ended, offset=offset) if began and ended else None
    setting = Setting(
        places=dict(places or {}),
        span=span,
        reads_clock=any(_CLOCKS.search(joined(cell.get("source"))) for cell in cells),
        ignored=rules.ignored,
    )
    return tuple(
        _cell_output(source_index(index), cell, setting)
        for index, cell in enumerate(cells)
        if cell.get("cell_type") == "code" and INJECTED not in _tags(cell)
    )


def recorded_outputs(cells: Sequence[CellRecord]) -> tuple[CellOutput, ...]:
    """Return what a record keeps of the cells' outputs: digests and beginnings."""
    return tuple(
        CellOutput(cell=cell.index, digest=cell.output, text=cell.shown)
        for cell in cells
    )


def executed_digest(cells: Sequence[Mapping[str, Any]]) -> Sha256:
    """Return the digest of what an executed notebook shows: sources and outputs.

    Counts, metadata, and how lines are split and the JSON laid out, are left out: a
    notebook that was opened and saved again is the same.

    Parameters
    ----------
    cells : as they lie in its JSON
    """
    told = [
        [
            cell.get("cell_type"),
            joined(cell.get("source")),
            _plain(cell.get("outputs", [])),
        ]
        for cell in cells
    ]
    text = json.dumps(told, sort_keys=True, ensure_ascii=False)
    return bytes_digest(text.encode("utf-8", "surrogatepass"))


def _plain(value: object) -> object:
    if isinstance(value, dict):
        left_out = ("metadata", "execution_count")
        return {k: _plain(v) for k, v in value.items() if k not in left_out}
    if isinstance(value, list):
        if value and all(isinstance(each, str) for each in value):
            return "".join(value)
        return [_plain(each) for each in value]
    return value


def text_digest(text: str) -> Sha256 | None:
    """Return the digest of a cell's text; None of an empty one."""
    return bytes_digest(text.encode("utf-8", "surrogatepass")) if text else None


def joined(text: object) -> str:
    """Return a text that nbformat may have split into lines."""
    if isinstance(text, list):
        return "".join(str(line) for line in text)
    return text if isinstance(text, str) else ""


def is_left_out(cell: Mapping[str, Any]) -> bool:
    """Tell whether a cell says that its output is not to be compared."""
    if _tags(cell) & IGNORING_TAGS:
        return True
    source = joined(cell.get("source"))
    return "IGNORE_OUTPUT" in source and bool(_IGNORING_LINE.search(source))


def _tags(cell: Mapping[str, Any]) -> frozenset[str]:
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, Mapping) else None
    listed = tags if isinstance(tags, list | tuple) else ()
    return frozenset(tag for tag in listed if isinstance(tag, str))


def _cell_output(index: int, cell: Mapping[str, Any], setting: Setting) -> CellOutput:
    outputs = [o for o in cell.get("outputs") or () if isinstance(o, Mapping)]
    stderr = _printed(outputs, "stderr")
    if is_left_out(cell):
        return CellOutput(cell=index, stderr=stderr, left_out=True)
    pieces = [
        normalise_text(_printed(outputs, "stdout"), setting),
        *(normalise_text(shown, setting) for shown in _displayed(outputs)),
    ]
    text = "\n".join(piece for piece in pieces if piece)
    return CellOutput(cell=index, digest=text_digest(text), text=text, stderr=stderr)


def _printed(outputs: Sequence[Mapping[str, Any]], name: str) -> str:
    return "".join(
        joined(output.get("text"))
        for output in outputs
        if output.get("output_type") == "stream" and output.get("name") == name
    )


def _displayed(outputs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for output in outputs:
        kind, data = output.get("output_type"), output.get("data")
        if kind == "error":
            yield f"{output.get('ename', '')}: {joined(output.get('evalue'))}"
        elif isinstance(data, Mapping) and not any(mime in KINDS for mime in data):
            yield _richest(data)


def _richest(data: Mapping[str, Any]) -> str:
    """Return the bundle's most telling representation that two executions share."""
    for mime in _IMAGES:
        if mime in data:
            text = joined(data[mime])
            svg = mime.endswith("xml")
            return plain_markup(text) if svg else image_text(mime, decoded(text))
    for mime in sorted(data):
        filled = isinstance(data[mime], Mapping | list) and data[mime]
        if mime.endswith("json") and filled and not _NO_CONTENT.search(mime):
            return json.dumps(data[mime], sort_keys=True, indent=1, ensure_ascii=False)
    for mime in (*_TEXTS, *_LAST):
        if text := joined(data.get(mime)):
            if _DIAGRAM in text and joined(data.get("text/plain")):
                continue  # its scripts are read by scikit-learn, as the locale has it
            if mime == "text/html":
                return plain_markup(text)
            return plain_script(text) if mime.endswith("javascript") else text
    others = (m for m in sorted(data) if not _NO_CONTENT.search(m) and data[m])
    return "\n".join(image_text(m, decoded(joined(data[m]))) for m in others)
