"""Plots and radar messages as ASTERIX records (interim: until the wire room's encoder can be called)."""

from __future__ import annotations

import math
import struct

import numpy as np
import numpy.typing as npt

from vigie.terms.tables import FLAG_GARBLED, FLAG_ON_GROUND, FLAG_SPI, FLAG_TEST, Rows
from vigie.terms.units import M_PER_FT, M_PER_NMI

Ints = npt.NDArray[np.int64]
Octets = npt.NDArray[np.uint8]


def _join(records: list[bytes]) -> tuple[Octets, Ints]:
    offsets = np.zeros(len(records) + 1, np.int64)
    np.cumsum([len(r) for r in records], out=offsets[1:])
    return np.frombuffer(b"".join(records), np.uint8).copy(), offsets


def _tod(ns: int) -> bytes:
    return (((ns * 128 + 500_000_000) // 1_000_000_000) % (86400 * 128)).to_bytes(3, "big")


def encode_plots(sac: Ints, sic: Ints, typ: Ints, rows: Rows) -> tuple[Octets, Ints]:
    out = []
    for i, row in enumerate(rows):
        flags = int(row["flags"])
        b = bytes([int(sac[i]), int(sic[i])]) + _tod(int(row["toa_ns"]) % 86_400_000_000_000)
        f1, f2 = 0b11110000, 0
        t1 = int(typ[i]) << 5 | 1 << 4 | (4 if flags & FLAG_SPI else 0)
        b += bytes([t1 | 1, 0x80 if flags & FLAG_TEST else 0])
        b += struct.pack(">HH", round(row["range_m"] / M_PER_NMI * 256), round(row["azimuth_rad"] / math.tau * 65536) % 65536)
        if row["mode3a"] != 65535:
            f1 |= 0b1000
            b += struct.pack(">H", (0x4000 if flags & FLAG_GARBLED else 0) | int(row["mode3a"]))
        if row["press_alt_m"] == row["press_alt_m"]:
            f1 |= 0b100
            b += struct.pack(">H", round(row["press_alt_m"] / 25 / M_PER_FT) & 0x3FFF)
        if row["icao24"]:
            f1 |= 1
            f2 |= 0b11000000
            b += int(row["icao24"]).to_bytes(3, "big")
            bits = 0
            for c in row["callsign"].ljust(8).decode():
                bits = bits << 6 | (ord(c) & 0x3F)
            b += bits.to_bytes(6, "big")
            f2 |= 0b11
            b += struct.pack(">H", 1 << 13 | (1 if flags & FLAG_ON_GROUND else 0) << 10 | 0xC0)
            fs = bytes([f1, f2 & ~1 | 1, 0b10])
            fs = bytes([f1, 0b11000001, 0b00000010])
        else:
            fs = bytes([f1])
        out.append(fs + b)
    return _join(out)


def encode_services(
    *, sac: Ints, sic: Ints, north: npt.NDArray[np.bool_], tod_ns: Ints, azimuth_rad: npt.NDArray[np.float64],
    period_s: npt.NDArray[np.float64], nogo: npt.NDArray[np.bool_], modes: Ints,
) -> tuple[Octets, Ints]:  # fmt: skip
    out = []
    for i in range(len(sac)):
        b = bytes([int(sac[i]), int(sic[i]), 1 if north[i] else 2]) + _tod(int(tod_ns[i]))
        if north[i]:
            b += struct.pack(">H", round(period_s[i] * 128)) + bytes([0x80, 0x40 if nogo[i] else 0])
            out.append(bytes([0b11101100]) + b)
        else:
            out.append(bytes([0b11110000]) + b + bytes([round(azimuth_rad[i] / math.tau * 256) & 255]))
    return _join(out)
