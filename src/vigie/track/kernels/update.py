"""One plot into one track: predict to its time (or carry its line back), update every model, keep the frame near.

Comes in: a track's row, a plot's row, its sensor's row. Goes out: the track's row. Late plots change the state at its
own time; nothing is predicted backwards.
"""

from __future__ import annotations

import math

from vigie.sensors.measure import slant_lines
from vigie.terms.kernel import lean
from vigie.track.kernels.gate import place_variance, slot_of, wrap
from vigie.track.kernels.imm import (
    combine,
    lat_lon,
    predict,
    reweigh,
    set_frame,
    set_height,
    to_ecef,
    turn_terms,
    update_block,
    vertical_predict,
    vertical_update,
)
from vigie.track.models import M_OMEGA, SET_FAST, SLOW_HEIGHT_M, SLOW_HEIGHT_SD_M, SLOW_MPS, UNKNOWN_HEIGHT_SD_M
from vigie.track.state import (
    ANCHOR,
    CP,
    CX,
    I_CALLSIGN,
    I_CLASS,
    I_CODE,
    I_CODE_NEXT,
    I_CODE_VOTE,
    I_FLAGS,
    I_HITS,
    I_HKNOWN,
    I_ICAO,
    I_ICAO_NEXT,
    I_ICAO_VOTE,
    I_SET,
    MU,
    N_PERIOD,
    N_RRSD,
    N_VA,
    N_VR,
    NIS,
    NM,
    PFACTOR,
    SLOT_HITS,
    SLOT_JAC,
    SLOT_N,
    SLOT_SENSOR,
    SLOT_STRIDE,
    SLOT_T,
    SLOT_VAR,
    SLOT_XYZ,
    SLOTS,
    SPEED_MEMO,
    STRIDE,
    T_HIT,
    TYPE_BEARING,
    TYPE_POSITION,
    TYPE_RADAR,
    VH,
    VHH,
    VT,
    VV,
    Z_AZ,
    Z_AZSD,
    Z_CLIMB,
    Z_DOPPLER,
    Z_H,
    Z_HSD,
    Z_RANGE,
    Z_SD,
    Z_T,
    Z_VE,
    Z_VN,
    Z_VVAR,
    Z_X,
    ZI_CALLSIGN,
    ZI_CODE,
    ZI_FLAGS,
    ZI_ICAO,
    ZI_KIND,
    ZI_SELF,
    ZI_SENSOR,
    ZI_TYPE,
    ZI_VTOLD,
    Floats,
    Ints,
    T,
)

ANCHOR_REACH_M = 6000.0
ADDRESS_VOTES = 3
NIS_SHARE = 0.3
# Where a report does not state its accuracy, its own track learns it: half of the squared distances lie below HALF
# (a chi-square law of two dimensions has its median at 1.39, less the freedom of choosing the likeliest model).
HALF = 1.2
PSTEP = 0.06
PLEAST = 0.01
LOOSE = 9.0
PMOST = 4.0
LAG_M = 100.0
LAG_MPS = 60.0


@lean
def rotate_block(m: Floats, c: float, s: float) -> None:
    """Turn one model's axes: new east = c east + s north, new north = c north - s east (positions and speeds)."""
    e, n, u, v = m[0], m[1], m[2], m[3]
    m[0], m[1] = c * e + s * n, c * n - s * e
    m[2], m[3] = c * u + s * v, c * v - s * u
    p00, p01, p02, p03, p04 = m[5], m[6], m[7], m[8], m[9]
    p11, p12, p13, p14 = m[10], m[11], m[12], m[13]
    p22, p23, p24, p33, p34 = m[14], m[15], m[16], m[17], m[18]
    m[5] = c * c * p00 + 2.0 * c * s * p01 + s * s * p11
    m[6] = c * s * (p11 - p00) + (c * c - s * s) * p01
    m[10] = s * s * p00 - 2.0 * c * s * p01 + c * c * p11
    m[14] = c * c * p22 + 2.0 * c * s * p23 + s * s * p33
    m[15] = c * s * (p33 - p22) + (c * c - s * s) * p23
    m[17] = s * s * p22 - 2.0 * c * s * p23 + c * c * p33
    # cross block [p02 p03; p12 p13] -> R B R'
    b00 = c * p02 + s * p12
    b01 = c * p03 + s * p13
    b10 = -s * p02 + c * p12
    b11 = -s * p03 + c * p13
    m[7] = c * b00 + s * b01
    m[8] = -s * b00 + c * b01
    m[11] = c * b10 + s * b11
    m[12] = -s * b10 + c * b11
    m[9] = c * p04 + s * p14
    m[13] = -s * p04 + c * p14
    m[16] = c * p24 + s * p34
    m[18] = -s * p24 + c * p34


@lean
def reanchor(row: Floats) -> None:
    """Move the frame under the track's combined place; means and covariances are carried over through ECEF."""
    a = ANCHOR
    x, y, z = to_ecef(row, row[CX], row[CX + 1], row[CX + 4])
    lat, lon = lat_lon(x, y, z)
    e0, e1, e2 = row[a + 3], row[a + 4], row[a + 5]
    n0, n1, n2 = row[a + 6], row[a + 7], row[a + 8]
    ax, ay, az = row[a], row[a + 1], row[a + 2]
    u0, u1, u2 = row[a + 9], row[a + 10], row[a + 11]
    set_frame(row, lat, lon)
    c = row[a + 3] * e0 + row[a + 4] * e1 + row[a + 5] * e2 + row[a + 6] * n0 + row[a + 7] * n1 + row[a + 8] * n2
    s = row[a + 3] * n0 + row[a + 4] * n1 + row[a + 5] * n2 - row[a + 6] * e0 - row[a + 7] * e1 - row[a + 8] * e2
    w = 1.0 / math.sqrt(c * c + s * s)
    c *= w
    s *= w
    for j in range(NM):
        m = row[j * STRIDE : j * STRIDE + STRIDE]
        up = m[4] - (m[0] * m[0] + m[1] * m[1]) / 12742000.0
        px = ax + m[0] * e0 + m[1] * n0 + up * u0 - row[a]
        py = ay + m[0] * e1 + m[1] * n1 + up * u1 - row[a + 1]
        pz = az + m[0] * e2 + m[1] * n2 + up * u2 - row[a + 2]
        rotate_block(m, c, s)
        m[0] = px * row[a + 3] + py * row[a + 4] + pz * row[a + 5]
        m[1] = px * row[a + 6] + py * row[a + 7] + pz * row[a + 8]
    combine(row)


@lean
def class_of(zi: Ints) -> int:
    """Return the bit of the kind of sensor: 1 cooperative, 2 primary, 4 bearing."""
    return 2 if zi[ZI_KIND] == 1 else 4 if zi[ZI_TYPE] == TYPE_BEARING else 1


@lean
def trusted(row: Floats, z: Floats) -> bool:
    """Return whether a velocity told can be that of the track: within five sigma and 40 m/s of what it shows."""
    u = z[Z_VE] - row[CX + 2]
    v = z[Z_VN] - row[CX + 3]
    return bool(u * u + v * v < 25.0 * (row[CP + 3] + z[Z_VVAR]) + 1600.0)


@lean
def use_identity(ints: Ints, zi: Ints) -> None:
    """Take code, address, call sign and flags from a plot; a new code must be seen twice, an address three times."""
    address = zi[ZI_ICAO]
    if address != 0:
        if address == ints[I_ICAO] or ints[I_ICAO] == 0:
            ints[I_ICAO] = address
            ints[I_ICAO_VOTE] = 0
        else:
            ints[I_ICAO_VOTE] = ints[I_ICAO_VOTE] + 1 if ints[I_ICAO_NEXT] == address else 1
            ints[I_ICAO_NEXT] = address
            if ints[I_ICAO_VOTE] >= ADDRESS_VOTES:
                ints[I_ICAO] = address
                ints[I_ICAO_VOTE] = 0
            else:
                return  # another's plot: nothing of its identity is taken
    if zi[ZI_CALLSIGN] != 0:
        ints[I_CALLSIGN] = zi[ZI_CALLSIGN]
    code = zi[ZI_CODE]
    if code != 65535:
        if ints[I_CODE] == code or ints[I_CODE] == 65535:
            ints[I_CODE] = code
            ints[I_CODE_VOTE] = min(ints[I_CODE_VOTE] + 1, 4)
        else:
            ints[I_CODE_VOTE] -= 2 if ints[I_CODE_NEXT] == code else 1
            ints[I_CODE_NEXT] = code
            if ints[I_CODE_VOTE] < 0:
                ints[I_CODE] = code
                ints[I_CODE_VOTE] = 1
    ints[I_FLAGS] = zi[ZI_FLAGS]
    ints[I_CLASS] |= class_of(zi)


@lean
def remember(row: Floats, z: Floats, zi: Ints, sensor: Floats) -> None:
    """Keep the plot as the sensor's last one of this track: for registration, misses and the one-per-turn rule."""
    index = float(zi[ZI_SENSOR])
    o = slot_of(row, zi[ZI_SENSOR])
    if o < 0:
        o = SLOTS
        for k in range(SLOT_N):
            q = SLOTS + k * SLOT_STRIDE
            if row[q + SLOT_SENSOR] < 0.0:
                o = q
                break
            if row[q + SLOT_T] < row[o + SLOT_T]:
                o = q
        row[o + SLOT_SENSOR] = index
        row[o + SLOT_HITS] = 0.0
        row[o + SLOT_VAR] = 0.0
        row[o + SLOT_T] = -1e18
    if z[Z_T] < row[o + SLOT_T]:
        return
    row[o + SLOT_T] = z[Z_T]
    row[o + SLOT_HITS] += 1.0


@lean
def seen_by(row: Floats) -> int:
    """Return how many sensors have seen a track."""
    n = 0
    for k in range(SLOT_N):
        if row[SLOTS + k * SLOT_STRIDE + SLOT_SENSOR] >= 0.0:
            n += 1
    return n


@lean
def guess_height(row: Floats, ints: Ints) -> None:
    """Give a track of unknown height what its speed tells: below 60 m/s helicopters and light aircraft fly low."""
    speed = math.sqrt(row[CX + 2] * row[CX + 2] + row[CX + 3] * row[CX + 3])
    if row[SPEED_MEMO] == 0.0 and speed < SLOW_MPS and row[CP + 3] < 150.0:
        row[SPEED_MEMO] = 1.0
        for j in range(NM):
            m = row[j * STRIDE : j * STRIDE + STRIDE]
            update_block(m, 0.0, 0.0, 0.0, 0.0, 1.0, SLOW_HEIGHT_M - m[4], SLOW_HEIGHT_SD_M * SLOW_HEIGHT_SD_M, 1.0)
    elif row[SPEED_MEMO] == 1.0 and speed > 1.6 * SLOW_MPS:
        row[SPEED_MEMO] = 0.0
        for j in range(NM):
            row[j * STRIDE + 19] += UNKNOWN_HEIGHT_SD_M * UNKNOWN_HEIGHT_SD_M
    else:
        return
    combine(row)


@lean
def apply(row: Floats, ints: Ints, z: Floats, zi: Ints, sensor: Floats, sets: Floats, work: Floats) -> float:
    """Update a track with a plot and return the log density of the plot under the mixture (without height)."""
    dt = z[Z_T] - row[T]
    if dt > 0.0:
        predict(row, ints, sets, dt, work)
        dt = 0.0
    kind = zi[ZI_TYPE]
    which = ints[I_SET]
    h = z[Z_H]
    if math.isfinite(h):
        var = z[Z_HSD] * z[Z_HSD]
        if ints[I_HKNOWN] == 0:
            ints[I_HKNOWN] = 1
            row[VH], row[VV], row[VT] = h, 0.0, z[Z_T]
            row[VHH], row[VHH + 1], row[VHH + 2] = var, 0.0, 100.0 if which != 1 else 10000.0
            for j in range(NM):
                set_height(row[j * STRIDE : j * STRIDE + STRIDE], h, max(900.0, var))
        else:
            d = h - row[VH] - row[VV] * (z[Z_T] - row[VT])
            span = abs(z[Z_T] - row[VT])
            limit = 300.0 + (60.0 if which != 1 else 260.0) * span
            if d * d < limit * limit:  # beyond: a garbled height, the rest of the plot is good
                vertical_update(row, h, var, z[Z_CLIMB], which == 1, z[Z_T])
    elif ints[I_HKNOWN] != 0:
        vertical_predict(row, z[Z_T], 60.0 if which == 1 else 0.6)
    known = ints[I_HKNOWN] != 0
    height = row[VH] + row[VV] * (z[Z_T] - row[VT])
    teach = 1.0 if seen_by(row) > 1 else 0.0
    told = zi[ZI_VTOLD] != 0 and dt == 0.0 and trusted(row, z)
    rate = math.isfinite(z[Z_DOPPLER]) and kind == TYPE_RADAR and dt == 0.0
    climb = row[VV] if known else 0.0
    if rate:
        x, y, w = to_ecef(row, row[CX], row[CX + 1], height if known else row[CX + 4])
        _, _, re, rn, ru, _, _, _ = slant_lines(sensor, row[ANCHOR + 3 : ANCHOR + 12], x, y, w)
        nu = z[Z_DOPPLER] - re * row[CX + 2] - rn * row[CX + 3] - ru * climb
        # ambiguous Doppler is off by whole blind speeds: such a rate is not used
        rate = nu * nu < 16.0 * (row[CP + 3] + sensor[N_RRSD] * sensor[N_RRSD]) + 100.0
    loose = 1.0
    if kind == TYPE_POSITION and zi[ZI_SELF] != 0 and dt == 0.0:
        x, y, w = to_ecef(row, row[CX], row[CX + 1], height if known else row[CX + 4])
        gx, gy, gz = z[Z_X] - x, z[Z_X + 1] - y, z[Z_X + 2] - w
        f = ANCHOR
        x0 = gx * row[f + 3] + gy * row[f + 4] + gz * row[f + 5]
        x1 = gx * row[f + 6] + gy * row[f + 7] + gz * row[f + 8]
        r = place_variance(row, z, zi)
        far = x0 * x0 / (row[CP] + r) + x1 * x1 / (row[CP + 2] + r)
        if far > LOOSE:
            loose = far / LOOSE  # Huber: what lies far counts by its distance only
    logs = work[:NM]
    fars = work[NM : 2 * NM]
    nearest = 30.0
    for j in range(NM):
        m = row[j * STRIDE : j * STRIDE + STRIDE]
        a, b, _, _ = turn_terms(sets[which, j, M_OMEGA], dt)
        e = m[0] + a * m[2] + b * m[3]
        n = m[1] - b * m[2] + a * m[3]
        hh = height if known else m[4]
        if known:
            set_height(m, height, max(900.0, row[VHH]))
        x, y, w = to_ecef(row, e, n, hh)
        adt = -dt
        noise = (sets[which, 1, 1] if dt < 0.0 else 0.0) * adt * adt * adt / 3.0
        if kind == TYPE_POSITION:
            gx, gy, gz = z[Z_X] - x, z[Z_X + 1] - y, z[Z_X + 2] - w
            f = ANCHOR
            nu_e = gx * row[f + 3] + gy * row[f + 4] + gz * row[f + 5]
            nu_n = gx * row[f + 6] + gy * row[f + 7] + gz * row[f + 8]
            r = loose * place_variance(row, z, zi) + noise
            x1 = m[1]
            x2 = m[2]
            x3 = m[3]
            lo, far = update_block(m, 1.0, 0.0, a, b, 0.0, nu_e, r, teach)
            nu_n -= (m[1] - x1) - b * (m[2] - x2) + a * (m[3] - x3)
            more, d2 = update_block(m, 0.0, 1.0, -b, a, 0.0, nu_n, r, teach)
            lo += more
            far += d2
        else:
            rng, azi, re, rn, ru, ae, an, au = slant_lines(sensor, row[ANCHOR + 3 : ANCHOR + 12], x, y, w)
            lo = far = 0.0
            x0, x1, x2, x3, x4 = m[0], m[1], m[2], m[3], m[4]
            if kind != TYPE_BEARING:
                r = z[Z_SD] * z[Z_SD] + sensor[N_VR] + noise
                lo, far = update_block(m, re, rn, re * a - rn * b, re * b + rn * a, ru, z[Z_RANGE] - rng, r, teach)
            nu = wrap(z[Z_AZ] - azi)
            h2 = ae * a - an * b
            h3 = ae * b + an * a
            nu -= ae * (m[0] - x0) + an * (m[1] - x1) + h2 * (m[2] - x2) + h3 * (m[3] - x3) + au * (m[4] - x4)
            r = z[Z_AZSD] * z[Z_AZSD] + sensor[N_VA] + noise * (ae * ae + an * an)
            more, d2 = update_block(m, ae, an, h2, h3, au, nu, r, teach)
            lo += more
            far += d2
            if rate:
                nu = z[Z_DOPPLER] - re * m[2] - rn * m[3] - ru * climb
                more, _ = update_block(m, 0.0, 0.0, re, rn, 0.0, nu, sensor[N_RRSD] * sensor[N_RRSD], teach)
                lo += more
        if told:
            more, _ = update_block(m, 0.0, 0.0, 1.0, 0.0, 0.0, z[Z_VE] - m[2], z[Z_VVAR], teach)
            lo += more
            more, _ = update_block(m, 0.0, 0.0, 0.0, 1.0, 0.0, z[Z_VN] - m[3], z[Z_VVAR], teach)
            lo += more
        logs[j] = lo
        nearest = min(nearest, far)
        fars[j] = far
        if known:
            set_height(m, height + row[VV] * (row[T] - z[Z_T]), max(900.0, row[VHH]))
    row[NIS] += NIS_SHARE * (nearest - row[NIS])
    density = reweigh(row, logs)
    likely = 0
    for j in range(1, NM):
        if row[j * STRIDE + MU] > row[likely * STRIDE + MU]:
            likely = j
    if zi[ZI_SELF] != 0 and ints[I_HITS] > 4:
        row[PFACTOR] = min(max(row[PFACTOR] * (1.0 + PSTEP if fars[likely] > HALF else 1.0 - PSTEP), PLEAST), PMOST)
    combine(row)
    row[T_HIT] = max(row[T_HIT], z[Z_T])
    ints[I_HITS] += 1
    use_identity(ints, zi)
    remember(row, z, zi, sensor)
    if not known:
        guess_height(row, ints)
    if row[CX] * row[CX] + row[CX + 1] * row[CX + 1] > ANCHOR_REACH_M * ANCHOR_REACH_M:
        reanchor(row)
    return density


@lean
def change_set(row: Floats, ints: Ints, which: int) -> None:
    """Give a track another set of motion models; every model starts from the combined state, wider into the fast set.

    What makes a track fast is that no model of traffic explained its plots: then its velocity lags behind by more than
    it claims (7 g for a second are 70 m/s), and the plots to come must still be found.
    """
    if ints[I_SET] == which:
        return
    ints[I_SET] = which
    for j in range(NM):
        o = j * STRIDE
        row[o + MU] = 1.0 / NM
        if which == SET_FAST:
            row[o + 5] += LAG_M * LAG_M
            row[o + 10] += LAG_M * LAG_M
            row[o + 14] += LAG_MPS * LAG_MPS
            row[o + 17] += LAG_MPS * LAG_MPS


__all__ = [
    "CP", "NIS", "N_PERIOD", "SLOT_JAC", "SLOT_VAR", "SLOT_XYZ", "SPEED_MEMO", "apply", "change_set", "reanchor",
    "rotate_block",
]  # fmt: skip
