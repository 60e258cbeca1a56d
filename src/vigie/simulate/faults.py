"""Faults and deception, by time and area: each is a line of the exercise, and each ends when its time is over.

Applied at the start of every block, from the undamaged parameters, so that what is over is gone.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import numpy as np
import numpy.typing as npt

from vigie.simulate import detect as d
from vigie.simulate import fly
from vigie.simulate import squit as q
from vigie.simulate.asterix_out import HELD, RadarWire
from vigie.simulate.beast_out import Receivers
from vigie.simulate.draw import key_of, uniform_many, unit_of
from vigie.simulate.fleet import Fleet, replayed
from vigie.simulate.radar import Radars
from vigie.simulate.reporter import Reporter
from vigie.simulate.rows import Exercise, FaultRow
from vigie.terms.tables import FLAG_SIMULATED, FLAG_TEST, PLOT, PLOT_KIND
from vigie.terms.units import M_PER_FL, M_PER_NMI, MPS_PER_KT, NS_PER_S, RAD_PER_DEG

_STREAM_FAULT = 9

Block = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], float, float]
"""An aircraft in one second: place and velocity at both ends, pressure altitude at both ends."""


class Faults:
    """The faults of an exercise."""

    def __init__(
        self,
        exercise: Exercise,
        radars: Radars,
        receivers: Receivers,
        systems: list[Reporter],
        fleet: Fleet,
        wire: RadarWire,
        seed: int,
    ) -> None:
        self._rows = exercise.faults
        self._radars, self._receivers, self._fleet, self._wire, self._seed = radars, receivers, fleet, wire, seed
        self._radar = {row.sensor.id: k for k, row in enumerate(radars.rows)}
        self._receiver = {row.sensor.id: k for k, row in enumerate(receivers.rows)}
        self._systems = {system.row.sensor.id: system for system in systems}
        self._addresses = fleet.who.icao24.copy()
        self._start_ns = wire.start_ns
        self._replays = [(f, fleet.number[f.keys["flight"]], fleet.number[replayed(n)], deque[Block]())
                         for n, f in enumerate(self._rows) if f.kind == "replay"]  # fmt: skip

    def advance(self, t_s: float) -> None:
        """Make the block that starts at ``t_s`` as broken as the exercise wants it."""
        if not self._rows:
            return
        wire, receivers = self._wire, self._receivers
        self._radars.matrix[:] = self._radars.plain
        receivers.matrix[:] = receivers.plain
        wire.clock_ns[:] = wire.plain_clock_ns
        wire.jitter_s[:] = wire.plain_jitter_s
        for switch in (wire.silent, wire.mute, wire.nogo):
            switch[:] = False
        for share in (wire.loss, wire.twice, wire.late, wire.late_s):
            share[:] = 0.0
        receivers.gnss.lat_deg[:] = receivers.gnss.lon_deg[:] = 0.0
        receivers.gnss.nic[:], receivers.gnss.nac_p[:] = 8, 9
        self._fleet.who.icao24[:] = self._addresses
        self._radars.lost.clear()
        receivers.lost.clear()
        for system in self._systems.values():
            system.silent = system.mute = False
            system.clock_ns = 0
            system.lost = None
        for number, fault in enumerate(self._rows):
            if fault.from_s <= t_s < fault.to_s:
                self._apply(fault, number, t_s)

    def replay(self) -> None:
        """Put the past of replayed flights where the fleet keeps what is not there; call it when a block is flown.

        A receiver hears the same messages again from where they came, with the aircraft's own address and name.
        """
        fleet, who = self._fleet, self._fleet.who
        for fault, i, ghost, past in self._replays:
            past.append((fleet.before[:, i].copy(), fleet.after[:, i].copy(), float(fleet.alt_before[i]),
                         float(fleet.state[fly.ALT, i])))  # fmt: skip
            if len(past) <= fault.keys["delay_s"]:
                continue
            before, after, alt_before, alt = past.popleft()
            if fault.from_s <= fleet.now_s - 1 < fault.to_s:
                fleet.before[:, ghost], fleet.after[:, ghost] = before, after
                fleet.alt_before[ghost], fleet.state[fly.ALT, ghost] = alt_before, alt
                for column in (who.icao24, who.mode3a, who.callsign, who.emergency, who.category):
                    column[ghost] = column[i]

    def _apply(self, fault: FaultRow, number: int, t_s: float) -> None:
        keys, kind = fault.keys, fault.kind
        if kind == "duplicate_address":
            self._fleet.who.icao24[self._fleet.number[keys["flight"]]] = int(keys["address"], 16)
        elif kind in ("ghosts", "replay"):
            return  # the fleet has them: they come and go by themselves
        elif kind == "blind_area":
            self._hide(fault, number, t_s)
        elif kind in ("gnss_jamming", "gnss_drift"):
            self._gnss(fault, number, t_s)
        elif keys["sensor"] in self._systems:
            system = self._systems[keys["sensor"]]
            system.silent |= kind == "silence"
            system.mute |= kind == "no_plots"
            system.clock_ns += self._clock_ns(fault, t_s)
        elif keys["sensor"] in self._receiver:
            if kind in ("silence", "no_plots", "burst_loss"):
                self._receivers.matrix[self._receiver[keys["sensor"]], q.LOSS] = keys.get("share", 1.0)
        else:
            self._radar_fault(fault, number, self._radar[keys["sensor"]], t_s)

    def _radar_fault(self, fault: FaultRow, number: int, k: int, t_s: float) -> None:
        keys, kind, wire, matrix = fault.keys, fault.kind, self._wire, self._radars.matrix
        if kind == "silence":
            wire.silent[k] = True
        elif kind == "no_plots":
            wire.mute[k] = True
        elif kind == "nogo":
            wire.nogo[k] = True
        elif kind == "blind_sector":
            matrix[k, d.BLIND_FROM] = keys["from_deg"] * RAD_PER_DEG
            matrix[k, d.BLIND_TO] = keys["to_deg"] * RAD_PER_DEG
        elif kind == "wrong_north":
            matrix[k, d.AZIMUTH_BIAS] += keys["offset_deg"] * RAD_PER_DEG
        elif kind == "range_bias":
            matrix[k, d.RANGE_BIAS] += keys["offset_m"]
        elif kind in ("clock_offset", "clock_drift"):
            wire.clock_ns[k] += self._clock_ns(fault, t_s)
        elif kind == "jitter":
            wire.jitter_s[k] = keys["jitter_s"]
        elif kind == "duplicate_datagrams":
            wire.twice[k] = keys.get("share", 1.0)
        elif kind == "reordered_datagrams":
            wire.late[k], wire.late_s[k] = keys.get("share", 0.2), keys["jitter_s"]
        elif kind == "burst_loss":
            wire.loss[k] = keys["share"]
        elif kind in ("stuck_plots", "test_targets"):
            self._standing(fault, number, k, t_s)

    @staticmethod
    def _clock_ns(fault: FaultRow, t_s: float) -> int:
        """Return how far a step or a drift has put a clock forward."""
        forward_s = 0.0
        if fault.kind == "clock_offset":
            forward_s = float(fault.keys["offset_s"])
        elif fault.kind == "clock_drift":
            forward_s = float(fault.keys["drift_ppm"]) * 1e-6 * (t_s - fault.from_s)
        return round(forward_s * NS_PER_S)

    def _inside(self, keys: dict[str, Any]) -> npt.NDArray[np.bool_]:
        """Return which aircraft are in the circle of a fault."""
        state, lat0 = self._fleet.state, keys["lat_deg"] * RAD_PER_DEG
        north = (state[fly.LAT] - lat0) * 6.36e6
        east = (state[fly.LON] - keys["lon_deg"] * RAD_PER_DEG) * 6.378e6 * math.cos(lat0)
        inside: npt.NDArray[np.bool_] = np.hypot(north, east) < keys["radius_nmi"] * M_PER_NMI
        return inside

    def _hide(self, fault: FaultRow, number: int, t_s: float) -> None:
        """Hide from one sensor a share of the aircraft in an area, other ones every second."""
        lost = self._inside(fault.keys)
        share = fault.keys.get("share", 1.0)
        if share < 1.0:
            key = key_of(self._seed, _STREAM_FAULT, number, int(t_s) + 100_000)
            lost &= uniform_many(key, np.arange(lost.size)) < share
        sensor = fault.keys["sensor"]
        if sensor in self._systems:
            system = self._systems[sensor]
            system.lost = lost if system.lost is None else system.lost | lost
            return
        where, k = (
            (self._receivers.lost, self._receiver[sensor])
            if sensor in self._receiver
            else (self._radars.lost, self._radar[sensor])
        )
        where[k] = where[k] | lost if k in where else lost

    def _standing(self, fault: FaultRow, number: int, k: int, t_s: float) -> None:
        """Add plots that stand at one range and azimuth, turn after turn; test targets say that they are."""
        count = int(fault.keys.get("count", 1))
        sectors = int(self._radars.sectors[k])
        omega, phase = self._radars.matrix[k, d.OMEGA], self._radars.matrix[k, d.PHASE]
        for j in range(count):
            azimuth = 2.0 * math.pi * unit_of(self._seed, _STREAM_FAULT, number, j, 1)
            share = unit_of(self._seed, _STREAM_FAULT, number, j, 2)
            turns = math.ceil((phase + omega * t_s - azimuth) / (2.0 * math.pi))
            met_s = (azimuth + turns * 2.0 * math.pi - phase) / omega
            while met_s < t_s + 1.0:
                row = np.zeros(1, HELD)
                plot = PLOT.empty(1)
                plot["toa_ns"] = (
                    self._start_ns + round(met_s * NS_PER_S) // 7_812_500 * 7_812_500 + self._wire.clock_ns[k]
                )
                plot["sensor_id"] = self._radars.rows[k].sensor.id
                plot["kind"] = PLOT_KIND["ssr"]
                plot["range_m"] = round((0.1 + 0.7 * share) * self._radars.matrix[k, d.MAX_M] / 7.234375) * 7.234375
                plot["azimuth_rad"] = azimuth
                plot["mode3a"] = 0o1000 + j
                plot["press_alt_m"] = 250.0 * M_PER_FL
                plot["flags"] = FLAG_SIMULATED | (FLAG_TEST if fault.kind == "test_targets" else 0)
                row["radar"], row["typ"], row["plot"] = k, 2, plot
                row["sector"] = int((phase + omega * met_s) / (2.0 * math.pi / sectors))
                self._wire.extra = np.concatenate([self._wire.extra, row])
                met_s += 2.0 * math.pi / omega

    def _gnss(self, fault: FaultRow, number: int, t_s: float) -> None:
        """Jam or pull away the navigation of all aircraft in the area: quality collapses, or position drifts."""
        keys, gnss = fault.keys, self._receivers.gnss
        lat0 = keys["lat_deg"] * RAD_PER_DEG
        inside = self._inside(keys)
        if fault.kind == "gnss_jamming":
            share = keys.get("share", 1.0)
            for i in np.flatnonzero(inside).tolist():
                inside[i] = unit_of(self._seed, _STREAM_FAULT, number, i) < share
            gnss.nic[inside], gnss.nac_p[inside] = 0, 0
            return
        away_m = keys["speed_kt"] * MPS_PER_KT * (t_s - fault.from_s)
        course = keys["course_deg"] * RAD_PER_DEG
        gnss.lat_deg[inside] += math.degrees(away_m * math.cos(course) / 6.36e6)
        gnss.lon_deg[inside] += math.degrees(away_m * math.sin(course) / (6.378e6 * math.cos(lat0)))
