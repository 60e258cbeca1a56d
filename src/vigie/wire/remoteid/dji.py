"""DroneID of DJI: the telemetry record in the vendor element 26-37-12 of its beacons, both ways.

*Unverified*: DJI publishes no document. The layout is what several readers found by observation (the Kismet project;
Department 13, "Anatomy of DJI's Drone Identification Implementation", 2017; RemoteIDReceiver of armasuisse); they agree
on places and identities, less on units of heights and speeds: metres, tenths of a metre and cm/s are taken here.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.wire.remoteid.fields import Texts, text
from vigie.wire.remoteid.layout import F8, I8, Octets

FLIGHT_OCTETS: Final = {1: 75, 2: 87}
"""Octets of a telemetry record by its version."""
LONGEST: Final = 87
_PER_DEG: Final = 174_532.925_199_432_96
"""Steps of a coordinate in a degree: it is given in radians times 10^7."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flights:
    """Telemetry records, as columns; NaN and empty where a record does not tell."""

    good: I8
    """1 where version and length are known ones, else 0: then nothing else of the row counts."""
    sequence: I8
    serial: Texts
    uuid: Texts
    lat_deg: F8
    lon_deg: F8
    amsl_m: F8
    height_m: F8
    v_north_mps: F8
    v_east_mps: F8
    climb_mps: F8
    yaw_rad: F8
    home_lat_deg: F8
    home_lon_deg: F8
    app_lat_deg: F8
    app_lon_deg: F8
    product: I8


def flights(data: Octets, offsets: I8, lengths: I8) -> Flights:
    """Return the fields of the records that begin (with their version) at ``offsets``."""
    safe = np.minimum(offsets[:, None] + np.arange(LONGEST), max(len(data) - 1, 0))
    m: Octets = data[safe]
    version = m[:, 0].astype(np.int64)
    sizes = np.array([FLIGHT_OCTETS.get(v, 1 << 30) for v in range(256)])[version]
    second = version == 2

    def number(at: int, kind: str) -> F8:
        size = np.dtype(kind).itemsize
        return np.ascontiguousarray(m[:, at : at + size]).view(kind).reshape(-1).astype(np.float64)

    def either(first_at: int, second_at: int, kind: str) -> F8:
        return np.where(second, number(second_at, kind), number(first_at, kind))

    lon, lat = _degrees(number(21, "<i4"), number(25, "<i4"))
    app_lat, app_lon = _degrees(number(49, "<i4"), number(53, "<i4"), swap=True)
    home_lon, home_lat = _degrees(either(45, 57, "<i4"), either(49, 61, "<i4"))
    nothing = np.full(len(m), np.nan)
    yaw = either(43, 39, "<i2") / 100.0
    return Flights(
        good=(lengths >= sizes).astype(np.int64),
        sequence=number(1, "<u2").astype(np.int64),
        serial=text(m, 5, 21),
        uuid=np.where(second, np.where(m[:, 67] == 0, text(m, 68, 87), text(m, 67, 87)), text(m, 55, 75)),
        lat_deg=lat,
        lon_deg=lon,
        amsl_m=number(29, "<i2"),
        height_m=number(31, "<i2") / 10.0,
        v_north_mps=number(33, "<i2") / 100.0,
        v_east_mps=number(35, "<i2") / 100.0,
        climb_mps=number(37, "<i2") / 100.0,
        yaw_rad=np.radians(yaw),
        home_lat_deg=home_lat,
        home_lon_deg=home_lon,
        app_lat_deg=np.where(second, app_lat, nothing),
        app_lon_deg=np.where(second, app_lon, nothing),
        product=either(53, 65, "u1").astype(np.int64),
    )


def _degrees(first: F8, second: F8, *, swap: bool = False) -> tuple[F8, F8]:
    """Return (longitude, latitude), or as given with ``swap``, in degrees; both zero, or off the globe, is unknown."""
    a, b = first / _PER_DEG, second / _PER_DEG
    lon, lat = (b, a) if swap else (a, b)
    bad = ((lat == 0.0) & (lon == 0.0)) | (np.abs(lat) > 90.0) | (np.abs(lon) > 180.0)
    return np.where(bad, np.nan, a), np.where(bad, np.nan, b)


def flight_record(
    serial: str, lat_deg: float, lon_deg: float, *, sequence: int = 0, amsl_m: float = 0.0, height_m: float = 0.0,
    v_north_mps: float = 0.0, v_east_mps: float = 0.0, climb_mps: float = 0.0, yaw_rad: float = 0.0,
    app_lat_deg: float = 0.0, app_lon_deg: float = 0.0, home_lat_deg: float = 0.0, home_lon_deg: float = 0.0,
    product: int = 0, uuid: str = "",
) -> bytes:  # fmt: skip
    """Return a telemetry record of version 2, 87 octets, as it stands behind the sub-command 0x10."""
    speeds = (round(v * 100) for v in (v_north_mps, v_east_mps, climb_mps))
    places = (round(d * _PER_DEG) for d in (app_lat_deg, app_lon_deg, home_lon_deg, home_lat_deg))  # in this order
    return struct.pack(
        "<BHH16siihhhhhhQiiiiBB20s", 2, sequence & 0xFFFF, 0x1F33, serial.encode("ascii", "replace"),
        round(lon_deg * _PER_DEG), round(lat_deg * _PER_DEG), round(amsl_m), round(height_m * 10), *speeds,
        round(math.degrees(yaw_rad) * 100), 0, *places, product, len(uuid), uuid.encode("ascii", "replace"),
    )  # fmt: skip


def beacon(sender: bytes, record: bytes) -> bytes:
    """Return a beacon with its radiotap header (link type 127) that carries a telemetry record of DJI."""
    vendor = bytes.fromhex("26371258621310") + record
    body = struct.pack("<QHH", 0, 100, 0x0421) + bytes([0, 0]) + bytes([221, len(vendor)]) + vendor
    head = bytes([0x80, 0, 0, 0]) + b"\xff" * 6 + sender + sender + b"\0\0"
    return struct.pack("<BBHI", 0, 0, 8, 0) + head + body
