"""What a rotating radar gets of the sky: who is in the beam when, and how well he is measured.

One kernel call a block for all radars. An aircraft is met when the antenna points at it, found by solving for the
crossing time along the block's path, so the time, the range and the azimuth of a plot belong together.

Physics: exact ECEF geometry; refraction by the 4/3 earth (ITU-R P.834); horizon, least elevation and cone of silence;
secondary detection with a given probability that falls at the edges of the beam; primary detection of a Swerling 1
target by the radar equation, calibrated by the range at which 1 m2 gives probability 0.8 (Skolnik, Radar Handbook,
chapter 2); terrain hides what stands below its horizon, without tiles the earth is smooth. Echoes from beyond the
range that the pulse rate leaves unambiguous come as second-time-around plots; replies to other interrogators (FRUIT)
hit those of our own; an extractor may split one target in two. ``echoes.py`` adds what is no aircraft's own echo.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.earth.terrain import is_hidden
from vigie.simulate.draw import mixed, normal_pair, uniform
from vigie.terms.kernel import kernel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
Masks = npt.NDArray[np.float32]

# Columns of ``radars``: one row a radar.
(X, Y, Z, SIN_LAT, COS_LAT, SIN_LON, COS_LON, HEIGHT, OMEGA, PHASE, MAX_M, MIN_M, PD, RANGE_SD, AZIMUTH_SD) = range(15)
(RANGE_BIAS, AZIMUTH_BIAS, CONE, MIN_EL, PSR_M, MODES, BEAM, RANGE_CELL, PSR_RANGE_SD) = range(15, 24)
CLUTTER, FALSE_REPLIES, BLIND_FROM, BLIND_TO = range(24, 28)
UNAMBIGUOUS_M, FRUIT_HZ, SPLIT, SPLIT_RAD = range(28, 32)
RADAR_COLUMNS: Final = 32

# Bits of MODES and of what was detected.
PSR: Final = 1
SSR: Final = 2
SELECTIVE: Final = 4
GARBLED: Final = 8

# Rows of the output.
T_S, RANGE_M, AZIMUTH_RAD = range(3)
RADAR, AIRCRAFT, SCAN, BITS = range(4)

_TURN: Final = 2.0 * math.pi
_R_MEAN_M: Final = 6371008.8
_LN_PFA: Final = math.log(1e-6)
_SNR_AT_08: Final = _LN_PFA / math.log(0.8) - 1.0
_CLUTTER_KEY: Final = 1 << 40
NO_AIRCRAFT: Final = -1
_REPLY_S: Final = 20.3e-6
_REPLIES: Final = 8
"""Replies of one aircraft while the beam is on it; the extractor reads code and height from most of them."""


@kernel
def _at(before: Floats, after: Floats, i: int, f: float) -> tuple[float, float, float]:
    f2 = f * f
    f3 = f2 * f
    a = 2.0 * f3 - 3.0 * f2 + 1.0
    b = f3 - 2.0 * f2 + f
    c = 3.0 * f2 - 2.0 * f3
    d = f3 - f2
    return (
        a * before[0, i] + b * before[3, i] + c * after[0, i] + d * after[3, i],
        a * before[1, i] + b * before[4, i] + c * after[1, i] + d * after[4, i],
        a * before[2, i] + b * before[5, i] + c * after[2, i] + d * after[5, i],
    )


@kernel
def _enu(radar: Floats, x: float, y: float, z: float) -> tuple[float, float, float]:
    dx = x - radar[X]
    dy = y - radar[Y]
    dz = z - radar[Z]
    east = -radar[SIN_LON] * dx + radar[COS_LON] * dy
    along = radar[COS_LON] * dx + radar[SIN_LON] * dy
    return east, radar[COS_LAT] * dz - radar[SIN_LAT] * along, radar[COS_LAT] * along + radar[SIN_LAT] * dz


@kernel
def _detected(
    radar: Floats, mask: Masks, r: float, azimuth: float, elevation: float, has: int, rcs_m2: float, key: np.uint64
) -> int:
    """Return the bits of what the radar gets of an aircraft in its beam at slant range r."""
    # Refraction lifts the target by about the share 1 - 1/k of the earth's drop over half the way.
    apparent = elevation + r / (2.0 * _R_MEAN_M) * 0.25
    if apparent < radar[MIN_EL] or apparent > radar[CONE]:
        return 0
    if mask.shape[0] > 0 and is_hidden(mask, azimuth, r, math.tan(apparent)):
        return 0
    edge = min(1.0, (apparent - radar[MIN_EL]) / 0.004) * 0.3 + 0.7
    if 0.95 * radar[MAX_M] < r <= radar[MAX_M]:
        edge *= 1.0 - 6.0 * (r / radar[MAX_M] - 0.95)
    modes = int(radar[MODES])
    bits = 0
    if modes & SSR and has & 1 and uniform(mixed(key, 11)) < radar[PD] * edge:
        bits |= SSR
        if modes & SELECTIVE and has & 4:
            bits |= SELECTIVE
    if modes & PSR:
        q = radar[PSR_M] / max(r, 1.0)
        snr = _SNR_AT_08 * rcs_m2 * q * q * q * q
        if uniform(mixed(key, 12)) < math.exp(_LN_PFA / (1.0 + snr)) * edge:
            bits |= PSR
    return bits


@kernel
def _hit_by_fruit(radar: Floats, bits: int, key: np.uint64) -> int:
    """Return ``bits`` after replies to other interrogators fell on those of this dwell.

    A reply is hit when another of 20.3 microseconds begins within one length before or after. Half of them hit: the
    code is garbled; all of them: nothing is left of the secondary plot. Selective replies are asked for again.
    """
    p = 1.0 - math.exp(-2.0 * radar[FRUIT_HZ] * _REPLY_S)
    hit = 0
    for j in range(_REPLIES):
        if uniform(mixed(key, 40 + j)) < p:
            hit += 1
    if hit == _REPLIES:
        return bits & PSR
    return bits | GARBLED if 2 * hit >= _REPLIES else bits


@kernel
def _write(
    radar: Floats, out: Floats, what: Ints, count: int, k: int, i: int, scan: int, bits: int, t: float, r: float,
    azimuth: float,
) -> int:  # fmt: skip
    """Write one plot if there is room; return the count with it."""
    if count < out.shape[1]:
        out[T_S, count] = t
        out[RANGE_M, count] = max(r + radar[RANGE_BIAS], 0.0)
        a = azimuth + radar[AZIMUTH_BIAS]
        out[AZIMUTH_RAD, count] = a - _TURN * math.floor(a / _TURN)
        what[RADAR, count] = k
        what[AIRCRAFT, count] = i
        what[SCAN, count] = scan
        what[BITS, count] = bits
    return count + 1


@kernel
def sweep(
    radars: Floats, keys: Keys, masks: Masks, before: Floats, after: Floats, has: Ints, rcs_m2: Floats, t_s: float,
    out: Floats, what: Ints,
) -> int:  # fmt: skip
    """Write every detection of one block that starts at ``t_s`` (s), sorted by radar only; return how many.

    ``masks``: a terrain horizon for each radar (no directions: nothing is known of the terrain). ``out``:
    rows T_S (absolute), RANGE_M, AZIMUTH_RAD as measured; ``what``: rows RADAR, AIRCRAFT (-1: false), SCAN, BITS.
    More than fit are counted, not written: call again with more room.
    """
    count = 0
    n = before.shape[1]
    for k in range(radars.shape[0]):
        radar = radars[k]
        omega = radar[OMEGA]
        swept = radar[PHASE] + omega * t_s
        start = swept - _TURN * math.floor(swept / _TURN)
        farthest = max(radar[MAX_M], 2.0 * radar[UNAMBIGUOUS_M])
        limit2 = (farthest + 1000.0) * (farthest + 1000.0)
        dip = -math.sqrt(2.0 * max(radar[HEIGHT], 1.0) / (_R_MEAN_M * 4.0 / 3.0))
        for i in range(n):
            x0 = before[0, i]
            dx = x0 - radar[X]
            dy = before[1, i] - radar[Y]
            dz = before[2, i] - radar[Z]
            if not dx * dx + dy * dy + dz * dz < limit2:  # also who is not there (NaN)
                continue
            up = radar[COS_LAT] * (radar[COS_LON] * dx + radar[SIN_LON] * dy) + radar[SIN_LAT] * dz
            r2 = dx * dx + dy * dy + dz * dz
            r = math.sqrt(r2)
            # Below the radio horizon by more than the block can change: not worth an azimuth.
            if up / max(r, 1.0) + r / (8.0 * _R_MEAN_M) < min(dip, radar[MIN_EL]) - 0.01:
                continue
            if math.isnan(after[0, i]):
                continue
            east, north, up = _enu(radar, x0, before[1, i], before[2, i])
            a0 = math.atan2(east, north) - start
            a0 -= _TURN * math.floor(a0 / _TURN)
            # The beam meets the azimuth of the block's start at a0/omega; that of fast or near aircraft may move back.
            turns = int(omega / _TURN) + 2
            for m in range(-1, turns):
                t = (a0 + m * _TURN) / omega
                if t > 1.05 or t < -0.05:
                    continue
                east, north, up = 0.0, 0.0, 0.0
                for _ in range(3):
                    x, y, z = _at(before, after, i, t)
                    east, north, up = _enu(radar, x, y, z)
                    miss = math.atan2(east, north) - start - omega * t
                    miss -= _TURN * math.floor(miss / _TURN + 0.5)
                    t += miss / omega
                if t < 0.0 or t >= 1.0:
                    continue
                ground2 = east * east + north * north
                r = math.sqrt(ground2 + up * up)
                seen = r
                if r > radar[MAX_M]:  # an echo of the pulse before, taken for one of this pulse
                    seen = r - radar[UNAMBIGUOUS_M]
                    if radar[UNAMBIGUOUS_M] <= 0.0 or seen < 0.0 or seen > radar[MAX_M]:
                        continue
                if seen < radar[MIN_M]:
                    continue
                turned = swept + omega * t
                scan = math.floor(turned / _TURN)
                key = mixed(mixed(keys[k], i), scan)
                elevation = math.atan2(up, math.sqrt(ground2))
                azimuth = math.atan2(east, north)
                bits = _detected(radar, masks[k], r, azimuth, elevation, has[i], rcs_m2[i], key)
                if seen < r:
                    bits &= PSR
                if radar[FRUIT_HZ] > 0.0 and bits & (SSR | SELECTIVE) == SSR:
                    bits = _hit_by_fruit(radar, bits, key)
                if bits == 0 or _blind(radar, azimuth):
                    continue
                g1, g2 = normal_pair(mixed(key, 1))
                sd = radar[RANGE_SD] if bits & SSR else radar[PSR_RANGE_SD]
                seen += g1 * sd
                azimuth += g2 * radar[AZIMUTH_SD]
                apart = 0.0
                if radar[SPLIT] > 0.0 and uniform(mixed(key, 31)) < radar[SPLIT]:
                    apart = 0.5 * radar[SPLIT_RAD]
                    late = t_s + t + apart / omega
                    count = _write(radar, out, what, count, k, i, scan, bits, late, seen, azimuth + apart)
                early = max(t_s + t - apart / omega, t_s)
                count = _write(radar, out, what, count, k, i, scan, bits, early, seen, azimuth - apart)
        count = _false(radar, keys[k], k, swept, t_s, out, what, count)
    return count


@kernel
def _blind(radar: Floats, azimuth: float) -> bool:
    if math.isnan(radar[BLIND_FROM]):
        return False
    width = radar[BLIND_TO] - radar[BLIND_FROM]
    width -= _TURN * math.floor(width / _TURN)
    off = azimuth - radar[BLIND_FROM]
    inside: bool = off - _TURN * math.floor(off / _TURN) < width
    return inside


@kernel
def _false(radar: Floats, key: np.uint64, k: int, swept: float, t_s: float, out: Floats, what: Ints, count: int) -> int:
    """Write the false plots of one block: clutter (primary) and stray replies (secondary), Poisson in number."""
    for kind in range(2):
        mean = radar[CLUTTER + kind] * radar[OMEGA] / _TURN
        if mean <= 0.0:
            continue
        block = mixed(mixed(key, _CLUTTER_KEY + kind), int(t_s) + 100000)
        # Knuth's product of uniforms; means are a few to some hundred a block.
        number = 0
        product = math.log(uniform(mixed(block, 0)))
        while product > -mean and number < 100000:
            number += 1
            product += math.log(uniform(mixed(block, number)))
        for j in range(number):
            one = mixed(block, 1000000 + j)
            t = uniform(mixed(one, 1))
            turned = swept + radar[OMEGA] * t
            # Ground clutter lives near; stray replies anywhere.
            share = uniform(mixed(one, 2))
            r = radar[MIN_M] + (radar[MAX_M] * (0.4 if kind == 0 else 1.0) - radar[MIN_M]) * math.sqrt(share)
            if count < out.shape[1]:
                out[T_S, count] = t_s + t
                out[RANGE_M, count] = r
                out[AZIMUTH_RAD, count] = turned - _TURN * math.floor(turned / _TURN)
                what[RADAR, count] = k
                what[AIRCRAFT, count] = NO_AIRCRAFT
                what[SCAN, count] = j
                what[BITS, count] = PSR if kind == 0 else SSR
            count += 1
    return count


@kernel
def garble(radars: Floats, keys: Keys, t_s: Floats, range_m: Floats, what: Ints) -> None:
    """Mark replies that overlap: two conventional replies within one beam and 20.3 microseconds of each other.

    Detections are sorted by radar and time. Selective replies do not overlap: they are called one by one. Source: Annex
    10 volume IV, 3.1.1.6 (reply length); half of the overlaps are taken to be resolved, as by a monopulse extractor.
    """
    n = t_s.shape[0]
    for i in range(n):
        if what[BITS, i] & (SSR | SELECTIVE) != SSR or what[AIRCRAFT, i] < 0:
            continue
        k = what[RADAR, i]
        beam_s = radars[k, BEAM] / radars[k, OMEGA]
        j = i + 1
        while j < n and what[RADAR, j] == k and t_s[j] - t_s[i] < beam_s:
            near = abs(range_m[j] - range_m[i]) < 3043.0 and what[AIRCRAFT, i] != what[AIRCRAFT, j]
            if what[BITS, j] & (SSR | SELECTIVE) == SSR and near:
                low = min(what[AIRCRAFT, i], what[AIRCRAFT, j])
                high = max(what[AIRCRAFT, i], what[AIRCRAFT, j])
                key = mixed(mixed(mixed(keys[k], low), high), what[SCAN, i] + 7)
                if uniform(mixed(key, 21)) < 0.25:
                    what[BITS, i] |= GARBLED
                if uniform(mixed(key, 22)) < 0.25:
                    what[BITS, j] |= GARBLED
            j += 1
