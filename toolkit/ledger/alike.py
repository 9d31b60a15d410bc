"""Names that a person takes for one another."""

import unicodedata

# Only what can stand in a run's id, after case is folded. Ours first, then Cyrillic,
# then Greek.
_DRAWN_ALIKE = {
    "a": "\u0430\u03b1",
    "c": "\u0441",
    "d": "\u0501",
    "e": "\u0435",
    "h": "\u04bb",
    "j": "\u0458",
    "k": "\u03ba",
    "l": "1i|\u0131\u0269\u0456\u03b9",
    "o": "0\u043e\u03bf",
    "p": "\u0440\u03c1",
    "q": "\u051b",
    "s": "\u0455",
    "t": "\u03c4",
    "u": "\u03c5",
    "v": "\u03bd",
    "w": "\u051d",
    "x": "\u0445",
    "y": "\u0443",
    "-": "_.\u2010\u2011\u2013",
}
_TABLE = str.maketrans({c: one for one, many in _DRAWN_ALIKE.items() for c in many})
_UNSEEN = ("Cf", "Mn")  # joiners, marks of direction; accents


def skeleton(name: str) -> str:
    """Return a text that names share which look the same.

    References
    ----------
    Unicode Technical Standard 39, section 4: the skeleton, with a smaller table

    Examples
    --------
    >>> skeleton("02-baseline") == skeleton("02-baseIine") == skeleton("O2_BASELlNE")
    True
    """
    if name.isascii():
        shown = name.casefold()
    else:
        plain = unicodedata.normalize("NFKD", name).casefold()
        shown = "".join(c for c in plain if unicodedata.category(c) not in _UNSEEN)
    return shown.translate(_TABLE).replace("rn", "m").replace("vv", "w")
