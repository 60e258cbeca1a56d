"""What a drone says of itself by Remote ID, checked: its motion, its operator, its transmitter, its namesakes.

Remote ID is a broadcast without proof, and deceivers for it can be had ready-made. Here only what cannot be true
counts: a place that the stated speed does not lead to, a speed that no small drone has, an operator farther away than
any radio reaches, one transmitter with several identities, one identity from several transmitters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from vigie.terms.tables import PLOT_KIND, Rows
from vigie.terms.units import NS_PER_S

OTHERWISE: Final = 256
TOO_FAST: Final = 512
OPERATOR_FAR: Final = 1024
SEVERAL_IDS: Final = 2048
SEVERAL_SENDERS: Final = 4096
DRONE_BITS: Final = OTHERWISE | TOO_FAST | OPERATOR_FAR | SEVERAL_IDS | SEVERAL_SENDERS
DRONE_WORDS: Final = {
    OTHERWISE: "moves otherwise than it says",
    TOO_FAST: "is faster than a small drone can be",
    OPERATOR_FAR: "its operator is farther away than any radio reaches",
    SEVERAL_IDS: "one transmitter has several identities",
    SEVERAL_SENDERS: "several transmitters have its identity",
}

FASTEST_MPS: Final = 90.0
"""Above this no aircraft that sends Remote ID flies level: racing drones reach 70 m/s."""
SLACK_MPS: Final = 20.0
"""Between the stated speed and what the places say: gusts, rounding, a manoeuvre within the interval."""
SLACK_M: Final = 60.0
"""Between two places: their stated accuracies beside."""
OPERATOR_M: Final = 30_000.0
"""Farther than this no operator of Remote ID stands: control radios of that class end at 20 km."""
_REMEMBERED_NS: Final = 60 * NS_PER_S
_LATE_NS: Final = 10 * NS_PER_S
_MOST: Final = 20_000
_NEAR_M: Final = 400.0
_KIND: Final = PLOT_KIND["remote_id"]
_M_PER_DEG: Final = 111_195.0


@dataclass(slots=True)
class _Drone:
    """What is held of one drone of one receiver."""

    toa_ns: int
    lat_deg: float
    lon_deg: float
    speed_mps: float
    callsign: bytes
    bits: int = 0
    lasting: int = 0
    strikes: int = 0


def distance_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Return the distance of two places (degrees) on the sphere in metres, by the haversine."""
    a, b = math.radians(lat1), math.radians(lat2)
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2.0 * 6_371_000.0 * math.asin(min(1.0, math.sqrt(h)))


class DroneClaims:
    """Remembers the drones heard within the last minute; ``bits_of`` tells what contradicts a track's drone."""

    def __init__(self) -> None:
        self._drones: dict[tuple[int, int], _Drone] = {}
        self._senders: dict[bytes, dict[int, int]] = {}

    def step(self, plots: Rows, remote_ids: Rows, now_ns: int) -> bool:
        """Take the rows of one tick; return whether there is anything to ask for."""
        if len(plots):
            self._motion(plots[plots["kind"] == _KIND])
        if len(remote_ids):
            self._said(remote_ids)
        if self._drones and now_ns % NS_PER_S == 0:
            old = [key for key, d in self._drones.items() if now_ns - d.toa_ns > _REMEMBERED_NS]
            for key in old:
                del self._drones[key]
            for name in [n for n, heard in self._senders.items() if now_ns - max(heard.values()) > _REMEMBERED_NS]:
                del self._senders[name]
        return bool(self._drones)

    def bits_of(self, callsign: str, lat_deg: float, lon_deg: float) -> int:
        """Return the bits of the drone that a track is: the one of its name, else the one at its place."""
        name = callsign.encode("ascii", "replace")
        found = 0
        for d in self._drones.values():
            if not d.bits | d.lasting:
                continue
            same = (
                d.callsign == name
                if name
                else abs(d.lat_deg - lat_deg) * _M_PER_DEG < _NEAR_M
                and (distance_m(d.lat_deg, d.lon_deg, lat_deg, lon_deg) < _NEAR_M)
            )
            if same:
                found |= d.bits | d.lasting
        return found

    def _motion(self, plots: Rows) -> None:
        names = ("sensor_id", "source_track_no", "toa_ns", "lat_deg", "lon_deg", "v_east_mps", "v_north_mps",
                 "pos_sd_m", "callsign")  # fmt: skip
        for row in zip(*(plots[name].tolist() for name in names), strict=True):
            sensor, number, toa, lat, lon, east, north, sd, callsign = row
            speed = math.hypot(east, north)
            d = self._drones.get((sensor, number))
            if d is None:
                if len(self._drones) < _MOST:
                    self._drones[sensor, number] = _Drone(toa, lat, lon, speed, callsign)
                    if speed > FASTEST_MPS:
                        self._drones[sensor, number].bits |= TOO_FAST
                continue
            passed_s = (toa - d.toa_ns) / NS_PER_S
            if passed_s < 0.5:  # the same place once more, or too near to tell
                continue
            if passed_s <= _LATE_NS / NS_PER_S:
                moved = distance_m(d.lat_deg, d.lon_deg, lat, lon)
                slack = SLACK_M + (3.0 * sd if sd < 1_000.0 else 0.0)
                most = max((s for s in (speed, d.speed_mps) if not math.isnan(s)), default=math.nan)
                if moved - slack > FASTEST_MPS * passed_s or speed > FASTEST_MPS:
                    d.bits |= TOO_FAST
                if not math.isnan(most) and moved - slack > (most + SLACK_MPS) * passed_s:
                    d.strikes += 1
                    if d.strikes >= 2:  # once may be a drone that hung on its last place
                        d.bits |= OTHERWISE
            d.toa_ns, d.lat_deg, d.lon_deg, d.speed_mps, d.callsign = toa, lat, lon, speed, callsign

    def _said(self, rows: Rows) -> None:
        for row in rows:
            d = self._drones.get((int(row["sensor_id"]), int(row["source_track_no"])))
            if row["uas_id"] and row["sender"]:
                heard = self._senders.setdefault(bytes(row["uas_id"]), {})
                heard[int(row["sender"])] = int(row["rx_ns"])
            if d is None:
                continue
            d.lasting = 0
            if row["identities"] > 1:
                d.lasting |= SEVERAL_IDS
            if len(self._senders.get(bytes(row["uas_id"]), ())) > 1:
                d.lasting |= SEVERAL_SENDERS
            lat, lon = float(row["operator_lat_deg"]), float(row["operator_lon_deg"])
            if not math.isnan(lat) and distance_m(d.lat_deg, d.lon_deg, lat, lon) > OPERATOR_M:
                d.lasting |= OPERATOR_FAR
