"""Where a slant measurement stands on the map: latitude and longitude for plots that carry only range and azimuth.

Runs on the core's side, before an update is published. For the eye only: the tracker uses the measurements as they are.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.earth.atmosphere import amsl_from_press_alt
from vigie.earth.wgs84 import ecef_to_geodetic, enu_to_ecef, geodetic_to_ecef, slant_to_geodetic
from vigie.sensors.site import Site
from vigie.terms.kernel import kernel
from vigie.terms.rows import copied
from vigie.terms.tables import Rows
from vigie.terms.units import DEG_PER_RAD, RAD_PER_DEG

Floats = npt.NDArray[np.float64]

ASSUMED_CLIMB: Final = 0.1
"""Height over the antenna per metre of range where a plot says nothing of its height: an elevation of 6 degrees."""
ASSUMED_TOP_M: Final = 6_000.0
"""... but at most this, the middle of the levels flown; one 6 km higher stands 0.5 km off on the map at 100 km."""


@kernel
def place_slants(
    range_m: Floats,
    azimuth_rad: Floats,
    elevation_rad: Floats,
    press_alt_m: Floats,
    geo_alt_m: Floats,
    at: npt.NDArray[np.int64],
    places: Floats,
    qnh_hpa: float,
    temperature_c: float,
    lat_deg: Floats,
    lon_deg: Floats,
) -> None:
    """Write latitude and longitude of n slant measurements into ``lat_deg``, ``lon_deg``.

    ``at`` (n) says which row of ``places`` (latitude rad, longitude rad, height m; shape (s, 3)) is the antenna.
    Height: the geometric one, else from pressure (taken above the ellipsoid), else by elevation, else assumed.
    """
    for i in range(range_m.size):
        lat0, lon0, height0 = places[at[i], 0], places[at[i], 1], places[at[i], 2]
        height = geo_alt_m[i]
        if not math.isfinite(height) and math.isfinite(press_alt_m[i]):
            height = amsl_from_press_alt(press_alt_m[i], qnh_hpa, temperature_c)
        if not math.isfinite(height) and math.isfinite(elevation_rad[i]):
            ground = range_m[i] * math.cos(elevation_rad[i])
            up = range_m[i] * math.sin(elevation_rad[i])
            dx, dy, dz = enu_to_ecef(
                ground * math.sin(azimuth_rad[i]), ground * math.cos(azimuth_rad[i]), up, lat0, lon0
            )
            x, y, z = geodetic_to_ecef(lat0, lon0, height0)
            lat, lon, _ = ecef_to_geodetic(x + dx, y + dy, z + dz)
        else:
            if not math.isfinite(height):
                height = height0 + min(ASSUMED_TOP_M, ASSUMED_CLIMB * range_m[i])
            lat, lon = slant_to_geodetic(range_m[i], azimuth_rad[i], height, lat0, lon0, height0)
        lat_deg[i] = lat * DEG_PER_RAD
        lon_deg[i] = lon * DEG_PER_RAD


def place_plots(site: Site, plots: Rows) -> Rows:
    """Return the plots with ``lat_deg``/``lon_deg`` filled where they have range and azimuth but no position.

    The given rows are not changed. Plots of a sensor that the site does not know stay without a position.
    """
    lacks = ~np.isfinite(plots["lat_deg"]) & np.isfinite(plots["range_m"]) & np.isfinite(plots["azimuth_rad"])
    if not lacks.any() or not site.sensors:
        return plots
    sensors = sorted(site.sensors, key=lambda s: s.id)
    ids = np.array([s.id for s in sensors], np.int64)
    places = np.array([(s.lat_deg * RAD_PER_DEG, s.lon_deg * RAD_PER_DEG, s.height_m) for s in sensors])
    pick = np.flatnonzero(lacks)
    wanted = plots["sensor_id"][pick].astype(np.int64)
    at = np.minimum(np.searchsorted(ids, wanted), ids.size - 1)
    known = ids[at] == wanted
    pick, at = pick[known], at[known]
    if not pick.size:
        return plots
    lat_deg, lon_deg = np.empty(pick.size), np.empty(pick.size)
    place_slants(
        plots["range_m"][pick],
        plots["azimuth_rad"][pick],
        plots["elevation_rad"][pick],
        plots["press_alt_m"][pick],
        plots["geo_alt_m"][pick],
        at,
        places,
        site.qnh_hpa,
        site.temperature_c,
        lat_deg,
        lon_deg,
    )
    placed = copied(plots)
    placed["lat_deg"][pick] = lat_deg
    placed["lon_deg"][pick] = lon_deg
    return placed
