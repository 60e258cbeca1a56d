"""Which tracks a plot may belong to: the spatial index filled and asked, and the table of codes."""

from __future__ import annotations

import math

from vigie.terms.kernel import lean
from vigie.track.kernels.address import own
from vigie.track.kernels.gate import CELL_M, REACH_M, cell_key, cell_slot, conspicuous, insert, pair_llr, reach_of
from vigie.track.state import (
    C_TRACKS,
    I_CELL,
    I_CODE,
    I_CODE_MATE,
    I_ICAO,
    I_NEXT,
    I_STATUS,
    N_PERIOD,
    Z_T,
    Z_X,
    ZI_CODE,
    ZI_ICAO,
    Floats,
    Ints,
)

NEAR = 8  # tracks considered for one plot


@lean
def index_tracks(
    S: Floats, J: Ints, counters: Ints, t: float, heads: Ints, nodes: Floats, owners: Ints, by_code: Ints
) -> None:
    """Fill the spatial index with every track at its place at time ``t``, and the tables of addresses and codes."""
    for k in range(heads.size):
        heads[k] = -1
        owners[k] = -1
    for i in range(counters[C_TRACKS]):
        by_code[J[i, I_CODE]] = -1
    for i in range(counters[C_TRACKS]):
        if J[i, I_STATUS] != 0:
            insert(i, S[i], J[i], t, heads, nodes)
            if J[i, I_ICAO] != 0:
                own(i, J[i, I_ICAO], owners)
            wear(i, J, by_code)


@lean
def wear(i: int, J: Ints, by_code: Ints) -> None:
    """Put a track first among those that wear its code; none are kept of codes that tell nothing."""
    code = J[i, I_CODE]
    if code != 65535 and not conspicuous(code):
        J[i, I_CODE_MATE] = by_code[code]
        by_code[code] = i


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
