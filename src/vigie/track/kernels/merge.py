"""Two tracks of one aircraft become one: the younger ends when nothing tells them apart.

They must lie and move together within their claims, carry no contradicting identity, and no sensor may have given
both a plot in the same turn (then they are two aircraft, however close). Two that fly in formation get their plots in
the same turns for minutes, and then one of them misses one: that they were two is remembered.
"""

from __future__ import annotations

import math

from vigie.terms.kernel import lean
from vigie.track.kernels.gate import CELL_M, cell_key, cell_slot
from vigie.track.kernels.imm import to_ecef
from vigie.track.state import (
    ANCHOR,
    C_TRACKS,
    CP,
    CX,
    I_CELL,
    I_CLASS,
    I_CODE,
    I_HITS,
    I_HKNOWN,
    I_ICAO,
    I_NEXT,
    I_NO,
    I_STATUS,
    N_PERIOD,
    SLOT_N,
    SLOT_SENSOR,
    SLOT_STRIDE,
    SLOT_T,
    SLOTS,
    T_BESIDE,
    VH,
    VT,
    VV,
    Floats,
    Ints,
    T,
)

NEAR_M = 2500.0
REMEMBERED_S = 60.0  # fifteen turns: a member that missed that many would have ended long ago


@lean
def same(a: Floats, b: Floats, ia: Ints, ib: Ints, sensors: Floats) -> bool:
    """Return whether two tracks are one aircraft as far as anyone can tell."""
    if ia[I_ICAO] != 0 and ib[I_ICAO] != 0 and ia[I_ICAO] != ib[I_ICAO]:
        return False
    if ia[I_CODE] != 65535 and ib[I_CODE] != 65535 and ia[I_CODE] != ib[I_CODE]:
        return False
    t = max(a[T], b[T])
    # false crossings of bearings do fly beside the true ones for a while
    heard = ia[I_CLASS] & 7 == 4 or ib[I_CLASS] & 7 == 4
    if not heard and t - min(a[T_BESIDE], b[T_BESIDE]) < REMEMBERED_S:
        return False
    da = t - a[T]
    db = t - b[T]
    if ia[I_HKNOWN] != 0 and ib[I_HKNOWN] != 0:
        dh = a[VH] + a[VV] * (t - a[VT]) - b[VH] - b[VV] * (t - b[VT])
        if abs(dh) > 200.0:
            return False
    ax, ay, az = to_ecef(a, a[CX] + da * a[CX + 2], a[CX + 1] + da * a[CX + 3], a[CX + 4])
    bx, by, bz = to_ecef(b, b[CX] + db * b[CX + 2], b[CX + 1] + db * b[CX + 3], b[CX + 4])
    dx, dy, dz = bx - ax, by - ay, bz - az
    e = dx * a[ANCHOR + 3] + dy * a[ANCHOR + 4] + dz * a[ANCHOR + 5]
    n = dx * a[ANCHOR + 6] + dy * a[ANCHOR + 7] + dz * a[ANCHOR + 8]
    if e * e + n * n > NEAR_M * NEAR_M:
        return False
    grow = a[CP + 3] * da * da + b[CP + 3] * db * db + 400.0
    p00 = a[CP] + b[CP] + grow
    p01 = a[CP + 1] + b[CP + 1]
    p11 = a[CP + 2] + b[CP + 2] + grow
    det = p00 * p11 - p01 * p01
    if (p11 * e * e - 2.0 * p01 * e * n + p00 * n * n) / det > 12.0:
        return False
    u = a[CX + 2] - b[CX + 2]
    v = a[CX + 3] - b[CX + 3]
    if u * u + v * v > 9.0 * (a[CP + 3] + b[CP + 3]) + 100.0:
        return False
    for k in range(SLOT_N):
        o = SLOTS + k * SLOT_STRIDE
        if a[o + SLOT_SENSOR] < 0.0:
            continue
        for m in range(SLOT_N):
            q = SLOTS + m * SLOT_STRIDE
            turn = 0.6 * sensors[int(a[o + SLOT_SENSOR]), N_PERIOD]
            if b[q + SLOT_SENSOR] == a[o + SLOT_SENSOR] and abs(a[o + SLOT_T] - b[q + SLOT_T]) < turn:
                a[T_BESIDE] = b[T_BESIDE] = t
                return False
    return True


@lean
def merge(S: Floats, J: Ints, counters: Ints, sensors: Floats, heads: Ints, odd: int) -> None:
    """End the younger of every two tracks that are one; the index must hold all tracks.

    The older is sought among the odd or the even rows only, so that two calls look at all.
    """
    for i in range(odd, counters[C_TRACKS], 2):
        if J[i, I_NO] == 0 or not 2 <= J[i, I_STATUS] <= 3:
            continue
        row = S[i]
        x, y, z = to_ecef(row, row[CX], row[CX + 1], row[CX + 4])
        x0 = math.floor((x - NEAR_M) / CELL_M)
        y0 = math.floor((y - NEAR_M) / CELL_M)
        z0 = math.floor((z - NEAR_M) / CELL_M)
        x1 = math.floor((x + NEAR_M) / CELL_M) - x0  # 0 or 1: mostly all lies in one cell
        y1 = math.floor((y + NEAR_M) / CELL_M) - y0
        z1 = math.floor((z + NEAR_M) / CELL_M) - z0
        for k in range(8):
            if (k & 1) > x1 or ((k >> 1) & 1) > y1 or (k >> 2) > z1:
                continue
            key = cell_key(x0 + (k & 1), y0 + ((k >> 1) & 1), z0 + (k >> 2))
            j = heads[cell_slot(key, heads.size - 1)]
            while j >= 0:
                other = J[j]
                if j != i and other[I_CELL] == key and 2 <= other[I_STATUS] <= 3 and older(J[i], other):
                    gx = abs(S[j, ANCHOR] - row[ANCHOR]) + abs(S[j, ANCHOR + 1] - row[ANCHOR + 1])
                    if gx < 30000.0 and same(row, S[j], J[i], other, sensors):
                        take(J[i], other)
                        other[I_STATUS] = 4
                j = J[j, I_NEXT]


@lean
def older(a: Ints, b: Ints) -> bool:
    """Return whether the first of two tracks keeps its number: the one with the lower."""
    return bool(a[I_NO] < b[I_NO])


@lean
def take(a: Ints, b: Ints) -> None:
    """Give the track that stays what the other knew of the identity (codes are counted when plots bring them)."""
    if a[I_ICAO] == 0:
        a[I_ICAO] = b[I_ICAO]
    a[I_HITS] = max(a[I_HITS], b[I_HITS])
