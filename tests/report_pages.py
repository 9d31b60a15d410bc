"""The report's page, of records that are made up."""

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import report_records as sprint
import report_sprint

from toolkit import scope
from toolkit.report.latest import Latest, select_latest
from toolkit.report.page import Page, build_page
from toolkit.report.render import render
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.trust import Trust, trust_of

TrustOf = Callable[[Record], Trust]
OPEN = replace(sprint.SCOPE, question="", stated_costs=None, stated_success=None)


def unverified(record: Record) -> Trust:
    return trust_of(record, ())


def latest(*documents: sprint.Document, trust: TrustOf = unverified) -> Latest:
    records = [
        sprint.as_record(document) for document in documents or report_sprint.sprint()
    ]
    return select_latest(records, folder="runs", trust=trust)


def with_images(found: Latest) -> Latest:
    images = {
        figure.name: sprint.SVG for run in found.shown for figure in run.results.figures
    }
    return replace(
        found, shown=tuple(replace(run, images=images) for run in found.shown)
    )


def page(
    *documents: sprint.Document,
    asked: scope.Scope = sprint.SCOPE,
    trust: TrustOf = unverified,
) -> Page:
    return build_page(with_images(latest(*documents, trust=trust)), asked)


def html(*documents: sprint.Document, asked: scope.Scope = sprint.SCOPE) -> str:
    return render(page(*documents, asked=asked))


def words(markup: str) -> str:
    """Return what a reader sees, without tags and style."""
    body = re.sub(r"<(style|svg|sup).*?</\1>", "", markup, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def only_metrics(*metrics: sprint.Document) -> sprint.Document:
    return sprint.record("02-baseline", metrics=metrics)


VOID = ("meta", "img", "line", "rect", "circle", "path", "br")


class Elements(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[tuple[str, list[str]]] = []
        self._texts: list[tuple[str, list[str]]] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            classes = (dict(attrs).get("class") or "").split()
            self._open.append((tag, classes))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        classes = [name for _, names in self._open for name in names]
        self._texts.append((data.strip(), classes))

    def within(self, name: str) -> set[str]:
        """Return the texts that stand inside an element of a class."""
        return {text for text, classes in self._texts if text and name in classes}
