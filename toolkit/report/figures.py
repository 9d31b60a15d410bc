"""The figures of the runs, embedded as images, in which no script runs."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.publish.results import Figure
from toolkit.report.runs import Run
from toolkit.report.texts import label, text
from toolkit.reproduce.digest import bytes_digest

MAX_IMAGE_BYTES = 300_000
MAX_IMAGES_BYTES = (
    1_200_000  # of all together: base64 adds a third, the page stays < 2 MB
)


@dataclass(frozen=True, kw_only=True, slots=True)
class FigureView:
    """A figure to show, or why it is not shown."""

    key: str
    title: str
    source: str  # a data URI, or empty
    alt: str
    caption: str
    absent: str
    run: int


def view_figures(runs: Sequence[Run]) -> list[tuple[str, FigureView]]:
    """Return the figures, embedded while room lasts."""
    room = MAX_IMAGES_BYTES
    views = []
    for run in runs:
        for figure in run.results.figures:
            path = f"runs/{run.name}/figures/{figure.name}.svg"
            image = run.images.get(figure.name, b"")
            absent = _absent(figure, image, path, room)
            image = b"" if absent else image
            room -= len(image)
            view = FigureView(
                key=f"{run.number}-{figure.name}",
                title=label(figure.name),
                source=_data_uri(image) if image else "",
                alt=figure.alt,
                caption=figure.caption,
                absent=absent,
                run=run.number,
            )
            views.append((figure.name, view))
    return views


def _absent(figure: Figure, image: bytes, path: str, room: int) -> str:
    """Return why a figure cannot be shown, or nothing."""
    if not image:
        return text("figure_absent", path=path)
    if bytes_digest(image) != figure.digest:
        return text("figure_changed", path=path)
    if len(image) > min(MAX_IMAGE_BYTES, room):
        return text("figure_too_large", path=path)
    return ""


def _data_uri(image: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(image).decode('ascii')}"
