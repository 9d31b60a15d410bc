r"""What MLflow takes as a key and as a value, and how ours become that.

A key has at most 250 characters: letters, digits, ``_ - . / :`` and blanks (no colon on
Windows, so we write none), and read as a path it must not change. A parameter has at
most 6,000 characters (500 before MLflow 2.8), a tag 5,000 (8,000 since 2.14).

References
----------
MLflow, ``mlflow/utils/validation.py``
"""

import posixpath
import re

from toolkit.reproduce.digest import value_digest

KEY = 250
TAG = 5000
_DIGEST = 16  # hex digits that keep two long texts apart
_UNFIT = re.compile(r"[^\w./ -]|_u(?=[0-9a-f]*(?:_|[^\w -]))")


def key_of(name: str) -> str:
    """Return a name as a key that MLflow takes; different names stay different.

    A character that it does not take becomes its number: ``_u2b_``. A key that is too
    long ends in a digest of the name.

    Examples
    --------
    >>> key_of("hit_rate"), key_of("a+b"), key_of("../a")
    ('hit_rate', 'a_u2b_b', '_u2e__u2e__u2f_a')
    """
    key = _UNFIT.sub(_numbers, name)
    if posixpath.normpath(key) != key or key.startswith(("/", "..")) or key == ".":
        key = re.sub(r"[./]", _numbers, key) or "_u_"
    return shortened(key, KEY, mark="_")


def shortened(text: str, limit: int, *, mark: str = "… sha256:") -> str:
    """Return a text, cut to a number of characters; cut texts stay different.

    Parameters
    ----------
    text : any
    limit : greater than the mark and 16 digits together
    mark : between the text's beginning and its digest

    Examples
    --------
    >>> shortened("a" * 99, 30)
    'aaaaa… sha256:d4232aae7a5aa632'
    """
    if len(text) <= limit:
        return text
    end = mark + value_digest(text)[:_DIGEST]
    return text[: limit - len(end)] + end


def storable(text: str) -> str:
    r"""Return a text without what no database takes: NUL, halves of characters.

    Examples
    --------
    >>> storable("a\x00\ud800é")
    'a\\x00\\ud800é'
    """
    whole = text.encode("utf-8", "backslashreplace").decode()
    return whole.replace("\0", "\\x00")


def value_text(value: object) -> str:
    """Return a parameter's value as MLflow's own client would write it.

    Examples
    --------
    >>> value_text("a"), value_text(0.1), value_text({"expression": "2 * n"})
    ('a', '0.1', '2 * n')
    """
    if isinstance(value, dict) and set(value) == {"expression"}:
        return str(value["expression"])
    return str(value)


def _numbers(found: "re.Match[str]") -> str:
    return (
        "".join(f"_u{ord(character):x}_" for character in found[0][:1]) + found[0][1:]
    )
