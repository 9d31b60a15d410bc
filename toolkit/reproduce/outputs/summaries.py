"""The date and time that a fitted model's summary carries, as statsmodels prints it."""

import re
from datetime import datetime

from toolkit.reproduce.outputs.stamps import NOW, Span

_DATE = r"\w{3}, \d{2} \w{3} \d{4}"
_TEXT = re.compile(
    rf"^(?P<l1>Date:\s+)(?P<day>{_DATE})(?P<mid>[^\n]*\n)"
    r"(?P<l2>Time:\s+)(?P<clock>\d{2}:\d{2}:\d{2})",
    re.MULTILINE,
)
_MARKUP = re.compile(
    rf"(?P<l1><th>Date:</th>\s*<td>)(?P<day>{_DATE})(?P<mid></td>.{{0,300}}?)"
    r"(?P<l2><th>Time:</th>\s*<td>)(?P<clock>\d{2}:\d{2}:\d{2})",
    re.DOTALL,
)


def hide_summaries(text: str, span: Span | None) -> str:
    """Return the text without the moment at which a summary was made."""
    if span is None or "Date:" not in text or "Time:" not in text:
        return text

    def hidden(match: re.Match[str]) -> str:
        try:
            stamp = datetime.strptime(  # noqa: DTZ007 -- its zone is looked for
                f"{match['day']} {match['clock']}", "%a, %d %b %Y %H:%M:%S"
            )
        except ValueError:
            return match[0]
        if not span.holds(stamp, None):
            return match[0]
        return f"{match['l1']}{NOW}{match['mid']}{match['l2']}{NOW}"

    return _MARKUP.sub(hidden, _TEXT.sub(hidden, text))
