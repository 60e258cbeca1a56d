"""One batch of plots through gate, assignment, update and start: the tracker's sentence, in one kernel.

Plots come sorted by (half second, sensor, time). Each such group is one look of one sensor: a target gives it at most
one plot. A provisional batch only updates, and what it touched is kept so that it can be undone.
"""

from __future__ import annotations

import math

from vigie.terms.kernel import lean
from vigie.track.kernels.address import contest, own, owner_of
from vigie.track.kernels.assign import assign, find
from vigie.track.kernels.bearing import cross, wait
from vigie.track.kernels.clutter import density, layer_of, note
from vigie.track.kernels.echo import HOLD, echo
from vigie.track.kernels.ends import set_aside
from vigie.track.kernels.gate import NO_PAIR, insert
from vigie.track.kernels.halves import HALF, join_halves
from vigie.track.kernels.intake import R_SPLIT
from vigie.track.kernels.life import LLR_TOP, LLR_TOP_BARE, begin, choose_set, judge, misses
from vigie.track.kernels.neighbour import keep
from vigie.track.kernels.registration import learn
from vigie.track.kernels.seek import NEAR, candidates, partner, wear
from vigie.track.kernels.update import apply
from vigie.track.state import (
    C_ASSOCIATED,
    C_FREE,
    C_HELD,
    C_NEXT_NO,
    C_STARTED,
    C_TRACKS,
    CX,
    I_CLASS,
    I_CODE,
    I_HITS,
    I_ICAO,
    I_NO,
    I_RIVAL,
    I_STATUS,
    LLR,
    N_PFACTOR,
    N_REF,
    N_VA,
    N_VR,
    PFACTOR,
    TYPE_BEARING,
    TYPE_TRACK,
    Z_LLR,
    Z_T,
    ZI_SELF,
    ZI_SENSOR,
    ZI_TRACK,
    ZI_TYPE,
    Floats,
    Ints,
)

KNOWN_M2 = 4.0**2
FEW_BIASES = 8
KNOWN_RAD2 = (0.01 * math.pi / 180.0) ** 2
KEPT = 64
YOUNG_HITS = 40  # a track of more plots is nobody's echo
CLUSTER = 60  # plots in one cluster; beyond, it is cut
ROOM_SIDE = CLUSTER * (NEAR + 1) + 2
ROOM_FLOATS = 3 * ROOM_SIDE + CLUSTER * CLUSTER * NEAR
ROOM_INTS = CLUSTER + CLUSTER * NEAR + 4 * ROOM_SIDE


@lean
def solve(
    first: int, last: int, many: Ints, who: Ints, gain: Floats, taken: Ints, chosen: Ints, parent: Ints, members: Ints,
    room: Floats, names: Ints,
) -> None:  # fmt: skip
    """Choose pairs for plots ``first`` to ``last``: clusters by shared tracks, each solved optimally.

    ``taken`` (tracks) comes and goes full of zeros; ``parent`` and ``members`` (plots), ``room``, ``names`` are room.
    """
    shared = False
    # taken[track] holds the first plot that named it, plus one
    for p in range(first, last):
        parent[p] = p
        chosen[p] = 0 if many[p] > 0 else -1
        for k in range(many[p]):
            i = who[p, k]
            if taken[i] == 0:
                taken[i] = p + 1
            else:
                shared = True
                a = find(parent, p)
                b = find(parent, taken[i] - 1)
                if a != b:
                    parent[max(a, b)] = min(a, b)
    for p in range(first, last):
        for k in range(many[p]):
            taken[who[p, k]] = 0
    if not shared:
        return
    # gather each cluster: roots are its first plots; members are linked from there
    for p in range(first, last):
        members[p] = -1
    for p in range(last - 1, first - 1, -1):
        root = find(parent, p)
        if root != p:
            members[p] = members[root]
            members[root] = p
    for p in range(first, last):
        if parent[p] != p or members[p] < 0:
            continue
        q = p
        while q >= 0:
            size = 0
            while q >= 0 and size < CLUSTER:
                names[size] = q
                size += 1
                q = members[q]
            part(size, many, who, gain, chosen, room, names)


@lean
def part(n: int, many: Ints, who: Ints, gain: Floats, chosen: Ints, room: Floats, names: Ints) -> None:
    """Solve one cluster of ``n`` plots (their places in ``names``) against all tracks they name."""
    tracks = names[CLUSTER:]
    m = 0
    for a in range(n):
        p = names[a]
        for k in range(many[p]):
            i = who[p, k]
            known = False
            for b in range(m):
                if tracks[b] == i:
                    known = True
                    break
            if not known:
                tracks[m] = i
                m += 1
    table = room[3 * ROOM_SIDE :]
    for k in range(n * m):
        table[k] = NO_PAIR
    for a in range(n):
        p = names[a]
        for k in range(many[p]):
            for b in range(m):
                if tracks[b] == who[p, k]:
                    table[a * m + b] = gain[p, k]
    side = names[CLUSTER + CLUSTER * NEAR :]
    assign(
        table, n, m, side, room, room[ROOM_SIDE:], room[2 * ROOM_SIDE :], side[ROOM_SIDE:], side[2 * ROOM_SIDE :],
        side[3 * ROOM_SIDE :],
    )  # fmt: skip
    for a in range(n):
        p = names[a]
        chosen[p] = -1
        if side[a] < 0:
            continue
        for k in range(many[p]):
            if who[p, k] == tracks[side[a]]:
                chosen[p] = k


@lean
def doubtful(ints: Ints, codes: Ints) -> bool:
    """Return whether a track's plots may be echoes: tentative ones, and young ones whose code another wears too."""
    if ints[I_STATUS] == 1:
        return True
    return bool(ints[I_HITS] < YOUNG_HITS and ints[I_ICAO] == 0 and ints[I_CODE] != 65535 and codes[ints[I_CODE]] > 1)


@lean
def commit(
    Z: Floats, ZI: Ints, S: Floats, J: Ints, free: Ints, counters: Ints, sensors: Floats, sets: Floats, codes: Ints,
    heads: Ints, taken: Ints, bins: Ints, who: Ints, gain: Floats, work: Floats, provisional: bool, undo_i: Ints,
    undo_s: Floats, undo_k: Ints, bias: Floats, bias_p: Floats, bias_at: Ints,
    clutter: Floats, clutter_t: Floats, waiting: Floats, plan: Ints, room: Floats, names: Ints,
    nodes: Floats, t_index: float, owners: Ints, E: Floats, EI: Ints, by_code: Ints, reasons: Ints, aside: Ints,
    ghosts: Floats,
) -> int:  # fmt: skip
    """Process the sorted plots ``Z``, ``ZI``; return how many rows were kept for undoing (provisional only).

    ``bins`` names the half second of each plot; ``who`` and ``gain`` (at least n, NEAR), ``taken`` (tracks),
    ``plan`` (4, at least n), ``room`` and ``names`` are room.
    """
    n = Z.shape[0]
    many, chosen, parent, members = plan[0], plan[1], plan[2], plan[3]
    kept = 0
    first = 0
    while first < n:
        last = first + 1
        while last < n and bins[last] == bins[first] and ZI[last, ZI_SENSOR] == ZI[first, ZI_SENSOR]:
            last += 1
        s = ZI[first, ZI_SENSOR]
        sensor = sensors[s]
        for p in range(first, last):
            layer = layer_of(ZI[p])
            Z[p, Z_LLR] = math.log(density(Z[p], ZI[p], sensor, clutter[s, layer], clutter_t[s, layer]))
            many[p] = 0
            if ZI[p, ZI_TYPE] <= TYPE_BEARING:
                many[p] = candidates(Z[p], ZI[p], S, J, sensor, sets, codes, heads, nodes, t_index, who[p], gain[p])
        solve(first, last, many, who, gain, taken, chosen, parent, members, room, names)
        # confirmed tracks first: then what is left of the look can be known for their echoes
        for p in range(first, last):
            members[p] = 0 if chosen[p] >= 0 and J[who[p, chosen[p]], I_STATUS] >= 2 else 1
        join_halves(
            Z, ZI, first, last, S, J, sensor, sets, codes, heads, nodes, t_index, who, gain, many, chosen, members
        )
        for q in range(2 * (last - first)):
            p = first + q % (last - first)
            if members[p] != (0 if q < last - first else 1):
                if members[p] == HALF and q < last - first and not provisional:
                    reasons[R_SPLIT] += 1
                continue
            i = who[p, chosen[p]] if chosen[p] >= 0 else -1
            # sure ones wear no code that another wears
            reason = 0
            if (i < 0 and not provisional) or (i >= 0 and doubtful(J[i], codes)):
                reason = echo(Z[p], ZI[p], S, J, sensor, heads, owners, codes, by_code, ghosts, i, provisional)
                if reason > 0:
                    if not provisional:
                        reasons[reason] += 1
                        if i >= 0:  # begun before anyone knew better; who was shown is told to end
                            J[i, I_STATUS] = 0 if J[i, I_STATUS] == 1 else 4
                    continue
            if i >= 0:
                row = S[i]
                if provisional and J[i, I_CLASS] & KEPT == 0:
                    undo_i[kept] = i
                    for k in range(row.size):
                        undo_s[kept, k] = row[k]
                    for k in range(J.shape[1]):
                        undo_k[kept, k] = J[i, k]
                    kept += 1
                    J[i, I_CLASS] |= KEPT  # gone again with the undoing
                lost = misses(row, J[i], sensors, Z[p, Z_T])
                old = J[i, I_CODE]
                apply(row, J[i], Z[p], ZI[p], sensor, sets, work)
                row[LLR] = min(
                    LLR_TOP_BARE if J[i, I_CLASS] & 1 == 0 else LLR_TOP, row[LLR] + max(lost, -6.0) + gain[p, chosen[p]]
                )
                if reason == HOLD and J[i, I_STATUS] == 1:
                    J[i, I_RIVAL] = 1
                if not math.isfinite(row[CX] + row[CX + 1] + row[CX + 2] + row[CX + 3] + row[LLR]):
                    J[i, I_STATUS] = 0
                    if not provisional:
                        set_aside(J[i], counters, aside)
                if not provisional:
                    # the work grows with the square of the radars: where there are many, and their biases are known,
                    # one plot in four keeps watch over them
                    known = sensor[N_VR] < KNOWN_M2 and sensor[N_VA] < KNOWN_RAD2
                    due = J[i, I_HITS] & 3 == 0 or not known or bias.size <= FEW_BIASES
                    if bias.size > 0 and J[i, I_STATUS] == 2 and due:
                        learn(row, J[i], Z[p], ZI[p], sensors, bias, bias_p, bias_at, work[400:])
                    choose_set(row, J[i])
                    if ZI[p, ZI_SELF] != 0 and row[CX + 2] * row[CX + 2] + row[CX + 3] * row[CX + 3] > 9.0:
                        # what has been learned on tracks that move is what a new track begins with
                        sensor[N_PFACTOR] += 0.01 * (row[PFACTOR] - sensor[N_PFACTOR])
                    if old != J[i, I_CODE]:
                        if old != 65535:
                            codes[old] -= 1
                        codes[J[i, I_CODE]] += 1
                    counters[C_ASSOCIATED] += 1
                    if J[i, I_STATUS] == 1 and reason != HOLD:
                        J[i, I_RIVAL] = 0
                        if J[i, I_ICAO] != 0:
                            contest(i, S, J, sensor, Z[p, Z_T], owners)
                    if J[i, I_STATUS] == 1:
                        layer = layer_of(ZI[p])
                        weight = 1.0
                        if judge(row, J[i], sensors, Z[p, Z_T]) == 2:
                            weight = 1.0 - J[i, I_HITS]
                            J[i, I_STATUS] = 2
                        note(Z[p], ZI[p], sensor, clutter[s, layer], clutter_t[s, layer], weight)
                    ZI[p, ZI_TRACK] = i
            elif not provisional:
                if ZI[p, ZI_TYPE] == TYPE_TRACK and sensor[N_REF] != 0.0 and bias.size > 0:
                    i = partner(Z[p], ZI[p], S, J, heads)
                    if i >= 0:
                        learn(S[i], J[i], Z[p], ZI[p], sensors, bias, bias_p, bias_at, work[400:])
                if ZI[p, ZI_TYPE] == TYPE_TRACK and sensor[N_REF] == 0.0:
                    kept_as = keep(Z[p], ZI[p], sensor, S, J, heads, E, EI, counters)
                    counters[C_HELD if kept_as == 0 else C_STARTED if kept_as == 1 else C_ASSOCIATED] += 1
                    continue
                if ZI[p, ZI_TYPE] > TYPE_BEARING or counters[C_FREE] == 0:
                    counters[C_HELD] += 1
                    continue
                i = free[counters[C_FREE] - 1]
                if ZI[p, ZI_TYPE] == TYPE_BEARING:
                    started = cross(S[i], J[i], Z[p], ZI[p], sensors, S, J, waiting, counters)
                    if not started:
                        wait(Z[p], ZI[p], waiting, counters)
                else:
                    started = begin(S[i], J[i], Z[p], ZI[p], sensor)
                if started:
                    counters[C_FREE] -= 1
                    counters[C_TRACKS] = max(counters[C_TRACKS], i + 1)
                    J[i, I_NO] = counters[C_NEXT_NO]
                    counters[C_NEXT_NO] += 1
                    if J[i, I_CODE] != 65535:
                        codes[J[i, I_CODE]] += 1
                        wear(i, J, by_code)
                    insert(i, S[i], J[i], t_index, heads, nodes)
                    J[i, I_RIVAL] = 1 if reason == HOLD else 0
                    if J[i, I_ICAO] != 0:
                        own(i, J[i, I_ICAO], owners)
                        if owner_of(J[i, I_ICAO], i, J, owners) >= 0:
                            J[i, I_RIVAL] = 1
                    counters[C_STARTED] += 1
                    layer = layer_of(ZI[p])
                    note(Z[p], ZI[p], sensor, clutter[s, layer], clutter_t[s, layer], 1.0)
                    ZI[p, ZI_TRACK] = i
                else:
                    counters[C_HELD] += 1
        first = last
    return kept


__all__ = ["TYPE_TRACK", "commit"]
