"""Radars of an exercise: their parameters as one matrix, and the detections of each block as columns in time order."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigie.earth.terrain import Terrain
from vigie.earth.wgs84 import geodetic_to_ecef
from vigie.simulate import detect as d
from vigie.simulate.draw import key_of, unit_of
from vigie.simulate.echoes import echoes
from vigie.simulate.fleet import Fleet
from vigie.simulate.ground import masks_of, mirrors_of, showers_of, zones_of
from vigie.simulate.rows import Exercise, SensorRow
from vigie.terms.units import C_MPS, M_PER_NMI, RAD_PER_DEG

_MODE_BITS = {
    "psr": d.PSR, "ssr": d.SSR, "psr+ssr": d.PSR | d.SSR, "mode_s": d.SSR | d.SELECTIVE,
    "psr+mode_s": d.PSR | d.SSR | d.SELECTIVE,
}  # fmt: skip
_STREAM_RADAR = 3
_STREAM_PHASE = 4


@dataclass(slots=True)
class Detections:
    """What the radars of an exercise detected, one value a plot, sorted by radar, then time."""

    t_s: npt.NDArray[np.float64]
    range_m: npt.NDArray[np.float64]
    azimuth_rad: npt.NDArray[np.float64]
    radar: npt.NDArray[np.int64]
    aircraft: npt.NDArray[np.int64]
    bits: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of plots."""
        return self.t_s.size


class Radars:
    """The radars of an exercise: ``matrix`` has one row each, as ``detect.sweep`` reads it."""

    def __init__(self, exercise: Exercise, seed: int, terrain: Terrain | None = None) -> None:
        self.rows: list[SensorRow] = [row for row in exercise.sensors if row.sensor.kind == "radar"]
        self.matrix = np.zeros((len(self.rows), d.RADAR_COLUMNS))
        self.sectors = np.array([int(row.physics.get("sectors", 32)) for row in self.rows], np.int64)
        for k, row in enumerate(self.rows):
            self.matrix[k] = _row(row, seed)
        self.keys = np.array([key_of(seed, _STREAM_RADAR, row.sensor.id) for row in self.rows], np.uint64)
        self.plain = self.matrix.copy()
        """The parameters without faults."""
        self._masks = masks_of(terrain, self.rows)
        number = {row.sensor.id: k for k, row in enumerate(self.rows)}
        self._mirrors, self._zones = mirrors_of(exercise, number), zones_of(exercise, number)
        self._showers = showers_of(exercise)
        self.lost: dict[int, npt.NDArray[np.bool_]] = {}
        """Aircraft hidden from a radar in this block; set by faults."""
        self._has_echoes = bool(self._mirrors.size or self._zones.size or self._showers.size)
        self._out = np.empty((3, 4096))
        self._what = np.empty((4, 4096), np.int64)

    def __len__(self) -> int:
        """Return the number of radars."""
        return len(self.rows)

    def look(self, fleet: Fleet) -> Detections:
        """Return what all radars detect in the fleet's last block."""
        t_s = float(fleet.now_s - 1)
        while True:
            n = d.sweep(
                self.matrix, self.keys, self._masks, fleet.before, fleet.after, fleet.who.has, fleet.who.rcs_m2,
                t_s, self._out, self._what,
            )  # fmt: skip
            if self._has_echoes:
                n = echoes(
                    self.matrix, self.keys, fleet.before, fleet.after, fleet.who.has, t_s, self._mirrors,
                    self._showers, self._zones, self._out, self._what, n,
                )  # fmt: skip
            if n <= self._out.shape[1]:
                break
            self._out = np.empty((3, 2 * n))
            self._what = np.empty((4, 2 * n), np.int64)
        order = np.lexsort((self._out[d.T_S, :n], self._what[d.RADAR, :n]))
        for k, lost in self.lost.items():
            aircraft = self._what[d.AIRCRAFT, order]
            hidden = (self._what[d.RADAR, order] == k) & (aircraft >= 0) & lost[np.maximum(aircraft, 0)]
            order = order[~hidden]
        out = np.ascontiguousarray(self._out[:, order])
        what = np.ascontiguousarray(self._what[:, order])
        d.garble(self.matrix, self.keys, out[d.T_S], out[d.RANGE_M], what)
        return Detections(out[d.T_S], out[d.RANGE_M], out[d.AZIMUTH_RAD], what[d.RADAR], what[d.AIRCRAFT], what[d.BITS])


def _row(row: SensorRow, seed: int) -> npt.NDArray[np.float64]:
    sensor, physics = row.sensor, row.physics
    lat, lon = sensor.lat_deg * RAD_PER_DEG, sensor.lon_deg * RAD_PER_DEG
    r = np.zeros(d.RADAR_COLUMNS)
    r[d.X], r[d.Y], r[d.Z] = geodetic_to_ecef(lat, lon, sensor.height_m)
    r[d.SIN_LAT], r[d.COS_LAT], r[d.SIN_LON], r[d.COS_LON] = math.sin(lat), math.cos(lat), math.sin(lon), math.cos(lon)
    r[d.HEIGHT] = sensor.height_m
    r[d.OMEGA] = 2.0 * math.pi / sensor.period_s
    r[d.PHASE] = 2.0 * math.pi * (unit_of(seed, _STREAM_PHASE, sensor.id) + 10.0)
    r[d.MAX_M] = sensor.max_range_m
    r[d.MIN_M] = physics.get("min_range_nmi", 0.5) * M_PER_NMI
    r[d.PD] = sensor.detection_probability
    r[d.RANGE_SD], r[d.AZIMUTH_SD] = sensor.range_sd_m, sensor.azimuth_sd_rad
    r[d.RANGE_BIAS] = physics.get("range_bias_m", 0.0)
    r[d.AZIMUTH_BIAS] = physics.get("azimuth_bias_deg", 0.0) * RAD_PER_DEG
    r[d.CONE] = physics.get("cone_deg", 45.0) * RAD_PER_DEG
    r[d.MIN_EL] = physics.get("min_elevation_deg", 0.2) * RAD_PER_DEG
    r[d.PSR_M] = physics.get("psr_range_nmi", 60.0) * M_PER_NMI
    r[d.MODES] = _MODE_BITS[row.modes]
    r[d.BEAM] = physics.get("beam_deg", 2.45) * RAD_PER_DEG
    r[d.RANGE_CELL] = physics.get("range_cell_m", 75.0)
    r[d.PSR_RANGE_SD] = physics.get("psr_range_sd_m", sensor.range_sd_m)
    r[d.CLUTTER] = physics.get("clutter_per_scan", 0.0)
    r[d.FALSE_REPLIES] = physics.get("false_replies_per_scan", 0.0)
    prf_hz = physics.get("prf_hz", 0.0)
    r[d.UNAMBIGUOUS_M] = C_MPS / (2.0 * prf_hz) if prf_hz > 0.0 else 0.0
    r[d.FRUIT_HZ] = physics.get("fruit_hz", 0.0)
    r[d.SPLIT] = physics.get("split_share", 0.0)
    r[d.SPLIT_RAD] = physics.get("split_deg", 0.6 * physics.get("beam_deg", 2.45)) * RAD_PER_DEG
    r[d.BLIND_FROM] = r[d.BLIND_TO] = math.nan
    return r
