from collections.abc import Iterator, Sequence

import pytest
from diagnosed import CASES
from diagnosed_case import Case

from notebooks import parsed
from toolkit.reproduce.diagnosis import Suspect, diagnose, static_suspicion
from toolkit.reproduce.records.trace import Event
from toolkit.reproduce.variation import NAMES

MARK = "# <-"
UNKNOWN = "nothing known explains it"


def suspects(
    *cells: str,
    group: str = "entropy",
    names: Sequence[str] = (),
    cell: int | None = None,
    files: dict[str, str] | None = None,
    witnesses: Sequence[Event] = (),
) -> tuple[Suspect, ...]:
    return diagnose(
        parsed(*cells),
        files or {},
        cell=len(cells) - 1 if cell is None else cell,
        names=names,
        culprits=frozenset(group.split()),
        witnesses=witnesses,
    )


def marked(case: Case) -> Iterator[tuple[int | None, str | None, int]]:
    sources = [(index, None, text) for index, text in enumerate(case.cells)]
    for cell, file, text in [*sources, *((None, p, t) for p, t in case.files)]:
        for number, line in enumerate(text.split("\n"), 1):
            if MARK in line:
                yield cell, file, number


@pytest.mark.parametrize("case", CASES, ids=[f"{c.group}: {c.name}" for c in CASES])
def test_the_line_is_named_and_innocent_ones_are_not(case: Case) -> None:
    found = suspects(
        *case.cells,
        group=case.group,
        names=case.names,
        cell=case.cell,
        files=dict(case.files),
    )
    top = found[0]
    place = (top.cell if top.file is None else None, top.file, top.line)
    planted = list(marked(case))
    if planted:
        assert UNKNOWN not in top.why
        assert place in planted
        assert top.source.endswith(MARK)
    else:
        assert UNKNOWN in top.why


def test_there_are_enough_of_both() -> None:
    planted = [case for case in CASES if list(marked(case))]
    assert len(planted) > 120
    assert len(CASES) - len(planted) > 60


def test_the_advice_is_the_repair_in_the_words_of_the_line() -> None:
    (loop,) = suspects("for n in set(a):\n    print(n)", group="hash-seed")
    assert loop.advice == "Sort it: `for n in sorted(set(a)):`."
    (split,) = suspects(
        "from sklearn.model_selection import train_test_split",
        "a, b = train_test_split(X)",
    )
    assert split.advice == "Pass `random_state=0` in `train_test_split(X)`."
    (now,) = suspects("from datetime import date", "t = date.today()", group="clock")
    assert now.why.startswith("`date.today()` reads the clock")
    assert now.advice.startswith("Make the moment a parameter")


def test_a_line_of_a_file_is_told_with_the_cell_that_led_there() -> None:
    files = {
        "src/pump/a.py": "import random\n\n\ndef f():\n    return random.random()\n"
    }
    (found,) = suspects("from pump.a import f", "x = f()", names=["x"], files=files)
    assert (found.cell, found.file, found.line) == (1, "src/pump/a.py", 5)
    assert found.source == "return random.random()"


def test_a_file_that_nothing_imports_is_not_suspected() -> None:
    files = {"pump/a.py": "import random\nx = random.random()\n"}
    (found,) = suspects("x = 1", names=["x"], files=files)
    assert UNKNOWN in found.why


def test_what_only_later_cells_do_is_not_suspected() -> None:
    cells = ("import random\nx = 1", "y = random.random()")
    (found,) = suspects(*cells, names=["x"], cell=0)
    assert UNKNOWN in found.why
    assert (found.cell, found.line) == (0, 2)


def test_a_published_result_is_known_by_its_name() -> None:
    shown = "publish.metric('late', b)\npublish.metric('hits', a)"
    cell = f"a = random.random()\nb = 1\n{shown}"
    found = suspects("import random\nfrom toolkit import publish", cell, names=["hits"])
    assert (found[0].cell, found[0].line) == (1, 1)


def test_the_nearer_of_two_causes_comes_first() -> None:
    cells = (
        "import random",
        "a = random.random()",
        "b = random.random()\nc = a + b\nd = c",
    )
    found = suspects(*cells, names=["d"])
    assert [(s.cell, s.line) for s in found] == [(2, 1), (1, 1)]


def test_each_of_several_culprits_has_its_line() -> None:
    cell = "a = list(set(rows))\nb = date.today()\nc = (a, b)"
    found = suspects(
        "from datetime import date", cell, group="hash-seed clock", names=["c"]
    )
    assert {s.line for s in found[:2]} == {1, 2}


def test_one_line_with_two_causes_is_told_once() -> None:
    cell = "c = (list(set(rows)), date.today())"
    found = suspects(
        "from datetime import date", cell, group="hash-seed clock", names=["c"]
    )
    assert len(found) == 1
    assert "set" in found[0].why
    assert "clock" in found[0].why


def seen(group: str, what: str, *, cell: int, line: int) -> Event:
    return Event(kind="witness", what=group, detail=what, cell=cell, line=line)


def test_what_was_seen_decides_between_lines_that_look_alike() -> None:
    cell = "a = f(random.random)\nb = g(random.random)\nc = a + b"
    event = seen("entropy", "random.random", cell=1, line=2)
    found = suspects("import random", cell, names=["c"], witnesses=[event])
    assert found[0].line == 2


def test_what_was_seen_does_not_beat_what_has_influence() -> None:
    cell = "start = time.time()\nx = date.today()\nprint(time.time() - start)"
    event = seen("clock", "time.time", cell=1, line=1)
    found = suspects(
        "import time\nfrom datetime import date",
        cell,
        group="clock",
        names=["x"],
        witnesses=[event],
    )
    assert found[0].line == 2


def test_what_was_seen_is_used_where_no_rule_says_anything() -> None:
    event = seen("clock", "time.time", cell=0, line=2)
    twice = [event, event]
    (found,) = suspects("x = 1\ny = mystery(x)", group="clock", witnesses=twice)
    assert (found.line, found.source) == (2, "y = mystery(x)")
    assert "time.time" in found.why
    assert found.advice == "Make the moment a parameter of the notebook."


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(seen("clock", "time.time", cell=0, line=1), id="other-group"),
        pytest.param(seen("entropy", "urandom", cell=1, line=1), id="later"),
        pytest.param(Event(kind="read", what="a.csv", cell=0, line=1), id="no-witness"),
        pytest.param(Event(kind="entropy", what="urandom", cell=0), id="no-line"),
    ],
)
def test_what_explains_nothing_is_passed_over(event: Event) -> None:
    (found,) = suspects("x = f()", "y = 1", cell=0, names=["x"], witnesses=[event])
    assert UNKNOWN in found.why


def test_identity_and_environment_are_seen_as_what_they_are() -> None:
    identity = seen("identity", "id", cell=0, line=1)
    assert "`id`" in suspects("x = f()", witnesses=[identity])[0].why
    home = Event(kind="environment", what="HOME", cell=0, line=1)
    assert "HOME" in suspects("x = f()", group="home", witnesses=[home])[0].why


def test_a_line_without_explanation_is_the_one_that_sets_the_variable() -> None:
    (found,) = suspects("a = 1\n\nb = thing(a)\nc = b", names=["b"])
    assert (found.line, found.source) == (3, "b = thing(a)")
    assert found.why == f"the difference of `b` begins here; {UNKNOWN}"


def test_nothing_to_suspect_in_a_notebook_without_code() -> None:
    assert diagnose(
        parsed(), {}, cell=None, names=(), culprits=frozenset(), witnesses=()
    ) == ()  # fmt: skip


def test_without_a_culprit_every_group_counts() -> None:
    (found,) = suspects("import os", "n = os.cpu_count()", group="")
    assert found.line == 1
    assert "processors" in found.why


def test_at_most_five_lines_are_told() -> None:
    cell = "\n".join(["x.append(random.random())"] * 9)
    assert len(suspects("import random\nx = []", cell, names=["x"])) == 5


def test_suspicion_is_of_every_variation_and_the_likeliest_come_first() -> None:
    notebook = parsed(
        "from datetime import date\nimport os",
        "x = [date.today(), date.today()]\nfor n in os.listdir():\n    print(n)",
    )
    found = static_suspicion(notebook, {})
    assert set(found) == set(NAMES)
    assert list(found)[:2] == ["clock", "listing"]
    assert found["umask"] == 0.0
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert all(0.0 <= value <= 1.0 for value in found.values())


def test_nothing_is_suspicious_in_a_plain_notebook() -> None:
    notebook = parsed("n = 3", "rows = sorted(set(range(n)))\nprint(sum(rows))")
    assert set(static_suspicion(notebook, {}).values()) == {0.0}


def test_suspicion_reads_the_files_that_are_imported() -> None:
    files = {
        "pump/__init__.py": "from . import deep\n",
        "pump/deep.py": "import socket\nNAME = socket.gethostname()\n",
        "other.py": "import os\nNAME = os.getcwd()\n",
    }
    found = static_suspicion(parsed("import pump"), files)
    assert found["host"] > 0.8
    assert found["folder"] == 0.0
