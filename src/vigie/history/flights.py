"""A track's life as one row: when and where first and last seen, by what names, where it took off and landed, and why.

Aerodrome movements are detected from the track alone, no flight plan needed: a life that ends (or begins) within an
aerodrome's neighbourhood, low or slow. Height is used where the track has one; a target without a transponder has none,
and then speed and place speak. The evidence is written in words with its figures, so that a person can judge it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from vigie.earth.wgs84 import A_M
from vigie.history.tables import FLIGHT
from vigie.terms.rows import chosen
from vigie.terms.tables import ABSENT_MODE3A, PLOT, TRACK_COASTING, TRACK_CONFIRMED, TRACK_ENDED, Rows
from vigie.terms.units import DEG_PER_RAD, M_PER_FT, M_PER_NMI, NS_PER_S, RAD_PER_DEG
from vigie.terms.utc import iso

_RUNWAY_M: Final = 2_500.0  # half of the longest runways: on the ground a target is within this of the reference point
_SLOW_MPS: Final = 75.0  # a heavy transport touches down at 70, all others slower
_LOW_M: Final = 150.0  # above the aerodrome; pressure altitude without QNH may be 100 m wrong
_FAST_MPS: Final = 40.0  # faster than what drives on the ground: a flight, not a vehicle
_QUIET_NS: Final = 15 * NS_PER_S  # three turns of a slow radar without an answer: no transponder

Floats = npt.NDArray[np.float64]


class Place(Protocol):
    """What is used of an aerodrome."""

    @property
    def icao(self) -> str:
        """Location indicator."""

    @property
    def name(self) -> str:
        """Name."""

    @property
    def lat_deg(self) -> float:
        """Latitude of the reference point."""

    @property
    def lon_deg(self) -> float:
        """Longitude of the reference point."""

    @property
    def elevation_amsl_m(self) -> float:
        """Elevation."""


def distance_m(lat_deg: Floats | float, lon_deg: Floats | float, lat0_deg: float, lon0_deg: float) -> Floats:
    """Return great-circle distances to a point on a sphere, error below 0.5 % (haversine)."""
    a, b = np.asarray(lat_deg) * RAD_PER_DEG, lat0_deg * RAD_PER_DEG
    half = np.sin((a - b) / 2) ** 2
    half = half + np.cos(a) * math.cos(b) * np.sin((np.asarray(lon_deg) - lon0_deg) * RAD_PER_DEG / 2) ** 2
    found: Floats = 2 * A_M * np.arcsin(np.minimum(1.0, np.sqrt(half)))
    return found


def bearing_deg(lat0_deg: float, lon0_deg: float, lat_deg: float, lon_deg: float) -> float:
    """Return the bearing from the first point to the second, degrees clockwise from true north."""
    a, b = lat0_deg * RAD_PER_DEG, lat_deg * RAD_PER_DEG
    step = (lon_deg - lon0_deg) * RAD_PER_DEG
    east = math.sin(step) * math.cos(b)
    north = math.cos(a) * math.sin(b) - math.sin(a) * math.cos(b) * math.cos(step)
    return math.atan2(east, north) * DEG_PER_RAD % 360.0


@dataclass(frozen=True, slots=True)
class Movement:
    """A landing or a take-off: where, when, and why it is held to be one."""

    icao: str
    t_ns: int
    evidence: str


def flights(tracks: Rows, plots: Rows | None, aerodromes: Sequence[Place]) -> Rows:
    """Return FLIGHT rows, one per track number in ``tracks`` that was ever confirmed, in order of first sight.

    ``plots`` tell when a transponder was heard; without them the share without transponder is that of rows that bear
    neither address nor code.
    """
    seen = tracks[(tracks["status"] == TRACK_CONFIRMED) | (tracks["status"] == TRACK_COASTING)
                  | (tracks["status"] == TRACK_ENDED)]  # fmt: skip
    seen = seen[np.isfinite(seen["lat_deg"])]
    order = np.lexsort((seen["now_ns"], seen["track_no"]))
    seen = seen[order]
    heard = _Heard(plots) if plots is not None and len(plots) else None
    lives = np.split(seen, np.flatnonzero(np.diff(seen["track_no"])) + 1)
    found = [_flight(life, heard, aerodromes) for life in lives if (life["status"] == TRACK_CONFIRMED).any()]
    rows = np.concatenate(found) if found else FLIGHT.empty()
    return chosen(rows, np.lexsort((rows["track_no"], rows["first_ns"])))


def _flight(part: Rows, heard: _Heard | None, aerodromes: Sequence[Place]) -> Rows:
    row = FLIGHT.empty(1)
    live = chosen(part, part["status"] == TRACK_CONFIRMED)
    row["track_no"], row["rows"] = part["track_no"][0], len(part)
    row["first_ns"], row["last_ns"] = live["now_ns"][0], live["now_ns"][-1]
    addresses, codes = part["icao24"][part["icao24"] != 0], part["mode3a"][part["mode3a"] != ABSENT_MODE3A]
    names = part["callsign"][part["callsign"] != b""]
    row["icao24"] = _commonest(addresses) if len(addresses) else 0
    row["mode3a"] = _commonest(codes) if len(codes) else ABSENT_MODE3A
    row["callsign"] = names[-1] if len(names) else b""
    for end, at in (("first", 0), ("last", -1)):
        row[f"{end}_lat_deg"], row[f"{end}_lon_deg"] = live["lat_deg"][at], live["lon_deg"][at]
    row["south_deg"], row["north_deg"] = live["lat_deg"].min(), live["lat_deg"].max()
    row["west_deg"], row["east_deg"] = live["lon_deg"].min(), live["lon_deg"].max()
    heights = np.where(np.isfinite(live["press_alt_m"]), live["press_alt_m"], live["geo_alt_m"])
    if np.isfinite(heights).any():
        row["min_alt_m"], row["max_alt_m"] = np.nanmin(heights), np.nanmax(heights)
    row["max_speed_mps"] = np.hypot(live["v_east_mps"], live["v_north_mps"]).max()
    silent = heard.silent(live, row) if heard is not None else (live["icao24"] == 0) & (live["mode3a"] == ABSENT_MODE3A)
    row["dark_share"] = float(silent.mean())
    if silent.any():
        row["dark_ns"] = live["now_ns"][int(np.argmax(silent))]
    bits = live["sensors"]
    row["sensors"] = np.bitwise_or.reduce(bits)
    landing = movement(live, aerodromes, landing=True)
    if landing is not None:
        row["to_aerodrome"], row["landed_ns"] = landing.icao.encode(), landing.t_ns
        row["landed_evidence"] = landing.evidence.encode("ascii", "replace")
    takeoff = movement(live, aerodromes, landing=False)
    if takeoff is not None:
        row["from_aerodrome"], row["takeoff_ns"] = takeoff.icao.encode(), takeoff.t_ns
        row["takeoff_evidence"] = takeoff.evidence.encode("ascii", "replace")
    return row


def movement(live: Rows, aerodromes: Sequence[Place], *, landing: bool) -> Movement | None:
    """Return the landing with which a life ends (or the take-off with which it begins), None where there is none.

    The last (first) minutes are walked from the end: rows within 2.5 km of the reference point that are slow (below
    75 m/s) or low (below 150 m above it). The runway time is the first such row of a landing, the last of a take-off.
    """
    speeds = np.hypot(live["v_east_mps"].astype(np.float64), live["v_north_mps"].astype(np.float64))
    if not len(live) or speeds.max() < _FAST_MPS:
        return None
    rows = live if landing else live[::-1]
    speeds = speeds if landing else speeds[::-1]
    end = rows[-1]
    best: tuple[float, Place] | None = None
    for place in aerodromes:
        if abs(place.lat_deg - float(end["lat_deg"])) > 0.1:
            continue
        away = float(distance_m(float(end["lat_deg"]), float(end["lon_deg"]), place.lat_deg, place.lon_deg))
        if away < 2 * _RUNWAY_M and (best is None or away < best[0]):
            best = away, place
    if best is None:
        return None
    away_m, place = best
    far = distance_m(rows["lat_deg"], rows["lon_deg"], place.lat_deg, place.lon_deg)
    heights = np.where(np.isfinite(rows["press_alt_m"]), rows["press_alt_m"], rows["geo_alt_m"])
    above = heights - place.elevation_amsl_m
    on = (far < _RUNWAY_M) & ((speeds < _SLOW_MPS) | (above < _LOW_M))
    outside = np.flatnonzero(~on)
    start = int(outside[-1]) + 1 if len(outside) else 0
    if start >= len(rows):
        return None
    row, t_ns = rows[start], int(rows["now_ns"][start])
    height = f"{above[start]:.0f} m above it" if math.isfinite(above[start]) else "no height (no Mode C)"
    sensors = " ".join(str(i) for i in range(64) if int(row["sensors"]) >> i & 1)
    verb = ("slow on the runway from", "last seen") if landing else ("on the runway until", "first seen")
    return Movement(place.icao, t_ns, (
        f"{verb[0]} {iso(t_ns)}: {far[start]:.0f} m from {place.icao}, {speeds[start]:.0f} m/s, {height}; "
        f"{verb[1]} {away_m:.0f} m from it at {speeds[-1]:.0f} m/s; sensors {sensors or 'none'}"
    ))  # fmt: skip


def origin_words(flight: np.void, aerodromes: Sequence[Place]) -> str:
    """Return where a flight came from: the aerodrome it left, or where, how and how far off it was first seen."""
    if bytes(flight["from_aerodrome"]):
        return f"took off from {bytes(flight['from_aerodrome']).decode()} at {iso(int(flight['takeoff_ns']))}"
    lat, lon = float(flight["first_lat_deg"]), float(flight["first_lon_deg"])
    text = f"first seen at {lat:.3f} {lon:.3f} at {iso(int(flight['first_ns']))}"
    places = {place.icao: place for place in aerodromes}
    home = places.get(bytes(flight["to_aerodrome"]).decode())
    if home is not None:
        away = float(distance_m(lat, lon, home.lat_deg, home.lon_deg)) / M_PER_NMI
        bearing = bearing_deg(home.lat_deg, home.lon_deg, lat, lon)
        wind = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")
        text += f", {away:.0f} NM {wind[round(bearing / 45) % 8]} of {home.icao} (bearing {bearing:03.0f})"
    return text


class _Heard:
    """When each address and each code was last heard from a transponder."""

    def __init__(self, plots: Rows) -> None:
        cooperative = chosen(plots, (plots["kind"] != 1) & (plots["kind"] != 8))
        self._by_address = _index(cooperative["icao24"], cooperative["toa_ns"], 0)
        self._by_code = _index(cooperative["mode3a"], cooperative["toa_ns"], ABSENT_MODE3A)

    def silent(self, live: Rows, flight: Rows) -> npt.NDArray[np.bool_]:
        """Return for each row whether neither the flight's address nor its code was heard in the 15 s before."""
        age = np.full(len(live), np.iinfo(np.int64).max)
        for times in (self._by_address.get(int(flight["icao24"][0])), self._by_code.get(int(flight["mode3a"][0]))):
            if times is not None:
                at = np.searchsorted(times, live["now_ns"], side="right") - 1
                age = np.minimum(age, np.where(at >= 0, live["now_ns"] - times[np.maximum(at, 0)], age))
        silent: npt.NDArray[np.bool_] = age > _QUIET_NS
        return silent


def _index(keys: npt.NDArray[Any], times: npt.NDArray[np.int64], absent: int) -> dict[int, npt.NDArray[np.int64]]:
    known = keys != absent
    keys, times = keys[known], times[known]
    order = np.lexsort((times, keys))
    keys, times = keys[order], times[order]
    cuts = np.flatnonzero(np.diff(keys.astype(np.int64))) + 1
    parts = zip(np.split(keys, cuts), np.split(times, cuts), strict=True)
    return {int(k[0]): t for k, t in parts if len(k)}


def _commonest(values: npt.NDArray[Any]) -> int:
    found, counts = np.unique(values, return_counts=True)
    return int(found[int(np.argmax(counts))])


def level_m(flight_level: float) -> float:
    """Return the pressure altitude of a flight level."""
    return flight_level * 100 * M_PER_FT


NO_PLOTS: Final = PLOT.empty()
