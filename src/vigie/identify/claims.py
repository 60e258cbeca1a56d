"""What each address says of itself, plot by plot: does it move as something can, do its heights fit. Kernels.

``book`` (rows, C_WIDTH) is an open-addressed table by 24-bit address; nothing in it is a picture, only memory.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.earth.atmosphere import amsl_from_press_alt
from vigie.earth.wgs84 import Floats
from vigie.terms.kernel import kernel

Longs = npt.NDArray[np.int64]
EARTH_M: Final = 6_371_008.8

(C_KEY, C_T, C_LAT, C_LON, C_VE, C_VN, C_BAD, C_BAD_T, C_GOOD, C_DIFF, C_DIFFS, C_NACP, C_NIC, C_SEEN, C_BITS,
 C_REF_T) = range(16)  # fmt: skip
C_WIDTH: Final = 16
ROWS: Final = 1 << 16
MOTION: Final = 4
HEIGHT: Final = 16
QUALITY: Final = 32
JUMPS: Final = 3.0
"""So many impossible steps, fading with ``FADE_S``, are not an accident."""
FADE_S: Final = 90.0
CLEARS_S: Final = 180.0
HEIGHT_M: Final = 750.0
REPORTS: Final = 5.0


@kernel
def place(book: Floats, icao24: int) -> int:
    """Return the row of an address, made where it is new; -1 where the table is full."""
    at = (icao24 * 2654435761) % ROWS
    for k in range(64):
        row = (at + k) % ROWS
        if book[row, C_KEY] == icao24:
            return row
        if book[row, C_KEY] == 0.0:
            book[row, C_KEY] = icao24
            book[row, C_T] = math.nan
            book[row, C_NACP] = book[row, C_NIC] = 255.0
            return row
    return -1


@kernel
def find(book: Floats, icao24: int) -> int:
    """Return the row of an address, -1 where it never spoke."""
    at = (icao24 * 2654435761) % ROWS
    for k in range(64):
        row = (at + k) % ROWS
        if book[row, C_KEY] == icao24:
            return row
        if book[row, C_KEY] == 0.0:
            return -1
    return -1


@kernel
def hear(
    book: Floats, icao24: Longs, t_s: Floats, lat: Floats, lon: Floats, ve: Floats, vn: Floats, press: Floats,
    geo: Floats, nac_p: Longs, nic: Longs, qnh_hpa: float, temperature_c: float, undulation_m: float, usual_m: float,
    slack_m: float, slack_mps: float,
) -> None:  # fmt: skip
    """Take position reports in order of time. Angles rad; ``usual_m`` is the difference that all share (weather)."""
    for k in range(icao24.size):
        row = place(book, icao24[k])
        if row < 0:
            continue
        c = book[row]
        c[C_NACP], c[C_NIC], c[C_SEEN] = nac_p[k], nic[k], t_s[k]
        if not math.isnan(geo[k]) and not math.isnan(press[k]):
            diff = geo[k] - undulation_m - amsl_from_press_alt(press[k], qnh_hpa, temperature_c)
            c[C_DIFF] += (diff - c[C_DIFF]) / min(20.0, c[C_DIFFS] + 1.0)
            c[C_DIFFS] += 1.0
            if c[C_DIFFS] >= REPORTS:
                off = abs(c[C_DIFF] - usual_m)
                if off > HEIGHT_M:
                    c[C_BITS] = float(int(c[C_BITS]) | HEIGHT)
                elif off < 0.6 * HEIGHT_M:
                    c[C_BITS] = float(int(c[C_BITS]) & ~HEIGHT)
        dt = t_s[k] - c[C_T]
        if math.isnan(dt) or dt > 120.0:
            c[C_T], c[C_LAT], c[C_LON], c[C_VE], c[C_VN] = t_s[k], lat[k], lon[k], ve[k], vn[k]
            continue
        if dt <= 0.0:
            continue
        north = (lat[k] - c[C_LAT]) * EARTH_M
        d = lon[k] - c[C_LON]
        d -= 2.0 * math.pi * math.floor((d + math.pi) / (2.0 * math.pi))
        east = d * math.cos(lat[k]) * EARTH_M
        u, v = c[C_VE], c[C_VN]
        if not math.isnan(ve[k]):
            if math.isnan(u):
                u, v = ve[k], vn[k]
            else:
                u, v = 0.5 * (u + ve[k]), 0.5 * (v + vn[k])
        if math.isnan(u):
            u, v = east / dt, north / dt
            miss = max(0.0, math.sqrt(u * u + v * v) - 1000.0) * dt
        else:
            miss = math.sqrt((east - u * dt) ** 2 + (north - v * dt) ** 2)
        if miss > slack_m + slack_mps * dt:
            fade = math.exp(-max(0.0, t_s[k] - c[C_BAD_T]) / FADE_S)
            c[C_BAD] = c[C_BAD] * fade + 1.0
            c[C_BAD_T] = t_s[k]
            if c[C_BAD] >= JUMPS:
                c[C_BITS] = float(int(c[C_BITS]) | MOTION)
        elif t_s[k] - c[C_BAD_T] > CLEARS_S:
            c[C_BITS] = float(int(c[C_BITS]) & ~MOTION)
        c[C_T], c[C_LAT], c[C_LON], c[C_VE], c[C_VN] = t_s[k], lat[k], lon[k], ve[k], vn[k]


@kernel
def of_tracks(book: Floats, icao24: Longs, now_s: float, out: Longs) -> None:
    """Write the bits that each address's own words earn; nothing where it has been silent for a minute."""
    for k in range(icao24.size):
        out[k] = 0
        if icao24[k] == 0:
            continue
        row = find(book, icao24[k])
        if row < 0 or now_s - book[row, C_SEEN] > 60.0:
            continue
        out[k] = int(book[row, C_BITS])
        if book[row, C_NACP] == 0.0 or book[row, C_NIC] == 0.0:
            out[k] |= QUALITY
