"""The keys of a scope: what each holds, and what is asked while it is empty."""

from datetime import timedelta
from typing import Final, get_args

from toolkit.scope.readers import (
    Range,
    choice,
    clock_time,
    code,
    day,
    duration,
    name_of,
    number,
    relative_path,
    text,
    time_zone,
    whole_number,
)
from toolkit.scope.records import Field, Listing, Named, Record
from toolkit.scope.values import (
    Accepted,
    Costs,
    Decisions,
    Estimate,
    Evaluation,
    Inputs,
    Label,
    Metric,
    Network,
    Role,
    Rule,
    Strategy,
    Success,
    Table,
    Window,
)

_PROSE = Listing(text(), "a list, one '- ...' line an item")
_COLUMN = name_of("a column")
_TABLE = name_of("a table under 'tables'")


def _told(question: str) -> Field:
    """Prose that is empty until someone told us."""
    return Field(read=text(), question=question, default="")


_STRATEGY = Record(
    Strategy,
    {
        "description": _told("How is it decided today?"),
        "worth": _told("What does today's way achieve, and what is that worth?"),
        "rule": Field(
            read=choice(*get_args(Rule)),
            question="Which rule comes closest to today's way, to simulate it?",
            default="random",
        ),
        "checks": Field(read=_TABLE, default=None),
    },
)
_DECISIONS = Record(
    Decisions,
    {
        "every": Field(read=duration(), question="How often is it decided?"),
        "ready_by": Field(
            read=clock_time(), question="By what time of day must the list be ready?"
        ),
        "timezone": Field(read=time_zone(), default=None),
        "first": Field(read=day(), default=None),
        "last": Field(read=day(), default=None),
    },
)
_COSTS = Record(
    Costs,
    {
        "currency": Field(read=text(), question="In which currency are the costs?"),
        "failure": Field(
            read=Range(number(0)),
            question="What does a failure cost that nobody foresaw?",
        ),
        "check": Field(
            read=Range(number(0)), question="What does a check cost that finds nothing?"
        ),
        "prevented_share": Field(
            read=Range(number(0, 1)),
            question="What share of the announced failures does a check prevent?",
        ),
        "planned_repair": Field(
            read=Range(number(0)), default=Estimate(low=0, mid=0, high=0)
        ),
    },
)
_SUCCESS = Record(
    Success,
    {
        "metric": Field(
            read=choice(*get_args(Metric)), question="Which metric decides on success?"
        ),
        "threshold": Field(
            read=number(), question="From which value on is it a success?"
        ),
        "unit": Field(read=text(), default=""),
    },
)
_TABLES = Named(
    Record(
        Table,
        {
            "source": Field(read=relative_path()),
            "role": Field(read=choice(*get_args(Role))),
            "entity": Field(read=_COLUMN),
            "time": Field(read=_COLUMN, default=None),
            "kind": Field(read=_COLUMN, default=None),
            "values": Field(
                read=Listing(_COLUMN, "a list of columns, [a, b]"), default=()
            ),
            "delay": Field(read=duration(positive=False), default=timedelta()),
        },
    ),
    "a mapping from each table's name to its source, role and columns",
)
_LABEL = Record(
    Label,
    {
        "table": Field(
            read=_TABLE, question="Which table holds the events to announce?"
        ),
        "kinds": Field(
            read=Listing(name_of("a kind of event"), "a list of kinds, [a, b]"),
            default=(),
        ),
    },
)
_EVALUATION = Record(
    Evaluation,
    {
        "window": Field(
            read=choice(*get_args(Window)),
            question="Is training on all history (growing) or a part (sliding)?",
        ),
        "first_training": Field(
            read=duration(), question="How long is the first training?"
        ),
        "test_length": Field(read=duration(), question="How long is each test?"),
        "step": Field(read=duration(), question="How far apart do the tests start?"),
        "gap": Field(
            read=duration(positive=False),
            question="How long is it from the last training to the first test?",
        ),
    },
)
_ACCEPTED = Listing(
    Record(
        Accepted,
        {
            "code": Field(read=code()),
            "reason": Field(read=text("why the team lives with it")),
            "place": Field(read=name_of("a table or table.column"), default=None),
        },
    ),
    "a list of code, place and reason",
)

SCOPE: Final = Record(
    dict,
    {
        "question": _told("Which question shall the solution answer?"),
        "why": _told("Why is it asked, and why now?"),
        "pain_point": _told("What hurts today, and whom?"),
        "client": _told("Who pays for it and decides whether it goes on?"),
        "user": _told("Who will use the answer?"),
        "decision": _told("What does the user decide with it?"),
        "current_strategy": Field(read=_STRATEGY),
        "horizon": Field(
            read=duration(), question="How far ahead must an event be announced?"
        ),
        "decisions": Field(read=_DECISIONS),
        "capacity": Field(
            read=whole_number(1),
            question="How many entities can be checked a decision?",
        ),
        "costs": Field(read=_COSTS, default=None),
        "success": Field(read=_SUCCESS, default=None),
        "assumptions": Field(
            read=_PROSE, question="What is assumed that must be validated?", default=()
        ),
        "disruption": Field(
            read=_PROSE,
            question="What will it disrupt in the organisation?",
            default=(),
        ),
        "tables": Field(
            read=_TABLES, question="Which tables are there, and what do they hold?"
        ),
        "label": Field(read=_LABEL),
        "evaluation": Field(read=_EVALUATION),
        "accepted": Field(read=_ACCEPTED, default=()),
        "inputs": Field(read=choice(*get_args(Inputs)), default="discovered"),
        "network": Field(read=choice(*get_args(Network)), default="refused"),
        "environment": Field(
            read=Listing(name_of("an environment variable"), "a list of names, [A, B]"),
            default=(),
        ),
    },
)
