"""Which runs leave, and what the project says of itself."""

from dataclasses import replace
from pathlib import Path

import pytest
from exporting import a_run, reproduce

from toolkit.export.artefacts import artefacts_of, is_inside
from toolkit.export.exported import About, about, choose
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.records.store import Store, UnknownRunError


def test_only_what_is_reproduced_leaves(tmp_path: Path) -> None:
    store = Store(tmp_path / "runs")
    weak, proven = a_run(tmp_path, {"n": 1}), a_run(tmp_path, {"n": 2})
    reproduce(tmp_path, proven)
    choice = choose(store, (), everything=False)
    assert [one.record for one in choice.runs] == [proven]
    assert [one.record for one in choice.left_out] == [weak]
    assert choice.runs[0].mark == ""
    assert choice.left_out[0].mark == "not for quoting: only recorded (not verified)"
    everything = choose(store, (), everything=True)
    assert {one.record.run for one in everything.runs} == {weak.run, proven.run}
    assert everything.left_out == ()


def test_a_named_run_goes_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "runs")
    one, _ = a_run(tmp_path, {"n": 1}), a_run(tmp_path, {"n": 2})
    choice = choose(store, [one.run, one.run[:-1]], everything=True)
    assert [chosen.record for chosen in choice.runs] == [one]
    with pytest.raises(UnknownRunError, match="no run 'other'"):
        choose(store, ["other"], everything=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[project]\nname = "pumps"\nlicense = "MIT"\n',
            About(name="pumps", licence="MIT"),
        ),
        (
            '[project]\nname = "p"\nlicense = {file = "x"}',
            About(name="p", licence=None),
        ),
        ("[project", About(name="folder", licence=None)),
        ("project = 1", About(name="folder", licence=None)),
        ('[project]\nname = ""', About(name="folder", licence=None)),
        (None, About(name="folder", licence=None)),
    ],
)
def test_the_project_says_its_name(
    tmp_path: Path, text: str | None, expected: About
) -> None:
    root = tmp_path / "folder"
    root.mkdir()
    if text is not None:
        (root / "pyproject.toml").write_text(text)
    assert about(root) == expected


def test_no_path_of_a_record_leads_out_of_its_folder() -> None:
    out = ["../x", "a/../../x", "/etc/passwd", "", ".."]
    assert [is_inside(path) for path in out] == [False] * len(out)
    assert is_inside("a/b c.csv")


def test_the_files_are_listed_with_their_digests_and_kinds(tmp_path: Path) -> None:
    record = a_run(tmp_path)
    found = artefacts_of(Store(tmp_path / "runs"), record)
    assert {file.path: file.media for file in found.here} == {
        "record.json": "application/json",
        "metrics.json": "application/json",
        "notebook.ipynb": "application/x-ipynb+json",
        "tables/cities.csv": "text/csv",
        "figures/map.svg": "image/svg+xml",
        "files/out/a b.txt": "application/octet-stream",
    }
    assert found.absent == ()


def test_no_file_outside_the_run_is_taken_along(tmp_path: Path) -> None:
    record = a_run(tmp_path)
    (tmp_path / "secret").write_bytes(b"kept")
    written = {"../../../secret": bytes_digest(b"kept")}
    lying = replace(record, trace=replace(record.trace, written=written))
    found = artefacts_of(Store(tmp_path / "runs"), lying)
    assert not any("secret" in path for path in (*found.absent, *map(str, found.here)))
