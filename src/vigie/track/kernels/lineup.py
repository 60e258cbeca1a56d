"""The waiting plots put in line for one pass: by half second, sensor and time, their sensor's bias taken off.

Comes in: waiting plots in the order in which they were received. Goes out: copies of those old enough, in the order in
which they are processed; the others move up. The sort is stable: equal times stay in the order of receipt.
"""

from __future__ import annotations

import math

from vigie.terms.kernel import lean
from vigie.track.state import N_BA, N_BR, N_GAIN, N_MIDDLE, Z_AZ, Z_RANGE, Z_T, ZI_SENSOR, Floats, Ints

RUN = 16  # so many are sorted by insertion, then runs are merged


@lean
def comes_before(Z: Floats, ZI: Ints, a: int, b: int) -> bool:
    """Return whether plot ``a`` must be processed before plot ``b``."""
    half_a, half_b = math.floor(Z[a, Z_T] * 2.0), math.floor(Z[b, Z_T] * 2.0)
    if half_a != half_b:
        return bool(half_a < half_b)
    if ZI[a, ZI_SENSOR] != ZI[b, ZI_SENSOR]:
        return bool(ZI[a, ZI_SENSOR] < ZI[b, ZI_SENSOR])
    return bool(Z[a, Z_T] < Z[b, Z_T])


@lean
def merge_runs(Z: Floats, ZI: Ints, n: int, width: int, source: Ints, into: Ints) -> None:
    """Write every two neighbouring sorted runs of ``width`` plots of ``source`` as one into ``into``."""
    for low in range(0, n, 2 * width):
        middle, high = min(low + width, n), min(low + 2 * width, n)
        a, b = low, middle
        for k in range(low, high):
            if a < middle and (b >= high or not comes_before(Z, ZI, source[b], source[a])):
                into[k] = source[a]
                a += 1
            else:
                into[k] = source[b]
                b += 1


@lean
def line_up(
    Z: Floats, ZI: Ints, n: int, until: float, keep: bool, sensors: Floats, orders: Ints, z: Floats, zi: Ints,
    bins: Ints,
) -> int:  # fmt: skip
    """Write the plots of the first ``n`` of ``Z``, ``ZI`` with times up to ``until`` (s) into ``z``, ``zi`` in line.

    Returns how many. ``bins`` gets the half second of each, ``orders`` (2, room) is room. Unless ``keep``, they leave
    ``Z`` and ``ZI``, and those that still wait move up in their order.
    """
    m = 0
    order, spare = orders[0], orders[1]
    for p in range(n):
        if Z[p, Z_T] <= until:
            q = m
            low = m - m % RUN
            while q > low and comes_before(Z, ZI, p, order[q - 1]):
                order[q] = order[q - 1]
                q -= 1
            order[q] = p
            m += 1
    width = RUN
    flip = 0
    while width < m:
        if flip == 0:
            merge_runs(Z, ZI, m, width, order, spare)
        else:
            merge_runs(Z, ZI, m, width, spare, order)
        flip = 1 - flip
        width *= 2
    for k in range(m):
        p = orders[flip, k]
        for j in range(Z.shape[1]):
            z[k, j] = Z[p, j]
        for j in range(ZI.shape[1]):
            zi[k, j] = ZI[p, j]
        s = ZI[p, ZI_SENSOR]
        gain = sensors[s, N_GAIN]
        z[k, Z_RANGE] -= sensors[s, N_BR] + (gain * (z[k, Z_RANGE] - sensors[s, N_MIDDLE]) if gain != 0.0 else 0.0)
        z[k, Z_AZ] -= sensors[s, N_BA]
        bins[k] = math.floor(Z[p, Z_T] * 2.0)
    if keep:
        return m
    left = 0
    for p in range(n):
        if not Z[p, Z_T] <= until:
            if left != p:
                for j in range(Z.shape[1]):
                    Z[left, j] = Z[p, j]
                for j in range(ZI.shape[1]):
                    ZI[left, j] = ZI[p, j]
            left += 1
    return m
