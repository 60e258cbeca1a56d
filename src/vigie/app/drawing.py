"""Maps of tracks as SVG: no library, opens in any browser, goes into reports and packages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

import numpy as np

from vigie.airspace.aerodromes import Aerodrome
from vigie.history.formats import by_track, label_of
from vigie.sensors.site import Site
from vigie.terms.tables import Rows

_COLOURS: Final = ("#0b5fa5", "#b1481e", "#2f7d32", "#7b3fa0", "#8a6d00", "#006d77", "#a01f4b", "#455a64")
Box = tuple[float, float, float, float]


def box_of(rows: Rows, margin: float = 0.08) -> Box:
    """Return south, west, north, east around rows, with a margin."""
    lat, lon = rows["lat_deg"][np.isfinite(rows["lat_deg"])], rows["lon_deg"][np.isfinite(rows["lon_deg"])]
    if not len(lat):
        return (-1.0, -1.0, 1.0, 1.0)
    high, wide = max(float(np.ptp(lat)), 0.2) * margin, max(float(np.ptp(lon)), 0.2) * margin
    return float(lat.min()) - high, float(lon.min()) - wide, float(lat.max()) + high, float(lon.max()) + wide


class Frame:
    """Degrees to picture coordinates: a plate carree true to scale at the middle latitude."""

    def __init__(self, box: Box, width: int, height: int) -> None:
        self.box, self.width, self.height = box, width, height
        south, west, north, east = box
        self._squeeze = math.cos(math.radians((south + north) / 2))
        self._scale = min(width / ((east - west) * self._squeeze), height / (north - south))

    def at(self, lat_deg: float, lon_deg: float) -> tuple[float, float]:
        """Return x to the right and y down."""
        south, west, north, east = self.box
        x = self.width / 2 + (lon_deg - (west + east) / 2) * self._squeeze * self._scale
        return x, self.height / 2 - (lat_deg - (south + north) / 2) * self._scale

    def grid(self) -> tuple[list[float], list[float]]:
        """Return latitudes and longitudes of a grid of whole steps."""
        south, west, north, east = self.box
        span = max(north - south, east - west)
        step = next(s for s in (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0) if span / s <= 8 or s == 30.0)
        return _steps(south, north, step), _steps(west, east, step)


def _steps(low: float, high: float, step: float) -> list[float]:
    return [round(i * step, 4) for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def map_svg(rows: Rows, site: Site, aerodromes: Sequence[Aerodrome], *, title: str, box: Box | None = None,
            width: int = 900, height: int = 640) -> str:  # fmt: skip
    """Return a map of tracks with their labels, the sensors and the aerodromes."""
    frame = Frame(box or box_of(rows), width, height)
    south, west, north, east = frame.box
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#fbfaf5"/>',
    ]
    lats, lons = frame.grid()
    for lat in lats:
        x0, y0 = frame.at(lat, west)
        x1, y1 = frame.at(lat, east)
        parts.append(f'<path d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}" stroke="#d8d4c4"/>')
        parts.append(f'<text x="4" y="{y0 - 2:.1f}" fill="#777">{lat:g}</text>')
    for lon in lons:
        x0, y0 = frame.at(south, lon)
        x1, y1 = frame.at(north, lon)
        parts.append(f'<path d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}" stroke="#d8d4c4"/>')
        parts.append(f'<text x="{x0 + 2:.1f}" y="{height - 4}" fill="#777">{lon:g}</text>')
    for place in aerodromes:
        if south <= place.lat_deg <= north and west <= place.lon_deg <= east:
            x, y = frame.at(place.lat_deg, place.lon_deg)
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="none" stroke="#333"/>')
            parts.append(f'<text x="{x + 6:.1f}" y="{y + 12:.1f}" fill="#333">{escape(place.icao)}</text>')
    for sensor in site.sensors:
        x, y = frame.at(sensor.lat_deg, sensor.lon_deg)
        parts.append(f'<path d="M{x - 5:.1f} {y + 4:.1f}h10l-5 -9z" fill="#333"/>')
    for i, (track_no, part) in enumerate(by_track(rows)):
        colour = _COLOURS[i % len(_COLOURS)]
        step = max(1, len(part) // 800)
        kept = np.concatenate([part[::step], part[-1:]])
        line = " ".join(
            f"{x:.1f},{y:.1f}" for x, y in (frame.at(float(r["lat_deg"]), float(r["lon_deg"])) for r in kept)
        )
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.4"/>')
        x, y = frame.at(float(part["lat_deg"][-1]), float(part["lon_deg"][-1]))
        label = label_of(part)
        text = label["callsign"] or label["icao24"] or label["mode3a"] or f"#{track_no}"
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
        parts.append(f'<text x="{x + 5:.1f}" y="{y - 4:.1f}" fill="{colour}">{escape(text)}</text>')
    parts.append(f'<text x="8" y="18" font-size="14" fill="#111">{escape(title)}</text></svg>')
    return "\n".join(parts) + "\n"
