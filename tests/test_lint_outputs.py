"""Outputs, counts and secrets that are stored with a notebook."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linted import hits, told

from toolkit.lint.names.secrets import find_secrets
from toolkit.lint.rules_outputs import RULES as OUTPUTS
from toolkit.lint.rules_secrets import RULES as SECRETS

RULES = (*OUTPUTS, *SECRETS)
DRAWN = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5kL7n"  # 40 characters
SEEN = "# [count: {}]\n# [output: 3]\nprint(3)"


@pytest.mark.parametrize(
    ("code", "cells"),
    [
        ("OUT101", ["from toolkit import publish", "# [output: 3]\nprint(n)"]),
        ("OUT101", ["from toolkit.publish import metric", "# [count: 1]\nprint(n)"]),
        ("OUT101", ["# [tags: parameters]\nn = 3", "n + 1", "# [count: 1]\nprint(n)"]),
        ("OUT102", [SEEN.format(2), SEEN.format(1)]),
        ("OUT102", [SEEN.format(1), SEEN.format(1)]),
        ("OUT103", [SEEN.format(3), SEEN.format(4)]),
        ("OUT103", [SEEN.format(1), SEEN.format(3)]),
        ("OUT104", ["# [error: ValueError]\nint('ten')"]),
        ("OUT105", ["# [output: 99]\ntotal = sum([1])"]),
        ("OUT201", [f"key = 'ghp_{DRAWN[:36]}'"]),
        ("OUT201", [f"# [markdown]\nuse `glpat-{DRAWN[:20]}`"]),
        ("OUT201", ["key = 'AKIA" + "Z3DG7KQ2WXN5BMPT" + "'"]),
        ("OUT201", ["db = 'mysql+pymysql://anna:t0psEkr3t@db.acme.com:3306/sales'"]),
        ("OUT201", [f"pem = '''-----BEGIN RSA PRIVATE KEY-----\n{DRAWN}{DRAWN}'''"]),
        ("OUT202", [f"# [output: Bearer ghp_{DRAWN[:36]}]\nprint(key)"]),
        ("OUT203", ["password = 't0psEkr3t'"]),
        ("OUT203", ["connect(host='db', db_password='t0psEkr3t')"]),
        ("OUT203", ["os.environ['API_KEY'] = '9f8e1b7c55d04e1b8a6d'"]),
        ("OUT203", ["settings = {'client_secret': '9f8e1b7c55d04e1b8a6d'}"]),
    ],
)
def test_what_should_not_be_stored_is_found(code: str, cells: list[str]) -> None:
    assert len(told(RULES, code, *cells)) == 1


@pytest.mark.parametrize(
    ("code", "cells"),
    [
        ("OUT101", ["n = 3", "# [output: 3]\nprint(n)"]),
        ("OUT101", ["# [tags: parameters]\n# [count: 1]\nn = 3", SEEN.format(2)]),
        ("OUT102", ["# [count: 2]\nn = 1", "# [count: 1]\nm = 2"]),
        ("OUT102", [SEEN.format(3), SEEN.format(7)]),
        ("OUT103", [SEEN.format(1), "n = 1", SEEN.format(3)]),
        ("OUT103", [SEEN.format(2), SEEN.format(1)]),
        ("OUT103", [SEEN.format(1), "# [tags: skip-execution]\nn = 1"]),
        ("OUT104", ["# [tags: raises-exception]\n# [error: ValueError]\nint('ten')"]),
        ("OUT105", ["# [output: 1%]\ntotal = train([1])"]),
        ("OUT105", ["# [output: 99]\n%time total = sum([1])"]),
        ("OUT105", ["# [output: 99]\ntotal = 99\ntotal"]),
        ("OUT201", ["key = 'AKIAIOSFODNN7EXAMPLE'"]),
        ("OUT201", ["key = 'ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'"]),
        ("OUT201", ["db = 'postgres://user:password@db.acme.com/sales'"]),
        ("OUT201", ["db = 'postgres://anna:t0psEkr3t@localhost/sales'"]),
        ("OUT201", ["db = f'postgres://{user}:{password}@db.acme.com/sales'"]),
        ("OUT201", [f"picture = 'base64,{'A' * 64}\nAKIAZ3DG7KQ2WXN5BMPT\n'"]),
        ("OUT203", ["password = '<your password>'"]),
        ("OUT203", ["password = getpass()"]),
        ("OUT203", ["token = '[CLS]'", "pad_token = '<pad>'", "api_key = 'YOUR_KEY'"]),
        ("OUT203", ["tokenizer(token='hello world of tokens')"]),
        ("OUT203", ["key = '9f8e1b7c55d04e1b8a6d'"]),
    ],
)
def test_what_may_be_stored_is_left_alone(code: str, cells: list[str]) -> None:
    assert told(RULES, code, *cells) == []


@settings(deadline=None, max_examples=50)
@given(
    start=st.sampled_from(["ghp_", "gho_", "npm_"]),
    rest=st.text(
        st.sampled_from("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"),
        min_size=36,
        max_size=36,
    ).filter(lambda text: len(set(text)) > 12),
)
def test_no_secret_is_told(start: str, rest: str) -> None:
    cell = f"key = '{start}{rest}'"
    for hit in hits(RULES, "OUT201", cell):
        assert rest[:4] not in hit.what.removeprefix("looks like")


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    for found in find_secrets(text):
        assert 0 <= found.start < len(text)
