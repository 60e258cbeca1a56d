"""Alerts as category 004 and flight plans as category 032: what a centre tells its neighbours, record by record.

Few and named, so they are frozen records here, not rows; ``alert_blocks`` and ``plan_blocks`` give whole data blocks.
The other way is the items view (``items.read_record``); ``read_alert`` and ``read_plan`` give the same records back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vigie.terms.errors import WireError
from vigie.terms.units import NS_PER_S
from vigie.terms.utc import DAY_NS
from vigie.wire.asterix.encode import encode_records
from vigie.wire.asterix.items import Node

ALERT_TYPES: Final[dict[str, int]] = {
    "alive": 1, "route_longitudinal": 2, "route_heading": 3, "msaw": 4, "apw": 5, "clam": 6, "stca": 7, "apm": 8,
    "end": 17, "acas_ra": 18, "lost_track": 97, "infringement": 99,
}  # fmt: skip
"""I004/000 by the names that rules of alerts have; ``end`` is the end of a conflict."""

_MOST_RECORDS: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyAlert:
    """One safety net message (category 004); NaN and 0 where there is nothing to tell."""

    kind: str
    """A key of ``ALERT_TYPES``."""
    time_ns: int
    alert_no: int = 0
    track_1: int = 0
    track_2: int = 0
    status: int = 0
    """I004/045/STAT, 0 to 7 as agreed with the receiver; 0 leaves the item out."""
    to_conflict_s: float = math.nan
    to_closest_s: float = math.nan
    separation_m: float = math.nan
    predicted_separation_m: float = math.nan
    area: str = ""
    """Up to eight characters, A to Z, 0 to 9 and blank."""
    callsign_1: str = ""
    callsign_2: str = ""
    mode3a_1: int = -1
    mode3a_2: int = -1
    lat_deg: float = math.nan
    lon_deg: float = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class MiniPlan:
    """One miniplan (category 032); empty and negative where there is nothing to tell."""

    time_ns: int
    family: int = 1
    """I032/035: who sends it, 1 a flight plan processing system."""
    nature: int = 1
    """I032/035: what it is, 1 the first correlation of a plan with a track."""
    track_no: int = -1
    callsign: str = ""
    mode3a: int = -1
    plan_no: int = -1
    aircraft_type: str = ""
    wake: str = ""
    departure: str = ""
    destination: str = ""
    cleared_fl: float = math.nan


def alert_blocks(alerts: Sequence[SafetyAlert], *, sac: int, sic: int, edition: str | None = None) -> list[bytes]:
    """Return data blocks of category 004 that hold ``alerts`` in order; WireError names what does not fit."""
    unknown = sorted({a.kind for a in alerts} - set(ALERT_TYPES))
    if unknown:
        raise WireError(f"alert kind {unknown[0]!r} is none of category 004; known: {', '.join(ALERT_TYPES)}")
    columns = _Columns(alerts, sac, sic)
    columns.add("000", lambda a: ALERT_TYPES[a.kind])
    columns.add("020", lambda a: _time_of_day(a.time_ns))
    columns.add("040", lambda a: a.alert_no or math.nan)
    columns.add("030", lambda a: a.track_1 or math.nan)
    columns.add("035", lambda a: a.track_2 or math.nan)
    columns.add("045/STAT", lambda a: a.status or math.nan)
    columns.add("070/TC", lambda a: a.to_conflict_s)
    columns.add("070/TCA", lambda a: a.to_closest_s)
    columns.add("070/CHS", lambda a: a.separation_m)
    columns.add("070/MHS", lambda a: a.predicted_separation_m)
    columns.add_text("100/AN", lambda a: a.area)
    columns.add_text("170/AI1", lambda a: a.callsign_1)
    columns.add_text("171/AI2", lambda a: a.callsign_2)
    columns.add("170/M31/MODE3A", lambda a: _known(a.mode3a_1))
    columns.add("171/M32/MODE3A", lambda a: _known(a.mode3a_2))
    columns.add("170/CPW/LAT", lambda a: a.lat_deg)
    columns.add("170/CPW/LON", lambda a: a.lon_deg)
    columns.add("170/CPW/ALT", lambda a: 0.0 if math.isfinite(a.lat_deg) else math.nan)
    return columns.blocks(4, edition)


def plan_blocks(plans: Sequence[MiniPlan], *, sac: int, sic: int, edition: str | None = None) -> list[bytes]:
    """Return data blocks of category 032 that hold ``plans`` in order; WireError names what does not fit."""
    columns = _Columns(plans, sac, sic)
    columns.add("018/SAC", lambda p: sac)
    columns.add("018/SIC", lambda p: sic)
    columns.add("020", lambda p: _time_of_day(p.time_ns))
    columns.add("035/FAMILY", lambda p: p.family)
    columns.add("035/NATURE", lambda p: p.nature)
    columns.add("040", lambda p: _known(p.track_no))
    columns.add("060/MODE3A", lambda p: _known(p.mode3a))
    columns.add_text("400", lambda p: p.callsign)
    columns.add("410", lambda p: _known(p.plan_no))
    columns.add_text("430", lambda p: p.aircraft_type)
    columns.add("435", lambda p: ord(p.wake) if p.wake else math.nan)
    columns.add_text("440", lambda p: p.departure)
    columns.add_text("450", lambda p: p.destination)
    columns.add("480", lambda p: p.cleared_fl)
    return columns.blocks(32, edition)


def read_alert(record: Node, *, day_ns: int) -> SafetyAlert:
    """Return the record of category 004 that ``items.read_record`` gave, dated by the midnight ``day_ns``."""
    kinds = {number: name for name, number in ALERT_TYPES.items()}
    number = int(_raw(record, "000", 0))
    if number not in kinds:
        raise WireError(f"category 004 message type {number} has no name here; known: {sorted(kinds)}")
    return SafetyAlert(
        kind=kinds[number], time_ns=day_ns + int(_raw(record, "020", 0)) * 7_812_500,
        alert_no=_raw(record, "040", 0), track_1=_raw(record, "030", 0), track_2=_raw(record, "035", 0),
        status=_raw(record, "045/STAT", 0), to_conflict_s=_value(record, "070/TC"),
        to_closest_s=_value(record, "070/TCA"), separation_m=_value(record, "070/CHS"),
        predicted_separation_m=_value(record, "070/MHS"), area=_text(record, "100/AN"),
        callsign_1=_text(record, "170/AI1"), callsign_2=_text(record, "171/AI2"),
        mode3a_1=_raw(record, "170/M31/MODE3A", -1), mode3a_2=_raw(record, "171/M32/MODE3A", -1),
        lat_deg=_value(record, "170/CPW/LAT"), lon_deg=_value(record, "170/CPW/LON"),
    )  # fmt: skip


def read_plan(record: Node, *, day_ns: int) -> MiniPlan:
    """Return the record of category 032 that ``items.read_record`` gave, dated by the midnight ``day_ns``."""
    return MiniPlan(
        time_ns=day_ns + int(_raw(record, "020", 0)) * 7_812_500, family=_raw(record, "035/FAMILY", 0),
        nature=_raw(record, "035/NATURE", 0), track_no=_raw(record, "040", -1), callsign=_text(record, "400"),
        mode3a=_raw(record, "060/MODE3A", -1), plan_no=_raw(record, "410", -1), aircraft_type=_text(record, "430"),
        wake=_letter(record, "435"), departure=_text(record, "440"), destination=_text(record, "450"),
        cleared_fl=_value(record, "480"),
    )  # fmt: skip


class _Columns:
    """Collects columns of values, and leaves out those that nobody fills."""

    def __init__(self, what: Sequence[Any], sac: int, sic: int) -> None:
        self._what = what
        self._table: dict[str, Any] = {
            "010/SAC": np.full(len(what), sac, np.float64), "010/SIC": np.full(len(what), sic, np.float64)
        }  # fmt: skip
        self._present: dict[str, Any] = {}

    def add(self, path: str, value: Callable[[Any], float]) -> None:
        """Add one column."""
        values = np.array([value(one) for one in self._what], np.float64)
        if np.isfinite(values).any():
            self._table[path] = values

    def add_text(self, path: str, value: Callable[[Any], str]) -> None:
        """Add one column of texts."""
        texts = np.array([value(one) for one in self._what], np.str_)
        if (texts != "").any():
            self._table[path], self._present[path] = texts, texts != ""

    def blocks(self, category: int, edition: str | None) -> list[bytes]:
        """Return the records in blocks of at most 256."""
        if not len(self._what):
            return []
        octets, starts = encode_records(category, edition, self._table, present=self._present)
        out = []
        for first in range(0, len(self._what), _MOST_RECORDS):
            body = octets[starts[first] : starts[min(first + _MOST_RECORDS, len(self._what))]].tobytes()
            out.append(bytes([category]) + (3 + len(body)).to_bytes(2, "big") + body)
        return out


def _time_of_day(time_ns: int) -> float:
    return min(math.floor(time_ns % DAY_NS / (NS_PER_S / 128.0) + 0.5), 86_400 * 128 - 1) / 128.0


def _known(number: int) -> float:
    return number if number >= 0 else math.nan


def _raw(record: Node, path: str, absent: int) -> int:
    try:
        return int(record[path].raw)
    except KeyError:
        return absent


def _value(record: Node, path: str) -> float:
    try:
        return float(str(record[path].value))
    except KeyError:
        return math.nan


def _text(record: Node, path: str) -> str:
    try:
        return str(record[path].value).rstrip()
    except KeyError:
        return ""


def _letter(record: Node, path: str) -> str:
    number = _raw(record, path, 0)
    return chr(number) if 32 < number < 127 else ""
