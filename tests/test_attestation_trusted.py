"""The file that names the keys that count: strict, and edited without loss."""

import base64
from datetime import timedelta
from pathlib import Path

import pytest
from attested import NOW, a_key, trusted
from hypothesis import example, given
from hypothesis import strategies as st

from toolkit.publish.fields import FieldError
from toolkit.reproduce.attestation.keys import PREFIX
from toolkit.reproduce.attestation.trusted import (
    TRUSTED,
    TrustedKey,
    TrustedKeysError,
    load_trusted,
    parse_date,
    parse_trusted,
)
from toolkit.reproduce.attestation.trusting import revoke_key, trust_key

PUBLIC = a_key().public
ENTRY = f"""\
schema: 1
keys:
  - name: ci
    public: {PUBLIC.line}
    id: {PUBLIC.id}
    role: ci
    not_before: 2026-11-24
    not_after: 2027-11-24T00:00:00Z
"""
SMALL_ORDER = base64.b64encode(PREFIX + bytes(32)).decode()
SECOND = ENTRY.split("keys:\n")[1]
REVOKED = "    revoked:\n      on: 2026-12-01\n      reason: lost\n"


def test_a_file_of_keys_is_read() -> None:
    (key,) = parse_trusted(ENTRY)
    assert (key.name, key.key, key.role, key.revoked) == ("ci", PUBLIC, "ci", None)
    assert key.not_after - key.not_before == timedelta(days=365)
    (revoked,) = parse_trusted(ENTRY + REVOKED)
    assert revoked.revoked is not None
    assert revoked.revoked.reason == "lost"
    assert parse_trusted("schema: 1\nkeys: []\n") == ()


@pytest.mark.parametrize(
    ("text", "at", "found"),
    [
        pytest.param("", "", "nothing", id="empty"),
        pytest.param("x", "", "'x'", id="text"),
        pytest.param("a: [", "line 1", "end of the file", id="no-yaml"),
        pytest.param("\0", "line 1", "character", id="nul"),
        pytest.param("keys: []", "schema", "None", id="no-schema"),
        pytest.param("schema: 2\nkeys: []", "schema", "'2'", id="schema"),
        pytest.param("schema: 1", "", "no such key", id="no-keys"),
        pytest.param("schema: 1\nkeys: {}", "keys", "{}", id="mapping"),
        pytest.param("schema: 1\nkeys:\n", "keys", "''", id="null"),
        pytest.param("schema: 1\nschema: 1\nkeys: []", "", "twice", id="key-twice"),
        pytest.param("{[a]: b}", "", "no text", id="odd-key"),
        pytest.param("[[[[[[[[]]]]]]]]", "[0][0][0][0][0]", "nested levels", id="deep"),
        pytest.param("x" * 1_000_001, "", "1000001 characters", id="long"),
        pytest.param(ENTRY + "    more: x\n", "keys[0]", "'more'", id="unknown"),
        pytest.param(
            ENTRY.replace("role: ci", "role: admin"), "keys[0].role", "adm", id="role"
        ),
        pytest.param(
            ENTRY.replace("name: ci", "name: сi"),  # noqa: RUF001 -- Cyrillic
            "keys[0].name",
            r"\u0441i",
            id="look-alike-name",
        ),
        pytest.param(
            ENTRY.replace(PUBLIC.id, PUBLIC.id.upper()), "keys[0].id", "", id="upper"
        ),
        pytest.param(
            ENTRY.replace(PUBLIC.id, "0" * 64), "keys[0].id", "'000", id="other-id"
        ),
        pytest.param(
            ENTRY.replace(PUBLIC.line, SMALL_ORDER),
            "keys[0].public",
            "any signature",
            id="small-order",
        ),
        pytest.param(
            ENTRY.replace("2026-11-24", "2026-13-24"),
            "keys[0].not_before",
            "",
            id="date",
        ),
        pytest.param(
            ENTRY.replace("2026-11-24", "٢٠٢٦-11-24"),
            "keys[0].not_before",
            "",
            id="digits",
        ),
        pytest.param(
            ENTRY.replace("2027-", "2025-"), "keys[0].not_after", "2025", id="backwards"
        ),
        pytest.param(
            ENTRY + REVOKED.replace("lost", "' '"),
            "keys[0].revoked.reason",
            "nothing",
            id="no-reason",
        ),
        pytest.param(
            ENTRY + REVOKED.replace("2026-12-01", "x"),
            "keys[0].revoked.on",
            "",
            id="on",
        ),
        pytest.param(ENTRY + SECOND, "keys[1].name", "same name", id="name-twice"),
        pytest.param(
            ENTRY + SECOND.replace("name: ci", "name: b"),
            "keys[1].public",
            "same public",
            id="key-under-two-names",
        ),
    ],
)
def test_what_a_file_of_keys_cannot_mean_is_named(
    text: str, at: str, found: str
) -> None:
    with pytest.raises(TrustedKeysError) as raised:
        parse_trusted(text)
    assert raised.value.at == at
    assert found in raised.value.found


@given(st.text() | st.builds("".join, st.lists(st.sampled_from(ENTRY.split(" ")))))
@example(ENTRY.replace("name: ci", "name: &a ci").replace("role: ci", "role: *a"))
def test_any_text_gives_keys_or_the_named_error(text: str) -> None:
    try:
        keys = parse_trusted(text)
    except TrustedKeysError:
        return
    assert all(isinstance(key, TrustedKey) for key in keys)


def test_keys_are_named_and_revoked_and_other_lines_stay(tmp_path: Path) -> None:
    assert load_trusted(tmp_path) == ()
    first, second = trusted(1, name="a"), trusted(2, role="reviewer", name="b")
    trust_key(tmp_path, first)
    path = tmp_path / TRUSTED
    path.write_text(path.read_text().rstrip("\n") + "  # ours\n# the end")
    trust_key(tmp_path, second)
    assert load_trusted(tmp_path) == (first, second)
    revoke_key(tmp_path, "a", "it's\nlost: # yes", NOW)
    revoke_key(tmp_path, second.key.id, "gone", NOW)
    keys = load_trusted(tmp_path)
    assert [key.revoked.reason for key in keys if key.revoked] == [
        "it's lost: # yes",
        "gone",
    ]
    assert "# ours\n" in path.read_text()
    assert "# the end\n" in path.read_text()


def test_neither_a_name_nor_a_key_is_used_twice(tmp_path: Path) -> None:
    trust_key(tmp_path, trusted(1, name="a"))
    revoke_key(tmp_path, "a", "lost", NOW)
    for key in (trusted(2, name="a"), trusted(1, name="b")):
        with pytest.raises(TrustedKeysError, match="revoked"):
            trust_key(tmp_path, key)
    with pytest.raises(TrustedKeysError, match="lower-case"):
        trust_key(tmp_path, trusted(3, name="A"))
    with pytest.raises(TrustedKeysError, match="revoked already"):
        revoke_key(tmp_path, "a", "lost", NOW)
    with pytest.raises(TrustedKeysError, match="no such key"):
        revoke_key(tmp_path, "c", "lost", NOW)


def test_a_layout_that_cannot_be_extended_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / TRUSTED
    path.write_text("{schema: 1, keys: []}\n")
    with pytest.raises(TrustedKeysError, match="a layout that cannot"):
        trust_key(tmp_path, trusted())
    assert path.read_text() == "{schema: 1, keys: []}\n"
    path.write_bytes(b"\xff")
    with pytest.raises(TrustedKeysError, match="no UTF-8"):
        load_trusted(tmp_path)


def test_a_date_is_a_date() -> None:
    assert parse_date("2026-11-24T08:00:00Z", "").hour == 8
    with pytest.raises(FieldError, match="2026-11-24"):
        parse_date("24.11.2026", "x")
