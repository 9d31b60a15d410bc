"""Findings: what rules saw, as far as the project selects it and no comment says no."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from toolkit.lint.configuration import Configuration
from toolkit.lint.hits import Reading, Seen
from toolkit.lint.model import Edit, Hit, Rule, Severity
from toolkit.lint.suppression import NO_REASON, UNUSED, Noqa, without
from toolkit.reproduce.digest import value_digest


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One place where a notebook breaks a rule, as it is told."""

    path: str  # of the notebook, as the reader would open it
    code: str
    name: str
    severity: Severity
    fails: bool  # whether the project counts that severity as a failure
    cell: int | None  # index in the notebook; None: the notebook as a whole
    line: int  # in the cell, from 1
    column: int  # from 0
    file_line: int  # in the notebook's file, from 1
    what: str
    mend: str
    mark: str  # the same wherever that line moves in the notebook
    edit: Edit | None = None
    suppressed: str | None = None  # why it does not count

    @property
    def place(self) -> str:
        """Notebook, cell, line and column as people count them."""
        if self.cell is None:
            return self.path
        return f"{self.path}:cell {self.cell + 1}:{self.line}:{self.column + 1}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What chooses among the hits of one notebook."""

    path: str  # of the notebook, relative to its project
    shown: str  # as the reader would open it
    root: Path
    configuration: Configuration
    rules: Mapping[str, Rule]

    def counts(self, code: str) -> bool:
        """Whether a rule is selected for this notebook."""
        return (
            self.configuration.counts(code)
            and self.configuration.ignored(code, self.path, self.root) is None
        )

    def finding(
        self, seen: Seen, rule: Rule, *, suppressed: str | None = None
    ) -> Finding:
        """Return what is told of a hit."""
        severity = self.configuration.severity_of(rule.code, rule.severity)
        return Finding(
            path=self.shown,
            code=rule.code,
            name=rule.name,
            severity=severity,
            fails=suppressed is None and self.configuration.fails(severity),
            cell=seen.hit.cell,
            line=seen.hit.line,
            column=seen.hit.column,
            file_line=seen.file_line,
            what=seen.hit.what,
            mend=seen.hit.mend or rule.mend,
            mark=seen.mark,
            edit=seen.hit.edit,
            suppressed=suppressed,
        )


def chosen(reading: Reading, choice: Choice) -> tuple[Finding, ...]:
    """Return a notebook's findings in the order of its lines.

    Findings that a comment or the project's table suppresses bear the reason.
    Comments without a reason, and those that suppress nothing, are findings too; a
    comment on a rule that is not selected is left alone.
    """
    found = [*_of_rules(reading, choice), *_of_noqas(reading, choice)]
    found.sort(key=lambda f: (-1 if f.cell is None else f.cell, f.line, f.column))
    return tuple(found)


def _of_rules(reading: Reading, choice: Choice) -> Iterator[Finding]:
    for seen in reading.seen:
        rule = choice.rules.get(seen.code)
        if rule is None or not choice.configuration.counts(seen.code):
            continue
        reason = choice.configuration.ignored(seen.code, choice.path, choice.root)
        for noqa in (reading.noqas[position] for position in seen.noqas):
            reason = reason or noqa.reason or None
        yield choice.finding(seen, rule, suppressed=reason)


def _of_noqas(reading: Reading, choice: Choice) -> Iterator[Finding]:
    used = {(position, seen.code) for seen in reading.seen for position in seen.noqas}
    for position, noqa in enumerate(reading.noqas):
        line = reading.noqa_lines[position]
        if not noqa.reason and choice.counts(NO_REASON.code):
            hit = Hit(
                cell=noqa.cell,
                line=noqa.line,
                column=noqa.column,
                what=f"{', '.join(noqa.codes)} is to be suppressed without a reason",
            )
            yield choice.finding(_seen(hit, NO_REASON, line, choice), NO_REASON)
        for code in noqa.codes:
            known = code in choice.rules
            if (position, code) in used or not choice.counts(UNUSED.code):
                continue
            if not known or choice.counts(code):
                hit = _unused(noqa, code, known=known)
                yield choice.finding(_seen(hit, UNUSED, line, choice), UNUSED)


def _unused(noqa: Noqa, code: str, *, known: bool) -> Hit:
    return Hit(
        cell=noqa.cell,
        line=noqa.line,
        column=noqa.column,
        what=f"{code} finds nothing here" if known else f"{code} is no rule",
        edit=Edit(cell=noqa.cell, before=noqa.source, after=without(noqa, code)),
    )


def _seen(hit: Hit, rule: Rule, line: int, choice: Choice) -> Seen:
    mark = value_digest([rule.code, choice.path, hit.what])[:16]
    return Seen(code=rule.code, hit=hit, file_line=line, mark=mark, noqas=())
