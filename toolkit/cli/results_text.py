"""Published results as rows and words for a terminal."""

from collections import Counter
from collections.abc import Iterator

from toolkit.publish.display import number_text
from toolkit.reproduce.records.record import Record


def metric_rows(record: Record | None) -> Iterator[list[str]]:
    """Yield name, value, interval and unit of each metric."""
    for metric in record.results.metrics if record else ():
        interval = ""
        if metric.interval is not None:
            interval = " to ".join(map(number_text, metric.interval))
        yield [metric.name, number_text(metric.value), interval, metric.unit]


def finding_counts(record: Record | None) -> str:
    """Return the number of findings by severity: ``2 errors (1 accepted), 1 note``."""
    findings = record.results.findings if record else ()
    counts = Counter(finding.severity for finding in findings)
    accepted = Counter(f.severity for f in findings if f.accepted is not None)
    words = []
    for severity in ("error", "warning", "note"):
        if count := counts[severity]:
            note = f" ({accepted[severity]} accepted)" if accepted[severity] else ""
            words.append(f"{count} {severity}{'s'[: count > 1]}{note}")
    return ", ".join(words)
