"""The standard atmosphere: pressure altitude to height and back, with the day's QNH and temperature.

Pressure altitude is what a transponder sends (1013.25 hPa). The true height differs by QNH (about 8.2 m per hPa) and
by temperature (4 % per 11 K). Source: ICAO Doc 7488/3; Doc 8168 volume III (temperature correction).
"""

from __future__ import annotations

import math
from typing import Final

from vigie.terms.kernel import inlined, kernel

ISA_T0_K: Final = 288.15
ISA_P0_HPA: Final = 1013.25
LAPSE_KPM: Final = 0.0065
_EXPONENT: Final = 0.190263  # R * lapse / g0


@inlined
def _datum_m(qnh_hpa: float) -> float:
    """Return the standard-atmosphere altitude at which the pressure is QNH."""
    return ISA_T0_K / LAPSE_KPM * (1.0 - math.pow(qnh_hpa / ISA_P0_HPA, _EXPONENT))


@kernel
def amsl_from_press_alt(press_alt_m: float, qnh_hpa: float, temperature_c: float) -> float:
    """Return height above mean sea level of a pressure altitude.

    ``temperature_c`` is the air temperature at sea level; the column is taken as the standard one, shifted by the
    deviation from 15 degrees Celsius, so heights stretch by T/T_isa.
    """
    stretch = (temperature_c + 273.15) / ISA_T0_K
    return (press_alt_m - _datum_m(qnh_hpa)) * stretch


@kernel
def press_alt_from_amsl(amsl_m: float, qnh_hpa: float, temperature_c: float) -> float:
    """Return the pressure altitude at a height above mean sea level: the inverse of ``amsl_from_press_alt``."""
    stretch = (temperature_c + 273.15) / ISA_T0_K
    return amsl_m / stretch + _datum_m(qnh_hpa)
