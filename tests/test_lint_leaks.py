"""Evaluation leaks: found where data flows that way, and nowhere else."""

import pytest
from lint_subjects import codes, subject

from toolkit.lint import rules_leaks, rules_scores, rules_targets

RULES = (*rules_leaks.RULES, *rules_targets.RULES, *rules_scores.RULES)
START = """\
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_absolute_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.feature_selection import SelectKBest
from sklearn.model_selection import (KFold, TimeSeriesSplit, cross_val_score,
    train_test_split, GridSearchCV, ShuffleSplit)
"""
PLAIN = 'df = pd.read_csv("data/p.csv")\n'
DATED = 'df = pd.read_csv("data/p.csv", parse_dates=["day"], index_col="day")\n'
LAGS = PLAIN + 'df["lag"] = df["y"].shift(1)\ndf = df.dropna()\n'
HALVES = "a, b, c, d = train_test_split(X, y, random_state=0)\n"
FOREST = "m = RandomForestRegressor(random_state=0)\n"
XY = 'X, y = df.drop(columns=["y"]), df["y"]\n'


def found(source: str) -> list[str]:
    return codes(RULES, subject(START, source))


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (DATED + XY + HALVES, "LEAK101"),
        (LAGS + XY + HALVES, "LEAK101"),
        (DATED + "train, test = train_test_split(df, test_size=0.2)", "LEAK101"),
        (LAGS + XY + "cross_val_score(m, X, y, cv=ShuffleSplit(5))", "LEAK101"),
        (
            LAGS + XY + "for i, j in KFold(5, shuffle=True).split(X):\n    pass",
            "LEAK101",
        ),
        (
            'df = pd.read_csv("p.csv")\ndf["when"] = pd.to_datetime(df["when"])\n'
            'df = df.sort_values("when")\n' + XY + HALVES,
            "LEAK101",
        ),
        (
            'df = pd.read_csv("p.csv")\ndf.sort_values("date", inplace=True)\n'
            + XY
            + HALVES,
            "LEAK101",
        ),
        (
            PLAIN
            + 'df["m"] = df.groupby("site")["y"].transform('
            + "lambda s: s.shift(1).rolling(3).mean())\n"
            + XY
            + HALVES,
            "LEAK101",
        ),
        (LAGS + XY + "cross_val_score(RandomForestRegressor(), X, y)", "LEAK102"),
        (
            LAGS + XY + "GridSearchCV(RandomForestRegressor(), {}, cv=3).fit(X, y)",
            "LEAK102",
        ),
        (
            PLAIN
            + 'h = 7\ndf["y"] = df["flow"].shift(-h)\n'
            + XY
            + "cv = TimeSeriesSplit(n_splits=4, gap=2)\n"
            "cross_val_score(RandomForestRegressor(), X, y, cv=cv)",
            "LEAK103",
        ),
        (
            PLAIN
            + 'df["y"] = df.groupby("site")["flow"].shift(-5)\n'
            + XY
            + "for i, j in TimeSeriesSplit(4).split(X):\n    pass",
            "LEAK103",
        ),
        (PLAIN + XY + "X = StandardScaler().fit_transform(X)\n" + HALVES, "LEAK201"),
        (
            PLAIN
            + XY
            + "s = StandardScaler()\ns.fit(X)\nX = s.transform(X)\n"
            + HALVES,
            "LEAK201",
        ),
        (
            PLAIN
            + 'df[["a", "b"]] = StandardScaler().fit_transform(df[["a", "b"]])\n'
            + XY
            + HALVES,
            "LEAK201",
        ),
        (
            PLAIN + XY + HALVES + "s = StandardScaler().fit(X)\n"
            "m = RandomForestRegressor().fit(s.transform(a), c)",
            "LEAK201",
        ),
        (
            PLAIN + XY + "X = SelectKBest(k=5).fit_transform(X, y)\n"
            "cross_val_score(RandomForestRegressor(), X, y)",
            "LEAK201",
        ),
        (PLAIN + XY + "X = (X - X.mean()) / X.std()\n" + HALVES, "LEAK203"),
        (
            PLAIN + 'df["a"] = df["a"].fillna(df["a"].median())\n' + XY + HALVES,
            "LEAK203",
        ),
        (PLAIN + XY + HALVES + FOREST + "m.fit(X, y)\nprint(m.score(b, d))", "LEAK301"),
        (
            PLAIN + XY + FOREST + "m.fit(X, y)\np = m.predict(X)\n"
            "print(mean_absolute_error(y, p))",
            "LEAK301",
        ),
        (
            PLAIN + XY + HALVES + FOREST + "m.fit(a, c)\n"
            "print(mean_absolute_error(y, m.predict(X)))",
            "LEAK301",
        ),
        (
            PLAIN + XY + HALVES + "s = GridSearchCV(RandomForestRegressor(), {})\n"
            "s.fit(b, d)",
            "LEAK302",
        ),
        (PLAIN + 'X = df\ny = df["y"]\n' + FOREST + "m.fit(X, y)", "LEAK401"),
        (PLAIN + 'y = df["y"]\nX = df\n' + HALVES + FOREST + "m.fit(a, c)", "LEAK401"),
        (
            PLAIN + 'cols = ["a", "y"]\n' + FOREST + 'm.fit(df[cols], df["y"])',
            "LEAK401",
        ),
        (
            PLAIN
            + "cols = [c for c in df.columns if c != 'a']\n"
            + FOREST
            + 'm.fit(df[cols], df["y"])',
            "LEAK401",
        ),
        (
            PLAIN + 'df["y"] = np.log(df["price"])\n' + XY + FOREST + "m.fit(X, y)",
            "LEAK402",
        ),
        (
            PLAIN + 'y = df["price"] > 9\nX = df\n' + FOREST + "m.fit(X, y)",
            "LEAK402",
        ),
        (
            PLAIN + 'df["next"] = df["flow"].shift(-1)\n' + XY + FOREST + "m.fit(X, y)",
            "LEAK403",
        ),
        (
            PLAIN
            + 'df["s"] = df["flow"].rolling(5, center=True).mean()\n'
            + XY
            + FOREST
            + "m.fit(X, y)",
            "LEAK404",
        ),
        (
            PLAIN
            + 'df["e"] = df.groupby("site")["y"].transform("mean")\n'
            + XY
            + HALVES
            + FOREST
            + "m.fit(a, c)",
            "LEAK405",
        ),
        (DATED + "df = df.interpolate()\n" + XY + "train_test_split(X, y)", "LEAK406"),
    ],
)
def test_a_leak_is_found(source: str, code: str) -> None:
    assert code in found(source)


@pytest.mark.parametrize(
    "source",
    [
        PLAIN + XY + HALVES,
        DATED + XY + "a, b, c, d = train_test_split(X, y, shuffle=False)",
        LAGS + XY + "cross_val_score(RandomForestRegressor(), X, y,"
        " cv=TimeSeriesSplit(5))",
        PLAIN
        + 'df["y"] = df["flow"].shift(-7)\n'
        + XY
        + "cross_val_score(RandomForestRegressor(), X, y,"
        " cv=TimeSeriesSplit(4, gap=7))",
        PLAIN
        + 'df["y"] = df["flow"].shift(-1)\n'
        + XY
        + "cross_val_score(RandomForestRegressor(), X, y, cv=TimeSeriesSplit(4))",
        PLAIN + XY + "m = make_pipeline(StandardScaler(), RandomForestRegressor())\n"
        "cross_val_score(m, X, y)",
        PLAIN + XY + HALVES + "s = StandardScaler()\na = s.fit_transform(a)\n"
        "b = s.transform(b)\n" + FOREST + "m.fit(a, c)\nm.score(b, d)",
        PLAIN + XY + HALVES + "s = StandardScaler().fit(X)\nprint(s.mean_)",
        PLAIN + XY + HALVES + FOREST + "m.fit(a, c)\nprint(m.score(b, d))\nm.fit(X, y)",
        PLAIN + XY + HALVES + FOREST + "m.fit(a, c)\n"
        "print('train', m.score(a, c), 'test', m.score(b, d))",
        PLAIN + XY + FOREST + "m.fit(X, y)\nplt.plot(m.predict(X))",
        PLAIN + 'y = df.pop("y")\n' + FOREST + "m.fit(df, y)",
        PLAIN + 'y = df["y"]\ndel df["y"]\n' + FOREST + "m.fit(df, y)",
        PLAIN
        + 'y = df["y"]\ndf.drop("y", axis=1, inplace=True)\n'
        + FOREST
        + "m.fit(df, y)",
        PLAIN + 'y = df["y"]\nX = prepared(df)\n' + FOREST + "m.fit(X, y)",
        PLAIN + 'y = df["y"]\nX = df.iloc[:, 1:]\n' + FOREST + "m.fit(X, y)",
        PLAIN + 'cols = df.columns.drop("y")\n' + FOREST + 'm.fit(df[cols], df["y"])',
        PLAIN
        + 'cols = list(df.columns)\ncols.remove("y")\n'
        + FOREST
        + 'm.fit(df[cols], df["y"])',
        PLAIN + 'df["y"] = df["price"].shift(-1)\n' + XY + FOREST + "m.fit(X, y)",
        PLAIN + 'df["y"] = df["price"] + noise()\n' + XY + FOREST + "m.fit(X, y)",
        DATED + 'late = df.sort_values("y")\nprint(late.shift(1))',
        "X, y = made()\n" + HALVES + FOREST + "m.fit(a, c)\nm.score(b, d)",
        (
            "def scored(X, y):\n    m = RandomForestRegressor()\n"
            "    m.fit(X[:9], y[:9])\n"
            "    return m.score(X[9:], y[9:])"
        ),
        PLAIN
        + XY
        + "p = np.random.permutation(9)\ni, j = p[:5], p[5:]\n"
        + FOREST
        + "m.fit(X.values[i], y[i])\nm.score(X.values[j], y[j])",
        "def f(n=n):\n    return train_test_split(n, shuffle=n)",
    ],
)
def test_what_is_right_is_left_alone(source: str) -> None:
    assert found(source) == []


def test_a_branch_makes_a_name_uncertain() -> None:
    source = PLAIN + XY + "if big:\n    X = StandardScaler().fit_transform(X)\n"
    assert found(source + HALVES) == []
