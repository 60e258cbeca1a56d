"""Windows of time: dates, weekdays and times of day, all UTC, as notices, airspace files and site files write them.

``parse_windows`` reads the words of item D of a NOTAM (``MON-FRI 0600-1800``, ``DAILY SR-SS``, ``NOV 27 29-30 H24``).
Times that depend on the sun are worked out for a place: sun's upper edge on a sea horizon.
Source: ICAO Doc 8126, item D; AIXM 5.1.1 Timesheet.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from vigie.terms.units import NS_PER_S
from vigie.terms.utc import DAY_NS, civil_date, civil_ns, day_start_ns

ALL_DAYS: Final = 0b1111111
WEEKDAYS: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
FOREVER_NS: Final = 2**62
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One rule of time: between two instants, on some weekdays, between two times of day.

    ``days`` has bit 0 for Monday. ``to_s`` at or below ``from_s`` runs into the next day; 0 to 86,400 is the whole day.
    ``dates`` (midnights in ns) limits it to those days; empty means every day. The day is the one the window starts on.
    Where ``from_sun`` or ``to_sun`` is SR or SS the seconds are counted from sunrise or sunset.
    """

    start_ns: int = -FOREVER_NS
    end_ns: int = FOREVER_NS
    days: int = ALL_DAYS
    from_s: int = 0
    to_s: int = _DAY_S
    dates: tuple[int, ...] = ()
    from_sun: str = ""
    to_sun: str = ""
    source: str = ""

    def holds(self, t_ns: int, lat_deg: float = 0.0, lon_deg: float = 0.0) -> bool:
        """Return whether ``t_ns`` lies in the window, seen from a place; the end is outside."""
        if not self.start_ns <= t_ns < self.end_ns:
            return False
        day_ns = day_start_ns(t_ns)
        if self.from_sun or self.to_sun:
            # The day's light may begin before midnight UTC or end after it: the days beside count too.
            return any(self._light_holds(t_ns, day_ns + i * DAY_NS, lat_deg, lon_deg) for i in (-1, 0, 1))
        tod_ns = t_ns - day_ns
        from_ns, to_ns = self.from_s * NS_PER_S, self.to_s * NS_PER_S
        if from_ns < to_ns:
            return from_ns <= tod_ns < to_ns and self._day_counts(day_ns)
        if tod_ns >= from_ns:
            return self._day_counts(day_ns)
        return tod_ns < to_ns and self._day_counts(day_ns - DAY_NS)

    def _light_holds(self, t_ns: int, day_ns: int, lat_deg: float, lon_deg: float) -> bool:
        if not self._day_counts(day_ns):
            return False
        sun = dict(zip(("SR", "SS"), sun_times_s(day_ns, lat_deg, lon_deg), strict=True))
        from_s = self.from_s + sun.get(self.from_sun, 0)
        to_s = self.to_s + sun.get(self.to_sun, 0)
        to_s += _DAY_S if to_s <= from_s else 0
        return from_s * NS_PER_S <= t_ns - day_ns < to_s * NS_PER_S

    def _day_counts(self, day_ns: int) -> bool:
        if self.dates and day_ns not in self.dates:
            return False
        return bool(self.days >> weekday(day_ns) & 1)


def parse_windows(
    text: str, *, start_ns: int = -FOREVER_NS, end_ns: int = FOREVER_NS, source: str = ""
) -> tuple[Window, ...]:
    """Return the windows that schedule words say, within two instants; ValueError names the word that is not one.

    Understood, in any order a person would use: DAILY, H24, HJ and HN (day, night), weekdays and their ranges, dates
    as ``NOV 27``, ``27 29-30``, ``2026-11-27``, times ``0600-1800``, ``SR-SS``, ``SR MINUS30-SS PLUS30``, EXC and days.
    A date without a month is of the month named before, else of ``start_ns``. Groups are set apart by comma or AND.
    """
    reader = _Schedule(start_ns, end_ns, source)
    plain = " ".join(text.upper().replace(",", " , ").replace("/", " , ").split())
    words = re.sub(r" ?- ?", "-", plain)
    words = re.sub(r"\b(SR|SS) (PLUS|MINUS) ?(\d+)", r"\1\2\3", words)
    for word in words.split():
        reader.read(word)
    return reader.finish()


class _Schedule:
    """Collects days and times word by word; a day word after a time begins the next group."""

    def __init__(self, start_ns: int, end_ns: int, source: str) -> None:
        self._bounds = {"start_ns": start_ns, "end_ns": end_ns, "source": source}
        first = start_ns if start_ns > -FOREVER_NS else 0
        self._year, self._month, _ = civil_date(first)
        self._dated = start_ns > -FOREVER_NS
        self._found: list[Window] = []
        self._begin()

    def _begin(self) -> None:
        self._days = 0
        self._except = 0
        self._in_except = False
        self._dates: list[int] = []
        self._times: list[tuple[str, int, str, int]] = []

    def read(self, word: str) -> None:
        if word in (",", "AND", "EVERY", "UTC", "EXCEPT", "EXC"):
            self._in_except = word.startswith("EXC")
            return
        times = _clock_range(word)
        if times is not None:
            self._times.append(times)
            return
        if self._times and not self._in_except:
            self._close()
        if word in ("DAILY", "DLY"):
            self._days |= ALL_DAYS
        elif _weekdays(word):
            if self._in_except:
                self._except |= _weekdays(word)
            else:
                self._days |= _weekdays(word)
        elif word in MONTHS:
            month = MONTHS.index(word) + 1
            if self._dated and month < self._month and self._month - month > 6:
                self._year += 1
            self._month = month
        else:
            self._dates += self._dates_of(word)

    def _dates_of(self, word: str) -> list[int]:
        iso = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", word)
        if iso:
            found = [civil_ns(*(int(g) for g in iso.groups()))]
        else:
            days = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", word)
            if not days or not self._dated:
                raise ValueError(f"{word!r} is no day and no time")
            last = int(days.group(2) or days.group(1))
            found = [civil_ns(self._year, self._month, d) for d in range(int(days.group(1)), last + 1)]
        if not found or None in found:
            raise ValueError(f"{word!r} is a date that does not exist")
        return [day for day in found if day is not None]

    def _close(self) -> None:
        days = (self._days or ALL_DAYS) & ~self._except
        for from_sun, from_s, to_sun, to_s in self._times or [("", 0, "", _DAY_S)]:
            self._found.append(
                Window(days=days, dates=tuple(self._dates), from_sun=from_sun, from_s=from_s, to_sun=to_sun, to_s=to_s,
                       **self._bounds)  # type: ignore[arg-type]
            )  # fmt: skip
        self._begin()

    def finish(self) -> tuple[Window, ...]:
        if self._times or self._days or self._dates or self._except or not self._found:
            self._close()
        return tuple(self._found)


MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WORDS: Final = {"H24": ("", 0, "", _DAY_S), "HJ": ("SR", 0, "SS", 0), "HN": ("SS", 0, "SR", 0)}


def _clock_range(word: str) -> tuple[str, int, str, int] | None:
    """Return (from sun, from s, to sun, to s) of 0600-1800 or SRMINUS30-SS; None if it is no such word."""
    if word in _WORDS:
        return _WORDS[word]
    first, dash, last = word.partition("-")
    ends = (_clock(first), _clock(last))
    if not dash or ends[0] is None or ends[1] is None:
        return None
    return (*ends[0], *ends[1])


def _clock(text: str) -> tuple[str, int] | None:
    clock = re.fullmatch(r"(\d\d):?(\d\d)", text)
    if clock:
        hour, minute = int(clock.group(1)), int(clock.group(2))
        good = (hour < 24 and minute < 60) or (hour == 24 and minute == 0)
        return ("", (hour * 60 + minute) * 60) if good else None
    sun = re.fullmatch(r"(SR|SS)(?:(PLUS|MINUS|\+)(\d{1,3}))?", text)
    if not sun:
        return None
    return sun.group(1), int(sun.group(3) or 0) * (-60 if sun.group(2) == "MINUS" else 60)


def _weekdays(word: str) -> int:
    """Return the bits of MON, MON-FRI (also over Sunday); 0 for any other word."""
    if word == "WEEKDAYS":
        return 0b0011111
    first, dash, last = word.partition("-")
    first, last = first[:3] if first.endswith("DAY") else first, last[:3] if last.endswith("DAY") else last
    if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
        return 0
    start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    return sum(1 << (start + i) % 7 for i in range((end - start) % 7 + 1))


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
