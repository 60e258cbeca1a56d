"""The figures of a day or an incident, from the archive: what a report says, before it is laid out.

Every figure is what the archive's rows say and nothing else; a figure that cannot be known is None.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from vigie.history import ask
from vigie.history.words import Span
from vigie.terms.tables import ALERT, TRACK, Rows
from vigie.terms.units import NS_PER_S

_MAP_STEP_NS: Final = 20 * NS_PER_S
_HOUR_NS: Final = 3600 * NS_PER_S
_FLIGHT_NS: Final = 60 * NS_PER_S
_MOST_MAP_ROWS: Final = 400_000
_WELL: Final = (1, 2)
"""States of a sensor in which its data can be used: ok and degraded."""
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorDay:
    """How one sensor was: its plots, the share of the time in which it was well, and the times in which it was not."""

    sensor_id: int
    plots: int
    available: float | None
    gaps: tuple[tuple[int, int, int], ...] = ()
    """(from, until, state) ns UTC"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLife:
    """One alert from its first row to its last."""

    alert_no: int
    rule: str
    area: str
    track_no: int
    severity: int
    raised_ns: int
    acknowledged_ns: int
    cleared_ns: int
    reason: str
    reason_fr: str
    by: str

    @property
    def reaction_s(self) -> float | None:
        """How long until a person acknowledged it; None where nobody did."""
        return (self.acknowledged_ns - self.raised_ns) / NS_PER_S if self.acknowledged_ns else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All that a report says."""

    span: Span
    flights: ask.Answer
    landings: ask.Answer
    takeoffs: ask.Answer
    dark: ask.Answer
    hours: ask.Answer
    states: ask.Answer
    sensors: tuple[SensorDay, ...]
    alerts: tuple[AlertLife, ...]
    acts: ask.Answer
    map_rows: Rows
    brief: int = 0
    """Tracks too short to be called flights."""
    made: list[dict[str, Any]] = field(default_factory=list)

    def reactions_s(self, least_severity: int = 1) -> tuple[float, float] | None:
        """Return median and longest reaction time of the alerts that were acknowledged; None where none was."""
        found = [a.reaction_s for a in self.alerts if a.severity >= least_severity and a.reaction_s is not None]
        return (float(np.median(found)), float(max(found))) if found else None


def figures(held: ask.Archive, span: Span, *, box: Box | None = None) -> Figures:
    """Return the figures of a time range; within a box (south, west, north, east) for an incident."""
    found = ask.flights(held, span, box=box)
    seen = [row for row in found if _is_flight(row)]
    numbers = {row["track_no"] for row in seen}

    def within(rows: ask.Answer) -> ask.Answer:
        return rows if box is None else [row for row in rows if row["track_no"] in numbers]

    ends = [span.from_ns, span.until_ns]
    landings = held.sql("SELECT * FROM flights WHERE to_aerodrome <> '' AND landed_ns >= ? AND landed_ns < ? "
                        "ORDER BY landed_ns", ends)  # fmt: skip
    takeoffs = held.sql("SELECT * FROM flights WHERE from_aerodrome <> '' AND takeoff_ns >= ? AND takeoff_ns < ? "
                        "ORDER BY takeoff_ns", ends)  # fmt: skip
    alerts = tuple(a for a in _alerts(held, span) if box is None or not a.track_no or a.track_no in numbers)
    acts = held.sql("SELECT now_ns, who, role, act, subject, value, reason FROM acts WHERE now_ns >= ? AND now_ns < ? "
                    "ORDER BY now_ns", ends)  # fmt: skip
    return Figures(
        span=span, flights=seen, landings=within(landings), takeoffs=within(takeoffs),
        dark=[row for row in within(ask.dark(held, span)) if _is_flight(row)],
hours=_hours(seen), states=ask.states_of(seen), sensors=_sensors(held, span),
        alerts=alerts, acts=acts, map_rows=_map_rows(held, span, box), made=held.made(),
        brief=len(found) - len(seen),
    )  # fmt: skip


def _hours(flights: ask.Answer) -> ask.Answer:
    """Return how many flights were first seen in each hour, from the first such hour to the last."""
    found = Counter(row["first_ns"] // _HOUR_NS for row in flights)
    hours = range(min(found, default=0), max(found, default=-1) + 1)
    return [{"hour_ns": hour * _HOUR_NS, "flights": found[hour]} for hour in hours]


def _is_flight(row: dict[str, Any]) -> bool:
    """Whether a track's life is worth a person's word: a minute long, or from or to an aerodrome."""
    return bool(row["last_ns"] - row["first_ns"] >= _FLIGHT_NS or row["from_aerodrome"] or row["to_aerodrome"])


def _alerts(held: ask.Archive, span: Span) -> list[AlertLife]:
    names = ", ".join(c.name for c in ALERT.columns)
    rows = held.sql(
        f"SELECT {names} FROM (SELECT *, row_number() OVER (PARTITION BY alert_no ORDER BY now_ns DESC) AS newest FROM "
        "alerts WHERE now_ns < ?) WHERE newest = 1 AND raised_ns < ? AND (cleared_ns = 0 OR cleared_ns >= ?) "
        "ORDER BY raised_ns, alert_no", [span.until_ns, span.until_ns, span.from_ns],
    )  # fmt: skip
    return [
        AlertLife(
            alert_no=r["alert_no"], rule=r["rule"], area=r["area"], track_no=r["track_no"], severity=r["severity"],
            raised_ns=r["raised_ns"], acknowledged_ns=r["acknowledged_ns"], cleared_ns=r["cleared_ns"],
            reason=r["reason"], reason_fr=r["reason_fr"], by=r["acknowledged_by"],
        )
        for r in rows
    ]  # fmt: skip


def _sensors(held: ask.Archive, span: Span) -> tuple[SensorDay, ...]:
    ends = [span.from_ns, span.until_ns]
    plots = {row["sensor_id"]: row["plots"] for row in ask.counts(held, span, "sensor")}
    well = ", ".join(map(str, _WELL))
    share = {
        row["sensor_id"]: row["available"]
        for row in held.sql(f"SELECT sensor_id, avg(CASE WHEN state IN ({well}) THEN 1.0 ELSE 0.0 END) AS available "
                            "FROM health WHERE now_ns >= ? AND now_ns < ? GROUP BY sensor_id", ends)
    }  # fmt: skip
    gaps: dict[int, list[tuple[int, int, int]]] = {}
    for row in ask.gaps(held, span):
        gaps.setdefault(row["sensor_id"], []).append((row["from_ns"], row["until_ns"], row["state"]))
    return tuple(
        SensorDay(sensor_id=s, plots=plots.get(s, 0), available=share.get(s), gaps=tuple(gaps.get(s, ())))
        for s in sorted({*plots, *share})
    )


def _map_rows(held: ask.Archive, span: Span, box: Box | None) -> Rows:
    """Return the rows of tracks for a map: one in twenty seconds of each."""
    where, values = "", [span.from_ns, span.until_ns, _MAP_STEP_NS]
    more: list[float] = []
    if box is not None:
        where = "AND lat_deg >= ? AND lat_deg <= ? AND lon_deg >= ? AND lon_deg <= ? "
        more = [box[0], box[2], box[1], box[3]]
    table = held.table(
        "SELECT * FROM tracks WHERE now_ns >= ? AND now_ns < ? AND now_ns % ? = 0 AND status IN (2, 3) "
        f"AND NOT isnan(lat_deg) {where}ORDER BY track_no, now_ns LIMIT {_MOST_MAP_ROWS}", [*values, *more],
    )  # fmt: skip
    return TRACK.from_arrow(table)
