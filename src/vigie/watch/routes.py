"""Routes of flight plans as arrays, so that thousands of tracks can be held against theirs at once."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigie.earth.wgs84 import Floats
from vigie.flights.plan import FlightPlan
from vigie.terms.kernel import kernel

Longs = npt.NDArray[np.int64]
EARTH_M = 6_371_008.8


@dataclass(frozen=True, slots=True)
class Routes:
    """``points[first[p]:first[p + 1]]`` are latitude and longitude (rad) of plan ``p``'s route."""

    plans: tuple[FlightPlan, ...]
    number: dict[str, int]
    points: Floats
    first: Longs
    level_m: Floats
    by_pressure: npt.NDArray[np.bool_]


def make_routes(plans: Iterable[FlightPlan]) -> Routes:
    """Return the routes of all plans, in their order."""
    held = tuple(plans)
    points = [(math.radians(p.lat_deg), math.radians(p.lon_deg)) for plan in held for p in plan.points]
    counts = [len(plan.points) for plan in held]
    return Routes(
        plans=held,
        number={plan.plan_id: i for i, plan in enumerate(held)},
        points=np.array(points, np.float64).reshape(len(points), 2),
        first=np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64),
        level_m=np.array([plan.level_m if plan.level_m > 0 else math.nan for plan in held], np.float64),
        by_pressure=np.array([plan.level_datum in ("FL", "F", "") for plan in held], bool),
    )


@kernel
def off_route(
    rows: Longs, plan: Longs, lat: Floats, lon: Floats, points: Floats, first: Longs, out_m: Floats, out_end_m: Floats
) -> None:
    """Write each row's distance (m) from its plan's route and from the nearer end of it; NaN where it has none.

    Legs are straight in the plane that touches the Earth at the track, scaled: within 1 % for legs up to 500 km.
    """
    for k in range(rows.size):
        i = rows[k]
        out_m[k] = out_end_m[k] = math.nan
        p = plan[i]
        if p < 0 or first[p + 1] - first[p] < 2:
            continue
        best = math.inf
        c = math.cos(lat[i])
        for q in range(first[p], first[p + 1] - 1):
            ax, ay = _plane(points[q, 0], points[q, 1], lat[i], lon[i], c)
            bx, by = _plane(points[q + 1, 0], points[q + 1, 1], lat[i], lon[i], c)
            dx, dy = bx - ax, by - ay
            square = dx * dx + dy * dy
            t = 0.0
            if square > 0.0:
                t = min(1.0, max(0.0, -(ax * dx + ay * dy) / square))
            ex, ey = ax + t * dx, ay + t * dy
            best = min(best, ex * ex + ey * ey)
        out_m[k] = math.sqrt(best)
        a, b = first[p], first[p + 1] - 1
        ax, ay = _plane(points[a, 0], points[a, 1], lat[i], lon[i], c)
        bx, by = _plane(points[b, 0], points[b, 1], lat[i], lon[i], c)
        out_end_m[k] = math.sqrt(min(ax * ax + ay * ay, bx * bx + by * by))


@kernel
def _plane(lat: float, lon: float, lat0: float, lon0: float, c0: float) -> tuple[float, float]:
    """Return east and north (m) of a point seen from another, by gnomonic projection (great circles are straight)."""
    d = lon - lon0
    s, c = math.sin(lat), math.cos(lat)
    s0 = math.sin(lat0)
    up = s0 * s + c0 * c * math.cos(d)
    up = max(up, 0.05)
    return EARTH_M * c * math.sin(d) / up, EARTH_M * (c0 * s - s0 * c * math.cos(d)) / up
