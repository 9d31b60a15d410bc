"""Show a published result in a notebook: one MIME bundle, legible light and dark."""

import base64
from collections.abc import Mapping, Sequence
from html import escape

from toolkit.publish.fields import Json, encode
from toolkit.publish.results import MIME, Column, Metric, PublishedFinding, Result

_BOX = (
    "border-left:4px solid {colour};padding:4px 12px;margin:4px 0;"
    "background:rgba(128,128,128,.08);max-width:60em"
)
_QUIET = "opacity:.75;font-size:90%"
_COLOURS = {"error": "#d64545", "warning": "#c98a00", "note": "#4c86c6"}
_THOUSAND = 1000


def number_text(value: float) -> str:
    """Return a number as people read it: four digits, or grouped thousands.

    Examples
    --------
    >>> number_text(1.0234567), number_text(-1234567.8)
    ('1.023', '-1,234,568')
    """
    return f"{value:,.0f}" if abs(value) >= _THOUSAND else f"{value:.4g}"


def bundle(result: Result, *, plain: str, html: str, **more: bytes) -> dict[str, Json]:
    """Return the MIME bundle of one result.

    Parameters
    ----------
    result : what the run's record will hold; it is harvested from here
    plain, html : the same for the eye
    **more : ``svg`` and ``png``, as bytes
    """
    data: dict[str, Json] = {
        MIME.format(result.kind): {"schema": 1, **_fields(result)},
        "text/plain": plain,
        "text/html": html,
    }
    if "svg" in more:
        data["image/svg+xml"] = more["svg"].decode()
        data["image/png"] = base64.b64encode(more["png"]).decode()
    return data


def show(data: Mapping[str, Json]) -> None:
    """Display a bundle; outside of a notebook its text is printed."""
    from IPython.display import display  # noqa: PLC0415 -- scripts may do without

    display(_Shown(data))  # type: ignore[no-untyped-call]  # IPython ships no types


def metric_text(metric: Metric) -> str:
    """Return a metric in one line: exact value, unit and interval."""
    unit = f" {metric.unit}" if metric.unit else ""
    if metric.interval is None:
        return f"{metric.name} = {metric.value!r}{unit}"
    low, high = metric.interval
    return (
        f"{metric.name} = {metric.value!r}{unit} "
        f"({metric.level:.0%} interval {number_text(low)} to {number_text(high)})"
    )


def metric_html(metric: Metric, *, mark: str = "") -> str:
    """Return a metric as a card: name, value, unit, interval, description.

    Parameters
    ----------
    metric : to show
    mark : HTML that stands below, in the same card
    """
    better = {"higher": "higher is better", "lower": "lower is better", "none": ""}
    notes = [better[metric.direction], metric.description]
    if metric.interval is not None:
        low, high = (number_text(end) for end in metric.interval)
        notes.insert(0, f"{metric.level:.0%} interval {low} to {high}")
    about = " · ".join(escape(note) for note in notes if note)
    return (
        f'<div style="{_BOX.format(colour="#4c86c6")}">'
        f'<div style="{_QUIET}">{escape(metric.name)}</div>'
        f'<div title="{metric.value!r}"><b style="font-size:150%">'
        f"{number_text(metric.value)}</b> {escape(metric.unit)}</div>"
        f'<div style="{_QUIET}">{about}</div>{mark}</div>'
    )


def finding_html(finding: PublishedFinding) -> str:
    """Return a red flag as a box whose edge and first word tell its severity."""
    accepted = (
        f'<div style="{_QUIET}">Accepted: {escape(finding.accepted)}</div>'
        if finding.accepted is not None
        else ""
    )
    return (
        f'<div style="{_BOX.format(colour=_COLOURS[finding.severity])}">'
        f"<div><b>{escape(finding.severity.capitalize())} {escape(finding.code)}</b> "
        f"<code>{escape(finding.place)}</code></div>"
        f"<div>{escape(finding.message)}</div>"
        f'<div style="{_QUIET}">{escape(finding.advice)}</div>{accepted}</div>'
    )


def table_html(
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[object]],
    total: int,
) -> str:
    """Return the first rows of a table; numbers stand to the right."""
    caption = title
    if len(rows) < total:
        caption = f"{title} (the first {len(rows)} of {total:,} rows)".strip()
    head = "".join(
        f'<th scope="col" style="{_align(c)}">{escape(c.name)}</th>' for c in columns
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="{_align(c)}">{escape(_cell(value))}</td>'
            for c, value in zip(columns, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        '<div style="overflow-x:auto"><table style="color:inherit">'
        f'<caption style="text-align:left;padding:4px 0">{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def figure_html(png: bytes, *, alt: str, caption: str) -> str:
    """Return a figure with its alternative text and its caption."""
    source = base64.b64encode(png).decode()
    below = f'<figcaption style="{_QUIET}">{escape(caption)}</figcaption>'
    return (
        '<figure style="margin:4px 0">'
        f'<img src="data:image/png;base64,{source}" alt="{escape(alt)}" '
        f'style="max-width:100%">{below if caption else ""}</figure>'
    )


def _fields(result: Result) -> dict[str, Json]:
    fields = encode(result)
    assert isinstance(fields, dict)  # noqa: S101 -- a dataclass becomes a dict
    return fields


def _align(column: Column) -> str:
    number = column.kind.lower().startswith(("int", "uint", "float"))
    return f"padding:2px 8px;text-align:{'right' if number else 'left'}"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return number_text(value)
    return str(value).removesuffix("T00:00:00")


class _Shown:
    """What IPython asks for its MIME bundle, and prints where there is no notebook."""

    def __init__(self, data: Mapping[str, Json]) -> None:
        self._data = data

    def __repr__(self) -> str:
        return str(self._data["text/plain"])

    def _repr_mimebundle_(self, **_: object) -> dict[str, Json]:
        return dict(self._data)
