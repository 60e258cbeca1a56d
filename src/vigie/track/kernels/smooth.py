"""Fixed-interval smoothing of tracks: what is kept of each update, and the way back from the last to the first.

From an update at t to the next at t' every motion model carries the state mixed for it; the models weigh as the next
update has judged them. Means, covariances and the covariance of both ends are those of that mixture; with the gain
C = Cov(x, x') Cov(x')^-1 the way back is x + C (smoothed' - predicted'), P + C (smoothed P' - predicted P') C^T.
Source: Rauch, Tung, Striebel 1965; for interacting models Helmick, Blair, Hoffman 1995 (one-step weights).
"""

from __future__ import annotations

import math
from typing import Final

from vigie.terms.kernel import kernel, lean
from vigie.track.kernels.imm import mix, predict_block, turn_terms
from vigie.track.models import M_OMEGA, M_Q, SET_FAST
from vigie.track.state import (
    ANCHOR,
    I_HKNOWN,
    I_NO,
    I_SET,
    I_STATUS,
    MU,
    NM,
    STRIDE,
    VH,
    VHH,
    VHV,
    VT,
    VV,
    VVV,
    Floats,
    Ints,
    T,
)

# A record: one update of one track and the way to its next.
R_NO: Final = 0
R_T: Final = 1
R_NEXT: Final = 2  # time of the next update; its own time where the way ends
R_FRAME: Final = 3  # 12: anchor, east, north, up (ECEF)
R_X: Final = 15  # 4
R_P: Final = 19  # 16
R_PX: Final = 35  # 4: predicted
R_PP: Final = 39  # 16
R_C: Final = 55  # 16: the gain
R_V: Final = 71  # 5: height, climb, their covariance
R_PV: Final = 76  # 5: predicted
R_HKNOWN: Final = 81
R_HEIGHT: Final = 82  # the height that the frame measures at, where none is known
R_WIDTH: Final = 83

# A smoothed update.
G_NO: Final = 0
G_T: Final = 1
G_NEXT: Final = 2
G_XYZ: Final = 3
G_VEL: Final = 6
G_P: Final = 9  # 3: east, cross, north
G_PV: Final = 12
G_H: Final = 13
G_CLIMB: Final = 14
G_WIDTH: Final = 15

# What follows of a track number on the way back.
H_NO: Final = 0
H_T: Final = 1
H_XYZ: Final = 2
H_VEL: Final = 5
H_AXES: Final = 8  # 6: east and north of its frame
H_P: Final = 14  # 16
H_H: Final = 30
H_CLIMB: Final = 31
H_HKNOWN: Final = 32
H_WIDTH: Final = 33

EARTH_M: Final = 6_371_000.0
JUMP: Final = 40.0  # squared distance beyond which the next update is not the same flight going on: nothing goes back
CLIMB_NOISE: Final = 0.6  # as the vertical filter has it, m2/s3
CLIMB_NOISE_FAST: Final = 60.0


@lean
def upper(row: Floats, o: int, into: Floats, p: int, d: Floats, w: float) -> None:
    """Add ``w`` times the 4 x 4 covariance of the block at ``o``, plus d d', into the square at ``p``."""
    # places of the upper triangle of five in a block: rows of 5, 4, 3, 2 numbers
    for i in range(4):
        for j in range(i, 4):
            k = o + 5 + i * 5 - i * (i - 1) // 2 + (j - i)
            value = w * (row[k] + d[i] * d[j])
            into[p + 4 * i + j] += value
            if i != j:
                into[p + 4 * j + i] += value


@lean
def keep_last(row: Floats, ints: Ints, record: Floats, copy: Floats) -> None:
    """Write the state of a track as the last of its way: nothing follows."""
    for k in range(R_WIDTH):
        record[k] = 0.0
    record[R_NO], record[R_T], record[R_NEXT] = float(ints[I_NO]), row[T], row[T]
    for k in range(12):
        record[R_FRAME + k] = row[ANCHOR + k]
    d = copy[:4]
    for j in range(NM):
        for k in range(4):
            record[R_X + k] += row[j * STRIDE + MU] * row[j * STRIDE + k]
    for j in range(NM):
        for k in range(4):
            d[k] = row[j * STRIDE + k] - record[R_X + k]
        upper(row, j * STRIDE, record, R_P, d, row[j * STRIDE + MU])
    upright(row, ints, record)


@lean
def upright(row: Floats, ints: Ints, record: Floats) -> None:
    """Write the vertical state, carried to the time of the horizontal one."""
    dt = row[T] - row[VT]
    q = CLIMB_NOISE_FAST if ints[I_SET] == SET_FAST else CLIMB_NOISE
    grow = max(dt, 0.0)
    record[R_V] = row[VH] + dt * row[VV]
    record[R_V + 1] = row[VV]
    record[R_V + 2] = row[VHH] + 2.0 * dt * row[VHV] + dt * dt * row[VVV] + q * grow * grow * grow / 3.0
    record[R_V + 3] = row[VHV] + dt * row[VVV] + q * grow * grow / 2.0
    record[R_V + 4] = row[VVV] + q * grow
    record[R_HKNOWN] = float(ints[I_HKNOWN])
    record[R_HEIGHT] = row[4]


@lean
def keep_way(old: Floats, ints: Ints, new: Floats, sets: Floats, record: Floats, copy: Floats, work: Floats) -> None:
    """Write the way from ``old`` (the track after its update before) to ``new`` (after this one) into ``record``."""
    dt = new[T] - old[T]
    which = ints[I_SET]
    for k in range(R_WIDTH):
        record[k] = 0.0
    record[R_NO], record[R_T], record[R_NEXT] = float(ints[I_NO]), old[T], new[T]
    for k in range(12):
        record[R_FRAME + k] = old[ANCHOR + k]
    for k in range(NM * STRIDE):
        copy[k] = old[k]
    mix(copy, sets, which, dt, work)
    ahead = copy[NM * STRIDE : 2 * NM * STRIDE]
    for k in range(NM * STRIDE):
        ahead[k] = copy[k]
    d, g = work[:4], work[4:8]
    for j in range(NM):
        predict_block(ahead[j * STRIDE : j * STRIDE + STRIDE], sets[which, j, M_OMEGA], sets[which, j, M_Q], 0.0, dt)
        w = new[j * STRIDE + MU]
        for k in range(4):
            record[R_X + k] += w * copy[j * STRIDE + k]
            record[R_PX + k] += w * ahead[j * STRIDE + k]
    cross = work[8:24]
    for k in range(16):
        cross[k] = 0.0
    for j in range(NM):
        o = j * STRIDE
        w = new[o + MU]
        for k in range(4):
            d[k] = copy[o + k] - record[R_X + k]
            g[k] = ahead[o + k] - record[R_PX + k]
        upper(copy, o, record, R_P, d, w)
        upper(ahead, o, record, R_PP, g, w)
        a, b, c, s = turn_terms(sets[which, j, M_OMEGA], dt)
        for i in range(4):  # row i of P F'
            pe, pn, pu, pv = entry(copy, o, i, 0), entry(copy, o, i, 1), entry(copy, o, i, 2), entry(copy, o, i, 3)
            cross[4 * i] += w * (pe + a * pu + b * pv + d[i] * g[0])
            cross[4 * i + 1] += w * (pn - b * pu + a * pv + d[i] * g[1])
            cross[4 * i + 2] += w * (c * pu + s * pv + d[i] * g[2])
            cross[4 * i + 3] += w * (c * pv - s * pu + d[i] * g[3])
    gain(record, cross, work[24:])
    upright(old, ints, record)
    q = CLIMB_NOISE_FAST if which == SET_FAST else CLIMB_NOISE
    h = R_V
    record[R_PV] = record[h] + dt * record[h + 1]
    record[R_PV + 1] = record[h + 1]
    record[R_PV + 2] = record[h + 2] + 2.0 * dt * record[h + 3] + dt * dt * record[h + 4] + q * dt * dt * dt / 3.0
    record[R_PV + 3] = record[h + 3] + dt * record[h + 4] + q * dt * dt / 2.0
    record[R_PV + 4] = record[h + 4] + q * dt


@lean
def entry(row: Floats, o: int, i: int, j: int) -> float:
    """Return the covariance of numbers i and j of the block at ``o``."""
    a, b = min(i, j), max(i, j)
    return float(row[o + 5 + a * 5 - a * (a - 1) // 2 + (b - a)])


@lean
def gain(record: Floats, cross: Floats, room: Floats) -> None:
    """Write C = cross PP^-1: Cholesky's factor of PP, then each row of C by substitution, forward and back."""
    low = room[:16]
    for i in range(4):
        for j in range(i + 1):
            s = record[R_PP + 4 * i + j]
            for k in range(j):
                s -= low[4 * i + k] * low[4 * j + k]
            if i == j:
                low[4 * i + i] = math.sqrt(max(s, 1e-12))
            else:
                low[4 * i + j] = s / low[4 * j + j]
    y = room[16:20]
    for r in range(4):
        for i in range(4):
            s = cross[4 * r + i]
            for k in range(i):
                s -= low[4 * i + k] * y[k]
            y[i] = s / low[4 * i + i]
        for i in range(3, -1, -1):
            s = y[i]
            for k in range(i + 1, 4):
                s -= low[4 * k + i] * record[R_C + 4 * r + k]
            record[R_C + 4 * r + i] = s / low[4 * i + i]


@kernel
def collect(
    S: Floats, J: Ints, used: int, sets: Floats, last: Floats, last_i: Ints, out: Floats, copy: Floats, work: Floats
) -> int:
    """Write a record for every track that was updated since ``last`` and return how many; ``last`` follows.

    ``last``, ``last_i``: the tracks' rows as they stood after their last updates. ``out`` has room for 2 ``used``.
    """
    n = 0
    for i in range(used):
        no = J[i, I_NO] if J[i, I_STATUS] != 0 else 0
        if last_i[i, I_NO] != no and last_i[i, I_NO] != 0:
            keep_last(last[i], last_i[i], out[n], copy)
            n += 1
            last_i[i, I_NO] = 0
        if no == 0 or (S[i, T] == last[i, T] and last_i[i, I_NO] == no and J[i, I_STATUS] != 4):
            continue
        if last_i[i, I_NO] == no and S[i, T] > last[i, T]:
            keep_way(last[i], last_i[i], S[i], sets, out[n], copy, work)
            n += 1
        for k in range(last.shape[1]):
            last[i, k] = S[i, k]
        for k in range(last_i.shape[1]):
            last_i[i, k] = J[i, k]
    return n


@kernel
def back(records: Floats, out: Floats, held: Floats, room: Floats) -> None:
    """Smooth ``records`` from the last to the first into ``out`` (n, G_WIDTH).

    ``held`` (numbers, H_WIDTH) is what follows of each track number; it comes and goes with the caller, so that records
    may come in parts, the later ones first. ``room``: 52 numbers.
    """
    x, s = room[:4], room[4:20]
    d, m = room[20:24], room[24:40]
    for r in range(records.shape[0] - 1, -1, -1):
        one = records[r]
        h = held[int(one[R_NO])]
        f = one[R_FRAME : R_FRAME + 12]
        for k in range(4):
            x[k] = one[R_X + k]
        for k in range(16):
            s[k] = one[R_P + k]
        height, climb = one[R_V], one[R_V + 1]
        if one[R_NEXT] > one[R_T] and h[H_NO] != 0.0 and h[H_T] == one[R_NEXT]:
            turn_into(one, f, h, d, m)
            if d[0] * d[0] / max(one[R_PP], 1.0) + d[1] * d[1] / max(one[R_PP + 5], 1.0) < JUMP:
                step_back(one[R_C : R_C + 16], one[R_PP : R_PP + 16], x, s, d, m)
                if one[R_HKNOWN] != 0.0 and h[H_HKNOWN] != 0.0:
                    height, climb = upright_back(one, h[H_H], h[H_CLIMB])
        known = one[R_HKNOWN] != 0.0
        up = (height if known else one[R_HEIGHT]) - (x[0] * x[0] + x[1] * x[1]) / (2.0 * EARTH_M)
        h[H_NO], h[H_T], h[H_HKNOWN], h[H_H], h[H_CLIMB] = one[R_NO], one[R_T], one[R_HKNOWN], height, climb
        for k in range(3):
            h[H_XYZ + k] = f[k] + x[0] * f[3 + k] + x[1] * f[6 + k] + up * f[9 + k]
            h[H_VEL + k] = x[2] * f[3 + k] + x[3] * f[6 + k]
        for k in range(6):
            h[H_AXES + k] = f[3 + k]
        for k in range(16):
            h[H_P + k] = s[k]
        g = out[r]
        g[G_NO], g[G_T], g[G_NEXT] = one[R_NO], one[R_T], one[R_NEXT]
        rise = climb if known else 0.0
        for k in range(3):
            g[G_XYZ + k] = h[H_XYZ + k]
            g[G_VEL + k] = h[H_VEL + k] + rise * f[9 + k]
        g[G_P], g[G_P + 1], g[G_P + 2] = max(s[0], 1e-4), s[1], max(s[5], 1e-4)
        g[G_PV] = max(s[10], s[15], 1e-4)
        g[G_H], g[G_CLIMB] = (height, climb) if known else (math.nan, math.nan)


@lean
def turn_into(one: Floats, f: Floats, h: Floats, d: Floats, m: Floats) -> None:
    """Write the smoothed next state less the predicted one, and its covariance, in the frame ``f`` of ``one``."""
    for i in range(2):
        d[i] = d[2 + i] = 0.0
        for k in range(3):
            d[i] += (h[H_XYZ + k] - f[k]) * f[3 + 3 * i + k]
            d[2 + i] += h[H_VEL + k] * f[3 + 3 * i + k]
    for k in range(4):
        d[k] -= one[R_PX + k]
    ee = en = ne = nn = 0.0  # the next frame's axes in this one's
    for k in range(3):
        ee += f[3 + k] * h[H_AXES + k]
        en += f[3 + k] * h[H_AXES + 3 + k]
        ne += f[6 + k] * h[H_AXES + k]
        nn += f[6 + k] * h[H_AXES + 3 + k]
    for a in range(0, 4, 2):
        for b in range(0, 4, 2):
            p00, p01 = h[H_P + 4 * a + b], h[H_P + 4 * a + b + 1]
            p10, p11 = h[H_P + 4 * a + 4 + b], h[H_P + 4 * a + 4 + b + 1]
            q00, q01 = ee * p00 + en * p10, ee * p01 + en * p11
            q10, q11 = ne * p00 + nn * p10, ne * p01 + nn * p11
            m[4 * a + b], m[4 * a + b + 1] = q00 * ee + q01 * en, q00 * ne + q01 * nn
            m[4 * a + 4 + b], m[4 * a + 4 + b + 1] = q10 * ee + q11 * en, q10 * ne + q11 * nn


@lean
def step_back(c: Floats, predicted: Floats, x: Floats, s: Floats, d: Floats, m: Floats) -> None:
    """Add C d to ``x`` and C (m - predicted) C' to ``s``."""
    for i in range(4):
        for k in range(4):
            x[i] += c[4 * i + k] * d[k]
    for k in range(16):
        m[k] -= predicted[k]
    for i in range(4):
        for j in range(4):
            total = 0.0
            for k in range(4):
                for q in range(4):
                    total += c[4 * i + k] * m[4 * k + q] * c[4 * j + q]
            s[4 * i + j] += total


@lean
def upright_back(one: Floats, height: float, climb: float) -> tuple[float, float]:
    """Return height and climb smoothed by those that follow."""
    dt = one[R_NEXT] - one[R_T]
    hh, hv, vv = one[R_V + 2], one[R_V + 3], one[R_V + 4]
    p00, p01, p11 = one[R_PV + 2], one[R_PV + 3], one[R_PV + 4]
    det = max(p00 * p11 - p01 * p01, 1e-9)
    dh, dv = height - one[R_PV], climb - one[R_PV + 1]
    a, b = (p11 * dh - p01 * dv) / det, (p00 * dv - p01 * dh) / det
    return one[R_V] + (hh + dt * hv) * a + hv * b, one[R_V + 1] + (hv + dt * vv) * a + vv * b
