"""What must not matter to a result, and is therefore varied to see whether it does."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

NAMES: tuple[str, ...] = (
    "hash-seed",
    "time-zone",
    "locale",
    "clock",
    "folder",
    "home",
    "user",
    "host",
    "umask",
    "processors",
    "threads",
    "listing",
    "environment",
    "parallel",
)

_SEED = 1729
# Half an hour off any whole one, with a daylight saving time: the same rules as text.
_ZONE = "Pacific/Chatham"
_ZONE_RULES = "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45"
_AHEAD_S = 38 * 86_400 + 7 * 3_600 + 11 * 60 + 13  # another month, weekday and hour
_MORE_S = 17 * 86_400 + 3 * 3_600
_USER = "someone-else"
_HOST = "elsewhere"
_UMASK = 0o077
_PROCESSORS = 3
_OTHER_PROCESSORS = 5
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",
)
_STRAY = {  # what a login shell leaves behind
    "EDITOR": "ed",
    "MAIL": "/var/mail/someone-else",
    "OLDPWD": "/elsewhere",
    "PAGER": "more",
    "SHLVL": "3",
    "XDG_SESSION_ID": "17",
}
_NEEDED = frozenset({"HOME", "PATH", "SHELL", "TERM", "TMPDIR", "TEMP", "TMP", "TZ"})
_NEEDED_STARTS = ("DYLD_", "LC_", "LANG", "LD_", "PYTHON", "TOOLKIT_", "JPY_")
_PLACES = ("DIR", "FILE", "FOLDER", "HOME", "PATH", "ROOT")


@dataclass(frozen=True, kw_only=True, slots=True)
class Variation:
    """Which surroundings differ from the pinned ones; none is the plain execution."""

    names: frozenset[str] = frozenset()
    stray: tuple[
        str, ...
    ] = ()  # variables that the notebook asked for, for "environment"
    turn: int = 0  # another turn varies hash seed and clock otherwise


def variables(variation: Variation, *, has_zones: bool = True) -> dict[str, str]:
    """Return the environment variables that a variation sets, but for its locale.

    Parameters
    ----------
    variation : any
    has_zones : whether the system knows time zones by their names

    Examples
    --------
    >>> variables(Variation(names=frozenset({"hash-seed"})))
    {'PYTHONHASHSEED': '1729'}
    """
    names = variation.names
    found: dict[str, str] = {}
    if "hash-seed" in names:
        found["PYTHONHASHSEED"] = str(_SEED + variation.turn)
    if "time-zone" in names:
        found["TZ"] = _ZONE if has_zones else _ZONE_RULES
    if "user" in names:
        found |= dict.fromkeys(("USER", "LOGNAME", "USERNAME", "LNAME"), _USER)
    if "threads" in names:
        found |= dict.fromkeys(_THREADS, "3")
    if "environment" in names:
        asked = [name for name in variation.stray if not _is_needed(name)]
        found |= _STRAY | {name: _plausible(name) for name in asked}
    return found


def in_kernel(variation: Variation, *, processors: int) -> Mapping[str, object]:
    """Return what the probe itself varies, with the other values.

    Parameters
    ----------
    variation : any
    processors : that this machine has; the varied number is odd and another
    """
    other = _OTHER_PROCESSORS if processors == _PROCESSORS else _PROCESSORS
    values: dict[str, object] = {
        "clock": _AHEAD_S + _MORE_S * variation.turn,
        "user": _USER,
        "host": _HOST,
        "umask": _UMASK,
        "processors": other,
        "listing": True,
        "parallel": True,
    }
    return MappingProxyType(
        {name: value for name, value in values.items() if name in variation.names}
    )


def clock_shift(variation: Variation) -> timedelta:
    """Return how far a variation's clock is ahead.

    Examples
    --------
    >>> clock_shift(Variation())
    datetime.timedelta(0)
    """
    shift = in_kernel(variation, processors=1).get("clock", 0)
    return timedelta(seconds=shift) if isinstance(shift, int) else timedelta()


def zone_offset(variation: Variation, at: datetime) -> timedelta:
    """Return how far a variation's local time is ahead of UTC at a time.

    Examples
    --------
    >>> zone_offset(Variation(), datetime(2026, 11, 23))
    datetime.timedelta(0)
    """
    if "time-zone" not in variation.names:
        return timedelta()
    try:
        return at.astimezone(ZoneInfo(_ZONE)).utcoffset() or timedelta()
    except ZoneInfoNotFoundError:
        return timedelta(hours=12, minutes=45)


def _is_needed(name: str) -> bool:
    return name in _NEEDED or name.startswith(_NEEDED_STARTS)


def _plausible(name: str) -> str:
    """Return what somebody else may well have set a variable to."""
    upper = name.upper()
    if any(upper.endswith(word) for word in _PLACES):
        return "/elsewhere"
    if "DATE" in upper:
        return "2031-03-05"
    return "7"
