"""The page as one HTML document that runs no script and asks nobody for anything."""

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from toolkit.report.page import Page
from toolkit.report.texts import text

_POLICY = (
    "default-src 'none'; style-src 'sha256-{style}'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)


def render(page: Page) -> str:
    """Return the report's HTML; the same page gives the same bytes.

    Every text is escaped, whatever it holds. The policy forbids all but this style
    sheet, by its digest, and embedded images.

    References
    ----------
    W3C, Content Security Policy Level 3, section 6.7.3.3 (hash sources)
    """
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    template = _environment().get_template("report.html.jinja")
    return template.render(page=page, style=style, policy=_POLICY.format(style=digest))


@cache
def _style() -> str:
    return files(__package__).joinpath("templates/report.css").read_text("utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("toolkit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["text"] = text
    environment.filters["percent"] = _percent
    return environment


def _percent(value: float) -> str:
    return f"{value:g}%"
