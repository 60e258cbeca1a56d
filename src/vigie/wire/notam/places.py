"""Places in words: coordinates, radii, outlines and levels as item E of a NOTAM writes them.

Source: ICAO Annex 15, appendix 3; the OPADD (EUROCONTROL) recommends the forms.
"""

from __future__ import annotations

import re
from typing import Final

from vigie.terms.units import M_PER_FT, M_PER_NMI

Point = tuple[float, float]
"""Longitude and latitude in degrees."""

_PART: Final = r"(?:(\d{6}(?:\.\d+)?|\d{4}(?:\.\d+)?)\s*([NS])|([NS])\s*(\d{6}(?:\.\d+)?|\d{4}(?:\.\d+)?))"
_LON: Final = r"(?:(\d{7}(?:\.\d+)?|\d{5}(?:\.\d+)?)\s*([EW])|([EW])\s*(\d{7}(?:\.\d+)?|\d{5}(?:\.\d+)?))"
_POINT: Final = re.compile(_PART + r"[\s,/]*" + _LON)
_RADIUS: Final = re.compile(
    r"(?:RADIUS|RADII|CIRCLE|RAD|R[=:])\D{0,20}?(\d{1,4}(?:[.,]\d+)?)\s*(NM|KM|M|FT)\b"
    r"|(\d{1,4}(?:[.,]\d+)?)\s*(NM|KM|M)\s*(?:RADIUS|RAD\b|CIRCLE|EITHER SIDE|AROUND|CENTRED|CENTERED)"
    r"|WITHIN\s+(\d{1,4}(?:[.,]\d+)?)\s*(NM|KM|M)\b"
)
_METRES: Final = {"NM": M_PER_NMI, "KM": 1000.0, "M": 1.0, "FT": M_PER_FT}
_AREA: Final = re.compile(r"\b((?:[A-Z]{2}[-/ ]?)?(?:[PRD]|TSA|TRA|MOA|CTR|TMA|ATZ|ADIZ|CTA)[- ]?\d{1,4}[A-Z]?)\b")


def points_in(text: str) -> list[Point]:
    """Return every coordinate pair of a text, in order, as (longitude, latitude)."""
    found = []
    for match in _POINT.finditer(text):
        g = match.groups()
        lat = degrees(g[0] or g[3], 2)
        lon = degrees(g[4] or g[7], 3)
        if lat is None or lon is None or lat > 90.0 or lon > 180.0:
            continue
        found.append((-lon if (g[5] or g[6]) == "W" else lon, -lat if (g[1] or g[2]) == "S" else lat))
    return found


def degrees(digits: str, whole: int) -> float | None:
    """Return degrees of ``DDMM[.m]`` or ``DDMMSS[.s]``, with ``whole`` digits of degrees; None where 60 is passed."""
    plain, dot, part = digits.partition(".")
    fraction = float("0." + part) if dot else 0.0
    minutes = int(plain[whole : whole + 2])
    seconds = int(plain[whole + 2 : whole + 4] or 0)
    if minutes > 59 or seconds > 59:
        return None
    if len(plain) > whole + 2:
        seconds_f, minutes_f = seconds + fraction, float(minutes)
    else:
        seconds_f, minutes_f = 0.0, minutes + fraction
    return int(plain[:whole]) + minutes_f / 60.0 + seconds_f / 3600.0


def radius_in(text: str) -> float | None:
    """Return the first radius that a text says, in metres; None where it says none."""
    match = _RADIUS.search(text)
    if not match:
        return None
    value, unit = next((match.group(i), match.group(i + 1)) for i in (1, 3, 5) if match.group(i))
    metres = float(value.replace(",", ".")) * _METRES[unit]
    return metres if 0.0 < metres <= 2_000_000.0 else None


def areas_in(text: str) -> tuple[str, ...]:
    """Return designators of areas that a text names (R12, DRP-4, EBTRA 5), each once, in order."""
    return tuple(dict.fromkeys(m.group(1) for m in _AREA.finditer(text)))


def outline_in(text: str) -> tuple[tuple[tuple[Point, ...], ...], tuple[float, float, float] | None]:
    """Return (rings, circle) of a text: three points or more bound an outline, one point with a radius is a circle."""
    points = points_in(text)
    radius_m = radius_in(text)
    if radius_m is not None and len(points) in (1, 2):
        return (), (*points[0], radius_m)
    if len(points) >= 3:
        # An outline that is closed by repeating its first point may be followed by a second one.
        rings: list[tuple[Point, ...]] = []
        ring: list[Point] = []
        for point in points:
            ring.append(point)
            if len(ring) > 3 and point == ring[0]:
                rings.append(tuple(ring[:-1]))
                ring = []
        if len(ring) >= 3:
            rings.append(tuple(ring))
        return tuple(rings), None
    return (), None
