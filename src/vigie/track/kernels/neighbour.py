"""Tracks of other systems: kept beside ours, matched track to track, fused in what is shown and nowhere else.

A neighbour's track is the work of a filter: its errors go on from row to row, and it may contain our own data. So it
never enters a filter of ours. Where it goes with one of our tracks, the picture shows both joined by covariance
intersection, which is honest whatever the two have in common; where we see nothing, it is a track of its own.
Tracks that may calibrate our radars (``registration_reference``) are fed by them and are not fused at all.
Source: Julier, Uhlmann 1997 (covariance intersection); Bar-Shalom, Willett, Tian 2011, section 9.2 (association).
"""

from __future__ import annotations

import math
from typing import Final

from vigie.terms.kernel import lean
from vigie.terms.tables import Rows
from vigie.track.kernels.gate import CELL_M, REACH_M, cell_key, cell_slot, conspicuous
from vigie.track.kernels.imm import lat_lon
from vigie.track.kernels.intake import A_SCALE, A_SHIFT
from vigie.track.state import (
    ANCHOR,
    C_NEXT_NO,
    CP,
    CX,
    I_CELL,
    I_CODE,
    I_HKNOWN,
    I_ICAO,
    I_NEXT,
    I_NO,
    I_STATUS,
    I_TOUCH,
    N_ID,
    N_PERIOD,
    VH,
    VT,
    VV,
    Z_CLIMB,
    Z_H,
    Z_SD,
    Z_T,
    Z_VE,
    Z_VN,
    Z_X,
    ZI_CALLSIGN,
    ZI_CODE,
    ZI_FLAGS,
    ZI_ICAO,
    ZI_SENSOR,
    ZI_SRC,
    Floats,
    Ints,
    T,
)

ROOM: Final = 8192  # tracks of neighbours kept; beyond, the next are held
E_T: Final = 0
E_X: Final = 1  # ECEF (3), velocity in ECEF (3)
E_V: Final = 4
E_VAR: Final = 7  # of its position and velocity, an axis
E_VVAR: Final = 8
E_H: Final = 9
E_CLIMB: Final = 10
E_ID: Final = 11  # id of the system that sends it
E_WIDTH: Final = 12
EI_LIVE: Final = 0  # 0 free, 1 live
EI_SENSOR: Final = 1
EI_SRC: Final = 2
EI_NO: Final = 3  # number under which it is shown alone, 0 none
EI_ICAO: Final = 4
EI_CODE: Final = 5
EI_CALLSIGN: Final = 6
EI_FLAGS: Final = 7
EI_ROW: Final = 8  # our track it goes with, -1 none
EI_MATE: Final = 9  # that track's number
EI_VOTE: Final = 10
EI_HITS: Final = 11
EI_GONE: Final = 12  # a number to be said as ended
EI_WIDTH: Final = 13

MATCH: Final = 16.0  # squared distance of track to track
COMMON_M: Final = 100.0  # what systems differ by, bias on bias
AGREED: Final = 2  # votes after which a pair is believed
STALE_S: Final = 40.0
VELOCITY_VAR: Final = 25.0
DRIFT_Q: Final = 1.0  # m2/s3: what it may do between its rows


@lean
def find_place(zi: Ints, EI: Ints) -> int:
    """Return the place of another system's track, a free one if it is new, -1 if there is no room."""
    mask = EI.shape[0] - 1
    h = cell_slot(zi[ZI_SRC] * 65537 + zi[ZI_SENSOR] + 1, mask)
    free = -1
    for k in range(64):
        q = (h + k) & mask
        if EI[q, EI_LIVE] == 0:
            if free < 0:
                free = q
        elif EI[q, EI_SRC] == zi[ZI_SRC] and EI[q, EI_SENSOR] == zi[ZI_SENSOR]:
            return int(q)
    return int(free)


@lean
def keep(
    z: Floats, zi: Ints, sensor: Floats, S: Floats, J: Ints, heads: Ints, E: Floats, EI: Ints, counters: Ints
) -> int:  # fmt: skip
    """Take one row of a neighbour's track: 0 no room, 1 new, 2 known; and judge with which of ours it goes."""
    k = find_place(zi, EI)
    if k < 0 or zi[ZI_SRC] == 0:
        return 0
    e, i = E[k], EI[k]
    new = i[EI_LIVE] == 0
    if new:
        for c in range(EI.shape[1]):
            i[c] = 0
        i[EI_LIVE], i[EI_SENSOR], i[EI_SRC] = 1, zi[ZI_SENSOR], zi[ZI_SRC]
        i[EI_ROW], i[EI_CODE] = -1, 65535
    elif z[Z_T] <= e[E_T]:
        return 2  # older than what is known of it
    e[E_T] = z[Z_T]
    e[E_ID] = sensor[N_ID]
    x, y, w = z[Z_X], z[Z_X + 1], z[Z_X + 2]
    e[E_X], e[E_X + 1], e[E_X + 2] = x, y, w
    lat, lon = lat_lon(x, y, w)
    sl, cl, so, co = math.sin(lat), math.cos(lat), math.sin(lon), math.cos(lon)
    told = math.isfinite(z[Z_VE]) and math.isfinite(z[Z_VN])
    u, v = (z[Z_VE], z[Z_VN]) if told else (0.0, 0.0)
    e[E_V] = -so * u - sl * co * v
    e[E_V + 1] = co * u - sl * so * v
    e[E_V + 2] = cl * v
    e[E_VAR] = z[Z_SD] * z[Z_SD]
    e[E_VVAR] = VELOCITY_VAR if told else 40000.0
    e[E_H], e[E_CLIMB] = z[Z_H], z[Z_CLIMB]
    if zi[ZI_ICAO] != 0:
        i[EI_ICAO] = zi[ZI_ICAO]
    if zi[ZI_CODE] != 65535:
        i[EI_CODE] = zi[ZI_CODE]
    if zi[ZI_CALLSIGN] != 0:
        i[EI_CALLSIGN] = zi[ZI_CALLSIGN]
    i[EI_FLAGS] = zi[ZI_FLAGS]
    i[EI_HITS] += 1
    vote(i, mate_of(e, i, S, J, heads), J)
    if mated(i, J):
        if i[EI_NO] != 0:
            row = i[EI_ROW]
            if i[EI_NO] < J[row, I_NO]:  # shown for longer: our track goes on under that number
                old = J[row, I_NO]
                J[row, I_NO] = i[EI_NO]
                i[EI_MATE] = i[EI_NO]
                i[EI_GONE] = old
            else:
                i[EI_GONE] = i[EI_NO]
            i[EI_NO] = 0
    elif i[EI_NO] == 0 and i[EI_HITS] >= 2:
        i[EI_NO] = counters[C_NEXT_NO]
        counters[C_NEXT_NO] += 1
    return 1 if new else 2


@lean
def vote(i: Ints, row: int, J: Ints) -> None:
    """Count how often running it has gone with the same track of ours; change the pair when that fails."""
    if i[EI_ROW] >= 0 and J[i[EI_ROW], I_NO] != i[EI_MATE]:
        i[EI_ROW], i[EI_VOTE] = -1, 0  # that track has ended
    if row >= 0 and row == i[EI_ROW]:
        i[EI_VOTE] = min(i[EI_VOTE] + 1, 5)
        return
    i[EI_VOTE] -= 1
    if i[EI_VOTE] <= 0:
        i[EI_ROW] = row
        i[EI_VOTE] = 1 if row >= 0 else 0
        i[EI_MATE] = J[row, I_NO] if row >= 0 else 0


@lean
def mated(i: Ints, J: Ints) -> bool:
    """Return whether it is believed to go with a track of ours that lives."""
    row = i[EI_ROW]
    if row < 0 or J[row, I_NO] != i[EI_MATE] or not 2 <= J[row, I_STATUS] <= 3:
        return False
    return bool(i[EI_VOTE] >= AGREED or (i[EI_ICAO] != 0 and i[EI_ICAO] == J[row, I_ICAO]))


@lean
def mate_of(e: Floats, i: Ints, S: Floats, J: Ints, heads: Ints) -> int:
    """Return the row of our track that a neighbour's goes with, by address or by place, speed and height; -1 none."""
    x0 = math.floor((e[E_X] - REACH_M) / CELL_M)
    y0 = math.floor((e[E_X + 1] - REACH_M) / CELL_M)
    z0 = math.floor((e[E_X + 2] - REACH_M) / CELL_M)
    best = MATCH
    second = 1e9
    found = -1
    for c in range(8):
        key = cell_key(x0 + (c & 1), y0 + ((c >> 1) & 1), z0 + (c >> 2))
        q = heads[cell_slot(key, heads.size - 1)]
        while q >= 0:
            if J[q, I_CELL] == key and 2 <= J[q, I_STATUS] <= 3:
                d2 = apart(e, i, S[q], J[q])
                if d2 < best:
                    second = best
                    best = d2
                    found = q
                elif d2 < second:
                    second = d2
            q = J[q, I_NEXT]
    # two of ours answer alike: it is left undecided
    return found if found >= 0 and (best < 0.0 or second > best + 4.0) else -1


@lean
def apart(e: Floats, i: Ints, row: Floats, ints: Ints) -> float:
    """Return the squared distance of a neighbour's track and one of ours at its time; -1 by the same address."""
    address = i[EI_ICAO] != 0 and ints[I_ICAO] != 0
    if address and i[EI_ICAO] != ints[I_ICAO]:
        return 1e9
    code = i[EI_CODE] != 65535 and ints[I_CODE] != 65535 and not conspicuous(i[EI_CODE])
    if code and i[EI_CODE] != ints[I_CODE] and not address:
        return 1e9
    dt = e[E_T] - row[T]
    east, north, u, v = at_track(e, row, 0.0)
    de = east - row[CX] - dt * row[CX + 2]
    dn = north - row[CX + 1] - dt * row[CX + 3]
    if de * de + dn * dn > REACH_M * REACH_M:
        return 1e9
    if address:
        return -1.0
    if math.isfinite(e[E_H]) and ints[I_HKNOWN] != 0:
        dh = e[E_H] - row[VH] - row[VV] * (e[E_T] - row[VT])
        if abs(dh) > 300.0:
            return 1e9
    du, dv = u - row[CX + 2], v - row[CX + 3]
    if du * du + dv * dv > 16.0 * (row[CP + 3] + e[E_VVAR]) + 400.0:
        return 1e9
    grow = e[E_VAR] + row[CP + 3] * dt * dt + COMMON_M * COMMON_M
    p00, p01, p11 = row[CP] + grow, row[CP + 1], row[CP + 2] + grow
    return float((p11 * de * de - 2.0 * p01 * de * dn + p00 * dn * dn) / (p00 * p11 - p01 * p01))


@lean
def at_track(e: Floats, row: Floats, dt: float) -> tuple[float, float, float, float]:
    """Return a neighbour's track ``dt`` seconds on, in the frame of one of ours: east, north, and its velocity."""
    a = ANCHOR
    x = e[E_X] + dt * e[E_V] - row[a]
    y = e[E_X + 1] + dt * e[E_V + 1] - row[a + 1]
    z = e[E_X + 2] + dt * e[E_V + 2] - row[a + 2]
    return (
        x * row[a + 3] + y * row[a + 4] + z * row[a + 5],
        x * row[a + 6] + y * row[a + 7] + z * row[a + 8],
        e[E_V] * row[a + 3] + e[E_V + 1] * row[a + 4] + e[E_V + 2] * row[a + 5],
        e[E_V] * row[a + 6] + e[E_V + 1] * row[a + 7] + e[E_V + 2] * row[a + 8],
    )


@lean
def intersect(m: Floats, east: float, north: float, var: float) -> float:
    """Join a place and covariance ``m`` (east, north, -, -, p00, p01, p11) with another by covariance intersection.

    The weight is the one of the smallest area. Returns it: 1 leaves ``m`` as it was, 0 takes the other.
    """
    p00, p01, p11 = m[4], m[5], m[6]
    det = p00 * p11 - p01 * p01
    i00, i01, i11 = p11 / det, -p01 / det, p00 / det
    best = 1e300
    weight = 1.0
    for k in range(33):
        w = 1.0 - k / 32.0
        b = (1.0 - w) / var
        f00, f01, f11 = w * i00 + b, w * i01, w * i11 + b
        area = 1.0 / (f00 * f11 - f01 * f01)
        if area < best:
            best = area
            weight = w
    b = (1.0 - weight) / var
    f00, f01, f11 = weight * i00 + b, weight * i01, weight * i11 + b
    area = 1.0 / (f00 * f11 - f01 * f01)
    q00, q01, q11 = f11 * area, -f01 * area, f00 * area
    y0 = weight * (i00 * m[0] + i01 * m[1]) + b * east
    y1 = weight * (i01 * m[0] + i11 * m[1]) + b * north
    m[0], m[1] = q00 * y0 + q01 * y1, q01 * y0 + q11 * y1
    m[4], m[5], m[6] = q00, q01, q11
    return float(weight)


@lean
def fuse(e: Floats, row: Floats, now: float, seen: Floats) -> None:
    """Join what is shown of one of our tracks (``seen``: place, velocity, covariance) with a neighbour's track."""
    dt = max(0.0, now - e[E_T])
    east, north, u, v = at_track(e, row, dt)
    intersect(seen, east, north, e[E_VAR] + e[E_VVAR] * dt * dt + DRIFT_Q * dt * dt * dt / 3.0)
    vvar = e[E_VVAR] + DRIFT_Q * dt
    if vvar < seen[7]:  # for single numbers covariance intersection is the better of the two
        seen[2], seen[3], seen[7] = u, v, vvar


@lean
def settle(J: Ints, E: Floats, EI: Ints, sensors: Floats, now: float) -> None:
    """Let old ones go; where our track ends and the neighbour's goes on, it goes on under the same number."""
    for k in range(EI.shape[0]):
        i = EI[k]
        if i[EI_LIVE] == 0:
            continue
        age = now - E[k, E_T]
        if age > max(STALE_S, 3.0 * sensors[i[EI_SENSOR], N_PERIOD]):
            if i[EI_NO] == 0 and i[EI_GONE] == 0:
                i[EI_LIVE] = 0
            elif i[EI_NO] != 0:
                i[EI_GONE] = i[EI_NO]
                i[EI_NO] = 0
            continue
        row = i[EI_ROW]
        ended = row >= 0 and J[row, I_NO] == i[EI_MATE] and J[row, I_STATUS] == 4 and J[row, I_TOUCH] == 0
        if ended and i[EI_VOTE] >= AGREED and i[EI_NO] == 0 and age < 3.0 * sensors[i[EI_SENSOR], N_PERIOD]:
            i[EI_NO] = i[EI_MATE]
            i[EI_ROW], i[EI_VOTE] = -1, 0
            J[row, I_STATUS] = 0  # not said as ended: given back with the next look at all tracks


@lean
def links_of(J: Ints, EI: Ints, links: Ints) -> int:
    """Write the place of each of our tracks' neighbour's track into ``links`` (-1 none); return how many go alone."""
    for k in range(links.size):
        links[k] = -1
    alone = 0
    for k in range(EI.shape[0]):
        if EI[k, EI_LIVE] == 0:
            continue
        if mated(EI[k], J) and EI[k, EI_ROW] < links.size and links[EI[k, EI_ROW]] < 0:
            links[EI[k, EI_ROW]] = k
        alone += 2  # itself, and a number that ends
    return alone


@lean
def show_alone(
    E: Floats, EI: Ints, J: Ints, sensors: Floats, alt: Floats, epoch_ns: int, now_ns: int, rows: Rows, n: int
) -> int:  # fmt: skip
    """Write the rows of neighbours' tracks that go with none of ours from place ``n`` on; return where they end."""
    now = (now_ns - epoch_ns) * 1e-9
    for k in range(EI.shape[0]):
        i, e = EI[k], E[k]
        if i[EI_LIVE] == 0:
            continue
        for part in range(2):
            number = i[EI_GONE] if part == 0 else i[EI_NO]
            if number == 0 or (part == 1 and mated(i, J)):
                continue
            dt = max(0.0, now - e[E_T])
            x, y, z = e[E_X] + dt * e[E_V], e[E_X + 1] + dt * e[E_V + 1], e[E_X + 2] + dt * e[E_V + 2]
            lat, lon = lat_lon(x, y, z)
            so, co, sl, cl = math.sin(lon), math.cos(lon), math.sin(lat), math.cos(lat)
            period = sensors[i[EI_SENSOR], N_PERIOD]
            sd = math.sqrt(e[E_VAR] + e[E_VVAR] * dt * dt + DRIFT_Q * dt * dt * dt / 3.0)
            height = e[E_H] + (e[E_CLIMB] * dt if math.isfinite(e[E_CLIMB]) else 0.0)
            r = rows[n]
            n += 1
            r["now_ns"] = now_ns
            r["track_no"] = number
            r["status"] = 4 if part == 0 else 2 if dt < 2.0 * period + 1.0 else 3
            r["toa_ns"] = epoch_ns + round(e[E_T] * 1e9)
            r["lat_deg"] = math.degrees(lat)
            r["lon_deg"] = math.degrees(lon)
            r["geo_alt_m"] = height
            r["press_alt_m"] = (height - alt[A_SHIFT]) / alt[A_SCALE]
            r["v_east_mps"] = -so * e[E_V] + co * e[E_V + 1]
            r["v_north_mps"] = -sl * co * e[E_V] - sl * so * e[E_V + 1] + cl * e[E_V + 2]
            r["climb_mps"] = e[E_CLIMB]
            r["turn_radps"] = math.nan
            r["pos_major_m"] = sd
            r["pos_minor_m"] = sd
            r["pos_orient_rad"] = 0.0
            r["vel_sd_mps"] = math.sqrt(e[E_VVAR] + DRIFT_Q * dt)
            r["sensors"] = 1 << (int(e[E_ID]) % 64)
            r["icao24"] = i[EI_ICAO]
            r["mode3a"] = i[EI_CODE]
            r["callsign"] = i[EI_CALLSIGN]
            r["flags"] = i[EI_FLAGS]
        i[EI_GONE] = 0
    return n


__all__ = ["EI_WIDTH", "E_WIDTH", "ROOM", "fuse", "intersect", "keep", "links_of", "settle", "show_alone"]
