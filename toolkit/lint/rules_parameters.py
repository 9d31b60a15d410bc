"""Rules of parameters: declared once, plainly, and used as they were given."""

from toolkit.lint.model import Rule
from toolkit.lint.names import parameters

_DECLARED = "# [tags: parameters]\n"

RULES: tuple[Rule, ...] = (
    Rule(
        code="PAR101",
        name="untagged-parameters",
        severity="note",
        why="Whoever wants the notebook's result for other settings has to change its "
        "source: only a tagged cell takes values from outside.",
        mend="Tag the cell `parameters`.",
        bad=(
            "horizon_days = 7\nrows = 100\nname = 'north'",
            "print(horizon_days, rows, name)",
        ),
        good=(
            _DECLARED + "horizon_days = 7\nrows = 100\nname = 'north'",
            "print(horizon_days, rows, name)",
        ),
        check=parameters.untagged,
    ),
    Rule(
        code="PAR102",
        name="two-parameters-cells",
        severity="error",
        why="Given values are set behind the first parameters cell; the second undoes "
        "them.",
        mend="Keep the tag on one cell.",
        bad=(_DECLARED + "n = 3", _DECLARED + "n = 3", "print(n)"),
        good=(_DECLARED + "n = 3", "print(n)"),
        check=parameters.declared_twice,
    ),
    Rule(
        code="PAR103",
        name="unreadable-parameters",
        severity="error",
        why="A run reads the parameters from the source; what it cannot read, it "
        "refuses.",
        mend="Set each parameter once, to a value that fits its annotation.",
        bad=(_DECLARED + "n: int = 'many'", "print(n)"),
        good=(_DECLARED + "n: int = 3", "print(n)"),
        check=parameters.unreadable,
    ),
    Rule(
        code="PAR104",
        name="computed-parameter",
        severity="warning",
        why="The parameters cell is executed before given values are set: what it "
        "computes does not follow them, and differs where its inputs do.",
        mend="Leave plain values in the parameters cell; compute in the next one.",
        bad=(_DECLARED + "n: int = 3\nlast: int = n + 1", "print(n, last)"),
        good=(_DECLARED + "n: int = 3", "last = n + 1\nprint(last)"),
        check=parameters.computed,
    ),
    Rule(
        code="PAR105",
        name="overwritten-parameter",
        severity="error",
        why="The given value is replaced before anything has read it: runs with "
        "different values give the same result.",
        mend="Take the line out, or give that variable another name.",
        bad=(_DECLARED + "n = 3", "n = 5\nprint(n)"),
        good=(_DECLARED + "n = 3", "days = min(n, 5)\nprint(days)"),
        check=parameters.overwritten,
    ),
    Rule(
        code="PAR106",
        name="reused-parameter",
        severity="warning",
        why="Below that line the name no longer holds what was given, though the "
        "record says so.",
        mend="Give that variable another name.",
        bad=(_DECLARED + "n = 3", "print(n)\nfor n in range(9):\n    print(n)"),
        good=(_DECLARED + "n = 3", "for day in range(n):\n    print(day)"),
        check=parameters.reused,
    ),
    Rule(
        code="PAR107",
        name="unused-parameter",
        severity="warning",
        why="Whoever gives a value for it believes that it counts.",
        mend="Use the parameter, or take it out.",
        bad=(_DECLARED + "n = 3\nseed = 0", "print(n)"),
        good=(_DECLARED + "n = 3\nseed = 0", "print(n)\ntext = f'seed {seed}'"),
        check=parameters.unused,
    ),
    Rule(
        code="PAR108",
        name="misspelt-parameter",
        severity="error",
        why="No cell sets the name, so a fresh kernel stops there with a NameError.",
        mend="Write the parameter's name.",
        bad=(_DECLARED + "horizon_days = 3", "print(horizn_days)"),
        good=(_DECLARED + "horizon_days = 3", "print(horizon_days)"),
        check=parameters.misspelt_names,
    ),
)
