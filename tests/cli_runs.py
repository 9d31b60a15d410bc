"""Notebooks, results and runs for the command line."""

from pathlib import Path

from records import put

from toolkit.publish.results import (
    Column,
    Figure,
    Metric,
    PublishedFinding,
    Results,
    Sha256,
    Table,
)
from toolkit.reproduce.records.record import Record

DIGEST = Sha256("5" * 64)
PUBLISHES = "from toolkit import publish\npublish.metric('n', n, unit='rows')"
USES = (
    "from toolkit import publish, upstream\n"
    "rows = upstream.load('01-data')\n"
    "publish.metric('double', 2 * rows.metrics['n'])"
)
RESULTS = Results(
    metrics=(
        Metric(name="hit_rate", value=1.0234567, unit="a day", interval=(0.9, 1.1)),
        Metric(name="a_b", value=2.0),
        Metric(name="c", value=3.0),
        Metric(name="d", value=4.0),
    ),
    tables=(
        Table(
            name="t",
            title="Hires",
            columns=(Column(name="a", kind="int64"),),
            rows=3,
            digest=DIGEST,
            preview=((1,),),
        ),
    ),
    figures=(Figure(name="f", alt="a line", caption="", digest=DIGEST),),
    findings=(
        PublishedFinding(
            code="DS101",
            severity="warning",
            place="failures|x",
            message="3 rows",
            advice="",
            count=3,
            accepted="known",
        ),
    ),
)


def recorded(project: Path, *records: Record) -> None:
    for record in records:
        put(record, project / "runs")
