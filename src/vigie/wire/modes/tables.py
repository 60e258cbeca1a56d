"""The published constants of Mode S as arrays: parity, latitude zones, altitude and identity codes, accuracy classes.

Kernels take these as arguments. Sources stand beside each table.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vigie.terms.kernel import lean
from vigie.terms.units import M_PER_FT, M_PER_NMI, MPS_PER_KT
from vigie.wire.modes import registers

U1 = npt.NDArray[np.uint8]
U2 = npt.NDArray[np.uint16]
U4 = npt.NDArray[np.uint32]
U8 = npt.NDArray[np.uint64]
I8 = npt.NDArray[np.int64]
F8 = npt.NDArray[np.float64]


@lean
def whole(value: Any) -> int:
    """Return an unsigned number as a signed one: in a kernel, unsigned and signed together would become a float."""
    return np.int64(value)  # type: ignore[return-value]


GENERATOR: Final = 0xFFF409
"""Generator polynomial of the 24-bit parity, without its leading one (Annex 10 vol. IV, 3.1.2.3.3.1.2)."""

NO_CODE: Final = 65535
SYNDROME_BITS: Final = 107


def _crc_table() -> U4:
    """Return what each octet value adds to the remainder, by its distance from the end of the message, shape (14, 256).

    Row 13 is the last octet. A 56-bit message uses rows 7 to 13. The rows are independent look-ups, so the processor
    runs them side by side; the usual one-row table makes each look-up wait for the one before.
    """
    step = np.zeros(256, np.uint32)
    for value in range(256):
        rest = value << 16
        for _ in range(8):
            rest = ((rest << 1) ^ GENERATOR if rest & 0x800000 else rest << 1) & 0xFFFFFF
        step[value] = rest
    table = np.zeros((14, 256), np.uint32)
    # The last three octets are the parity itself: they add their own bits.
    for k in range(3):
        table[11 + k] = np.arange(256, dtype=np.uint32) << np.uint32(16 - 8 * k)
    table[10] = step
    for row in range(9, -1, -1):
        below = table[row + 1]
        table[row] = ((below << np.uint32(8)) & np.uint32(0xFFFFFF)) ^ step[below >> np.uint32(16)]
    return table


CRC: Final[U4] = _crc_table()


def _syndromes() -> tuple[U4, U1]:
    """Return the remainders that one wrong bit of bits 6 to 112 leaves, sorted, and that bit (from 0) of each.

    The first five bits are the downlink format: a frame that needs them repaired was not read as what it is.
    """
    bits = np.arange(5, 112)
    values = CRC[bits // 8, 0x80 >> (bits % 8)]
    order = np.argsort(values)
    return values[order], bits[order].astype(np.uint8)


SYNDROMES, SYNDROME_BIT = _syndromes()


def _zone_latitudes() -> F8:
    """Return the 58 latitudes (degrees) at which the number of longitude zones falls from 59 to 1.

    Source: DO-260B A.1.7.2 (NL). NL(87) is 2, so the last limit is the next number above 87.
    """
    zones = np.arange(59, 1, -1)
    ratio = (1.0 - np.cos(np.pi / 30.0)) / (1.0 - np.cos(2.0 * np.pi / zones))
    limits: F8 = np.degrees(np.arccos(np.sqrt(ratio)))
    limits[-1] = np.nextafter(87.0, 90.0)
    return limits


ZONE_LATITUDES: Final[F8] = _zone_latitudes()
ZONE_START: Final[I8] = np.searchsorted(ZONE_LATITUDES, np.arange(92.0), side="right").astype(np.int64)
"""How many limits lie at or below each whole degree: where the search for NL begins."""


def _gray(bits: npt.NDArray[np.int64], width: int) -> npt.NDArray[np.int64]:
    """Return the number a Gray code of ``width`` bits stands for."""
    out = bits.copy()
    shift = 1
    while shift < width:
        out ^= out >> shift
        shift <<= 1
    return out


def _bit(code: npt.NDArray[np.int64], place: int) -> npt.NDArray[np.int64]:
    """Return bit ``place`` (1 is the first sent) of 13-bit codes."""
    return (code >> (13 - place)) & 1


def _identity_codes() -> U2:
    """Return the Mode 3/A code (octal digits ABCD as a number) of each 13-bit identity field.

    Order sent: C1 A1 C2 A2 C4 A4 X B1 D1 B2 D2 B4 D4 (Annex 10 vol. IV, 3.1.2.6.7.1).
    """
    code = np.arange(8192)
    a = _bit(code, 6) * 4 + _bit(code, 4) * 2 + _bit(code, 2)
    b = _bit(code, 12) * 4 + _bit(code, 10) * 2 + _bit(code, 8)
    c = _bit(code, 5) * 4 + _bit(code, 3) * 2 + _bit(code, 1)
    d = _bit(code, 13) * 4 + _bit(code, 11) * 2 + _bit(code, 9)
    out: U2 = (a * 512 + b * 64 + c * 8 + d).astype(np.uint16)
    return out


IDENTITY: Final[U2] = _identity_codes()


def _identity_inverse() -> U2:
    """Return the 13-bit identity field (X zero) of each Mode 3/A code 0 to 4095."""
    out = np.zeros(4096, np.uint16)
    fields = np.arange(8192)
    plain = fields[(fields & 0x40) == 0]
    out[IDENTITY[plain]] = plain
    return out


IDENTITY_FIELD: Final[U2] = _identity_inverse()


def _altitudes() -> F8:
    """Return the pressure altitude (m) of each 13-bit altitude field, NaN where it says none.

    M = 0, Q = 1: 25 ft steps from -1,000 ft. M = 0, Q = 0: Gillham code in 100 ft steps. M = 1 (metric) is not in use.
    Source: Annex 10 vol. IV, 3.1.2.6.5.4 and appendix to chapter 3 (the Gillham code).
    """
    code = np.arange(8192)
    fine = ((code >> 7) & 0x3F) << 5 | ((code >> 5) & 1) << 4 | (code & 0xF)
    feet = np.where(_bit(code, 9) == 1, fine * 25.0 - 1000.0, np.nan)
    five = np.zeros_like(code)
    for place in (11, 13, 2, 4, 6, 8, 10, 12):  # D2 D4 A1 A2 A4 B1 B2 B4
        five = five << 1 | _bit(code, place)
    hundreds = _gray(_bit(code, 1) << 2 | _bit(code, 3) << 1 | _bit(code, 5), 3)
    legal = np.isin(hundreds, (1, 2, 3, 4, 7))
    hundreds = np.where(hundreds == 7, 5, hundreds)
    n500 = _gray(five, 8)
    hundreds = np.where(n500 % 2 == 1, 6 - hundreds, hundreds)
    gillham = n500 * 500.0 + hundreds * 100.0 - 1300.0
    feet = np.where((_bit(code, 9) == 0) & legal, gillham, feet)
    feet[_bit(code, 7) == 1] = np.nan
    feet[0] = np.nan
    metres: F8 = feet * M_PER_FT
    return metres


ALTITUDE_M: Final[F8] = _altitudes()


def _gillham_fields() -> U2:
    """Return the 13-bit Gillham field of -1,200 ft, -1,100 ft, ... 126,700 ft (1,280 values)."""
    code = np.arange(8192)
    gillham = (_bit(code, 9) == 0) & (_bit(code, 7) == 0) & ~np.isnan(ALTITUDE_M)
    out = np.zeros(1280, np.uint16)
    out[np.rint(ALTITUDE_M[gillham] / M_PER_FT / 100.0).astype(int) + 12] = code[gillham]
    return out


GILLHAM_FIELD: Final[U2] = _gillham_fields()

PLACEHOLDER: Final = ord("?")
"""What stands where a call sign holds a code that is no letter, digit or blank."""


def _characters() -> U1:
    """Return the ASCII code of each 6-bit character; the placeholder elsewhere (Annex 10 vol. IV, table 3-8)."""
    out = np.full(64, PLACEHOLDER, np.uint8)
    out[1:27] = np.arange(ord("A"), ord("Z") + 1)
    out[32] = ord(" ")
    out[48:58] = np.arange(ord("0"), ord("9") + 1)
    return out


CHARACTERS: Final[U1] = _characters()


def _movement() -> F8:
    """Return the ground speed (m/s) of each 7-bit movement code, NaN where it says none (DO-260B 2.2.3.2.4.2)."""
    knots = np.full(128, np.nan)
    knots[1] = 0.0
    for first, last, start, step in (
        (2, 8, 0.125, 0.125), (9, 12, 1.0, 0.25), (13, 38, 2.0, 0.5), (39, 93, 15.0, 1.0), (94, 108, 70.0, 2.0),
        (109, 123, 100.0, 5.0), (124, 124, 175.0, 0.0),
    ):  # fmt: skip
        knots[first : last + 1] = start + step * np.arange(last - first + 1)
    speed: F8 = knots * MPS_PER_KT
    return speed


MOVEMENT_MPS: Final[F8] = _movement()

EPU_M: Final[F8] = np.array([18520.0, 18520.0, 7408.0, 3704.0, 1852.0, 926.0, 555.6, 185.2, 92.6, 30.0, 10.0, 3.0])
"""95 % position bound (m) of NACp 0 to 11 (DO-260B table 2-70); 0 says "10 NM or worse", taken as 10 NM."""

SIGMA_PER_EPU: Final = 1.0 / 2.4477
"""A circle of 2.4477 sigma holds 95 % of a two-dimensional normal error."""

EPU_BY_NUCP_M: Final[F8] = np.array([1.0, 10.0, 5.0, 1.0, 0.5, 0.25, 0.1, 0.05, 0.0, 0.0]) * M_PER_NMI
EPU_BY_NUCP_M[[0, 8, 9]] = (18520.0, 10.0, 3.0)
"""95 % position bound (m) of NUCp 0 to 9, for version 0 (DO-260 table 2-11)."""

NIC_BY_NUCP: Final[U1] = np.array([0, 0, 1, 4, 5, 6, 7, 8, 10, 11], np.uint8)
"""The NIC whose containment radius is the smallest that holds the one NUCp 0 to 9 promises."""

NUCP_BY_TYPE: Final[U1] = np.array(
    [0, 0, 0, 0, 0, 9, 8, 7, 6, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 9, 8, 0] + [0] * 9, np.uint8
)  # fmt: skip
"""NUCp of type codes 5 to 8 (surface), 9 to 18 and 20 to 22 (airborne) (DO-260 table 2-11)."""


def _nic_table() -> U1:
    """Return NIC by version (0, 1, 2), type code (32), supplement A (2) and B or C (2); DO-260A/B table 2-14, 2-70.

    Airborne positions use supplements A and B, surface positions A and C.
    """
    out = np.zeros((3, 32, 2, 2), np.uint8)
    out[0] = NIC_BY_NUCP[NUCP_BY_TYPE][:, None, None]
    plain = {5: 11, 6: 10, 9: 11, 10: 10, 11: 8, 12: 7, 13: 6, 14: 5, 15: 4, 16: 2, 17: 1, 18: 0, 20: 11, 21: 10, 22: 0}
    for type_code, nic in plain.items():
        out[1:, type_code] = nic
    out[1:, 7] = 8
    out[1, 7, 1] = 9
    out[1, 11, 1] = 9
    out[1, 16, 1] = 3
    out[2, 11, 1, 1] = 9
    out[2, 16, 1, 1] = 3
    out[2, 7, 1, 0] = 9
    out[2, 8] = ((0, 6), (6, 7))
    return out


NIC: Final[U1] = _nic_table()


ZONE_SIZE_DEG: Final[F8] = 360.0 / np.maximum(np.arange(61.0), 1.0)
"""Degrees of each of n zones around the globe, n from 0 (as 1) to 60."""


_ALL: Final[dict[str, npt.NDArray[Any]]] = {
    "crc": CRC, "syndromes": SYNDROMES, "syndrome_bit": SYNDROME_BIT, "zone_latitudes": ZONE_LATITUDES,
    "zone_start": ZONE_START, "zone_size_deg": ZONE_SIZE_DEG,
    "identity": IDENTITY, "altitude_m": ALTITUDE_M, "characters": CHARACTERS,
    "movement_mps": MOVEMENT_MPS, "epu_m": EPU_M, "epu_of_type_m": EPU_BY_NUCP_M[NUCP_BY_TYPE], "nic": NIC,
    "commb_places": registers.PLACES, "commb_steps": registers.STEPS, "commb_masks": registers.MASKS,
    "commb_prior": registers.PRIOR,
}  # fmt: skip


def _one_record() -> npt.NDArray[np.void]:
    """Return all tables as the one row of a structured array."""
    row = np.zeros(1, np.dtype([(name, table.dtype, table.shape) for name, table in _ALL.items()], align=True))
    for name, table in _ALL.items():
        row[name][0] = table
    return row


TABLES: Final = _one_record()
"""Everything decoding looks things up in, shape (1,).

Kernels take the array and hand its row, ``tables[0]``, from function to function: that is one pointer. Each array
handed on would cost them some nanoseconds for counting its references.
"""
