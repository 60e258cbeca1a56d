"""Remote ID receivers: what drones broadcast once a second, as radio frames in the datagrams of a gateway.

A drone with ``remote_id`` sends a Wi-Fi beacon with a pack: its serial number, its place and motion, where its operator
stands (where the flight began), and the operator's registration. It has no simulated bit: the link says so.
Source: ASTM F3411-22a, 5.4 (broadcast once a second); ``wire.remoteid`` for the octets.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from vigie.earth.wgs84 import ecef_to_geodetic_many
from vigie.simulate import fleet as fl
from vigie.simulate import fly
from vigie.simulate.beast_out import Navigation
from vigie.simulate.draw import key_of, normal_many, uniform_many
from vigie.simulate.fleet import Fleet
from vigie.simulate.outbox import Outbox
from vigie.simulate.reporter import Reporter
from vigie.terms.tables import FLAG_ON_GROUND, FLAG_SIMULATED, PLOT, PLOT_KIND, Rows
from vigie.terms.units import NS_PER_S
from vigie.wire.remoteid import encode
from vigie.wire.remoteid.layout import STATUS_AIRBORNE, STATUS_GROUND

_RADIOTAP: Final = 127
_TENTH_NS: Final = 100_000_000
_FADES: Final = 0.5
"""Share of the range within which a receiver hears with its full probability; then it falls to none."""
_DBM_AT_1_KM: Final = -70.0


class RemoteIdReceiver(Reporter):
    """One receiver: it looks every period, and hears one beacon of each drone in it."""

    def look(self, fleet: Fleet, gnss: Navigation, at_s: float, number: int, outbox: Outbox) -> Rows:
        """Send on the beacons of one period."""
        sensor = self.row.sensor
        i, local, xyz = self.seen(fleet, self.there(fleet, fl.REMOTE), at_s)
        r = np.sqrt((local**2).sum(axis=1))
        draws = self.draws(number, i)
        chance = np.clip((1.0 - r / sensor.max_range_m) / (1.0 - _FADES), 0.0, 1.0) * sensor.detection_probability
        heard = uniform_many(key_of(int(self.key), 1), draws) < chance
        i, xyz, r, draws = i[heard], xyz[heard], r[heard], draws[heard]
        if not i.size:
            return PLOT.empty()
        sent_ns = self.start_ns + round(at_s * NS_PER_S)
        place = ecef_to_geodetic_many(np.ascontiguousarray(xyz))
        when = np.full(i.size, at_s)
        lat, lon = np.degrees(place[:, 0]) + gnss.lat_deg[i], np.degrees(place[:, 1]) + gnss.lon_deg[i]
        velocity = fleet.velocity_at(i, when, lat, lon)
        press = fleet.press_alt_at(i, when)
        signal = _DBM_AT_1_KM - 20.0 * np.log10(np.maximum(r, 10.0) / 1000.0)
        signal += 3.0 * normal_many(key_of(int(self.key), 2), draws)[0]
        phase = fleet.mode[fly.PHASE, i]
        ground = (phase == fly.GROUND) | (phase == fly.ROLLOUT)
        frames = []
        for k, aircraft in enumerate(i.tolist()):
            drone, one = fleet.rows[aircraft], slice(k, k + 1)
            location = encode.locations(
                lat[one], lon[one], time_ns=np.array([sent_ns], np.int64), geo_alt_m=place[one, 2],
                press_alt_m=press[one], v_east_mps=velocity[0, one], v_north_mps=velocity[1, one],
                climb_mps=velocity[2, one], status=STATUS_GROUND if ground[k] else STATUS_AIRBORNE,
            )  # fmt: skip
            start = drone.route[0]
            messages = [
                encode.basic_id(drone.remote_id), location.tobytes(),
                encode.system(start.lat_deg, start.lon_deg, time_ns=sent_ns, place_type=0),
            ]  # fmt: skip
            if drone.operator_id:
                messages.append(encode.operator_id(drone.operator_id))
            sender = b"\x02\x56\x49" + (aircraft + 1).to_bytes(3, "big")  # a locally administered address
            beacon = encode.wifi_beacon(
                sender, encode.pack(messages), number & 255, signal_dbm=math.floor(max(min(signal[k], -1.0), -120.0))
            )
            frames.append(encode.envelope(_RADIOTAP, beacon))
        ends = np.concatenate([[0], np.cumsum([len(f) for f in frames])]).astype(np.int64)
        rx_ns = sent_ns + self.delay_ns + 1_000_000 * np.arange(i.size)
        data = np.frombuffer(b"".join(frames), np.uint8)
        outbox.add_runs(rx_ns, np.full(i.size, self.link), Outbox.REMOTE_ID, data, ends)
        rows = PLOT.empty(i.size)
        rows["toa_ns"], rows["rx_ns"] = (sent_ns + _TENTH_NS // 2) // _TENTH_NS * _TENTH_NS, rx_ns
        rows["sensor_id"], rows["kind"] = sensor.id, PLOT_KIND["remote_id"]
        rows["lat_deg"], rows["lon_deg"] = np.round(lat * 1e7) / 1e7, np.round(lon * 1e7) / 1e7
        rows["geo_alt_m"], rows["press_alt_m"] = np.round(place[:, 2] * 2.0) / 2.0, np.round(press * 2.0) / 2.0
        rows["v_east_mps"], rows["v_north_mps"], rows["climb_mps"] = velocity
        rows["callsign"] = [fleet.rows[a].remote_id[-8:].encode() for a in i.tolist()]
        rows["flags"] = FLAG_SIMULATED | np.where(ground, FLAG_ON_GROUND, 0)
        return rows
