"""Who may belong to whom, and how likely: the spatial index and the log likelihood ratio of one plot and one track.

The index is a hash of ECEF cells, so the poles and the antimeridian are places like any other. The likelihood joins
the mixture of motion models at the plot's own time, height, code and address, against clutter where the plot lies.
"""

from __future__ import annotations

import math

from vigie.sensors.measure import slant_lines
from vigie.terms.kernel import lean
from vigie.track.kernels.imm import to_ecef, turn_terms
from vigie.track.models import M_OMEGA, M_Q, M_SHARE, M_TAU
from vigie.track.state import (
    ANCHOR,
    CP,
    CX,
    I_CALLSIGN,
    I_CELL,
    I_CODE,
    I_HITS,
    I_HKNOWN,
    I_ICAO,
    I_NEXT,
    I_SET,
    LLR,
    MU,
    N_ASD,
    N_HEIGHT,
    N_MAXR,
    N_PD,
    N_PERIOD,
    N_RSD,
    N_VA,
    N_VR,
    NM,
    PFACTOR,
    SLOT_N,
    SLOT_SENSOR,
    SLOT_STRIDE,
    SLOT_T,
    SLOTS,
    STRIDE,
    TYPE_BEARING,
    TYPE_POSITION,
    TYPE_RADAR,
    VH,
    VHH,
    VHV,
    VT,
    VV,
    VVV,
    Z_AZ,
    Z_AZSD,
    Z_H,
    Z_HSD,
    Z_LLR,
    Z_RANGE,
    Z_SD,
    Z_T,
    Z_X,
    ZI_CODE,
    ZI_ICAO,
    ZI_KIND,
    ZI_SELF,
    ZI_SENSOR,
    ZI_TYPE,
    Floats,
    Ints,
    T,
)

CELL_M = 20000.0
REACH_M = 10000.0
NO_PAIR = -1e9
OUTLIER = 15.0  # a report of an address lies up to four times its usual error off, now and then
YOUNG = 8  # plots that a velocity takes to be known
JET_MPS = 245.0  # faster over the ground than nearly all traffic
GATE = 18.0  # squared distance beyond which a plot belongs to no model of a track: one in 8,000 (two dimensions)
BEARING_PD = 0.6  # stations hear worse at the edge of their reach than they say
TWO_PI = 2.0 * math.pi


@lean
def cell_key(cx: int, cy: int, cz: int) -> int:
    """Return one number for a cell; coordinates fit 20 bits each."""
    return ((cx + 524288) << 42) | ((cy + 524288) << 21) | (cz + 524288)


@lean
def cell_slot(key: int, mask: int) -> int:
    """Return the place of a cell in the hash table."""
    k = key * 0x2545F4914F6CDD1D
    k ^= k >> 29
    return k & mask


@lean
def insert(i: int, row: Floats, ints: Ints, t: float, heads: Ints, nodes: Floats) -> None:
    """Put track ``i`` into the index at the place it has at time ``t``.

    Its node (8 numbers) tells place, velocity (ECEF) and how far from there its plots may lie: one line of memory is
    enough to pass over nearly all tracks that a plot cannot belong to.
    """
    dt = t - row[T]
    a = ANCHOR
    u, v = row[CX + 2], row[CX + 3]
    x, y, z = to_ecef(row, row[CX] + dt * u, row[CX + 1] + dt * v, row[CX + 4])
    key = cell_key(math.floor(x / CELL_M), math.floor(y / CELL_M), math.floor(z / CELL_M))
    h = cell_slot(key, heads.size - 1)
    ints[I_CELL] = key
    ints[I_NEXT] = heads[h]
    heads[h] = i
    node = nodes[i]
    node[7] = ints[I_NEXT]  # once more here: passing over a track touches its node only
    node[0], node[1], node[2] = x, y, z
    node[3] = u * row[a + 3] + v * row[a + 6]
    node[4] = u * row[a + 4] + v * row[a + 7]
    node[5] = u * row[a + 5] + v * row[a + 8]
    span = abs(dt) + 1.5
    bend = 0.5 * (80.0 if ints[I_SET] == 1 else 30.0) * span * span
    wide = row[CP] + row[CP + 2] + row[CP + 3] * span * span + bend * bend
    if ints[I_SET] == 1:
        wide += 200.0 * span * span * span
    node[6] = math.sqrt(GATE * wide) + bend + 100.0


@lean
def reach_of(z: Floats, zi: Ints, sensor: Floats) -> float:
    """Return how far from a track's reach its plot may lie: its own error, and what a wrong height shifts it by."""
    if zi[ZI_TYPE] == TYPE_BEARING:
        return float(1.15 * sensor[N_MAXR])
    if zi[ZI_TYPE] == TYPE_POSITION:
        return float(math.sqrt(GATE) * z[Z_SD])
    across = z[Z_RANGE] * math.sqrt(z[Z_AZSD] * z[Z_AZSD] + sensor[N_VA])
    along = math.sqrt(z[Z_SD] * z[Z_SD] + sensor[N_VR])
    # at slant range r a height h takes h^2 / 2r from the way on the ground; nothing flies above 12 km here
    return float(math.sqrt(GATE) * max(across, along) + 72e6 / max(z[Z_RANGE], 6000.0))


@lean
def wrap(angle: float) -> float:
    """Return the angle in [-pi, pi)."""
    return angle - TWO_PI * math.floor((angle + math.pi) / TWO_PI)


@lean
def slot_of(row: Floats, sensor: int) -> int:
    """Return where the slot of a sensor begins in a track's row, -1 if the sensor has none."""
    for k in range(SLOT_N):
        o = SLOTS + k * SLOT_STRIDE
        if row[o + SLOT_SENSOR] == sensor:
            return o
    return -1


@lean
def conspicuous(code: int) -> bool:
    """Return whether a code is one that many aircraft wear at once (ICAO Doc 4444, Doc 7030; North America's 1200)."""
    return code in (0o2000, 0o7000, 0o1200, 0o1000, 0)


@lean
def identity_llr(ints: Ints, zi: Ints, codes: Ints) -> float:
    """Return the log likelihood ratio of a plot's code and address against those of a track."""
    out = 0.0
    if zi[ZI_ICAO] != 0 and ints[I_ICAO] != 0:
        # two aircraft may share an address and an aircraft may change it: strong, never absolute
        out += 9.0 if zi[ZI_ICAO] == ints[I_ICAO] else -9.0
    code = zi[ZI_CODE]
    held = ints[I_CODE]
    if code != 65535 and held != 65535:
        if code == held:
            n = max(1, codes[code])
            # a code worn by many says little; conspicuity codes say next to nothing
            out += 0.5 if conspicuous(code) else max(0.5, 6.0 - 1.5 * math.log(n))
        else:
            out -= 4.5
    elif held != 65535 and code == 65535 and zi[ZI_KIND] == 1:
        out -= 1.5  # the transponder should have answered with it
    elif code != 65535 and ints[I_HITS] >= 3 and held == 65535 and ints[I_ICAO] == 0:
        out -= 1.5
    return out


@lean
def agrees(ints: Ints, zi: Ints) -> bool:
    """Return whether a plot wears the address or the own code of a track."""
    code = zi[ZI_CODE]
    return bool(
        (zi[ZI_ICAO] != 0 and zi[ZI_ICAO] == ints[I_ICAO])
        or (code != 65535 and code == ints[I_CODE] and not conspicuous(code))
    )


@lean
def height_llr(row: Floats, ints: Ints, z: Floats) -> float:
    """Return the log likelihood ratio of a plot's height against the track's, and 0 where either has none."""
    h = z[Z_H]
    if not math.isfinite(h) or ints[I_HKNOWN] == 0:
        return 0.0
    dt = abs(z[Z_T] - row[VT])
    grow = 4.0 if ints[I_SET] != 1 else 900.0
    s = row[VHH] + 2.0 * dt * abs(row[VHV]) + dt * dt * min(row[VVV], 2500.0) + grow * dt + z[Z_HSD] * z[Z_HSD] + 400.0
    d = h - row[VH] - row[VV] * (z[Z_T] - row[VT])
    # against any height up to 12 km; one height in fifty is garbled
    p = 0.98 * math.exp(-0.5 * d * d / s) / math.sqrt(TWO_PI * s) + 0.02 / 12000.0 * 0.1
    return math.log(p * 12000.0)


@lean
def place_variance(row: Floats, z: Floats, zi: Ints) -> float:
    """Return the variance (m2, an axis) of a position report: as stated, or as this track's plots have shown."""
    return float(z[Z_SD] * z[Z_SD] * (row[PFACTOR] if zi[ZI_SELF] != 0 else 1.0))


@lean
def pair_llr(row: Floats, ints: Ints, z: Floats, zi: Ints, sensor: Floats, sets: Floats, codes: Ints) -> float:
    """Return the log likelihood ratio of this plot coming from this track, against clutter; NO_PAIR outside."""
    dt = z[Z_T] - row[T]
    kind = zi[ZI_TYPE]
    pe = row[CX] + dt * row[CX + 2]
    pn = row[CX + 1] + dt * row[CX + 3]
    known = ints[I_HKNOWN] != 0
    if known:
        height = row[VH] + row[VV] * (z[Z_T] - row[VT])
    elif math.isfinite(z[Z_H]):
        height = z[Z_H]
    else:
        height = row[CX + 4]
    x, y, w = to_ecef(row, pe, pn, height)
    gx, gy, gz = z[Z_X] - x, z[Z_X + 1] - y, z[Z_X + 2] - w
    far = REACH_M + 3000.0
    if kind != TYPE_BEARING and gx * gx + gy * gy + gz * gz > far * far:
        return NO_PAIR
    if kind == TYPE_BEARING:
        reach = 1.15 * sensor[N_MAXR]
        if gx * gx + gy * gy + gz * gz > reach * reach or (known and height - sensor[N_HEIGHT] > 0.35 * sensor[N_MAXR]):
            return NO_PAIR  # Z_X is the station: too far, or too high to be heard
    o = slot_of(row, zi[ZI_SENSOR])
    if (
        o >= 0
        and kind != TYPE_BEARING
        and abs(z[Z_T] - row[o + SLOT_T]) < 0.5 * sensor[N_PERIOD] * (1.0 if kind == TYPE_RADAR else 0.2)
    ):
        return NO_PAIR  # one report of a target per turn
    a = ANCHOR
    h_e = h_n = 0.0
    if kind == TYPE_POSITION:
        nu0 = gx * row[a + 3] + gy * row[a + 4] + gz * row[a + 5]
        nu1 = gx * row[a + 6] + gy * row[a + 7] + gz * row[a + 8]
        j00, j01, j10, j11, jh0, jh1 = 1.0, 0.0, 0.0, 1.0, 0.0, 0.0
        r0 = place_variance(row, z, zi)
        r1 = r0
        area = 0.0
    else:
        rng, azi, j00, j01, jh0, j10, j11, jh1 = slant_lines(sensor, row[a + 3 : a + 12], x, y, w)
        nu1 = wrap(z[Z_AZ] - azi)
        r1 = z[Z_AZSD] * z[Z_AZSD] + sensor[N_VA]
        if kind == TYPE_BEARING:
            nu0, r0, j00, j01, jh0 = 0.0, 1.0, 0.0, 0.0, 0.0
            area = 0.0
        else:
            nu0 = z[Z_RANGE] - rng
            r0 = z[Z_SD] * z[Z_SD] + sensor[N_VR]
            area = math.log(max(rng, 1000.0))
    which = ints[I_SET]
    total = 0.0
    best = 1e9
    adt = abs(dt)
    share = 0.0
    for j in range(NM):
        share += sets[which, j, M_SHARE]
    leave0 = adt / (sets[which, 0, M_TAU] + adt)
    q3 = 0.0
    s00 = s01 = s11 = 1.0
    b_a = b_b = 0.0
    last = 1e9
    for j in range(NM):
        m = row[j * STRIDE : j * STRIDE + STRIDE]
        omega = sets[which, j, M_OMEGA]
        if omega == -last and omega != 0.0:
            b_b = -b_b  # to the other side
        elif omega != last:
            b_a, b_b, _, _ = turn_terms(omega, dt)
        last = omega
        de = m[0] + b_a * m[2] + b_b * m[3] - pe
        dn = m[1] - b_b * m[2] + b_a * m[3] - pn
        r02 = m[7] + b_a * m[14] + b_b * m[15]
        r03 = m[8] + b_a * m[15] + b_b * m[17]
        r12 = m[11] - b_b * m[14] + b_a * m[15]
        r13 = m[12] - b_b * m[15] + b_a * m[17]
        q3 = sets[which, j, M_Q] * adt * adt * adt / 3.0
        p00 = m[5] + b_a * m[7] + b_b * m[8] + b_a * r02 + b_b * r03 + q3
        p01 = m[6] + b_a * m[11] + b_b * m[12] - b_b * r02 + b_a * r03
        p11 = m[10] - b_b * m[11] + b_a * m[12] - b_b * r12 + b_a * r13 + q3
        y0 = nu0 - j00 * de - j01 * dn
        y1 = nu1 - j10 * de - j11 * dn
        s00 = j00 * j00 * p00 + 2.0 * j00 * j01 * p01 + j01 * j01 * p11 + r0
        s01 = j00 * j10 * p00 + (j00 * j11 + j01 * j10) * p01 + j01 * j11 * p11
        s11 = j10 * j10 * p00 + 2.0 * j10 * j11 * p01 + j11 * j11 * p11 + r1
        if not known:
            h_e = m[9] + b_a * m[16] + b_b * m[18]
            h_n = m[13] - b_b * m[16] + b_a * m[18]
            if not math.isfinite(z[Z_H]):
                s00 += jh0 * (2.0 * (j00 * h_e + j01 * h_n) + jh0 * m[19])
                s01 += jh0 * (j10 * h_e + j11 * h_n) + jh1 * (j00 * h_e + j01 * h_n) + jh0 * jh1 * m[19]
                s11 += jh1 * (2.0 * (j10 * h_e + j11 * h_n) + jh1 * m[19])
        elif row[VHH] > 900.0:  # a height by elevation is a wide one
            s00 += jh0 * jh0 * row[VHH]
            s01 += jh0 * jh1 * row[VHH]
            s11 += jh1 * jh1 * row[VHH]
        det = s00 * s11 - s01 * s01
        d2 = (s11 * y0 * y0 - 2.0 * s01 * y0 * y1 + s00 * y1 * y1) / det
        best = min(best, d2)
        mu = row[j * STRIDE + MU]
        if j == 0:
            mu *= 1.0 - leave0
        else:
            mu += leave0 * row[MU] * sets[which, j, M_SHARE] / share
        total += mu * math.exp(-0.5 * d2) / math.sqrt(det)
    # a manoeuvre harder than any model: rare, wide, never ruled out
    speed2 = row[CX + 2] * row[CX + 2] + row[CX + 3] * row[CX + 3]
    if which != 1 and ints[I_HITS] > 2:
        own = kind == TYPE_POSITION and zi[ZI_ICAO] != 0 and zi[ZI_ICAO] == ints[I_ICAO]
        hard = (30.0 if speed2 > 40000.0 or own else 6.0) * 0.5 * adt * adt
        v = hard * hard
        if own and zi[ZI_SELF] != 0:
            v += OUTLIER * r0  # it says whose it is, so it may lie worse than its kind
        s00 += v * (j00 * j00 + j01 * j01)
        s01 += v * (j00 * j10 + j01 * j11)
        s11 += v * (j10 * j10 + j11 * j11)
        det = s00 * s11 - s01 * s01
        d2 = (s11 * nu0 * nu0 - 2.0 * s01 * nu0 * nu1 + s00 * nu1 * nu1) / det
        best = min(best, d2)
        # without a code or an address that agrees, a plot far off is a false one far more often than such a manoeuvre
        rare = 0.03 if speed2 > 40000.0 else 0.004
        if ints[I_HITS] >= YOUNG and speed2 < JET_MPS * JET_MPS and not agrees(ints, zi):
            rare *= 0.1
        total += rare * math.exp(-0.5 * d2) / math.sqrt(det)
    if best > GATE or total <= 0.0:
        return NO_PAIR
    pd = sensor[N_PD] if kind != TYPE_BEARING else min(sensor[N_PD], BEARING_PD)
    if kind == TYPE_BEARING:
        total *= math.sqrt(TWO_PI)  # one dimension, not two
    out = math.log(total / TWO_PI) + math.log(pd / (1.0 - pd)) - z[Z_LLR] - area
    out += height_llr(row, ints, z) + identity_llr(ints, zi, codes)
    return float(out)


__all__ = [
    "CELL_M", "GATE", "I_CALLSIGN", "LLR", "NO_PAIR", "N_ASD", "N_RSD", "REACH_M", "cell_key", "cell_slot", "insert",
    "pair_llr", "place_variance", "reach_of", "slot_of", "wrap",
]  # fmt: skip
