"""Which track is which target at one instant: near pairs by cells of space, then the best assignment of each cluster.

The best partial assignment of pairs closer than c is the one with the greatest sum of c^2 - d^2. Targets and tracks
that no chain of near pairs joins cannot disturb each other, so each such cluster is solved alone.
Source: Jonker, Volgenant 1987 and Crouse 2016 (shortest augmenting paths) for the assignment; Tarjan 1975 for joining
clusters.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from vigie.terms.kernel import kernel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@kernel
def _chain(a: int, b: int, c: int, mask: int) -> int:
    return ((a * 73856093) ^ (b * 19349663) ^ (c * 83492791)) & mask


@kernel
def hashed(xyz: Floats, n: int, size: float) -> tuple[Ints, Ints]:
    """Return chains of the first n points by cell of space: the head of each chain and the next of each point."""
    cells = 16
    while cells < 2 * n:
        cells *= 2
    head = np.full(cells, -1, np.int64)
    after = np.full(max(n, 1), -1, np.int64)
    for i in range(n):
        a = math.floor(xyz[i, 0] / size)
        b = math.floor(xyz[i, 1] / size)
        c = math.floor(xyz[i, 2] / size)
        h = _chain(a, b, c, cells - 1)
        after[i] = head[h]
        head[h] = i
    return head, after


@kernel
def near(x: float, y: float, z: float, xyz: Floats, head: Ints, after: Ints, size: float, found: Ints) -> int:
    """Write the points that may lie within ``size`` of a place into ``found``; return how many (each once)."""
    count = 0
    mask = head.size - 1
    seen = np.empty(27, np.int64)
    chains = 0
    cell_x = math.floor(x / size)
    cell_y = math.floor(y / size)
    cell_z = math.floor(z / size)
    for a in range(-1, 2):
        for b in range(-1, 2):
            for c in range(-1, 2):
                h = _chain(cell_x + a, cell_y + b, cell_z + c, mask)
                twice = False
                for s in range(chains):
                    twice = twice or seen[s] == h
                if twice:  # two cells may share a chain
                    continue
                seen[chains] = h
                chains += 1
                i = head[h]
                while i >= 0:
                    d2 = (xyz[i, 0] - x) ** 2 + (xyz[i, 1] - y) ** 2 + (xyz[i, 2] - z) ** 2
                    if d2 <= size * size and count < found.size:
                        found[count] = i
                        count += 1
                    i = after[i]
    return count


@kernel
def _root(parent: Ints, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@kernel
def _solve(cost: Floats) -> Ints:
    """Return for each row the column of the cheapest full assignment; no more rows than columns.

    Each row in turn looks for the shortest path over reduced costs to a free column and shifts the rows on it.
    """
    n, m = cost.shape
    price_row = np.zeros(n)
    price_col = np.zeros(m)
    column = np.full(n, -1, np.int64)
    owner = np.full(m, -1, np.int64)
    came = np.full(m, -1, np.int64)
    for start in range(n):
        length = np.full(m, np.inf)
        reached = np.zeros(m, np.bool_)
        row = start
        so_far = 0.0
        free = -1
        while free < 0:
            least = np.inf
            to = -1
            for j in range(m - 1, -1, -1):
                if reached[j]:
                    continue
                through = so_far + cost[row, j] - price_row[row] - price_col[j]
                if through < length[j]:
                    length[j] = through
                    came[j] = row
                if length[j] < least or (length[j] == least and owner[j] < 0):
                    least = length[j]
                    to = j
            so_far = least
            reached[to] = True
            if owner[to] < 0:
                free = to
            else:
                row = owner[to]
        price_row[start] += so_far
        for j in range(m):
            if reached[j]:
                if owner[j] >= 0:
                    price_row[owner[j]] += so_far - length[j]
                price_col[j] -= so_far - length[j]
        while free >= 0:
            row = came[free]
            owner[free] = row
            after = column[row]
            column[row] = free
            free = after if row != start else -1
    return column


@kernel
def best_pairs(
    n: int, m: int, target: Ints, track: Ints, d_m: Floats, count: int, use: Bools, c_m: float, mate: Ints
) -> int:
    """Write for each of n targets the pair (index) that the best assignment gives it, or -1; return how many.

    Pairs are the first ``count`` of (target, track, distance below c_m); only those with ``use`` take part.
    """
    mate[:n] = -1
    parent = np.arange(n + m)
    degree = np.zeros(n + m, np.int64)
    for p in range(count):
        if use[p]:
            degree[target[p]] += 1
            degree[n + track[p]] += 1
            a = _root(parent, target[p])
            b = _root(parent, n + track[p])
            parent[max(a, b)] = min(a, b)
    matched = 0
    joined = np.zeros(n + m + 1, np.int64)  # pairs of each cluster that needs solving, by its root
    for p in range(count):
        if use[p]:
            if degree[target[p]] == 1 and degree[n + track[p]] == 1:
                mate[target[p]] = p
                matched += 1
            else:
                joined[_root(parent, target[p]) + 1] += 1
    if count == 0 or joined.max() == 0:
        return matched
    start = np.cumsum(joined)
    fill = start.copy()
    members = np.empty(start[-1], np.int64)
    for p in range(count):
        if use[p] and not (degree[target[p]] == 1 and degree[n + track[p]] == 1):
            root = _root(parent, target[p])
            members[fill[root]] = p
            fill[root] += 1
    local = np.full(n + m, -1, np.int64)
    for root in range(n + m):
        if start[root + 1] > start[root]:
            matched += _cluster(members[start[root] : start[root + 1]], n, target, track, d_m, c_m, local, mate)
    return matched


@kernel
def _cluster(members: Ints, n: int, target: Ints, track: Ints, d_m: Floats, c_m: float, local: Ints, mate: Ints) -> int:
    """Assign the pairs of one cluster."""
    # Rows in order of target, columns in order of track, so that ties do not hang on how the pairs were found.
    own = np.unique(target[members])
    others = np.unique(track[members])
    rows = own.size
    columns = others.size
    for i in range(rows):
        local[own[i]] = i
    for j in range(columns):
        local[n + others[j]] = j
    cost = np.full((rows, columns), c_m * c_m)
    pair = np.full((rows, columns), -1, np.int64)
    for p in members:
        cost[local[target[p]], local[n + track[p]]] = d_m[p] * d_m[p]
        pair[local[target[p]], local[n + track[p]]] = p
    matched = 0
    if rows <= columns:
        column = _solve(cost)
        for i in range(rows):
            p = pair[i, column[i]]
            if p >= 0:
                mate[target[p]] = p
                matched += 1
    else:
        column = _solve(np.ascontiguousarray(cost.T))
        for j in range(columns):
            p = pair[column[j], j]
            if p >= 0:
                mate[target[p]] = p
                matched += 1
    return matched
