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
from vigie.track.kernels.echo import echo
from vigie.track.kernels.gate import (
    CELL_M,
    NO_PAIR,
    REACH_M,
    cell_key,
    cell_slot,
    conspicuous,
    insert,
    pair_llr,
    reach_of,
)
from vigie.track.kernels.life import LLR_TOP, LLR_TOP_BARE, begin, choose_set, judge, misses, silence
from vigie.track.kernels.neighbour import keep
from vigie.track.kernels.registration import learn
from vigie.track.kernels.update import apply
from vigie.track.state import (
    C_ASSOCIATED,
    C_FREE,
    C_HELD,
    C_NEXT_NO,
    C_SETASIDE,
    C_STARTED,
    C_TRACKS,
    CX,
    I_CELL,
    I_CLASS,
    I_CODE,
    I_HITS,
    I_ICAO,
    I_NEXT,
    I_NO,
    I_RIVAL,
    I_STATUS,
    I_TOUCH,
    LLR,
    MU,
    N_PERIOD,
    N_PFACTOR,
    N_REF,
    N_VA,
    N_VR,
    NM,
    PFACTOR,
    STRIDE,
    TYPE_BEARING,
    TYPE_TRACK,
    Z_LLR,
    Z_T,
    Z_X,
    ZI_CODE,
    ZI_ICAO,
    ZI_SELF,
    ZI_SENSOR,
    ZI_TRACK,
    ZI_TYPE,
    Floats,
    Ints,
)

KNOWN_M2 = 4.0**2
FEW_BIASES = 6
KNOWN_RAD2 = (0.01 * math.pi / 180.0) ** 2
NEAR = 8  # tracks considered for one plot
KEPT = 64
CLUSTER = 60  # plots in one cluster; beyond, it is cut
ROOM_SIDE = CLUSTER * (NEAR + 1) + 2
ROOM_FLOATS = 3 * ROOM_SIDE + CLUSTER * CLUSTER * NEAR
ROOM_INTS = CLUSTER + CLUSTER * NEAR + 4 * ROOM_SIDE


@lean
def index_tracks(
    S: Floats, J: Ints, counters: Ints, t: float, heads: Ints, nodes: Floats, owners: Ints, by_code: Ints
) -> None:
    """Fill the spatial index with every track at its place at time ``t``, and the tables of addresses and codes."""
    for k in range(heads.size):
        heads[k] = -1
        owners[k] = -1
    for i in range(counters[C_TRACKS]):
        if J[i, I_STATUS] != 0:
            insert(i, S[i], J[i], t, heads, nodes)
            if J[i, I_ICAO] != 0:
                own(i, J[i, I_ICAO], owners)
            if 2 <= J[i, I_STATUS] <= 3:
                by_code[J[i, I_CODE]] = i


@lean
def candidates(
    z: Floats, zi: Ints, S: Floats, J: Ints, sensor: Floats, sets: Floats, codes: Ints, heads: Ints, nodes: Floats,
    t_index: float, who: Ints, gain: Floats,
) -> int:  # fmt: skip
    """Fill ``who`` and ``gain`` with the best tracks for a plot, best first; return how many."""
    n = 0
    px, py, pz = z[Z_X], z[Z_X + 1], z[Z_X + 2]
    mine = reach_of(z, zi, sensor)
    dt = z[Z_T] - t_index
    # what flies up to 650 m/s and was seen once, a turn ago
    reach = min(REACH_M, 3000.0 + 650.0 * sensor[N_PERIOD] + mine + 300.0 * abs(dt))
    x0, y0, z0 = math.floor((px - reach) / CELL_M), math.floor((py - reach) / CELL_M), math.floor((pz - reach) / CELL_M)
    x1, y1, z1 = math.floor((px + reach) / CELL_M), math.floor((py + reach) / CELL_M), math.floor((pz + reach) / CELL_M)
    w = 1.0 / math.sqrt(px * px + py * py + pz * pz)
    for cx in range(x0, x1 + 1):
        for cy in range(y0, y1 + 1):
            for cz in range(z0, z1 + 1):
                key = cell_key(cx, cy, cz)
                i = heads[cell_slot(key, heads.size - 1)]
                while i >= 0:
                    gx = px - nodes[i, 0] - dt * nodes[i, 3]
                    gy = py - nodes[i, 1] - dt * nodes[i, 4]
                    gz = pz - nodes[i, 2] - dt * nodes[i, 5]
                    up = (gx * px + gy * py + gz * pz) * w
                    far = nodes[i, 6] + mine
                    if (
                        gx * gx + gy * gy + gz * gz - up * up < far * far
                        and J[i, I_CELL] == key
                        and 0 < J[i, I_STATUS] < 4
                    ):
                        g = pair_llr(S[i], J[i], z, zi, sensor, sets, codes)
                        if g > 0.0 and (n < NEAR or g > gain[NEAR - 1]):
                            p = min(n, NEAR - 1)
                            while p > 0 and gain[p - 1] < g:
                                gain[p] = gain[p - 1]
                                who[p] = who[p - 1]
                                p -= 1
                            gain[p] = g
                            who[p] = i
                            n = min(n + 1, NEAR)
                    i = int(nodes[i, 7])
    return n


@lean
def partner(z: Floats, zi: Ints, S: Floats, J: Ints, heads: Ints) -> int:
    """Return the confirmed track that another system's track goes with, by its code or address and place; -1 none."""
    x0 = math.floor((z[Z_X] - REACH_M) / CELL_M)
    y0 = math.floor((z[Z_X + 1] - REACH_M) / CELL_M)
    z0 = math.floor((z[Z_X + 2] - REACH_M) / CELL_M)
    found = -1
    for k in range(8):
        key = cell_key(x0 + (k & 1), y0 + ((k >> 1) & 1), z0 + (k >> 2))
        i = heads[cell_slot(key, heads.size - 1)]
        while i >= 0:
            if J[i, I_CELL] == key and J[i, I_STATUS] == 2:
                code = zi[ZI_CODE] != 65535 and zi[ZI_CODE] == J[i, I_CODE] and not conspicuous(zi[ZI_CODE])
                address = zi[ZI_ICAO] != 0 and zi[ZI_ICAO] == J[i, I_ICAO]
                if code or address:
                    if found >= 0:
                        return -1  # two answer: neither is sure
                    found = i
            i = J[i, I_NEXT]
    return found


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
def commit(
    Z: Floats, ZI: Ints, S: Floats, J: Ints, free: Ints, counters: Ints, sensors: Floats, sets: Floats, codes: Ints,
    heads: Ints, taken: Ints, bins: Ints, who: Ints, gain: Floats, work: Floats, provisional: bool, undo_i: Ints,
    undo_s: Floats, undo_k: Ints, bias: Floats, bias_p: Floats, bias_at: Ints,
    clutter: Floats, clutter_t: Floats, waiting: Floats, plan: Ints, room: Floats, names: Ints,
    nodes: Floats, t_index: float, owners: Ints, E: Floats, EI: Ints, by_code: Ints, reasons: Ints, aside: Ints,
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
        for q in range(2 * (last - first)):
            p = first + q % (last - first)
            if members[p] != (0 if q < last - first else 1):
                continue
            i = who[p, chosen[p]] if chosen[p] >= 0 else -1
            if not provisional and (i < 0 or J[i, I_STATUS] == 1):
                reason = echo(Z[p], ZI[p], S, J, sensor, owners, codes, by_code, i)
                if reason != 0:
                    reasons[reason] += 1
                    if i >= 0:  # begun before anyone knew better
                        J[i, I_STATUS] = 0
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
                    if J[i, I_STATUS] == 1 and J[i, I_ICAO] != 0:
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
                    insert(i, S[i], J[i], t_index, heads, nodes)
                    if J[i, I_ICAO] != 0:
                        own(i, J[i, I_ICAO], owners)
                        J[i, I_RIVAL] = 1 if owner_of(J[i, I_ICAO], i, J, owners) >= 0 else 0
                    counters[C_STARTED] += 1
                    layer = layer_of(ZI[p])
                    note(Z[p], ZI[p], sensor, clutter[s, layer], clutter_t[s, layer], 1.0)
                    ZI[p, ZI_TRACK] = i
                else:
                    counters[C_HELD] += 1
        first = last
    return kept


@lean
def live(S: Floats, J: Ints, free: Ints, counters: Ints, sensors: Floats, codes: Ints, now: float, aside: Ints) -> None:
    """Give every track the status its evidence has earned; ended ones leave their row."""
    for i in range(counters[C_TRACKS]):
        status = J[i, I_STATUS]
        if J[i, I_NO] == 0:
            continue
        if status == 0:  # set aside, or never one
            release(i, J, free, counters, codes)
            continue
        row = S[i]
        whole = row[CX] + row[CX + 1] + row[CX + 4] + row[LLR]
        for j in range(NM):
            whole += row[j * STRIDE] + row[j * STRIDE + 2] + row[j * STRIDE + 5] + row[j * STRIDE + MU]
        if not math.isfinite(whole):
            set_aside(J[i], counters, aside)
            release(i, J, free, counters, codes)
            continue
        if J[i, I_CLASS] == 4:
            silence(S[i], J[i], sensors, 0.5)
        new = judge(S[i], J[i], sensors, now)
        if status == 4:
            if J[i, I_TOUCH] != 0:  # said at an output
                release(i, J, free, counters, codes)
        elif new == 0:
            if status == 1:
                release(i, J, free, counters, codes)
            else:
                J[i, I_STATUS] = 4  # said once, at the next output
        else:
            J[i, I_STATUS] = new


@lean
def set_aside(ints: Ints, counters: Ints, aside: Ints) -> None:
    """Note the number of a track whose numbers are no longer finite; the oldest note gives way."""
    aside[counters[C_SETASIDE] % aside.size] = ints[I_NO]
    counters[C_SETASIDE] += 1


@lean
def release(i: int, J: Ints, free: Ints, counters: Ints, codes: Ints) -> None:
    """Give a row back to the free list."""
    if J[i, I_CODE] != 65535:
        codes[J[i, I_CODE]] -= 1
    J[i, I_NO] = 0
    J[i, I_STATUS] = 0
    free[counters[C_FREE]] = i
    counters[C_FREE] += 1


__all__ = ["TYPE_TRACK", "commit", "index_tracks", "live"]
