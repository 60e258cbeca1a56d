"""What a sensor would measure of a point, and how that changes when the point moves: exact on WGS-84, no system plane.

Points are ECEF. A sensor is an array that begins with its ECEF position and its east, north and up unit vectors (12
numbers); a frame is the nine numbers of any other local frame's east, north and up.
Source: the geometry of two local frames joined in ECEF; Bar-Shalom et al. 2001 section 10.4 for the linearisation.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from vigie.earth.wgs84 import geodetic_to_ecef
from vigie.terms.kernel import lean

Floats = npt.NDArray[np.float64]


def sensor_frame(lat_rad: float, lon_rad: float, height_m: float) -> Floats:
    """Return a sensor's 12 numbers: ECEF position, then east, north and up unit vectors."""
    sl, cl, so, co = math.sin(lat_rad), math.cos(lat_rad), math.sin(lon_rad), math.cos(lon_rad)
    x, y, z = geodetic_to_ecef(lat_rad, lon_rad, height_m)
    return np.array([x, y, z, -so, co, 0.0, -sl * co, -sl * so, cl, cl * co, cl * so, sl])


@lean
def slant_lines(
    sensor: Floats, frame: Floats, x: float, y: float, z: float
) -> tuple[float, float, float, float, float, float, float, float]:
    """Return slant range (m) and azimuth (rad, 0 to 2 pi) of an ECEF point, and how both answer to small moves.

    The moves are along the frame's east, north and up: (range, azimuth, dr/de, dr/dn, dr/du, da/de, da/dn, da/du).
    Straight above the sensor the azimuth's answer is bounded by a ground range of 1 m.
    """
    dx, dy, dz = x - sensor[0], y - sensor[1], z - sensor[2]
    r = math.sqrt(dx * dx + dy * dy + dz * dz)
    e = dx * sensor[3] + dy * sensor[4] + dz * sensor[5]
    n = dx * sensor[6] + dy * sensor[7] + dz * sensor[8]
    azimuth = math.atan2(e, n)
    if azimuth < 0.0:
        azimuth += 2.0 * math.pi
    w = 1.0 / max(r, 1.0)
    re = (dx * frame[0] + dy * frame[1] + dz * frame[2]) * w
    rn = (dx * frame[3] + dy * frame[4] + dz * frame[5]) * w
    ru = (dx * frame[6] + dy * frame[7] + dz * frame[8]) * w
    # d(azimuth) = (n de - e dn) / ground^2; a move along the frame's axes gives de, dn at the sensor
    w = 1.0 / max(e * e + n * n, 1.0)
    ax = (n * sensor[3] - e * sensor[6]) * w
    ay = (n * sensor[4] - e * sensor[7]) * w
    az = (n * sensor[5] - e * sensor[8]) * w
    ae = ax * frame[0] + ay * frame[1] + az * frame[2]
    an = ax * frame[3] + ay * frame[4] + az * frame[5]
    au = ax * frame[6] + ay * frame[7] + az * frame[8]
    return r, azimuth, re, rn, ru, ae, an, au


@lean
def slant_point(
    sensor: Floats, sensor_height: float, range_m: float, azimuth: float, height: float
) -> tuple[float, float, float]:
    """Return ECEF of a slant measurement at a height above the ellipsoid, on the local sphere (some metres, quick)."""
    big = 6371000.0 + sensor_height
    h = height - sensor_height
    sin_el = (h * (2.0 * big + h) - range_m * range_m) / (2.0 * big * max(range_m, 1.0))
    sin_el = min(1.0, max(-1.0, sin_el))
    ground = range_m * math.sqrt(1.0 - sin_el * sin_el)
    e = ground * math.sin(azimuth)
    n = ground * math.cos(azimuth)
    u = range_m * sin_el
    x = sensor[0] + e * sensor[3] + n * sensor[6] + u * sensor[9]
    y = sensor[1] + e * sensor[4] + n * sensor[7] + u * sensor[10]
    z = sensor[2] + e * sensor[5] + n * sensor[8] + u * sensor[11]
    return x, y, z
