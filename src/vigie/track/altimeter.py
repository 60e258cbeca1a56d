"""How height goes with pressure altitude before anything is learned: from the site, or from its latitude."""

from __future__ import annotations

import numpy as np

from vigie.earth.atmosphere import amsl_from_press_alt
from vigie.sensors.site import Site
from vigie.track.state import Floats


def mean_temperature_c(lat_deg: float) -> float:
    """Return the mean air temperature at sea level for a latitude, where the site file states none.

    The tropics are 12 degrees warmer than the standard atmosphere, which stretches heights by 4 %.
    Source: ITU-R P.835-6, low-latitude annual atmosphere (300.4 K below 22 degrees), standard at 45.
    """
    return min(27.3, max(15.0, 27.3 - 12.3 * (abs(lat_deg) - 22.0) / 23.0))


def altimeter(site: Site) -> Floats:
    """Height against pressure altitude before anything is learned: QNH and temperature of the site, or its latitude."""
    temperature = site.temperature_c if site.temperature_c != 15.0 else mean_temperature_c(site.lat_deg)
    low = amsl_from_press_alt(0.0, site.qnh_hpa, temperature)
    high = amsl_from_press_alt(10000.0, site.qnh_hpa, temperature)
    return np.array([(high - low) / 10000.0, low, 0.02**2, 0.0, 40.0**2])
