"""The slots of one target report turned into the columns of a PLOT row."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from vigie.decode.lookup import F8, I8, N_CALLSIGNS, U1, Whole
from vigie.earth.wgs84 import ecef_to_geodetic, enu_to_ecef
from vigie.terms.kernel import flat, lean
from vigie.terms.tables import ABSENT_MODE3A, ABSENT_U1
from vigie.terms.units import M_PER_NMI
from vigie.wire.asterix import slots as s
from vigie.wire.asterix.octets import leading_zeros, peek

Record = Any
"""One row of a table: numba reads and writes its columns as attributes, which NumPy's types cannot say."""


@lean
def callsign_word(bits48: Whole, alphabet: U1) -> Whole:
    """Return eight 6-bit characters as the number whose octets are the text, blanks and NULs at its end removed.

    Illegal codes become ``?``; bit 63 is never set by text, so it tells that one was met. All zero is no call sign.
    Source: ICAO Annex 10 volume IV, 3.1.2.9.1.2 and table 3-9.
    """
    if bits48 == 0:
        return 0
    text = np.int64(0)
    bad = np.int64(0)
    for i in range(8):
        letter = peek(alphabet, bits48 >> (6 * i) & 63)
        illegal = np.int64(letter == 0)
        bad |= illegal
        text |= letter + 63 * illegal << (8 * (7 - i))
    blanks = leading_zeros(np.uint64(text ^ 0x2020202020202020)) & ~7
    text = text << blanks >> blanks if blanks < 64 else np.int64(0)
    return text | bad << 63


@flat
def _along(speed: float, course: Whole, turns: F8) -> tuple[float, float]:
    """Return the east and north parts of a speed along a course of whole turns / 65536.

    sin and cos come from two tables of 256 by the angle-sum rule: exact to the last bits.
    """
    i = course >> 8
    j = 256 + (course & 255)
    return (
        speed * (turns[i, 0] * turns[j, 1] + turns[i, 1] * turns[j, 0]),
        speed * (turns[i, 1] * turns[j, 1] - turns[i, 0] * turns[j, 0]),
    )


@lean
def fill_plot(
    row: Record, raw: I8, f: F8, place: F8, turns: F8, accuracy: F8, alphabet: U1, cov_root: Whole, counters: I8
) -> None:  # fmt: skip
    """Turn the slots of one target report into columns; times, sensor, kind and flags are the caller's."""
    nan = np.nan
    range_m = f[s.RHO]
    azimuth = f[s.THETA] if raw[s.THETA] != s.NOTHING else f[s.THETA2]
    lat = f[s.LAT_FINE] if raw[s.LAT_FINE] != s.NOTHING else f[s.LAT]
    lon = f[s.LON_FINE] if raw[s.LON_FINE] != s.NOTHING else f[s.LON]
    if raw[s.X] != s.NOTHING and raw[s.Y] != s.NOTHING:
        x = f[s.X]
        y = f[s.Y]
        if raw[s.RHO] == s.NOTHING:
            range_m = math.sqrt(x * x + y * y)
            azimuth = math.atan2(x, y)
            if azimuth < 0.0:
                azimuth += 2.0 * math.pi
        if raw[s.LAT] == s.NOTHING and not math.isnan(place[0]):
            # The system reference point is the sensor's place; x and y lie in its tangent plane, east and north.
            dx, dy, dz = enu_to_ecef(x, y, 0.0, place[0], place[1])
            lat_rad, lon_rad, _ = ecef_to_geodetic(place[3] + dx, place[4] + dy, place[5] + dz)
            lat = lat_rad * (180.0 / math.pi)
            lon = lon_rad * (180.0 / math.pi)
    row.range_m = range_m
    row.azimuth_rad = azimuth
    row.elevation_rad = f[s.ELEVATION]
    row.range_rate_mps = f[s.DOPPLER]
    row.lat_deg = lat
    row.lon_deg = lon
    row.press_alt_m = f[s.LEVEL] if raw[s.LEVEL] != s.NOTHING else f[s.LEVEL2]
    row.geo_alt_m = f[s.GEO] if raw[s.GEO] != s.NOTHING else f[s.GEO2]
    east = f[s.VX]
    north = f[s.VY]
    if raw[s.VX] != s.NOTHING:
        pass  # Cartesian first: the track angle of I010/200 is not from north in real multilateration data
    elif raw[s.BDS_COURSE] != s.NOTHING and raw[s.BDS_SPEED] != s.NOTHING:
        # what the aircraft says, before what a radar makes of its plots (I048/200)
        east, north = _along(f[s.BDS_SPEED], (raw[s.BDS_COURSE] << 5) & 0xFFFF, turns)
    elif raw[s.COURSE] != s.NOTHING and raw[s.SPEED] != s.NOTHING:
        east, north = _along(f[s.SPEED], raw[s.COURSE], turns)
    row.v_east_mps = east
    row.v_north_mps = north
    climb = f[s.CLIMB] if raw[s.CLIMB] != s.NOTHING else f[s.CLIMB2]
    row.climb_mps = climb if not math.isnan(climb) else f[s.BDS_CLIMB]
    row.icao24 = raw[s.ICAO] if raw[s.ICAO] != s.NOTHING else 0
    row.mode3a = raw[s.MODE3A] if raw[s.MODE3A] != s.NOTHING else ABSENT_MODE3A
    word: Any = np.int64(0)
    if raw[s.CALLSIGN] != s.NOTHING:
        word = callsign_word(raw[s.CALLSIGN], alphabet)
        if word < 0:
            counters[N_CALLSIGNS] += 1
            word &= np.int64(0x7FFFFFFFFFFFFFFF)
    row.callsign = word
    row.source_track_no = raw[s.TRACK_NO] if raw[s.TRACK_NO] != s.NOTHING else 0
    row.nic = raw[s.NIC] if raw[s.NIC] != s.NOTHING else ABSENT_U1
    row.nac_p = raw[s.NAC_P] if raw[s.NAC_P] != s.NOTHING else ABSENT_U1
    row.nac_v = raw[s.NAC_V] if raw[s.NAC_V] != s.NOTHING else ABSENT_U1
    row.sil = raw[s.SIL] if raw[s.SIL] != s.NOTHING else ABSENT_U1
    row.adsb_version = raw[s.VERSION] if raw[s.VERSION] != s.NOTHING else ABSENT_U1
    row.emergency = raw[s.EMERGENCY] if raw[s.EMERGENCY] != s.NOTHING else ABSENT_U1
    row.signal_dbfs = nan
    row.azimuth_sd_rad = nan
    heading = f[s.HEADING] if raw[s.HEADING] != s.NOTHING else f[s.BDS_HEADING]
    row.heading_rad = heading if not heading < 0.0 else heading + 2.0 * math.pi
    ias = f[s.IAS] if raw[s.IAS] != s.NOTHING else f[s.BDS_IAS]
    if raw[s.IAS_OR_MACH] >= 0 and raw[s.IAS_OR_MACH] < 32768:  # the top bit says Mach number
        ias = raw[s.IAS_OR_MACH] * (M_PER_NMI / 16384.0)
    row.ias_mps = ias
    selected = f[s.SELECTED] if raw[s.SELECTED] != s.NOTHING else f[s.SELECTED2]
    row.selected_alt_m = selected if not math.isnan(selected) else f[s.BDS_SELECTED]
    major = nan
    minor = nan
    orient = nan
    if raw[s.SDX] != s.NOTHING or raw[s.SD_LAT] != s.NOTHING:
        xx = f[s.SDX] * f[s.SDX]
        yy = f[s.SDY] * f[s.SDY] if raw[s.SDY] != s.NOTHING else xx
        xy = 0.0
        if raw[s.SDX] == s.NOTHING:
            yy = (f[s.SD_LAT] * 6371000.0) ** 2
            xx = (f[s.SD_LON] * 6371000.0 * math.cos(lat * (math.pi / 180.0))) ** 2
        elif raw[s.COV] != s.NOTHING:
            xy = f[s.COV] * abs(f[s.COV]) if cov_root else f[s.COV]
            limit = math.sqrt(xx * yy)
            xy = min(max(xy, -limit), limit)
        half = 0.5 * (xx - yy)
        spread = math.sqrt(half * half + xy * xy)
        middle = 0.5 * (xx + yy)
        major = math.sqrt(middle + spread)
        minor = math.sqrt(max(0.0, middle - spread))
        orient = 0.5 * math.atan2(2.0 * xy, yy - xx)  # from north, clockwise
    elif raw[s.NAC_P] > 0 and raw[s.VERSION] != 0:
        major = accuracy[0, raw[s.NAC_P] & 15]
    elif raw[s.NIC] > 0:
        major = accuracy[1, raw[s.NIC] & 15]
    row.pos_sd_m = major
    row.pos_minor_sd_m = minor
    row.pos_orient_rad = orient
