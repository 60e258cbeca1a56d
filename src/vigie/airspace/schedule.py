"""When a volume is active: windows of date, weekday and time of day, all UTC.

Source: AIXM 5.1.1 Timesheet; ICAO Doc 8126 (item D of a NOTAM). Times that depend on the sun are worked out for the
place: ``SR`` and ``SS`` are sunrise and sunset at the volume's centre, sun's upper edge on a sea horizon.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from vigie.terms.units import NS_PER_S
from vigie.terms.utc import DAY_NS, day_start_ns

ALL_DAYS: Final = 0b1111111
WEEKDAYS: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
FOREVER_NS: Final = 2**62
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One rule of time: between two instants, on some weekdays, between two times of day.

    ``days`` has bit 0 for Monday. ``to_s`` at or below ``from_s`` runs into the next day; 0 to 86,400 is the whole day.
    ``dates`` (midnights in ns) limits it to those days; empty means every day. The day is the one the window starts on.
    """

    start_ns: int = -FOREVER_NS
    end_ns: int = FOREVER_NS
    days: int = ALL_DAYS
    from_s: int = 0
    to_s: int = _DAY_S
    dates: tuple[int, ...] = ()
    source: str = ""

    def holds(self, t_ns: int) -> bool:
        """Return whether ``t_ns`` lies in the window; the end is outside."""
        if not self.start_ns <= t_ns < self.end_ns:
            return False
        day_ns = day_start_ns(t_ns)
        tod_ns = t_ns - day_ns
        from_ns, to_ns = self.from_s * NS_PER_S, self.to_s * NS_PER_S
        if from_ns < to_ns:
            return from_ns <= tod_ns < to_ns and self._day_counts(day_ns)
        if tod_ns >= from_ns:
            return self._day_counts(day_ns)
        return tod_ns < to_ns and self._day_counts(day_ns - DAY_NS)

    def _day_counts(self, day_ns: int) -> bool:
        if self.dates and day_ns not in self.dates:
            return False
        return bool(self.days >> weekday(day_ns) & 1)


def weekday(t_ns: int) -> int:
    """Return 0 for Monday to 6 for Sunday: 1970-01-01 was a Thursday."""
    return (t_ns // DAY_NS + 3) % 7


def sun_times_s(day_ns: int, lat_deg: float, lon_deg: float) -> tuple[int, int]:
    """Return sunrise and sunset of a day as seconds from its midnight UTC (may be below 0 or above 86,400).

    Sun's centre at -0.833 degrees (refraction and radius). No sunset: (0, 86400); no sunrise: (0, 0).
    Source: Meeus, Astronomical Algorithms, chapter 25 in its low-accuracy form; within a minute below 65 degrees.
    """
    rise = set_ = 43_200.0 - lon_deg * 240.0
    for turn in range(2):  # the second turn takes the sun's place at the event itself
        rise, set_ = (
            _sun_event(day_ns, rise if turn else rise - 21_600.0, lat_deg, lon_deg, -1.0),
            _sun_event(day_ns, set_ if turn else set_ + 21_600.0, lat_deg, lon_deg, 1.0),
        )
        if not (math.isfinite(rise) and math.isfinite(set_)):
            return (0, _DAY_S) if max(rise, set_) == math.inf else (0, 0)
    return round(rise), round(set_)


def _sun_event(day_ns: int, near_s: float, lat_deg: float, lon_deg: float, side: float) -> float:
    t = (day_ns / NS_PER_S + near_s) / _DAY_S - 10_957.5  # days from 2000-01-01 12:00
    mean_lon = math.radians((280.460 + 0.9856474 * t) % 360.0)
    anomaly = math.radians((357.528 + 0.9856003 * t) % 360.0)
    lon = mean_lon + math.radians(1.915 * math.sin(anomaly) + 0.020 * math.sin(2.0 * anomaly))
    tilt = math.radians(23.439 - 4e-7 * t)
    declination = math.asin(math.sin(tilt) * math.sin(lon))
    right_ascension = math.atan2(math.cos(tilt) * math.sin(lon), math.cos(lon))
    equation = (mean_lon - right_ascension + math.pi) % (2.0 * math.pi) - math.pi
    lat = math.radians(lat_deg)
    cosine = (math.sin(math.radians(-0.833)) - math.sin(lat) * math.sin(declination)) / max(
        1e-12, math.cos(lat) * math.cos(declination)
    )
    if cosine < -1.0:
        return math.inf
    if cosine > 1.0:
        return -math.inf
    noon = 43_200.0 - lon_deg * 240.0 - math.degrees(equation) * 240.0
    return noon + side * math.degrees(math.acos(cosine)) * 240.0
