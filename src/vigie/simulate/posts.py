"""Observers and acoustic posts: bearings with error, false reports and delay, as CAT205 messages.

An observer sees whom nothing hides; an acoustic post hears the sound of where an aircraft was when it left it, so the
bearing lags the faster the farther it flies. Both notice an aircraft the more surely the nearer it is, and now and then
one that is not there. CAT205 is the category of direction finders, whose bearings are of the same kind: message type 5
carries a bearing, type 4 says that nothing is noticed. It has no simulated bit: the link says so.
Source: EUROCONTROL-SPEC-0149-205, edition 1.0, I205/000, I205/030, I205/070.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from vigie.simulate.asterix_records import time_of_day_s
from vigie.simulate.beast_out import Navigation
from vigie.simulate.datagrams import pack
from vigie.simulate.draw import key_of, normal_many, uniform_many, unit_of
from vigie.simulate.fleet import Fleet
from vigie.simulate.outbox import Outbox
from vigie.simulate.reporter import Floats, Ints, Reporter
from vigie.terms.tables import FLAG_SIMULATED, PLOT, PLOT_KIND, Rows
from vigie.terms.units import DEG_PER_RAD, NS_PER_S
from vigie.wire.asterix.encode import encode_records

SOUND_MPS: Final = 340.0
EDITION: Final = "1.0"
_BEARING, _NOTHING = 5, 4
_STEP_RAD: Final = math.radians(0.01)
_SURE: Final = 0.6
"""Share of the range within which an aircraft is noticed with the post's full probability; then it falls to none."""


class Post(Reporter):
    """One observer or one acoustic post."""

    def say_alive(self, at_s: float, number: int, outbox: Outbox) -> None:
        """Say nothing here: ``look`` tells that nothing was noticed."""
        if self.mute:
            self._send(np.zeros(0), np.zeros(0, np.int64), at_s, outbox)

    def look(self, fleet: Fleet, gnss: Navigation, at_s: float, number: int, outbox: Outbox) -> Rows:
        """Report the bearings of one look."""
        sensor, physics = self.row.sensor, self.row.physics
        i, local, _ = self.seen(fleet, self.there(fleet, 0), at_s)
        if self.row.kind == "acoustic":
            local = local - self._lag(fleet, i, local, at_s)
        r = np.sqrt((local**2).sum(axis=1))
        draws = self.draws(number, i)
        chance = np.clip((1.0 - r / sensor.max_range_m) / (1.0 - _SURE), 0.0, 1.0) * sensor.detection_probability
        noticed = uniform_many(key_of(int(self.key), 1), draws) < chance
        error = normal_many(key_of(int(self.key), 2), draws)[0] * sensor.azimuth_sd_rad
        true = np.arctan2(local[:, 0], local[:, 1]) + error + math.radians(physics.get("azimuth_bias_deg", 0.0))
        bearings = np.concatenate([true[noticed], self._false(number, sensor.period_s)])
        wait_s = np.zeros(bearings.size, np.float64)
        if "jitter_s" in physics:
            wait_s = -np.log(uniform_many(key_of(int(self.key), 3), number * 4096 + np.arange(bearings.size)))
            wait_s *= physics["jitter_s"]
        return self._send(bearings, np.rint(wait_s * NS_PER_S).astype(np.int64), at_s, outbox)

    def _lag(self, fleet: Fleet, i: Ints, local: Floats, at_s: float) -> Floats:
        """Return how far (east, north, up) each aircraft flew since the sound left it that is heard now."""
        f = at_s - (fleet.now_s - 1)
        velocity = (fleet.before[3:, i] + f * (fleet.after[3:, i] - fleet.before[3:, i])).T @ self.enu.T
        sound = self.row.physics.get("sound_mps", SOUND_MPS)
        # |p - v s| = sound * s: the way of the sound is the distance to where it left.
        pv, vv, pp = ((a * b).sum(axis=1) for a, b in ((local, velocity), (velocity, velocity), (local, local)))
        rest = sound * sound - vv
        safe = np.where(rest > 1.0, rest, np.nan)  # who flies faster than sound is heard when he has passed
        s = (-pv + np.sqrt(pv * pv + safe * pp)) / safe
        lag: Floats = velocity * np.nan_to_num(s, nan=1e6)[:, None]
        return lag

    def _false(self, number: int, period_s: float) -> Floats:
        mean = self.row.physics.get("false_per_hour", 0.0) * period_s / 3600.0
        count, product = 0, unit_of(int(self.key), 4, number, 0)
        while mean > 0.0 and product > math.exp(-mean):
            count += 1
            product *= unit_of(int(self.key), 4, number, count)
        return np.array([2.0 * math.pi * unit_of(int(self.key), 5, number, k) for k in range(count)])

    def _send(self, bearings: Floats, wait_ns: Ints, at_s: float, outbox: Outbox) -> Rows:
        """Send one datagram a bearing, or one that says that there is none."""
        sensor, n = self.row.sensor, bearings.size
        rows = PLOT.empty(n)
        rows["toa_ns"] = self.toa_ns(at_s)
        rows["rx_ns"] = self.start_ns + round(at_s * NS_PER_S) + self.delay_ns + wait_ns
        rows["sensor_id"], rows["kind"], rows["flags"] = sensor.id, PLOT_KIND["bearing"], FLAG_SIMULATED
        rows["azimuth_rad"] = np.rint(bearings / _STEP_RAD) % 36_000 * _STEP_RAD
        many = max(n, 1)
        columns = {
            "010/SAC": np.full(many, sensor.sac), "010/SIC": np.full(many, sensor.sic),
            "000": np.full(many, _BEARING if n else _NOTHING),
            "030": time_of_day_s(np.full(many, self.toa_ns(at_s), np.int64)),
            "070": rows["azimuth_rad"] * DEG_PER_RAD if n else np.full(1, np.nan),
        }  # fmt: skip
        data, offsets = encode_records(205, EDITION, columns)
        out, ends = pack(205, data, offsets, np.arange(many))
        rx_ns = rows["rx_ns"] if n else np.array([self.start_ns + round(at_s * NS_PER_S) + self.delay_ns])
        outbox.add_runs(rx_ns, np.full(many, self.link), Outbox.ASTERIX, out, ends)
        return rows
