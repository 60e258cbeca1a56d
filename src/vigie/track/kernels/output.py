"""The picture: one TRACK row per track, its state carried to the output time; the tracks stay as they are."""

from __future__ import annotations

import math

from vigie.earth.wgs84 import ecef_to_geodetic
from vigie.terms.kernel import kernel
from vigie.terms.tables import Rows
from vigie.track.kernels.imm import combine, predict, predict_block, to_ecef
from vigie.track.kernels.intake import A_SCALE, A_SHIFT
from vigie.track.kernels.life import judge
from vigie.track.models import M_OMEGA, M_Q, SET_FAST
from vigie.track.state import (
    C_TRACKS,
    CP,
    CX,
    I_CALLSIGN,
    I_CODE,
    I_FLAGS,
    I_HKNOWN,
    I_ICAO,
    I_NO,
    I_SET,
    I_STATUS,
    I_TOUCH,
    MU,
    N_ID,
    N_PERIOD,
    NM,
    SLOT_N,
    SLOT_SENSOR,
    SLOT_STRIDE,
    SLOT_T,
    SLOTS,
    STRIDE,
    T_HIT,
    VH,
    VT,
    VV,
    WIDTH,
    Floats,
    Ints,
    T,
)


@kernel
def output(
    S: Floats, J: Ints, counters: Ints, sensors: Floats, sets: Floats, alt: Floats, epoch_ns: int, now_ns: int,
    rows: Rows, work: Floats,
) -> int:  # fmt: skip
    """Write a row for every track into ``rows`` (room for all) and return how many; ended tracks are marked as said."""
    n = 0
    now = (now_ns - epoch_ns) * 1e-9
    copy = work[200 : 200 + WIDTH]
    for i in range(counters[C_TRACKS]):
        if J[i, I_NO] == 0 or J[i, I_STATUS] == 0:
            continue
        status = J[i, I_STATUS]
        if status == 4:
            if J[i, I_TOUCH] != 0:
                continue
            J[i, I_TOUCH] = 1
        else:
            status = max(status, 1)
            new = judge(S[i], J[i], sensors, now)
            status = new if new != 0 else status
        for k in range(WIDTH):
            copy[k] = S[i, k]
        dt = now - copy[T]
        if dt > 0.0:
            which = J[i, I_SET]
            if which == SET_FAST:  # may change its motion within a turn
                predict(copy, J[i], sets, dt, work)
            else:
                for j in range(NM):  # each model by its own motion: changes of model add nothing in so short a time
                    m = copy[j * STRIDE : j * STRIDE + STRIDE]
                    predict_block(m, sets[which, j, M_OMEGA], sets[which, j, M_Q], 0.0, dt)
            combine(copy)
        height = copy[VH] + copy[VV] * (now - copy[VT]) if J[i, I_HKNOWN] != 0 else copy[CX + 4]
        x, y, z = to_ecef(copy, copy[CX], copy[CX + 1], height)
        lat, lon, _ = ecef_to_geodetic(x, y, z)
        r = rows[n]
        n += 1
        r["now_ns"] = now_ns
        r["track_no"] = J[i, I_NO]
        r["status"] = status
        r["toa_ns"] = epoch_ns + round(copy[T_HIT] * 1e9)
        r["lat_deg"] = math.degrees(lat)
        r["lon_deg"] = math.degrees(lon)
        if J[i, I_HKNOWN] != 0:
            r["geo_alt_m"] = height
            r["press_alt_m"] = (height - alt[A_SHIFT]) / alt[A_SCALE]
            r["climb_mps"] = copy[VV]
        else:
            r["geo_alt_m"] = math.nan
            r["press_alt_m"] = math.nan
            r["climb_mps"] = math.nan
        r["v_east_mps"] = copy[CX + 2]
        r["v_north_mps"] = copy[CX + 3]
        turn = 0.0
        for j in range(NM):
            turn += copy[j * STRIDE + MU] * sets[J[i, I_SET], j, M_OMEGA]
        r["turn_radps"] = turn
        a, b, c = copy[CP], copy[CP + 1], copy[CP + 2]
        mean = 0.5 * (a + c)
        half = math.sqrt(0.25 * (a - c) * (a - c) + b * b)
        r["pos_major_m"] = math.sqrt(mean + half)
        r["pos_minor_m"] = math.sqrt(max(mean - half, 1e-4))
        # major axis (east, north) at half the angle of (a - c, 2 b); clockwise from north is atan2(east, north)
        theta = 0.5 * math.atan2(2.0 * b, a - c)
        orient = 0.5 * math.pi - theta
        r["pos_orient_rad"] = orient - math.pi * math.floor(orient / math.pi)
        r["vel_sd_mps"] = math.sqrt(copy[CP + 3])
        bits = 0
        for k in range(SLOT_N):
            o = SLOTS + k * SLOT_STRIDE
            s = int(copy[o + SLOT_SENSOR])
            if s >= 0 and now - copy[o + SLOT_T] <= 2.0 * sensors[s, N_PERIOD] + 1.0:
                bits |= 1 << (int(sensors[s, N_ID]) % 64)
        r["sensors"] = bits
        r["icao24"] = J[i, I_ICAO]
        r["mode3a"] = J[i, I_CODE]
        r["callsign"] = J[i, I_CALLSIGN]
        r["flags"] = J[i, I_FLAGS]
    return n
