import os
import subprocess
import sys
from pathlib import Path

import pytest

from toolkit.reproduce import locales
from toolkit.reproduce.locales import OtherLocale, other_locale
from toolkit.reproduce.variation import NAMES, Variation, in_kernel, variables

VARIED_HERE = set(NAMES) - {"folder", "home"}  # those are where the kernel is started


def test_a_plain_execution_varies_nothing() -> None:
    assert variables(Variation()) == {}
    assert in_kernel(Variation(), processors=2) == {}


def test_every_name_but_those_of_folders_varies_something() -> None:
    for name in VARIED_HERE - {"locale"}:
        variation = Variation(names=frozenset({name}))
        assert variables(variation) or in_kernel(variation, processors=2), name


@pytest.mark.parametrize("processors", [1, 2, 3, 5, 64])
def test_the_number_of_processors_is_odd_and_another(processors: int) -> None:
    variation = Variation(names=frozenset({"processors"}))
    other = in_kernel(variation, processors=processors)["processors"]
    assert other in {3, 5}
    assert other != processors


def test_another_turn_varies_otherwise() -> None:
    names = frozenset({"hash-seed", "clock"})
    one, two = (Variation(names=names, turn=turn) for turn in (0, 1))
    assert variables(one) != variables(two)
    assert in_kernel(one, processors=2) != in_kernel(two, processors=2)


def test_stray_variables_leave_alone_what_everything_needs() -> None:
    stray = ("PATH", "HOME", "LC_ALL", "PYTHONPATH", "START_DATE", "N", "CACHE_DIR")
    variation = Variation(names=frozenset({"environment"}), stray=stray)
    found = variables(variation)
    assert {"PATH", "HOME", "LC_ALL", "PYTHONPATH"}.isdisjoint(found)
    assert (found["START_DATE"], found["N"], found["CACHE_DIR"]) == (
        "2031-03-05",
        "7",
        "/elsewhere",
    )


def test_time_zone_rules_stand_in_for_a_name() -> None:
    variation = Variation(names=frozenset({"time-zone"}))
    rules = variables(variation, has_zones=False)["TZ"]
    for zone in (rules, variables(variation)["TZ"]):
        done = subprocess.run(
            [sys.executable, "-c", "import time; print(time.localtime(1e9).tm_gmtoff)"],
            env={**os.environ, "TZ": zone},
            capture_output=True,
            check=True,
        )
        assert done.stdout == b"45900\n"


def test_another_locale_is_found_or_made_once(tmp_path: Path) -> None:
    found = other_locale()
    assert found is other_locale()
    assert found.texts != found.name
    changed = found.variables(tmp_path)
    assert changed["LC_ALL"] == found.name
    assert ("LOCPATH" in changed) == bool(found.files)
    assert all((tmp_path / name).is_file() for name in found.files)


@pytest.mark.parametrize(
    ("installed", "name", "texts"),
    [
        (["C", "POSIX", "en_US.utf8"], "C.UTF-8", "C"),
        (["fr_FR.utf8", "C.UTF-8"], "fr_FR.utf8", "C"),
        (["de_DE.UTF-8", "de_DE.ISO8859-1"], "de_DE.UTF-8", "de_DE.ISO8859-1"),
    ],
)
def test_a_locale_that_is_installed_is_taken(
    monkeypatch: pytest.MonkeyPatch, installed: list[str], name: str, texts: str
) -> None:
    monkeypatch.setattr(locales, "_installed", lambda: installed)
    monkeypatch.setattr(locales, "_compiled", dict)
    found = other_locale.__wrapped__()
    assert (found.name, found.texts) == (name, texts)
    assert bool(found.missing) == (name == "C.UTF-8")


def test_without_any_other_locale_texts_are_decoded_otherwise(tmp_path: Path) -> None:
    bare = OtherLocale(name="C.UTF-8", texts="C", missing="none")
    assert bare.variables(tmp_path) == {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}
