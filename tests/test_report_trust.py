import re

import pytest
import report_records as sprint
import report_sprint
from evidence import found
from report_pages import Elements, html, latest, page, words

from toolkit.report.provenance import command
from toolkit.report.render import render
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.trust import Trust, trust_of


def test_the_command_repeats_the_run_at_its_commit() -> None:
    document = report_sprint.baseline()
    document["recipe"]["parameters"] = {
        "n": 10,
        "name": "a b",
        "on": True,
        "over": None,
        "windows": ["7 days", 30],
    }
    run = latest(document).shown[0]
    assert command(run) == (
        "git checkout 3f2a9c1b7d5e48f6a0b1c2d3e4f5061728394a5b && "
        "toolkit run notebooks/02-baseline.ipynb -p n=10 -p 'name=a b' -p on=true "
        "-p over=null -p 'windows=[\"7 days\", 30]'"
    )


@pytest.mark.parametrize(("commit", "dirty"), [(None, None), ("3f2a9c1b7d5e", True)])
def test_what_no_commit_holds_is_exploratory(
    commit: str | None,
    dirty: bool | None,  # noqa: FBT001 -- a fact of the record
) -> None:
    document = sprint.record("02-baseline", commit=commit, dirty=dirty)
    shown = page(document, trust=sprint.verified)
    assert not shown.origins[0].quotable
    assert shown.origins[0].command.startswith("toolkit run")
    assert shown.standings[1].mark == "Not to be quoted: exploratory"
    facts = dict(shown.origins[0].facts)
    assert facts["Level"].startswith("Exploratory")
    assert facts["To make it count"].startswith("commit your changes")
    assert facts["Commit"] in (
        "none",
        "3f2a9c1b7d5e, with changes that no commit holds",
    )


def test_what_nobody_verified_is_marked_at_every_number() -> None:
    shown = page()
    markup = render(shown)
    assert "Not verified: toolkit verify --all" in words(markup).split("Report for")[0]
    assert not shown.proof.quotable
    assert {one.mark for one in shown.standings.values()} == {
        "Not to be quoted: not verified"
    }
    loose = Elements(markup).within("loose")
    for numeral in ("1.02", "0.86 to 1.19", "0.41", "$525,000", "$1,440", "174,000"):
        assert numeral in loose, numeral


def test_what_is_reproduced_is_shown_as_it_is() -> None:
    shown = page(trust=sprint.verified)
    markup = render(shown)
    assert shown.proof.quotable
    assert "Reproduced 2026-11-24 under 14 variations" in words(markup)
    assert not Elements(markup).within("loose")
    assert "mark-loose" not in re.sub("<style>.*?</style>", "", markup, flags=re.DOTALL)
    assert "verify" not in words(markup)
    assert dict(shown.origins[0].facts)["Level"].startswith("Reproduced 2026-11-24")


@pytest.mark.parametrize(
    ("verified", "sentence"),
    [
        pytest.param("01-data-sanity", "Not verified: toolkit verify --all", id="rest"),
        pytest.param("02-baseline", "and marked, is what Data sanity, Err", id="first"),
    ],
)
def test_only_what_is_not_reproduced_is_marked(verified: str, sentence: str) -> None:
    def trust(record: Record) -> Trust:
        own = record.notebook == verified
        return sprint.verified(record) if own else trust_of(record, ())

    shown = page(trust=trust)
    assert sentence in shown.proof.sentence
    marked = {
        run.number: bool(shown.standings[run.number].mark) for run in latest().shown
    }
    assert marked == {run.number: run.stem != verified for run in latest().shown}
    loose = Elements(render(shown)).within("loose")
    assert ("0.41" in loose) == (verified != "02-baseline")


def test_a_refuted_number_says_why() -> None:
    def trust(record: Record) -> Trust:
        return trust_of(record, (found(record, "differs", cause="hash seed"),))

    shown = page(report_sprint.baseline(), trust=trust)
    assert shown.standings[1].mark == "Not to be quoted: came out differently"
    assert "gave other results (hash seed)" in shown.proof.details[0]


def test_every_footnote_leads_to_its_run() -> None:
    markup = html()
    targets = set(re.findall(r'href="#([^"]+)"', markup))
    ids = re.findall(r' id="([^"]+)"', markup)
    assert targets <= set(ids)
    assert len(ids) == len(set(ids))
    assert {"run-1", "run-2", "run-3"} <= targets


def test_nothing_is_called_verified() -> None:
    said = words(html())
    assert "Not verified" in said
    assert not re.search(r"(?<!not )(?<!Not )verified", said)
