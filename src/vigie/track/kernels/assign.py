"""Optimal pairs inside a cluster: shortest augmenting paths on a small dense table of gains.

Source: Jonker, Volgenant 1987 (here in the potentials form of the Hungarian method); a row may stay alone at gain 0.
"""

from __future__ import annotations

from vigie.terms.kernel import lean
from vigie.track.state import Floats, Ints

BIG = 1e12


@lean
def assign(
    gain: Floats, n: int, m: int, out: Ints, u: Floats, v: Floats, minv: Floats, way: Ints, mate: Ints, used: Ints
) -> None:
    """Give each of ``n`` rows at most one of ``m`` columns so that the summed gain is largest.

    ``gain`` (n * m or more, row by row): values at or below 0 are never chosen. ``out`` (n) receives the column or -1.
    ``u``, ``v``, ``minv``, ``way``, ``mate``, ``used`` are working arrays of at least n + m + 2.
    """
    cols = m + n  # each row has a place of its own to stay alone
    for j in range(cols + 1):
        v[j] = 0.0
        mate[j] = 0
    for i in range(n + 1):
        u[i] = 0.0
    for i in range(1, n + 1):
        mate[0] = i
        j0 = 0
        for j in range(cols + 1):
            minv[j] = BIG
            used[j] = 0
        while True:
            used[j0] = 1
            i0 = mate[j0]
            delta = BIG
            j1 = 0
            for j in range(1, cols + 1):
                if used[j] != 0:
                    continue
                if j <= m:
                    g = gain[(i0 - 1) * m + j - 1]
                    cost = -g if g > 0.0 else BIG * 1e-3
                else:
                    cost = 0.0 if j - m == i0 else BIG * 1e-3
                cur = cost - u[i0] - v[j]
                if cur < minv[j]:
                    minv[j] = cur
                    way[j] = j0
                if minv[j] < delta:
                    delta = minv[j]
                    j1 = j
            for j in range(cols + 1):
                if used[j] != 0:
                    u[mate[j]] += delta
                    v[j] -= delta
                else:
                    minv[j] -= delta
            j0 = j1
            if mate[j0] == 0:
                break
        while j0 != 0:
            j1 = way[j0]
            mate[j0] = mate[j1]
            j0 = j1
    for i in range(n):
        out[i] = -1
    for j in range(1, m + 1):
        if mate[j] > 0 and gain[(mate[j] - 1) * m + j - 1] > 0.0:
            out[mate[j] - 1] = j - 1


@lean
def find(parent: Ints, i: int) -> int:
    """Return the root of ``i`` and shorten the way to it."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i
