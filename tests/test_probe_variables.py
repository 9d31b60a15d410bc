from pathlib import Path

import pytest
from probes import Seen, probed, probed_each

VARIABLES: dict[str, tuple[str, list[str]]] = {
    "item": (
        """import os
os.environ['GIVEN']""",
        ["GIVEN"],
    ),
    "get": (
        """import os
os.environ.get('UNSET')""",
        ["UNSET"],
    ),
    "getenv": (
        """import os
os.getenv('UNSET', '1')""",
        ["UNSET"],
    ),
    "in": (
        """import os
'UNSET' in os.environ""",
        ["UNSET"],
    ),
    "all": (
        """import os
dict(os.environ)""",
        ["*"],
    ),
    "copy": (
        """import os
os.environ.copy()""",
        ["*"],
    ),
    "names": (
        """import os
sorted(os.environ)""",
        ["*"],
    ),
    "its own": (
        """import os
os.environ['OWN'] = '1'; os.environ['OWN']""",
        [],
    ),
    "a library's": (
        """import tempfile
tempfile.gettempdir()""",
        [],
    ),
    "the home": (
        """import os
os.path.expanduser('~')""",
        [],
    ),
    "ours": (
        """import os
os.environ.get('TOOLKIT_X')""",
        [],
    ),
}


@pytest.fixture(scope="module")
def variables_seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    cells = {name: cell for name, (cell, _) in VARIABLES.items()}
    folder = tmp_path_factory.mktemp("variables")
    return probed_each(folder, cells, more={"GIVEN": "yes"})


@pytest.mark.parametrize("name", VARIABLES)
def test_variables_read_by_the_cell_are_seen(
    variables_seen: dict[str, Seen], name: str
) -> None:
    found = variables_seen[name]
    assert not found.err
    assert [what for _, what, _ in found.of("environment")] == VARIABLES[name][1]


def test_a_variable_that_an_extension_reads_is_not_the_cells(tmp_path: Path) -> None:
    cell = """
        import sys
        compiled = vars(sys.modules["os"])["environ"].__getitem__
        print(compiled("".join(("US", "ER"))))
    """
    found = probed(tmp_path, cell)
    assert found.out == "plain\n", found.err
    assert not found.of("environment")


def test_a_variable_is_digested_without_our_folders(tmp_path: Path) -> None:
    cell = "import os; os.environ['HOME']; os.getenv('GIVEN'); os.getenv('UNSET')"
    one, two = (
        probed(tmp_path / name, cell, more={"GIVEN": "yes"}) for name in ("a", "b")
    )
    details = {event.what: event.detail for event in one.events if event.line}
    assert details == {event.what: event.detail for event in two.events if event.line}
    assert details["GIVEN"].startswith("8a798890fe93817163b10b5f7bd2ca4d25d84c52739a")
    assert details["UNSET"] == ""


def test_the_environment_behaves_as_before(tmp_path: Path) -> None:
    cell = """
        import os
        environ = os.environ
        environ["A"] = "1"
        assert isinstance(environ, os._Environ) and type(environ).__name__ == "_Environ"
        assert environ | {"B": "2"} == {**environ, "B": "2"}
        assert environ.setdefault("A", "3") == "1" and environ.pop("A") == "1"
        assert environ.get("A") is None and "A" not in environ
        try: environ["A"]
        except KeyError as error: assert error.args == ("A",)
        try: environ["A"] = 1
        except TypeError: pass
        assert len(list(environ)) == len(environ) == len(environ.items())
        assert repr(environ).startswith("environ({")
        assert os.environb[b"USER"] == b"plain"
        os.putenv("A", "x"); os.unsetenv("A")
    """
    found = probed(tmp_path, cell)
    assert found.code == 0, found.err
