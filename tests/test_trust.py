"""The level of a run follows from what is known about it, and from nothing else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from evidence import COMMIT, Found, clean, found
from hypothesis import given
from hypothesis import strategies as st
from records import DIGEST, a_record

from toolkit.publish.results import Sha256
from toolkit.reproduce.levels import Levels
from toolkit.reproduce.records.recipe import RunId
from toolkit.reproduce.records.record import Failure, Record
from toolkit.reproduce.records.trace import Trace
from toolkit.reproduce.trust import Level, trust_of
from toolkit.reproduce.variation import NAMES

RUN = clean(a_record())
FAILURE = Failure(cell=2, source="", ename="E", evalue="", traceback="")
DRIFT = ("pandas 3.0.0 (lock 3.1.1)",)


def about(record: Record, **facts: object) -> Record:
    changed: Any = replace(record.circumstances, **facts)  # type: ignore[arg-type]  # by name
    return replace(record, circumstances=changed)


def unlocked(record: Record) -> Record:
    environment = replace(record.recipe.environment, lock=None)
    recipe = replace(record.recipe, environment=environment, digest=Sha256(""))
    return replace(record, recipe=recipe)


def traced(record: Record, **facts: object) -> Record:
    trace: Any = replace(Trace(), **facts)  # type: ignore[arg-type]  # by name
    return replace(record, trace=trace)


def test_each_level_has_its_proof() -> None:
    ladder = [
        trust_of(about(RUN, dirty=True), ()),
        trust_of(RUN, ()),
        trust_of(RUN, (found(RUN),)),
        trust_of(RUN, (found(RUN),), attested=True),
    ]
    assert tuple(trust.level for trust in ladder) == get_args(Level)
    assert [trust.quotable for trust in ladder] == [False, False, True, True]
    assert [bool(trust.missing) for trust in ladder] == [True, True, True, False]
    assert ladder[1].missing == "toolkit verify 02-baseline"
    assert ladder[2].since == "2026-11-24T08:00:00Z"
    assert ladder[2].variations == NAMES


@pytest.mark.parametrize(
    ("record", "short", "missing"),
    [
        pytest.param(about(RUN, commit=None), "no commit", "commit your", id="commit"),
        pytest.param(about(RUN, dirty=True), "dirty tree", "commit your", id="dirty"),
        pytest.param(about(RUN, dirty=None), "dirty tree", "commit your", id="unknown"),
        pytest.param(unlocked(RUN), "no lock", "write requirements.lock", id="lock"),
        pytest.param(
            about(RUN, drift=DRIFT), "not the lock", "install what", id="drift"
        ),
        pytest.param(
            replace(RUN, status="failed", error=FAILURE),
            "failed in cell 3",
            "mend it",
            id="failed",
        ),
        pytest.param(
            replace(RUN, status="kernel died"), "kernel died", "mend it", id="died"
        ),
        pytest.param(
            traced(RUN, inputs={"/data/x.csv": DIGEST}),
            "outside input",
            "bring it into the project",
            id="outside",
        ),
    ],
)
def test_what_nobody_else_can_begin_to_repeat_is_exploratory(
    record: Record, short: str, missing: str
) -> None:
    trust = trust_of(record, (found(record),), attested=True)
    assert trust.level == "exploratory"
    assert trust.short == short
    assert trust.missing.startswith(missing)
    assert trust.missing.endswith("toolkit run notebooks/02-baseline.ipynb")


def test_every_reason_is_told_and_each_advice_once() -> None:
    bad = unlocked(about(RUN, commit=None, drift=DRIFT))
    trust = trust_of(replace(bad, status="timed out"), ())
    assert trust.short == "timed out, no commit, no lock, not the lock"
    assert len(trust.missing.split("; ")) == 4


def test_an_input_is_known_by_commit_or_scope() -> None:
    record = traced(
        RUN,
        inputs={"a.csv": DIGEST, "b.csv": DIGEST, "c.csv": DIGEST},
        undeclared=("a.csv", "b.csv"),
    )
    assert trust_of(record, ()).level == "recorded"
    trust = trust_of(record, (), committed={"a.csv"})
    assert (trust.level, trust.short) == ("exploratory", "unknown input")
    assert "b.csv" in trust.reasons[0].found
    assert "a.csv" not in trust.reasons[0].found
    assert trust_of(record, (), committed={"a.csv", "b.csv"}).level == "recorded"


def test_what_could_not_be_seen_is_listed_and_no_reason() -> None:
    enforced = ("network: refused, by a network namespace", "native reads: not seen")
    record = traced(RUN, enforced=enforced)
    trust = trust_of(record, (found(record),))
    assert trust.level == "reproduced"
    assert trust.unseen == ("native reads: not seen",)


EARLY, LATE = "2026-11-24T08:00:00Z", "2026-11-25T08:00:00Z"


@pytest.mark.parametrize(
    ("evidence", "level", "short"),
    [
        pytest.param([found(RUN, record=DIGEST)], "recorded", "not verified", id="of"),
        pytest.param(
            [found(RUN, variations=NAMES[1:])],
            "recorded",
            "not all varied",
            id="fewer",
        ),
        pytest.param(
            [found(RUN, variations=())], "recorded", "not varied", id="unvaried"
        ),
        pytest.param(
            [
                found(RUN),
                found(RUN, "differs", cause="not deterministic", finished=LATE),
            ],
            "recorded",
            "differs: not deterministic",
            id="later-differs",
        ),
        pytest.param(
            [found(RUN, finished=LATE), found(RUN, "differs", finished=EARLY)],
            "reproduced",
            "not attested",
            id="mended-since",
        ),
        pytest.param(
            [
                found(RUN, "differs", finished=EARLY),
                found(RUN, variations=NAMES[:3], finished=LATE),
            ],
            "recorded",
            "differs",
            id="less-undoes-no-more",
        ),
        pytest.param(
            [found(RUN), found(RUN, variations=(), finished=LATE)],
            "reproduced",
            "not attested",
            id="less-adds-nothing",
        ),
        pytest.param(
            [found(RUN), found(RUN, "not checked", cause="drift", finished=LATE)],
            "reproduced",
            "not attested",
            id="unchecked-proves-nothing",
        ),
    ],
)
def test_evidence_is_weighed(evidence: list[Found], level: str, short: str) -> None:
    for order in (evidence, evidence[::-1]):
        trust = trust_of(RUN, order)
        assert (trust.level, trust.short) == (level, short)


def test_what_was_not_varied_is_named() -> None:
    trust = trust_of(RUN, (found(RUN, variations=NAMES[2:]),))
    assert f"{NAMES[0]}, {NAMES[1]} not varied" in trust.reasons[0].found


@given(
    st.lists(
        st.builds(
            lambda value, variations, day, own: found(
                RUN,
                value,
                variations=tuple(sorted(variations)),
                finished=f"2026-11-{day:02}",
                **({} if own else {"record": DIGEST}),
            ),
            st.sampled_from(["reproduced", "differs", "not checked"]),
            st.sampled_from([NAMES, NAMES[1:], ()]),
            st.integers(1, 28),
            st.booleans(),
        ),
        max_size=6,
        unique_by=lambda one: one.finished,
    )
)
def test_nothing_is_reproduced_without_a_full_proof_that_stands_last(
    evidence: list[Found],
) -> None:
    full = [
        one
        for one in evidence
        if one.record == RUN.digest
        and one.value == "reproduced"
        and set(NAMES) <= set(one.variations)
    ]
    refuted = [
        one for one in evidence if one.record == RUN.digest and one.value == "differs"
    ]
    last = max((one.finished for one in full), default="")
    stands = bool(full) and all(one.finished < last for one in refuted)
    trust = trust_of(RUN, evidence)
    assert (trust.level == "reproduced") == stands
    assert trust_of(RUN, evidence[::-1]) == trust


def used(record: Record, *upstream: Record) -> Record:
    recipe = replace(
        record.recipe,
        upstream={one.notebook: one.run for one in upstream},
        upstream_results={one.notebook: one.results_digest for one in upstream},
        digest=Sha256(""),
    )
    return replace(record, recipe=recipe)


BASE = clean(a_record("01-data"))
NEXT = used(clean(a_record("03-errors")), BASE)


def levels_of(*records: Record, seen: Callable[[Record], tuple[Found, ...]]) -> Levels:
    return Levels(records, seen)


def test_a_run_stands_no_higher_than_what_it_rests_on() -> None:
    both = levels_of(BASE, NEXT, seen=lambda record: (found(record),))
    assert both.trust(NEXT).level == "reproduced"
    one = levels_of(
        BASE, NEXT, seen=lambda record: (found(record),) if record is NEXT else ()
    )
    assert (one.trust(NEXT).level, one.trust(NEXT).short) == (
        "recorded",
        "needs 01-data",
    )
    assert one.trust(NEXT).missing == "toolkit verify 01-data"
    dirty = about(BASE, dirty=True)
    loose = levels_of(dirty, NEXT, seen=lambda record: (found(record),))
    assert loose.trust(NEXT).level == "exploratory"


def test_a_used_run_that_is_gone_proves_nothing() -> None:
    alone = levels_of(NEXT, seen=lambda record: (found(record),))
    assert alone.trust(NEXT).level == "recorded"
    assert "get the used run back" in alone.trust(NEXT).missing


def test_a_circle_of_runs_ends() -> None:
    first = used(clean(a_record("01-data")), NEXT)
    second = replace(
        NEXT, recipe=replace(NEXT.recipe, upstream={"x": RunId(first.run)})
    )
    circle = levels_of(first, second, seen=lambda record: (found(record),))
    assert circle.trust(first).level == "recorded"


def test_the_commit_says_which_inputs_it_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[Path, str]] = []

    def paths_at(root: Path, commit: str) -> frozenset[str]:
        asked.append((root, commit))
        return frozenset({"a.csv"})

    monkeypatch.setattr("toolkit.reproduce.levels.paths_at", paths_at)
    read = traced(RUN, inputs={"b.csv": DIGEST}, undeclared=("b.csv",))
    other = replace(read, run=RunId("other"))
    levels = Levels((read, other), lambda _: (), root=Path("p"))
    assert [levels.trust(one).short for one in (read, other, read)] == [
        "unknown input"
    ] * 3
    assert asked == [(Path("p"), COMMIT)]


def test_trust_is_told_as_json() -> None:
    plain = trust_of(RUN, (found(RUN),)).to_dict()
    assert plain["level"] == "reproduced"
    assert plain["reproduced"] == "2026-11-24T08:00:00Z"
    assert trust_of(RUN, ()).to_dict()["reproduced"] is None
