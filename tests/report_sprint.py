"""Records as three notebooks leave them, with numbers of a plausible first sprint."""

from typing import Any

from report_records import Document, figure, finding, metric, record, run_id, table

_MISSES = [
    [f"2015-09-{day}T07:00:00", 40 * day, 991, 0.00712, 0.0, "", 31.96, 18, day % 2 > 0]
    for day in range(10, 18)
]


def sanity(**rest: Any) -> Document:  # noqa: ANN401 -- passed on
    return record(
        "01-data-sanity",
        findings=[
            finding(
                "DS407",
                "error",
                "errors.datetime",
                "an error stands exactly 24 hours before 98 % of the failures, both at "
                "06:00: with no delay of arrival the log gives the label away",
                advice="Find out when an error can be known, and state the delay.",
                count=6591,
                accepted="The client's system shows errors a day late: delay is 1 day.",
            ),
            finding(
                "DS301",
                "warning",
                "failures.datetime",
                "199 failures are on the first day, 2015-01-02, against some 18 on "
                "others",
            ),
            finding(
                "DS304",
                "note",
                "maint.datetime",
                "all stamps are at 06:00",
                count=32592,
                advice="",
            ),
        ],
        tables=[
            table(
                "sanity_summary",
                {"check": "str", "outcome": "str", "findings": "int64"},
                [
                    ["DS101 types", "passed", 0],
                    ["DS301 start-up", "found", 1],
                    ["DS407 leakage", "found", 1],
                    ["DS109 units", "not applicable", 0],
                ],
                title="Outcome of every check",
            )
        ],
        figures=[
            figure("events_by_day", "Failures a day: 199 on the first, 18 after it.")
        ],
        **rest,
    )


def baseline(**rest: Any) -> Document:  # noqa: ANN401 -- passed on
    return record(
        "02-baseline",
        upstream={"01-data-sanity": run_id("01-data-sanity")},
        metrics=[
            metric(
                "hit_rate",
                1.0187,
                unit="machines a day",
                interval=[0.8612, 1.1899],
                description="Mean of the hits in the top 10 over 182 days.",
            ),
            metric("bar_hit_rate", 0.4133, interval=[0.33, 0.5]),
            metric("random_hit_rate", 0.3412),
            metric("oracle_hit_rate", 9.9725),
            metric("goal_hit_rate", 3.0),
            metric("precision", 0.10187),
            metric("brier", 0.0312, direction="lower"),
            metric(
                "saved_per_day",
                612.4,
                unit="USD/day",
                interval=[-310.2, 2911.8],
                description="Range from the low to the high estimates of the costs.",
            ),
            metric("saved_per_day_over_bar", 1437.9, interval=[402.0, 4155.0]),
        ],
        tables=[
            table(
                "comparison",
                {
                    "strategy": "str",
                    "hit_rate": "float64",
                    "low": "float64",
                    "high": "float64",
                    "precision": "float64",
                    "saved_per_day": "float64",
                },
                [
                    ["baseline", 1.0187, 0.8612, 1.1899, 0.10187, 612.4],
                    ["current strategy", 0.4133, 0.33, 0.5, 0.04133, -825.5],
                    ["random", 0.3412, "", "", 0.03412, -1003.1],
                    ["oracle", 9.9725, 9.93, 10.0, 0.99725, 21950.0],
                    ["goal", 3.0, "", "", 0.3, ""],
                ],
                title="Held against the same days",
            ),
            table(
                "folds",
                {
                    "fold": "int64",
                    "train_from": "datetime64[us]",
                    "test_from": "datetime64[us]",
                    "n_train": "int64",
                    "n_train_positives": "int64",
                    "n_test": "int64",
                },
                [
                    [
                        fold,
                        "2015-01-08T07:00:00",
                        f"2015-{7 + fold // 4:02}-{1 + 7 * (fold % 4):02}T07:00:00",
                        174000 + 7000 * fold,
                        6100 + 240 * fold,
                        7000,
                    ]
                    for fold in range(24)
                ],
            ),
            table("fit_warnings", {"fold": "int64", "message": "str"}, []),
        ],
        figures=[
            figure(
                "cumulative_gain",
                "Share of failures found against share of machines checked.",
                "A list of 100 machines would find a fifth of the failures.",
            ),
            figure("hit_rate_by_week", "Hits a day by week, between 0.6 and 1.5."),
        ],
        **rest,
    )


def error_analysis(**rest: Any) -> Document:  # noqa: ANN401 -- passed on
    used = {stem: run_id(stem) for stem in ("01-data-sanity", "02-baseline")}
    return record(
        "03-error-analysis",
        upstream=used,
        tables=[
            table(
                "backlog",
                {
                    "alteration": "str",
                    "effort_days": "float64",
                    "ceiling": "float64",
                    "saved_per_day": "int64",
                    "why": "str",
                },
                [
                    ["scale the features", 0.1, 0.08, 190, "three fits warned"],
                    ["interaction of age and model", 0.5, 0.4, 950, "model3 is missed"],
                    ["hourly telemetry", 10.0, 5.2, 12350, "misses have no log"],
                ],
                title="Alterations, cheapest first",
            ),
            table(
                "worst_misses",
                {
                    "cutoff": "datetime64[us]",
                    "machineID": "int64",
                    "rank": "int64",
                    "score": "float64",
                    "errors[error1] count 7 days": "float64",
                    "errors[error1] days since": "float64",
                    "maint[comp1] days since": "float64",
                    "machines.age": "int64",
                    "machines.model=model3": "bool",
                },
                _MISSES,
                title="Worst misses: failed, but ranked last",
                rows=3012,
            ),
            table(
                "segments",
                {"segment": "str", "size": "int64", "recall": "float64"},
                [
                    ["machines.model=model3", 35100, 0.02],
                    ["machines.age < 4", 21000, 0.04],
                ],
            ),
        ],
        figures=[figure("importance_by_fold", "Age matters most in every fold.")],
        **rest,
    )


def sprint() -> list[Document]:
    return [sanity(), baseline(), error_analysis()]
