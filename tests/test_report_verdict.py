from dataclasses import replace
from typing import Any

import pytest
import report_records as sprint
from hypothesis import given
from hypothesis import strategies as st
from report_pages import only_metrics, page

from toolkit.report.numerals import quantity
from toolkit.report.scale import Mark, draw_scale
from toolkit.report.verdict import Evidence, judge


def test_a_bar_below_a_random_pick_is_not_the_one_to_beat() -> None:
    shown = page(
        only_metrics(
            sprint.metric("hit_rate", 0.35, interval=[0.3, 0.4]),
            sprint.metric("bar_hit_rate", 0.2),
            sprint.metric("random_hit_rate", 0.34),
        )
    ).headline
    assert shown is not None
    assert shown.verdict.standing == "unclear"
    assert "picking at random" in shown.verdict.sentence


def test_a_published_paired_difference_decides_against_the_bar() -> None:
    metrics = [
        sprint.metric("hit_rate", 0.5, interval=[0.3, 0.7]),
        sprint.metric("bar_hit_rate", 0.4, interval=[0.2, 0.6]),
    ]
    paired = sprint.metric("hit_rate_over_bar", 0.1, interval=[0.02, 0.18])
    alone = page(only_metrics(*metrics)).headline
    both = page(only_metrics(*metrics, paired)).headline
    assert alone is not None
    assert both is not None
    assert (alone.verdict.standing, both.verdict.standing) == ("unclear", "above")


@pytest.mark.parametrize(
    ("facts", "standing", "sentence"),
    [
        pytest.param(
            {"value": 3.2, "interval": (3.1, 3.3)},
            "reached",
            "The goal of 3 is reached.",
            id="reached",
        ),
        pytest.param(
            {"value": 3.2, "interval": (2.9, 3.5)},
            "reached",
            "The goal of 3 is reached on average, but lower values are within the "
            "uncertainty.",
            id="reached on average",
        ),
        pytest.param(
            {"value": 1.1, "interval": (1.05, 1.2)},
            "above",
            "Better than the bar, by 0.10, but the goal of 3 is not reached: 1.90 to "
            "go.",
            id="a little above",
        ),
        pytest.param(
            {"goal": None},
            "above",
            "Better than the bar, 2.0 times as much, and no goal is set.",
            id="no goal",
        ),
        pytest.param(
            {"value": 1.1, "interval": (0.9, 1.3)},
            "unclear",
            "Not shown to be better than the bar: a difference of 0.10 is within the "
            "uncertainty.",
            id="unclear",
        ),
        pytest.param(
            {"value": 0.5, "interval": (0.4, 0.6)},
            "below",
            "Worse than the bar, by 0.50.",
            id="below",
        ),
        pytest.param(
            {"reference": None},
            "unknown",
            "The goal of 3 is not reached: 1.00 to go. There is no published bar to "
            "hold this number against.",
            id="no bar",
        ),
        pytest.param(
            {"reference": None, "goal": None},
            "unknown",
            "There is no published bar to hold this number against.",
            id="neither",
        ),
        pytest.param(
            {"sign": -1, "goal": 0.1, "value": 0.2, "interval": (0.15, 0.25)},
            "above",
            "Better than the bar, by 0.80, but the goal of 0.1 is not reached: 0.10 to "
            "go.",
            id="lower is better",
        ),
    ],
)
def test_the_verdict_follows_from_the_numbers(
    facts: dict[str, Any], standing: str, sentence: str
) -> None:
    evidence = Evidence(
        value=2.0,
        interval=(1.8, 2.2),
        reference=1.0,
        reference_interval=None,
        reference_name="the bar",
        difference_interval=None,
        goal=3.0,
        sign=1,
        places=2,
    )
    verdict = judge(replace(evidence, **facts))
    assert (verdict.standing, verdict.sentence) == (standing, sentence)


@given(
    value=st.floats(-1e6, 1e6),
    width=st.floats(0, 1e6),
    reference=st.floats(-1e6, 1e6),
    sign=st.sampled_from([-1, 1]),
)
def test_better_is_claimed_only_where_the_interval_excludes_the_bar(
    value: float, width: float, reference: float, sign: int
) -> None:
    interval = (value - width, value + width)
    verdict = judge(
        Evidence(
            value=value,
            interval=interval,
            reference=reference,
            reference_interval=None,
            reference_name="the bar",
            difference_interval=None,
            goal=None,
            sign=sign,
            places=2,
        )
    )
    worst = interval[0] if sign > 0 else interval[1]
    assert (verdict.standing == "above") == (sign * (worst - reference) > 0)


marks = st.lists(
    st.builds(
        lambda role, value, width: Mark(
            role=role,
            label=role,
            value=value,
            shown=quantity(value),
            interval=(value - width, value + width),
        ),
        st.sampled_from(["model", "bar", "random", "goal", "oracle"]),
        st.floats(-1e9, 1e9).map(lambda x: round(x, 6)),
        st.floats(0, 1e3),
    ),
    min_size=1,
    max_size=5,
)


@given(marks=marks)
def test_every_mark_stands_within_the_scale(marks: list[Mark]) -> None:
    scale = draw_scale(marks, metric="Hit rate")
    for row in scale.rows:
        assert 0 <= row.x <= 100
        assert row.low is not None
        assert row.width is not None
        assert 0 <= row.low <= row.low + row.width <= 100.01
        assert row.beyond <= (row.mark.role == "oracle")
    assert [tick.x for tick in scale.ticks] == sorted({t.x for t in scale.ticks})
    assert 2 <= len(scale.ticks) <= 20
