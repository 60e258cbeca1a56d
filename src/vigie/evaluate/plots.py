"""Plots as plain SVG text: lines over time, bars of a distribution, and a map of one target and its tracks.

Numbers go in, text goes out; no library draws. Every text that comes from data is escaped by whoever passes it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np

from vigie.earth.wgs84 import radii
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

    def __init__(self, low_x: float, high_x: float, low_y: float, high_y: float, height: int, width: int) -> None:
        self.low_x, self.low_y = low_x, low_y
        self.width, self.height = width, height
        self.scale_x = (width - _LEFT - _RIGHT) / max(high_x - low_x, 1e-12)
        self.scale_y = (height - _TOP - _BOTTOM) / max(high_y - low_y, 1e-12)
        self.high_x, self.high_y = high_x, high_y

    def x(self, value: float) -> float:
        return _LEFT + (value - self.low_x) * self.scale_x

    def y(self, value: float) -> float:
        return self.height - _BOTTOM - (value - self.low_y) * self.scale_y

    def axes(self, title: str, name_x: str) -> list[str]:
        parts = [f'<text x="{_LEFT}" y="16" class="t">{escape(title)}</text>']
        for v in ticks(self.low_x, self.high_x):
            parts.append(f'<line x1="{self.x(v):.1f}" y1="{_TOP}" x2="{self.x(v):.1f}" y2="{self.height - _BOTTOM}"/>')
            parts.append(f'<text x="{self.x(v):.1f}" y="{self.height - 20}" class="m">{_label(v)}</text>')
        for v in ticks(self.low_y, self.high_y, 5):
            parts.append(f'<line x1="{_LEFT}" y1="{self.y(v):.1f}" x2="{self.width - _RIGHT}" y2="{self.y(v):.1f}"/>')
            parts.append(f'<text x="{_LEFT - 6}" y="{self.y(v) + 4:.1f}" class="e">{_label(v)}</text>')
        parts.append(f'<text x="{self.width - _RIGHT}" y="{self.height - 6}" class="e">{escape(name_x)}</text>')
        return parts

    def path(self, x: Floats, y: Floats) -> str:
        """Return a path; long lines are thinned to what a screen can show, by the largest of each stretch."""
        if len(x) > _MOST_POINTS:
            size = -(-len(x) // _MOST_POINTS)
            cut = len(x) // size * size
            blocks = np.where(np.isnan(y[:cut]), -np.inf, y[:cut]).reshape(-1, size)
            keep = np.arange(0, cut, size) + blocks.argmax(axis=1)
            x, y = x[keep], y[keep]
        parts, pen = [], "M"
        for a, b in zip(x.tolist(), y.tolist(), strict=True):
            if math.isfinite(b):
                parts.append(f"{pen}{self.x(a):.1f} {self.y(b):.1f}")
                pen = "L"
            else:
                pen = "M"
        return "".join(parts)


def _svg(parts: list[str], height: int, title: str, width: int = _WIDTH) -> str:
    body = "".join(parts)
    head = f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}" class="plot"'
    return f'{head} xmlns="http://www.w3.org/2000/svg">{body}</svg>'


def lines_plot(title: str, lines: list[Line], name_x: str, *, height: int = 200) -> str:
    """Return lines over a common axis from zero up."""
    shown = [line for line in lines if len(line.x) and np.isfinite(line.y).any()]
    if not shown:
        return ""
    low_x, high_x = min(float(line.x.min()) for line in shown), max(float(line.x.max()) for line in shown)
    high_y = max(float(np.nanmax(line.y)) for line in shown)
    frame = _Frame(low_x, high_x if high_x > low_x else low_x + 1.0, 0.0, high_y * 1.05 or 1.0, height, _WIDTH)
    parts = frame.axes(title, name_x)
    place = float(_WIDTH - _RIGHT)
    for line in reversed(shown):
        parts.append(f'<path d="{frame.path(line.x, line.y)}" fill="none" stroke="{line.colour}" stroke-width="1.4"/>')
        parts.append(f'<text x="{place:.0f}" y="16" class="e" fill="{line.colour}">{escape(line.name)}</text>')
        place -= 8.0 * (len(line.name) + 2)
    return _svg(parts, height, title)


def bars_plot(title: str, values: Floats, name_x: str, marks: dict[str, float], *, height: int = 200) -> str:
    """Return the distribution of values, with named upright lines; the highest hundredth stands in the last bar."""
    known = values[np.isfinite(values)]
    if len(known) == 0:
        return ""
    top = float(np.quantile(known, 0.99)) or 1.0
    counts, edges = np.histogram(np.minimum(known, top), bins=min(60, max(8, len(known) // 4)), range=(0.0, top))
    frame = _Frame(0.0, top, 0.0, float(counts.max()) * 1.1, height, _WIDTH)
    parts = frame.axes(title, name_x)
    for count, low, high in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        y = frame.y(count)
        parts.append(
            f'<rect x="{frame.x(low):.1f}" y="{y:.1f}" width="{max(frame.x(high) - frame.x(low) - 1, 0.5):.1f}" '
            f'height="{frame.y(0.0) - y:.1f}" fill="{COLOURS[0]}"/>'
        )
    for k, (name, value) in enumerate(marks.items()):
        if 0.0 <= value <= top:
            x = frame.x(value)
            parts.append(f'<path d="M{x:.1f} {_TOP}V{height - _BOTTOM}" stroke="{COLOURS[1]}" fill="none"/>')
            parts.append(f'<text x="{x + 4:.1f}" y="{_TOP + 12 + 14 * k}" fill="{COLOURS[1]}">{escape(name)}</text>')
    return _svg(parts, height, title)


def map_plot(
    title: str, path: Floats, missed: Floats, tracks: list[tuple[str, str, Floats, Floats, Floats]], name_x: str
) -> str:
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
    frame = _Frame(-half_x, half_x, -half_y, half_y, height, _WIDTH)
    parts = frame.axes(title, name_x)
    parts.append(f'<path d="{frame.path(x, y)}" fill="none" class="truth"/>')
    for name, colour, own, beside, ellipses in tracks:
        if len(ellipses):
            ex, ey = km(ellipses[:, :2])
            for a, b, (major, minor, orient) in zip(ex.tolist(), ey.tolist(), ellipses[:, 2:].tolist(), strict=True):
                turn = f"rotate({math.degrees(orient) - 90.0:.1f} {frame.x(a):.1f} {frame.y(b):.1f})"
                parts.append(
                    f'<ellipse cx="{frame.x(a):.1f}" cy="{frame.y(b):.1f}" rx="{major * per_km / 1000:.1f}" '
                    f'ry="{minor * per_km / 1000:.1f}" transform="{turn}" '
                    f'fill="none" stroke="{colour}" opacity=".5"/>'
                )
        if len(own):
            marks = zip(*(v.tolist() for v in km(own)), strict=True)
            dots = "".join(f"M{frame.x(a):.1f} {frame.y(b):.1f}h0" for a, b in marks)
            title_tag = f"<title>{escape(name)}</title>"
            parts.append(
                f'<path d="{dots}" stroke="{colour}" stroke-width="3.4" stroke-linecap="round">{title_tag}</path>'
            )
        if len(beside):
            for a, b in zip(*(v.tolist() for v in km(beside)), strict=True):
                parts.append(
                    f'<circle cx="{frame.x(a):.1f}" cy="{frame.y(b):.1f}" r="3" fill="none" stroke="{colour}"/>'
                )
    if len(missed):
        for a, b in zip(*(v.tolist() for v in km(missed)), strict=True):
            at_x, at_y = frame.x(a), frame.y(b)
            parts.append(f'<path d="M{at_x - 3:.1f} {at_y - 3:.1f}l6 6m0 -6l-6 6" class="miss"/>')
    return _svg(parts, height, title)
