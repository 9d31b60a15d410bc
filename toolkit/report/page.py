"""The whole page as values: what the template shows, and nothing it has to compute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from toolkit.report.agreed import Agreed, build_agreed
from toolkit.report.credits import quote_credits
from toolkit.report.flags import Groups, build_flags
from toolkit.report.headline import Headline, build_headline
from toolkit.report.latest import Latest
from toolkit.report.money import Money, Saving, build_money
from toolkit.report.numerals import number
from toolkit.report.proof import Proof, Standing, build_proof, standing
from toolkit.report.provenance import Origin, build_origins
from toolkit.report.sections import Block, Section, build_blocks
from toolkit.report.texts import label, text
from toolkit.reproduce.records.record import Failure
from toolkit.scope import Scope


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One of the few further things that the first screen says."""

    label: str
    value: str
    note: str
    target: str  # the section that says more
    run: int = 0  # whose mark it bears; 0: none


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A report, ready to be written as HTML."""

    title: str
    question: str
    client: str
    user: str
    date: str
    proof: Proof
    standings: Mapping[int, Standing]  # by the run's number
    notices: tuple[str, ...]
    headline: Headline | None
    no_headline: str
    facts: tuple[Fact, ...]
    simulated: tuple[str, ...]
    credits: tuple[str, ...]
    money: Money
    flags: Groups
    blocks: Mapping[Section, Block]
    agreed: Agreed
    origins: tuple[Origin, ...]


def build_page(
    latest: Latest,
    scope: Scope,
    *,
    readmes: Sequence[str] = (),
    notices: Sequence[str] = (),
) -> Page:
    """Return the report of some runs.

    Parameters
    ----------
    latest : Latest
        The runs to show.
    scope : Scope
        What the client asked for.
    readmes : sequence of str
        What lies beside the data and tells where it is from.
    notices : sequence of str
        What else a reader has to know, such as records that cannot be read.
    """
    headline = build_headline(latest, scope)
    money = build_money(latest, scope)
    flags = build_flags(latest)
    simulated, credits_ = quote_credits(readmes)
    success = scope.stated_success.metric if scope.stated_success else ""
    question = scope.question or text("untitled")
    metric = headline.metric if headline else text("untitled")
    return Page(
        title=text("title", metric=metric, question=question),
        question=question,
        client=scope.client,
        user=scope.user,
        date=_date(latest),
        proof=_proof(latest, headline),
        standings={run.number: standing(run.trust) for run in latest.shown},
        notices=(*_notices(latest), *notices),
        headline=headline,
        no_headline="" if headline else _no_headline(success),
        facts=_facts(latest, money, flags),
        simulated=simulated,
        credits=credits_,
        money=money,
        flags=flags,
        blocks=build_blocks(
            latest,
            success=success,
            currency=scope.stated_costs.currency if scope.stated_costs else "",
        ),
        agreed=build_agreed(scope),
        origins=build_origins(latest),
    )


def _proof(latest: Latest, headline: Headline | None) -> Proof:
    first = headline.run if headline else 0
    return build_proof(
        latest.shown, next((run for run in latest.shown if run.number == first), None)
    )


def _no_headline(success: str) -> str:
    return text("unpublished", metric=success) if success else text("no_success")


def _date(latest: Latest) -> str:
    times = (run.record.circumstances.finished for run in latest.shown)
    return max(times).partition("T")[0]


def _notices(latest: Latest) -> tuple[str, ...]:
    """Return what a reader has to know before reading a number."""
    shown = {run.stem for run in latest.shown}
    notices = []
    for run in latest.failed:
        key = "failed" if run.stem in shown else "failed_only"
        facts = {"status": run.record.status, "where": _where(run.record.error)}
        notices.append(text(key, notebook=label(run.stem), **facts))
    notices += [
        text("outdated", notebook=label(run.stem), needed=label(needed))
        for run, needed in latest.outdated
    ]
    return tuple(notices)


def _where(error: Failure | None) -> str:
    if error is None:
        return ""
    if error.cell is None:
        return f": {error.ename}"
    return text("failed_where", cell=error.cell, ename=error.ename)


def _facts(latest: Latest, money: Money, flags: Groups) -> tuple[Fact, ...]:
    """Return the money and the red flags in a line each."""
    flagged = (run for run in latest.shown if run.results.findings)
    loose = next((run.number for run in flagged if not run.trust.quotable), 0)
    return (*map(_money_fact, money.savings), replace(_flags_fact(flags), run=loose))


def _money_fact(saving: Saving) -> Fact:
    span = text("fact_money_note", span=saving.year.span) if saving.year.span else ""
    return Fact(
        label=saving.label,
        value=text("fact_money_value", value=saving.year.value),
        note=". ".join(filter(None, (span, saving.standing))),
        target="money",
        run=saving.run,
    )


def _flags_fact(flags: Groups) -> Fact:
    views = [view for _, group in flags for view in group]
    accepted = sum(view.flag.accepted is not None for view in views)
    stopping = (view for view in views if view.flag.severity == "error")
    to_decide = sum(view.flag.accepted is None for view in stopping)
    counts = [f"{text(f'severity_{name}')} {len(group)}" for name, group in flags]
    notes = [", ".join(counts)]
    if accepted:
        notes.append(text("fact_flags_accepted", accepted=number(accepted)))
    value = text("fact_flags_value", open=number(to_decide))
    return Fact(
        label=text("fact_flags"),
        value=value if views else text("fact_flags_none"),
        note="; ".join(filter(None, notes)),
        target="flags",
    )
