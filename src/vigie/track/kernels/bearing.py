"""Bearings alone: where two stations' lines cross, a tentative track may begin; only more stations make it believed.

Listening posts, observers and direction finders tell a direction and no distance. Bearings that no track explains wait
a few seconds for one from another station that crosses theirs at a good angle. Wrong crossings starve: the assignment
gives every bearing to one track only.
"""

from __future__ import annotations

import math

from vigie.earth.wgs84 import ecef_to_geodetic
from vigie.terms.kernel import lean
from vigie.track.kernels.imm import combine, set_frame, to_ecef
from vigie.track.kernels.update import remember, use_identity
from vigie.track.state import (
    C_BEARINGS,
    C_TRACKS,
    CX,
    I_CLASS,
    I_CODE,
    I_HITS,
    I_STATUS,
    I_WIDTH,
    LLR,
    MU,
    N_HEIGHT,
    N_MAXR,
    NM,
    SLOT_N,
    SLOT_SENSOR,
    SLOT_STRIDE,
    SLOTS,
    STRIDE,
    T_BESIDE,
    T_HIT,
    T_START,
    VH,
    VHH,
    VT,
    WIDTH,
    Z_AZ,
    Z_AZSD,
    Z_T,
    ZI_SENSOR,
    Floats,
    Ints,
    T,
)

WAIT_S = 6.0
CROSS_SIN = 0.35  # lines that cross below 20 degrees tell no place
SPEED_SD_MPS = 45.0
ABOVE_M = 150.0  # what is heard or seen flies low
ALREADY_M = 1500.0
B_T, B_SENSOR, B_AZ, B_SD, B_WIDTH = 0, 1, 2, 3, 4


@lean
def wait(z: Floats, zi: Ints, waiting: Floats, counters: Ints) -> None:
    """Keep a bearing for a while; the oldest gives way."""
    k = counters[C_BEARINGS] % waiting.shape[0]
    counters[C_BEARINGS] += 1
    waiting[k, B_T] = z[Z_T]
    waiting[k, B_SENSOR] = zi[ZI_SENSOR]
    waiting[k, B_AZ] = z[Z_AZ]
    waiting[k, B_SD] = z[Z_AZSD]


@lean
def cross(
    row: Floats, ints: Ints, z: Floats, zi: Ints, sensors: Floats, S: Floats, J: Ints, waiting: Floats, counters: Ints
) -> bool:
    """Start a tentative track in a free row where a bearing best crosses a waiting one; False where none does."""
    s = zi[ZI_SENSOR]
    a = sensors[s]
    best = 1e18
    place_e = place_n = place_r1 = place_r2 = 0.0
    mate = -1
    u0, u1 = math.sin(z[Z_AZ]), math.cos(z[Z_AZ])
    for k in range(min(waiting.shape[0], counters[C_BEARINGS])):
        q = int(waiting[k, B_SENSOR])
        if q == s or abs(waiting[k, B_T] - z[Z_T]) > WAIT_S:
            continue
        b = sensors[q]
        dx, dy, dz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
        e = dx * a[3] + dy * a[4] + dz * a[5]
        n = dx * a[6] + dy * a[7] + dz * a[8]
        # the other line's direction in this station's axes
        w0, w1 = math.sin(waiting[k, B_AZ]), math.cos(waiting[k, B_AZ])
        vx, vy, vz = w0 * b[3] + w1 * b[6], w0 * b[4] + w1 * b[7], w0 * b[5] + w1 * b[8]
        v0 = vx * a[3] + vy * a[4] + vz * a[5]
        v1 = vx * a[6] + vy * a[7] + vz * a[8]
        det = u0 * v1 - u1 * v0
        if abs(det) < CROSS_SIN:
            continue
        r1 = (e * v1 - n * v0) / det
        r2 = (e * u1 - n * u0) / det
        if r1 < 100.0 or r2 < 100.0 or r1 > 1.1 * a[N_MAXR] or r2 > 1.1 * b[N_MAXR]:
            continue
        size = (r1 * z[Z_AZSD]) * (r2 * waiting[k, B_SD]) / abs(det) + 50.0 * abs(waiting[k, B_T] - z[Z_T])
        if size < best:
            best = size
            mate = k
            place_e, place_n, place_r1, place_r2 = r1 * u0, r1 * u1, r1, r2
    if mate < 0:
        return False
    height = a[N_HEIGHT] + ABOVE_M
    x = a[0] + place_e * a[3] + place_n * a[6]
    y = a[1] + place_e * a[4] + place_n * a[7]
    w = a[2] + place_e * a[5] + place_n * a[8]
    for i in range(counters[C_TRACKS]):
        if 0 < J[i, I_STATUS] < 4:
            ox, oy, oz = to_ecef(S[i], S[i, CX], S[i, CX + 1], height)
            if (ox - x) ** 2 + (oy - y) ** 2 + (oz - w) ** 2 < ALREADY_M * ALREADY_M and J[i, I_CLASS] & 4 != 0:
                return False
    for k in range(WIDTH):
        row[k] = 0.0
    for k in range(I_WIDTH):
        ints[k] = 0
    ints[I_CODE] = 65535
    lat, lon, _ = ecef_to_geodetic(x, y, w)
    set_frame(row, lat, lon)
    move = 30.0 * abs(waiting[mate, B_T] - z[Z_T])
    i1 = 1.0 / ((place_r1 * z[Z_AZSD]) ** 2 + 100.0)
    i2 = 1.0 / ((place_r2 * waiting[mate, B_SD]) ** 2 + move * move + 100.0)
    w0, w1 = math.sin(waiting[mate, B_AZ]), math.cos(waiting[mate, B_AZ])
    # each line tells the place across itself
    f00 = i1 * u1 * u1 + i2 * w1 * w1
    f01 = -i1 * u0 * u1 - i2 * w0 * w1
    f11 = i1 * u0 * u0 + i2 * w0 * w0
    det = f00 * f11 - f01 * f01
    for j in range(NM):
        o = j * STRIDE
        row[o + 4] = height
        row[o + 5], row[o + 6], row[o + 10] = f11 / det, -f01 / det, f00 / det
        row[o + 14] = SPEED_SD_MPS * SPEED_SD_MPS
        row[o + 17] = SPEED_SD_MPS * SPEED_SD_MPS
        row[o + 19] = ABOVE_M * ABOVE_M
        row[o + MU] = 0.6 if j == 0 else 0.4 / (NM - 1)
    row[VH], row[VHH], row[VT] = height, ABOVE_M * ABOVE_M, z[Z_T]
    row[T] = row[T_HIT] = row[T_START] = z[Z_T]
    row[T_BESIDE] = -1e9
    for k in range(SLOT_N):
        row[SLOTS + k * SLOT_STRIDE + SLOT_SENSOR] = -1.0
    combine(row)
    ints[I_STATUS] = 1
    ints[I_HITS] = 1
    use_identity(ints, zi)
    remember(row, z, zi, a)
    row[LLR] = -3.0
    waiting[mate, B_T] = -1e9
    return True
