"""Compact positions with memory: which place a message means, given where the aircraft was.

Each aircraft has one place believed (``fix``) and at most one place in doubt (``doubt``). A message is first read
relative to the fix, then to the doubt; only what neither explains is kept for pairing, even with odd. So two senders
of one address, however far apart, each get their own positions and never a mixture.
"""

from __future__ import annotations

import math
from typing import Any, Final

from vigie.decode.modes_table import NEVER
from vigie.terms.kernel import flat, inlined
from vigie.terms.units import NS_PER_S, RAD_PER_DEG
from vigie.wire.modes.cpr import AIRBORNE_SPAN_DEG, SURFACE_SPAN_DEG, global_position, local_position

LOCAL_NS: Final = 60 * NS_PER_S
"""A message is read relative to a position at most this old; then it takes a new pair."""
PAIR_NS: Final = 10 * NS_PER_S
SURFACE_PAIR_NS: Final = 25 * NS_PER_S
"""Longest time between the two halves of a pair (DO-260B A.1.7.5, A.1.7.6: 10 s; 25 s on the surface)."""
STALE_NS: Final = 10 * NS_PER_S
"""A fix that nothing has confirmed for so long gives way to a confirmed doubt."""

AIRBORNE_MPS: Final = 1000.0
SURFACE_MPS: Final = 150.0
"""No aircraft is faster: 1,940 kt in the air, 290 kt on the runway."""
M_PER_DEG: Final = 111_195.0


@flat
def _within(lat: float, lon: float, lat0: float, lon0: float, reach_m: float) -> bool:
    """Return whether two places are no further apart than ``reach_m``; False for NaN."""
    d_lon = abs(lon - lon0)
    d_lon = min(d_lon, 360.0 - d_lon)
    dy = (lat - lat0) * M_PER_DEG
    dx = d_lon * M_PER_DEG
    if dx * dx + dy * dy <= reach_m * reach_m:  # as on the equator: the meridians are nowhere farther apart
        return True
    dx *= math.cos(lat * RAD_PER_DEG)
    return dx * dx + dy * dy <= reach_m * reach_m


@inlined
def locate(
    row: Any, t_ns: int, lat_cpr: int, lon_cpr: int, odd: int, surface: int, lat0: float, lon0: float, range_m: float,
    tables: Any,
) -> tuple[float, float]:  # fmt: skip
    """Return latitude and longitude (degrees) that a position message means, NaN where that cannot be told yet.

    ``row``: the aircraft, changed here. ``lat0``, ``lon0``: the receiver (NaN: unknown), which hears no farther than
    ``range_m``. Checks: zones of both halves equal, in range of the receiver, no faster than an aircraft can be. A
    place that contradicts the fix must be confirmed by a message of the other format before it is told.
    """
    span = SURFACE_SPAN_DEG if surface else AIRBORNE_SPAN_DEG
    speed = SURFACE_MPS if surface else AIRBORNE_MPS
    age = abs(t_ns - row.fix_ns)
    if age <= LOCAL_NS:
        lat, lon = local_position(lat_cpr, lon_cpr, odd, row.fix_lat, row.fix_lon, span, tables)
        if _within(lat, lon, row.fix_lat, row.fix_lon, speed * (age / NS_PER_S + 1.0)):
            row.fix_ns = t_ns
            row.fix_lat = lat
            row.fix_lon = lon
            return lat, lon
    has_fix = age <= LOCAL_NS
    doubt_age = abs(t_ns - row.doubt_ns)
    if doubt_age <= LOCAL_NS:
        lat, lon = local_position(lat_cpr, lon_cpr, odd, row.doubt_lat, row.doubt_lon, span, tables)
        if _within(lat, lon, row.doubt_lat, row.doubt_lon, speed * (doubt_age / NS_PER_S + 1.0)):
            if odd != row.doubt_odd:
                row.doubt_confirmed = 1
            row.doubt_ns = t_ns
            row.doubt_lat = lat
            row.doubt_lon = lon
            if row.doubt_confirmed == 0:
                return math.nan, math.nan
            if age > STALE_NS:
                row.fix_ns = t_ns
                row.fix_lat = lat
                row.fix_lon = lon
                row.doubt_ns = NEVER
            return lat, lon
    if odd:
        row.odd_ns = t_ns
        row.odd_lat = lat_cpr
        row.odd_lon = lon_cpr
        row.odd_surface = surface
    else:
        row.even_ns = t_ns
        row.even_lat = lat_cpr
        row.even_lon = lon_cpr
        row.even_surface = surface
    window = SURFACE_PAIR_NS if surface else PAIR_NS
    if abs(row.even_ns - row.odd_ns) > window or row.even_surface != row.odd_surface:
        return math.nan, math.nan
    ref_lat = row.fix_lat if has_fix else lat0
    ref_lon = row.fix_lon if has_fix else lon0
    if surface and (math.isnan(ref_lat) or math.isnan(ref_lon)):
        return math.nan, math.nan  # a surface pair means eight places: without a reference, none
    lat, lon = global_position(
        row.even_lat, row.even_lon, row.odd_lat, row.odd_lon, odd, surface, ref_lat, ref_lon,
        tables,
    )  # fmt: skip
    if math.isnan(lat) or math.isnan(lon):
        return math.nan, math.nan
    if not math.isnan(lat0) and not _within(lat, lon, lat0, lon0, range_m):
        return math.nan, math.nan
    if has_fix:
        row.doubt_ns = t_ns
        row.doubt_lat = lat
        row.doubt_lon = lon
        row.doubt_odd = odd
        row.doubt_confirmed = 0
        return math.nan, math.nan
    row.fix_ns = t_ns
    row.fix_lat = lat
    row.fix_lon = lon
    row.doubt_ns = NEVER
    return lat, lon
