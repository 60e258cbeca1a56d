"""Plots: lines over time, bars of a distribution, and a map of one target and its tracks.

Numbers go in, a ``Picture`` of plain shapes comes out, None where there is nothing to draw.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.earth.wgs84 import radii
from vigie.evaluate.shapes import GRID, Bar, Dots, Label, Oval, Picture, Points, Shape, Stroke
from vigie.evaluate.truth import Floats

_WIDTH: Final = 860
_LEFT: Final = 64
_RIGHT: Final = 12
_TOP: Final = 26
_BOTTOM: Final = 34
COLOURS: Final = ("#1f77b4", "#d95f02", "#1b9e77", "#7570b3", "#e7298a", "#a6761d", "#66a61e", "#666666")
_MOST_POINTS: Final = 1600


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a plot; NaN breaks it."""

    name: str
    x: Floats
    y: Floats
    colour: str


def ticks(low: float, high: float, about: int = 6) -> list[float]:
    """Return round numbers from ``low`` to ``high``."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return []
    raw = (high - low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= raw)
    first = math.ceil(low / step)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


def _label(value: float) -> str:
    return f"{value:.6g}"


class _Frame:
    """The axes of one plot: data to picture points."""

    def __init__(self, low_x: float, high_x: float, low_y: float, high_y: float, height: int) -> None:
        self.low_x, self.low_y = low_x, low_y
        self.height = height
        self.scale_x = (_WIDTH - _LEFT - _RIGHT) / max(high_x - low_x, 1e-12)
        self.scale_y = (height - _TOP - _BOTTOM) / max(high_y - low_y, 1e-12)
        self.high_x, self.high_y = high_x, high_y

    def x(self, value: float) -> float:
        return _LEFT + (value - self.low_x) * self.scale_x

    def y(self, value: float) -> float:
        return self.height - _BOTTOM - (value - self.low_y) * self.scale_y

    def axes(self, title: str, name_x: str) -> list[Shape]:
        low, right = self.height - _BOTTOM, _WIDTH - _RIGHT
        parts: list[Shape] = [Label(_LEFT, 16, title, strong=True)]
        for v in ticks(self.low_x, self.high_x):
            x = self.x(v)
            parts += [Stroke(((x, _TOP), (x, low)), GRID), Label(x, self.height - 20, _label(v), "middle")]
        for v in ticks(self.low_y, self.high_y, 5):
            y = self.y(v)
            parts += [Stroke(((_LEFT, y), (right, y)), GRID), Label(_LEFT - 6, y + 4, _label(v), "end")]
        return [*parts, Label(right, self.height - 6, name_x, "end")]

    def points(self, x: Floats, y: Floats) -> Points:
        return tuple((self.x(a), self.y(b)) for a, b in zip(x.tolist(), y.tolist(), strict=True))

    def strokes(self, x: Floats, y: Floats, colour: str, width: float = 1.4, opacity: float = 1.0) -> list[Shape]:
        """Return the line in its pieces; long ones are thinned to what a screen shows, by each stretch's largest."""
        if len(x) > _MOST_POINTS:
            size = -(-len(x) // _MOST_POINTS)
            cut = len(x) // size * size
            blocks = np.where(np.isnan(y[:cut]), -np.inf, y[:cut]).reshape(-1, size)
            keep = np.arange(0, cut, size) + blocks.argmax(axis=1)
            x, y = x[keep], y[keep]
        known = np.isfinite(y)
        ends = np.flatnonzero(np.diff(np.r_[False, known, False].astype(np.int8))).reshape(-1, 2)
        return [Stroke(self.points(x[a:b], y[a:b]), colour, width, opacity) for a, b in ends.tolist()]


def lines_plot(title: str, lines: list[Line], name_x: str, *, height: int = 200) -> Picture | None:
    """Return lines over a common axis from zero up."""
    shown = [line for line in lines if len(line.x) and np.isfinite(line.y).any()]
    if not shown:
        return None
    low_x, high_x = min(float(line.x.min()) for line in shown), max(float(line.x.max()) for line in shown)
    high_y = max(float(np.nanmax(line.y)) for line in shown)
    frame = _Frame(low_x, high_x if high_x > low_x else low_x + 1.0, 0.0, high_y * 1.05 or 1.0, height)
    parts = frame.axes(title, name_x)
    place = float(_WIDTH - _RIGHT)
    for line in reversed(shown):
        parts += [*frame.strokes(line.x, line.y, line.colour), Label(place, 16, line.name, "end", line.colour)]
        place -= 8.0 * (len(line.name) + 2)
    return Picture(title, _WIDTH, height, tuple(parts))


def bars_plot(title: str, values: Floats, name_x: str, marks: dict[str, float], *, height: int = 200) -> Picture | None:
    """Return the distribution of values, with named upright lines; the highest hundredth stands in the last bar."""
    known = values[np.isfinite(values)]
    if len(known) == 0:
        return None
    top = float(np.quantile(known, 0.99)) or 1.0
    counts, edges = np.histogram(np.minimum(known, top), bins=min(60, max(8, len(known) // 4)), range=(0.0, top))
    frame = _Frame(0.0, top, 0.0, float(counts.max()) * 1.1, height)
    parts = frame.axes(title, name_x)
    for count, low, high in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        x, y = frame.x(low), frame.y(count)
        parts.append(Bar(x, y, max(frame.x(high) - x - 1, 0.5), frame.y(0.0) - y, COLOURS[0]))
    for k, (name, value) in enumerate(marks.items()):
        if 0.0 <= value <= top:
            x = frame.x(value)
            parts.append(Stroke(((x, _TOP), (x, height - _BOTTOM)), COLOURS[1], 1.0))
            parts.append(Label(x + 4, _TOP + 12 + 14 * k, name, colour=COLOURS[1]))
    return Picture(title, _WIDTH, height, tuple(parts))


def map_plot(
    title: str, path: Floats, missed: Floats, tracks: list[tuple[str, str, Floats, Floats, Floats]], name_x: str
) -> Picture:
    """Return a map, east and north in kilometres of the path's middle.

    ``path`` and ``missed`` are latitude and longitude (rad), shape (n, 2). Each track is (name, colour, its places
    where it was the target's, its places where it stood beside, ellipses (lat, lon, major, minor, orientation)).
    """
    lat0 = float((path[:, 0].min() + path[:, 0].max()) / 2)
    lon0 = float((path[:, 1].min() + path[:, 1].max()) / 2)
    m, p = radii(lat0)
    p *= math.cos(lat0)

    def km(places: Floats) -> tuple[Floats, Floats]:
        lon = (places[:, 1] - lon0 + math.pi) % (2 * math.pi) - math.pi
        return lon * p / 1000.0, (places[:, 0] - lat0) * m / 1000.0

    x, y = km(path)
    half_x, half_y = max(float(np.ptp(x)) / 2, 1.0) * 1.08, max(float(np.ptp(y)) / 2, 1.0) * 1.08
    inner = _WIDTH - _LEFT - _RIGHT
    height = int(min(720, max(260, inner * half_y / half_x + _TOP + _BOTTOM)))
    per_km = min(inner / (2 * half_x), (height - _TOP - _BOTTOM) / (2 * half_y))
    half_x, half_y = inner / (2 * per_km), (height - _TOP - _BOTTOM) / (2 * per_km)
    frame = _Frame(-half_x, half_x, -half_y, half_y, height)
    parts = frame.axes(title, name_x)
    parts += frame.strokes(x, y, "#999999", 5.0, 0.45)
    for name, colour, own, beside, ellipses in tracks:
        places = frame.points(*km(ellipses[:, :2]))
        for (a, b), (major, minor, orient) in zip(places, ellipses[:, 2:].tolist(), strict=True):
            turn_deg = math.degrees(orient) - 90.0
            parts.append(Oval(a, b, major * per_km / 1000, minor * per_km / 1000, turn_deg, colour))
        if len(own):
            parts.append(Dots(frame.points(*km(own)), colour, 1.7, name=name))
        if len(beside):
            parts.append(Dots(frame.points(*km(beside)), colour, 3.0, filled=False))
    for a, b in frame.points(*km(missed)) if len(missed) else ():
        parts.append(Stroke(((a - 3, b - 3), (a + 3, b + 3)), "#cc0000", 1.0))
        parts.append(Stroke(((a - 3, b + 3), (a + 3, b - 3)), "#cc0000", 1.0))
    return Picture(title, _WIDTH, height, tuple(parts))
