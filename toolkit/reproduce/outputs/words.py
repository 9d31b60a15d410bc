"""Progress bars and durations of the execution in a text, told by their words."""

import re
from collections.abc import Iterator

DURATION = "<duration>"
BAR = "<progress>"
SHORT_S = 600.0  # an execution that is shorter bounds its durations by this,
LONG_S = 86_400.0  # and a longer one by this: the same bound in each execution of it

_NUMBER = r"\d{1,25}(?:[.,]\d{1,25}){0,4}(?:[eE][+-]?\d{1,3})?(?![.,]?\d)"
_UNIT = (
    r"(?:seconds?|secs?|milliseconds?|millisecs?|msecs?|microseconds?|nanoseconds?|"
    r"minutes?|mins?|hours?|hrs?|ms|[µμu]s|ns|s|m|h)"
)
_CLOCKED = r"(?:\d{1,4} days?,? )?\d{1,3}:\d\d(?::\d\d)?(?:\.\d{1,9})?(?!\.?\w|:\d)"
_LENGTH = rf"(?:{_NUMBER} ?{_UNIT}\b(?:(?:,? (?:and )?| ?){_NUMBER} ?{_UNIT}\b){{0,3}})"
_DELTA = r"(?:datetime\.)?timedelta\([^()\n]{0,80}\)"
_WITH_UNIT = rf"(?:{_CLOCKED}|{_LENGTH}|{_DELTA})"
# A number without a unit counts seconds only where nothing follows that it could count.
_ENDS = (
    r"(?=[ \t]{0,8}(?:$|[\n,;)\]}'\"|<]|\.\s|\.$)|"
    r"[ \t]{1,8}(?:- |[^\W\d]\w{0,30} ?[=:]))"
)
_ANY = rf"(?:{_WITH_UNIT}|{_NUMBER}{_ENDS})"
# Between a label and its number; no words but those of a copula.
_LINK = r"(?:['\"]?[ \t]?(?:[:=~≈]|->|\bis\b|\bwas\b|\bof\b|\bin\b|\()?[ \t]{0,8})"
_IN_UNIT = r"(?: ?[(\[] ?(?:in )?(?P<unit>" + _UNIT + r") ?[)\]])"

# Words that only a computation's own duration is called by.
_CERTAIN = (
    r"(?:time[- ]elapsed|elapsed(?:[ _-]time)?|wall(?:[- _]?clock)?[- _]time|"
    r"cpu[- _]times?|execution[ _-]time|exec[ _-]time|time[ _-]taken|"
    r"total[ _]time(?==)|overhead of testing)"
)
_VERBS = (
    r"(?:took|takes|taken|(?:finished|done|completed|ran|executed|loaded|trained|"
    r"fitted|fit|computed|calculated|built|written|saved|processed|generated|compiled|"
    r"parsed|solved|evaluated|predicted|imported|cached|indexed|optimi[sz]ed|tuned|"
    r"read|simulated|ended|passed|tests?|calls\)?) in)"
)
# Words that also name results: they count where the notebook reads a clock itself.
_LIKELY = (
    r"(?:(?:train(?:ing)?|fit(?:ting)?|infer(?:ence)?|predict(?:ion)?|load(?:ing)?|"
    r"read(?:ing)?|comput(?:e|ing|ation)|process(?:ing)?|run(?:ning)?|eval(?:uation)?|"
    r"query|sort(?:ing)?|search|build|import|simulation|optimi[sz]ation|total|"
    r"scor(?:e|ing)|notebook|cell|execution|script)[ _-]?(?:time|duration)|"
    r"time|duration|run[- ]time|took)"
)
_ALONE = ("time", "duration", "took")  # no part of a longer name: "lead time"
_COLON = r"['\"]?[ \t]?[:=][ \t]{0,8}"
# These begin with letters, so that what cannot match is passed over fast.
_LABELLED = re.compile(rf"(?P<label>{_CERTAIN}){_IN_UNIT}?{_LINK}(?P<value>{_ANY})")
_DONE = re.compile(
    rf"(?P<label>{_VERBS})(?: (?:about|only|approximately))?"
    rf"(?: ?[:=])?[ \t]{{1,4}}~?(?P<value>{_WITH_UNIT})"
)
_TIMED = re.compile(rf"(?P<label>{_LIKELY}){_IN_UNIT}?{_COLON}(?P<value>{_ANY})")
_REVERSED = re.compile(rf"(?<![\w.])(?P<value>{_WITH_UNIT})(?P<label> elapsed\b)")
_DASHED = re.compile(rf"(?P<label>--- )(?P<value>{_NUMBER})(?= seconds ---)")
_LETTER = re.compile(r"[^\W_]")
_LONGER = re.compile(r"[^\W\d_][ _-]")
_SCALES = {
    "n": 1e-9,
    "u": 1e-6,
    "µ": 1e-6,
    "μ": 1e-6,
    "mi": 60.0,
    "h": 3600.0,
    "s": 1.0,
    "m": 60.0,
    "mic": 1e-6,
    "mil": 1e-3,
    "ms": 1e-3,
    "na": 1e-9,
}
_PIECE = re.compile(rf"({_NUMBER}) ?({_UNIT})\b")
_DURATIONS = (
    (_LABELLED, ("elapsed", "wall", "cpu", "exec", "taken", "total", "overhead")),
    (_REVERSED, (" elapsed",)),
    (_DONE, ("took", "take", " in ")),
    (_TIMED, ("time", "duration", "took")),
    (_DASHED, (" seconds ---",)),
)  # with words without which nothing is found

_CPU = re.compile(r"^(CPU times:) user [^\n]*$|^(Wall time:) [^\n]*$", re.MULTILINE)
_STEPS = re.compile(r"^((?:Compiler|Parser) *:) [\d.]+ [mµμun]?s$", re.MULTILINE)
_LOOPS = re.compile(
    rf"^{_NUMBER} ?[mµμun]?(?:s|in|h)\b[^\n]{{0,60}} per loop \(mean ± std[^\n]*$|"
    rf"^[\d,]+ loops?, best of \d+: {_NUMBER} [mµμun]?s per loop$",
    re.MULTILINE,
)
_SLOWEST = re.compile(
    r"^The slowest run took [\d.]+ times longer than the fastest\.[^\n]*\n"
    r"(?:(?:This could mean|could mean)[^\n]*\n)?",
    re.MULTILINE,
)
_MEMORY = re.compile(
    r"^peak memory: [\d.]+ MiB, increment: -?[\d.]+ MiB$", re.MULTILINE
)
_TIMES = re.compile(
    r"('(?:mean_|std_)?(?:fit|score)_time': array\()\[[^\]]*\]", re.IGNORECASE
)
_PERCENT = re.compile(r"\d{1,3}$")
_BAR = re.compile(
    r"[^|]*\|[ \t]*(?P<done>[^\s\[/]+)/(?P<all>[^\s\[/]+)[ \t]*"
    r"\[(?P<rest>[^\]]*)\](?P<more>.*)"
)
_COUNTER = re.compile(
    r"(?P<label>(?:[^\n\[]{1,200}: )?)(?P<done>[\d.]+[kMG]?)(?P<unit>[^\W\d_]+) "
    r"\[(?:\d+:)+\d\d, [^\]\n]*/[^\]\n]*\]"
)
_KERAS = re.compile(
    r"(?P<count>\b\d+/\d+) (?:\[[=>.]*\]|━+)(?: - )? *"
    r"(?:ETA: [\d:s]+|(?:\d+:)*\d+s)?(?: [\d.]+[mµμu]?s/(?:step|epoch|sample))?"
)
_JOBLIB = re.compile(r"^\[Parallel\(n_jobs=-?\d+\)\]: [^\n]*\n?", re.MULTILINE)
_SPEED = re.compile(
    rf"(?<![\w.]){_NUMBER} ?(?:it/s|s/it|its/s|iter/s|[mµμu]s/step|s/epoch)(?!\w)"
)
_REMAINING = re.compile(rf"\ttotal: {_WITH_UNIT}(?:\tremaining: {_WITH_UNIT})?")


def hide_bars(text: str) -> str:
    """Return the text with one line for each progress bar, without times and widths."""
    if "[Parallel(n_jobs=" in text:
        text = _JOBLIB.sub("", text)
    if "━" in text or "=]" in text or ">.]" in text:
        text = _KERAS.sub(rf"\g<count> {BAR}", text)
    if "%|" in text or "[0" in text or "[1" in text:
        text = "\n".join(_last_of_each(text.split("\n")))
    return text


def hide_durations(text: str, *, seconds: float | None, reads_clock: bool) -> str:
    """Return the text without the durations of the execution itself.

    Parameters
    ----------
    text : what was shown
    seconds : how long the execution took; a longer duration is none of its own
    reads_clock : whether the notebook's source reads a clock; only then are labels
        taken for an execution's that could as well name a result: ``Duration: 3.2 s``
    """
    text = _hide_reports(text)
    bound = SHORT_S if seconds is not None and seconds < SHORT_S else LONG_S
    for pattern, words in _DURATIONS:
        lower = text.lower()
        if len(lower) != len(text):  # a letter whose lower case is longer
            lower = text
        if any(word in lower for word in words) and (
            reads_clock or pattern is not _TIMED
        ):
            text = _hidden(text, lower, pattern, bound)
    return text


def _hidden(text: str, lower: str, pattern: re.Pattern[str], bound: float) -> str:
    """Replace the durations that a pattern finds in the text's lower case."""
    pieces, at = [], 0
    for match in pattern.finditer(lower):
        label, start = match["label"], match.start()
        if label[0].isalpha() and _LETTER.match(lower[max(0, start - 1) : start]):
            continue
        if (
            pattern is _TIMED
            and label in _ALONE
            and start > at + 1  # else it follows the duration before it
            and _LONGER.fullmatch(lower[max(0, start - 2) : start])
        ):
            continue
        size = _in_seconds(match["value"], match.groupdict().get("unit"))
        if size <= bound or label.startswith("cpu"):
            pieces += [text[at : match.start("value")], DURATION]
            at = match.end("value")
    return "".join([*pieces, text[at:]])


def _hide_reports(text: str) -> str:
    """Take away what IPython's magics and libraries report in forms of their own."""
    if "Wall time:" in text or "CPU times:" in text:
        text = _CPU.sub(lambda m: f"{m[1] or m[2]} {DURATION}", text)
        text = _STEPS.sub(rf"\1 {DURATION}", text)
    if " per loop" in text:
        text = _LOOPS.sub(f"{DURATION} per loop", _SLOWEST.sub("", text))
    if "peak memory: " in text:
        text = _MEMORY.sub("peak memory: <memory>", text)
    if "_time': array(" in text:
        text = _TIMES.sub(rf"\1[{DURATION}]", text)
    if "/s" in text or "s/" in text:
        text = _SPEED.sub(f"{DURATION} per step", text)
    if "\ttotal: " in text:
        text = _REMAINING.sub(f"\ttotal: {DURATION}", text)
    return text


def _in_seconds(text: str, unit: str | None) -> float:
    """Return how long a written duration is; a bare number counts seconds."""
    if ":" in text:
        days, _, clock = text.rpartition(" ")
        parts = [float(part) for part in clock.split(":")]
        while len(parts) < len(("hours", "minutes", "seconds")):
            parts.insert(0, 0.0)
        whole = float(days.split()[0]) if days else 0.0
        return ((whole * 24 + parts[0]) * 60 + parts[1]) * 60 + parts[2]
    if "timedelta" in text:
        return 0.0 if "days=" not in text else LONG_S + 1
    pieces = _PIECE.findall(text) or [(text, unit or "s")]
    return sum(_number(number) * _scale(name) for number, name in pieces)


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "") if "." in text else text.replace(",", "."))
    except ValueError:  # 1,234,567: no duration of ours
        return LONG_S + 1


def _scale(unit: str) -> float:
    lower = unit.lower()
    return next(_SCALES[lower[:n]] for n in (3, 2, 1) if lower[:n] in _SCALES)


def _last_of_each(lines: list[str]) -> Iterator[str]:
    """Yield the lines; of a block of bars only the last of each label."""
    block: dict[str, str] = {}
    for line in lines:
        bar = _bar(line)
        if bar is not None:
            block[bar[0]] = bar[1]
            continue
        if not line.strip() and block:
            continue  # what a bar leaves behind when it moves on
        yield from block.values()
        block = {}
        yield line
    yield from block.values()


def _bar(line: str) -> tuple[str, str] | None:
    """Return a bar's label and the line that stands for it; None if it is no bar."""
    at = line.rfind("%|")
    if (
        at >= 0
        and (percent := _PERCENT.search(line[max(0, at - 3) : at]))
        and (match := _BAR.match(line, at + 2))
    ):
        label = line[: at - len(percent[0])].strip()
        if "%|" in label:  # several on one line: the last
            label = label.rpartition("]")[2].strip()
        whole = match["done"] == match["all"]
        behind = match["rest"].split(", ")[2:]  # what the notebook wrote after the rate
        done = match["all"] if whole else f"?/{match['all']}"
        rest = [", ".join(behind), match["more"].strip()]
    elif "[" in line and (match := _COUNTER.match(line)):
        label, done, rest = match["label"].strip(), match["done"] + match["unit"], []
    else:
        return None
    return label, " ".join(filter(None, [label, BAR, done, *rest]))
