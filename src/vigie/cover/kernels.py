"""The one question: does a sensor see a point; and the same for many points.

The ray bends with the air: straight over an earth of 4/3 its radius. A point is seen when it is within the sensor's
range, above the horizon, and not in the cone over the antenna. Source: ITU-R P.453 (effective radius 4/3, k = 1.333).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.earth.wgs84 import Floats, ecef_to_enu, geodetic_to_ecef, radii
from vigie.terms.kernel import kernel

Octets = npt.NDArray[np.uint8]

K: Final = 4.0 / 3.0
LAT, LON, HEIGHT, RANGE, CONE, GROUND = 0, 1, 2, 3, 4, 5
"""Columns of a sensor's row: latitude, longitude (rad), height over the ellipsoid (m), range (m), highest elevation
(rad), height of the ground around it over the ellipsoid (m)."""


@kernel
def sees(sensor: Floats, lat_rad: float, lon_rad: float, height_m: float) -> bool:
    """Return whether a sensor's row sees a point at ``height_m`` over the ellipsoid.

    The horizon is the sum of both horizon distances, over an Earth as high as the ground around the sensor.
    """
    x, y, z = geodetic_to_ecef(lat_rad, lon_rad, height_m)
    sx, sy, sz = geodetic_to_ecef(sensor[LAT], sensor[LON], sensor[HEIGHT])
    dx, dy, dz = x - sx, y - sy, z - sz
    slant = math.sqrt(dx * dx + dy * dy + dz * dz)
    if slant > sensor[RANGE]:
        return False
    east, north, up = ecef_to_enu(dx, dy, dz, sensor[LAT], sensor[LON])
    m, n = radii(sensor[LAT])
    r = math.sqrt(m * n)
    ground = math.sqrt(east * east + north * north)
    elevation = math.atan2(up, ground) + ground / r * (1.0 - 1.0 / K) / 2.0
    if elevation > sensor[CONE]:
        return False
    horizon = math.sqrt(2.0 * K * r * max(0.0, sensor[HEIGHT] - sensor[GROUND]))
    horizon += math.sqrt(2.0 * K * r * max(0.0, height_m - sensor[GROUND]))
    return ground <= horizon


@kernel
def seen_by_many(
    sensors: Floats, in_order: Octets, lat_rad: Floats, lon_rad: Floats, height_m: Floats, counts: Octets, who: Floats
) -> None:
    """Count into ``counts`` how many sensors in order see each point; ``who`` (n, s) gets 1 where sensor s does.

    ``who`` may have no columns: then only counts are kept. A height that is not known (NaN) is seen by nobody.
    """
    for i in range(lat_rad.size):
        number = 0
        if not math.isnan(height_m[i]):
            for s in range(sensors.shape[0]):
                if in_order[s] and sees(sensors[s], lat_rad[i], lon_rad[i], height_m[i]):
                    number += 1
                    if who.shape[1] > s:
                        who[i, s] = 1.0
        counts[i] = min(number, 255)
