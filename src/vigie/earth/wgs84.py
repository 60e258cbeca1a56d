"""WGS-84: geodetic to ECEF and back, local east-north-up frames, slant range and azimuth.

Angles in radians inside; ``_deg`` where a name says so. Every function is a kernel over floats: call it from other
kernels, or through the array forms at the end of this file.
Source: NIMA TR8350.2 (WGS-84); Bowring 1985 for the inverse with two refinements (below 1e-9 m to 1,000 km height).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.terms.kernel import kernel

A_M: Final = 6378137.0
F: Final = 1.0 / 298.257223563
B_M: Final = A_M * (1.0 - F)
E2: Final = F * (2.0 - F)
EP2: Final = E2 / (1.0 - E2)

Floats = npt.NDArray[np.float64]


@kernel
def geodetic_to_ecef(lat_rad: float, lon_rad: float, height_m: float) -> tuple[float, float, float]:
    """Return ECEF x, y, z in metres of a point at ``height_m`` above the ellipsoid."""
    s = math.sin(lat_rad)
    c = math.cos(lat_rad)
    n = A_M / math.sqrt(1.0 - E2 * s * s)
    return (
        (n + height_m) * c * math.cos(lon_rad),
        (n + height_m) * c * math.sin(lon_rad),
        (n * (1.0 - E2) + height_m) * s,
    )


@kernel
def ecef_to_geodetic(x: float, y: float, z: float) -> tuple[float, float, float]:
    """Return latitude (rad), longitude (rad) and ellipsoid height (m) of an ECEF point; right at the poles too."""
    p = math.sqrt(x * x + y * y)
    lon = math.atan2(y, x)
    # Bowring's parametric latitude, refined twice; at the poles p is 0 and atan2 stays defined.
    u = math.atan2(z * A_M, p * B_M)
    lat = 0.0
    for _ in range(3):
        su = math.sin(u)
        cu = math.cos(u)
        lat = math.atan2(z + EP2 * B_M * su * su * su, p - E2 * A_M * cu * cu * cu)
        u = math.atan2((1.0 - F) * math.sin(lat), math.cos(lat))
    s = math.sin(lat)
    c = math.cos(lat)
    n = A_M / math.sqrt(1.0 - E2 * s * s)
    # Project on the normal: free of the division by cos(lat) that fails at the poles.
    height = p * c + z * s - A_M * A_M / n
    return lat, lon, height


@kernel
def ecef_to_enu(dx: float, dy: float, dz: float, lat_rad: float, lon_rad: float) -> tuple[float, float, float]:
    """Return east, north, up (m) of an ECEF difference seen from a point at ``lat_rad``, ``lon_rad``."""
    sl = math.sin(lat_rad)
    cl = math.cos(lat_rad)
    so = math.sin(lon_rad)
    co = math.cos(lon_rad)
    east = -so * dx + co * dy
    north = -sl * co * dx - sl * so * dy + cl * dz
    up = cl * co * dx + cl * so * dy + sl * dz
    return east, north, up


@kernel
def enu_to_ecef(east: float, north: float, up: float, lat_rad: float, lon_rad: float) -> tuple[float, float, float]:
    """Return the ECEF difference (m) of a local east-north-up vector at ``lat_rad``, ``lon_rad``."""
    sl = math.sin(lat_rad)
    cl = math.cos(lat_rad)
    so = math.sin(lon_rad)
    co = math.cos(lon_rad)
    dx = -so * east - sl * co * north + cl * co * up
    dy = co * east - sl * so * north + cl * so * up
    dz = cl * north + sl * up
    return dx, dy, dz


@kernel
def enu_to_slant(east: float, north: float, up: float) -> tuple[float, float, float]:
    """Return slant range (m), azimuth clockwise from north in [0, 2 pi) and elevation (rad) of a local vector."""
    ground = math.sqrt(east * east + north * north)
    azimuth = math.atan2(east, north)
    if azimuth < 0.0:
        azimuth += 2.0 * math.pi
    return math.sqrt(ground * ground + up * up), azimuth, math.atan2(up, ground)


@kernel
def slant_to_geodetic(
    range_m: float, azimuth_rad: float, height_m: float, lat0_rad: float, lon0_rad: float, height0_m: float
) -> tuple[float, float]:
    """Return latitude and longitude (rad) of the point at slant range and azimuth whose ellipsoid height is given.

    The elevation is solved for on the ellipsoid: spherical start, then Newton steps on the height reached, so the
    result is exact for any range. A slant range shorter than the height difference gives the point overhead.
    """
    x0, y0, z0 = geodetic_to_ecef(lat0_rad, lon0_rad, height0_m)
    s = math.sin(lat0_rad)
    r = A_M * math.sqrt(1.0 - E2) / (1.0 - E2 * s * s) + height0_m  # Gaussian radius, start value only
    h = height_m - height0_m
    if range_m <= 0.0:
        return lat0_rad, lon0_rad
    sin_el = (h * (2.0 * r + h) - range_m * range_m) / (2.0 * r * range_m)
    sin_el = min(1.0, max(-1.0, sin_el))
    lat = lat0_rad
    lon = lon0_rad
    for _ in range(3):
        ground = range_m * math.sqrt(max(0.0, 1.0 - sin_el * sin_el))
        dx, dy, dz = enu_to_ecef(
            ground * math.sin(azimuth_rad), ground * math.cos(azimuth_rad), range_m * sin_el, lat0_rad, lon0_rad
        )
        lat, lon, reached = ecef_to_geodetic(x0 + dx, y0 + dy, z0 + dz)
        # d(height)/d(sin_el) is about range * (1 + up/r); the residual shrinks quadratically.
        sin_el += (height_m - reached) / (range_m * (1.0 + range_m * sin_el / r))
        sin_el = min(1.0, max(-1.0, sin_el))
    return lat, lon


@kernel
def radii(lat_rad: float) -> tuple[float, float]:
    """Return the meridian and the prime-vertical radius of curvature (m) at a latitude."""
    s = math.sin(lat_rad)
    w2 = 1.0 - E2 * s * s
    w = math.sqrt(w2)
    return A_M * (1.0 - E2) / (w2 * w), A_M / w


@kernel
def wrap_pi(angle_rad: float) -> float:
    """Return the angle in [-pi, pi)."""
    return angle_rad - 2.0 * math.pi * math.floor((angle_rad + math.pi) / (2.0 * math.pi))


@kernel
def geodetic_to_ecef_many(lat_rad: Floats, lon_rad: Floats, height_m: Floats) -> Floats:
    """Return ECEF coordinates, shape (n, 3), of n points."""
    out = np.empty((lat_rad.size, 3))
    for i in range(lat_rad.size):
        out[i, 0], out[i, 1], out[i, 2] = geodetic_to_ecef(lat_rad[i], lon_rad[i], height_m[i])
    return out


@kernel
def ecef_to_geodetic_many(xyz: Floats) -> Floats:
    """Return latitude (rad), longitude (rad), height (m), shape (n, 3), of n ECEF points."""
    out = np.empty_like(xyz)
    for i in range(xyz.shape[0]):
        out[i, 0], out[i, 1], out[i, 2] = ecef_to_geodetic(xyz[i, 0], xyz[i, 1], xyz[i, 2])
    return out


@kernel
def slant_to_geodetic_many(
    range_m: Floats, azimuth_rad: Floats, height_m: Floats, lat0_rad: float, lon0_rad: float, height0_m: float
) -> Floats:
    """Return latitude and longitude (rad), shape (n, 2), of n slant measurements from one antenna."""
    out = np.empty((range_m.size, 2))
    for i in range(range_m.size):
        out[i, 0], out[i, 1] = slant_to_geodetic(range_m[i], azimuth_rad[i], height_m[i], lat0_rad, lon0_rad, height0_m)
    return out
