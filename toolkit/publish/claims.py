"""What a notebook can say to the outside: metrics, tables, figures and findings."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.publish import marks
from toolkit.publish.display import (
    bundle,
    figure_html,
    finding_html,
    metric_html,
    metric_text,
    show,
    table_html,
)
from toolkit.publish.fields import shown
from toolkit.publish.marks import mark_html, marked_text
from toolkit.publish.protocols import FindingLike, IntervalLike, MetricLike
from toolkit.publish.results import (
    Direction,
    Figure,
    Metric,
    PublishedFinding,
    PublishError,
    Severity,
    Sha256,
    Table,
)

if TYPE_CHECKING:
    import pandas as pd

RUN_FOLDER = marks.RUN_FOLDER
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


def metrics(measured: Iterable[MetricLike]) -> None:
    """Publish several numbers, each as `metric` does.

    Raises
    ------
    PublishError : if a name is none, or a number is not finite
    """
    for one in measured:
        metric(
            one.name,
            one.value,
            unit=one.unit,
            direction=one.direction,
            interval=one.interval,
            description=one.description,
        )


def metric(
    name: str,
    value: float,
    *,
    unit: str = "",
    direction: Direction = "higher",
    interval: Sequence[float] | IntervalLike | None = None,
    level: float = 0.95,
    tolerance: float | None = None,
    description: str = "",
) -> None:
    """Publish one number as a result of the notebook.

    Outside of a run it is marked: what no run keeps is not for quoting.

    Parameters
    ----------
    name : str, lower-case letters, digits and ``_``; once in a notebook
    value : finite number; kept exactly, as a double
    unit : str, e.g. ``"failures a day"``
    direction : which is better; ``"none"`` if neither
    interval : (low, high) in the same unit, or anything with ``low`` and ``high``
    level : float in (0, 1), of the interval
    tolerance : float of at least 0, the absolute difference at which a re-execution
        still counts as equal; exactly equal if left out
    description : str, one sentence

    Raises
    ------
    PublishError : if the name is none, or a number is not finite or out of its range

    Examples
    --------
    >>> metric("hit_rate", 1.02, unit="a day", interval=(0.9, 1.1))
    hit_rate = 1.02 a day (95% interval 0.9 to 1.1)
    exploratory: not for quoting; it counts after: toolkit run NOTEBOOK
    """
    what = f"metric {shown(name)}"
    result = Metric(
        name=name,
        value=_number(what, "value", value),
        unit=unit,
        direction=direction,
        interval=_ends(what, interval),
        level=_number(what, "level", level),
        tolerance=None if tolerance is None else _number(what, "tolerance", tolerance),
        description=description,
    )
    show(
        bundle(
            result,
            plain=marked_text(metric_text(result)),
            html=metric_html(result, mark=mark_html()),
        )
    )


def table(
    name: str,
    frame: "pd.DataFrame | pd.Series[Any]",
    *,
    title: str = "",
    max_rows: int = 50,
) -> None:
    """Publish a table; the first rows are shown, a run keeps all of them as CSV.

    Parameters
    ----------
    name : str, lower-case letters, digits and ``_``; once in a notebook
    frame : DataFrame or Series whose values CSV can restore: numbers, text, booleans,
        times, durations, categories; an index that does more than count rows becomes
        columns
    title : str, above the table
    max_rows : int, number of rows to show

    Raises
    ------
    PublishError : if the name is none, or a column cannot be restored from text

    Examples
    --------
    >>> import pandas as pd
    >>> table("cities", pd.DataFrame({"city": ["Bern"], "hires": [12]}))
    cities: 1 row
       city  hires
    0  Bern     12
    exploratory: not for quoting; it counts after: toolkit run NOTEBOOK
    """
    from toolkit.publish import tables  # noqa: PLC0415 -- a metric needs no pandas

    flat = tables.flat_frame(name, frame)
    columns = tuple(tables.column_of(name, flat[column]) for column in flat)
    csv = tables.write_csv(columns, flat).encode("utf-8", "surrogatepass")
    result = Table(
        name=name,
        title=title,
        columns=columns,
        rows=len(flat),
        digest=_digest(csv),
        preview=tables.preview_rows(columns, flat, max_rows),
    )
    _write("tables", f"{name}.csv", csv)
    count = f"{name}: {len(flat):,} row{'' if len(flat) == 1 else 's'}"
    show(
        bundle(
            result,
            plain=marked_text(f"{count}\n{flat.head(max_rows).to_string()}"),
            html=table_html(title or name, columns, result.preview, len(flat))
            + mark_html(),
        )
    )


def figure(
    name: str, fig: object, *, alt: str | None = None, caption: str = ""
) -> None:
    """Publish a figure; it is closed, so that the cell shows it once.

    Parameters
    ----------
    name : str, lower-case letters, digits and ``_``; once in a notebook
    fig : matplotlib figure, axes, or seaborn grid
    alt : str, what it shows, in a sentence, for those who cannot see it; by default
        the figure's own label, which those of ``toolkit.analysis.figures`` have
    caption : str, below the figure

    Raises
    ------
    PublishError : if the name or ``alt`` is none, or ``fig`` is no figure
    """
    from toolkit.publish import figures  # noqa: PLC0415 -- a metric needs no matplotlib

    root = figures.root_figure(name, fig)
    alt = str(root.get_label()) if alt is None else alt
    svg, png = figures.svg_bytes(name, root), figures.png_bytes(root)
    result = Figure(name=name, alt=alt, caption=caption, digest=_digest(svg))
    figures.close(root)
    _write("figures", f"{name}.svg", svg)
    html = figure_html(png, alt=alt, caption=caption)
    show(bundle(result, plain=f"{name}: {alt}", html=html, svg=svg, png=png))


def findings(
    found: Sequence[FindingLike], *, reasons: Sequence[str | None] = ()
) -> None:
    """Publish red flags, each beside the reason why it is accepted.

    Parameters
    ----------
    found : sequence of findings
    reasons : sequence of the same length, None where nobody accepted the finding;
        empty: nobody accepted any

    Raises
    ------
    PublishError : if the lengths differ, or a severity is none of error, warning, note
    """
    if reasons and len(reasons) != len(found):
        raise PublishError(
            what="findings",
            found=f"{len(found)} findings and {len(reasons)} reasons",
            expected="give one reason, or None, a finding",
        )
    for one, reason in zip(found, reasons or [None] * len(found), strict=True):
        finding(one, accepted=reason)


def finding(found: FindingLike, *, accepted: str | None = None) -> None:
    """Publish a red flag.

    Parameters
    ----------
    found : finding of ``toolkit.analysis.sanity``, or anything with its fields
    accepted : str, why it is accepted; None while nobody accepted it

    Raises
    ------
    PublishError : if the severity is none of error, warning, note
    """
    severity = str(getattr(found.severity, "value", found.severity))
    if severity not in SEVERITIES:
        raise PublishError(
            what=f"finding {found.code!r}",
            found=f"severity is {severity!r}",
            expected=f"write one of {', '.join(SEVERITIES)}",
        )
    result = PublishedFinding(
        code=str(found.code),
        severity=SEVERITIES[SEVERITIES.index(severity)],
        place=str(found.place),
        message=str(found.message),
        advice=str(found.advice),
        count=int(found.count),
        accepted=accepted,
    )
    note = "" if accepted is None else f" (accepted: {accepted})"
    plain = f"{severity} {result.code} {result.place}: {result.message}{note}"
    show(bundle(result, plain=plain, html=finding_html(result)))


def _number(what: str, field: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise PublishError(
            what=what,
            found=f"{field} is {shown(value)}, a {type(value).__name__}",
            expected="publish a number, e.g. float(x) or frame.mean()['x']",
        )
    return float(value)


def _ends(
    what: str, interval: Sequence[float] | IntervalLike | None
) -> tuple[float, float] | None:
    if interval is None:
        return None
    try:
        low, high = (
            (interval.low, interval.high)
            if hasattr(interval, "low") and hasattr(interval, "high")
            else tuple(interval)
        )
    except (TypeError, ValueError):
        raise PublishError(
            what=what, found=f"interval is {shown(interval)}", expected="(low, high)"
        ) from None
    return _number(what, "interval", low), _number(what, "interval", high)


def _digest(content: bytes) -> Sha256:
    return Sha256(hashlib.sha256(content).hexdigest())


def _write(kind: str, name: str, content: bytes) -> None:
    """Keep a file beside the record, if this notebook is being run into a folder."""
    if folder := os.environ.get(RUN_FOLDER):
        path = Path(folder, kind, name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
