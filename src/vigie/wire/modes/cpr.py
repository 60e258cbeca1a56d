"""Compact position reporting: positions to 17-bit pairs and back, airborne and on the surface.

Latitudes and longitudes in degrees. ``odd`` is the format bit F. Decoding kernels take the row
``TABLES[0]`` of ``tables.py``. Source: DO-260B appendix A.1.7 (NL, encoding, local and global decoding).
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vigie.terms.kernel import flat, lean
from vigie.wire.modes.tables import ZONE_LATITUDES, whole

AIRBORNE_SPAN_DEG: Final = 360.0
SURFACE_SPAN_DEG: Final = 90.0
SCALE: Final = 131072.0  # 2 ** 17


@flat
def longitude_zones(lat_deg: float, tables: Any) -> int:
    """Return NL, the number of longitude zones at a latitude: 59 at the equator, 1 beyond 87 degrees."""
    lat = min(abs(lat_deg), 90.0)
    passed = whole(tables.zone_start[int(lat)])
    while passed < 58 and tables.zone_latitudes[passed] <= lat:
        passed += 1
    return 59 - passed


@flat
def local_position(
    lat_cpr: int, lon_cpr: int, odd: int, ref_lat_deg: float, ref_lon_deg: float, span_deg: float,
    tables: Any,
) -> tuple[float, float]:  # fmt: skip
    """Return the position nearest to a reference that one message can mean; NaN where it is no place on Earth.

    Right when the reference is within half a zone: 180 NM (``span_deg`` 360) or 45 NM on the surface (90).
    """
    y = lat_cpr / SCALE
    x = lon_cpr / SCALE
    # A quarter of the globe on the surface. Divided once for all, to the same last bit.
    share = span_deg / AIRBORNE_SPAN_DEG
    d_lat = tables.zone_size_deg[59 if odd else 60] * share
    lat = d_lat * (math.floor(0.5 + ref_lat_deg / d_lat - y) + y)
    if abs(lat) > 90.0:
        return math.nan, math.nan
    d_lon = tables.zone_size_deg[longitude_zones(lat, tables) - (1 if odd else 0)] * share
    lon = d_lon * (math.floor(0.5 + ref_lon_deg / d_lon - x) + x)
    if 0.0 <= lon + 180.0 < 360.0:
        return lat, lon
    return lat, lon - 360.0 * math.floor((lon + 180.0) / 360.0)


@lean
def global_position(
    even_lat: int, even_lon: int, odd_lat: int, odd_lon: int, odd_is_newer: int, surface: int,
    ref_lat_deg: float, ref_lon_deg: float, tables: Any,
) -> tuple[float, float]:  # fmt: skip
    """Return the position of the newer message of an even and odd pair; NaN where the pair does not fit together.

    An airborne pair is unambiguous on the globe. A surface pair leaves two latitudes and four longitudes: the one
    nearest to the reference (the receiver, or where the aircraft last was) is taken.
    """
    span = SURFACE_SPAN_DEG if surface else AIRBORNE_SPAN_DEG
    y0 = even_lat / SCALE
    y1 = odd_lat / SCALE
    j = math.floor(59.0 * y0 - 60.0 * y1 + 0.5)
    lat0 = span / 60.0 * (j - 60.0 * math.floor(j / 60.0) + y0)
    lat1 = span / 59.0 * (j - 59.0 * math.floor(j / 59.0) + y1)
    if surface:  # 0 to 90 degrees: the other solution lies 90 degrees to the south
        if ref_lat_deg < lat0 - 45.0:
            lat0 -= 90.0
        if ref_lat_deg < lat1 - 45.0:
            lat1 -= 90.0
    else:
        if lat0 >= 270.0:
            lat0 -= 360.0
        if lat1 >= 270.0:
            lat1 -= 360.0
    if not (abs(lat0) <= 90.0 and abs(lat1) <= 90.0):
        return math.nan, math.nan
    zones = longitude_zones(lat0, tables)
    if zones != longitude_zones(lat1, tables):
        return math.nan, math.nan  # the two were sent on either side of a zone limit
    x0 = even_lon / SCALE
    x1 = odd_lon / SCALE
    m = math.floor(x0 * (zones - 1) - x1 * zones + 0.5)
    if odd_is_newer:
        n = max(zones - 1, 1)
        lat = lat1
        x = x1
    else:
        n = zones
        lat = lat0
        x = x0
    lon = span / n * (m - n * math.floor(m / n) + x)
    if surface:
        lon += 90.0 * math.floor((ref_lon_deg - lon + 45.0) / 90.0)
    return lat, lon - 360.0 * math.floor((lon + 180.0) / 360.0)


def encode_position(
    lat_deg: npt.ArrayLike, lon_deg: npt.ArrayLike, odd: npt.ArrayLike, *, surface: bool = False
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the 17-bit latitude and longitude (n,) that say a position, in the even or the odd format.

    The error is below 5.2 m in the air (10 m beyond 86 degrees) and a quarter of it on the surface.
    Source: DO-260B A.1.7.3.
    """
    lat, lon, odd_bit = np.broadcast_arrays(
        np.asarray(lat_deg, float), np.asarray(lon_deg, float), np.asarray(odd, int)
    )
    span = SURFACE_SPAN_DEG if surface else AIRBORNE_SPAN_DEG
    d_lat = span / (60.0 - odd_bit)
    zone = np.floor(lat / d_lat)
    y = np.floor(SCALE * (lat / d_lat - zone) + 0.5)
    sent_lat = d_lat * (y / SCALE + zone)
    zones = 59 - np.searchsorted(ZONE_LATITUDES, np.abs(sent_lat), side="right")
    d_lon = span / np.maximum(zones - odd_bit, 1)
    x = np.floor(SCALE * (lon / d_lon - np.floor(lon / d_lon)) + 0.5)
    return y.astype(np.int64) & 0x1FFFF, x.astype(np.int64) & 0x1FFFF
