"""What a radar reports that is no aircraft's own echo: reflections, moving weather, standing clutter.

One kernel a block, after ``detect.sweep``, which writes behind its plots. Reflections: a plane surface (a hangar, a
hill's face) shows an aircraft in the direction of the surface, at the length of the broken way; only what lies in the
mirrored beam is seen (Stevens, Secondary Surveillance Radar, chapter 8). Weather: showers that drift with the wind,
each a disc of primary plots anew every turn. Clutter: scatterers that stand where they stand, seen now and then.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from vigie.earth.wgs84 import geodetic_to_ecef
from vigie.simulate import detect as d
from vigie.simulate.detect import NO_AIRCRAFT, PSR, SSR, Floats, Ints, Keys, _at, _enu, _write
from vigie.simulate.draw import mixed, normal_pair, uniform
from vigie.terms.kernel import kernel

# Columns of ``mirrors``: reflectors, one row each; of ``showers``; of ``zones``: standing clutter.
M_RADAR, M_AZIMUTH, M_RANGE, M_NORMAL, M_WIDTH, M_SHARE = range(6)
MIRROR_COLUMNS: Final = 6
S_LAT, S_LON, S_RADIUS, S_EAST, S_NORTH, S_PLOTS, S_FROM, S_TO = range(8)
SHOWER_COLUMNS: Final = 8
Z_RADAR, Z_FROM_AZ, Z_WIDTH_AZ, Z_FROM_M, Z_TO_M, Z_POINTS, Z_SHARE = range(7)
ZONE_COLUMNS: Final = 7

_TURN: Final = 2.0 * math.pi
_R_MEAN_M: Final = 6371008.8
_SHOWER_HEIGHT_M: Final = 3000.0
_MIRROR_KEY, _SHOWER_KEY, _ZONE_KEY = 1 << 41, 1 << 42, 1 << 43


@kernel
def _poisson(key: np.uint64, mean: float) -> int:
    """Return a Poisson number: Knuth's product of uniforms, for means up to some hundreds."""
    number = 0
    product = math.log(uniform(mixed(key, 0)))
    while product > -mean and number < 100000:
        number += 1
        product += math.log(uniform(mixed(key, number)))
    return number


@kernel
def echoes(
    radars: Floats, keys: Keys, before: Floats, after: Floats, has: Ints, t_s: float, mirrors: Floats, showers: Floats,
    zones: Floats, out: Floats, what: Ints, count: int,
) -> int:  # fmt: skip
    """Write what comes besides aircraft's own echoes in one block; return the count of all plots with it."""
    for m in range(mirrors.shape[0]):
        k = int(mirrors[m, M_RADAR])
        count = _mirrored(radars[k], keys[k], k, mirrors[m], m, before, after, has, t_s, out, what, count)
    for k in range(radars.shape[0]):
        if not int(radars[k, d.MODES]) & PSR:
            continue
        for s in range(showers.shape[0]):
            if showers[s, S_FROM] <= t_s < showers[s, S_TO]:
                count = _shower(radars[k], keys[k], k, showers[s], s, t_s, out, what, count)
    for z in range(zones.shape[0]):
        k = int(zones[z, Z_RADAR])
        if int(radars[k, d.MODES]) & PSR:
            count = _standing(radars[k], keys[k], k, zones[z], z, t_s, out, what, count)
    return count


@kernel
def _met(radar: Floats, azimuth: float, t_s: float) -> tuple[float, int]:
    """Return when (s from the block's start) the antenna next points at an azimuth, and in which turn."""
    swept = radar[d.PHASE] + radar[d.OMEGA] * t_s
    turn = math.ceil((swept - azimuth) / _TURN)
    return (azimuth + turn * _TURN - swept) / radar[d.OMEGA], turn


@kernel
def _mirrored(
    radar: Floats, key: np.uint64, k: int, mirror: Floats, number: int, before: Floats, after: Floats, has: Ints,
    t_s: float, out: Floats, what: Ints, count: int,
) -> int:  # fmt: skip
    t, scan = _met(radar, mirror[M_AZIMUTH], t_s)
    while t < 1.0:
        east_m = mirror[M_RANGE] * math.sin(mirror[M_AZIMUTH])
        north_m = mirror[M_RANGE] * math.cos(mirror[M_AZIMUTH])
        # The ray comes from the radar, along the azimuth, and leaves mirrored on the surface's normal.
        leaves = 2.0 * mirror[M_NORMAL] - mirror[M_AZIMUTH] - math.pi
        for i in range(before.shape[1]):
            if not has[i] & 1 or math.isnan(before[0, i]) or math.isnan(after[0, i]):
                continue
            x, y, z = _at(before, after, i, t)
            east, north, up = _enu(radar, x, y, z)
            dx = east - east_m
            dy = north - north_m
            off = math.atan2(dx, dy) - leaves
            off -= _TURN * math.floor(off / _TURN + 0.5)
            way = math.sqrt(dx * dx + dy * dy + up * up)
            r = mirror[M_RANGE] + way
            if abs(off) > mirror[M_WIDTH] or r > radar[d.MAX_M]:
                continue
            if up / max(way, 1.0) + way / (8.0 * _R_MEAN_M) < radar[d.MIN_EL]:
                continue
            one = mixed(mixed(mixed(key, _MIRROR_KEY + number), i), scan)
            if uniform(mixed(one, 1)) >= mirror[M_SHARE] * radar[d.PD]:
                continue
            g1, g2 = normal_pair(mixed(one, 2))
            a = mirror[M_AZIMUTH] + g2 * radar[d.AZIMUTH_SD]
            bits = SSR | (int(radar[d.MODES]) & d.SELECTIVE if has[i] & 4 else 0)
            count = _write(radar, out, what, count, k, i, scan, bits, t_s + t, r + g1 * radar[d.RANGE_SD], a)
        t += _TURN / radar[d.OMEGA]
        scan += 1
    return count


@kernel
def _shower(
    radar: Floats, key: np.uint64, k: int, shower: Floats, number: int, t_s: float, out: Floats, what: Ints,
    count: int,
) -> int:  # fmt: skip
    gone_s = t_s - shower[S_FROM]
    lat0 = shower[S_LAT] + shower[S_NORTH] * gone_s / _R_MEAN_M
    lon0 = shower[S_LON] + shower[S_EAST] * gone_s / (_R_MEAN_M * math.cos(shower[S_LAT]))
    x, y, z = geodetic_to_ecef(lat0, lon0, _SHOWER_HEIGHT_M)
    east0, north0, _ = _enu(radar, x, y, z)
    if math.sqrt(east0 * east0 + north0 * north0) > radar[d.MAX_M] + shower[S_RADIUS]:
        return count
    swept = radar[d.PHASE] + radar[d.OMEGA] * t_s
    for scan in range(math.floor(swept / _TURN), math.floor((swept + radar[d.OMEGA]) / _TURN) + 1):
        turn = mixed(mixed(key, _SHOWER_KEY + number), scan)
        for j in range(_poisson(mixed(turn, 1), shower[S_PLOTS])):
            one = mixed(turn, 1000 + j)
            away = shower[S_RADIUS] * math.sqrt(uniform(mixed(one, 1)))
            angle = _TURN * uniform(mixed(one, 2))
            east = east0 + away * math.sin(angle)
            north = north0 + away * math.cos(angle)
            a = math.atan2(east, north)
            a -= _TURN * math.floor(a / _TURN)
            t = (a + scan * _TURN - swept) / radar[d.OMEGA]
            r = math.sqrt(east * east + north * north)
            if 0.0 <= t < 1.0 and radar[d.MIN_M] <= r <= radar[d.MAX_M]:
                count = _write(radar, out, what, count, k, NO_AIRCRAFT, scan, PSR, t_s + t, r, a)
    return count


@kernel
def _standing(
    radar: Floats, key: np.uint64, k: int, zone: Floats, number: int, t_s: float, out: Floats, what: Ints, count: int
) -> int:
    own = mixed(key, _ZONE_KEY + number)
    for j in range(int(zone[Z_POINTS])):
        point = mixed(own, j)
        a = zone[Z_FROM_AZ] + zone[Z_WIDTH_AZ] * uniform(mixed(point, 1))
        near2 = zone[Z_FROM_M] * zone[Z_FROM_M]
        r = math.sqrt(near2 + (zone[Z_TO_M] * zone[Z_TO_M] - near2) * uniform(mixed(point, 2)))
        t, scan = _met(radar, a, t_s)
        while t < 1.0:
            now = mixed(point, 1000 + scan)
            if uniform(mixed(now, 1)) < zone[Z_SHARE]:
                g1, g2 = normal_pair(mixed(now, 2))
                # A cell of the extractor wide: the hill does not move, its centre of gravity does a little.
                seen = r + g1 * radar[d.PSR_RANGE_SD]
                count = _write(
                    radar, out, what, count, k, NO_AIRCRAFT, scan, PSR, t_s + t, seen, a + g2 * radar[d.AZIMUTH_SD]
                )
            t += _TURN / radar[d.OMEGA]
            scan += 1
    return count
