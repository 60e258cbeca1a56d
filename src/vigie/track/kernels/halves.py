"""One target that the extractor split in two: neither half lies where it is, their middle does.

The halves of one look have one identity, one height and one range, and stand within a beam. Where the
middle fits a track better than a half did, or neither half goes to a confirmed one, the first takes the middle and the
second is a split plot.
"""

from __future__ import annotations

import math

from vigie.sensors.measure import slant_point
from vigie.terms.kernel import lean
from vigie.track.kernels.gate import wrap
from vigie.track.kernels.seek import candidates
from vigie.track.state import (
    I_STATUS,
    N_HEIGHT,
    N_PERIOD,
    TYPE_RADAR,
    Z_AZ,
    Z_AZSD,
    Z_H,
    Z_RANGE,
    Z_SD,
    Z_T,
    Z_X,
    ZI_CODE,
    ZI_ICAO,
    ZI_TYPE,
    Floats,
    Ints,
)

HALF = 2  # in ``members``: the second half of a split plot
BEAM_RAD = 3.0 * math.pi / 180.0  # a beam is 2 to 3 degrees wide
BEAM_TURN = 3.5 / 360.0
LEVEL_M = 50.0  # both halves read the same reply


@lean
def are_halves(Z: Floats, ZI: Ints, p: int, q: int) -> bool:
    """Return whether two plots of one look are one target's: same identity, height, range and beam."""
    if ZI[q, ZI_TYPE] != TYPE_RADAR or ZI[p, ZI_ICAO] != ZI[q, ZI_ICAO] or ZI[p, ZI_CODE] != ZI[q, ZI_CODE]:
        return False
    if abs(Z[p, Z_H] - Z[q, Z_H]) > LEVEL_M or math.isfinite(Z[p, Z_H]) != math.isfinite(Z[q, Z_H]):
        return False
    # one pulse train gave both ranges: their noise is hardly two
    return abs(Z[p, Z_RANGE] - Z[q, Z_RANGE]) < 3.0 * Z[p, Z_SD] and abs(wrap(Z[p, Z_AZ] - Z[q, Z_AZ])) < BEAM_RAD


@lean
def join_halves(
    Z: Floats, ZI: Ints, first: int, last: int, S: Floats, J: Ints, sensor: Floats, sets: Floats, codes: Ints,
    heads: Ints, nodes: Floats, t_index: float, who: Ints, gain: Floats, many: Ints, chosen: Ints, members: Ints,
) -> None:  # fmt: skip
    """Join the halves among the plots ``first`` to ``last`` of a look of which a confirmed track took one at most.

    ``members`` is 0 for a plot that a confirmed track took, 1 for all others. A track that took one half keeps it
    where that fits better than the middle.
    """
    for p in range(first, last):
        if members[p] != 1 or ZI[p, ZI_TYPE] != TYPE_RADAR or (ZI[p, ZI_ICAO] == 0 and ZI[p, ZI_CODE] == 65535):
            continue
        q = other_half(Z, ZI, p, first, last, members, BEAM_TURN * sensor[N_PERIOD])
        if q < 0:
            continue
        z = Z[p]
        his = who[q, chosen[q]] if members[q] == 0 else -1
        fit = gain[q, chosen[q]] if members[q] == 0 else 0.0
        mine = who[p, chosen[p]] if chosen[p] >= 0 else -1
        t, rng, azi, sd = z[Z_T], z[Z_RANGE], z[Z_AZ], z[Z_AZSD]
        apart = wrap(Z[q, Z_AZ] - azi)
        middle = azi + 0.5 * apart
        middle -= 2.0 * math.pi * math.floor(middle / (2.0 * math.pi))
        # the middle is not exactly where the target is
        put(z, 0.5 * (t + Z[q, Z_T]), 0.5 * (rng + Z[q, Z_RANGE]), middle, math.hypot(sd, 0.1 * apart), sensor)
        many[p] = candidates(z, ZI[p], S, J, sensor, sets, codes, heads, nodes, t_index, who[p], gain[p])
        chosen[p] = -1
        for k in range(many[p]):
            i = who[p, k]
            if (i == his and gain[p, k] > fit) or (his < 0 and free_of(i, first, last, p, who, chosen, members)):
                chosen[p] = k
                break
        if his < 0 or chosen[p] >= 0:
            members[q] = HALF
            members[p] = 0 if chosen[p] >= 0 and J[who[p, chosen[p]], I_STATUS] >= 2 else 1
            continue
        put(z, t, rng, azi, sd, sensor)  # the half is the better one: all as it was
        many[p] = candidates(z, ZI[p], S, J, sensor, sets, codes, heads, nodes, t_index, who[p], gain[p])
        for k in range(many[p]):
            if who[p, k] == mine:
                chosen[p] = k


@lean
def other_half(Z: Floats, ZI: Ints, p: int, first: int, last: int, members: Ints, span_s: float) -> int:
    """Return the plot of the look that is the other half of plot ``p``, -1 where there is none."""
    for side in range(2):
        q = p + 1 if side == 0 else p - 1
        while first <= q < last and abs(Z[q, Z_T] - Z[p, Z_T]) < span_s:
            if members[q] != HALF and are_halves(Z, ZI, p, q):
                return q
            q += 1 if side == 0 else -1
    return -1


@lean
def put(z: Floats, t: float, rng: float, azi: float, sd: float, sensor: Floats) -> None:
    """Give a plot another time, range and azimuth, and the place that follows from them."""
    z[Z_T], z[Z_RANGE], z[Z_AZ], z[Z_AZSD] = t, rng, azi, sd
    h = z[Z_H] if math.isfinite(z[Z_H]) else min(5500.0, 0.6 * rng)
    z[Z_X], z[Z_X + 1], z[Z_X + 2] = slant_point(sensor, sensor[N_HEIGHT], rng, azi, h)


@lean
def free_of(i: int, first: int, last: int, p: int, who: Ints, chosen: Ints, members: Ints) -> bool:
    """Return whether no other plot of the look goes to track ``i``."""
    for q in range(first, last):
        if q != p and members[q] != HALF and chosen[q] >= 0 and who[q, chosen[q]] == i:
            return False
    return True
