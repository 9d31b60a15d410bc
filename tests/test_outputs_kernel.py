"""Honest cells show the same wherever they are executed; what they draw stays."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from toolkit.reproduce.outputs.cells import CellOutput, normalise_outputs

pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("outputs")]

HONEST = {
    "bar": (
        "import sys, time\nfrom tqdm import tqdm\n"
        "for i in tqdm(range(4), desc='fit', file=sys.stdout): time.sleep(0.03)"
    ),
    "%%time": "%%time\nsum(range(10**5))",
    "%timeit": "%timeit -n 3 -r 2 sum(range(1000))",
    "clock": (
        "t0 = time.perf_counter()\nsum(range(10**5))\n"
        "print(f'Duration: {time.perf_counter() - t0:.4f} s')\n"
        "print('--- %s seconds ---' % (time.perf_counter() - t0))"
    ),
    "styled": (
        "import pandas as pd\n"
        "pd.DataFrame({'a': [1, 2.5], 'b': ['x', 'y']}).style.highlight_max()"
    ),
    "estimator": "from sklearn.linear_model import Ridge\nRidge()",
    "scored": (
        "import numpy as np\nfrom sklearn.model_selection import cross_validate\n"
        "X = np.random.default_rng(0).random((50, 2))\n"
        "scored = cross_validate(Ridge(), X, X[:, 0], cv=3, verbose=2)\n"
        "print(pd.DataFrame(scored))\nscored"
    ),
    "frame": "pd.DataFrame(scored)",
    "svg": (
        "import matplotlib.pyplot as plt\n"
        "%config InlineBackend.figure_formats = ['svg']\n"
        "_ = plt.plot([1, 2, 3], 'o-')"
    ),
    "png": ("%config InlineBackend.figure_formats = ['png']\n_ = plt.imshow([[1, 2]])"),
    "log": (
        "import logging\n"
        "logging.basicConfig(stream=sys.stdout, level='INFO', force=True,\n"
        "    format='%(asctime)s %(name)s %(levelname)s %(message)s')\n"
        "logging.info('loaded %s rows', 3)"
    ),
    "words": (
        "import datetime as dt\nprint('made at', dt.datetime.now())\n"
        "print(f'made {dt.datetime.now():%d.%m.%Y %H:%M} on this machine')"
    ),
    "traceback": (
        "import traceback, warnings\nwarnings.warn('hot')\n"
        "try: 1 / 0\nexcept ZeroDivisionError: print(traceback.format_exc())"
    ),
    "objects": "print(object(), lambda x: x, sep='\\n')\n(i for i in range(3))",
    "thread": "import threading\nthreading.current_thread()",
    "places": (
        "import os, tempfile\nprint(os.getcwd(), pd.__file__, tempfile.mkdtemp())"
    ),
}
DISHONEST = {
    "date": "print(dt.date.today())",
    "now": "dt.datetime.now()",
    "folder's name": "print(os.path.basename(os.getcwd()))",
    "uuid": "import uuid\nprint(uuid.uuid4())",
    "entropy": "np.random.default_rng().random()",
    "address as a number": "id(object())",
    "hash": "hash('a')",
}


def executed(
    folder: Path, variables: Mapping[str, str], offset: timedelta
) -> tuple[CellOutput, ...]:
    """Execute all cells in a folder of their own."""
    home = folder / "home"
    temporary = folder / "tmp"
    work = folder / f"work {folder.name}"
    for made in (home, temporary, work):
        made.mkdir(parents=True)
    sources = [*HONEST.values(), *DISHONEST.values()]
    cells = [nbformat.v4.new_code_cell(each) for each in sources]  # type: ignore[no-untyped-call]
    book: Any = nbformat.v4.new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        book,
        kernel_name="python3",
        timeout=120,
        resources={"metadata": {"path": str(work)}},
    )
    inherited = {n: text for n, text in os.environ.items() if n != "COLUMNS"}
    env = inherited | {"HOME": str(home), "TMPDIR": str(temporary), **variables}
    began = datetime.now(UTC)
    client.execute(env=env)
    return normalise_outputs(
        book.cells,
        places={str(home): "<home>", str(temporary): "<tmp>", str(work): "<project>"},
        began=began,
        ended=datetime.now(UTC),
        offset=offset,
    )


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[CellOutput, ...]]:
    surroundings = (
        ({"TZ": "UTC", "PYTHONHASHSEED": "1"}, timedelta(0)),
        ({"TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "2"}, timedelta(hours=5.75)),
    )
    return [
        executed(tmp_path_factory.mktemp("elsewhere"), variables, offset)
        for variables, offset in surroundings
    ]


@pytest.mark.parametrize("name", HONEST)
def test_what_an_honest_cell_shows_is_the_same_elsewhere(
    name: str, shown: list[tuple[CellOutput, ...]]
) -> None:
    index = list(HONEST).index(name)
    one, two = (outputs[index] for outputs in shown)
    assert one.text == two.text
    assert one.digest is not None


@pytest.mark.parametrize("name", [n for n in DISHONEST if n != "date"])
def test_what_a_cell_draws_by_lot_is_not(
    name: str, shown: list[tuple[CellOutput, ...]]
) -> None:
    index = len(HONEST) + list(DISHONEST).index(name)
    one, two = (outputs[index] for outputs in shown)
    assert one.text != two.text


def test_todays_date_stays(shown: list[tuple[CellOutput, ...]]) -> None:
    index = len(HONEST) + list(DISHONEST).index("date")
    datetime.fromisoformat(shown[0][index].text)
