"""Texts as honest executions show them, and results that look like them."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from toolkit.reproduce.outputs.markup import plain_markup
from toolkit.reproduce.outputs.rules import Setting, normalise_text
from toolkit.reproduce.outputs.stamps import Span

DOCS = (Path(__file__).parents[1] / "docs" / "outputs.md").read_text("utf-8")
SPAN = Span(
    began=datetime(2026, 11, 23, 18, 15, tzinfo=UTC),
    ended=datetime(2026, 11, 23, 18, 16, tzinfo=UTC),
)
PLACES = {
    "/home/eva": "<home>",
    "/home/eva/pumps": "<project>",
    "/home/eva/mein ordner ü": "<project>",
    "/tmp": "<tmp>",  # noqa: S108 -- a text
}
SETTING = Setting(places=PLACES, span=SPAN, reads_clock=True)
PICTURES = {"↵": "\n", "␍": "\r", "␛": "\x1b"}


def documented() -> list[tuple[str, str, str]]:
    """Rule, before and after, of each line of the tables of rules."""
    found = []
    for line in DOCS.splitlines():
        cells = re.split(r"(?<!\\)\|", line)[1:-1]
        if len(cells) == 4 and cells[2].strip().startswith("`"):
            before, after = (c.strip()[1:-1].replace("\\|", "|") for c in cells[2:])
            for picture, letter in PICTURES.items():
                before, after = (t.replace(picture, letter) for t in (before, after))
            found.append((cells[0].strip(), before, after))
    return found


def normalised(text: str) -> str:
    return normalise_text(plain_markup(text) if "<" in text[:1] else text, SETTING)


SAME = [
    pytest.param("x␍y", "y", id="carriage return"),
    pytest.param("ab\b\bcd", "cd", id="backspace"),
    pytest.param("1\r\n2\r\n", "1\n2", id="line ends of elsewhere"),
    pytest.param(
        " 60%|██████    | 3/5 [00:00<00:00,  8.2it/s]\n"
        "100%|██████████| 5/5 [00:01<00:00, 9it/s]",
        "<progress> 5",
        id="bar without carriage return",
    ),
    pytest.param(
        "a:   0%|  | 0/5 [00:00<?, ?it/s]\nb:  10%|█ | 1/9 [00:00<00:01, 2it/s]\n"
        "a: 100%|██| 5/5 [00:02<00:00, 2it/s]",
        "a: <progress> 5\nb: <progress> ?/9",
        id="nested bars",
    ),
    pytest.param("17it [00:03, 5.1it/s]", "<progress> 17it", id="bar without total"),
    pytest.param(
        "9/9 [==============================] - 3s 2ms/step - loss: 0.29",
        "9/9 <progress> - loss: 0.29",
        id="keras 2",
    ),
    pytest.param(
        "9/9 ━━━━━━━━━━━━━━━━━━━━ 0s 2ms/step - loss: 0.29",
        "9/9 <progress> - loss: 0.29",
        id="keras 3",
    ),
    pytest.param(
        "[Parallel(n_jobs=2)]: Done 1 tasks | elapsed: 0.2s\nrmse 1",
        "rmse 1",
        id="joblib",
    ),
    pytest.param(
        "[CV] END ..C=1; total time=   0.1s",
        "[CV] END ..C=1; total time=   <duration>",
        id="sklearn",
    ),
    pytest.param(
        "0:\tlearn: 0.5\ttotal: 2.31ms\tremaining: 20.8ms",
        "0:\tlearn: 0.5\ttotal: <duration>",
        id="catboost",
    ),
    pytest.param(
        "CPU times: user 3.2 ms, sys: 1.1 ms, total: 4.3 ms\nWall time: 1.2 s",
        "CPU times: <duration>\nWall time: <duration>",
        id="%%time",
    ),
    pytest.param(
        "12.4 μs ± 117 ns per loop (mean ± std. dev. of 2 runs, 10 loops each)",
        "<duration> per loop",
        id="%timeit",
    ),
    pytest.param(
        "The slowest run took 5.60 times longer than the fastest. This could mean that "
        "an intermediate result is being cached.\n1.2 ms ± 3 μs per loop (mean ± std. "
        "dev. of 7 runs, 1,000 loops each)",
        "<duration> per loop",
        id="%timeit, slowest",
    ),
    pytest.param("took 1 min 3.2 s", "took <duration>", id="minutes and seconds"),
    pytest.param("Elapsed time: 0:00:03.12", "Elapsed time: <duration>", id="clock"),
    pytest.param("elapsed 0.31", "elapsed <duration>", id="without unit"),
    pytest.param(
        "elapsed=0.31 loss=0.2", "elapsed=<duration> loss=0.2", id="before another"
    ),
    pytest.param("3.2 seconds elapsed", "<duration> elapsed", id="behind"),
    pytest.param(
        "--- 3.21 seconds ---", "--- <duration> seconds ---", id="between dashes"
    ),
    pytest.param("Fit time (s): 0.12", "Fit time (s): <duration>", id="unit in front"),
    pytest.param("Duration: 12 ms", "Duration: <duration>", id="duration"),
    pytest.param("'elapsed': 0.02", "'elapsed': <duration>", id="in a dict"),
    pytest.param(
        "{'fit_time': array([0.1, 0.2]), 'test_score': array([0.9])}",
        "{'fit_time': array([<duration>]), 'test_score': array([0.9])}",
        id="cross_validate",
    ),
    pytest.param(
        "file:///home/eva/mein%20ordner%20%C3%BC/a.csv",
        "file://<project>/a.csv",
        id="place in an address",
    ),
    pytest.param('"/home/eva/mein ordner \\u00fc/a"', '"<project>/a"', id="in JSON"),
    pytest.param("/home/eva/pumps.", "<project>.", id="place at the end"),
    pytest.param("/home/evan/pumps", "/home/evan/pumps", id="another's home"),
    pytest.param("/srv/home/eva", "/srv/home/eva", id="not a prefix"),
    pytest.param(
        "/home/eva/mein ordner ü/.venv/lib/python3.11/site-packages/x.py",
        "<packages>/x.py",
        id="packages in the project",
    ),
    pytest.param("<ipython-input-3-0123456789ab> in", "<cell> in", id="old cell"),
    pytest.param("Cell In[12], line 3", "Cell In[<count>], line 3", id="count"),
    pytest.param("/proc/4711/status", "/proc/<process>/status", id="process"),
    pytest.param(
        "<Process name='P-1' pid=4711 parent=4700 started>",
        "<Process name='P-1' pid=<process> parent=<process> started>",
        id="child",
    ),
    pytest.param(
        "<bound method A.f of <__main__.A object at 0x7f12a8c0d5e0>>",
        "<bound method A.f of <__main__.A object at <address>>>",
        id="address within",
    ),
    pytest.param("<A at 0x1a5b6fd...", "<A at <address>...", id="address cut off"),
    pytest.param(
        "14 function calls in 0.932 seconds",
        "14 function calls in <duration>",
        id="profile",
    ),
    pytest.param(
        "== 10 passed in 2.32s ==", "== 10 passed in <duration> ==", id="tests"
    ),
    pytest.param(
        "&lt;A at 0x7f12a8c0d5e0&gt;", "&lt;A at <address>&gt;", id="address in HTML"
    ),
]
STAYS = [
    "mean time to failure 32.5 h",
    "repair took 32.5 h",
    "elapsed 3 days between failures",
    "elapsed 3 rounds",
    "elapsed 5 %",
    "lead time: 3.2 s",
    "mean response time 12 ms",
    "took 12 steps",
    "converged in 12 iterations",
    "loaded in 3 files",
    "0x7f",
    "first fault at 0x1F40",
    "id 2f1c9a00-0000-4000-8000-1234567890ab",
    "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "id(x) = 140560836725632",
    "{'b', 'a'}",
    "pid controller: 3.5",
    "done 3/5 [half]",
    "tmpabcd1234",
    "In [3]",
    "50%|50%",
    "1795457700.123",
]
