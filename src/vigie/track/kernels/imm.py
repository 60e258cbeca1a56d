"""Five motion models side by side: mix, predict, update by one number at a time, combine.

Every measurement is used as one or more scalar updates (range, then azimuth; east, then north): no matrix is ever
inverted. A plot older than the state is used by carrying its measurement line forward to the state's time.
Source: Bar-Shalom, Li, Kirubarajan 2001, sections 11.6 (IMM), 11.7 (turns); Bar-Shalom 2002 (out-of-sequence).
"""

from __future__ import annotations

import math

from vigie.terms.kernel import lean
from vigie.track.models import FAST_CLIMB, M_OMEGA, M_Q, M_SHARE, M_TAU, SET_FAST, UNKNOWN_HEIGHT_SD_M
from vigie.track.state import (
    ANCHOR,
    CP,
    CX,
    I_HKNOWN,
    I_SET,
    LAT,
    LON,
    MP,
    MU,
    NM,
    NP,
    NX,
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

EARTH_M = 6371000.0


@lean
def turn_terms(omega: float, dt: float) -> tuple[float, float, float, float]:
    """Return a, b, c, s of a turn: displacement along and to the right per unit speed, cosine and sine."""
    w = omega * dt
    if abs(w) < 1e-6:
        return dt, 0.5 * omega * dt * dt, 1.0, w
    s = math.sin(w)
    c = math.cos(w)
    return s / omega, (1.0 - c) / omega, c, s


@lean
def predict_block(m: Floats, omega: float, q: float, q_height: float, dt: float) -> None:
    """Carry one model's mean and covariance (a block of STRIDE numbers) over ``dt`` seconds."""
    a, b, c, s = turn_terms(omega, dt)
    carry_block(m, a, b, c, s, q, q_height, dt)


@lean
def carry_block(m: Floats, a: float, b: float, c: float, s: float, q: float, q_height: float, dt: float) -> None:
    """Carry one model's block over ``dt`` seconds of the turn whose terms (``turn_terms``) are given."""
    e, n, u, v = m[0], m[1], m[2], m[3]
    m[0] = e + a * u + b * v
    m[1] = n - b * u + a * v
    m[2] = c * u + s * v
    m[3] = -s * u + c * v
    p00, p01, p02, p03, p04 = m[5], m[6], m[7], m[8], m[9]
    p11, p12, p13, p14 = m[10], m[11], m[12], m[13]
    p22, p23, p24, p33, p34 = m[14], m[15], m[16], m[17], m[18]
    # rows of F P
    r02 = p02 + a * p22 + b * p23
    r03 = p03 + a * p23 + b * p33
    r00 = p00 + a * p02 + b * p03
    r12 = p12 - b * p22 + a * p23
    r13 = p13 - b * p23 + a * p33
    r11 = p11 - b * p12 + a * p13
    r01 = p01 + a * p12 + b * p13
    q3 = q * dt * dt * dt / 3.0
    q2 = q * dt * dt * 0.5
    m[5] = r00 + a * r02 + b * r03 + q3
    m[6] = r01 - b * r02 + a * r03
    m[7] = c * r02 + s * r03 + q2
    m[8] = -s * r02 + c * r03
    m[9] = p04 + a * p24 + b * p34
    m[10] = r11 - b * r12 + a * r13 + q3
    m[11] = c * r12 + s * r13
    m[12] = -s * r12 + c * r13 + q2
    m[13] = p14 - b * p24 + a * p34
    m[14] = c * c * p22 + 2.0 * c * s * p23 + s * s * p33 + q * dt
    m[15] = c * s * (p33 - p22) + (c * c - s * s) * p23
    m[16] = c * p24 + s * p34
    m[17] = s * s * p22 - 2.0 * c * s * p23 + c * c * p33 + q * dt
    m[18] = -s * p24 + c * p34
    m[19] += q_height * dt


@lean
def mix(row: Floats, sets: Floats, which: int, dt: float, work: Floats) -> None:
    """Mix the models' states by the chance of having changed model during ``dt`` (the first half of an IMM step)."""
    pi = work[: NM * NM]
    total = 0.0
    for j in range(NM):
        total += sets[which, j, M_SHARE]
    stay = math.exp(-dt / sets[which, 0, M_TAU])
    for j in range(NM):
        pi[j] = (1.0 - stay) * sets[which, j, M_SHARE] / total
    pi[0] = stay
    others = leave = 0.0
    for i in range(1, NM):
        # out of a turn mostly to straight, sometimes to another rate
        if i == 1 or sets[which, i, M_TAU] != sets[which, i - 1, M_TAU]:
            stay = math.exp(-dt / sets[which, i, M_TAU])
            leave = 1.0 - stay
            others = -1.0
        if others != total - sets[which, i, M_SHARE]:
            others = total - sets[which, i, M_SHARE]
            for j in range(1, NM):
                pi[i * NM + j] = 0.4 * leave * sets[which, j, M_SHARE] / others
        else:  # leaves as the one before: its line, but for what that one gave itself
            for j in range(1, NM):
                pi[i * NM + j] = pi[i * NM - NM + j]
            pi[i * NM + i - 1] = 0.4 * leave * sets[which, i - 1, M_SHARE] / others
        pi[i * NM] = 0.6 * leave
        pi[i * NM + i] = stay
    # second moments about one point, so that every mixture is a sum of whole blocks
    base = work[NM * NM : NM * NM + NM * STRIDE]
    c0, c1, c2, c3, c4 = row[0], row[1], row[2], row[3], row[4]
    for i in range(NM):
        o = i * STRIDE
        d0, d1, d2, d3, d4 = row[o] - c0, row[o + 1] - c1, row[o + 2] - c2, row[o + 3] - c3, row[o + 4] - c4
        base[o], base[o + 1], base[o + 2], base[o + 3], base[o + 4] = d0, d1, d2, d3, d4
        outer(base, row, o, d0, d1, d2, d3, d4, 1.0)
        base[o + MU] = row[o + MU]
    for j in range(NM):
        cbar = 1e-30
        for i in range(NM):
            cbar += pi[i * NM + j] * base[i * STRIDE + MU]
        o = j * STRIDE
        w = 1.0 / cbar
        w0 = w * pi[j] * base[MU]
        w1 = w * pi[NM + j] * base[STRIDE + MU]
        w2 = w * pi[2 * NM + j] * base[2 * STRIDE + MU]
        w3 = w * pi[3 * NM + j] * base[3 * STRIDE + MU]
        w4 = w * pi[4 * NM + j] * base[4 * STRIDE + MU]
        for k in range(MU):
            row[o + k] = (
                w0 * base[k]
                + w1 * base[STRIDE + k]
                + w2 * base[2 * STRIDE + k]
                + w3 * base[3 * STRIDE + k]
                + w4 * base[4 * STRIDE + k]
            )
        d0, d1, d2, d3, d4 = row[o], row[o + 1], row[o + 2], row[o + 3], row[o + 4]
        row[o], row[o + 1], row[o + 2], row[o + 3], row[o + 4] = d0 + c0, d1 + c1, d2 + c2, d3 + c3, d4 + c4
        outer(row, row, o, d0, d1, d2, d3, d4, -1.0)
        row[o + MU] = cbar


@lean
def outer(
    into: Floats, start: Floats, o: int, d0: float, d1: float, d2: float, d3: float, d4: float, sign: float
) -> None:
    """Write the covariance of the block at ``o`` of ``start``, plus ``sign`` times d d', into the block of ``into``."""
    into[o + 5] = start[o + 5] + sign * d0 * d0
    into[o + 6] = start[o + 6] + sign * d0 * d1
    into[o + 7] = start[o + 7] + sign * d0 * d2
    into[o + 8] = start[o + 8] + sign * d0 * d3
    into[o + 9] = start[o + 9] + sign * d0 * d4
    into[o + 10] = start[o + 10] + sign * d1 * d1
    into[o + 11] = start[o + 11] + sign * d1 * d2
    into[o + 12] = start[o + 12] + sign * d1 * d3
    into[o + 13] = start[o + 13] + sign * d1 * d4
    into[o + 14] = start[o + 14] + sign * d2 * d2
    into[o + 15] = start[o + 15] + sign * d2 * d3
    into[o + 16] = start[o + 16] + sign * d2 * d4
    into[o + 17] = start[o + 17] + sign * d3 * d3
    into[o + 18] = start[o + 18] + sign * d3 * d4
    into[o + 19] = start[o + 19] + sign * d4 * d4


@lean
def predict(row: Floats, ints: Ints, sets: Floats, dt: float, work: Floats) -> None:
    """Carry a track ``dt`` >= 0 seconds forward: mix, then every model by its own motion; the state's time moves."""
    if dt <= 0.0:
        return
    which = ints[I_SET]
    known = ints[I_HKNOWN] != 0
    height = row[VH] + row[VV] * (row[T] + dt - row[VT])
    q_height = 0.0 if known else (FAST_CLIMB if which == SET_FAST else 25.0)
    # who may turn any moment is mixed more often: a change of motion is not always at the beginning
    steps = 1 if which != SET_FAST else max(1, math.ceil(dt - 0.25))
    part = dt / steps
    for _ in range(steps):
        mix(row, sets, which, part, work)
        if row[19] > UNKNOWN_HEIGHT_SD_M * UNKNOWN_HEIGHT_SD_M:
            q_height = 0.0  # as unknown as at the beginning: it need not grow
        a = b = c = s = 0.0
        last = 1e9
        for j in range(NM):
            omega = sets[which, j, M_OMEGA]
            if omega == -last and omega != 0.0:
                b, s = -b, -s  # to the other side, to the last bit
            elif omega != last:
                a, b, c, s = turn_terms(omega, part)
            last = omega
            carry_block(row[j * STRIDE : j * STRIDE + STRIDE], a, b, c, s, sets[which, j, M_Q], q_height, part)
    if known:
        for j in range(NM):
            set_height(row[j * STRIDE : j * STRIDE + STRIDE], height, max(900.0, row[VHH]))
    row[T] += dt


@lean
def set_height(m: Floats, height: float, variance: float) -> None:
    """Give one model a height from outside, uncorrelated with the rest."""
    m[4] = height
    m[9] = 0.0
    m[13] = 0.0
    m[16] = 0.0
    m[18] = 0.0
    m[19] = variance


@lean
def update_block(
    m: Floats, h0: float, h1: float, h2: float, h3: float, h4: float, nu: float, r: float, teach: float
) -> tuple[float, float]:
    """Update one model by one number: measurement line ``h``, innovation ``nu``, variance ``r``.

    Returns the log density (without its constant) and the squared distance nu^2 / s.

    ``teach`` 0 leaves the height as it is, with all its doubt (a Schmidt or consider update): one radar alone would
    read a height out of every turn. 1 estimates it too.
    """
    p00, p01, p02, p03, p04 = m[5], m[6], m[7], m[8], m[9]
    p11, p12, p13, p14 = m[10], m[11], m[12], m[13]
    p22, p23, p24, p33, p34, p44 = m[14], m[15], m[16], m[17], m[18], m[19]
    g0 = p00 * h0 + p01 * h1 + p02 * h2 + p03 * h3 + p04 * h4
    g1 = p01 * h0 + p11 * h1 + p12 * h2 + p13 * h3 + p14 * h4
    g2 = p02 * h0 + p12 * h1 + p22 * h2 + p23 * h3 + p24 * h4
    g3 = p03 * h0 + p13 * h1 + p23 * h2 + p33 * h3 + p34 * h4
    g4 = p04 * h0 + p14 * h1 + p24 * h2 + p34 * h3 + p44 * h4
    s = h0 * g0 + h1 * g1 + h2 * g2 + h3 * g3 + h4 * g4 + r
    w = 1.0 / s
    k = nu * w
    m[0] += g0 * k
    m[1] += g1 * k
    m[2] += g2 * k
    m[3] += g3 * k
    m[4] += g4 * k * teach
    m[5] = p00 - g0 * g0 * w
    m[6] = p01 - g0 * g1 * w
    m[7] = p02 - g0 * g2 * w
    m[8] = p03 - g0 * g3 * w
    m[9] = p04 - g0 * g4 * w
    m[10] = p11 - g1 * g1 * w
    m[11] = p12 - g1 * g2 * w
    m[12] = p13 - g1 * g3 * w
    m[13] = p14 - g1 * g4 * w
    m[14] = p22 - g2 * g2 * w
    m[15] = p23 - g2 * g3 * w
    m[16] = p24 - g2 * g4 * w
    m[17] = p33 - g3 * g3 * w
    m[18] = p34 - g3 * g4 * w
    m[19] = p44 - g4 * g4 * w * teach
    return -0.5 * (nu * k + math.log(s)), nu * k


@lean
def reweigh(row: Floats, logs: Floats) -> float:
    """Change the models' probabilities by the log densities ``logs`` (NM) and return the log of their mixture."""
    top = logs[0]
    for j in range(1, NM):
        top = max(top, logs[j])
    total = 0.0
    for j in range(NM):
        w = row[j * STRIDE + MU] * math.exp(logs[j] - top)
        row[j * STRIDE + MU] = w
        total += w
    norm = 0.0
    for j in range(NM):
        # a floor keeps every model alive, so that a manoeuvre is never seen too late
        w = max(row[j * STRIDE + MU] / total, 1e-4)
        row[j * STRIDE + MU] = w
        norm += w
    for j in range(NM):
        row[j * STRIDE + MU] /= norm
    return float(top + math.log(total))


@lean
def combine(row: Floats) -> None:
    """Write the mixture's mean and covariance (position, and the larger velocity variance) into CX and CP."""
    for k in range(NX):
        x = 0.0
        for j in range(NM):
            x += row[j * STRIDE + MU] * row[j * STRIDE + k]
        row[CX + k] = x
    p00 = p01 = p11 = pvv = 0.0
    for j in range(NM):
        o = j * STRIDE
        w = row[o + MU]
        d0 = row[o] - row[CX]
        d1 = row[o + 1] - row[CX + 1]
        d2 = row[o + 2] - row[CX + 2]
        d3 = row[o + 3] - row[CX + 3]
        p00 += w * (row[o + 5] + d0 * d0)
        p01 += w * (row[o + 6] + d0 * d1)
        p11 += w * (row[o + 10] + d1 * d1)
        pvv += w * (max(row[o + 14], row[o + 17]) + d2 * d2 + d3 * d3)
    row[CP] = p00
    row[CP + 1] = p01
    row[CP + 2] = p11
    row[CP + 3] = pvv


@lean
def to_ecef(row: Floats, east: float, north: float, height: float) -> tuple[float, float, float]:
    """Return ECEF of a point of the track's frame whose height above the ellipsoid is given.

    The tangent plane leaves the ellipsoid by d^2 / 2R; anchors stay within 6 km, so higher terms are below 1 mm.
    """
    up = height - (east * east + north * north) / (2.0 * EARTH_M)
    # at height the same angle is a longer way: the frame measures at the target's own height
    a = ANCHOR
    x = row[a] + east * row[a + 3] + north * row[a + 6] + up * row[a + 9]
    y = row[a + 1] + east * row[a + 4] + north * row[a + 7] + up * row[a + 10]
    z = row[a + 2] + east * row[a + 5] + north * row[a + 8] + up * row[a + 11]
    return x, y, z


@lean
def lat_lon(x: float, y: float, z: float) -> tuple[float, float]:
    """Return latitude and longitude (rad) of an ECEF point within 100 km of the ellipsoid, good to 1e-11 rad.

    Source: Bowring 1976; one step from the parametric latitude is enough that near the surface.
    """
    p = math.sqrt(x * x + y * y)
    su, cu = 6378137.0 * z, 6356752.314245179 * p
    w = 1.0 / math.sqrt(su * su + cu * cu)
    su *= w
    cu *= w
    lat = math.atan2(z + 42841.31151331366 * su * su * su, p - 42697.67270715754 * cu * cu * cu)
    return lat, math.atan2(y, x)


@lean
def set_frame(row: Floats, lat: float, lon: float) -> None:
    """Put the anchor at a place on the ellipsoid and its axes to east, north and up there."""
    sl, cl, so, co = math.sin(lat), math.cos(lat), math.sin(lon), math.cos(lon)
    n = 6378137.0 / math.sqrt(1.0 - 0.0066943799901413165 * sl * sl)
    a = ANCHOR
    row[a] = n * cl * co
    row[a + 1] = n * cl * so
    row[a + 2] = n * (1.0 - 0.0066943799901413165) * sl
    row[a + 3] = -so
    row[a + 4] = co
    row[a + 5] = 0.0
    row[a + 6] = -sl * co
    row[a + 7] = -sl * so
    row[a + 8] = cl
    row[a + 9] = cl * co
    row[a + 10] = cl * so
    row[a + 11] = sl
    row[LAT] = lat
    row[LON] = lon


@lean
def vertical_predict(row: Floats, t: float, noise: float) -> None:
    """Carry the vertical filter to time ``t``."""
    dt = t - row[VT]
    if dt <= 0.0:
        return
    hh, hv, vv = row[VHH], row[VHV], row[VVV]
    row[VH] += dt * row[VV]
    row[VHH] = hh + 2.0 * dt * hv + dt * dt * vv + noise * dt * dt * dt / 3.0
    row[VHV] = hv + dt * vv + noise * dt * dt / 2.0
    row[VVV] = vv + noise * dt
    row[VT] = t


@lean
def vertical_update(row: Floats, height: float, variance: float, climb: float, fast: bool, t: float) -> None:
    """Use a height (and a rate of climb, NaN if none) in the vertical filter; late ones are used as of now."""
    vertical_predict(row, t, 60.0 if fast else 0.6)
    s = row[VHH] + variance
    nu = height + row[VV] * (row[VT] - t) - row[VH]
    if nu * nu > 25.0 * s and row[VVV] < 1600.0:
        # a level change faster than the filter believed: open it rather than fall behind
        row[VVV] += 100.0 if not fast else 2500.0
    k0 = row[VHH] / s
    k1 = row[VHV] / s
    row[VH] += k0 * nu
    row[VV] += k1 * nu
    row[VVV] -= k1 * row[VHV]
    row[VHV] *= 1.0 - k0
    row[VHH] *= 1.0 - k0
    if math.isfinite(climb):
        s = row[VVV] + 1.0
        nu = climb - row[VV]
        k0 = row[VHV] / s
        k1 = row[VVV] / s
        row[VH] += k0 * nu
        row[VV] += k1 * nu
        row[VHH] -= k0 * row[VHV]
        row[VHV] *= 1.0 - k1
        row[VVV] *= 1.0 - k1


__all__ = [
    "MP", "NP", "carry_block", "combine", "lat_lon", "mix", "predict", "predict_block", "reweigh", "set_frame",
    "set_height", "to_ecef", "turn_terms", "update_block", "vertical_predict", "vertical_update",
]  # fmt: skip
