"""Tracks begin, are believed, coast and end: by the log odds that a real aircraft stands behind them.

Each plot adds its log likelihood ratio against clutter where it lies; each turn without one subtracts. Addressed
reports start with much belief, bare primary plots in clutter with little.
Source: Blackman 1999 section 6.2 (track score).
"""

from __future__ import annotations

import math

from vigie.earth.wgs84 import slant_to_geodetic
from vigie.sensors.measure import slant_lines
from vigie.terms.kernel import lean
from vigie.track.kernels.gate import BEARING_PD
from vigie.track.kernels.imm import combine, set_frame, to_ecef
from vigie.track.kernels.update import change_set, remember, use_identity
from vigie.track.models import SET_SLOW, UNKNOWN_HEIGHT_M, UNKNOWN_HEIGHT_SD_M, VELOCITY_SD_MPS
from vigie.track.state import (
    ANCHOR,
    CP,
    CX,
    I_CALLSIGN,
    I_CLASS,
    I_CODE,
    I_CODE_VOTE,
    I_FLAGS,
    I_HITS,
    I_HKNOWN,
    I_ICAO,
    I_RIVAL,
    I_SET,
    I_STATUS,
    I_WIDTH,
    LLR,
    MU,
    N_HEIGHT,
    N_KIND,
    N_LOSS,
    N_MAXR,
    N_PD,
    N_PERIOD,
    N_PFACTOR,
    NIS,
    NM,
    PFACTOR,
    SLOT_N,
    SLOT_SENSOR,
    SLOT_STRIDE,
    SLOT_T,
    SLOTS,
    STRIDE,
    T_BESIDE,
    T_HIT,
    T_START,
    TUNE_COAST,
    TUNE_CONFIRM,
    TUNE_SET,
    TYPE_POSITION,
    TYPE_RADAR,
    VH,
    VHH,
    VHV,
    VT,
    VV,
    VVV,
    WIDTH,
    Z_AZ,
    Z_AZSD,
    Z_CLIMB,
    Z_H,
    Z_HSD,
    Z_LLR,
    Z_RANGE,
    Z_SD,
    Z_T,
    Z_VE,
    Z_VN,
    Z_X,
    ZI_CODE,
    ZI_ICAO,
    ZI_SELF,
    ZI_TYPE,
    ZI_VTOLD,
    Floats,
    Ints,
    T,
)

NEW_PER_M2 = 3e-12  # log density of new targets per turn: a dozen in a radar's cover over half an hour
LLR_TOP = 14.0
CONFIRM = 4.6  # one in a hundred is false
CONFIRM_BARE = 8.0  # bare primary plots: clutter is not as independent from turn to turn as the formula thinks
LLR_TOP_BARE = 12.0
CONFIRM_BEARING = 6.0
CONFIRM_TWO_POSTS = 9.0
TWO_POSTS_HITS = 18
BEARING_COAST_S = 20.0
BEARING_LOST_M2 = 1.5e6
COAST_MIN_S = 15.0
COAST_MAX_S = 40.0
LOST_M2 = 4e6  # nobody finds an aircraft again that may be 2 km away
TWO_TURNS = -3.5  # log odds: two turns of a good sensor, three of one that hears four in five
UNSURE_LOSS = -4.5  # three turns without a plot
OLD_HITS = 12  # a track of this many plots is not given up within COAST_MIN_S
HARD_NIS = 8.0  # one plot alone, at the gate's edge, lifts it to 6
CALM_NIS = 0.3
SLOW_NIS = 4.0
ON_GROUND = 32
SHARP_M2 = 800.0  # 20 m an axis
SURFACE_MPS = 110.0  # the fastest that rolls
R_MEAN_M = 6371008.8
EDGE = 0.05  # of a radar's range: there its answers grow rare
LOW_RAD = 0.5 * math.pi / 180.0
CONE_RAD = 50.0 * math.pi / 180.0  # usual antennas see up to 45 degrees
CONE_EDGE_RAD = 10.0 * math.pi / 180.0
FAINT = 0.05
CREEP_MPS = 18.0  # slower, a primary-only track is taken for what does not fly: vehicles, ground, sea


@lean
def misses(row: Floats, ints: Ints, sensors: Floats, now: float) -> float:
    """Return the log odds lost to turns in which nothing came, up to time ``now`` (0 or negative)."""
    if ints[I_CLASS] & 7 == 4:
        return 0.0  # bearings are counted look by look, see ``silence``
    best = -1e9
    for k in range(SLOT_N):
        o = SLOTS + k * SLOT_STRIDE
        s = row[o + SLOT_SENSOR]
        if s < 0.0:
            continue
        sensor = sensors[int(s)]
        period = max(sensor[N_PERIOD], 2.0)
        turns = math.floor((now - row[o + SLOT_T]) / period - 0.25)
        loss = turns * sensor[N_LOSS] if turns > 0.0 else 0.0
        best = max(best, loss)
    return best if best > -1e8 else 0.0


@lean
def heard_share(row: Floats, ints: Ints, sensor: Floats, now: float) -> float:
    """Return how much of its usual detection probability a radar has where a track is now, from FAINT to 1.

    It fades over the last twentieth of its range, over the lowest half degree above the horizon of a 4/3 earth (where
    masts, trees and the ground's reflection are), and over the antenna. Without a height only the range is known.
    """
    dt = now - row[T]
    height = row[VH] + row[VV] * (now - row[VT]) if ints[I_HKNOWN] != 0 else row[CX + 4]
    x, y, z = to_ecef(row, row[CX] + dt * row[CX + 2], row[CX + 1] + dt * row[CX + 3], height)
    dx, dy, dz = x - sensor[0], y - sensor[1], z - sensor[2]
    r = math.sqrt(dx * dx + dy * dy + dz * dz)
    share = (sensor[N_MAXR] - r) / (EDGE * sensor[N_MAXR])
    if ints[I_HKNOWN] != 0:
        elevation = math.asin((dx * sensor[9] + dy * sensor[10] + dz * sensor[11]) / max(r, 1.0)) + r / (8.0 * R_MEAN_M)
        share = min(share, elevation / LOW_RAD, (CONE_RAD - elevation) / CONE_EDGE_RAD)
    return float(min(1.0, max(FAINT, share)))


@lean
def silent(row: Floats, ints: Ints, sensors: Floats, now: float) -> float:
    """Return the log odds lost since the last plot, counting every sensor that had lately seen the track.

    A turn without a plot costs ``log(1 - Pd)``, with the detection probability of a radar where the track stands.
    """
    total = 0.0
    for k in range(SLOT_N):
        o = SLOTS + k * SLOT_STRIDE
        s = row[o + SLOT_SENSOR]
        if s < 0.0:
            continue
        sensor = sensors[int(s)]
        period = max(sensor[N_PERIOD], 2.0)
        if row[o + SLOT_T] > row[T_HIT] - 2.5 * period:
            turns = math.floor((now - row[T_HIT]) / period - 0.25)
            if turns > 0.0:
                share = heard_share(row, ints, sensor, now) if sensor[N_KIND] == 0.0 else 1.0
                total += turns * (sensor[N_LOSS] if share == 1.0 else math.log(1.0 - share * min(sensor[N_PD], 0.9)))
    return total


@lean
def begin(row: Floats, ints: Ints, z: Floats, zi: Ints, sensor: Floats) -> bool:
    """Start a tentative track in a free row from one plot; False where one plot tells no place."""
    kind = zi[ZI_TYPE]
    if kind not in (TYPE_RADAR, TYPE_POSITION):
        return False
    for k in range(WIDTH):
        row[k] = 0.0
    for k in range(I_WIDTH):
        ints[k] = 0
    ints[I_CODE] = 65535
    known = math.isfinite(z[Z_H])
    height = z[Z_H] if known else UNKNOWN_HEIGHT_M
    hvar = 900.0 if known else UNKNOWN_HEIGHT_SD_M * UNKNOWN_HEIGHT_SD_M
    t = z[Z_T]
    row[PFACTOR] = sensor[N_PFACTOR]
    p00 = p11 = z[Z_SD] * z[Z_SD] * (row[PFACTOR] if zi[ZI_SELF] != 0 else 1.0)
    p01 = p04 = p14 = 0.0
    if kind == TYPE_POSITION:
        lon = math.atan2(z[Z_X + 1], z[Z_X])
        lat = math.atan2(
            z[Z_X + 2], math.sqrt(z[Z_X] * z[Z_X] + z[Z_X + 1] * z[Z_X + 1]) * (1.0 - 0.0066943799901413165)
        )
        set_frame(row, lat, lon)
        e = n = 0.0
        gx = z[Z_X] - row[ANCHOR]
        gy = z[Z_X + 1] - row[ANCHOR + 1]
        gz = z[Z_X + 2] - row[ANCHOR + 2]
        e = gx * row[ANCHOR + 3] + gy * row[ANCHOR + 4] + gz * row[ANCHOR + 5]
        n = gx * row[ANCHOR + 6] + gy * row[ANCHOR + 7] + gz * row[ANCHOR + 8]
    else:
        if z[Z_RANGE] < abs(height - sensor[N_HEIGHT]) * 1.05:
            if known or z[Z_RANGE] < 500.0:
                return False
            height = sensor[N_HEIGHT] + 0.5 * z[Z_RANGE]
            hvar = 0.1 * z[Z_RANGE] * z[Z_RANGE]
        elif not known:
            # no aircraft above its slant range: near the antenna the prior shrinks
            top = 0.6 * z[Z_RANGE]
            if height > top:
                height = top
                hvar = min(hvar, top * top / 6.0)
        lat0 = math.asin(sensor[11])
        lon0 = math.atan2(sensor[10], sensor[9])
        lat, lon = slant_to_geodetic(z[Z_RANGE], z[Z_AZ], height, lat0, lon0, sensor[N_HEIGHT])
        set_frame(row, lat, lon)
        x, y, w = to_ecef(row, 0.0, 0.0, height)
        _, _, re, rn, ru, ae, an, au = slant_lines(sensor, row[ANCHOR + 3 : ANCHOR + 12], x, y, w)
        det = re * an - rn * ae
        if abs(det) * z[Z_RANGE] < 0.05:
            return False  # overhead: the place is not told
        i00, i01, i10, i11 = an / det, -rn / det, -ae / det, re / det
        rr = z[Z_SD] * z[Z_SD]
        ra = z[Z_AZSD] * z[Z_AZSD]
        p00 = i00 * i00 * rr + i01 * i01 * ra
        p01 = i00 * i10 * rr + i01 * i11 * ra
        p11 = i10 * i10 * rr + i11 * i11 * ra
        e = n = 0.0
        if not known:
            ge = -(i00 * ru + i01 * au)
            gn = -(i10 * ru + i11 * au)
            p00 += ge * ge * hvar
            p01 += ge * gn * hvar
            p11 += gn * gn * hvar
            p04 = ge * hvar
            p14 = gn * hvar
    told = math.isfinite(z[Z_VE]) and math.isfinite(z[Z_VN])
    vvar = (25.0 if zi[ZI_VTOLD] != 0 else 900.0) if told else VELOCITY_SD_MPS * VELOCITY_SD_MPS
    for j in range(NM):
        o = j * STRIDE
        row[o], row[o + 1] = e, n
        row[o + 2] = z[Z_VE] if told else 0.0
        row[o + 3] = z[Z_VN] if told else 0.0
        row[o + 4] = height
        row[o + 5], row[o + 6], row[o + 10] = p00, p01, p11
        row[o + 9], row[o + 13] = p04, p14
        row[o + 14] = vvar
        row[o + 17] = vvar
        row[o + 19] = hvar
        row[o + MU] = 0.8 if j == 0 else 0.2 / (NM - 1)
    ints[I_HKNOWN] = 1 if known else 0
    row[VH] = height
    row[VV] = z[Z_CLIMB] if math.isfinite(z[Z_CLIMB]) else 0.0
    row[VHH] = z[Z_HSD] * z[Z_HSD] if known else hvar
    row[VVV] = 100.0
    row[VT] = t
    row[T] = t
    row[T_HIT] = t
    row[T_START] = t
    row[T_BESIDE] = -1e9
    for k in range(SLOT_N):
        row[SLOTS + k * SLOT_STRIDE + SLOT_SENSOR] = -1.0
    combine(row)
    ints[I_STATUS] = 1
    ints[I_HITS] = 1
    ints[I_CODE_VOTE] = 0
    use_identity(ints, zi)
    remember(row, z, zi, sensor)
    # the prior: how much rarer new targets are than clutter where the plot lies
    odds = math.log(NEW_PER_M2) - z[Z_LLR]
    odds = min(-2.5, max(-12.0, odds))
    if zi[ZI_ICAO] != 0:
        odds = 0.0
    elif zi[ZI_CODE] != 65535:
        odds += 0.5
    row[LLR] = odds
    return True


@lean
def silence(row: Floats, ints: Ints, sensors: Floats, span: float) -> None:
    """Take from a bearing track's odds what the looks of all posts that should hear it cost in ``span`` seconds."""
    x, y, z = to_ecef(row, row[CX], row[CX + 1], row[CX + 4])
    for s in range(sensors.shape[0]):
        sensor = sensors[s]
        if sensor[N_KIND] != 2.0:
            continue
        reach = 0.9 * sensor[N_MAXR]
        dx, dy, dz = sensor[0] - x, sensor[1] - y, sensor[2] - z
        if dx * dx + dy * dy + dz * dz < reach * reach:
            row[LLR] += span / sensor[N_PERIOD] * math.log(1.0 - min(sensor[N_PD], BEARING_PD))


@lean
def stations(row: Floats) -> int:
    """Return how many sensors have lately given a track its plots (four at most are kept)."""
    n = 0
    for k in range(SLOT_N):
        if row[SLOTS + k * SLOT_STRIDE + SLOT_SENSOR] >= 0.0:
            n += 1
    return n


@lean
def judge(row: Floats, ints: Ints, sensors: Floats, now: float) -> int:
    """Return the status a track should have at ``now`` (0: end it)."""
    lost = misses(row, ints, sensors, now)
    status = ints[I_STATUS]
    heard = ints[I_CLASS] & 7 == 4  # bearings only
    missed = lost if status == 1 or heard else silent(row, ints, sensors, now)
    odds = row[LLR] + missed
    idle = now - row[T_HIT]
    bare = ints[I_CLASS] & 3 == 2
    v2 = row[CX + 2] * row[CX + 2] + row[CX + 3] * row[CX + 3]
    turns = 1.0 + (row[T_HIT] - row[T_START]) / sensors[int(row[SLOTS + SLOT_SENSOR]), N_PERIOD]
    thin = ints[I_HITS] < 0.55 * turns  # a real target answers nearly every turn
    if heard and status == 1:
        # three posts agree on no false crossing for long; two may, so they must go on for longer
        three = stations(row) >= 3 and ints[I_HITS] >= 6 and odds > CONFIRM_BEARING
        two = ints[I_HITS] >= TWO_POSTS_HITS and odds > CONFIRM_TWO_POSTS
        if (three or two) and row[CP] + row[CP + 2] < 1e6:
            return 2
        return 0 if odds < -6.0 or row[CP] + row[CP + 2] > 4e6 else 1
    if heard:
        if odds < -2.0 or idle > BEARING_COAST_S or row[CP] + row[CP + 2] > BEARING_LOST_M2:
            return 0
        return 2 if idle < 6.0 else 3
    if status == 1:
        coded = ints[I_ICAO] != 0 or ints[I_CODE] != 65535 or ints[I_HKNOWN] != 0
        enough = 2 if coded else 4 if bare else 3
        need = (CONFIRM_BARE if bare else CONFIRM) + row[TUNE_CONFIRM]
        if (
            odds > need
            and ints[I_HITS] >= enough
            and not (bare and (v2 < CREEP_MPS * CREEP_MPS + 2.0 * row[CP + 3] or thin))
        ):
            return 2 if ints[I_RIVAL] == 0 else 1
        if lost < -3.0 * 1.7 or odds < -9.0 or (ints[I_HITS] == 1 and lost < -3.0):
            return 0
        return 1
    # between two plots of a slow radar far away a young track may be anywhere: only silence counts
    grown = 2.0 * row[CP + 3] * idle * idle if missed < TWO_TURNS else 0.0
    coast_s = row[TUNE_COAST] if row[TUNE_COAST] > 0.0 else COAST_MAX_S
    longer = max(1.0, coast_s / COAST_MAX_S)  # who asks for more asks for what it costs in certainty
    if idle > coast_s or row[CP] + row[CP + 2] + grown > LOST_M2 * longer * longer:
        return 0
    pd = min(sensors[int(row[SLOTS + SLOT_SENSOR]), N_PD], 0.9)
    # fewer plots than all but one real target in two hundred would have given by now
    thin = ints[I_HITS] < pd * turns - 2.5 * math.sqrt(pd * (1.0 - pd) * turns)
    unsure = thin or (lost < UNSURE_LOSS and ints[I_HITS] < OLD_HITS)
    if bare and (unsure or v2 < 0.5 * CREEP_MPS * CREEP_MPS):
        return 1  # believed too early, or it does not fly: not shown as a track, watched on
    least_s = max(COAST_MIN_S, row[TUNE_COAST])
    if odds < -1.0 and (idle > least_s or ints[I_HITS] < OLD_HITS):
        return 0
    return 2 if lost == 0.0 else 3


@lean
def choose_set(row: Floats, ints: Ints) -> None:
    """Choose the motion models by what the track has shown: speed, and plots that only a hard manoeuvre explains."""
    if ints[I_HITS] < 3:
        return
    if row[TUNE_SET] > 0.0:
        change_set(row, ints, int(row[TUNE_SET]) - 1)
        return
    v2 = row[CX + 2] * row[CX + 2] + row[CX + 3] * row[CX + 3]
    if ints[I_FLAGS] & ON_GROUND != 0 and v2 < SURFACE_MPS * SURFACE_MPS:
        change_set(row, ints, SET_SLOW)
    elif ints[I_SET] == SET_SLOW:
        if v2 > 105.0 * 105.0 or (v2 > 60.0 * 60.0 and row[CP] + row[CP + 2] > 4.0 * SHARP_M2):
            change_set(row, ints, 0)
    elif (
        ints[I_SET] == 0
        and v2 < 60.0 * 60.0
        and ints[I_CLASS] & 3 != 2  # clutter leads bare primary tracks astray
        and (row[NIS] > SLOW_NIS or (v2 < 9.0 and row[CP + 3] < 4.0))
    ):
        change_set(row, ints, SET_SLOW)  # it hovers, or stops and goes
    elif ints[I_SET] == 0 and v2 < 92.0 * 92.0 and row[CP] + row[CP + 2] < SHARP_M2 and ints[I_HITS] > 8:
        change_set(row, ints, SET_SLOW)  # seen so sharply that the braking of an approach shows
    elif ints[I_SET] == 0:
        # what clutter makes of bare primary tracks is slow
        least = 240.0 if ints[I_CLASS] & 3 == 2 else 100.0
        # no model of traffic comes near its plots, twice running: a harder manoeuvre than traffic flies
        if v2 > 290.0 * 290.0 or (row[NIS] > HARD_NIS and v2 > least * least and ints[I_HITS] > 5):
            change_set(row, ints, 1)
    elif ints[I_SET] == 1 and (v2 < 150.0 * 150.0 or (v2 < 270.0 * 270.0 and row[NIS] < CALM_NIS)):
        change_set(row, ints, 0)


__all__ = ["CP", "I_CALLSIGN", "I_CLASS", "LLR_TOP", "VHV", "begin", "choose_set", "judge", "misses"]
