"""The panel of benchmarks/panel.py, written by hand in polars and in pandas.

Each function takes the logs as arrays and returns a frame sorted by entity, then
decision, with the columns of ``names``.
"""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

DAY = 86_400_000_000  # microseconds
Arrays = Mapping[str, npt.NDArray[Any]]


class Frame(Protocol):
    """A polars or pandas frame."""

    def to_numpy(self) -> npt.NDArray[Any]: ...


@dataclass(frozen=True, kw_only=True)
class Logs:
    """Logs of one world; times in microseconds, entities from 0 on."""

    tables: Mapping[str, Arrays]
    start: int  # the first decision; one a day follows
    days: int
    entities: int
    windows: Sequence[int]  # days

    def kinds(self, table: str) -> list[int]:
        """Return the codes of a table's kinds; -1 stands for any."""
        codes = self.tables[table].get("kind", np.array([], dtype=np.int64))
        return [-1, *np.unique(codes).tolist()]

    def values(self, table: str) -> list[str]:
        """Return the columns of a table's measurements."""
        return [c for c in self.tables[table] if c not in {"at", "entity", "kind"}]

    def names(self) -> Iterator[str]:
        """Yield the name of each feature, in our order."""
        for table in self.tables:
            for value in self.values(table):
                for window in self.windows:
                    for end in ("mean", "min", "max", "last", "std"):
                        yield f"{table}.{value} {end} {window}"
            if not self.values(table):
                for kind in self.kinds(table):
                    yield from (f"{table} {kind} count {w}" for w in self.windows)
                    yield f"{table} {kind} since"


def polars_binned(logs: Logs) -> Frame:
    """Bin the records by decision, then roll over the bins."""
    pl = importlib.import_module("polars")
    edge = max(logs.windows)  # bins that only lend their records to the first windows
    bins = np.arange(-edge, logs.days, dtype=np.int32)
    frame = pl.LazyFrame(
        {
            "entity": np.repeat(np.arange(logs.entities), len(bins)),
            "bin": np.tile(bins, logs.entities),
        }
    )
    at_edge = pl.col("bin") == -edge
    ends: list[object] = []
    for table, columns in logs.tables.items():
        wait = (pl.col("at") - logs.start + DAY - 1).floordiv(DAY)
        log = pl.LazyFrame(dict(columns)).with_columns(
            bin=wait.clip(lower_bound=-edge).cast(pl.Int32)
        )
        sums: list[object] = []
        for value in logs.values(table):
            v, stem = pl.col(value), f"{table}.{value}"
            sums += [
                v.count().alias(f"{stem} n"),
                v.sum().alias(f"{stem} sum"),
                (v * v).sum().alias(f"{stem} squares"),
                v.min().alias(f"{stem} min"),
                v.max().alias(f"{stem} max"),
                v.sort_by("at").last().alias(f"{stem} last"),
            ]
            ends += _binned_aggregates(stem, logs.windows)
        for kind in [] if sums else logs.kinds(table):
            stem = f"{table} {kind}"
            chosen = pl.col("kind") == kind if kind >= 0 else pl.lit(value=True)
            at = pl.col("at") if kind < 0 else pl.col("at").filter(chosen)
            n = pl.len() if kind < 0 else chosen.sum()
            sums += [n.cast(pl.Int32).alias(f"{stem} n"), at.max().alias(f"{stem} at")]
            count = pl.col(f"{stem} n").fill_null(0)
            ends += [
                count.rolling_sum(w).cast(pl.Float64).alias(f"{stem} count {w}")
                for w in logs.windows
            ]
            last = pl.col(f"{stem} at")
            last = pl.when(at_edge & last.is_null()).then(-DAY * 10**6).otherwise(last)
            last = last.forward_fill()
            now = logs.start + pl.col("bin").cast(pl.Int64) * DAY
            ends.append(
                pl.when(last > -DAY * 10**6)
                .then((now - last) / DAY)
                .otherwise(None)
                .alias(f"{stem} since")
            )
        binned = log.group_by("entity", "bin").agg(sums)
        frame = frame.join(
            binned, on=["entity", "bin"], how="left", maintain_order="left"
        )
    rows = frame.select("bin", *ends).filter(pl.col("bin") >= 0)
    found: Frame = rows.select(list(logs.names())).collect()
    return found


def _binned_aggregates(stem: str, windows: Sequence[int]) -> Iterator[object]:
    pl = importlib.import_module("polars")
    n, total = pl.col(f"{stem} n").fill_null(0), pl.col(f"{stem} sum").fill_null(0)
    squares = pl.col(f"{stem} squares").fill_null(0)
    for w in windows:
        count, summed = n.rolling_sum(w), total.rolling_sum(w)
        spread = squares.rolling_sum(w) - summed * summed / count
        yield (summed / count).alias(f"{stem} mean {w}")
        yield (
            pl.col(f"{stem} min").rolling_min(w, min_samples=1).alias(f"{stem} min {w}")
        )
        yield (
            pl.col(f"{stem} max").rolling_max(w, min_samples=1).alias(f"{stem} max {w}")
        )
        yield pl.col(f"{stem} last").forward_fill(w - 1).alias(f"{stem} last {w}")
        yield (
            pl.when(count > 1)
            .then((spread.clip(lower_bound=0.0) / (count - 1)).sqrt())
            .alias(f"{stem} std {w}")
        )


def polars_rolling(logs: Logs) -> Frame:
    """Roll by time over the records and the decisions, whatever their times."""
    pl = importlib.import_module("polars")
    bins = pl.LazyFrame({"at": logs.start + np.arange(logs.days) * DAY})
    entities = pl.LazyFrame({"entity": np.arange(logs.entities)})
    grid = entities.join(bins, how="cross").with_columns(decided=True)
    parts: list[object] = []
    for table, columns in logs.tables.items():
        log = pl.LazyFrame(dict(columns)).with_columns(decided=False)
        rows = (
            pl.concat([grid, log], how="diagonal")
            .with_columns(t=pl.from_epoch("at", time_unit="us"))
            .sort("entity", "at", "decided")
        )
        for w in logs.windows:
            sums: list[object] = []
            for value in logs.values(table):
                v, stem = pl.col(value), f"{table}.{value}"
                sums += [
                    v.mean().alias(f"{stem} mean {w}"),
                    v.min().alias(f"{stem} min {w}"),
                    v.max().alias(f"{stem} max {w}"),
                    v.drop_nulls().last().alias(f"{stem} last {w}"),
                    v.std().alias(f"{stem} std {w}"),
                ]
            for kind in [] if sums else logs.kinds(table):
                one = ~pl.col("decided") if kind < 0 else pl.col("kind") == kind
                sums.append(
                    one.sum().cast(pl.Float64).alias(f"{table} {kind} count {w}")
                )
            rolled = rows.rolling(
                "t", period=f"{w}d", group_by="entity", closed="right"
            ).agg(pl.col("decided").last().alias("keep"), *sums)
            rolled = rolled.filter("keep").unique(["entity", "t"], maintain_order=True)
            parts.append(rolled.drop("keep", "t", "entity"))
        if not logs.values(table):
            now, aged = pl.col("at"), []
            for kind in logs.kinds(table):
                one = ~pl.col("decided") if kind < 0 else pl.col("kind") == kind
                last = pl.when(one).then(now).forward_fill().over("entity")
                aged.append(((now - last) / DAY).alias(f"{table} {kind} since"))
            kept = rows.with_columns(aged).filter("decided")
            parts.append(kept.select(pl.col(r"^.* since$")))
    columns = pl.concat(parts, how="horizontal")
    joined: Frame = columns.select(list(logs.names())).collect()
    return joined


def pandas_rolling(logs: Logs) -> Frame:
    """Roll by time, entity by entity, over the records and the decisions."""
    pd = importlib.import_module("pandas")
    grid = pd.DataFrame(
        {
            "entity": np.repeat(np.arange(logs.entities), logs.days),
            "at": np.tile(logs.start + np.arange(logs.days) * DAY, logs.entities),
            "decided": True,
        }
    )
    found: dict[str, Any] = {}
    for table, columns in logs.tables.items():
        rows = pd.concat([grid, pd.DataFrame(columns).assign(decided=False)])
        rows = rows.sort_values(["entity", "at", "decided"], ignore_index=True)
        rows["t"] = pd.to_datetime(rows["at"], unit="us")
        decided = rows["decided"].to_numpy()
        for kind in [] if logs.values(table) else logs.kinds(table):
            one = ~rows["decided"] if kind < 0 else rows["kind"] == kind
            rows["one"] = one.astype(float)
            groups = rows.groupby("entity")
            for w in logs.windows:
                count = groups.rolling(f"{w}D", on="t")["one"].sum()
                found[f"{table} {kind} count {w}"] = count.to_numpy()[decided]
            last = rows["at"].where(one).groupby(rows["entity"]).ffill()
            since = (rows["at"] - last) / DAY
            found[f"{table} {kind} since"] = since.to_numpy()[decided]
        for value in logs.values(table):
            groups = rows.groupby("entity")
            for w in logs.windows:
                rolled = groups.rolling(f"{w}D", on="t", min_periods=1)[value]
                for end in ("mean", "min", "max", "std"):
                    name = f"{table}.{value} {end} {w}"
                    found[name] = getattr(rolled, end)().to_numpy()[decided]
                last = rows[value].groupby(rows["entity"]).ffill()
                empty = rolled.count().to_numpy()[decided] == 0
                kept = np.where(empty, np.nan, last.to_numpy()[decided])
                found[f"{table}.{value} last {w}"] = kept
    frame: Frame = pd.DataFrame(found)[list(logs.names())]
    return frame
