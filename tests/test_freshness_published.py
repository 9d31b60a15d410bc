from pathlib import Path

import pytest
from candidates import FakeHere
from records import a_record

from toolkit.publish.results import Figure, Results, Sha256, Table
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.pipeline.freshness import lost_files
from toolkit.reproduce.records.record import Record, json_text


def published(folder: Path) -> Record:
    (folder / "tables").mkdir(parents=True)
    (folder / "figures").mkdir()
    (folder / "tables" / "t.csv").write_text("a\n1\n")
    (folder / "figures" / "f.svg").write_text("<svg/>")
    results = Results(
        tables=(
            Table(
                name="t",
                title="",
                columns=(),
                rows=1,
                digest=bytes_digest(b"a\n1\n"),
                preview=(),
            ),
        ),
        figures=(
            Figure(name="f", alt="a", caption="", digest=bytes_digest(b"<svg/>")),
        ),
    )
    record = a_record(results=results)
    (folder / "notebook.ipynb").touch()
    (folder / "metrics.json").write_text(json_text(record.metrics))
    return record


class Digesting(FakeHere):
    def file(self, path: str) -> Sha256 | None:
        found = self.root / path
        return bytes_digest(found.read_bytes()) if found.is_file() else None


@pytest.mark.parametrize(
    ("path", "told"),
    [
        pytest.param("tables/t.csv", "tables/t.csv: was changed", id="table"),
        pytest.param("figures/f.svg", "figures/f.svg: was changed", id="figure"),
        pytest.param(
            "metrics.json", "metrics.json: was changed, or is not there", id="metrics"
        ),
    ],
)
def test_what_the_run_published_must_be_there_as_it_was(
    tmp_path: Path, path: str, told: str
) -> None:
    record = published(tmp_path)
    here = Digesting(root=tmp_path)
    assert lost_files(record, tmp_path, here) == ()
    (tmp_path / path).write_text("edited")
    (found,) = lost_files(record, tmp_path, here)
    assert str(found) == f"{record.run}/{told}"


@pytest.mark.parametrize(
    "path", ["tables/t.csv", "figures/f.svg", "metrics.json", "notebook.ipynb"]
)
def test_a_run_of_which_a_file_is_gone_does_not_stand(
    tmp_path: Path, path: str
) -> None:
    record = published(tmp_path)
    (tmp_path / path).unlink()
    (found,) = lost_files(record, tmp_path, Digesting(root=tmp_path))
    assert found.what == f"{record.run}/{path}"
    assert "is not there" in found.found
