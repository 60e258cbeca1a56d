"""Remote ID written: messages of 25 octets, packs, and the radio frames that carry them.

The simulator's drones speak through it. ``locations`` writes many messages at once; the others change seldom.
Sources as in ``fields`` and ``air``.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Final

import numpy as np

from vigie.terms.errors import WireError
from vigie.terms.units import NS_PER_S
from vigie.wire.remoteid.layout import (
    AUTHENTICATION,
    BASIC_ID,
    ENVELOPE,
    EPOCH_2019_S,
    F8,
    HORIZONTAL_M,
    HOUR_NS,
    I8,
    LOCATION,
    MESSAGE_OCTETS,
    NO_TIME,
    OPERATOR_ID,
    PACK,
    PACK_MESSAGES,
    SELF_ID,
    SPEED_MPS,
    STATUS_AIRBORNE,
    SYSTEM,
    VERTICAL_M,
    Octets,
)

VERSION: Final = 2
"""Protocol version of ASTM F3411-22a and EN 4709-002."""
_TENTH_NS: Final = 100_000_000
_BROADCAST: Final = b"\xff" * 6
_NAN_CLUSTER: Final = bytes.fromhex("506f9a010000")
_NAN_GROUP: Final = bytes.fromhex("516f9a010000")
_NAN_SERVICE: Final = bytes.fromhex("8869199d9209")


def accuracy_code(bound: float, table: Sequence[float]) -> int:
    """Return the code of the tightest class of ``table`` that holds a 95 % bound; 0 where the bound is unknown."""
    best = 0
    for code, limit in enumerate(table):
        if math.isfinite(limit) and bound <= limit and (best == 0 or limit < table[best]):
            best = code
    return best


def basic_id(uas_id: str, *, id_type: int = 1, ua_type: int = 2) -> bytes:
    """Return a basic ID message; ``id_type`` 1 is a serial number, 2 a registration; ``ua_type`` 2 a multirotor."""
    return bytes([BASIC_ID << 4 | VERSION, id_type << 4 | ua_type]) + _text(uas_id, 20) + b"\0" * 3


def self_id(words: str, *, kind: int = 0) -> bytes:
    """Return a self ID message: what the operator says of the flight, up to 23 characters."""
    return bytes([SELF_ID << 4 | VERSION, kind]) + _text(words, 23)


def operator_id(name: str, *, kind: int = 0) -> bytes:
    """Return an operator ID message: the registration number of the operator, up to 20 characters."""
    return bytes([OPERATOR_ID << 4 | VERSION, kind]) + _text(name, 20) + b"\0" * 3


def system(
    operator_lat_deg: float, operator_lon_deg: float, *, time_ns: int, operator_geo_alt_m: float = math.nan,
    place_type: int = 1, area_count: int = 1, area_radius_m: float = 0.0, area_ceiling_m: float = math.nan,
    area_floor_m: float = math.nan, eu_category: int = 0, eu_class: int = 0,
) -> bytes:  # fmt: skip
    """Return a system message: where the operator stands (``place_type`` 0 take-off, 1 live, 2 fixed), and the area."""
    flags = (1 if eu_category or eu_class else 0) << 2 | place_type
    seconds = time_ns // NS_PER_S - EPOCH_2019_S
    return struct.pack(
        "<BBiiHBHHBHIB", SYSTEM << 4 | VERSION, flags, _e7(operator_lat_deg), _e7(operator_lon_deg), area_count,
        min(255, round(area_radius_m / 10)), _height(area_ceiling_m), _height(area_floor_m),
        eu_category << 4 | eu_class, _height(operator_geo_alt_m), min(max(seconds, 0), 0xFFFFFFFF), 0,
    )  # fmt: skip


def authentication(octets: bytes, *, kind: int, time_ns: int) -> list[bytes]:
    """Return the pages of an authentication message that carries up to 255 octets (a signature, or another proof)."""
    if len(octets) > 255:
        raise WireError(f"an authentication message holds at most 255 octets, found {len(octets)}")
    pieces = [octets[:17], *(octets[at : at + 23] for at in range(17, len(octets), 23))]
    seconds = max(0, time_ns // NS_PER_S - EPOCH_2019_S)
    first = struct.pack("<BBI", len(pieces) - 1, len(octets), seconds) + pieces[0].ljust(17, b"\0")
    bodies = [first, *(piece.ljust(23, b"\0") for piece in pieces[1:])]
    return [bytes([AUTHENTICATION << 4 | VERSION, kind << 4 | page]) + body for page, body in enumerate(bodies)]


def locations(
    lat_deg: F8, lon_deg: F8, *, time_ns: I8, geo_alt_m: F8, press_alt_m: F8 | None = None, height_m: F8 | None = None,
    v_east_mps: F8, v_north_mps: F8, climb_mps: F8, horizontal_m: float = 10.0, vertical_m: float = 10.0,
    speed_error_mps: float = 1.0, status: int = STATUS_AIRBORNE,
) -> Octets:  # fmt: skip
    """Return location messages, uint8[n, 25], from arrays of length n; ``horizontal_m`` etc. are 95 % bounds."""
    n = len(lat_deg)
    out = np.zeros((n, MESSAGE_OCTETS), np.uint8)
    speed = np.hypot(v_east_mps, v_north_mps)
    course = np.degrees(np.arctan2(v_east_mps, v_north_mps)) % 360.0
    whole = np.round(np.where(np.isfinite(course), course, 361.0)).astype(np.int64)
    whole[whole == 360] = 0
    east = whole >= 180
    fast = ~(speed <= 255 * 0.25)
    code = np.where(fast, np.round((speed - 255 * 0.25) / 0.75), np.round(speed * 4.0))
    code = np.where(np.isfinite(speed), np.minimum(code, 254 + ~fast), 255)
    out[:, 0] = LOCATION << 4 | VERSION
    out[:, 1] = status << 4 | east << 1 | fast
    out[:, 2] = np.where(east, whole - 180, whole)
    out[:, 3] = code.astype(np.int64)
    climb = np.where(np.isfinite(climb_mps), np.clip(np.round(climb_mps * 2.0), -124, 124), 126).astype(np.int8)
    out[:, 4] = climb.view(np.uint8)
    known = np.isfinite(lat_deg) & np.isfinite(lon_deg)
    for at, values in ((5, lat_deg), (9, lon_deg)):
        out[:, at : at + 4] = _octets(np.where(known, np.round(np.nan_to_num(values) * 1e7), 0), "<i4")
    unknown = np.full(n, np.nan)
    for at, heights in ((13, press_alt_m), (15, geo_alt_m), (17, height_m)):
        steps = np.round(((unknown if heights is None else heights) + 1000.0) * 2.0)
        out[:, at : at + 2] = _octets(np.where(np.isfinite(steps), np.clip(steps, 0, 65_535), 0), "<u2")
    out[:, 19] = accuracy_code(vertical_m, VERTICAL_M) << 4 | accuracy_code(horizontal_m, HORIZONTAL_M)
    out[:, 20] = accuracy_code(speed_error_mps, SPEED_MPS)
    tenths = np.where(time_ns < 0, NO_TIME, (time_ns % HOUR_NS + _TENTH_NS // 2) // _TENTH_NS % 36_000)
    out[:, 21:23] = _octets(tenths, "<u2")
    out[:, 23] = 1
    return out


def pack(messages: Sequence[bytes]) -> bytes:
    """Return a message pack of up to nine messages; WireError names what does not fit."""
    if len(messages) > PACK_MESSAGES or any(len(m) != MESSAGE_OCTETS for m in messages):
        sizes = sorted({len(m) for m in messages})
        raise WireError(f"a pack holds up to 9 messages of 25 octets, found {len(messages)} of {sizes} octets")
    return bytes([PACK << 4 | VERSION, MESSAGE_OCTETS, len(messages)]) + b"".join(messages)


def wifi_beacon(sender: bytes, packed: bytes, counter: int, *, ssid: str = "", signal_dbm: int | None = None) -> bytes:
    """Return a beacon with its radiotap header (link type 127) that carries a pack in the vendor element FA-0B-BC."""
    name = ssid.encode()[:32]
    vendor = bytes([0xFA, 0x0B, 0xBC, 13, counter & 255]) + packed
    body = struct.pack("<QHH", 0, 100, 0x0421) + bytes([0, len(name)]) + name + bytes([221, len(vendor)]) + vendor
    return _radiotap(signal_dbm) + _management(0x80, _BROADCAST, sender, sender) + body


def wifi_nan(sender: bytes, packed: bytes, counter: int, *, signal_dbm: int | None = None) -> bytes:
    """Return a NAN service discovery frame with its radiotap header (link type 127) that carries a pack."""
    info = bytes([len(packed) + 1, counter & 255]) + packed
    service = _NAN_SERVICE + bytes([1, 0, 0x10]) + info
    body = bytes.fromhex("0409506f9a13") + struct.pack("<BH", 3, len(service)) + service
    return _radiotap(signal_dbm) + _management(0xD0, _NAN_GROUP, sender, _NAN_CLUSTER) + body


def bluetooth4(sender: bytes, message: bytes, counter: int, *, signal_dbm: int | None = None) -> bytes:
    """Return a legacy LE advertisement (link type 256) that carries one message."""
    ad = bytes([30, 0x16, 0xFA, 0xFF, 0x0D, counter & 255]) + message
    payload = sender[::-1] + ad
    return _phdr(signal_dbm, 0) + _ACCESS + bytes([0x42, len(payload)]) + payload + _NO_CRC


def bluetooth5(sender: bytes, packed: bytes, counter: int, *, signal_dbm: int | None = None) -> bytes:
    """Return an extended advertisement on the coded PHY (link type 256) that carries a pack."""
    ad = bytes([5 + len(packed), 0x16, 0xFA, 0xFF, 0x0D, counter & 255]) + packed
    payload = bytes([9, 0x09]) + sender[::-1] + b"\0\0" + ad
    return _phdr(signal_dbm, 2) + _ACCESS + b"\0" + bytes([0x07, len(payload)]) + payload + _NO_CRC


def envelope(link_type: int, radio_frame: bytes) -> bytes:
    """Return a radio frame as it stands in a FRAME or in a gateway's datagram: "RF", the link type, the frame."""
    return ENVELOPE + link_type.to_bytes(2, "big") + radio_frame


_ACCESS: Final = bytes.fromhex("d6be898e")
_NO_CRC: Final = b"\0\0\0"


def _text(words: str, size: int) -> bytes:
    octets = words.encode("ascii", "replace")
    if len(octets) > size:
        raise WireError(f"{words!r} has {len(octets)} characters, at most {size} fit")
    return octets.ljust(size, b"\0")


def _e7(degrees: float) -> int:
    return round(degrees * 1e7) if math.isfinite(degrees) else 0


def _height(metres: float) -> int:
    return min(max(round((metres + 1000.0) * 2.0), 0), 65_535) if math.isfinite(metres) else 0


def _octets(values: F8 | I8, kind: str) -> Octets:
    return np.ascontiguousarray(values.astype(kind)).view(np.uint8).reshape(len(values), -1)


def _radiotap(signal_dbm: int | None) -> bytes:
    if signal_dbm is None:
        return struct.pack("<BBHI", 0, 0, 8, 0)
    return struct.pack("<BBHIb", 0, 0, 9, 1 << 5, signal_dbm)


def _management(kind: int, to: bytes, sender: bytes, network: bytes) -> bytes:
    return bytes([kind, 0, 0, 0]) + to + sender + network + b"\0\0"


def _phdr(signal_dbm: int | None, phy: int) -> bytes:
    flags = 0x0001 | (0 if signal_dbm is None else 0x0002) | phy << 14  # dewhitened, signal valid
    return struct.pack("<BbbBIH", 37, signal_dbm or 0, 0, 0, 0x8E89BED6, flags)
