"""Questions to volumes, for hot loops: inside or not, how far from the edge, when the edge is reached.

A point asks from its own place: every corner of an edge is seen in the point's east-north-up frame, and drawn on the
plane that touches the Earth there, projected from the centre of the sphere that fits the ellipsoid best at the point.
In that plane the shortest ways are straight lines, the nearest point of an edge is the nearest point of a segment, and
a straight flight is a ray. Nothing is special at the antimeridian or at a pole. Edges are at most 200 km long (see
``index``), which keeps the plane section within 0.1 m of the geodesic; distances are within 1e-6 of the ellipsoid's
up to 200 km and 2e-5 up to 1,000 km (tests compare with PROJ).
Source: Karney, Algorithms for geodesics (2013), section 8, gnomonic projection on the ellipsoid.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.airspace.volume import AGL, AMSL, FL, SFC, UNL
from vigie.earth.wgs84 import A_M, Floats, geodetic_to_ecef, radii
from vigie.terms.kernel import kernel, lean

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Octets = npt.NDArray[np.uint8]

FAR_M: Final = 1.0e7
"""The distance said of an edge beyond the horizon of the plane: a quarter of the Earth away."""
_LEAST_U: Final = 0.1  # cosine of the angle beyond which an edge is not drawn: 84 degrees
FULL: Final = 1
EDGE: Final = 2
NEAR: Final = 3
CHUNK: Final = 8
"""State of a grid cell to a volume: wholly inside; the edge may pass through it; outside but within the margin."""


@lean
def lateral(lat_rad: float, lon_rad: float, edges: Floats, first: int, last: int) -> float:
    """Return the distance (m) from a point to the outline ``edges[first:last]``, negative inside, ``FAR_M`` at most.

    ``edges`` is (k, 6): ECEF of both ends on the ellipsoid. Inside by the even-odd rule along the way north.
    """
    px, py, pz = geodetic_to_ecef(lat_rad, lon_rad, 0.0)
    sl, cl, so, co = math.sin(lat_rad), math.cos(lat_rad), math.sin(lon_rad), math.cos(lon_rad)
    m, n = radii(lat_rad)
    r = math.sqrt(m * n)
    inside = False
    best = math.inf
    for k in range(first, last):
        ax, ay, az = edges[k, 0] - px, edges[k, 1] - py, edges[k, 2] - pz
        bx, by, bz = edges[k, 3] - px, edges[k, 4] - py, edges[k, 5] - pz
        ae = co * ay - so * ax
        be = co * by - so * bx
        an = cl * az - sl * (co * ax + so * ay)
        bn = cl * bz - sl * (co * bx + so * by)
        if (ae >= 0.0) != (be >= 0.0) and (an * be - bn * ae) * (be - ae) > 0.0:
            inside = not inside
        au = (cl * (co * ax + so * ay) + sl * az) / r + 1.0
        bu = (cl * (co * bx + so * by) + sl * bz) / r + 1.0
        if au < _LEAST_U or bu < _LEAST_U:
            continue
        ae, an, be, bn = ae / au, an / au, be / bu, bn / bu
        de, dn = be - ae, bn - an
        square = de * de + dn * dn
        t = 0.0
        if square > 0.0:
            t = min(1.0, max(0.0, -(ae * de + an * dn) / square))
        ce, cn = ae + t * de, an + t * dn
        best = min(best, ce * ce + cn * cn)
    if best == math.inf:
        return FAR_M  # nothing in sight: what looks like inside is inside of the antipode
    distance = r * math.atan(math.sqrt(best) / r)
    return -distance if inside else distance


@lean
def lateral_within(
    px: float, py: float, pz: float, sl: float, cl: float, so: float, co: float, r: float, reach_m: float,
    edges: Floats, first: int, last: int, chunks: Floats, chunk: int,
) -> float:  # fmt: skip
    """Return ``lateral`` where it is within ``reach_m``, else minus or plus infinity: inside or outside, farther off.

    ``chunks`` (c, 4): centre and radius of a ball around each ``CHUNK`` edges, those of this outline from row
    ``chunk``. Edges whose ball is out of reach and off the meridian northwards are never looked at. The point is given
    as ECEF, sines and cosines of latitude and longitude, and the radius of its sphere.
    """
    inside = False
    limit = r * math.tan(min(1.4, reach_m / r))
    best = limit * limit
    hit = False
    for begin in range(first, last, CHUNK):
        dx, dy, dz, ball = chunks[chunk, 0] - px, chunks[chunk, 1] - py, chunks[chunk, 2] - pz, chunks[chunk, 3]
        chunk += 1
        if dx * dx + dy * dy + dz * dz > (reach_m + ball) * (reach_m + ball):
            # Out of reach: it only counts whether the way north crosses it, which needs no division.
            if abs(co * dy - so * dx) > ball or cl * dz - sl * (co * dx + so * dy) < -ball:
                continue
            for k in range(begin, min(last, begin + CHUNK)):
                ax, ay, bx, by = edges[k, 0] - px, edges[k, 1] - py, edges[k, 3] - px, edges[k, 4] - py
                ae, be = co * ay - so * ax, co * by - so * bx
                if (ae >= 0.0) != (be >= 0.0):
                    an = cl * (edges[k, 2] - pz) - sl * (co * ax + so * ay)
                    bn = cl * (edges[k, 5] - pz) - sl * (co * bx + so * by)
                    if (an * be - bn * ae) * (be - ae) > 0.0:
                        inside = not inside
            continue
        for k in range(begin, min(last, begin + CHUNK)):
            ax, ay, az = edges[k, 0] - px, edges[k, 1] - py, edges[k, 2] - pz
            bx, by, bz = edges[k, 3] - px, edges[k, 4] - py, edges[k, 5] - pz
            ae, an = co * ay - so * ax, cl * az - sl * (co * ax + so * ay)
            be, bn = co * by - so * bx, cl * bz - sl * (co * bx + so * by)
            if (ae >= 0.0) != (be >= 0.0) and (an * be - bn * ae) * (be - ae) > 0.0:
                inside = not inside
            au = (cl * (co * ax + so * ay) + sl * az) / r + 1.0
            bu = (cl * (co * bx + so * by) + sl * bz) / r + 1.0
            if au < _LEAST_U or bu < _LEAST_U:
                continue
            ae, an, be, bn = ae / au, an / au, be / bu, bn / bu
            de, dn = be - ae, bn - an
            square = de * de + dn * dn
            t = 0.0
            if square > 0.0:
                t = min(1.0, max(0.0, -(ae * de + an * dn) / square))
            ce, cn = ae + t * de, an + t * dn
            if ce * ce + cn * cn <= best:
                best = ce * ce + cn * cn
                hit = True
    distance = r * math.atan(math.sqrt(best) / r) if hit else math.inf
    return -distance if inside else distance


@lean
def contains(lat_rad: float, lon_rad: float, edges: Floats, first: int, last: int) -> bool:
    """Return whether a point is inside the outline ``edges[first:last]``: ``lateral`` without the distance.

    A point that no end of an edge faces (all more than 90 degrees away) is outside: its antipode may be inside.
    """
    px, py, pz = geodetic_to_ecef(lat_rad, lon_rad, 0.0)
    sl, cl, so, co = math.sin(lat_rad), math.cos(lat_rad), math.sin(lon_rad), math.cos(lon_rad)
    inside = False
    seen = False
    least = -A_M  # below the horizon of the Earth's centre
    for k in range(first, last):
        dx, dy, dz = edges[k, 0] - px, edges[k, 1] - py, edges[k, 2] - pz
        seen = seen or cl * (co * dx + so * dy) + sl * dz > least
        ae = co * dy - so * dx
        be = co * (edges[k, 4] - py) - so * (edges[k, 3] - px)
        if (ae >= 0.0) != (be >= 0.0):
            an = cl * dz - sl * (co * dx + so * dy)
            bn = cl * (edges[k, 5] - pz) - sl * (co * (edges[k, 3] - px) + so * (edges[k, 4] - py))
            if (an * be - bn * ae) * (be - ae) > 0.0:
                inside = not inside
    return inside and seen


@lean
def nearest(lat_rad: float, lon_rad: float, edges: Floats, first: int, last: int) -> tuple[float, float]:
    """Return distance (m) and true bearing (rad, 0 to 2 pi) from a point to the nearest point of the outline."""
    px, py, pz = geodetic_to_ecef(lat_rad, lon_rad, 0.0)
    sl, cl, so, co = math.sin(lat_rad), math.cos(lat_rad), math.sin(lon_rad), math.cos(lon_rad)
    m, n = radii(lat_rad)
    r = math.sqrt(m * n)
    best, best_e, best_n = math.inf, 0.0, 0.0
    for k in range(first, last):
        ax, ay, az = edges[k, 0] - px, edges[k, 1] - py, edges[k, 2] - pz
        bx, by, bz = edges[k, 3] - px, edges[k, 4] - py, edges[k, 5] - pz
        au = (cl * (co * ax + so * ay) + sl * az) / r + 1.0
        bu = (cl * (co * bx + so * by) + sl * bz) / r + 1.0
        if au < _LEAST_U or bu < _LEAST_U:
            continue
        ae, an = (co * ay - so * ax) / au, (cl * az - sl * (co * ax + so * ay)) / au
        be, bn = (co * by - so * bx) / bu, (cl * bz - sl * (co * bx + so * by)) / bu
        de, dn = be - ae, bn - an
        square = de * de + dn * dn
        t = 0.0
        if square > 0.0:
            t = min(1.0, max(0.0, -(ae * de + an * dn) / square))
        ce, cn = ae + t * de, an + t * dn
        if ce * ce + cn * cn < best:
            best, best_e, best_n = ce * ce + cn * cn, ce, cn
    if best == math.inf:
        return FAR_M, 0.0
    bearing = math.atan2(best_e, best_n)
    return r * math.atan(math.sqrt(best) / r), bearing + 2.0 * math.pi if bearing < 0.0 else bearing


@lean
def first_crossing(
    lat_rad: float, lon_rad: float, v_east_mps: float, v_north_mps: float, edges: Floats, first: int, last: int
) -> tuple[float, float]:
    """Return seconds until a straight flight meets the outline, and the cosine between its way and the edge's normal.

    Infinite where it never does within 84 degrees of arc, or does not move. The cosine (0 to 1) tells how square it
    crosses: an error of place across the way moves the time by its tangent.
    """
    speed = math.sqrt(v_east_mps * v_east_mps + v_north_mps * v_north_mps)
    if not speed > 0.0:
        return math.inf, 0.0
    fe, fn = v_east_mps / speed, v_north_mps / speed
    px, py, pz = geodetic_to_ecef(lat_rad, lon_rad, 0.0)
    sl, cl, so, co = math.sin(lat_rad), math.cos(lat_rad), math.sin(lon_rad), math.cos(lon_rad)
    m, n = radii(lat_rad)
    r = math.sqrt(m * n)
    best, square = math.inf, 0.0
    for k in range(first, last):
        ax, ay, az = edges[k, 0] - px, edges[k, 1] - py, edges[k, 2] - pz
        bx, by, bz = edges[k, 3] - px, edges[k, 4] - py, edges[k, 5] - pz
        ae, an = co * ay - so * ax, cl * az - sl * (co * ax + so * ay)
        be, bn = co * by - so * bx, cl * bz - sl * (co * bx + so * by)
        a_left, b_left = fe * an - fn * ae, fe * bn - fn * be
        if (a_left >= 0.0) == (b_left >= 0.0):
            continue
        au = (cl * (co * ax + so * ay) + sl * az) / r + 1.0
        bu = (cl * (co * bx + so * by) + sl * bz) / r + 1.0
        if au < _LEAST_U or bu < _LEAST_U:
            continue
        ae, an, be, bn, a_left, b_left = ae / au, an / au, be / bu, bn / bu, a_left / au, b_left / bu
        s = a_left / (a_left - b_left)
        ahead = (ae + s * (be - ae)) * fe + (an + s * (bn - an)) * fn
        if 0.0 <= ahead < best:
            best = ahead
            length = math.sqrt((be - ae) * (be - ae) + (bn - an) * (bn - an))
            square = abs(a_left - b_left) / length
    return (math.inf, 0.0) if best == math.inf else (r * math.atan(best / r) / speed, square)


@kernel
def above_level_m(press_alt_m: float, amsl_m: float, ground_amsl_m: float, datum: int, value_m: float) -> float:
    """Return how far a point is above a level (negative: below); NaN where the height needed is not known."""
    if datum == FL:
        return press_alt_m - value_m
    if datum == AMSL:
        return amsl_m - value_m
    if datum == AGL:
        return amsl_m - ground_amsl_m - value_m
    return math.inf if datum == SFC else -math.inf


@kernel
def outside_levels_m(
    press_alt_m: float,
    amsl_m: float,
    ground_amsl_m: float,
    floor_datum: int,
    floor_m: float,
    ceiling_datum: int,
    ceiling_m: float,
) -> float:
    """Return how far a point is outside a floor and a ceiling: 0 or less is between them, NaN cannot be told."""
    over_floor = above_level_m(press_alt_m, amsl_m, ground_amsl_m, floor_datum, floor_m)
    over_ceiling = above_level_m(press_alt_m, amsl_m, ground_amsl_m, ceiling_datum, ceiling_m)
    if math.isnan(over_floor):
        return over_ceiling if over_ceiling > 0.0 else math.nan
    if math.isnan(over_ceiling):
        return -over_floor if over_floor < 0.0 else math.nan
    return max(-over_floor, over_ceiling)


_ = UNL  # the remaining datum: above_level_m's last line


@lean
def find_near(
    lat_rad: Floats, lon_rad: Floats, press_alt_m: Floats, amsl_m: Floats, ground_amsl_m: Floats, reach_m: Floats,
    active: Octets, cell_deg: float, columns: int, cell_first: Longs, cell_volume: Ints, cell_state: Octets,
    edges: Floats, edge_first: Longs, chunks: Floats, chunk_first: Longs, caps: Floats, levels: Floats, datums: Octets,
    out_point: Ints, out_volume: Ints, out_distance_m: Floats, out_vertical_m: Floats,
) -> int:  # fmt: skip
    """Write one row for each pair of a point and an active volume that has it inside or within the point's reach.

    ``reach_m``: how far from the edge each point looks, at most the index's margin. ``out_distance_m`` is signed
    (negative inside; minus infinity:
    inside and farther from the edge than the reach or the cell), ``out_vertical_m`` as ``outside_levels_m``.
    Returns the number of pairs, which may be more than there is room for: then ask again with more room.
    """
    found = 0
    room = out_point.size
    for i in range(lat_rad.size):
        if not (abs(lat_rad[i]) <= 1.6 and abs(lon_rad[i]) <= 7.0):
            continue
        row = int((math.degrees(lat_rad[i]) + 90.0) / cell_deg)
        row = min(row, math.ceil(180.0 / cell_deg) - 1)
        lon = math.degrees(lon_rad[i])
        lon -= 360.0 * math.floor(lon / 360.0)
        column = min(int(lon / cell_deg), columns - 1)
        cell = row * columns + column
        begin, end = cell_first[cell], cell_first[cell + 1]
        if begin == end:
            continue
        x, y, z = geodetic_to_ecef(lat_rad[i], lon_rad[i], 0.0)
        sl, cl, so, co = math.sin(lat_rad[i]), math.cos(lat_rad[i]), math.sin(lon_rad[i]), math.cos(lon_rad[i])
        m, n = radii(lat_rad[i])
        r = math.sqrt(m * n)
        for c in range(begin, end):
            v = cell_volume[c]
            if not active[v]:
                continue
            if cell_state[c] == FULL:
                distance = -math.inf
            else:
                if cell_state[c] == NEAR:
                    # A chord is never longer than the way on the ground: no outline is nearer than this.
                    dx, dy, dz = x - caps[v, 0], y - caps[v, 1], z - caps[v, 2]
                    if math.sqrt(dx * dx + dy * dy + dz * dz) - caps[v, 3] > reach_m[i]:
                        continue
                distance = lateral_within(
                    x, y, z, sl, cl, so, co, r, reach_m[i],
                    edges, edge_first[v], edge_first[v + 1], chunks, chunk_first[v],
                )  # fmt: skip
                if distance > reach_m[i]:
                    continue
            if found < room:
                out_point[found], out_volume[found], out_distance_m[found] = i, v, distance
                out_vertical_m[found] = outside_levels_m(
                    press_alt_m[i], amsl_m[i], ground_amsl_m[i], datums[v, 0], levels[v, 0], datums[v, 1], levels[v, 1]
                )
            found += 1
    return found


@lean
def fill_cells(
    low_row: int, high_row: int, low_column: int, width: int, columns: int, cell_deg: float,
    margin_m: float, edges: Floats, first: int, last: int, out_cell: Longs, out_state: Octets,
) -> int:  # fmt: skip
    """Write the grid cells that a volume fills, crosses or comes within ``margin_m`` of; return how many.

    Rows and columns are the box to look at; columns wrap. Blocks of 8 x 8 cells are judged as one where they can be.
    ``out_*`` have room for the whole box.
    """
    found = 0
    half = math.radians(cell_deg) * 6_400_000.0 / 2.0
    for block_row in range(low_row, high_row + 1, 8):
        for block_column in range(0, width, 8):
            rows = min(8, high_row + 1 - block_row)
            across = min(8, width - block_column)
            lat = math.radians((block_row + rows / 2.0) * cell_deg - 90.0)
            lon = math.radians((low_column + block_column + across / 2.0) * cell_deg)
            distance = lateral(min(lat, math.pi / 2.0), lon, edges, first, last)
            radius = half * math.sqrt(float(rows * rows + across * across))
            state = 0
            if distance < -radius:
                state = FULL
            elif distance > radius + margin_m:
                continue
            elif distance > radius:
                state = NEAR
            for row in range(block_row, block_row + rows):
                for column in range(block_column, block_column + across):
                    one = state
                    if one == 0:
                        lat = math.radians(min(90.0, (row + 0.5) * cell_deg - 90.0))
                        lon = math.radians((low_column + column + 0.5) * cell_deg)
                        # The cell's half diagonal at its edge nearer to the equator.
                        flat = max(0.0, abs(lat) - math.radians(cell_deg) / 2.0)
                        radius = half * math.sqrt(1.0 + math.cos(flat) * math.cos(flat))
                        distance = lateral(lat, lon, edges, first, last)
                        if distance < -radius:
                            one = FULL
                        elif distance <= radius:
                            one = EDGE
                        elif distance <= radius + margin_m:
                            one = NEAR
                        else:
                            continue
                    out_cell[found] = row * columns + (low_column + column) % columns
                    out_state[found] = one
                    found += 1
    return found
