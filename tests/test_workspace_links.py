import shutil
from pathlib import Path

import pytest
from folders import LARGE, a_project, fill, laid, laid_out, repository

from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.workspace import selection as workspace_files
from toolkit.reproduce.workspace.making import Workspace, make


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return a_project(tmp_path)


def test_a_huge_folder_that_is_no_project_is_linked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_files, "MANY", 10)
    many = [f"photos/{i}.jpg" for i in range(12)]
    project = fill(tmp_path / "home", [*many, "nb.ipynb", "runs/1/x", ".cache/x"])
    made = make(project, tmp_path / "target")
    assert made.linked == {"photos": project / "photos"}
    assert sorted(p.name for p in made.root.iterdir()) == ["nb.ipynb", "photos"]
    assert made.relative(str(project / "photos" / "3.jpg")) == "photos/3.jpg"
    assert made.existed("photos/3.jpg")
    assert not made.existed("photos/99.jpg")
    assert len(made.names("photos") or ()) == 12


def test_a_huge_folder_with_hidden_runs_below_is_linked_around_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_files, "MANY", 1)
    project = fill(tmp_path / "home", ["a/b", "sub/x/1", "sub/runs/1", "sub/y"])
    made = make(project, tmp_path / "target", hidden=[project / "sub" / "runs"])
    assert {*made.linked} == {"a", "sub/x"}
    assert (made.root / "sub" / "y").read_bytes() == b"sub/y"
    assert not (made.root / "sub" / "runs").exists()


def test_a_large_project_with_a_mark_is_copied(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_files, "MANY", 1)
    assert not make(project, tmp_path / "target").linked


def test_links_that_stay_inside_are_kept(tmp_path: Path) -> None:
    project = repository(tmp_path / "p", ["data/x.csv", "deep/er/a"])
    (project / "latest.csv").symlink_to("data/x.csv")
    (project / "deep" / "data").symlink_to("../data")
    (project / "absolute").symlink_to(project / "data" / "x.csv")
    (project / "deep" / "er" / "loop").symlink_to("../..")
    (project / "chain").symlink_to("latest.csv")
    made = make(project, tmp_path / "target")
    assert made.links == {
        "latest.csv": "data/x.csv",
        "deep/data": "../data",
        "absolute": "data/x.csv",
        "deep/er/loop": "../..",
        "chain": "data/x.csv",
    }
    assert not made.linked
    for name in ("latest.csv", "deep/data/x.csv", "absolute", "chain"):
        assert (made.root / name).resolve() == made.root.resolve() / "data" / "x.csv"
        assert made.relative(str(made.root / name)) == "data/x.csv"


def test_links_that_lead_outside_are_inputs(tmp_path: Path) -> None:
    outside = fill(tmp_path / "outside", {"a.csv": b"1", "sub/b.csv": LARGE})
    project = fill(tmp_path / "p", ["nb.ipynb"])
    (project / "file.csv").symlink_to(outside / "a.csv")
    (project / "data").symlink_to("../outside")
    made = make(project, tmp_path / "target")
    assert made.files == {
        "data/a.csv": bytes_digest(b"1"),
        "data/sub/b.csv": None,
        "file.csv": bytes_digest(b"1"),
        "nb.ipynb": bytes_digest(b"nb.ipynb"),
    }
    assert made.linked == {"data/sub/b.csv": outside / "sub" / "b.csv"}
    assert not (made.root / "file.csv").is_symlink()


def test_a_link_to_a_very_large_folder_stays_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_files, "_OUTSIDE", 3)
    outside = fill(tmp_path / "outside", "abcde")
    project = fill(tmp_path / "p", ["nb.ipynb"])
    (project / "data").symlink_to(outside)
    made = make(project, tmp_path / "target")
    assert made.linked == {"data": outside}
    assert (made.root / "data" / "a").read_bytes() == b"a"
    assert made.real("data/a") == outside / "a"


def test_a_link_to_what_git_ignores_is_an_input(tmp_path: Path) -> None:
    project = repository(tmp_path / "p", {".gitignore": b"store/\n"})
    fill(project, {"store/x.csv": b"1"})
    (project / "x.csv").symlink_to("store/x.csv")
    made = make(project, tmp_path / "target")
    assert (made.root / "x.csv").read_bytes() == b"1"
    assert not made.links


def test_links_that_lead_nowhere_stay_so(tmp_path: Path) -> None:
    project = fill(tmp_path / "p", ["a"])
    (project / "gone").symlink_to("not-there")
    (project / "self").symlink_to("self")
    made = make(project, tmp_path / "target")
    assert (made.root / "gone").is_symlink()
    assert not (made.root / "gone").exists()
    assert made.changed() == ()


def test_a_link_up_does_not_open_the_project_itself(tmp_path: Path) -> None:
    project = fill(tmp_path / "p", ["a", "runs/1/x"])
    (project / "up").symlink_to("..")
    assert laid_out(project, tmp_path) == {"a"}


def test_a_folder_that_became_a_link_hides_what_git_still_lists(
    tmp_path: Path,
) -> None:
    project = repository(tmp_path / "p", ["data/x.csv", "other/x.csv"])
    shutil.rmtree(project / "data")
    (project / "data").symlink_to("other")
    made = make(project, tmp_path / "target")
    assert made.links == {"data": "other"}
    assert (made.root / "data" / "x.csv").read_bytes() == b"other/x.csv"


@pytest.fixture
def made(project: Path, tmp_path: Path) -> Workspace:
    return laid(project, tmp_path)
