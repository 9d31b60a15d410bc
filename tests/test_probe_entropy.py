from pathlib import Path

import pytest
from probes import Seen, probed, probed_each

ENTROPY: dict[str, tuple[str, str | None]] = {
    "urandom": (
        """import os
os.urandom(4)""",
        """os.urandom""",
    ),
    "s": (
        """import secrets
secrets.token_hex()""",
        """secrets.token_hex""",
    ),
    "uuid": (
        """import uuid
uuid.uuid4()""",
        """uuid.uuid4""",
    ),
    "no seed": (
        """import random
random.seed()""",
        """random.seed""",
    ),
    "Random": (
        """import random
random.Random()""",
        """random.__init__""",
    ),
    "seed": (
        """import random
random.seed(1); random.random()""",
        None,
    ),
    "a library's": (
        """import tempfile
tempfile.mkdtemp()""",
        None,
    ),
    "numpy": (
        """import numpy
numpy.random.default_rng()""",
        """random.getrandbits""",
    ),
    "seeded": (
        """import numpy
numpy.random.default_rng(1)""",
        None,
    ),
    "state": (
        """import numpy
numpy.random.RandomState(1)""",
        None,
    ),
    "unseeded": (
        """import numpy
numpy.random.RandomState()""",
        """random.getrandbits""",
    ),
}


@pytest.fixture(scope="module")
def entropy_seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    cells = {name: cell for name, (cell, _) in ENTROPY.items()}
    return probed_each(tmp_path_factory.mktemp("entropy"), cells)


@pytest.mark.parametrize("name", ENTROPY)
def test_entropy_that_the_cell_draws_is_seen(
    entropy_seen: dict[str, Seen], name: str
) -> None:
    found, what = entropy_seen[name], ENTROPY[name][1]
    assert not found.err
    assert found.of("entropy") == ([("entropy", what, 2)] if what else [])


def test_a_generator_is_seeded_as_before(tmp_path: Path) -> None:
    cell = """
        import random
        random.seed(7)
        first = random.random()
        assert random.Random(7).random() == first
        random.seed(a="text", version=2)
        class Own(random.Random): pass
        print(first, random.random(), Own(3).random())
    """
    expected = "0.32383276483316237 0.8711565613554825 0.23796462709189137\n"
    found = probed(tmp_path, cell)
    assert found.out == expected, found.err
