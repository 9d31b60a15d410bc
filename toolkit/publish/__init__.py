"""The one thing a notebook says to the outside: its results.

What a notebook publishes is shown in its cell and, when ``toolkit run`` executes the
notebook, harvested from there into the run's record. Nothing else counts as a result.

Examples
--------
>>> from toolkit import publish
>>> publish.metric("hit_rate", 1.02, unit="failures a day", direction="higher")
hit_rate = 1.02 failures a day
exploratory: not for quoting; it counts after: toolkit run NOTEBOOK
"""

from toolkit.publish.claims import figure, finding, findings, metric, metrics, table
from toolkit.publish.results import PublishError

__all__ = [
    "PublishError",
    "figure",
    "finding",
    "findings",
    "metric",
    "metrics",
    "table",
]
