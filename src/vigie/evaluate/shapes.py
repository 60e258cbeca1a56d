"""What a plot is made of, as plain shapes: written out as SVG here, drawn into a PDF by whoever makes one.

Coordinates are picture points, x to the right and y down. A colour of ``""`` is the reader's own: dark on a light page.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Final, Literal

Points = tuple[tuple[float, float], ...]
Anchor = Literal["start", "middle", "end"]
GRID: Final = "grid"
"""The colour of the lines of a grid, which a page chooses by its own ground."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points."""

    points: Points
    colour: str
    width: float = 1.4
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A filled rectangle; x and y are its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class Dots:
    """Filled points, or rings, that share a colour; ``name`` is told when a reader points at them."""

    points: Points
    colour: str
    radius: float
    filled: bool = True
    name: str = ""


@dataclass(frozen=True, slots=True)
class Oval:
    """The outline of an ellipse; ``turn_deg`` is the angle of its long axis from x, clockwise as seen."""

    x: float
    y: float
    long: float
    short: float
    turn_deg: float
    colour: str


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text on its base line."""

    x: float
    y: float
    text: str
    anchor: Anchor = "start"
    colour: str = ""
    strong: bool = False


Shape = Stroke | Bar | Dots | Oval | Label


@dataclass(frozen=True, slots=True)
class Picture:
    """A plot: its name in words, its size in points and what is in it, from back to front."""

    title: str
    width: int
    height: int
    shapes: tuple[Shape, ...]


def svg(picture: Picture) -> str:
    """Return the picture as SVG text with the classes that ``page.py`` styles; every text in it is escaped."""
    return (
        f'<svg viewBox="0 0 {picture.width} {picture.height}" role="img" aria-label="{escape(picture.title)}" '
        f'class="plot" xmlns="http://www.w3.org/2000/svg">{"".join(_svg(s) for s in picture.shapes)}</svg>'
    )


def _svg(s: Shape) -> str:
    if isinstance(s, Stroke):
        if s.colour == GRID:
            (x1, y1), (x2, y2) = s.points
            return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
        faint = f' stroke-opacity="{s.opacity:g}"' if s.opacity < 1.0 else ""
        way = "L".join(f"{x:.1f} {y:.1f}" for x, y in s.points)
        return f'<path d="M{way}" fill="none" stroke="{s.colour}" stroke-width="{s.width:g}"{faint}/>'
    if isinstance(s, Bar):
        return f'<rect x="{s.x:.1f}" y="{s.y:.1f}" width="{s.width:.1f}" height="{s.height:.1f}" fill="{s.colour}"/>'
    if isinstance(s, Dots):
        return _dots(s)
    if isinstance(s, Oval):
        return (
            f'<ellipse cx="{s.x:.1f}" cy="{s.y:.1f}" rx="{s.long:.1f}" ry="{s.short:.1f}" '
            f'transform="rotate({s.turn_deg:.1f} {s.x:.1f} {s.y:.1f})" fill="none" stroke="{s.colour}" opacity=".5"/>'
        )
    where = {"start": "", "middle": "m", "end": "e"}[s.anchor]
    names = " ".join(name for name in ("t" if s.strong else "", where) if name)
    marks = (f' class="{names}"' if names else "") + (f' fill="{s.colour}"' if s.colour else "")
    return f'<text x="{s.x:.1f}" y="{s.y:.1f}"{marks}>{escape(s.text)}</text>'


def _dots(s: Dots) -> str:
    if not s.filled:
        return "".join(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{s.radius:g}" fill="none" stroke="{s.colour}"/>' for x, y in s.points
        )
    marks = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in s.points)  # strokes without length: round caps are the dots
    told = f"<title>{escape(s.name)}</title>" if s.name else ""
    return f'<path d="{marks}" stroke="{s.colour}" stroke-width="{2 * s.radius:g}" stroke-linecap="round">{told}</path>'
