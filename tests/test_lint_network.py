"""Network, installs, imports, inputs and design: what is found and what is not."""

import pytest
from lint_subjects import codes, subject

from toolkit.lint import rules_commands, rules_design, rules_inputs, rules_network
from toolkit.lint.model import Surroundings

NETWORK = (*rules_network.RULES, *rules_commands.RULES)
READ = 'import pandas as pd\ndf = pd.read_csv("data/p.csv")'


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ('import pandas as pd\npd.read_csv("https://a.org/b.csv")', "NET101"),
        ('import pandas as pd\nU = "http://a.org/"\npd.read_csv(U + "b")', "NET101"),
        ('import pandas as pd\npd.read_csv(f"https://a.org/{n}.csv")', "NET101"),
        ("import requests\nrequests.post(address)", "NET101"),
        ("from urllib.request import urlopen\nurlopen(address)", "NET101"),
        ('import seaborn as sns\nsns.load_dataset("tips")', "NET102"),
        (
            "from torchvision import datasets\ndatasets.MNIST('d', download=True)",
            "NET102",
        ),
        (
            'from transformers import AutoModel\nAutoModel.from_pretrained("a/b")',
            "NET102",
        ),
        ("!pip install -q pump", "NET201"),
        ("%pip install pump", "NET201"),
        ("!{sys.executable} -m pip install pump", "NET201"),
        ("!apt-get install -y graphviz", "NET201"),
        ("%%bash\npip install pump", "NET201"),
        ("import subprocess\nsubprocess.run(['pip', 'install', 'pump'])", "NET201"),
        ("import os\nos.system('wget https://a.org/b.csv')", "NET202"),
        ("!curl -LO https://a.org/b.csv", "NET202"),
    ],
)
def test_what_comes_from_the_network_is_found(source: str, code: str) -> None:
    assert codes(NETWORK, subject(source)) == [code]


@pytest.mark.parametrize(
    "source",
    [
        'import requests\nrequests.get("http://localhost:8000/health")',
        'print("see https://a.org")',
        "from torchvision import datasets\ndatasets.MNIST('d', download=False)",
        'from transformers import AutoModel\nAutoModel.from_pretrained("./model")',
        "!pip list",
        "!echo pip install pump",
        "cache = {}\ncache.get('https://a.org')",
        "from sklearn.datasets import load_iris\nload_iris()",
        "import nowhere",  # there is no lock
    ],
)
def test_what_stays_here_is_left_alone(source: str) -> None:
    assert codes(NETWORK, subject(source)) == []


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("import nowhere", 1),
        ("import sklearn.svm, yaml, PIL.Image, cv2, json", 0),
        ("import pump.io", 0),
        ("from . import io", 0),
        ("try:\n    import nowhere\nexcept ImportError:\n    nowhere = None", 0),
        ("import nowhere\nimport nowhere.again", 1),
    ],
)
def test_an_import_that_no_lock_names_is_found(source: str, count: int) -> None:
    locked = frozenset({"scikit-learn", "pyyaml", "pillow", "opencv-python-headless"})
    around = Surroundings(modules=frozenset({"pump"}), locked=locked)
    assert codes(NETWORK, subject(source, around=around)) == ["NET203"] * count


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('df.to_csv("data/p.csv")', ["INP101"]),
        ('df.to_csv("./data/p.csv")', ["INP101"]),
        ('from pathlib import Path\ndf.to_csv(Path("data") / "p.csv")', ["INP101"]),
        ('with open("data/p.csv", "a") as f:\n    f.write("x")', ["INP101"]),
        ('import os\nos.remove("data/p.csv")', ["INP102"]),
        ('import shutil\nshutil.move("data/p.csv", "old.csv")', ["INP102"]),
        ("!rm data/p.csv", ["INP102"]),
        ("!sed -i s/a/b/ data/p.csv", ["INP102"]),
        ('df.to_csv("out/p.csv")', []),
        ('open("data/p.csv").read()', []),
        ("df.to_csv(path)", []),
    ],
)
def test_a_changed_input_is_found(source: str, found: list[str]) -> None:
    assert codes(rules_inputs.RULES, subject(READ, source)) == found


@pytest.mark.parametrize(
    "cells",
    [
        (
            'df.to_csv("o.csv")',
            'import pandas as pd\npd.read_csv("o.csv")',
            'df.to_csv("o.csv")',
        ),
        ("%%writefile a.py\nx = 1", 'open("a.py").read()', 'open("a.py", "w")'),
    ],
)
def test_an_output_that_is_read_back_is_no_input(cells: tuple[str, ...]) -> None:
    assert codes(rules_inputs.RULES, subject(*cells)) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('con.execute("UPDATE p SET x = 1")', ["INP103"]),
        ('cur = con.cursor()\ncur.execute("insert into p values (1)")', ["INP103"]),
        ('con.execute("SELECT * FROM p")', []),
        ('con.execute("CREATE TABLE q (x)")\ncon.execute("DELETE FROM q")', []),
    ],
)
def test_a_changed_database_is_found(source: str, found: list[str]) -> None:
    start = 'import sqlite3\ncon = sqlite3.connect("data/p.db")'
    assert codes(rules_inputs.RULES, subject(start, source)) == found


def test_a_database_in_memory_may_change() -> None:
    start = 'import sqlite3\ncon = sqlite3.connect(":memory:")'
    seen = subject(start, 'con.execute("INSERT INTO p VALUES (1)")')
    assert codes(rules_inputs.RULES, seen) == []


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (("import sys\nsys.path.insert(0, '..')",), ["DES104"]),
        (("import sys\nsys.path += ['..']",), ["DES104"]),
        (("import os\nos.path.join('a', 'b')",), []),
        (("import helpers",), ["DES105"]),
        (("from pump import io",), []),
        (("def f():\n    return 1", "def f():\n    return 2"), ["DES102"]),
        (("def f():\n    return 1\ndef f():\n    return 2",), []),
    ],
)
def test_what_belongs_into_the_package_is_found(
    cells: tuple[str, ...], found: list[str]
) -> None:
    files = {"notebooks/helpers.py": "", "pump/__init__.py": "", "pump/io.py": ""}
    around = Surroundings(modules=frozenset({"pump"}), files=files)
    assert codes(rules_design.RULES, subject(*cells, around=around)) == found
