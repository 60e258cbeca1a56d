"""The picture: one TRACK row per track, its state carried to the output time; the tracks stay as they are."""

from __future__ import annotations

import math

from vigie.terms.kernel import lean
from vigie.terms.tables import Rows
from vigie.track.kernels.imm import lat_lon, predict, to_ecef, turn_terms
from vigie.track.kernels.intake import A_SCALE, A_SHIFT
from vigie.track.kernels.life import judge
from vigie.track.kernels.neighbour import E_ID, E_T, fuse
from vigie.track.models import M_OMEGA, M_Q, SET_FAST, SETTLED_HITS, SURE, SURE_FAST, SURE_NIS
from vigie.track.state import (
    ANCHOR,
    C_TRACKS,
    CX,
    I_CALLSIGN,
    I_CLASS,
    I_CODE,
    I_FLAGS,
    I_HITS,
    I_HKNOWN,
    I_ICAO,
    I_NO,
    I_SET,
    I_STATUS,
    I_TOUCH,
    MU,
    N_ID,
    N_PERIOD,
    NIS,
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


@lean
def glance(
    row: Floats, sets: Floats, which: int, dt: float, count: int, sure: float, work: Floats, out: Floats
) -> None:
    """Write what a track will be ``dt`` seconds on into ``out``, leaving the row as it is.

    Mean east, north and their speeds, position covariance (3), velocity variance. Each of the first ``count`` models
    goes by its own motion: changes of model add nothing in so short a time. ``sure`` multiplies the position
    covariance of straight flight, see ``models.SURE``.
    """
    a = b = s = 0.0
    c = 1.0
    last = 1e9
    total = m0 = m1 = m2 = m3 = 0.0
    for j in range(count):
        o = j * STRIDE
        omega = sets[which, j, M_OMEGA]
        if j > 0 and omega == -last:
            b, s = -b, -s  # to the other side
        elif j == 0 or omega != last:
            a, b, c, s = turn_terms(omega, dt)
        last = omega
        e, n, u, v = row[o], row[o + 1], row[o + 2], row[o + 3]
        p02, p03, p12, p13 = row[o + 7], row[o + 8], row[o + 11], row[o + 12]
        p22, p23, p33 = row[o + 14], row[o + 15], row[o + 17]
        q = sets[which, j, M_Q]
        q3 = q * dt * dt * dt / 3.0
        r02 = p02 + a * p22 + b * p23
        r03 = p03 + a * p23 + b * p33
        r12 = p12 - b * p22 + a * p23
        r13 = p13 - b * p23 + a * p33
        w = row[o + MU]
        k = 8 * j
        work[k] = e + a * u + b * v
        work[k + 1] = n - b * u + a * v
        work[k + 2] = c * u + s * v
        work[k + 3] = c * v - s * u
        work[k + 4] = row[o + 5] + a * p02 + b * p03 + a * r02 + b * r03 + q3
        work[k + 5] = row[o + 6] + a * p12 + b * p13 - b * r02 + a * r03
        work[k + 6] = row[o + 10] - b * p12 + a * p13 - b * r12 + a * r13 + q3
        cs = 2.0 * c * s * p23
        work[k + 7] = max(c * c * p22 + cs + s * s * p33, s * s * p22 - cs + c * c * p33) + q * dt
        total += w
        m0 += w * work[k]
        m1 += w * work[k + 1]
        m2 += w * work[k + 2]
        m3 += w * work[k + 3]
    w = 1.0 / total
    m0 *= w
    m1 *= w
    m2 *= w
    m3 *= w
    p00 = p01 = p11 = pvv = 0.0
    for j in range(count):
        k = 8 * j
        w = row[j * STRIDE + MU] / total
        f = sure if j == 0 else 1.0
        d0, d1, d2, d3 = work[k] - m0, work[k + 1] - m1, work[k + 2] - m2, work[k + 3] - m3
        p00 += w * (f * work[k + 4] + d0 * d0)
        p01 += w * (f * work[k + 5] + d0 * d1)
        p11 += w * (f * work[k + 6] + d1 * d1)
        pvv += w * (work[k + 7] + d2 * d2 + d3 * d3)
    out[0], out[1], out[2], out[3] = m0, m1, m2, m3
    out[4], out[5], out[6], out[7] = p00, p01, p11, pvv


@lean
def output(
    S: Floats, J: Ints, counters: Ints, sensors: Floats, sets: Floats, alt: Floats, epoch_ns: int, now_ns: int,
    rows: Rows, work: Floats, links: Ints, E: Floats,
) -> int:  # fmt: skip
    """Write a row for every track into ``rows`` (room for all) and return how many; ended tracks are marked as said."""
    n = 0
    now = (now_ns - epoch_ns) * 1e-9
    copy = work[200 : 200 + WIDTH]
    seen = work[190:198]
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
        row = S[i]
        which = J[i, I_SET]
        dt = max(0.0, now - row[T])
        # bearings alone bend the errors: they claim all
        sure = SURE if which != SET_FAST else SURE_FAST if row[NIS] < SURE_NIS else 1.0
        sure = 1.0 if J[i, I_CLASS] & 7 == 4 else 1.0 - (1.0 - sure) * min(1.0, J[i, I_HITS] / SETTLED_HITS)
        if which == SET_FAST and dt > 0.0:  # may change its motion within a turn
            for k in range(ANCHOR + 24):
                copy[k] = row[k]
            predict(copy, J[i], sets, dt, work)
            glance(copy, sets, which, 0.0, NM, sure, work, seen)
        else:  # after one plot all models are still the same
            glance(row, sets, which, dt, 1 if J[i, I_HITS] == 1 else NM, sure, work, seen)
        hit = row[T_HIT]
        bits = 0
        if links.size > 0 and links[i] >= 0:
            other = E[links[i]]
            fuse(other, row, now, seen)
            hit = max(hit, other[E_T])
            bits = 1 << (int(other[E_ID]) % 64)
        height = row[VH] + row[VV] * (now - row[VT]) if J[i, I_HKNOWN] != 0 else row[CX + 4]
        x, y, z = to_ecef(row, seen[0], seen[1], height)
        lat, lon = lat_lon(x, y, z)
        r = rows[n]
        n += 1
        r["now_ns"] = now_ns
        r["track_no"] = J[i, I_NO]
        r["status"] = status
        r["toa_ns"] = epoch_ns + round(hit * 1e9)
        r["lat_deg"] = math.degrees(lat)
        r["lon_deg"] = math.degrees(lon)
        if J[i, I_HKNOWN] != 0:
            r["geo_alt_m"] = height
            r["press_alt_m"] = (height - alt[A_SHIFT]) / alt[A_SCALE]
            r["climb_mps"] = row[VV]
        else:
            r["geo_alt_m"] = math.nan
            r["press_alt_m"] = math.nan
            r["climb_mps"] = math.nan
        r["v_east_mps"] = seen[2]
        r["v_north_mps"] = seen[3]
        turn = 0.0
        for j in range(NM):
            turn += row[j * STRIDE + MU] * sets[J[i, I_SET], j, M_OMEGA]
        r["turn_radps"] = turn
        a, b, c = seen[4], seen[5], seen[6]
        mean = 0.5 * (a + c)
        half = math.sqrt(0.25 * (a - c) * (a - c) + b * b)
        r["pos_major_m"] = math.sqrt(mean + half)
        r["pos_minor_m"] = math.sqrt(max(mean - half, 1e-4))
        # major axis (east, north) at half the angle of (a - c, 2 b); clockwise from north is atan2(east, north)
        theta = 0.5 * math.atan2(2.0 * b, a - c)
        orient = 0.5 * math.pi - theta
        r["pos_orient_rad"] = orient - math.pi * math.floor(orient / math.pi)
        r["vel_sd_mps"] = math.sqrt(seen[7])
        for k in range(SLOT_N):
            o = SLOTS + k * SLOT_STRIDE
            s = int(row[o + SLOT_SENSOR])
            if s >= 0 and now - row[o + SLOT_T] <= 2.0 * sensors[s, N_PERIOD] + 1.0:
                bits |= 1 << (int(sensors[s, N_ID]) % 64)
        r["sensors"] = bits
        r["icao24"] = J[i, I_ICAO]
        r["mode3a"] = J[i, I_CODE]
        r["callsign"] = J[i, I_CALLSIGN]
        r["flags"] = J[i, I_FLAGS]
    return n


@lean
def fold(words: Ints, lanes: Ints) -> None:
    """Fold ``words`` into four running 64-bit numbers, each word changing all that follow in its lane.

    No secret's hash: it tells whether two runs wrote the same bits, at the speed of memory. Each word goes through an
    odd multiplication and a shift (both can be undone), so no single change is ever lost.
    """
    a, b, c, d = lanes[0], lanes[1], lanes[2], lanes[3]
    n = words.size
    for k in range(0, n - 3, 4):
        a = (a ^ words[k]) * 0x2545F4914F6CDD1D
        a ^= a >> 32
        b = (b ^ words[k + 1]) * 0x2545F4914F6CDD1D
        b ^= b >> 32
        c = (c ^ words[k + 2]) * 0x2545F4914F6CDD1D
        c ^= c >> 32
        d = (d ^ words[k + 3]) * 0x2545F4914F6CDD1D
        d ^= d >> 32
    for k in range(n - n % 4, n):
        a = (a ^ words[k]) * 0x2545F4914F6CDD1D
        a ^= a >> 32
    lanes[0], lanes[1], lanes[2], lanes[3] = a, b, c, d
