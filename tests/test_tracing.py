import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from traced import FILE_KINDS, FILES, NOTEBOOK, Run, a_workspace

from toolkit.reproduce.digest import bytes_digest, names_digest
from toolkit.reproduce.records.trace import Event, Trace
from toolkit.reproduce.tracing.traces import trace_of
from toolkit.reproduce.workspace.making import Workspace, make

KINDS = (*FILE_KINDS, "process", "network", "environment", "enforced", "witness")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return a_workspace(tmp_path)


@pytest.fixture
def run(workspace: Workspace) -> Run:
    return Run(workspace)


def test_nothing_done_is_an_empty_trace(run: Run) -> None:
    assert run.found() == (Trace(), ())


def test_what_either_saw_read_is_an_input(run: Run) -> None:
    run.saw("read", "data/x.csv").watched("read", "data/y.csv")
    assert run.trace().inputs == {
        "data/x.csv": bytes_digest(b"1"),
        "data/y.csv": bytes_digest(b"2"),
    }


def test_an_inputs_digest_is_that_of_the_start(run: Run) -> None:
    (run.workspace.root / "data" / "x.csv").write_text("changed")
    run.saw("read", "data/x.csv").saw("write", "data/x.csv")
    assert run.trace().inputs == {"data/x.csv": bytes_digest(b"1")}


def test_a_large_input_has_a_digest_by_any_of_its_names(run: Run) -> None:
    content = bytes_digest(FILES["data/big.csv"].encode())
    run.watched("read", run.workspace.project / "data" / "big.csv")
    assert run.trace().inputs == {"data/big.csv": content}
    run.saw("read", "data/big.csv")
    assert run.trace().inputs == {"data/big.csv": content}


def test_a_digest_may_be_remembered(run: Run) -> None:
    run.saw("read", "data/big.csv")
    known = bytes_digest(b"known")
    assert run.trace(digest=lambda _: known).inputs == {"data/big.csv": known}


def test_what_the_run_wrote_is_no_input(run: Run) -> None:
    (run.workspace.root / "out").mkdir()
    (run.workspace.root / "out" / "new.csv").write_text("5")
    run.saw("write", "out/new.csv").saw("read", "out/new.csv")
    trace = run.trace()
    assert (trace.inputs, trace.written) == ({}, {"out/new.csv": bytes_digest(b"5")})


def test_compiled_files_are_no_inputs(run: Run) -> None:
    run.saw("read", "mypkg/__pycache__/mod.cpython-311.pyc")
    run.saw("list", "mypkg/__pycache__").saw("absent", "mypkg/x.pyc")
    assert run.found() == (Trace(), ())


def test_modules_are_no_inputs(run: Run) -> None:
    run.saw("module", "mypkg/__init__.py").saw("module", "mypkg/mod.py")
    run.saw("module", "notebooks/side.py").saw("read", "mypkg/mod.py")
    run.watched("read", "mypkg/mod.py")
    trace = run.trace()
    modules = ("mypkg/__init__.py", "mypkg/mod.py", "notebooks/side.py")
    assert (trace.modules, trace.inputs) == (modules, {})


def test_a_module_that_the_recipes_code_leaves_out_is_an_input_too(run: Run) -> None:
    run.saw("module", "scripts/helper.py")
    trace, breaches = run.found(strict=True)
    assert trace.modules == ("scripts/helper.py",)
    assert trace.inputs == {"scripts/helper.py": bytes_digest(b"b = 2")}
    assert (trace.undeclared, breaches) == ((), ())


def test_code_that_is_read_and_not_imported_is_an_input(run: Run) -> None:
    run.watched("read", "mypkg/mod.py")
    assert {*run.trace().inputs} == {"mypkg/mod.py"}


def test_modules_may_be_told_by_name(workspace: Workspace) -> None:
    names = ("mypkg.mod", "mypkg", "side", "pandas")
    events = [Event(kind="module", what=name) for name in names]
    trace, _ = trace_of(workspace, events, (), notebook=NOTEBOOK)
    assert trace.modules == ("mypkg/__init__.py", "mypkg/mod.py", "notebooks/side.py")


def test_a_file_outside_is_an_input_by_its_path(run: Run, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere.csv"
    outside.write_text("5")
    run.workspace = make(run.workspace.project, tmp_path / "later")
    run.saw("read", str(outside)).saw("read", str(tmp_path / "gone.csv"))
    run.saw("read", "/etc/hosts").saw("read", sys.executable).saw("read", os.__file__)
    assert run.trace().inputs == {str(outside): bytes_digest(b"5")}
    assert run.trace().undeclared == (str(outside),)
    assert run.trace(declared=[str(tmp_path)]).undeclared == ()
    assert run.trace(own=[tmp_path]).inputs == {}


def test_a_listed_folder_counts_by_its_names_at_the_start(run: Run) -> None:
    (run.workspace.root / "data" / "new.csv").write_text("5")
    (run.workspace.root / "data" / "x.csv").unlink()
    run.saw("list", "data").saw("list", "").saw("list", "not-there").saw("list", "new")
    top = ["data", "mypkg", "notebooks", "other", "pyproject.toml", "scope.yaml"]
    assert run.trace().listed == {
        ".": names_digest([*top, "scripts"]),
        "data": names_digest(["big.csv", "x.csv", "y.csv"]),
    }


def test_a_listing_that_only_inotify_saw_may_be_the_import_system(run: Run) -> None:
    for folder in ("", "mypkg", "notebooks", "scripts", "data"):
        run.watched("list", folder)
    assert {*run.trace().listed} == {"data"}


def test_what_was_looked_for_and_was_not_there_is_told(run: Run) -> None:
    (run.workspace.root / "cache.csv").write_text("5")
    run.saw("absent", "data/no.csv").saw("absent", "cache.csv")
    run.saw("absent", "data/x.csv").saw("absent", "/elsewhere/x")
    assert run.trace().absent == ("cache.csv", "data/no.csv")


def test_programs_network_and_variables_are_told(run: Run) -> None:
    run.saw("process", "/usr/bin/git", detail="git log").saw("process", "git")
    run.saw("network", "example.org:443", detail="allowed")
    run.saw("environment", "A", detail=bytes_digest(b"secret"))
    run.saw("environment", "B", detail="").saw("environment", "C", detail="plain")
    run.saw("enforced", "network", detail="refused, by a network namespace")
    trace, breaches = run.found()
    assert trace == Trace(
        processes=("git",),
        network=("example.org:443",),
        environment={
            "A": bytes_digest(b"secret"),
            "B": None,
            "C": bytes_digest(b"plain"),
        },
        enforced=("network: refused, by a network namespace",),
    )
    assert breaches == ()


def test_undeclared_is_what_nothing_covers(run: Run) -> None:
    for path in ("data/x.csv", "other/z.csv", "scope.yaml", "pyproject.toml"):
        run.saw("read", path)
    assert run.trace().undeclared == ("other/z.csv",)
    assert run.trace(declared=["**/z.*"]).undeclared == ()


@settings(max_examples=30)
@given(data=st.data())
def test_no_events_crash_it(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project = tmp_path_factory.getbasetemp() / "some-project"
    if not project.exists():
        (project / "data").mkdir(parents=True)
        (project / "data" / "x.csv").write_text("1")
        make(project, tmp_path_factory.getbasetemp() / "some-target")
    root = tmp_path_factory.getbasetemp() / "some-target" / "some-project"
    paths = st.sampled_from(
        ["", "data", "data/x.csv", "new", "runs/1", "..", "/", "\udce9"]
    )
    events = st.lists(
        st.builds(
            Event,
            kind=st.sampled_from(KINDS),
            what=paths.map(lambda path: str(root / path)) | st.text(max_size=9),
            cell=st.none() | st.integers(0, 3),
            file=st.none() | st.just("a.py"),
            line=st.none() | st.integers(-1, 3),
            detail=st.sampled_from(["", "read", "write", "refused"]),
        )
    )
    workspace = Workspace(
        root=root,
        project=project,
        files={"data/x.csv": bytes_digest(b"1")},
        linked={},
        folders=frozenset(("", "data")),
        resolved=str(root),
        hidden=(project / "runs",),
    )
    trace, breaches = trace_of(
        workspace, data.draw(events), data.draw(events), strict=data.draw(st.booleans())
    )
    assert set(trace.undeclared) <= set(trace.inputs)
    assert list(breaches) == sorted(
        breaches, key=lambda b: (b.cell is None, b.cell or 0)
    )
