from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ledgers import a_run, checked, put_evidence, put_run

FIRST = a_run("01-sanity")
SECOND = a_run("02-baseline", used=[FIRST])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    for record in (FIRST, SECOND):
        put_evidence(put_run(root / "runs", record), record)
    return root


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(where=0.0, byte=0, how="put")
@example(where=0.999999, byte=10, how="drop")
@given(
    where=st.floats(0, 1, exclude_max=True),
    byte=st.integers(0, 255),
    how=st.sampled_from(["set", "put", "drop"]),
)
@pytest.mark.parametrize("name", ["record.json", "metrics.json", "verification-*"])
def test_any_byte_of_a_ledger_that_is_changed_is_found(
    project: Path, name: str, where: float, byte: int, how: str
) -> None:
    """Without git, too: digests hold the values, and each value has one text."""
    (path,) = (project / "runs" / SECOND.run).glob(name)
    content = path.read_bytes()
    at = int(where * len(content))
    new = b"" if how == "drop" else bytes([byte])
    changed = content[:at] + new + content[at + (how != "put") :]
    path.write_bytes(changed)
    try:
        outcome = checked(project, history=False)
    finally:
        path.write_bytes(content)
    assert bool(outcome.findings) == (changed != content)
    if changed != content:
        assert path.relative_to(project / "runs").as_posix() in {
            finding.place for finding in outcome.findings
        } or SECOND.run in {finding.place for finding in outcome.findings}
