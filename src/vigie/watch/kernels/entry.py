"""When a track reaches a volume: the way over the ground and the way up or down, together."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from vigie.airspace.kernels import above_level_m, first_crossing
from vigie.earth.wgs84 import Floats
from vigie.terms.kernel import kernel

Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]
Octets = npt.NDArray[np.uint8]


@kernel
def vertical_window(
    press_m: float, amsl_m: float, ground_m: float, climb: float, floor_datum: int, floor_m: float, ceiling_datum: int,
    ceiling_m: float, margin_m: float,
) -> tuple[float, float]:  # fmt: skip
    """Return from when to when (s from now) a climbing or sinking track is between floor and ceiling.

    (inf, -inf): never. A height that is not known counts as between: the careful reading.
    """
    over = above_level_m(press_m, amsl_m, ground_m, floor_datum, floor_m) + margin_m
    under = -above_level_m(press_m, amsl_m, ground_m, ceiling_datum, ceiling_m) + margin_m
    up = 0.0 if math.isnan(climb) else climb
    first, last = 0.0, math.inf
    if not math.isnan(over) and over < 0.0:
        if up <= 0.01:
            return math.inf, -math.inf
        first = max(first, -over / up)
    elif not math.isnan(over) and up < -0.01 and over < math.inf:
        last = min(last, over / -up)
    if not math.isnan(under) and under < 0.0:
        if up >= -0.01:
            return math.inf, -math.inf
        first = max(first, under / up)
    elif not math.isnan(under) and up > 0.01 and under < math.inf:
        last = min(last, under / up)
    return first, last


@kernel
def entries(
    point: Ints, volume: Ints, distance_m: Floats, rows: Longs, wanted: Octets, lat: Floats, lon: Floats, press: Floats,
    amsl: Floats, ground: Floats, ve: Floats, vn: Floats, climb: Floats, edges: Floats, edge_first: Longs,
    levels: Floats, datums: Octets, horizon_s: Floats, margin_m: Floats, out_s: Floats, out_square: Floats,
) -> None:  # fmt: skip
    """Write for each pair the seconds until the track is in the volume: 0 it is, infinite not within the horizon.

    ``wanted``, ``horizon_s`` and ``margin_m`` are per volume; ``margin_m`` widens floor and ceiling. ``out_square`` is
    the cosine between the way and the edge's normal, 1 where it is in already or comes in from above or below.
    """
    for k in range(point.size):
        v = volume[k]
        out_s[k], out_square[k] = math.inf, 1.0
        if not wanted[v]:
            continue
        i = rows[point[k]]
        first, last = vertical_window(
            press[i], amsl[i], ground[i], climb[i], datums[v, 0], levels[v, 0], datums[v, 1], levels[v, 1], margin_m[v]
        )
        if first > horizon_s[v] or last <= 0.0:
            continue
        if distance_m[k] <= 0.0:
            out_s[k] = first
            if first > 0.0:  # comes in from above or below: is it still over the area then?
                leaves, _ = first_crossing(lat[i], lon[i], ve[i], vn[i], edges, edge_first[v], edge_first[v + 1])
                if leaves < first:
                    out_s[k] = math.inf
            continue
        speed = math.sqrt(ve[i] * ve[i] + vn[i] * vn[i])
        if not distance_m[k] <= speed * horizon_s[v]:
            continue
        reached, square = first_crossing(lat[i], lon[i], ve[i], vn[i], edges, edge_first[v], edge_first[v + 1])
        if reached > horizon_s[v] or reached > last:
            continue
        out_s[k], out_square[k] = max(reached, first), square


_ = np.float64
