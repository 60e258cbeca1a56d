"""The board: every live track as one row of arrays, carried to the tick; with what a rule must remember of it.

Rows keep their place while a track lives, so that memory stands beside it. ``at`` finds the row of a track number.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vigie.earth.atmosphere import amsl_from_press_alt
from vigie.earth.wgs84 import Floats, radii
from vigie.terms.kernel import kernel, lean
from vigie.terms.rows import chosen
from vigie.terms.tables import TRACK, TRACK_COASTING, TRACK_CONFIRMED, TRACK_ENDED, Rows
from vigie.terms.units import RAD_PER_DEG

Longs = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FORGOTTEN_NS: Final = 30_000_000_000
"""A track whose row nobody renewed for so long is gone."""

_REALS: Final = (
    "lat", "lon", "press_m", "geo_m", "amsl_m", "ve", "vn", "climb", "turn", "pos_sd", "vel_sd", "lat0", "lon0",
    "amsl0", "press0", "ground_m", "other_amsl_m", "lat_per_m", "lon_per_m",
)  # fmt: skip
_WHOLES: Final = (
    "number", "status", "icao24", "mode3a", "flags", "row_ns", "toa_ns", "first_ns", "sensors", "new_toa", "plan_no",
    "category", "trust_bits", "code_before", "code_since_ns", "coded_ns", "primary_ns",
)  # fmt: skip


class Board:
    """See the module. ``used`` rows are in play; a free row has number 0."""

    def __init__(self, qnh_hpa: float, temperature_c: float, undulation_m: float) -> None:
        self.qnh_hpa, self.temperature_c, self.undulation_m = qnh_hpa, temperature_c, undulation_m
        self.used = 0
        self.capacity = 0
        self._free: list[int] = []
        self._sorted_no: Longs = np.zeros(0, np.int64)
        self._sorted_row: Longs = np.zeros(0, np.int64)
        self.callsign: npt.NDArray[np.bytes_] = np.zeros(0, "S8")
        self.memory: dict[str, npt.NDArray[Any]] = {}
        self._kinds: dict[str, tuple[float, tuple[int, ...], Any]] = {}
        self.moved: Longs = np.zeros(0, np.int64)
        self.gone: list[int] = []
        self.ended: list[tuple[int, int]] = []
        """Row and number of each confirmed track that ended in this step: what is known of it still stands there."""
        for name in (*_REALS, *_WHOLES):
            setattr(self, name, np.zeros(0))
        self._grow(256)

    lat: Floats
    lon: Floats
    press_m: Floats
    geo_m: Floats
    amsl_m: Floats
    ve: Floats
    vn: Floats
    climb: Floats
    turn: Floats
    pos_sd: Floats
    vel_sd: Floats
    lat0: Floats
    lon0: Floats
    amsl0: Floats
    press0: Floats
    ground_m: Floats
    other_amsl_m: Floats
    lat_per_m: Floats
    lon_per_m: Floats
    number: Longs
    status: Longs
    icao24: Longs
    mode3a: Longs
    flags: Longs
    row_ns: Longs
    toa_ns: Longs
    first_ns: Longs
    sensors: Longs
    new_toa: Longs
    plan_no: Longs
    category: Longs
    trust_bits: Longs
    code_before: Longs
    code_since_ns: Longs
    coded_ns: Longs
    primary_ns: Longs

    def remember(self, name: str, kind: Any, absent: float = 0, shape: tuple[int, ...] = ()) -> npt.NDArray[Any]:
        """Return the array of one thing a rule remembers of each row; made on first asking, absent for new tracks."""
        if name not in self.memory:
            self._kinds[name] = (absent, shape, kind)
            self.memory[name] = np.full((self.capacity, *shape), absent, kind)
        return self.memory[name]

    def at(self, numbers: npt.ArrayLike) -> Longs:
        """Return the row of each track number, -1 where it is not on the board."""
        wanted = np.asarray(numbers, np.int64)
        if not self._sorted_no.size:
            return np.full(wanted.shape, -1, np.int64)
        place = np.minimum(np.searchsorted(self._sorted_no, wanted), self._sorted_no.size - 1)
        return np.where(self._sorted_no[place] == wanted, self._sorted_row[place], -1)

    def take(self, tracks: Rows, now_ns: int) -> None:
        """Take over TRACK rows: ``moved`` are the rows with new data, ``gone`` the numbers that ended."""
        self.gone, self.ended = [], []
        self.moved = np.zeros(0, np.int64)
        if len(tracks):
            ended = tracks["status"] == TRACK_ENDED
            live = chosen(tracks, ~ended)
            rows = self._rows_for(live["track_no"].astype(np.int64), now_ns)
            newer = live["toa_ns"] > self.toa_ns[rows]
            changed = self.mode3a[rows] != live["mode3a"]
            self.code_before[rows[changed]] = self.mode3a[rows[changed]]
            self.code_since_ns[rows[changed]] = now_ns
            coded = newer & ((live["mode3a"] != 65535) | (live["icao24"] != 0))
            self.coded_ns[rows[coded]] = now_ns
            take_rows(
                live.view(_TRACK_RAW), rows, self.press0, self.geo_m, self.ve, self.vn, self.climb, self.turn,
                self.pos_sd, self.vel_sd, self.status, self.icao24, self.mode3a, self.flags, self.row_ns, self.toa_ns,
                self.lat0, self.lon0, self.sensors, self.callsign.view(np.uint64),
            )  # fmt: skip
            amsl_many(
                self.press0[rows], self.geo_m[rows], self.qnh_hpa, self.temperature_c, self.undulation_m, rows,
                self.amsl0, self.other_amsl_m,
            )  # fmt: skip
            angles_per_m(rows, self.lat0, self.lat_per_m, self.lon_per_m)
            self.moved = rows[newer]
            over = tracks["track_no"][ended].astype(np.int64)
            rows = self.at(over)
            known = np.flatnonzero(rows >= 0)
            self.gone += over[known].tolist()
            late = known[self.status[rows[known]] >= TRACK_CONFIRMED]
            self.ended = list(zip(rows[late].tolist(), over[late].tolist(), strict=True))
        if now_ns % 1_000_000_000 == 0:
            old = (self.number[: self.used] > 0) & (self.row_ns[: self.used] < now_ns - FORGOTTEN_NS)
            self.gone += self.number[: self.used][old].tolist()
        self._remove(self.gone)

    def carry(self, now_ns: int) -> None:
        """Move every row to ``now_ns`` along its motion."""
        carry_rows(
            self.used, self.number, self.lat0, self.lon0, self.lat_per_m, self.lon_per_m, self.amsl0, self.press0,
            self.ve, self.vn, self.climb, self.turn, self.row_ns, now_ns, self.lat, self.lon, self.amsl_m, self.press_m,
        )  # fmt: skip

    def known(self) -> Bools:
        """Return which of the used rows are confirmed or coasting tracks."""
        status = self.status[: self.used]
        live: Bools = (self.number[: self.used] > 0) & ((status == TRACK_CONFIRMED) | (status == TRACK_COASTING))
        return live

    def _rows_for(self, numbers: Longs, now_ns: int) -> Longs:
        rows = self.at(numbers)
        fresh = np.flatnonzero(rows < 0)
        if fresh.size:
            if len(self._free) < fresh.size:
                self._grow(max(2 * self.capacity, self.capacity + fresh.size))
            taken = np.array([self._free.pop() for _ in range(fresh.size)], np.int64)
            rows[fresh] = taken
            self._blank(taken)
            self.number[taken] = numbers[fresh]
            self.first_ns[taken] = now_ns
            self.used = max(self.used, int(taken.max()) + 1)
            self._sort()
        return rows

    def _remove(self, numbers: list[int]) -> None:
        if not numbers:
            return
        for row in self.at(np.array(sorted(set(numbers)), np.int64)).tolist():
            if row >= 0:
                self.number[row] = 0
                self._free.append(row)
        self._free.sort(reverse=True)
        self._sort()

    def _sort(self) -> None:
        rows = np.flatnonzero(self.number[: self.used])
        self.used = int(rows[-1]) + 1 if rows.size else 0  # a burst of short tracks leaves no empty rows behind
        order = np.argsort(self.number[rows], kind="stable")
        self._sorted_row = rows[order]
        self._sorted_no = self.number[self._sorted_row]

    def _blank(self, rows: Longs) -> None:
        for name in _WHOLES:
            getattr(self, name)[rows] = 0
        self.mode3a[rows] = self.code_before[rows] = 65535
        self.plan_no[rows] = -1
        for name, (absent, _, _) in self._kinds.items():
            self.memory[name][rows] = absent

    def _grow(self, capacity: int) -> None:
        old = self.capacity
        for name in _REALS:
            setattr(self, name, np.concatenate([getattr(self, name)[:old], np.full(capacity - old, np.nan)]))
        for name in _WHOLES:
            grown = np.concatenate([getattr(self, name)[:old], np.zeros(capacity - old)]).astype(np.int64)
            setattr(self, name, grown)
        self.callsign = np.concatenate([self.callsign, np.zeros(capacity - old, "S8")])
        for name, (absent, shape, kind) in self._kinds.items():
            self.memory[name] = np.concatenate([self.memory[name], np.full((capacity - old, *shape), absent, kind)])
        self._free = list(range(capacity - 1, old - 1, -1)) + self._free
        self.capacity = capacity

    def snapshot(self) -> dict[str, Any]:
        """Return all that the board remembers, as plain arrays and numbers."""
        arrays = {name: getattr(self, name)[: self.used].copy() for name in (*_REALS, *_WHOLES, "callsign")}
        memory = {name: values[: self.used].copy() for name, values in self.memory.items()}
        return {"used": self.used, "arrays": arrays, "memory": memory, "qnh_hpa": self.qnh_hpa}

    def restore(self, held: dict[str, Any]) -> None:
        """Take over what ``snapshot`` told; memory that no rule has asked for yet is made on the way."""
        self.qnh_hpa = held["qnh_hpa"]
        if held["used"] > self.capacity:
            self._grow(max(held["used"], 2 * self.capacity))
        self.used = held["used"]
        for name, values in held["arrays"].items():
            getattr(self, name)[: self.used] = values
        for name, values in held["memory"].items():
            if name in self.memory:
                self.memory[name][: self.used] = values
        taken = set(np.flatnonzero(self.number[: self.used]).tolist())
        self._free = [row for row in range(self.capacity - 1, -1, -1) if row not in taken]
        self._sort()


_TRACK_RAW: Final = np.dtype([(n, "<u8" if n == "callsign" else TRACK.dtype[n]) for n in TRACK.dtype.names or ()])
"""TRACK with its call sign as a number: the same octets, and text is no type for a kernel."""


@lean
def take_rows(
    tracks: Any, rows: Longs, press0: Floats, geo_m: Floats, ve: Floats, vn: Floats, climb: Floats, turn: Floats,
    pos_sd: Floats, vel_sd: Floats, status: Longs, icao24: Longs, mode3a: Longs, flags: Longs, row_ns: Longs,
    toa_ns: Longs, lat0: Floats, lon0: Floats, sensors: Longs, callsign: Any,
) -> None:  # fmt: skip
    """Write TRACK rows (raw) to their rows of the board; angles in radians there."""
    for k in range(rows.size):
        i = rows[k]
        track = tracks[k]
        press0[i], geo_m[i] = track.press_alt_m, track.geo_alt_m
        ve[i], vn[i], climb[i], turn[i] = track.v_east_mps, track.v_north_mps, track.climb_mps, track.turn_radps
        pos_sd[i], vel_sd[i] = track.pos_major_m, track.vel_sd_mps
        status[i], icao24[i], mode3a[i], flags[i] = track.status, track.icao24, track.mode3a, track.flags
        row_ns[i], toa_ns[i] = track.now_ns, track.toa_ns
        lat0[i], lon0[i] = track.lat_deg * RAD_PER_DEG, track.lon_deg * RAD_PER_DEG
        sensors[i] = track.sensors
        callsign[i] = track.callsign


@kernel
def amsl_many(
    press_m: Floats, geo_m: Floats, qnh_hpa: float, temperature_c: float, undulation_m: float, rows: Longs,
    out: Floats, other: Floats,
) -> None:  # fmt: skip
    """Write the height above mean sea level: by the altimeter where it is sent, else by the geometric height."""
    for k in range(rows.size):
        by_geo = geo_m[k] - undulation_m
        if math.isnan(press_m[k]):
            out[rows[k]] = by_geo
        else:
            out[rows[k]] = amsl_from_press_alt(press_m[k], qnh_hpa, temperature_c)
        other[rows[k]] = by_geo


@kernel
def angles_per_m(rows: Longs, lat: Floats, lat_per_m: Floats, lon_per_m: Floats) -> None:
    """Write how many radians of latitude and longitude a metre is at each row."""
    for k in range(rows.size):
        i = rows[k]
        m, n = radii(lat[i])
        lat_per_m[i], lon_per_m[i] = 1.0 / m, 1.0 / (n * max(1e-6, math.cos(lat[i])))


@kernel
def carry_rows(
    used: int, number: Longs, lat0: Floats, lon0: Floats, lat_per_m: Floats, lon_per_m: Floats, amsl0: Floats,
    press0: Floats, ve: Floats, vn: Floats, climb: Floats, turn: Floats, row_ns: Longs, now_ns: int,
    lat: Floats, lon: Floats, amsl: Floats, press: Floats,
) -> None:  # fmt: skip
    """Carry every row to ``now_ns`` at constant speed and turn; seconds ahead at most, so a plane is the Earth."""
    for i in range(used):
        if number[i] == 0:
            continue
        dt = (now_ns - row_ns[i]) * 1e-9
        half = 0.0 if math.isnan(turn[i]) else 0.5 * turn[i] * dt
        u, v = ve[i], vn[i]
        if math.isnan(u) or math.isnan(v):
            u, v = 0.0, 0.0
        c, s = 1.0, 0.0
        if abs(half) > 1e-4:
            c, s = math.cos(half), math.sin(half)
        lat[i] = lat0[i] + (v * c - u * s) * dt * lat_per_m[i]
        lon[i] = lon0[i] + (u * c + v * s) * dt * lon_per_m[i]
        up = 0.0 if math.isnan(climb[i]) else climb[i] * dt
        amsl[i] = amsl0[i] + up
        press[i] = press0[i] + up
