"""The shapes of keys, tokens and passwords; never what they are."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LEFT, _RIGHT = r"(?<![A-Za-z0-9+/_\-])", r"(?![A-Za-z0-9+/_\-])"
_SHAPES: tuple[tuple[str, str, str], ...] = (  # what it is, how it begins, the rest
    ("a GitHub token", "ghp_", r"[A-Za-z0-9]{36}"),
    ("a GitHub token", "gho_", r"[A-Za-z0-9]{36}"),
    ("a GitHub token", "ghs_", r"[A-Za-z0-9]{36}"),
    ("a GitHub token", "ghu_", r"[A-Za-z0-9]{36}"),
    ("a GitHub token", "ghr_", r"[A-Za-z0-9]{36}"),
    ("a GitHub token", "github_pat_", r"[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    ("a GitLab token", "glpat-", r"[A-Za-z0-9_\-]{20,}"),
    ("an AWS key", "AKIA", r"[A-Z2-7]{16}"),
    ("an AWS key", "ASIA", r"[A-Z2-7]{16}"),
    ("a Google API key", "AIza", r"[A-Za-z0-9_\-]{35}"),
    ("a Slack token", "xoxb-", r"[A-Za-z0-9\-]{20,}"),
    ("a Slack token", "xoxp-", r"[A-Za-z0-9\-]{20,}"),
    (
        "a Slack webhook",
        "https://hooks.slack.com/services/",
        r"T\w{8,}/B\w{8,}/\w{20,}",
    ),
    ("a Stripe key", "sk_live_", r"[A-Za-z0-9]{24,}"),
    ("a Stripe key", "rk_live_", r"[A-Za-z0-9]{24,}"),
    ("an OpenAI key", "sk-proj-", r"[A-Za-z0-9_\-]{40,}"),
    ("an OpenAI key", "sk-", r"[A-Za-z0-9]{48}"),
    ("an Anthropic key", "sk-ant-", r"[A-Za-z0-9_\-]{40,}"),
    ("a Hugging Face token", "hf_", r"[A-Za-z]{34}"),
    ("an npm token", "npm_", r"[A-Za-z0-9]{36}"),
    ("a PyPI token", "pypi-AgEIcHlwaS5vcmc", r"[A-Za-z0-9_\-]{50,}"),
    ("a SendGrid key", "SG.", r"[A-Za-z0-9_\-]{22}\.[A-Za-z0-9_\-]{43}"),
    ("a Databricks token", "dapi", r"[0-9a-f]{32}"),
    ("a DigitalOcean token", "dop_v1_", r"[0-9a-f]{64}"),
    ("an Azure storage key", "AccountKey=", r"[A-Za-z0-9+/]{86}=="),
    ("a signed token", "eyJ", r"[\w\-]{10,}\.eyJ[\w\-]{10,}\.[\w\-]{20,}"),
)
_TOKENS = tuple(
    (what, start, re.compile(f"{_LEFT}{re.escape(start)}{rest}{_RIGHT}"))
    for what, start, rest in _SHAPES
)
_PEM = re.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?:\s|\\n|[\"'+]){0,40}[A-Za-z0-9+/=]{48}"
)
_URL = re.compile(
    r"[A-Za-z][A-Za-z0-9+.\-]{1,20}://([^\s:@/\"'<>{}$%]{1,64}):"
    r"([^\s@/\"'<>{}$]{3,80})@([A-Za-z0-9.\-]+)"
)
_EMBEDDED = re.compile(r"base64,[A-Za-z0-9+/=\s]{64,}")
_MADE_UP = re.compile(
    r"example|sample|dummy|fake|test|demo|your|insert|change|replace|placeholder|"
    r"secret|passw|passwd|hidden|redacted|token|api.?key|x{4}|\*{3}|\.{3}|<|>|\{|\}|"
    r"\$|abcdef|012345|123456|qwerty|foo|bar|user|admin|guest|root|default|none|null",
    re.IGNORECASE,
)
_LOCAL = re.compile(
    r"localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|(?:.*\.)?example(?:\.|$)|host$"
)
_FEWEST = 8  # different characters of what was drawn


@dataclass(frozen=True, kw_only=True, slots=True)
class Secret:
    """A place that looks like a secret; what it says is not kept."""

    what: str  # "a GitHub token"
    start: int  # in the text
    shown: str  # how it begins, which is no secret


def find_secrets(text: str) -> Iterator[Secret]:
    """Yield the secrets in a text; well-known examples and placeholders are none.

    Examples
    --------
    >>> [s.what for s in find_secrets("token = 'glpat-' + 'x'")]
    []
    >>> [s.what for s in find_secrets("postgres://anna:t0psEkr3t@db.acme.com/sales")]
    ['a password in a URL']
    """
    if "base64," in text:
        text = _EMBEDDED.sub(lambda found: " " * len(found[0]), text)
    for what, start, shape in _TOKENS:
        if start not in text:  # far quicker than the shape
            continue
        for found in shape.finditer(text):
            if _is_drawn(found[0].removeprefix(start)):
                yield Secret(what=what, start=found.start(), shown=f"{start}…")
    yield from _find_written(text)


def _find_written(text: str) -> Iterator[Secret]:
    if "PRIVATE KEY-----" in text:
        for found in _PEM.finditer(text):
            yield Secret(
                what="a private key", start=found.start(), shown="-----BEGIN …"
            )
    if "://" in text and "@" in text:
        for found in _URL.finditer(text):
            if not is_made_up(found[2]) and not _LOCAL.match(found[3]):
                yield Secret(
                    what="a password in a URL",
                    start=found.start(),
                    shown=f"{found[0].partition(':')[0]}://{found[1]}:…",
                )


def is_made_up(value: str) -> bool:
    """Whether a value stands for another one: ``<password>``, ``changeme``.

    Examples
    --------
    >>> is_made_up("YOUR_PASSWORD"), is_made_up("t0psEkr3t")
    (True, False)
    """
    return bool(_MADE_UP.search(value)) or len(set(value)) <= len("****")


def is_random(value: str) -> bool:
    """Whether a text looks drawn: long, of letters and digits, without words.

    Examples
    --------
    >>> is_random("9f8e1b7c55d04e1b8a6d"), is_random("access_token_of_service")
    (True, False)
    """
    digits = sum(letter.isdigit() for letter in value)
    plain = re.fullmatch(r"[A-Za-z0-9_\-+/=.]{16,}", value) is not None
    return plain and digits >= len("123") and len(set(value)) >= _FEWEST


def _is_drawn(rest: str) -> bool:
    made_up = re.search(
        r"example|x{6}|0123456|1234567|abcdefg|\.\.\.", rest, re.IGNORECASE
    )
    return not made_up and len(set(rest)) >= _FEWEST
