"""Sides of a comparison."""

from toolkit.publish.results import Figure, Metric, PublishedFinding
from toolkit.reproduce.comparison.sides import Difference
from toolkit.reproduce.digest import bytes_digest

HIT = Metric(name="hit_rate", value=0.9535, tolerance=0.01, interval=(0.9, 0.97))
FLAG = PublishedFinding(
    code="DS104",
    severity="warning",
    place="trips.csv",
    message="3 rows twice",
    advice="look",
    count=3,
    accepted=None,
)


def only(found: tuple[Difference, ...]) -> str:
    (one,) = found
    return one.how_much


def drawing(svg: str, alt: str = "a line") -> Figure:
    return Figure(name="f", alt=alt, caption="", digest=bytes_digest(svg.encode()))
