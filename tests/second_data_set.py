"""A second world with other words: pumps that trip, watched every hour, made up.

Six weeks over the end of summer time. Before most trips a pump shakes more for a day,
and says so; the oil alarm, the pressure and the maker mean nothing. Three pumps are
commissioned on the way.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

ZONE = "Europe/Berlin"
START = pd.Timestamp("2025-10-05", tz="UTC")
HOURS, PUMPS = 42 * 24, 30
BORN = {27: 12 * 24.0, 28: 18 * 24.0, 29: 24 * 24.0}  # hours after START
TAGS = np.array([f"P-{number:03d}" for number in range(PUMPS)])
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SCOPE = """
question: Which pumps trip within six hours?
why: A trip empties the basin; made up, to show that nothing here depends on the words.
pain_point: Nobody can be at thirty pumps at once.
client: A waterworks that does not exist
user: The control room
decision: Which three pumps to switch to standby in the next hour
current_strategy:
  description: A walk past three pumps every morning
  worth: unknown
  rule: longest-unchecked
  checks: rounds
horizon: 6 hours
decisions: {every: 1 hour, ready_by: "05:30", timezone: Europe/Berlin}
capacity: 3
costs:
  currency: EUR
  failure: {low: 2000, mid: 3000, high: 5000}
  check: {low: 20, mid: 30, high: 50}
  prevented_share: {low: 0.5, mid: 0.7, high: 0.9}
success: {metric: recall, threshold: 0.5, unit: of the hours before trips are listed}
assumptions: [A pump on standby does not trip.]
disruption: [The control room switches pumps more often.]
tables:
  pumps: {source: pumps.csv, role: entities, entity: tag, time: commissioned}
  trips:
    {source: trips.csv, role: events, entity: pump, time: tripped_at, kind: cause,
     delay: 30 minutes}
  alarms: {source: log/alarms.csv.gz, role: events, entity: unit, time: ts, kind: code}
  rounds: {source: rounds.csv, role: events, entity: pump, time: visited}
  readings:
    {source: log/readings.parquet, role: measurements, entity: unit, time: ts,
     values: [vibration_mm_s, pressure_bar], delay: 10 minutes}
label: {table: trips}
evaluation:
  {window: sliding, first_training: 14 days, test_length: 7 days, step: 7 days,
   gap: 7 hours}
"""


@dataclass(frozen=True, kw_only=True)
class Trips:
    """When which pump trips, and for how many hours before it shakes."""

    pump: Ints
    hour: Floats
    warning: Floats

    def wear(self, pump: Ints, hour: Floats) -> Floats:
        """Return how far each pump is on its way to a trip, from 0 to 1."""
        wear = np.zeros(len(hour))
        for which, at, warning in zip(self.pump, self.hour, self.warning, strict=True):
            ahead = at - hour
            near = (pump == which) & (ahead > 0) & (ahead < warning)
            wear[near] = 1 - ahead[near] / warning
        return wear


def write_second_data_set(folder: Path, *, random_state: int = 0) -> Path:
    """Write tables and scope into a new folder, and return the scope's path."""
    rng = np.random.Generator(np.random.PCG64(random_state))
    trips = _trips(rng)
    (folder / "log").mkdir(parents=True)
    _pumps(rng).to_csv(folder / "pumps.csv", index=False)
    _table(
        trips.hour,
        trips.pump,
        names=("tripped_at", "pump"),
        cause=np.where(trips.warning > 0, "bearing", "power"),
    ).to_csv(folder / "trips.csv", index=False)
    _alarms(rng, trips).to_csv(folder / "log" / "alarms.csv.gz", index=False)
    _rounds().to_csv(folder / "rounds.csv", index=False)
    _readings(rng, trips).to_parquet(folder / "log" / "readings.parquet", index=False)
    path = folder / "scope.yaml"
    path.write_text(SCOPE.lstrip(), encoding="utf-8")
    return path


def _table(
    hour: Floats, pump: Ints, *, names: tuple[str, str], **columns: npt.NDArray[Any]
) -> pd.DataFrame:
    """Return rows in order of time; the clock on the wall repeats an hour."""
    at = (START + pd.to_timedelta(hour, unit="h")).tz_convert(ZONE).tz_localize(None)
    frame = pd.DataFrame({names[0]: at.floor("s"), names[1]: TAGS[pump], **columns})
    return frame.iloc[np.argsort(hour, kind="stable")]


def _alive(hour: Floats, pump: Ints) -> npt.NDArray[np.bool_]:
    born = np.array([BORN.get(number, -1.0) for number in range(PUMPS)])
    return hour > born[pump]


def _pumps(rng: np.random.Generator) -> pd.DataFrame:
    numbers = np.arange(PUMPS)
    born = np.array([BORN.get(number, -5_000.0) for number in range(PUMPS)])
    return _table(
        born,
        numbers,
        names=("commissioned", "tag"),
        maker=rng.choice(["Ruhr", "Saale", "Weser"], PUMPS),
        power_kw=rng.choice([55.0, 75.0, 110.0], PUMPS),
    )


def _trips(rng: np.random.Generator) -> Trips:
    """Return trips some six days apart; one in four comes without a warning."""
    waits = 40 + rng.exponential(100, (PUMPS, HOURS // 40))
    start = np.array([BORN.get(number, 0.0) for number in range(PUMPS)])
    hours = start[:, np.newaxis] + np.cumsum(waits, axis=1)
    pump, place = np.nonzero(hours < HOURS)
    warning = rng.uniform(18, 30, len(pump)) * (rng.random(len(pump)) > 0.25)
    return Trips(pump=pump, hour=hours[pump, place], warning=warning)


def _alarms(rng: np.random.Generator, trips: Trips) -> pd.DataFrame:
    """Return alarms: of shaking pumps every few hours, of oil now and then."""
    pump = np.repeat(np.arange(PUMPS), HOURS)
    hour = np.tile(np.arange(HOURS), PUMPS) + rng.random(len(pump))
    shaking = rng.random(len(pump)) < 0.003 + 0.4 * trips.wear(pump, hour)
    oil = rng.random(len(pump)) < 0.01
    rows = (shaking | oil) & _alive(hour, pump)
    code = np.where(shaking, "HI-VIB", "LO-OIL")
    return _table(hour[rows], pump[rows], names=("ts", "unit"), code=code[rows])


def _rounds() -> pd.DataFrame:
    """Return the walk past three pumps every morning, in turn."""
    visit = np.arange(HOURS // 24 * 3)
    hour = visit // 3 * 24 + 7.5 + visit % 3 / 4
    rows = _alive(hour, visit % PUMPS)
    return _table(hour[rows], (visit % PUMPS)[rows], names=("visited", "pump"))


def _readings(rng: np.random.Generator, trips: Trips) -> pd.DataFrame:
    """Return two readings an hour, not on the minute."""
    pump = np.repeat(np.arange(PUMPS), 2 * HOURS)
    hour = np.tile(np.arange(0, HOURS, 0.5), PUMPS) + rng.random(len(pump)) / 4
    shaking = 2 + 3 * trips.wear(pump, hour) + rng.normal(0, 0.4, len(pump))
    pressure = 6 + rng.normal(0, 0.2, len(pump))
    rows = _alive(hour, pump)
    return _table(
        hour[rows],
        pump[rows],
        names=("ts", "unit"),
        vibration_mm_s=shaking[rows].round(3),
        pressure_bar=pressure[rows].round(3),
    )
