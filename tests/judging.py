"""Executions that are made up, and the verdict on them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

from verified import NOTEBOOK, Behaviour, Came, Fake, Quiet, case_of, record_of

from toolkit.reproduce.notebook import Notebook
from toolkit.reproduce.verification.engine import judge
from toolkit.reproduce.verification.inquiry import Ask
from toolkit.reproduce.verification.trials import Bench, Crew
from toolkit.reproduce.verification.verdict import Verdict

SAME = Came(
    shown={2: "2"},
    metrics={"accuracy": (1, 0.9)},
    variables={(0, "n"): "a", (1, "m"): "b"},
)
WORSE = replace(
    SAME, metrics={"accuracy": (1, 0.8)}, variables={(0, "n"): "a", (1, "m"): "c"}
)
SHOWN = Came(shown={1: "1", 2: "2"})
Judge = Callable[..., Verdict]


def judge_in(tmp_path: Path) -> Judge:
    """Verify a run of which ``came`` came, with executions that behave like that."""

    def verdict(
        behaviour: Behaviour,
        came: Came = SAME,
        ask: Ask | None = None,
        *,
        notebook: Notebook = NOTEBOOK,
        same_surroundings: bool = True,
        rules: int = 1,
        fake: list[Fake] | None = None,
        jobs: int = 2,
    ) -> Verdict:
        record = replace(record_of(came, notebook), output_rules=rules)
        case = case_of(record, tmp_path, notebook)
        if not same_surroundings:
            case = replace(case, environment=replace(case.environment, python="3.11.9"))
        execute = Fake(behaviour)
        if fake is not None:
            fake.append(execute)
        with Crew(execute, lambda: None, jobs=jobs, progress=Quiet()) as crew:
            return judge(Bench(case, crew, Path(mkdtemp(dir=tmp_path))), ask or Ask())

    return verdict


def always(came: Came) -> Behaviour:
    return lambda _, __: came


def depends_on(*sets: set[str], other: Came = WORSE, came: Came = SAME) -> Behaviour:
    """Be other if one of the sets of variations is there, whole."""
    return lambda names, _: other if any(each <= names for each in sets) else came
