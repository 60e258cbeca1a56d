"""Sensors that report positions: multilateration (CAT020), ADS-B stations (CAT021), a neighbour's tracker (CAT062).

Each reports every aircraft it can see once a period, with the error its physics gives: multilateration by the geometry
of its stations (the covariance of a time-difference fix), a station what the aircraft said of itself, a neighbour a
smooth error that wanders over minutes. Status messages (CAT019, CAT023, CAT065) tell that they live.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from vigie.earth.terrain import Terrain
from vigie.earth.wgs84 import ecef_to_geodetic_many, geodetic_to_ecef
from vigie.simulate import fleet as fl
from vigie.simulate import fly
from vigie.simulate.beast_out import Navigation
from vigie.simulate.datagrams import groups_of, pack
from vigie.simulate.draw import key_of, normal_many, uniform_many
from vigie.simulate.fleet import Fleet
from vigie.simulate.outbox import Outbox
from vigie.simulate.reporter import R_MEAN_M, Floats, Ints, Reporter
from vigie.simulate.rows import SensorRow
from vigie.simulate.system_records import encode_status, encode_system
from vigie.terms.tables import ABSENT_MODE3A, FLAG_EMERGENCY, FLAG_ON_GROUND, FLAG_SIMULATED, PLOT, PLOT_KIND, Rows
from vigie.terms.units import C_MPS, NS_PER_S, RAD_PER_DEG

_WORST_SD_M: Final = 500.0
_SPREAD_S: Final = 0.4
CATEGORY: Final = {"mlat": 20, "adsb": 21, "external": 62}
STATUS_CATEGORY: Final = {"mlat": 19, "adsb": 23, "external": 65}
_WANTED: Final = {"mlat": fl.MODE_S, "adsb": fl.ADS_B, "external": fl.A_C}
_KIND: Final = {"mlat": "mlat", "adsb": "adsb", "external": "track"}


class System(Reporter):
    """One such sensor."""

    def __init__(self, row: SensorRow, link: int, start_ns: int, seed: int, terrain: Terrain | None = None) -> None:
        # A neighbour's tracker has many eyes: no hill hides from all of them.
        super().__init__(row, link, start_ns, seed, terrain if row.kind != "external" else None)
        self._stations = self._ring() if row.kind == "mlat" else np.zeros((0, 3))

    def _ring(self) -> Floats:
        """Return the receiving stations in local coordinates: as given, or six in a ring and one in the middle."""
        given = self.row.stations
        if given:
            xyz = np.array([geodetic_to_ecef(a * RAD_PER_DEG, b * RAD_PER_DEG, h) for a, b, h in given])
            local: Floats = (xyz - self.at) @ self.enu.T
            return local
        far = self.row.physics.get("baseline_nmi", 10.0) * 1852.0
        angles = np.arange(6) * math.pi / 3.0
        ring = np.stack([far * np.sin(angles), far * np.cos(angles), 15.0 * np.arange(6)], axis=1)
        return np.concatenate([ring, np.zeros((1, 3))])

    def say_alive(self, at_s: float, number: int, outbox: Outbox) -> None:
        """Send the status message of one period."""
        sensor = self.row.sensor
        toa_ns = self.start_ns + round(at_s * NS_PER_S)
        rx_ns = np.array([toa_ns + self.delay_ns], np.int64)
        category = STATUS_CATEGORY[self.row.kind]
        data, offsets = encode_status(category, sensor.sac, sensor.sic, toa_ns + self.clock_ns, sensor.period_s)
        out, ends = pack(category, data, offsets, np.zeros(1, np.int64))
        outbox.add_runs(rx_ns, np.array([self.link]), Outbox.ASTERIX, out, ends)

    def look(self, fleet: Fleet, gnss: Navigation, at_s: float, number: int, outbox: Outbox) -> Rows:
        """Report every aircraft seen at this update; datagrams follow each other over the next instants."""
        kind = self.row.kind
        i, local, xyz = self.seen(fleet, self.there(fleet, _WANTED[kind]), at_s)
        draws = self.draws(number, i)
        if kind == "external":
            detected = np.ones(i.size, np.bool_)
        else:
            detected = uniform_many(key_of(int(self.key), 1), draws) < self.row.sensor.detection_probability
        i, local, xyz, draws = i[detected], local[detected], xyz[detected], draws[detected]
        error, sd, minor, angle = self._error(local, i, at_s, draws)
        usable = sd < _WORST_SD_M
        i, xyz, error, sd, minor, angle = (
            i[usable],
            xyz[usable],
            error[usable],
            sd[usable],
            minor[usable],
            angle[usable],
        )
        if not i.size:
            return PLOT.empty()
        rows = self._rows(fleet, gnss, i, xyz, error, at_s)
        if kind == "mlat":
            rows["pos_sd_m"], rows["pos_minor_sd_m"], rows["pos_orient_rad"] = sd, minor, angle
        category = CATEGORY[kind]
        data, offsets = encode_system(category, self.row.sensor.sac, self.row.sensor.sic, rows)
        group = groups_of(np.ones(i.size, np.bool_), offsets)
        out, ends = pack(category, data, offsets, group)
        count = len(ends) - 1
        spread_ns = round(min(_SPREAD_S, 0.5 * self.row.sensor.period_s) * NS_PER_S / count)
        at_ns = self.start_ns + round(at_s * NS_PER_S) + self.delay_ns + np.arange(count) * spread_ns
        outbox.add_runs(at_ns, np.full(count, self.link), Outbox.ASTERIX, out, ends)
        rows["rx_ns"] = at_ns[group]
        return rows

    def _error(self, local: Floats, i: Ints, at_s: float, draws: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        """Return the error of each position (east, north; n, 2) and the ellipse that the sensor states."""
        n = len(local)
        if self.row.kind == "mlat":
            return self._mlat_error(local, draws)
        error = np.zeros((n, 2))
        sd = np.full(n, self.row.sensor.pos_sd_m)
        if self.row.kind == "external":
            # A tracker's error wanders: three slow waves an axis, of each aircraft's own phases, of unit variance.
            for axis in range(2):
                for wave, period_s in enumerate((31.0, 83.0, 211.0)):
                    phase = uniform_many(key_of(int(self.key), 2 + axis, wave), i)
                    error[:, axis] += np.sin(2.0 * math.pi * (at_s / period_s + phase)) * math.sqrt(2.0 / 3.0)
            error *= self.row.sensor.pos_sd_m / math.sqrt(2.0)
        return error, sd, sd, np.zeros(n)

    def _mlat_error(self, local: Floats, draws: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        """Draw errors from the covariance of a fix by times of arrival with the height known from Mode C."""
        sigma = self.row.physics.get("toa_sd_ns", 20.0) * 1e-9 * C_MPS
        away = local[:, None, :] - self._stations[None, :, :]
        unit = away / np.sqrt((away**2).sum(axis=2, keepdims=True))
        design = np.concatenate([unit[:, :, :2], np.ones((*unit.shape[:2], 1))], axis=2)  # east, north, clock
        normal = np.einsum("nsi,nsj->nij", design, design) + 1e-9 * np.eye(3)
        covariance = np.linalg.inv(normal)[:, :2, :2] * sigma * sigma
        a, b, c = covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1]
        middle, half = (a + c) / 2.0, np.hypot((a - c) / 2.0, b)
        major, minor = np.sqrt(middle + half), np.sqrt(np.maximum(middle - half, 1e-6))
        angle = 0.5 * np.arctan2(2.0 * b, c - a)  # of the major axis, clockwise from north
        g = normal_many(key_of(int(self.key), 9), draws)
        along, across = g[0] * major, g[1] * minor
        sin_a, cos_a = np.sin(angle), np.cos(angle)
        error = np.stack([along * sin_a + across * cos_a, along * cos_a - across * sin_a], axis=1)
        return error, major, minor, angle % math.pi

    def _rows(self, fleet: Fleet, gnss: Navigation, i: Ints, xyz: Floats, error: Floats, at_s: float) -> Rows:
        who = fleet.who
        place = ecef_to_geodetic_many(np.ascontiguousarray(xyz))
        lat, lon = np.degrees(place[:, 0]), np.degrees(place[:, 1])
        when = np.full(i.size, at_s)
        velocity = fleet.velocity_at(i, when, lat, lon)
        rows = PLOT.empty(i.size)
        rows["toa_ns"] = self.toa_ns(at_s)
        rows["sensor_id"] = self.row.sensor.id
        rows["kind"] = PLOT_KIND[_KIND[self.row.kind]]
        rows["lat_deg"] = lat + np.degrees(error[:, 1] / R_MEAN_M)
        rows["lon_deg"] = lon + np.degrees(error[:, 0] / (R_MEAN_M * np.cos(place[:, 0])))
        if self.row.kind == "adsb":
            rows["lat_deg"] += gnss.lat_deg[i]
            rows["lon_deg"] += gnss.lon_deg[i]
            rows["nic"], rows["nac_p"], rows["sil"], rows["adsb_version"] = gnss.nic[i], gnss.nac_p[i], 3, 2
            rows["geo_alt_m"] = np.rint(place[:, 2] / 1.905) * 1.905
            rows["emergency"] = who.emergency[i]
        level = np.rint(fleet.press_alt_at(i, when) / 7.62) * 7.62
        rows["press_alt_m"] = np.where(who.has[i] & fl.MODE_C > 0, level, np.nan)
        if self.row.kind != "mlat":
            rows["v_east_mps"], rows["v_north_mps"] = velocity[0], velocity[1]
            rows["climb_mps"] = velocity[2]
        selective = who.has[i] & fl.MODE_S > 0
        rows["icao24"] = np.where(selective, who.icao24[i], 0)
        rows["mode3a"] = np.where(who.has[i] & fl.A_C > 0, who.mode3a[i], ABSENT_MODE3A)
        rows["callsign"] = np.where(selective, who.callsign[i], b"")
        rows["source_track_no"] = i % 4095 + 1
        phase = fleet.mode[fly.PHASE, i]
        ground = (phase == fly.GROUND) | (phase == fly.ROLLOUT)
        rows["flags"] = (
            FLAG_SIMULATED | np.where(ground, FLAG_ON_GROUND, 0) | np.where(who.emergency[i] > 0, FLAG_EMERGENCY, 0)
        )  # fmt: skip
        return rows
