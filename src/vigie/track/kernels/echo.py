"""Echoes of one who is tracked: a second plot of a turn that is no second aircraft, known for what it is.

A split plot lies beside him, a reflection farther away in another direction (the broken way is the longer one), a
second-time-around echo in his direction and nearer. Replies are known by the address or code they wear, but neither
proves anything alone: two aircraft may wear one. So a reflection must also come from a reflector that stands still,
and is judged only while the sensor hears him: who has been lost may come back anywhere. Bare primary echoes wear
nothing: those of the pulse before are looked for where the pulse rate puts them.
Source: Stevens, Secondary Surveillance Radar, 1988, chapter 8 (reflections, second-time-around replies, splits);
Skolnik, Introduction to Radar Systems, 2001, section 3.2 (second-time-around echoes).
"""

from __future__ import annotations

import math

from vigie.sensors.measure import slant_lines, slant_point
from vigie.terms.kernel import lean
from vigie.track.kernels.gate import CELL_M, cell_key, cell_slot, conspicuous, slot_of, wrap
from vigie.track.kernels.imm import to_ecef
from vigie.track.kernels.intake import R_NONE, R_REFLECTION, R_SECOND_TIME, R_SPLIT
from vigie.track.state import (
    ANCHOR,
    CP,
    CX,
    I_CELL,
    I_CODE,
    I_CODE_MATE,
    I_HKNOWN,
    I_ICAO,
    I_NEXT,
    I_NO,
    I_STATUS,
    N_HEIGHT,
    N_PERIOD,
    N_UNAMB,
    SLOT_T,
    TYPE_RADAR,
    VH,
    VT,
    VV,
    Z_AZ,
    Z_AZSD,
    Z_H,
    Z_RANGE,
    Z_SD,
    Z_T,
    ZI_CODE,
    ZI_ICAO,
    ZI_KIND,
    ZI_SENSOR,
    ZI_TYPE,
    Floats,
    Ints,
    T,
)

HOLD = -1  # it may be an echo, and nobody can know yet: no track is confirmed by it
BEAM_RAD = 5.0 * math.pi / 180.0  # a beam is 2 to 3 degrees wide; a split stands on both its edges
HALF_RAD = 1.6 * math.pi / 180.0  # and he is in the middle
SPLIT_M = 1500.0
DETOUR_M = 30_000.0  # twice the distance of a reflector: hangars, masts and hill faces within 8 NM
REFLECTOR_M = 15_000.0
LEVEL_M = 150.0  # both read one altimeter, a turn apart at most
FOLD_M = 10_000.0
HEARD_TURNS = 3.1  # for so long after its last plot an aircraft may have echoes where it cannot have flown to
FLOWN_M, FLOWN_MPS = 2000.0, 400.0
WALL_M = 1500.0  # a reflector's length: where the ray breaks may wander along it, not farther
MOVED_M = 3000.0  # so far must the aircraft have flown before a reflector that stood still proves anything
PROOFS = 8  # plots by way of one reflector that end a track that was believed before its aircraft was
AWAY = 3  # plots from elsewhere that show that it is no reflector

# What was called a reflection: a table of buckets by aircraft and sensor; each row one direction it came from.
G_NO, G_SENSOR, G_T, G_RANGE, G_AZ, G_EAST, G_NORTH, G_VAR, G_COUNT, G_AWAY, G_HIS_RANGE, G_HIS_AZ = range(12)
GHOSTS = (64, 8, 12)


@lean
def echo(
    z: Floats, zi: Ints, S: Floats, J: Ints, sensor: Floats, heads: Ints, owners: Ints, codes: Ints, by_code: Ints,
    ghosts: Floats, mine: int, provisional: bool,
) -> int:  # fmt: skip
    """Return the reason (``R_SPLIT`` and so on) why a plot is an echo of another track, ``R_NONE`` where it is not.

    ``HOLD``: it may be one, but nobody can know yet: no track is confirmed by it. ``by_code`` begins the chain of
    tracks of each code; ``mine`` is the track that the plot would go to, -1 none: a confirmed one ends by proof only.
    """
    if zi[ZI_TYPE] != TYPE_RADAR:
        return R_NONE
    code = zi[ZI_CODE]
    found = R_NONE
    if zi[ZI_ICAO] != 0:
        mask = owners.size - 1
        h = cell_slot(zi[ZI_ICAO], mask)
        for k in range(16):
            i = owners[(h + k) & mask]
            if i < 0:
                break
            if J[i, I_ICAO] == zi[ZI_ICAO]:
                said = against(z, zi, S, J, sensor, i, mine, True, ghosts, provisional)
                if said > 0:
                    return said
                found = min(found, said)
    elif code != 65535 and not conspicuous(code):
        alone = codes[code] <= (1 if mine < 0 else 2)
        i = by_code[code]
        for _ in range(8):
            # the chain is as old as the index: rows given away since end it
            if i < 0 or J[i, I_CODE] != code or J[i, I_STATUS] == 0:
                break
            said = against(z, zi, S, J, sensor, i, mine, alone, ghosts, provisional)
            if said > 0:
                return said
            found = min(found, said)
            i = J[i, I_CODE_MATE]
    elif code == 65535 and zi[ZI_KIND] == 1 and sensor[N_UNAMB] > 0.0:
        young = mine < 0 or J[mine, I_STATUS] == 1
        found = R_SECOND_TIME if young and folded(z, S, J, sensor, heads) else R_NONE
    return found


@lean
def against(
    z: Floats, zi: Ints, S: Floats, J: Ints, sensor: Floats, i: int, mine: int, alone: bool, ghosts: Floats,
    provisional: bool,
) -> int:  # fmt: skip
    """Judge a plot against one track ``i`` of its address or code; ``alone``: no third wears that."""
    if i == mine or not 1 <= J[i, I_STATUS] <= 3:
        return R_NONE
    row = S[i]
    o = slot_of(row, zi[ZI_SENSOR])
    if o < 0:
        return R_NONE
    turns = abs(z[Z_T] - row[o + SLOT_T]) / sensor[N_PERIOD]
    if turns > HEARD_TURNS:
        return R_NONE
    dt = z[Z_T] - row[T]
    height = row[CX + 4]
    if J[i, I_HKNOWN] != 0 and math.isfinite(z[Z_H]):
        height = row[VH] + row[VV] * (z[Z_T] - row[VT])
        if abs(z[Z_H] - height) > LEVEL_M:
            return R_NONE
    elif not alone:
        return R_NONE  # a code that others wear too tells nothing without a height
    elif J[i, I_HKNOWN] != 0:
        height = row[VH] + row[VV] * (z[Z_T] - row[VT])
    x, y, w = to_ecef(row, row[CX] + dt * row[CX + 2], row[CX + 1] + dt * row[CX + 3], height)
    rng, azi, _, _, _, _, _, _ = slant_lines(sensor, row[ANCHOR + 3 : ANCHOR + 12], x, y, w)
    aside = abs(wrap(z[Z_AZ] - azi))
    beyond = z[Z_RANGE] - rng
    sure = J[i, I_STATUS] >= 2
    believed = mine >= 0 and J[mine, I_STATUS] >= 2
    if aside < BEAM_RAD:
        if not sure or believed:
            return R_NONE
        if abs(beyond) < 4.0 * z[Z_SD] and aside < HALF_RAD and turns > 0.5:
            return HOLD  # half of a split plot, whose other half fell into another look, or he himself
        if turns > 1.0:
            return R_NONE
        if abs(beyond) < SPLIT_M and turns < 0.5:
            return R_SPLIT
        return R_SECOND_TIME if beyond < -FOLD_M else R_NONE
    if not 0.0 < beyond < DETOUR_M:
        return R_NONE
    if turns > 0.5:
        apart2 = rng * rng + z[Z_RANGE] * z[Z_RANGE] - 2.0 * rng * z[Z_RANGE] * math.cos(aside)
        flown = FLOWN_M + FLOWN_MPS * turns * sensor[N_PERIOD]
        if apart2 < flown * flown:
            return R_NONE
    proofs = reflected(z, zi[ZI_SENSOR], sensor, rng, azi, height, J[i, I_NO], ghosts, provisional)
    if proofs < 0:
        return R_NONE
    if believed:
        return R_REFLECTION if sure and proofs >= PROOFS else R_NONE
    return R_REFLECTION if sure else HOLD


@lean
def reflected(
    z: Floats, s: int, sensor: Floats, rng: float, azi: float, height: float, number: int, ghosts: Floats,
    provisional: bool,
) -> int:  # fmt: skip
    """Return how many plots prove the reflector that this one would need, -1 where there can be none.

    The way to the reflector and from there to the aircraft is as long as the plot's range, and the plot's azimuth is
    the reflector's. With his slant range r, his range over the ground g and the angle a between the two directions
    that gives its distance, d = (range^2 - r^2) / (2 (range - g cos a)). It must be near, and it must stand still
    while he flies: an aircraft that wears the same would need one that wanders.
    """
    up = height - sensor[N_HEIGHT]
    ground = math.sqrt(max(rng * rng - up * up, 1.0))
    angle = wrap(z[Z_AZ] - azi)
    c = math.cos(angle)
    spare = z[Z_RANGE] - ground * c
    d = 0.5 * (z[Z_RANGE] * z[Z_RANGE] - rng * rng) / spare
    # how the errors of his place, of the range and of the angle show in it
    by_range = (z[Z_RANGE] - d) / spare * z[Z_SD]
    by_place = (rng - d * c) / spare * (z[Z_SD] + 200.0)
    by_angle = d * ground * math.sin(angle) / spare * z[Z_AZSD]
    var = by_range * by_range + by_place * by_place + by_angle * by_angle + d * d * z[Z_AZSD] * z[Z_AZSD]
    if d < 0.0 or d > REFLECTOR_M + 3.0 * math.sqrt(var):
        return -1
    east, north = d * math.sin(z[Z_AZ]), d * math.cos(z[Z_AZ])
    rows = ghosts[(number * 31 + s) & 63]
    best = 0
    for k in range(rows.shape[0]):
        g = rows[k]
        dt = abs(z[Z_T] - g[G_T])
        if g[G_NO] == number and g[G_SENSOR] == s and dt < 4.0 * sensor[N_PERIOD]:
            reach = 500.0 + FLOWN_MPS * dt
            across = wrap(z[Z_AZ] - g[G_AZ]) * z[Z_RANGE]
            if abs(z[Z_RANGE] - g[G_RANGE]) < reach and abs(across) < reach + 5.0 * z[Z_AZSD] * z[Z_RANGE]:
                de, dn = east - g[G_EAST], north - g[G_NORTH]
                away = de * de + dn * dn > WALL_M * WALL_M + 16.0 * (var + g[G_VAR])
                if not provisional:
                    g[G_T], g[G_RANGE], g[G_AZ] = z[Z_T], z[Z_RANGE], z[Z_AZ]
                    g[G_COUNT] += 1.0
                    if away:
                        g[G_AWAY] += 1.0
                if g[G_AWAY] >= AWAY:
                    return -1
                r0 = g[G_HIS_RANGE]
                moved2 = rng * rng + r0 * r0 - 2.0 * rng * r0 * math.cos(azi - g[G_HIS_AZ])
                return int(g[G_COUNT]) if moved2 > MOVED_M * MOVED_M and g[G_AWAY] == 0.0 else 0
        if g[G_T] < rows[best, G_T] or g[G_NO] == 0.0:
            best = k
    if not provisional:
        g = rows[best]
        g[G_NO], g[G_SENSOR], g[G_T], g[G_RANGE], g[G_AZ] = number, s, z[Z_T], z[Z_RANGE], z[Z_AZ]
        g[G_EAST], g[G_NORTH], g[G_VAR], g[G_COUNT], g[G_AWAY] = east, north, var, 1.0, 0.0
        g[G_HIS_RANGE], g[G_HIS_AZ] = rng, azi
    return 0


@lean
def folded(z: Floats, S: Floats, J: Ints, sensor: Floats, heads: Ints) -> bool:
    """Return whether a bare primary plot is the echo, by the pulse before, of one who is tracked farther out.

    His true range is the plot's and c / (2 PRF) more: there a confirmed track must stand, of whatever sensor.
    """
    far = z[Z_RANGE] + sensor[N_UNAMB]
    px, py, pz = slant_point(sensor, sensor[N_HEIGHT], far, z[Z_AZ], 8000.0)
    reach = 3000.0 + 5.0 * far * z[Z_AZSD]
    x0, y0, z0 = math.floor((px - reach) / CELL_M), math.floor((py - reach) / CELL_M), math.floor((pz - reach) / CELL_M)
    x1, y1, z1 = math.floor((px + reach) / CELL_M), math.floor((py + reach) / CELL_M), math.floor((pz + reach) / CELL_M)
    for cx in range(x0, x1 + 1):
        for cy in range(y0, y1 + 1):
            for cz in range(z0, z1 + 1):
                key = cell_key(cx, cy, cz)
                i = heads[cell_slot(key, heads.size - 1)]
                while i >= 0:
                    if J[i, I_CELL] == key and 2 <= J[i, I_STATUS] <= 3 and stands_at(z, far, S[i], J[i], sensor):
                        return True
                    i = J[i, I_NEXT]
    return False


@lean
def stands_at(z: Floats, far: float, row: Floats, ints: Ints, sensor: Floats) -> bool:
    """Return whether a track stands where the plot would be at the range ``far``, within four sigma of both."""
    dt = z[Z_T] - row[T]
    height = row[VH] + row[VV] * (z[Z_T] - row[VT]) if ints[I_HKNOWN] != 0 else row[CX + 4]
    x, y, w = to_ecef(row, row[CX] + dt * row[CX + 2], row[CX + 1] + dt * row[CX + 3], height)
    rng, azi, re, rn, _, ae, an, _ = slant_lines(sensor, row[ANCHOR + 3 : ANCHOR + 12], x, y, w)
    grow = dt * dt * row[CP + 3]
    var = re * re * row[CP] + 2.0 * re * rn * row[CP + 1] + rn * rn * row[CP + 2] + grow + z[Z_SD] * z[Z_SD] + 1e4
    across = ae * ae * row[CP] + 2.0 * ae * an * row[CP + 1] + an * an * row[CP + 2] + (ae * ae + an * an) * grow
    across += z[Z_AZSD] * z[Z_AZSD]
    nu, mu = far - rng, wrap(z[Z_AZ] - azi)
    return bool(nu * nu < 16.0 * var and mu * mu < 16.0 * across)
