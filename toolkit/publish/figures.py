"""Matplotlib figures as bytes that are the same whenever the drawing is."""

import io
import sys
from typing import TYPE_CHECKING

from toolkit.publish.results import PublishError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PNG_DPI = 110


def root_figure(name: str, fig: object) -> "Figure":
    """Return the whole figure of a figure, axes or seaborn grid.

    Raises
    ------
    PublishError : if there is none
    """
    from matplotlib.figure import Figure, SubFigure  # noqa: PLC0415

    found = getattr(fig, "figure", fig)
    if isinstance(found, SubFigure):
        found = found.get_figure(root=True)
    if isinstance(found, Figure):
        return found
    raise PublishError(
        what=f"figure {name!r}",
        found=f"is a {type(fig).__name__}",
        expected="pass a matplotlib figure, axes, or a seaborn grid",
    )


def svg_bytes(name: str, fig: "Figure") -> bytes:
    """Return the figure as SVG without date, version or random ids."""
    import matplotlib as mpl  # noqa: PLC0415

    buffer = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": name}):
        fig.savefig(
            buffer,
            format="svg",
            bbox_inches="tight",
            metadata={"Date": None, "Creator": None},
        )
    return buffer.getvalue()


def png_bytes(fig: "Figure") -> bytes:
    """Return the figure as PNG, for the screen."""
    buffer = io.BytesIO()
    fig.savefig(
        buffer,
        format="png",
        bbox_inches="tight",
        dpi=PNG_DPI,
        metadata={"Software": None},
    )
    return buffer.getvalue()


def close(fig: "Figure") -> None:
    """Close the figure, so that the notebook does not show it a second time."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(fig)
