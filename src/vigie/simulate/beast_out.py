"""ADS-B receivers of an exercise: squitters as Beast streams, and the positions they carried as PLOT rows.

Every message is encoded once, however many receivers hear it. The bytes of a stream leave the receiver every 50 ms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vigie.earth.terrain import Terrain
from vigie.earth.wgs84 import geodetic_to_ecef
from vigie.simulate import fly
from vigie.simulate import squit as q
from vigie.simulate.draw import key_of, unit_of
from vigie.simulate.fleet import Fleet
from vigie.simulate.ground import masks_of
from vigie.simulate.outbox import Outbox
from vigie.simulate.rows import Exercise, SensorRow
from vigie.terms.tables import FLAG_EMERGENCY, FLAG_ON_GROUND, FLAG_SIMULATED, PLOT, PLOT_KIND, Rows
from vigie.terms.units import NS_PER_S, RAD_PER_DEG
from vigie.wire.modes import encode
from vigie.wire.modes.framing import beast_frames, signal_octet

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FLUSH_NS = 50_000_000
_STREAM_SQUIT = 5
_STREAM_RECEIVER = 6
_STREAM_CLOCK = 7


@dataclass(slots=True)
class Navigation:
    """What each aircraft's own navigation says: faults move it away from the truth."""

    lat_deg: Floats
    lon_deg: Floats
    nic: Ints
    nac_p: Ints


class Receivers:
    """The ADS-B receivers of an exercise."""

    def __init__(self, exercise: Exercise, seed: int, aircraft: int, terrain: Terrain | None = None) -> None:
        self.rows: list[SensorRow] = [row for row in exercise.sensors if row.is_beast]
        self.matrix = np.zeros((len(self.rows), q.RECEIVER_COLUMNS))
        for k, row in enumerate(self.rows):
            s = row.sensor
            xyz = geodetic_to_ecef(s.lat_deg * RAD_PER_DEG, s.lon_deg * RAD_PER_DEG, s.height_m)
            dip = -math.sqrt(2.0 * max(s.height_m, 1.0) / (6371008.8 * 4.0 / 3.0)) * 0.0
            least = math.sin(row.physics.get("min_elevation_deg", 0.0) * RAD_PER_DEG) + dip
            self.matrix[k] = (
                *xyz,
                s.max_range_m,
                row.physics.get("loss", 0.1),
                row.physics.get("gain_db", -12.0),
                least,
            )
        self.plain = self.matrix.copy()
        self._masks = masks_of(terrain, self.rows)
        ids = [row.sensor.id for row in self.rows]
        self.keys = np.array([key_of(seed, _STREAM_RECEIVER, i) for i in ids], np.uint64)
        self.clock_ticks = np.array([int(unit_of(seed, _STREAM_CLOCK, i) * 2**40) for i in ids], np.int64)
        self.key = key_of(seed, _STREAM_SQUIT)
        self.gnss = Navigation(
            np.zeros(aircraft), np.zeros(aircraft), np.full(aircraft, 8, np.int64), np.full(aircraft, 9, np.int64)
        )
        self.lost: dict[int, npt.NDArray[np.bool_]] = {}
        """Aircraft hidden from a receiver in this block; set by faults."""
        self._sent = np.empty((7, 16 * max(aircraft, 1)))
        self._what = np.empty((3, 16 * max(aircraft, 1)), np.int64)
        self._out = np.empty((2, 4096))
        self._heard = np.empty((2, 4096), np.int64)

    def __len__(self) -> int:
        """Return the number of receivers."""
        return len(self.rows)

    def listen(self, fleet: Fleet, start_ns: int, links: list[int], outbox: Outbox) -> Rows:
        """Put what the receivers hear in the fleet's last block into ``outbox``; return the positions as PLOT rows."""
        t_s = float(fleet.now_s - 1)
        who = fleet.who
        n = q.squitters(self.key, fleet.before, fleet.after, who.has, who.emergency, t_s, self._sent, self._what)
        while True:
            m = q.heard(self.matrix, self.keys, self._masks, self._sent, self._what, n, self._out, self._heard)
            if m <= self._out.shape[1]:
                break
            self._out = np.empty((2, 2 * m))
            self._heard = np.empty((2, 2 * m), np.int64)
        order = np.lexsort((self._out[0, :m], self._heard[0, :m]))
        for k, lost in self.lost.items():
            hidden = (self._heard[0, order] == k) & lost[self._what[q.AIRCRAFT, self._heard[1, order]]]
            order = order[~hidden]
        m = order.size
        if m == 0:
            return PLOT.empty()
        arrival_s, signal = self._out[0, order], self._out[1, order]
        receiver, number = self._heard[0, order], self._heard[1, order]
        used, place = np.unique(number, return_inverse=True)
        columns = self._columns(fleet, used)
        messages, lengths = self._messages(columns)
        since_ns = np.rint(arrival_s * NS_PER_S).astype(np.int64)
        stamps = (since_ns * 12 // 1000 + self.clock_ticks[receiver]) & 0xFFFFFFFFFFFF
        data, offsets = beast_frames(messages[place], lengths[place], stamps, signal_octet(signal))
        delay_ns = np.array([round(row.sensor.delay_s * NS_PER_S) for row in self.rows], np.int64)
        rx_ns = start_ns + (since_ns // FLUSH_NS + 1) * FLUSH_NS + delay_ns[receiver]
        cut = np.flatnonzero(np.diff(receiver, prepend=-1) | np.diff(rx_ns, prepend=-1))
        outbox.add_runs(
            rx_ns[cut], np.array(links, np.int64)[receiver[cut]], outbox.BEAST, data, offsets[np.append(cut, m)]
        )
        return self._plots(columns, receiver, place, start_ns, rx_ns, signal)

    def _columns(self, fleet: Fleet, used: Ints) -> dict[str, npt.NDArray[Any]]:
        i = self._what[q.AIRCRAFT, used]
        sent = self._sent[:, used]
        velocity = fleet.velocity_at(i, sent[q.T_S], sent[q.LAT_DEG], sent[q.LON_DEG])
        press = (sent[q.GEO_M] - fleet.air[1]) / fleet.air[0]
        phase = fleet.mode[fly.PHASE, i]
        return {
            "aircraft": i, "kind": self._what[q.KIND, used], "odd": self._what[q.ODD, used], "t_s": sent[q.T_S],
            "icao24": fleet.who.icao24[i], "lat": sent[q.LAT_DEG] + self.gnss.lat_deg[i],
            "lon": sent[q.LON_DEG] + self.gnss.lon_deg[i], "press": press, "geo": sent[q.GEO_M],
            "east": velocity[0], "north": velocity[1], "climb": velocity[2],
            "callsign": fleet.who.callsign[i], "category": fleet.who.category[i], "mode3a": fleet.who.mode3a[i],
            "emergency": fleet.who.emergency[i], "nic": self.gnss.nic[i], "nac_p": self.gnss.nac_p[i],
            "ground": ((phase == fly.GROUND) | (phase == fly.ROLLOUT)).astype(np.int64),
        }  # fmt: skip

    @staticmethod
    def _messages(c: dict[str, npt.NDArray[Any]]) -> tuple[npt.NDArray[np.uint8], Ints]:
        n = len(c["kind"])
        out = np.zeros((n, 14), np.uint8)
        lengths = np.full(n, 14, np.int64)

        def at(kind: int, ground: int | None = None) -> Ints:
            chosen = c["kind"] == kind
            return np.flatnonzero(chosen if ground is None else chosen & (c["ground"] == ground))

        def of(k: Ints, *names: str) -> list[npt.NDArray[Any]]:
            return [c[name][k] for name in names]

        if (k := at(q.POSITION, 0)).size:
            out[k] = encode.df17_position(
                *of(k, "icao24", "lat", "lon", "press", "odd"), type_code=encode.type_code_of_nic(c["nic"][k]),
                surveillance_status=np.where(c["emergency"][k] > 0, 1, 0),
            )  # fmt: skip
        if (k := at(q.POSITION, 1)).size:
            out[k] = encode.df17_surface(*of(k, "icao24", "lat", "lon", "east", "north", "odd"))
        if (k := at(q.VELOCITY)).size:
            difference = c["geo"][k] - c["press"][k]
            out[k] = encode.df17_velocity(*of(k, "icao24", "east", "north", "climb"), geo_minus_press_m=difference)
        if (k := at(q.IDENTIFICATION)).size:
            group, kind = np.divmod(c["category"][k], 8)
            out[k] = encode.df17_identification(*of(k, "icao24", "callsign"), category_set=group, category=kind)
        if (k := at(q.STATUS)).size:
            out[k] = encode.df17_operational_status(c["icao24"][k], nac_p=c["nac_p"][k], on_ground=c["ground"][k])
        if (k := at(q.EMERGENCY)).size:
            out[k] = encode.df17_emergency(*of(k, "icao24", "emergency", "mode3a"))
        if (k := at(q.ACQUISITION)).size:
            out[k, :7] = encode.df11(c["icao24"][k], capability=np.where(c["ground"][k] > 0, 4, 5))
            lengths[k] = 7
        return out, lengths

    def _plots(
        self, c: dict[str, npt.NDArray[Any]], receiver: Ints, place: Ints, start_ns: int, rx_ns: Ints, signal: Floats
    ) -> Rows:
        heard = np.flatnonzero(c["kind"][place] == q.POSITION)
        p = place[heard]
        rows = PLOT.empty(heard.size)
        rows["toa_ns"] = start_ns + np.rint(c["t_s"][p] * NS_PER_S).astype(np.int64)
        rows["rx_ns"] = rx_ns[heard]
        rows["sensor_id"] = np.array([row.sensor.id for row in self.rows], np.uint16)[receiver[heard]]
        rows["kind"] = PLOT_KIND["adsb"]
        rows["lat_deg"] = c["lat"][p]
        rows["lon_deg"] = c["lon"][p]
        rows["press_alt_m"] = np.where(c["ground"][p] > 0, np.nan, c["press"][p])
        rows["icao24"] = c["icao24"][p]
        rows["nic"] = c["nic"][p]
        rows["signal_dbfs"] = signal[heard]
        rows["flags"] = (
            FLAG_SIMULATED | np.where(c["ground"][p] > 0, FLAG_ON_GROUND, 0)
            | np.where(c["emergency"][p] > 0, FLAG_EMERGENCY, 0)
        )  # fmt: skip
        return rows
