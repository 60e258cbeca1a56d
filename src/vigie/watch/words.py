"""How numbers are said in reasons: the units of the field, the same in both languages."""

from __future__ import annotations

import math

from vigie.terms.units import M_PER_FL, M_PER_FT, M_PER_NMI
from vigie.terms.utc import iso


def level(press_m: float) -> str:
    """Return a pressure altitude as a flight level, ``FL---`` where it is not known."""
    return "FL---" if math.isnan(press_m) else f"FL{round(press_m / M_PER_FL):03d}"


def feet(height_m: float) -> str:
    """Return a height in feet, to the nearest hundred."""
    return "? ft" if math.isnan(height_m) else f"{round(height_m / M_PER_FT / 100.0) * 100:d} ft"


def miles(distance_m: float) -> str:
    """Return a distance in nautical miles."""
    return f"{distance_m / M_PER_NMI:.1f} NM"


def knots(speed_mps: float) -> str:
    """Return a speed in knots."""
    return f"{speed_mps * 3600.0 / M_PER_NMI:.0f} kt"


def clock(t_ns: int) -> str:
    """Return the time of day, UTC, to the second."""
    return iso(t_ns)[11:19] + "Z"


def octal(code: int) -> str:
    """Return a Mode 3/A code as it is spoken."""
    return f"{code:04o}"
