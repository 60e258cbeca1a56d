"""A plot of an evaluation drawn into a PDF: the shapes that the page shows as SVG."""

from __future__ import annotations

from typing import Final

from reportlab.graphics.shapes import Circle, Drawing, Ellipse, Group, PolyLine, Rect, String
from reportlab.lib.colors import Color, HexColor, toColor

from vigie.evaluate.shapes import GRID, Bar, Dots, Label, Oval, Picture, Shape, Stroke

_INK: Final = HexColor("#444444")
_GRID: Final = HexColor("#e4e4e4")
_FONT_POINTS: Final = 12.0


def plot(picture: Picture, width: float, fonts: tuple[str, str]) -> Drawing:
    """Return a drawing ``width`` points wide; ``fonts`` are the registered names of a regular and a bold font."""
    scale = width / picture.width
    drawing = Drawing(width, picture.height * scale)
    group = Group(transform=(scale, 0, 0, scale, 0, 0))
    for shape in picture.shapes:
        _draw(group, shape, picture.height, fonts)
    drawing.add(group)
    return drawing


def _draw(group: Group, s: Shape, height: float, fonts: tuple[str, str]) -> None:
    """Add a shape; a PDF counts y upwards."""
    if isinstance(s, Stroke):
        colour = _GRID if s.colour == GRID else HexColor(s.colour)
        points = [round(v, 1) for x, y in s.points for v in (x, height - y)]
        faint = Color(colour.red, colour.green, colour.blue, alpha=s.opacity)
        # Of a line of one point nothing would be seen, and a polyline needs two.
        points = points if len(points) > 2 else [*points, points[0] + 0.1, points[1]]
        group.add(PolyLine(points, strokeColor=faint, strokeWidth=s.width))
    elif isinstance(s, Bar):
        group.add(Rect(s.x, height - s.y - s.height, s.width, s.height, fillColor=HexColor(s.colour), strokeColor=None))
    elif isinstance(s, Dots):
        colour = HexColor(s.colour)
        for x, y in s.points:
            group.add(Circle(round(x, 1), round(height - y, 1), s.radius, fillColor=colour if s.filled else None,
                             strokeColor=None if s.filled else colour))  # fmt: skip
    elif isinstance(s, Oval):
        turned = Group(transform=(1, 0, 0, 1, s.x, height - s.y))
        turned.rotate(-s.turn_deg)
        turned.add(Ellipse(0, 0, s.long, s.short, fillColor=None, strokeColor=HexColor(s.colour), strokeOpacity=0.5))
        group.add(turned)
    elif isinstance(s, Label):
        group.add(String(s.x, height - s.y, s.text, textAnchor=s.anchor, fontName=fonts[s.strong],
                         fontSize=_FONT_POINTS * 0.92, fillColor=toColor(s.colour) if s.colour else _INK))  # fmt: skip
