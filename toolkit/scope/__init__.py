"""What the client asked for: ``scope.yaml`` as frozen values, or as open questions.

>>> from toolkit import scope
>>> asked = scope.parse('''
... horizon: 2 days
... capacity: 10
... decisions: {every: 1 day, ready_by: 07:00}
... tables:
...   machines: {source: machines.csv, role: entities, entity: id}
...   failures: {source: failures.csv, role: events, entity: id, time: at}
... label: {table: failures}
... evaluation:
...   {window: growing, first_training: 90 days, test_length: P7D, step: P7D, gap: P2D}
... ''')
>>> asked.capacity, asked.decisions.ready_by
(10, datetime.time(7, 0))
>>> asked.open_questions[0].text
'Which question shall the solution answer?'
"""

from toolkit.scope.durations import format_duration, parse_duration
from toolkit.scope.loading import load, load_draft
from toolkit.scope.page import Page, Section, question_page
from toolkit.scope.parsing import Draft, parse, read
from toolkit.scope.problems import (
    OpenQuestionError,
    Place,
    Problem,
    Question,
    ScopeError,
    ScopeFileError,
)
from toolkit.scope.rules import check_capacity
from toolkit.scope.values import (
    Accepted,
    Costs,
    Decisions,
    Estimate,
    Evaluation,
    Label,
    Metric,
    Scope,
    Strategy,
    Success,
    Table,
)
from toolkit.scope.wording import client_page

__all__ = [
    "Accepted",
    "Costs",
    "Decisions",
    "Draft",
    "Estimate",
    "Evaluation",
    "Label",
    "Metric",
    "OpenQuestionError",
    "Page",
    "Place",
    "Problem",
    "Question",
    "Scope",
    "ScopeError",
    "ScopeFileError",
    "Section",
    "Strategy",
    "Success",
    "Table",
    "check_capacity",
    "client_page",
    "format_duration",
    "load",
    "load_draft",
    "parse",
    "parse_duration",
    "question_page",
    "read",
]
