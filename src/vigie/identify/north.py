"""One aircraft at two places, or a radar that looks the wrong way? Seen from it, both stand at the same distance then.

A radar whose north is wrong shows an aircraft at the right distance and the wrong angle. Until registration has found
the angle that makes two tracks of one address, which say something of the radar and nothing of the address.
"""

from __future__ import annotations

import math
from typing import Any, Final

from vigie.earth.wgs84 import ecef_to_enu, geodetic_to_ecef
from vigie.identify.cover import S_BIT, S_LAT, S_LON, S_X, S_Y, S_Z

MOST_TURN_RAD: Final = math.radians(6.0)
"""A north further off than this is no error of alignment."""
SAME_RANGE_M: Final = 1_000.0
SAME_RANGE: Final = 0.05
"""The distances may differ by ``SAME_RANGE_M`` and this share of how far apart the places are: one of them is old."""

Place = tuple[float, float, float]


def turned(table: Any, seen_by: int, other_seen_by: int, place: Place, other: Place) -> bool:
    """Return whether one radar that sees only one of two tracks would show one aircraft at both places.

    ``table``: rows as in ``cover``; ``seen_by``, ``other_seen_by``: the tracks' sensor bits; places: latitude,
    longitude (rad), height (m; NaN: on the ellipsoid).
    """
    differ = seen_by ^ other_seen_by
    for row in table:
        if differ >> int(row[S_BIT]) & 1:
            (far, azimuth), (other_far, other_azimuth) = (_from(row, one) for one in (place, other))
            turn = abs((other_azimuth - azimuth + math.pi) % (2.0 * math.pi) - math.pi)
            apart_m = turn * min(far, other_far)
            if turn < MOST_TURN_RAD and abs(other_far - far) < SAME_RANGE_M + SAME_RANGE * apart_m:
                return True
    return False


def _from(row: Any, place: Place) -> tuple[float, float]:
    """Return distance (m) and azimuth (rad) of a place as a sensor sees it."""
    lat, lon, height = place
    x, y, z = geodetic_to_ecef(lat, lon, 0.0 if math.isnan(height) else height)
    dx, dy, dz = x - float(row[S_X]), y - float(row[S_Y]), z - float(row[S_Z])
    east, north, up = ecef_to_enu(dx, dy, dz, float(row[S_LAT]), float(row[S_LON]))
    return math.sqrt(east * east + north * north + up * up), math.atan2(east, north)
