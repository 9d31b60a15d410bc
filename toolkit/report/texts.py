"""Every sentence of the report that is no client's, notebook's or scope's."""

from collections.abc import Mapping

_MEANINGS: Mapping[str, str] = {
    "hit_rate": (
        "How many of the {capacity} {entities} on each list appear in {label} within "
        "the next {horizon}, averaged over all decision times."
    ),
    "precision": (
        "The share of the {entities} on the lists of {capacity} that appear in {label} "
        "within the next {horizon}."
    ),
    "recall": (
        "The share of the {entities} that appear in {label} within the next {horizon} "
        "which were on the list of {capacity} before."
    ),
    "lift": (
        "How many times more often the {capacity} {entities} on each list appear in "
        "{label} within the next {horizon} than {entities} picked at random."
    ),
    "average_precision": (
        "How well the {entities} that appear in {label} within the next {horizon} are "
        "ranked before the others: 1 is perfect."
    ),
    "saved_per_day": (
        "What the lists of {capacity} {entities} save a day, compared with checking "
        "nothing."
    ),
}

_TEXTS: Mapping[str, str] = {
    "title": "{metric}: {question}",
    "untitled": "Report",
    "skip": "Skip to the content",
    "contents": "On this page",
    "notices": "Read first",
    "kicker": "Report for {client}",
    "as_of": "Results of {date}",
    "for_user": "For {user}",
    "proof_reproduced": (
        "Reproduced {date} under {count} variations: every number here was produced a "
        "second time."
    ),
    "proof_none": (
        "Not verified: toolkit verify --all. Until then, no marked number is to be "
        "quoted."
    ),
    "proof_partly": (
        "Not verified, and marked, is what {runs} found: toolkit verify --all."
    ),
    "proof_reason": "{runs}: {found}; {advice}.",
    "mark_exploratory": "Not to be quoted: exploratory",
    "mark_recorded": "Not to be quoted: not verified",
    "mark_differs": "Not to be quoted: came out differently",
    "mark_scale": "Underlined in waves: not to be quoted.",
    "failed": (
        "The latest run of {notebook} came to nothing ({status}{where}). Shown here is "
        "the last one that finished."
    ),
    "failed_only": (
        "{notebook} has never finished ({status}{where}); its results are missing here."
    ),
    "failed_where": " in cell {cell}: {ename}",
    "outdated": (
        "{notebook} was executed with results of {needed} that have been replaced "
        "since; `toolkit run` brings them together."
    ),
    "scope_changed": (
        "scope.yaml has changed since these notebooks were executed; `toolkit run` "
        "executes them with the new one."
    ),
    "unpublished": "No run has published the success metric, {metric}.",
    "no_success": "The scope names no success criterion yet.",
    # first screen
    "interval": "{level} interval: {span}",
    "no_interval": "Published without an interval.",
    "verdict_reached": "The goal of {goal} is reached.",
    "verdict_reached_unsure": (
        "The goal of {goal} is reached on average, but lower values are within the "
        "uncertainty."
    ),
    "verdict_above": "Better than {reference}{factor}, {but}.",
    "verdict_goal_missed": "but the goal of {goal} is not reached: {missing} to go",
    "verdict_no_goal": "and no goal is set",
    "verdict_unclear": (
        "Not shown to be better than {reference}: a difference of {difference} is "
        "within the uncertainty."
    ),
    "verdict_below": "Worse than {reference}, by {difference}.",
    "verdict_no_bar": "There is no published bar to hold this number against.",
    "verdict_no_bar_missed": "The goal of {goal} is not reached: {missing} to go.",
    "factor": ", {factor} times as much",
    "by": ", by {difference}",
    "reference_bar": "the current strategy",
    "reference_random": "picking at random",
    "mark_model": "{notebook}",
    "mark_bar": "Current strategy",
    "mark_random": "Picked at random",
    "mark_goal": "Goal",
    "mark_oracle": "Perfect foresight",
    "off_scale": "beyond this scale",
    "scale_title": "{metric} on a scale from {low} to {high}",
    "scale_table": "The scale as a table",
    "scale_what": "What",
    "scale_low": "Low",
    "scale_high": "High",
    "fact_money_value": "{value} a year",
    "fact_money_note": "{span} a year",
    "fact_flags": "Red flags in the data",
    "fact_flags_value": "{open} to decide",
    "fact_flags_accepted": "{accepted} accepted, each with its reason",
    "fact_flags_none": "none found",
    "fact_data": "The data",
    # money
    "money": "Money",
    "money_over_bar": "Saved against the current strategy",
    "money_idle": "Saved against doing nothing",
    "money_per_day": "per day",
    "money_per_year": "per year",
    "money_low": "Low",
    "money_mid": "Estimate",
    "money_high": "High",
    "money_what": "Saved",
    "money_loss": "A loss.",
    "money_unclear": "Not shown to be a saving.",
    "money_year": "A year is 365 times the day.",
    "money_none": "No run has published an amount of money.",
    "assumptions_cost": "What these amounts assume",
    "cost_failure": "Cost of a failure",
    "cost_check": "Cost of a check that finds nothing",
    "cost_planned_repair": "Cost of a planned repair",
    "cost_prevented_share": "Share of announced failures that a check prevents",
    "cost_assumed": "Assumption",
    "costs_open": "The scope states no costs yet.",
    # red flags
    "flags": "Red flags",
    "flags_none": "No run has published a red flag.",
    "flags_lead": (
        "What the data-sanity checks and the fits found. An error stops the pipeline "
        "until somebody accepts it, with a reason; warnings and notes are to be known."
    ),
    "severity_error": "Errors",
    "severity_warning": "Warnings",
    "severity_note": "Notes",
    "notes_fold": "Show the notes",
    "flag_open": "Open",
    "flag_accepted": "Accepted",
    "flag_reason": "Reason",
    "flag_todo": "What to do",
    "flag_count": "{count} concerned",
    # results
    "tried": "What was tried",
    "tried_none": "No run has published the metric of the success criterion.",
    "numbers": "All numbers of {notebook}",
    "number_what": "Number",
    "number_value": "Value",
    "number_span": "Range",
    "number_unit": "Unit",
    "number_meaning": "Meaning",
    "errors": "Largest errors",
    "errors_none": "No run has published an error analysis.",
    "next": "What comes next",
    "next_lead": (
        "Alterations that the largest errors suggest, cheapest first; the gain is what "
        "a perfect fix would bring at most."
    ),
    "next_none": "No run has published a backlog.",
    "other": "Other results",
    "preview": "The first {shown} of {rows} rows; all are in {path}.",
    "yes": "yes",
    "no": "no",
    "further": "On paper, the first twelve rows; the page itself holds more.",
    "empty_table": "None.",
    "scroll": "{title}, table of run {run}",
    "figure_absent": (
        "The figure is not at hand here ({path}); executing the run again draws it."
    ),
    "figure_changed": (
        "The figure {path} is not the one that the record describes; it is not shown."
    ),
    "figure_too_large": "The figure is too large for this page; it is in {path}.",
    # scope
    "scope": "What was agreed",
    "scope_why": "Why",
    "scope_pain_point": "Pain point",
    "scope_user": "User",
    "scope_decision": "Decision",
    "scope_current": "Current strategy",
    "scope_worth": "What it is worth",
    "scope_success": "Success criterion",
    "scope_success_value": "{metric}: at least {threshold}{unit}",
    "scope_horizon": "Looks ahead",
    "scope_capacity": "Room for",
    "scope_capacity_value": "{capacity} {entities} every {every}",
    "scope_evaluation": "Evaluation",
    "scope_evaluation_value": (
        "{window} training window, first {first_training}; tested on {test_length} at "
        "a time, {gap} after the training"
    ),
    "scope_assumptions": "Assumptions to validate",
    "scope_disruption": "What it will disrupt",
    "scope_open": "Questions still open",
    "scope_missing": "not stated yet",
    # provenance
    "provenance": "Where each number came from",
    "provenance_lead": (
        "The small number behind a result leads here: to the run that published it, "
        "and to the command that produces it again."
    ),
    "run_heading": "{notebook}",
    "run_id": "Run",
    "run_notebook": "Notebook",
    "run_when": "Executed",
    "run_commit": "Commit",
    "run_no_commit": "none",
    "run_dirty": "{commit}, with changes that no commit holds",
    "run_parameters": "Parameters",
    "run_no_parameters": "none",
    "run_python": "Python",
    "run_lock": "Lock file",
    "run_recipe": "Recipe",
    "run_data": "Data",
    "run_upstream": "Used results of",
    "run_not_captured": "Not captured",
    "run_notes": "Notes",
    "run_again": "Produce it again",
    "run_again_label": "The command that repeats run {number}",
    "run_level": "Level",
    "level_exploratory": "Exploratory: not to be quoted",
    "level_recorded": "Recorded: not verified, not to be quoted",
    "level_differs": "Recorded: came out differently, not to be quoted",
    "level_reproduced": "Reproduced {date} under {count} variations",
    "level_trusted": "Trusted: reproduced {date} under {count} variations, and signed",
    "run_missing": "To make it count",
    "to_run": "Run {number}",
    "credits": "Data",
    "footer": "No script, no outside request: this page is complete as it is.",
}


def text(key: str, **facts: object) -> str:
    """Return the text of a key with its facts filled in.

    Examples
    --------
    >>> text("interval", level="95 %", span="0.86 to 1.19")
    '95 % interval: 0.86 to 1.19'
    """
    return _TEXTS[key].format(**facts)


def meaning(metric: str, **facts: object) -> str | None:
    """Return what a known metric means, in the scope's words, or None."""
    known = _MEANINGS.get(metric)
    return known.format(**facts) if known else None


def label(name: str) -> str:
    """Return a published name as words.

    Examples
    --------
    >>> label("hit_rate"), label("02-baseline")
    ('Hit rate', 'Baseline')
    """
    words = name.lstrip("0123456789-_ ").replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:] if words else name
