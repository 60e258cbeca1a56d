"""The fields of Remote ID messages, for many messages at a time: columns in SI units from matrices of octets.

Each function takes uint8[n, 25] (the messages of one type) and gives columns of length n; what a message does not tell
is NaN (numbers), 0 (codes) or empty (text). All numbers little-endian.
Sources: ASTM F3411-22a 5.4.5 and EN 4709-002 annex, by the packed structures of opendroneid-core-c (Apache-2.0).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vigie.terms.units import NS_PER_S
from vigie.wire.remoteid.layout import (
    AUTHENTICATION,
    BASIC_ID,
    EPOCH_2019_S,
    F8,
    HORIZONTAL_M,
    HOUR_NS,
    I8,
    LOCATION,
    MESSAGE_OCTETS,
    NO_TIME,
    OPERATOR_ID,
    SELF_ID,
    SPEED_MPS,
    SYSTEM,
    TYPE_NAMES,
    UNKNOWN_ALT_M,
    VERTICAL_M,
    Octets,
)

_E7: Final = 1e7
_TENTH_NS: Final = 100_000_000
Texts = npt.NDArray[np.bytes_]


def gather(data: Octets, offsets: I8, size: int = MESSAGE_OCTETS) -> Octets:
    """Return the messages that begin at ``offsets`` side by side, uint8[n, size]."""
    out: Octets = data[offsets[:, None] + np.arange(size)]
    return out


def _u16(m: Octets, at: int) -> I8:
    out: I8 = m[:, at].astype(np.int64) | m[:, at + 1].astype(np.int64) << 8
    return out


def _u32(m: Octets, at: int) -> I8:
    return _u16(m, at) | _u16(m, at + 2) << 16


def _i32(m: Octets, at: int) -> I8:
    return (_u32(m, at) ^ 0x80000000) - 0x80000000


def _height_m(m: Octets, at: int) -> F8:
    value = _u16(m, at) * 0.5 + UNKNOWN_ALT_M
    return np.where(value <= UNKNOWN_ALT_M, np.nan, value)


def _place(m: Octets, at: int) -> tuple[F8, F8]:
    """Return latitude and longitude in degrees; both zero is unknown, and so is what is on no globe."""
    lat, lon = _i32(m, at) / _E7, _i32(m, at + 4) / _E7
    bad = ((lat == 0.0) & (lon == 0.0)) | (np.abs(lat) > 90.0) | (np.abs(lon) > 180.0)
    return np.where(bad, np.nan, lat), np.where(bad, np.nan, lon)


def text(m: Octets, start: int, stop: int) -> Texts:
    """Return octets as texts: up to the first NUL, what is not printable ASCII as ``?``, blanks at the end removed."""
    part = m[:, start:stop].copy()
    part[np.cumsum(part == 0, axis=1) > 0] = 0
    part[((part < 32) & (part != 0)) | (part > 126)] = ord("?")
    size = stop - start
    joined: Texts = np.ascontiguousarray(part).view(f"S{size}").reshape(-1)
    return np.char.rstrip(joined).astype(f"S{size}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Locations:
    """Location messages (type 1)."""

    status: I8
    lat_deg: F8
    lon_deg: F8
    press_alt_m: F8
    geo_alt_m: F8
    height_m: F8
    height_over_ground: npt.NDArray[np.bool_]
    """Whether ``height_m`` is over the ground; else over the place of take-off."""
    course_rad: F8
    speed_mps: F8
    climb_mps: F8
    horizontal_m: F8
    """95 % bound of the horizontal error; so are the next three of theirs."""
    vertical_m: F8
    baro_m: F8
    speed_error_mps: F8
    tenths: I8
    """Tenths of a second after the full hour, ``NO_TIME`` unknown."""
    time_error_s: F8


def locations(m: Octets) -> Locations:
    """Return the fields of location messages, uint8[n, 25]."""
    flags = m[:, 1].astype(np.int64)
    lat, lon = _place(m, 5)
    course = m[:, 2].astype(np.float64) + 180.0 * (flags >> 1 & 1)
    speed = m[:, 3].astype(np.float64)
    fast = flags & 1 == 1
    no_speed = fast & (m[:, 3] == 255)
    speed = np.where(fast, speed * 0.75 + 255 * 0.25, speed * 0.25)
    climb = m[:, 4].view(np.int8).astype(np.float64) * 0.5
    accuracy, more = m[:, 19].astype(np.int64), m[:, 20].astype(np.int64)
    time_code = m[:, 23].astype(np.int64) & 15
    return Locations(
        status=flags >> 4,
        lat_deg=lat,
        lon_deg=lon,
        press_alt_m=_height_m(m, 13),
        geo_alt_m=_height_m(m, 15),
        height_m=_height_m(m, 17),
        height_over_ground=flags & 4 != 0,
        course_rad=np.where(course > 360.0, np.nan, np.radians(course)),
        speed_mps=np.where(no_speed, np.nan, speed),
        climb_mps=np.where(np.abs(climb) > 62.0, np.nan, climb),
        horizontal_m=np.array(HORIZONTAL_M)[accuracy & 15],
        vertical_m=np.array(VERTICAL_M)[accuracy >> 4],
        baro_m=np.array(VERTICAL_M)[more >> 4],
        speed_error_mps=np.array(SPEED_MPS)[more & 15],
        tenths=_u16(m, 21),
        time_error_s=np.where(time_code == 0, np.nan, time_code * 0.1),
    )


def unroll_hour(tenths: I8, near_ns: I8) -> I8:
    """Return the instant nearest to ``near_ns`` with these tenths of a second after the full hour; -1 where unknown."""
    at = near_ns - near_ns % HOUR_NS + tenths * _TENTH_NS
    at = np.where(at - near_ns > HOUR_NS // 2, at - HOUR_NS, at)
    at = np.where(near_ns - at > HOUR_NS // 2, at + HOUR_NS, at)
    return np.where(tenths > 36_000, -1, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Systems:
    """System messages (type 4): the operator's place and the area of operation."""

    operator_lat_deg: F8
    operator_lon_deg: F8
    operator_geo_alt_m: F8
    place_type: I8
    """0 place of take-off, 1 live position, 2 fixed position."""
    area_count: I8
    area_radius_m: F8
    area_ceiling_m: F8
    area_floor_m: F8
    eu_category: I8
    """1 open, 2 specific, 3 certified; 0 undeclared or no classification of the European Union."""
    eu_class: I8
    """Class number + 1; 0 undeclared."""
    time_ns: I8
    """-1 where unknown."""


def systems(m: Octets) -> Systems:
    """Return the fields of system messages, uint8[n, 25]."""
    flags = m[:, 1].astype(np.int64)
    lat, lon = _place(m, 2)
    european = flags >> 2 & 7 == 1
    seconds = _u32(m, 20)
    return Systems(
        operator_lat_deg=lat,
        operator_lon_deg=lon,
        operator_geo_alt_m=_height_m(m, 18),
        place_type=flags & 3,
        area_count=_u16(m, 10),
        area_radius_m=m[:, 12].astype(np.float64) * 10.0,
        area_ceiling_m=_height_m(m, 13),
        area_floor_m=_height_m(m, 15),
        eu_category=np.where(european, m[:, 17].astype(np.int64) >> 4, 0),
        eu_class=np.where(european, m[:, 17].astype(np.int64) & 15, 0),
        time_ns=np.where(seconds == 0, -1, (seconds + EPOCH_2019_S) * NS_PER_S),
    )


def basic_ids(m: Octets) -> tuple[I8, I8, Texts]:
    """Return (type of the identity, type of aircraft, identity) of basic ID messages; binary identities in hex."""
    kinds = m[:, 1].astype(np.int64) >> 4
    names = text(m, 2, 22)
    binary = np.flatnonzero((kinds == 3) | (kinds == 4))  # UUID and session identities are octets, not text
    for i in binary.tolist():
        names[i] = m[i, 2:12].tobytes().hex().encode()
    return kinds, m[:, 1].astype(np.int64) & 15, names


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthPage:
    """One page of an authentication message; ``last_page``, ``length`` and ``time_ns`` are on page 0 only (else -1)."""

    kind: int
    page: int
    last_page: int
    length: int
    time_ns: int
    octets: bytes


def auth_page(message: bytes) -> AuthPage:
    """Return the fields of one authentication message (type 2)."""
    kind, page = message[1] >> 4, message[1] & 15
    if page:
        return AuthPage(kind=kind, page=page, last_page=-1, length=-1, time_ns=-1, octets=message[2:25])
    seconds = int.from_bytes(message[4:8], "little")
    return AuthPage(
        kind=kind, page=0, last_page=message[2] & 15, length=message[3],
        time_ns=(seconds + EPOCH_2019_S) * NS_PER_S if seconds else -1, octets=message[8:25],
    )  # fmt: skip


def auth_octets(pages: list[AuthPage]) -> bytes | None:
    """Return what the pages sign or carry, put together; None where one is missing."""
    by_number = {page.page: page for page in pages}
    first = by_number.get(0)
    if first is None or any(number not in by_number for number in range(first.last_page + 1)):
        return None
    return b"".join(by_number[number].octets for number in range(first.last_page + 1))[: first.length]


def as_items(message: bytes) -> dict[str, Any]:
    """Return one message as names and values for people; NaN fields are left out."""
    m = np.frombuffer(message, np.uint8).reshape(1, -1)
    kind = message[0] >> 4
    out: dict[str, Any] = {"message": TYPE_NAMES.get(kind, str(kind)), "version": message[0] & 15}
    if kind == BASIC_ID:
        id_type, ua_type, name = basic_ids(m)
        out |= {"id_type": int(id_type[0]), "ua_type": int(ua_type[0]), "uas_id": name[0].decode()}
    elif kind in (LOCATION, SYSTEM):
        columns = locations(m) if kind == LOCATION else systems(m)
        for name_of in columns.__slots__:
            value = getattr(columns, name_of)[0].item()
            if not math.isnan(value) and not (name_of == "tenths" and value == NO_TIME):
                out[name_of] = value
    elif kind == AUTHENTICATION:
        page = auth_page(message)
        out |= {name_of: getattr(page, name_of) for name_of in page.__slots__}
        out["octets"] = page.octets.hex()
    elif kind in (SELF_ID, OPERATOR_ID):
        stop = 25 if kind == SELF_ID else 22
        out |= {"type": message[1], "text": text(m, 2, stop)[0].decode()}
    return out
