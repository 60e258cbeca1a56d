"""Maps of tracks as a list of plain shapes, and those as SVG or PNG; reports draw the same shapes into a PDF."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import numpy as np
import reportlab
from PIL import Image, ImageDraw, ImageFont

from vigie.airspace.aerodromes import Aerodrome
from vigie.airspace.volume import Volume
from vigie.history.formats import by_track, label_of
from vigie.sensors.site import Site
from vigie.terms.tables import Rows

FONT: Final = Path(reportlab.__file__).parent / "fonts/Vera.ttf"
"""Bitstream Vera, which comes with reportlab: it has the letters of French and may be embedded."""
_COLOURS: Final = ("#0b5fa5", "#b1481e", "#2f7d32", "#7b3fa0", "#8a6d00", "#006d77", "#a01f4b", "#455a64")
_MOST_LABELS: Final = 60
_LABEL: Final = (44.0, 16.0)
Box = tuple[float, float, float, float]
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """Points joined by lines."""

    points: Points
    colour: str
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Disc:
    """A circle, filled or an outline."""

    x: float
    y: float
    radius: float
    colour: str
    filled: bool = True


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text, its left end on the base line."""

    x: float
    y: float
    text: str
    colour: str = "#333333"
    size: float = 11.0


Shape = Line | Disc | Text


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
        """Return latitudes and longitudes of a grid of whole steps, over all that the picture shows."""
        south, west, north, east = self.box
        middle_lat, middle_lon = (south + north) / 2, (west + east) / 2
        half_lat = self.height / 2 / self._scale
        half_lon = self.width / 2 / self._scale / self._squeeze
        span = max(2 * half_lat, 2 * half_lon)
        step = next(s for s in (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0) if span / s <= 8 or s == 30.0)
        return (
            _steps(middle_lat - half_lat, middle_lat + half_lat, step),
            _steps(middle_lon - half_lon, middle_lon + half_lon, step),
        )

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies within the picture."""
        return 0 <= x <= self.width and 0 <= y <= self.height


def _steps(low: float, high: float, step: float) -> list[float]:
    return [round(i * step, 4) for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def map_shapes(
    rows: Rows, site: Site, aerodromes: Sequence[Aerodrome], *, box: Box | None = None, width: int = 900,
    height: int = 640, volumes: Iterable[Volume] = (),
) -> list[Shape]:  # fmt: skip
    """Return a map of tracks with their labels, the outlines of volumes, the sensors and the aerodromes."""
    frame = Frame(box or box_of(rows), width, height)
    shapes: list[Shape] = []
    lats, lons = frame.grid()
    for lat in lats:
        _, y = frame.at(lat, lons[0] if lons else 0.0)
        shapes += [
            Line(((0.0, y), (float(width), y)), "#d8d4c4", 0.6),
            Text(4, y - 2, _degrees(lat, "NS"), "#777777", 9),
        ]
    for lon in lons:
        x, _ = frame.at(lats[0] if lats else 0.0, lon)
        shapes.append(Line(((x, 0.0), (x, float(height))), "#d8d4c4", 0.6))
        shapes.append(Text(x + 2, height - 4, _degrees(lon, "EW"), "#777777", 9))
    for volume in volumes:
        for ring in volume.rings:
            points = tuple(frame.at(lat, lon) for lon, lat in (*ring, ring[0]))
            shapes += [Line(part, "#9a8f78", 0.9) for part in _within(frame, points)]
    taken: list[tuple[float, float]] = []
    for place in aerodromes:
        x, y = frame.at(place.lat_deg, place.lon_deg)
        if not frame.holds(x, y) or any(abs(x - u) < _LABEL[0] and abs(y - v) < _LABEL[1] for u, v in taken):
            continue  # where many lie close together the first ones are shown: give those that matter first
        taken.append((x, y))
        shapes += [Disc(x, y, 3, "#6b6b6b", filled=False), Text(x + 6, y + 10, place.icao, "#6b6b6b", 9)]
    for sensor in site.sensors:
        x, y = frame.at(sensor.lat_deg, sensor.lon_deg)
        if frame.holds(x, y):
            shapes.append(Line(((x - 5, y + 4), (x + 5, y + 4), (x, y - 5), (x - 5, y + 4)), "#333333", 1.2))
    return shapes + _tracks(rows, frame)


def _tracks(rows: Rows, frame: Frame) -> list[Shape]:
    shapes: list[Shape] = []
    labels: list[Shape] = []
    parts = list(by_track(rows))
    named = {number for number, _ in sorted(parts, key=lambda p: -len(p[1]))[:_MOST_LABELS]}
    for i, (track_no, part) in enumerate(parts):
        colour = _COLOURS[i % len(_COLOURS)]
        step = max(1, len(part) // 800)
        kept = np.concatenate([part[::step], part[-1:]])
        points = tuple(frame.at(float(r["lat_deg"]), float(r["lon_deg"])) for r in kept)
        shapes += [Line(piece, colour, 1.3) for piece in _within(frame, points)]
        x, y = points[-1]
        if not frame.holds(x, y):
            continue
        shapes.append(Disc(x, y, 2.5, colour))
        if track_no in named:
            label = label_of(part)
            text = label["callsign"] or label["icao24"].upper() or label["mode3a"] or f"#{track_no}"
            labels.append(Text(x + 5, y - 4, text, colour))
    return shapes + labels


def _within(frame: Frame, points: Points) -> list[Points]:
    """Return the runs of points that lie in the picture, with one point beyond on each side cut away."""
    runs: list[Points] = []
    run: list[tuple[float, float]] = []
    for x, y in points:
        if frame.holds(x, y):
            run.append((x, y))
        elif run:
            runs.append(tuple(run))
            run = []
    return [one for one in (*runs, tuple(run)) if len(one) > 1]


def _degrees(value: float, sides: str) -> str:
    return f"{abs(value):g}°{sides[0] if value >= 0 else sides[1]}"


def svg(shapes: Iterable[Shape], width: int, height: int, title: str = "") -> str:
    """Return shapes as an SVG picture."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif">',
        f'<rect width="{width}" height="{height}" fill="#fbfaf5"/>',
    ]
    for s in shapes:
        if isinstance(s, Line):
            line = " ".join(f"{x:.1f},{y:.1f}" for x, y in s.points)
            parts.append(f'<polyline points="{line}" fill="none" stroke="{s.colour}" stroke-width="{s.width:g}"/>')
        elif isinstance(s, Disc):
            paint = f'fill="{s.colour}"' if s.filled else f'fill="none" stroke="{s.colour}"'
            parts.append(f'<circle cx="{s.x:.1f}" cy="{s.y:.1f}" r="{s.radius:g}" {paint}/>')
        else:
            parts.append(f'<text x="{s.x:.1f}" y="{s.y:.1f}" font-size="{s.size:g}" fill="{s.colour}">'
                         f"{escape(s.text)}</text>")  # fmt: skip
    if title:
        parts.append(f'<text x="8" y="18" font-size="14" fill="#111111">{escape(title)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def png(shapes: Iterable[Shape], width: int, height: int, title: str = "") -> bytes:
    """Return shapes as a PNG picture, drawn at twice the size and brought down, so that lines are smooth."""
    image = Image.new("RGB", (2 * width, 2 * height), "#fbfaf5")
    draw = ImageDraw.Draw(image)
    for s in (*shapes, Text(8, 18, title, "#111111", 14)):
        if isinstance(s, Line):
            draw.line([(2 * x, 2 * y) for x, y in s.points], s.colour, max(1, round(2 * s.width)))
        elif isinstance(s, Disc):
            x, y, r = 2 * s.x, 2 * s.y, 2 * s.radius
            around = (x - r, y - r, x + r, y + r)
            draw.ellipse(around, fill=s.colour if s.filled else None, outline=s.colour, width=2)
        else:
            font = ImageFont.truetype(str(FONT), round(2 * s.size))
            draw.text((2 * s.x, 2 * s.y), s.text, fill=s.colour, font=font, anchor="ls")
    out = io.BytesIO()
    image.resize((width, height), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()
