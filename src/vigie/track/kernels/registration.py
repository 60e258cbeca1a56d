"""What each sensor gets wrong, from targets that two sensors see: bias and gain of range, azimuth and time, on line.

Each plot of a track is set against the last plot of every other sensor on the same track, carried over by the track's
velocity. The difference, in metres east and north, is linear in both sensors' biases; a small Kalman filter over all
biases uses it. Positions that aircraft report are the reference, their errors have no bias in common.
Source: Bar-Shalom, Willett, Tian 2011, chapter 9 (bias estimation from common targets, local differences).
"""

from __future__ import annotations

import math

from vigie.sensors.measure import slant_lines
from vigie.terms.kernel import lean
from vigie.track.kernels.gate import slot_of, wrap
from vigie.track.kernels.imm import to_ecef
from vigie.track.state import (
    ANCHOR,
    CP,
    CX,
    I_HKNOWN,
    I_SET,
    N_BA,
    N_BR,
    N_GAIN,
    N_MIDDLE,
    N_MIDDLE_N,
    N_REF,
    SLOT_JAC,
    SLOT_N,
    SLOT_RAW,
    SLOT_SENSOR,
    SLOT_STRIDE,
    SLOT_VAR,
    SLOT_XYZ,
    SLOTS,
    TYPE_RADAR,
    VH,
    VT,
    VV,
    Z_AZ,
    Z_AZSD,
    Z_RANGE,
    Z_SD,
    Z_T,
    Z_TRAW,
    Z_X,
    ZI_SENSOR,
    ZI_TYPE,
    Floats,
    Ints,
    T,
)

STATES = 4  # biases of range, azimuth and time, and the gain of range
PAIR_S = 6.0  # plots further apart say more of the flight than of the sensors
REUSE = 3.0  # each plot is used in several differences: its noise is counted that much larger


@lean
def scalar(
    b: Floats, P: Floats, h: Floats, size: int, mine: int, theirs: int, nu: float, r: float, gain: Floats
) -> bool:  # fmt: skip
    """Use one difference: biases ``b`` (size), covariance ``P`` (size, size), line ``h``; False where it is absurd.

    ``h`` is nought but for the biases from ``mine`` and from ``theirs`` on (``STATES`` each, -1: a reference has none).
    """
    low, high = min(mine, theirs), max(mine, theirs)
    gain[:size] = 0.0
    for k in range(2 * STATES):  # P is symmetric to the last bit: its rows lie side by side, its columns do not
        if k >= STATES or low >= 0:
            j = low + k if k < STATES else high + k - STATES
            for i in range(size):
                gain[i] += P[j, i] * h[j]
    s = r
    for k in range(2 * STATES):
        if k >= STATES or low >= 0:
            j = low + k if k < STATES else high + k - STATES
            s += h[j] * gain[j]
            nu -= h[j] * b[j]
    if nu * nu > 16.0 * s:
        return False
    w = 1.0 / s
    for i in range(size):
        if gain[i] == 0.0:  # a radar that shares no track with these two, nor with any that does
            continue
        b[i] += gain[i] * w * nu
        for j in range(size):
            P[i, j] -= gain[i] * gain[j] * w
    return True


@lean
def place(row: Floats, ints: Ints, z: Floats, zi: Ints, sensor: Floats, out: Floats) -> bool:
    """Write a plot's own place into ``out``: east, north, variances (3), answers to range and azimuth (4).

    The place is where the raw measurement puts the target at the track's height, in the track's frame. False where
    none is told.
    """
    dt = z[Z_T] - row[T]
    e = row[CX] + dt * row[CX + 2]
    n = row[CX + 1] + dt * row[CX + 3]
    h = row[VH] + row[VV] * (z[Z_T] - row[VT]) if ints[I_HKNOWN] != 0 else row[CX + 4]
    x, y, w = to_ecef(row, e, n, h)
    if zi[ZI_TYPE] != TYPE_RADAR:
        a = ANCHOR
        gx, gy, gz = z[Z_X] - x, z[Z_X + 1] - y, z[Z_X + 2] - w
        out[0] = e + gx * row[a + 3] + gy * row[a + 4] + gz * row[a + 5]
        out[1] = n + gx * row[a + 6] + gy * row[a + 7] + gz * row[a + 8]
        out[2] = z[Z_SD] * z[Z_SD]
        out[3] = 0.0
        out[4] = out[2]
        out[5] = out[6] = out[7] = out[8] = 0.0
        return True
    rng, azi, re, rn, ru, ae, an, _ = slant_lines(sensor, row[ANCHOR + 3 : ANCHOR + 12], x, y, w)
    det = re * an - rn * ae
    if abs(ru) > 0.35 or abs(det) * rng < 0.3:
        return False  # steep: height errors would be read as range errors
    i00, i01, i10, i11 = an / det, -rn / det, -ae / det, re / det
    nu0 = z[Z_RANGE] + sensor[N_BR] - rng
    if sensor[N_GAIN] != 0.0:  # taken off at the line-up, put on again: the filter wants what was measured
        nu0 += sensor[N_GAIN] * (z[Z_RANGE] + sensor[N_BR] - sensor[N_MIDDLE]) / (1.0 - sensor[N_GAIN])
    nu1 = wrap(z[Z_AZ] + sensor[N_BA] - azi)
    out[0] = e + i00 * nu0 + i01 * nu1
    out[1] = n + i10 * nu0 + i11 * nu1
    hr = 0.0 if ints[I_HKNOWN] != 0 else 2500.0 * ru
    rr = z[Z_SD] * z[Z_SD] + hr * hr + 2500.0 * ru * ru
    ra = z[Z_AZSD] * z[Z_AZSD]
    out[2] = i00 * i00 * rr + i01 * i01 * ra
    out[3] = i00 * i10 * rr + i01 * i11 * ra
    out[4] = i10 * i10 * rr + i11 * i11 * ra
    out[5], out[6], out[7], out[8] = i00, i10, i01, i11
    return True


@lean
def learn(
    row: Floats, ints: Ints, z: Floats, zi: Ints, sensors: Floats, b: Floats, P: Floats, place_of: Ints, work: Floats
) -> None:
    """Set a plot against the other sensors' last plots of its track, then keep it as its own sensor's last.

    ``b``, ``P``: all biases (range, azimuth, time and gain per registered sensor); ``place_of`` maps a sensor to its
    first one, -1 where it has none (a reference).
    """
    size = b.size
    now = work[:16]
    line = work[16 : 16 + size]
    gain = work[16 + size : 16 + 2 * size]
    s = zi[ZI_SENSOR]
    if not place(row, ints, z, zi, sensors[s], now):
        return
    a = ANCHOR
    mine = place_of[s]
    far = z[Z_RANGE]
    if mine >= 0:
        n = min(sensors[s, N_MIDDLE_N] + 1.0, 1000.0)
        sensors[s, N_MIDDLE_N] = n
        sensors[s, N_MIDDLE] += (far - sensors[s, N_MIDDLE]) / n
    ve, vn = row[CX + 2], row[CX + 3]
    accel = 30.0 if ints[I_SET] == 1 else 1.5
    for k in range(SLOT_N):
        o = SLOTS + k * SLOT_STRIDE
        if row[o + SLOT_SENSOR] < 0.0 or row[o + SLOT_VAR] <= 0.0:
            continue
        u = int(row[o + SLOT_SENSOR])
        theirs = place_of[u]
        if u == s or (mine < 0 and theirs < 0):
            continue
        if (mine < 0 and sensors[s, N_REF] == 0.0) or (theirs < 0 and sensors[u, N_REF] == 0.0):
            continue
        dt = z[Z_TRAW] - row[o + SLOT_RAW]
        if abs(dt) > PAIR_S:
            continue
        gx, gy, gz = row[o + SLOT_XYZ] - row[a], row[o + SLOT_XYZ + 1] - row[a + 1], row[o + SLOT_XYZ + 2] - row[a + 2]
        e = gx * row[a + 3] + gy * row[a + 4] + gz * row[a + 5]
        n = gx * row[a + 6] + gy * row[a + 7] + gz * row[a + 8]
        theirs_far = 0.0
        if theirs >= 0:
            hx = row[o + SLOT_XYZ] - sensors[u, 0]
            hy = row[o + SLOT_XYZ + 1] - sensors[u, 1]
            hz = row[o + SLOT_XYZ + 2] - sensors[u, 2]
            theirs_far = math.sqrt(hx * hx + hy * hy + hz * hz)
        drift = row[CP + 3] * dt * dt + accel * accel * dt * dt * dt * dt * 0.25 + 25.0
        for axis in range(2):
            for j in range(STATES):
                if mine >= 0:
                    line[mine + j] = 0.0
                if theirs >= 0:
                    line[theirs + j] = 0.0
            v = ve if axis == 0 else vn
            if mine >= 0:
                line[mine] += now[5 + axis]
                line[mine + 1] += now[7 + axis]
                line[mine + 2] -= v
                line[mine + 3] += now[5 + axis] * far
            if theirs >= 0:
                line[theirs] -= row[o + SLOT_JAC + axis]
                line[theirs + 1] -= row[o + SLOT_JAC + 2 + axis]
                line[theirs + 2] += v
                line[theirs + 3] -= row[o + SLOT_JAC + axis] * theirs_far
            nu = (now[0] - e - ve * dt) if axis == 0 else (now[1] - n - vn * dt)
            r = now[2 + 2 * axis] + row[o + SLOT_VAR + 2 * axis] + drift
            scalar(b, P, line, size, mine, theirs, nu, REUSE * r, gain)
    o = slot_of(row, s)
    if o >= 0:
        h = row[VH] if ints[I_HKNOWN] != 0 else row[CX + 4]
        row[o + SLOT_XYZ], row[o + SLOT_XYZ + 1], row[o + SLOT_XYZ + 2] = to_ecef(row, now[0], now[1], h)
        row[o + SLOT_RAW] = z[Z_TRAW]
        for k in range(3):
            row[o + SLOT_VAR + k] = now[2 + k]
        for k in range(4):
            row[o + SLOT_JAC + k] = now[5 + k]
