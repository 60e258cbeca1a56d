"""Columns of values to Mode S messages: every kind a transponder sends, with its parity.

Each function takes columns of n values (or single values, which are repeated) in SI units and returns
``uint8[n, 14]`` or ``uint8[n, 7]``. NaN means "not available", in the way the message can say it.
Sources: ICAO Annex 10 vol. IV chapter 3; Doc 9871; DO-260B 2.2.3.2. Framing for a link is in ``framing.py``.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vigie.terms.errors import WireError
from vigie.terms.units import DEG_PER_RAD, M_PER_FT, MPS_PER_FPM, MPS_PER_KT
from vigie.wire.modes.cpr import encode_position
from vigie.wire.modes.tables import (
    CHARACTERS,
    CRC,
    GILLHAM_FIELD,
    IDENTITY_FIELD,
    MOVEMENT_MPS,
    NO_CODE,
    U1,
    U2,
    U4,
)

Column = npt.ArrayLike
_Words = npt.NDArray[np.uint64]

_CODE_OF_CHARACTER: Final = np.full(256, 32, np.uint64)
for _code, _character in enumerate(CHARACTERS.tolist()):
    if chr(_character) != "?":
        _CODE_OF_CHARACTER[_character] = _code
_CODE_OF_CHARACTER[ord("a") : ord("z") + 1] = np.arange(1, 27)
_CODE_OF_CHARACTER[0] = 32

_TYPE_BY_NIC: Final = {11: 9, 10: 10, 9: 11, 8: 11, 7: 12, 6: 13, 5: 14, 4: 15, 3: 16, 2: 16, 1: 17, 0: 18}
_MOVEMENT_LOWER: Final = MOVEMENT_MPS[1:125]


def parity(messages: U1) -> U4:
    """Return the remainder of each message, shape (n,): 0 for a clean DF17, the address for a DF4 sent as it should.

    ``messages`` has 7 or 14 octets a row, parity field included.
    """
    width = messages.shape[1]
    out = np.zeros(len(messages), np.uint32)
    for k in range(width):
        out ^= CRC[14 - width + k, messages[:, k]]
    return out


def _rows(*columns: Column) -> list[npt.NDArray[Any]]:
    """Return the columns as arrays of one length."""
    return [np.atleast_1d(c) for c in np.broadcast_arrays(*[np.asarray(c) for c in columns])]


def _whole(column: npt.NDArray[Any], low: int, high: int) -> _Words:
    """Return numbers rounded and limited to what a field can hold; NaN becomes ``low``."""
    values = np.where(np.isfinite(column.astype(np.float64)), column.astype(np.float64), low)
    return np.clip(np.rint(values), low, high).astype(np.int64).astype(np.uint64)


def _words(column: Column) -> _Words:
    return np.atleast_1d(np.asarray(column)).astype(np.int64).astype(np.uint64)


def _seal(head: _Words, body: _Words | None, overlay: npt.NDArray[Any] | int) -> U1:
    """Return messages of a 32-bit head, a 56-bit body (or none), and the parity, to which ``overlay`` is added."""
    n = len(head)
    width = 7 if body is None else 14
    out = np.zeros((n, width), np.uint8)
    out[:, :4] = head.astype(">u4").view(np.uint8).reshape(n, 4)
    if body is not None:
        out[:, 4:11] = body.astype(">u8").view(np.uint8).reshape(n, 8)[:, 1:]
    rest = parity(out) ^ np.asarray(overlay).astype(np.uint32)
    out[:, width - 3 :] = rest.astype(">u4").view(np.uint8).reshape(n, 4)[:, 1:]
    return out


def extended_squitter(icao24: Column, body: Column, *, capability: Column = 5, control: Column = -1) -> U1:
    """Return extended squitters, uint8[n, 14], of 56-bit message fields: DF17, or DF18 where ``control`` is 0 to 7.

    ``capability`` 5 is airborne, 4 on the ground. ``control`` (CF): 0 ADS-B of a device that is no transponder, 1 the
    same with an anonymous address, 2 fine and 3 coarse TIS-B, 5 TIS-B with a track file number, 6 ADS-R.
    """
    address, words, ca, cf = _rows(icao24, body, capability, control)
    first = np.where(cf < 0, 17 * 8 + ca, 18 * 8 + cf)
    head = _words(first) << np.uint64(24) | _words(address)
    return _seal(head, words.astype(np.uint64), 0)


def altitude_field(press_alt_m: Column) -> U2:
    """Return 13-bit altitude fields: 25 ft steps to 50,175 ft, Gillham code in 100 ft steps above, 0 for NaN."""
    feet = np.atleast_1d(np.asarray(press_alt_m, np.float64)) / M_PER_FT
    known = np.isfinite(feet)
    feet = np.where(known, feet, 0.0)
    n = np.clip(np.rint((feet + 1000.0) / 25.0), 0, 2047).astype(np.int64)
    fine = (n >> 5) << 7 | ((n >> 4) & 1) << 5 | 0x10 | (n & 0xF)
    coarse = GILLHAM_FIELD[np.clip(np.rint(feet / 100.0) + 12, 0, 1279).astype(np.int64)]
    out: U2 = np.where(known, np.where(feet <= 50187.5, fine, coarse), 0).astype(np.uint16)
    return out


def identity_field(mode3a: Column) -> U2:
    """Return 13-bit identity fields of Mode 3/A codes (7700 octal is 4032); an absent code (65535) becomes 0000."""
    code = np.atleast_1d(np.asarray(mode3a)).astype(np.int64)
    out: U2 = IDENTITY_FIELD[np.where(code == NO_CODE, 0, code) & 0xFFF]
    return out


def callsign_field(callsign: Column) -> _Words:
    """Return 48-bit identifications of texts of at most 8 characters, uint64[n]; what cannot be sent is a blank."""
    text = np.atleast_1d(np.asarray(callsign, "S8"))
    letters = np.ascontiguousarray(text).view(np.uint8).reshape(len(text), 8)
    out = np.zeros(len(text), np.uint64)
    for k in range(8):
        out = out << np.uint64(6) | _CODE_OF_CHARACTER[letters[:, k]]
    return out


def df17_identification(
    icao24: Column, callsign: Column, *, category_set: Column = 4, category: Column = 3, capability: Column = 5,
    control: Column = -1,
) -> U1:  # fmt: skip
    """Return identification squitters, uint8[n, 14].

    ``callsign``: texts (S8). ``category_set`` is the type code 1 to 4 (sets D, C, B, A); A3 (4, 3) is a large aircraft.
    """
    address, text, group, kind = _rows(icao24, np.asarray(callsign, "S8"), category_set, category)
    body = _words(group) << np.uint64(51) | _words(kind) << np.uint64(48) | callsign_field(text)
    return extended_squitter(address, body, capability=capability, control=control)


def df17_position(
    icao24: Column, lat_deg: Column, lon_deg: Column, press_alt_m: Column, odd: Column, *, type_code: Column = 11,
    surveillance_status: Column = 0, nic_b: Column = 0, capability: Column = 5, control: Column = -1,
) -> U1:  # fmt: skip
    """Return airborne position squitters, uint8[n, 14].

    ``odd`` 0 or 1 is the CPR format; senders alternate. ``type_code`` 9 to 18 (pressure altitude) or 20 to 22 (then
    ``press_alt_m`` is taken as the height above the ellipsoid): see ``type_code_of_nic``. ``surveillance_status``:
    0 none, 1 emergency, 2 code change, 3 SPI. ``nic_b``: NIC supplement B (version 2).
    """
    address, lat, lon, alt, parity_bit, kind, status, supplement = _rows(
        icao24, lat_deg, lon_deg, press_alt_m, odd, type_code, surveillance_status, nic_b
    )
    y, x = encode_position(lat, lon, parity_bit)
    field13 = altitude_field(alt).astype(np.int64)
    field12 = (field13 >> 7) << 6 | (field13 & 0x3F)
    body = (
        _words(kind) << np.uint64(51) | _words(status) << np.uint64(49) | _words(supplement) << np.uint64(48)
        | _words(field12) << np.uint64(36) | _words(parity_bit) << np.uint64(34)
        | _words(y) << np.uint64(17) | _words(x)
    )  # fmt: skip
    return extended_squitter(address, body, capability=capability, control=control)


def type_code_of_nic(nic: Column) -> U1:
    """Return the airborne type code (9 to 18) that says NIC 0 to 11; NIC 9 and 3 need supplements A and B as well."""
    table = np.array([_TYPE_BY_NIC[k] for k in range(12)], np.uint8)
    return table[np.atleast_1d(np.asarray(nic)).astype(np.int64)]


def df17_surface(
    icao24: Column, lat_deg: Column, lon_deg: Column, v_east_mps: Column, v_north_mps: Column, odd: Column, *,
    type_code: Column = 7, capability: Column = 4, control: Column = -1,
) -> U1:  # fmt: skip
    """Return surface position squitters, uint8[n, 14]; NaN velocities are sent as "no information"."""
    address, lat, lon, east, north, parity_bit, kind = _rows(
        icao24, lat_deg, lon_deg, v_east_mps, v_north_mps, odd, type_code
    )
    y, x = encode_position(lat, lon, parity_bit, surface=True)
    speed = np.hypot(east.astype(np.float64), north.astype(np.float64))
    known = np.isfinite(speed)
    # The codes are limits from below; the half step makes the nearest code.
    middle = (_MOVEMENT_LOWER[1:] + _MOVEMENT_LOWER[:-1]) / 2.0
    movement = np.where(known, 1 + np.searchsorted(middle, np.where(known, speed, 0.0), side="right"), 0)
    track = np.degrees(np.arctan2(np.where(known, east, 0.0), np.where(known, north, 1.0))) % 360.0
    body = (
        _words(kind) << np.uint64(51) | _words(movement) << np.uint64(44) | _words(known) << np.uint64(43)
        | (_words(np.rint(track * 128.0 / 360.0)) & np.uint64(127)) << np.uint64(36)
        | _words(parity_bit) << np.uint64(34) | _words(y) << np.uint64(17) | _words(x)
    )  # fmt: skip
    return extended_squitter(address, body, capability=capability, control=control)


def _signed(value: npt.NDArray[Any], step: float, bits: int) -> _Words:
    """Return sign and magnitude plus one (0: not available) of a value, ``bits`` of magnitude."""
    value = value.astype(np.float64)
    known = np.isfinite(value)
    safe = np.where(known, value, 0.0)
    size = np.where(known, np.minimum(np.rint(np.abs(safe) / step) + 1.0, 2.0**bits - 1.0), 0.0)
    return _words((known & (safe < 0)).astype(np.int64) << bits | size.astype(np.int64))


def df17_velocity(
    icao24: Column, v_east_mps: Column, v_north_mps: Column, climb_mps: Column, *,
    geo_minus_press_m: Column = np.nan, nac_v: Column = 1, barometric_rate: Column = 1, capability: Column = 5,
    control: Column = -1,
) -> U1:  # fmt: skip
    """Return velocity-over-ground squitters, uint8[n, 14]: subtype 1, or 2 (4 kt steps) beyond 1,022 kt.

    ``geo_minus_press_m``: height above the ellipsoid minus pressure altitude. ``barometric_rate`` 0: from GNSS.
    """
    address, east, north, climb, difference, accuracy, source = _rows(
        icao24, v_east_mps, v_north_mps, climb_mps, geo_minus_press_m, nac_v, barometric_rate
    )
    kt_east = east.astype(np.float64) / MPS_PER_KT
    kt_north = north.astype(np.float64) / MPS_PER_KT
    known = np.isfinite(kt_east) & np.isfinite(kt_north)
    fast = known & ((np.abs(kt_east) > 1022.0) | (np.abs(kt_north) > 1022.0))
    scale = np.where(fast, 4.0, 1.0)
    velocity = _signed(np.where(known, kt_east / scale, np.nan), 1.0, 10) << np.uint64(11) | _signed(
        np.where(known, kt_north / scale, np.nan), 1.0, 10
    )
    body = (
        np.uint64(19) << np.uint64(51) | _words(1 + fast) << np.uint64(48) | _words(accuracy) << np.uint64(43)
        | velocity << np.uint64(21) | _vertical(climb, source, difference)
    )  # fmt: skip
    return extended_squitter(address, body, capability=capability, control=control)


def _vertical(climb: npt.NDArray[Any], source: npt.NDArray[Any], difference: npt.NDArray[Any]) -> _Words:
    """Return the last 21 bits of a velocity squitter: rate source, rate (64 ft/min), two spare, difference (25 ft)."""
    return (
        _words(source) << np.uint64(20) | _signed(climb, 64.0 * MPS_PER_FPM, 9) << np.uint64(10)
        | _signed(difference, 25.0 * M_PER_FT, 7)
    )  # fmt: skip


def df17_airspeed(
    icao24: Column, heading_rad: Column, airspeed_mps: Column, climb_mps: Column, *, true_airspeed: Column = 0,
    geo_minus_press_m: Column = np.nan, nac_v: Column = 0, capability: Column = 5, control: Column = -1,
) -> U1:  # fmt: skip
    """Return airspeed-and-heading squitters, uint8[n, 14]: subtype 3, or 4 (4 kt steps) beyond 1,022 kt."""
    address, heading, speed, climb, true, difference, accuracy = _rows(
        icao24, heading_rad, airspeed_mps, climb_mps, true_airspeed, geo_minus_press_m, nac_v
    )
    has_heading = np.isfinite(heading.astype(np.float64))
    turns = np.where(has_heading, heading, 0.0) * (1024.0 / (2.0 * np.pi))
    knots = speed.astype(np.float64) / MPS_PER_KT
    fast = np.isfinite(knots) & (knots > 1022.0)
    size = _signed(knots / np.where(fast, 4.0, 1.0), 1.0, 10) & np.uint64(1023)
    body = (
        np.uint64(19) << np.uint64(51) | _words(3 + fast) << np.uint64(48) | _words(accuracy) << np.uint64(43)
        | _words(has_heading) << np.uint64(42) | (_words(np.rint(turns)) & np.uint64(1023)) << np.uint64(32)
        | _words(true) << np.uint64(31) | size << np.uint64(21)
        | _vertical(climb, np.ones(len(climb)), difference)
    )  # fmt: skip
    return extended_squitter(address, body, capability=capability, control=control)


def df17_operational_status(
    icao24: Column, *, version: Column = 2, nac_p: Column = 9, sil: Column = 3, nic_a: Column = 0, nic_c: Column = 0,
    on_ground: Column = 0, nac_v: Column = 1, gva: Column = 2, capability: Column = 5, control: Column = -1,
) -> U1:  # fmt: skip
    """Return operational status squitters, uint8[n, 14]: version, accuracy and integrity (DO-260B 2.2.3.2.7.2).

    ``nac_v`` and ``nic_c`` are sent by aircraft on the ground only; in the air the velocity message has NACv.
    """
    address, v, p, s, a, c, ground, nv, vertical = _rows(
        icao24, version, nac_p, sil, nic_a, nic_c, on_ground, nac_v, gva
    )
    classes = np.where(ground != 0, nv.astype(np.int64) << 5 | c.astype(np.int64) << 4, 0)
    body = (
        np.uint64(31) << np.uint64(51) | _words(ground) << np.uint64(48) | _words(classes) << np.uint64(32)
        | _words(v) << np.uint64(13) | _words(a) << np.uint64(12) | _words(p) << np.uint64(8)
        | _words(vertical) << np.uint64(6) | _words(s) << np.uint64(4)
    )  # fmt: skip
    return extended_squitter(address, body, capability=capability, control=control)


def df17_emergency(
    icao24: Column, emergency: Column, mode3a: Column, *, capability: Column = 5, control: Column = -1
) -> U1:
    """Return aircraft status squitters, uint8[n, 14]: emergency state 0 to 7 and Mode 3/A code (TC28, subtype 1).

    States: 1 general, 2 medical, 3 minimum fuel, 4 no communications, 5 unlawful interference, 6 downed aircraft.
    """
    address, state, code = _rows(icao24, emergency, mode3a)
    body = (
        np.uint64(28) << np.uint64(51) | np.uint64(1) << np.uint64(48) | _words(state) << np.uint64(45)
        | _words(identity_field(code)) << np.uint64(32)
    )  # fmt: skip
    return extended_squitter(address, body, capability=capability, control=control)


def df17_target_state(
    icao24: Column, selected_alt_m: Column, *, selected_heading_rad: Column = np.nan, qnh_hpa: Column = np.nan,
    nac_p: Column = 9, sil: Column = 3, capability: Column = 5, control: Column = -1,
) -> U1:  # fmt: skip
    """Return target state squitters, uint8[n, 14]: selected altitude, pressure setting, heading (TC29, subtype 1)."""
    address, level, heading, pressure, p, s = _rows(icao24, selected_alt_m, selected_heading_rad, qnh_hpa, nac_p, sil)
    steps = _whole(level / (32.0 * M_PER_FT) + 1.0, 0, 2047)
    setting = _whole((pressure - 800.0) / 0.8 + 1.0, 0, 511)
    known = np.isfinite(heading.astype(np.float64))
    turns = _words(np.rint(np.where(known, heading, 0.0) * DEG_PER_RAD * (256.0 / 180.0))) & np.uint64(511)
    body = (
        np.uint64(29) << np.uint64(51) | np.uint64(1) << np.uint64(49) | steps << np.uint64(36)
        | setting << np.uint64(27) | _words(known) << np.uint64(26) | turns << np.uint64(17)
        | _words(p) << np.uint64(13) | _words(s) << np.uint64(10)
    )  # fmt: skip
    return extended_squitter(address, body, capability=capability, control=control)


def df11(icao24: Column, *, capability: Column = 5, interrogator: Column = 0) -> U1:
    """Return all-call replies, uint8[n, 7]; ``interrogator`` 0 is a squitter, 1 to 127 an overlaid code."""
    address, ca, code = _rows(icao24, capability, interrogator)
    return _seal(_words(11 * 8 + ca) << np.uint64(24) | _words(address), None, code)


def _reply(downlink: int, icao24: Column, status: Column, field13: Column, register: Column | None) -> U1:
    address, fs, field = _rows(icao24, status, field13)
    head = _words(downlink * 8 + fs) << np.uint64(24) | _words(field)
    if register is None:
        return _seal(head, None, address)
    body = np.broadcast_to(np.asarray(register, np.uint8), (len(head), 7))
    words = np.zeros((len(head), 8), np.uint8)
    words[:, 1:] = body
    return _seal(head, words.view(">u8").reshape(-1).astype(np.uint64), address)


def df0(icao24: Column, press_alt_m: Column, *, on_ground: Column = 0) -> U1:
    """Return short air-to-air replies, uint8[n, 7]."""
    ground = np.asarray(on_ground, np.int64) << 2
    return _reply(0, icao24, ground, altitude_field(press_alt_m), None)


def df4(icao24: Column, press_alt_m: Column, *, flight_status: Column = 0) -> U1:
    """Return altitude replies, uint8[n, 7]; ``flight_status`` 0 airborne, 1 ground, 2-4 alert, 4-5 SPI."""
    return _reply(4, icao24, flight_status, altitude_field(press_alt_m), None)


def df5(icao24: Column, mode3a: Column, *, flight_status: Column = 0) -> U1:
    """Return identity replies, uint8[n, 7]."""
    return _reply(5, icao24, flight_status, identity_field(mode3a), None)


def df16(icao24: Column, press_alt_m: Column, register: Column, *, on_ground: Column = 0) -> U1:
    """Return long air-to-air replies, uint8[n, 14]; ``register``: uint8[n, 7]."""
    ground = np.asarray(on_ground, np.int64) << 2
    return _reply(16, icao24, ground, altitude_field(press_alt_m), register)


def df20(icao24: Column, press_alt_m: Column, register: Column, *, flight_status: Column = 0) -> U1:
    """Return Comm-B altitude replies, uint8[n, 14]; ``register``: uint8[n, 7], for example ``register_20``."""
    return _reply(20, icao24, flight_status, altitude_field(press_alt_m), register)


def df21(icao24: Column, mode3a: Column, register: Column, *, flight_status: Column = 0) -> U1:
    """Return Comm-B identity replies, uint8[n, 14]; ``register``: uint8[n, 7]."""
    return _reply(21, icao24, flight_status, identity_field(mode3a), register)


def register_20(callsign: Column) -> U1:
    """Return BDS register 2,0 (identification), uint8[n, 7]."""
    words = np.uint64(0x20) << np.uint64(48) | callsign_field(callsign)
    return np.ascontiguousarray(words.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 1:])


def from_hex(lines: list[str]) -> tuple[U1, npt.NDArray[np.int64]]:
    """Return messages, uint8[n, 14], and their lengths of hexadecimal texts; for tests and tools, not the hot way."""
    out = np.zeros((len(lines), 14), np.uint8)
    lengths = np.zeros(len(lines), np.int64)
    for i, line in enumerate(lines):
        octets = bytes.fromhex(line)
        if len(octets) > 14:
            raise WireError(f"message {line!r} has {len(octets)} octets; a Mode S message has 7 or 14")
        out[i, : len(octets)] = np.frombuffer(octets, np.uint8)
        lengths[i] = len(octets)
    return out, lengths
