"""Scopes survive being written and read; lengths of time say what people mean."""

import pickle
from datetime import date, time, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit import scope

REAL = (Path(__file__).parent.parent / "scope.yaml").read_text("utf-8")

words = st.text(
    st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=12
).map(lambda word: f"a {word}")
lengths = st.integers(1, 10**7).map(lambda seconds: timedelta(seconds=seconds))
prose = st.lists(words, min_size=1, max_size=3, unique=True).map(tuple)


def estimates(low: float, high: float) -> st.SearchStrategy[scope.Estimate]:
    return st.lists(st.floats(low, high), min_size=3, max_size=3).map(
        lambda three: scope.Estimate(
            low=min(three), mid=sorted(three)[1], high=max(three)
        )
    )


costs = st.builds(
    scope.Costs,
    currency=words,
    failure=estimates(100, 1e6),
    check=estimates(0, 1e6),
    prevented_share=estimates(0.5, 1),
    planned_repair=estimates(0, 1),
)
success = st.builds(
    scope.Success,
    metric=st.sampled_from(["hit_rate", "precision", "saved_per_day"]),
    threshold=st.floats(0.01, 1),
    unit=words,
)


@st.composite
def scopes(draw: st.DrawFn) -> scope.Scope:
    """Scopes without contradictions."""
    horizon, delay, every = (draw(lengths) for _ in range(3))
    longer = st.timedeltas(timedelta(), timedelta(days=9)).map(
        lambda more: timedelta(seconds=int(more.total_seconds()))
    )
    test_length = every + draw(longer)
    days = sorted(draw(st.tuples(st.dates(), st.dates())))
    return scope.Scope(
        question=draw(words),
        why=draw(words),
        pain_point=draw(words),
        client=draw(words),
        user=draw(words),
        decision=draw(words),
        current_strategy=scope.Strategy(
            description=draw(words), worth=draw(words), rule="random", checks="log"
        ),
        horizon=horizon,
        decisions=scope.Decisions(
            every=every,
            ready_by=draw(st.times()).replace(microsecond=0),
            timezone=draw(st.sampled_from([None, "UTC"])),
            first=days[0],
            last=draw(st.sampled_from([None, days[1]])),
        ),
        capacity=draw(st.integers(1, 10**6)),
        stated_costs=draw(costs),
        stated_success=draw(success),
        assumptions=draw(prose),
        disruption=draw(prose),
        tables={
            "things": scope.Table(
                name="things", source="a/b.csv", role="entities", entity=draw(words)
            ),
            "log": scope.Table(
                name="log",
                source="log.csv",
                role="events",
                entity=draw(words),
                time=draw(words),
                kind=draw(words),
                delay=delay,
            ),
            "levels": scope.Table(
                name="levels",
                source="log.csv",
                role="measurements",
                entity=draw(words),
                time=draw(words),
                values=draw(prose),
            ),
        },
        label=scope.Label(table="log", kinds=draw(prose)),
        evaluation=scope.Evaluation(
            window=draw(st.sampled_from(["growing", "sliding"])),
            first_training=horizon + draw(longer),
            test_length=test_length,
            step=test_length + draw(longer),
            gap=horizon + delay + draw(longer),
        ),
        inputs=draw(st.sampled_from(["discovered", "declared"])),
        network=draw(st.sampled_from(["refused", "allowed"])),
        environment=draw(st.sampled_from([(), ("TOKEN", "REGION")])),
        accepted=draw(
            st.sampled_from(
                [
                    (),
                    (
                        scope.Accepted(code="DS101", reason="known"),
                        scope.Accepted(code="DS101", reason="new", place="log.time"),
                    ),
                ]
            )
        ),
    )


@settings(deadline=None, max_examples=40)
@given(asked=scopes())
def test_a_scope_survives_being_written_and_read(asked: scope.Scope) -> None:
    text = yaml.safe_dump(asked.to_dict(), allow_unicode=True)
    assert scope.parse(text) == asked


def test_the_bundled_scope_answers_every_question() -> None:
    asked = scope.parse(REAL)
    assert asked.open_questions == ()
    assert scope.parse(yaml.safe_dump(asked.to_dict())) == asked
    assert (asked.capacity, asked.horizon) == (10, timedelta(days=2))
    assert asked.decisions.ready_by == time(7)
    assert asked.decisions.first == date(2015, 1, 8)
    assert asked.tables["failures"].delay == timedelta(days=1)
    assert asked.costs.currency == "USD"
    assert asked.success.metric == "hit_rate"


def test_a_scope_can_be_sent_to_another_worker() -> None:
    asked = scope.parse(REAL)
    assert pickle.loads(pickle.dumps(asked)) == asked  # noqa: S301  # our own bytes


@given(seconds=st.integers(0, 10**10))
def test_a_length_of_time_survives_being_written_and_read(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert scope.parse_duration(scope.format_duration(length)) == length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("2 days", timedelta(days=2)),
        ("1 day", timedelta(days=1)),
        ("1 week", timedelta(weeks=1)),
        ("12 hours", timedelta(hours=12)),
        ("30 minutes", timedelta(minutes=30)),
        ("1.5 h", timedelta(minutes=90)),
        ("90min", timedelta(minutes=90)),
        ("1 day 12 hours", timedelta(hours=36)),
        ("1 day, 12 hours and 5 min", timedelta(hours=36, minutes=5)),
        (" 2  Days ", timedelta(days=2)),
        ("P2D", timedelta(days=2)),
        ("PT12H", timedelta(hours=12)),
        ("P1W", timedelta(weeks=1)),
        ("P1DT12H30M5S", timedelta(hours=36, minutes=30, seconds=5)),
    ],
)
def test_lengths_of_time_are_read_as_people_write_them(
    text: str, length: timedelta
) -> None:
    assert scope.parse_duration(text) == length


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2",
        "days",
        "-1 day",
        "2 months",
        "1 year",
        "P",
        "PT",
        "P1M",
        "P2DT",
        "1e3 s",
        "2 daysx",
        "1 day -2 hours",
        "inf days",
        "99999999999 days",
        "0.1 s",
        "٢ days",
    ],
)
def test_other_lengths_of_time_are_refused(text: str) -> None:
    assert scope.parse_duration(text) is None


@pytest.mark.parametrize(
    ("failure", "check", "share", "repair", "break_even"),
    [
        pytest.param(10_000, 300, 1.0, 0, 300 / 10_300, id="all prevented"),
        pytest.param(5_000, 250, 0.6, 400, 250 / 2_850, id="in part, with a repair"),
        pytest.param(5_000, 0, 0.6, 400, 0, id="free checks"),
        pytest.param(1_000, 10, 0.4, 400, 1, id="never"),
    ],
)
def test_a_check_pays_above_the_break_even_probability(
    failure: float, check: float, share: float, repair: float, break_even: float
) -> None:
    def exactly(x: float) -> scope.Estimate:
        return scope.Estimate(low=x, mid=x, high=x)

    asked = scope.Costs(
        currency="USD",
        failure=exactly(failure),
        check=exactly(check),
        prevented_share=exactly(share),
        planned_repair=exactly(repair),
    )
    assert asked.break_even.mid == pytest.approx(break_even)


@given(costs)
def test_the_break_even_range_holds_its_middle(asked: scope.Costs) -> None:
    found = asked.break_even
    assert 0 <= found.low <= found.mid <= found.high <= 1


def test_another_capacity_changes_nothing_else() -> None:
    asked = scope.load()
    assert asked.with_capacity(None) is asked
    other = asked.with_capacity(20)
    assert (other.capacity, other.with_capacity(asked.capacity)) == (20, asked)
