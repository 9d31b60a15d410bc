"""What the publisher of the data says about it, quoted from the README beside it."""

import re
from collections.abc import Iterable

_SAYS = re.compile(r"\b(simulat|synthetic|artificial)", re.IGNORECASE)
_CREDIT = re.compile(r"\b(credit line|licen[cs]e)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"“])|\n\s*\n|\n(?=[-*#|])")
_MARKUP = re.compile(r"^[-*#>\s]+|[`*]")


def quote_credits(readmes: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    r"""Return the sentences on simulated data, and those on credit and licence.

    Quoted rather than judged, for "not simulated" has the word in it, too.

    Examples
    --------
    >>> quote_credits(["# Pumps\n\nSimulated by its maker. Licence: CC0."])
    (('Simulated by its maker.',), ('Licence: CC0.',))
    """
    sentences = [
        " ".join(_MARKUP.sub("", part).split())
        for readme in readmes
        for part in _SENTENCE.split(readme)
    ]
    simulated = dict.fromkeys(part for part in sentences if _SAYS.search(part))
    credit = dict.fromkeys(part for part in sentences if _CREDIT.search(part))
    return tuple(simulated), tuple(part for part in credit if part not in simulated)
