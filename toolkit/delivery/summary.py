"""What a delivery did, as Markdown for the summary of a CI job."""

from collections.abc import Iterator, Mapping

from toolkit.delivery.markdown import block, code, table
from toolkit.delivery.steps import Delivered, RunLine, State, Step, counted
from toolkit.publish.display import number_text

_MARKS: Mapping[State, str] = {
    "done": "✅",
    "failed": "❌",
    "not checked": "❔",
    "interrupted": "✋",
    "left out": "⏭️",
    "not reached": "",
}
_FINDINGS = 50  # of a step
_PAGES = 10
_METRICS = 12  # of a run
_RUNS = 200
_ADDED = 100


def summary(delivered: Delivered) -> str:
    """Return the page; whatever a notebook could have written is shown as code."""
    parts = [
        f"## toolkit ci: {_headline(delivered)}",
        table(
            ["step", "", "what was done"],
            [
                [step.name, f"{_MARKS[step.state]} {step.state}", _told(step)]
                for step in delivered.steps
            ],
        ),
    ]
    for step in delivered.steps:
        parts += _details(step)
    if delivered.runs:
        parts += ["### Runs", *_runs(delivered)]
    return "\n\n".join([*parts, _added(delivered)]) + "\n"


def _headline(delivered: Delivered) -> str:
    step = delivered.ended_at
    if step is None:
        return "all done" if delivered.signer else "all done, nothing signed"
    if step.state == "interrupted":
        return f"interrupted at {step.name}"
    word = "failed" if step.state == "failed" else "could not be checked"
    return f"{step.name} {word}"


def _told(step: Step) -> str:
    return code(step.told) if step.told else ""


def _details(step: Step) -> Iterator[str]:
    """Yield what a step found."""
    if step.findings:
        lines = [f"- {code(finding)}" for finding in step.findings[:_FINDINGS]]
        lines += _more(len(step.findings), _FINDINGS)
        yield f"### {step.name}"
        yield "\n".join(lines)
    for page in step.pages[:_PAGES]:
        yield block(page)
    yield from _more(len(step.pages), _PAGES)


def _runs(delivered: Delivered) -> Iterator[str]:
    shown = delivered.runs[:_RUNS]
    headers = ["notebook", "run", "this call", "trust", "results"]
    yield table(headers, [_row(line) for line in shown])
    yield from _more(len(delivered.runs), _RUNS)
    if low := [line for line in shown if line.missing]:
        yield "What is missing for more trust:"
        yield "\n".join(f"- {code(f'{x.notebook}: {x.missing}')}" for x in low)


def _row(line: RunLine) -> list[str]:
    did = "unchanged"
    if line.executed:
        did = f"executed: {code(line.why)}" if line.why else "executed"
    if not line.run:
        did = code(line.status)
    elif line.status != "finished":
        did = f"{did}, {code(line.status)}"
    level = line.level or "not known"
    trust = f"**{level}**" if level == "trusted" else level
    run = code(line.run) if line.run else ""
    return [code(line.notebook), run, did, trust, _metrics(line)]


def _metrics(line: RunLine) -> str:
    shown = [
        code(f"{one.name} = {number_text(one.value)} {one.unit}".rstrip())
        for one in line.metrics[:_METRICS]
    ]
    return "<br>".join([*shown, *_more(len(line.metrics), _METRICS)])


def _added(delivered: Delivered) -> str:
    """Return what is new on disk, and what it was made from."""
    at = f"Commit {code(delivered.commit)}. " if delivered.commit else ""
    if not delivered.added:
        return f"{at}Nothing was added: no run, no verification, no attestation."
    if delivered.signer and any(".sigstore." in path for path in delivered.added):
        at += f"Signed with the key {code(delivered.signer)}. "
    number = len(delivered.added)
    paths = [f"- {code(path)}" for path in delivered.added[:_ADDED]]
    listed = "\n".join([*paths, *_more(number, _ADDED)])
    return f"{at}Added {counted(number, 'path')}:\n\n{listed}"


def _more(number: int, shown: int) -> Iterator[str]:
    if number > shown:
        yield f"… and {number - shown} more"
