"""What is counted at each instant: the pairs of targets and tracks, and what they add to every figure.

At an instant T each track stands by its newest row of the last 1.5 s; rows that are confirmed or coasting form the
picture. A row is compared with the truth at the row's own time. The distance is the chord between both points put on
the ellipsoid. Pairs at 1,000 m or more are none.
Source of the figures: Rahmathullah, Garcia-Fernandez, Svensson 2017 (GOSPA, alpha 2, p 2), Schuhmacher, Vo, Vo 2008
(OSPA), Bar-Shalom et al. 2001 section 5.4 (normalised error), Bernardin, Stiefelhagen 2008 (kept pairs, switches).
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from vigie.earth.wgs84 import geodetic_to_ecef, radii, wrap_pi
from vigie.evaluate.pairing import best_pairs, hashed, near
from vigie.evaluate.truth import Floats, Ints, Paths, is_present, place_at, turn_and_climb
from vigie.terms.kernel import kernel
from vigie.terms.tables import TRACK_COASTING, TRACK_CONFIRMED

C_M: Final = 1000.0
MAX_AGE_S: Final = 1.5
_SAME_TIME_S: Final = 1e-6
_FASTEST_MPS: Final = 1200.0  # how far a target may have come since the oldest row of the picture
_TURNING_RADPS: Final = math.radians(0.5)  # a course that turns faster is a turn (rate one is 3 degrees a second)
_CLIMBING_MPS: Final = 1.524  # 300 ft/min
_IN_A_ROW: Final = 3  # large errors one after the other that count as one set

# Columns of the rows that go in.
NOW, LAT, LON, V_EAST, V_NORTH, MAJOR, MINOR, ORIENT, CLIMB = range(9)
TRACK, STATUS, CODE = range(3)
ROW_FLOATS: Final = 9
ROW_INTS: Final = 3

# Columns of what is summed up for each target.
(
    INSTANTS, MATCHED, D2, V2, V2_N, GOSPA, OSPA, DUPLICATES, SWITCHES, FRAGMENTS, SEEN_S,
    SPEED2_STRAIGHT, STRAIGHT_N, SPEED2_TURN, TURN_N, COURSE2_STRAIGHT, COURSE2_TURN,
    CLIMB2_LEVEL, LEVEL_N, CLIMB2_CHANGE, CHANGE_N, CODE_RIGHT, CODE_WRONG, CODE_N,
    MISSES, FAR_RUN, GAP_A, GAP_B, FAR_A, FAR_B,
) = range(30)  # fmt: skip
SUMS: Final = 31  # the last is the second run of large errors
_FAR_RUN_B: Final = 30

SERIES: Final = ("gospa_m", "ospa_m", "targets", "tracks", "matched", "sum_d2", "rows")
FOLLOWED: Final = ("t_s", "now_s", "track", "lat_rad", "lon_rad", "distance_m", "paired", "pos_major_m", "pos_minor_m",
                   "pos_orient_rad")  # fmt: skip


class Memory(NamedTuple):
    """What the next instant needs of all earlier ones; the arrays are changed in place."""

    newest: Floats  # (tracks, ROW_FLOATS): the newest row of each track
    newest_int: Ints  # (tracks, ROW_INTS)
    active: Ints  # tracks with a row not too old; how many is in counts[0]
    listed: npt.NDArray[np.bool_]
    counts: Ints
    kept: Ints  # the track that each target is paired with, -1 none
    last_track: Ints
    lost: npt.NDArray[np.bool_]
    sums: Floats  # (targets, SUMS)
    was_paired: npt.NDArray[np.bool_]  # by track: ever
    was_beside: npt.NDArray[np.bool_]  # by track: ever free near a target that had a track
    code: Ints  # Mode 3/A of each target
    gap_limits_s: Floats
    far_limits_m: Floats


def new_memory(targets: int, tracks: int, code: Ints, gap_limits_s: Floats, far_limits_m: Floats) -> Memory:
    """Return the memory before the first instant."""
    sums = np.zeros((targets, SUMS))
    sums[:, SEEN_S] = np.inf
    return Memory(
        newest=np.full((tracks, ROW_FLOATS), np.nan), newest_int=np.zeros((tracks, ROW_INTS), np.int64),
        active=np.zeros(tracks, np.int64), listed=np.zeros(tracks, np.bool_), counts=np.zeros(1, np.int64),
        kept=np.full(targets, -1, np.int64), last_track=np.full(targets, -1, np.int64),
        lost=np.zeros(targets, np.bool_), sums=sums, was_paired=np.zeros(tracks, np.bool_),
        was_beside=np.zeros(tracks, np.bool_), code=code, gap_limits_s=gap_limits_s, far_limits_m=far_limits_m,
    )  # fmt: skip


@kernel
def take_rows(memory: Memory, floats: Floats, ints: Ints, start: int, until_s: float) -> int:
    """Let the rows from ``start`` up to a time replace their tracks' newest; return the first row not taken."""
    i = start
    while i < floats.shape[0] and floats[i, NOW] <= until_s:
        track = ints[i, TRACK]
        memory.newest[track] = floats[i]
        memory.newest_int[track] = ints[i]
        if not memory.listed[track]:
            memory.listed[track] = True
            memory.active[memory.counts[0]] = track
            memory.counts[0] += 1
        i += 1
    return i


@kernel
def _picture(memory: Memory, t_s: float, tracks: Ints) -> tuple[int, int]:
    """Write the tracks of the picture; return their number and that of all with a row not too old."""
    held = 0
    shown = 0
    for i in range(memory.counts[0]):
        track = memory.active[i]
        if memory.newest[track, NOW] < t_s - MAX_AGE_S - _SAME_TIME_S:
            memory.listed[track] = False
            continue
        memory.active[held] = track
        held += 1
        status = memory.newest_int[track, STATUS]
        known = math.isfinite(memory.newest[track, LAT]) and math.isfinite(memory.newest[track, LON])
        if known and (status in (TRACK_CONFIRMED, TRACK_COASTING)):
            tracks[shown] = track
            shown += 1
    memory.counts[0] = held
    tracks[:shown].sort()
    return shown, held


@kernel
def _candidates(
    paths: Paths, memory: Memory, t_s: float, targets: Ints, n: int, tracks: Ints, m: int
) -> tuple[Ints, Ints, Floats, int]:
    """Return all pairs (target, track, both as places in the picture; distance) closer than C_M."""
    xyz = np.empty((max(n, 1), 3))
    for i in range(n):
        lat, lon, _, _ = place_at(paths, targets[i], t_s)
        xyz[i, 0], xyz[i, 1], xyz[i, 2] = geodetic_to_ecef(lat, lon, 0.0)
    oldest = t_s
    for j in range(m):
        oldest = min(oldest, memory.newest[tracks[j], NOW])
    size = C_M + (t_s - oldest) * _FASTEST_MPS + 1.0
    head, after = hashed(xyz, n, size)
    found = np.empty(max(n, 1), np.int64)
    target = np.empty(4 * (n + m) + 16, np.int64)
    track = np.empty_like(target)
    d_m = np.empty(target.size)
    count = 0
    for j in range(m):
        row = memory.newest[tracks[j]]
        x, y, z = geodetic_to_ecef(row[LAT], row[LON], 0.0)
        for f in range(near(x, y, z, xyz, head, after, size, found)):
            i = found[f]
            lat, lon, _, _ = place_at(paths, targets[i], row[NOW])
            a, b, c = geodetic_to_ecef(lat, lon, 0.0)
            d = math.sqrt((a - x) ** 2 + (b - y) ** 2 + (c - z) ** 2)
            if d < C_M:
                if count == target.size:
                    target = np.concatenate((target, target))
                    track = np.concatenate((track, track))
                    d_m = np.concatenate((d_m, d_m))
                target[count] = i
                track[count] = j
                d_m[count] = d
                count += 1
    return target, track, d_m, count


@kernel
def _compare(paths: Paths, memory: Memory, target: int, row: Floats, code: int, d: float) -> float:
    """Add one pair to its target's sums; return its normalised error squared per degree of freedom (NaN unknown)."""
    lat, lon, v_east, v_north = place_at(paths, target, row[NOW])
    turn, climb = turn_and_climb(paths, target, row[NOW])
    s = memory.sums[target]
    s[D2] += d * d
    v2 = (row[V_EAST] - v_east) ** 2 + (row[V_NORTH] - v_north) ** 2
    if math.isfinite(v2):
        s[V2] += v2
        s[V2_N] += 1.0
        speed2 = (math.hypot(row[V_EAST], row[V_NORTH]) - math.hypot(v_east, v_north)) ** 2
        course2 = wrap_pi(math.atan2(row[V_EAST], row[V_NORTH]) - math.atan2(v_east, v_north)) ** 2
        turning = 1 if abs(turn) > _TURNING_RADPS else 0
        s[SPEED2_STRAIGHT + 2 * turning] += speed2
        s[STRAIGHT_N + 2 * turning] += 1.0
        s[COURSE2_STRAIGHT + turning] += course2
    c2 = (row[CLIMB] - climb) ** 2
    if math.isfinite(c2):
        changing = 1 if abs(climb) > _CLIMBING_MPS else 0
        s[CLIMB2_LEVEL + 2 * changing] += c2
        s[LEVEL_N + 2 * changing] += 1.0
    if memory.code[target] != 65535:
        s[CODE_N] += 1.0
        if code == memory.code[target]:
            s[CODE_RIGHT] += 1.0
        elif code != 65535:
            s[CODE_WRONG] += 1.0
    m, p = radii(lat)
    east = wrap_pi(row[LON] - lon) * p * math.cos(lat)
    north = (row[LAT] - lat) * m
    sin, cos = math.sin(row[ORIENT]), math.cos(row[ORIENT])
    along = (east * sin + north * cos) / row[MAJOR]
    across = (east * cos - north * sin) / row[MINOR]
    return float((along * along + across * across) / 2.0)


@kernel
def _runs(memory: Memory, target: int, matched: bool, d: float, step_s: float) -> None:
    """Count misses that belong to long gaps, and large errors that come in sets one after the other."""
    s = memory.sums[target]
    if matched:
        for k in range(2):
            if s[MISSES] * step_s > memory.gap_limits_s[k]:
                s[GAP_A + k] += s[MISSES]
        s[MISSES] = 0.0
    else:
        s[MISSES] += 1.0
    for k in range(2):
        run = FAR_RUN if k == 0 else _FAR_RUN_B
        if matched and d > memory.far_limits_m[k]:
            s[run] += 1.0
            if s[run] == _IN_A_ROW:
                s[FAR_A + k] += _IN_A_ROW
            elif s[run] > _IN_A_ROW:
                s[FAR_A + k] += 1.0
        else:
            s[run] = 0.0


@kernel
def _identity(
    memory: Memory, t_s: float, targets: Ints, n: int, tracks: Ints, m: int,
    target: Ints, track: Ints, d_m: Floats, count: int, mate: Ints,
) -> None:  # fmt: skip
    """Keep last instant's pairs that are still near, assign the rest, and count switches and fragments."""
    held = np.zeros(max(count, 1), np.bool_)
    busy_i = np.zeros(max(n, 1), np.bool_)
    busy_j = np.zeros(max(m, 1), np.bool_)
    now_with = np.full(max(n, 1), -1, np.int64)
    for p in range(count):
        if memory.kept[targets[target[p]]] == tracks[track[p]]:
            held[p] = True
            busy_i[target[p]] = True
            busy_j[track[p]] = True
            now_with[target[p]] = tracks[track[p]]
    for p in range(count):
        held[p] = not (busy_i[target[p]] or busy_j[track[p]])  # from here on: still to be assigned
    best_pairs(n, m, target, track, d_m, count, held, C_M, mate)
    memory.kept[:] = -1
    for i in range(n):
        j = targets[i]
        if mate[i] >= 0:
            now_with[i] = tracks[track[mate[i]]]
        if now_with[i] >= 0:
            memory.kept[j] = now_with[i]
            if memory.last_track[j] >= 0 and memory.last_track[j] != now_with[i]:
                memory.sums[j, SWITCHES] += 1.0
            if memory.lost[j]:
                memory.sums[j, FRAGMENTS] += 1.0
            memory.last_track[j] = now_with[i]
            memory.lost[j] = False
            memory.sums[j, SEEN_S] = min(memory.sums[j, SEEN_S], t_s)
        elif memory.last_track[j] >= 0:
            memory.lost[j] = True


@kernel
def _longer(grown: Floats) -> Floats:
    more = np.empty((2 * grown.shape[0], grown.shape[1]))
    more[: grown.shape[0]] = grown
    return more


@kernel
def advance(
    paths: Paths, memory: Memory, floats: Floats, ints: Ints, grid_s: Floats, step_s: float, follow: int
) -> tuple[int, Floats, Floats, Floats]:
    """Go through instants whose rows are all here.

    Returns the first row not taken, the series (instants, SERIES), the normalised errors (pairs: target, value), and
    the pairs of the target ``follow`` (FOLLOWED; -1 follows none).
    """
    targets = np.empty(paths.first.size, np.int64)
    tracks = np.empty(memory.listed.size, np.int64)
    mate = np.empty(paths.first.size + 1, np.int64)
    series = np.zeros((grid_s.size, 7))
    errors = np.empty((1024, 2))
    errors_n = 0
    log = np.empty((256, 10))
    log_n = 0
    at = 0
    for g in range(grid_s.size):
        t_s = grid_s[g]
        at = take_rows(memory, floats, ints, at, t_s + _SAME_TIME_S)
        m, held = _picture(memory, t_s, tracks)
        n = 0
        for j in range(paths.first.size):
            if is_present(paths, j, t_s):
                targets[n] = j
                n += 1
        target, track, d_m, count = _candidates(paths, memory, t_s, targets, n, tracks, m)
        # Where paths cross, two targets are at one place and either pairing costs the same: the tie goes to the pair
        # of the instant before, by a difference far below any figure's last digit.
        tied_m = d_m.copy()
        for p in range(count):
            if memory.kept[targets[target[p]]] == tracks[track[p]]:
                tied_m[p] *= 1.0 - 1e-8
        matched = best_pairs(n, m, target, track, tied_m, count, np.ones(max(count, 1), np.bool_), C_M, mate)
        free = np.ones(max(m, 1), np.bool_)
        sum_d2 = 0.0
        for i in range(n):
            if mate[i] >= 0:
                free[track[mate[i]]] = False
                sum_d2 += d_m[mate[i]] ** 2
        # A free track belongs to the nearest target within reach; if that has a track already it is a second one.
        nearest = np.full(max(m, 1), -1, np.int64)
        for p in range(count):
            j = track[p]
            if free[j] and (nearest[j] < 0 or d_m[p] < d_m[nearest[j]]):
                nearest[j] = p
        beside = np.zeros(max(n, 1))
        for j in range(m):
            if nearest[j] >= 0 and mate[target[nearest[j]]] >= 0:
                beside[target[nearest[j]]] += 1.0
                memory.was_beside[tracks[j]] = True
        for i in range(n):
            j = targets[i]
            s = memory.sums[j]
            s[INSTANTS] += 1.0
            d2 = 0.0
            if mate[i] >= 0:
                p = mate[i]
                k = tracks[track[p]]
                s[MATCHED] += 1.0
                d2 = d_m[p] ** 2
                memory.was_paired[k] = True
                error = _compare(paths, memory, j, memory.newest[k], memory.newest_int[k, CODE], d_m[p])
                if math.isfinite(error):
                    if errors_n == errors.shape[0]:
                        errors = _longer(errors)
                    errors[errors_n, 0] = j
                    errors[errors_n, 1] = error
                    errors_n += 1
            missed = 0.0 if mate[i] >= 0 else 1.0
            s[DUPLICATES] += beside[i]
            s[GOSPA] += math.sqrt(d2 + C_M * C_M / 2.0 * (missed + beside[i]))
            s[OSPA] += math.sqrt((d2 + C_M * C_M * (missed + beside[i])) / (1.0 + beside[i]))
            _runs(memory, j, mate[i] >= 0, math.sqrt(d2), step_s)
        if follow >= 0:
            for p in range(count):
                if targets[target[p]] == follow:
                    if log_n == log.shape[0]:
                        log = _longer(log)
                    row = memory.newest[tracks[track[p]]]
                    log[log_n, 0], log[log_n, 1], log[log_n, 2] = t_s, row[NOW], tracks[track[p]]
                    log[log_n, 3], log[log_n, 4], log[log_n, 5] = row[LAT], row[LON], d_m[p]
                    log[log_n, 6] = 1.0 if mate[target[p]] == p else 0.0
                    log[log_n, 7], log[log_n, 8], log[log_n, 9] = row[MAJOR], row[MINOR], row[ORIENT]
                    log_n += 1
        _identity(memory, t_s, targets, n, tracks, m, target, track, d_m, count, mate)
        alone = n + m - 2 * matched
        most = max(n, m)
        series[g, 0] = math.sqrt(sum_d2 + C_M * C_M / 2.0 * alone)
        if most > 0:
            series[g, 1] = math.sqrt((sum_d2 + C_M * C_M * (most - matched)) / most)
        series[g, 2], series[g, 3], series[g, 4], series[g, 5] = n, m, matched, sum_d2
        series[g, 6] = held
    return at, series, errors[:errors_n].copy(), log[:log_n].copy()
