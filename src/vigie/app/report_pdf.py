"""A report as PDF: A4, its own font embedded (letters of French), tables that go on over pages with their heads."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Circle, Drawing, PolyLine, Rect, String
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    CondPageBreak,
    KeepTogether,
    LongTable,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)

from vigie.app.drawing import FONT, Disc, Line
from vigie.app.report import MAP_SIZE, Bars, Block, Grid, Heading, Map, Numbers, Plot, Report, Words
from vigie.app.report_plot import plot

_MM: Final = 72 / 25.4
_SHORT: Final = 12  # a table of so many rows is not parted
_MARGIN: Final = 18 * _MM
_WIDTH: Final = A4[0] - 2 * _MARGIN - 12  # a frame has 6 points within
_INK, _SOFT, _DEEP, _PALE = HexColor("#1c2733"), HexColor("#52616f"), HexColor("#0b3d66"), HexColor("#eef3f7")
_RULE: Final = HexColor("#d5dde4")
_REGULAR, _BOLD = "VigieVera", "VigieVera-Bold"


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(name, fontName=more.pop("font", _REGULAR), fontSize=size, leading=size * 1.36,
                          textColor=more.pop("ink", _INK), **more)  # fmt: skip


_TITLE: Final = _style("title", 19, font=_BOLD, ink=_DEEP, spaceAfter=3)
_SUBTITLE: Final = _style("subtitle", 9.5, ink=_SOFT, spaceAfter=8)
_PART: Final = _style("part", 15, font=_BOLD, ink=_DEEP, spaceAfter=6)
_HEAD: Final = _style("head", 12.5, font=_BOLD, ink=_DEEP, spaceBefore=12, spaceAfter=5)
_SUBHEAD: Final = _style("subhead", 9.5, font=_BOLD, spaceBefore=8, spaceAfter=3)
_BODY: Final = _style("body", 9.2, spaceAfter=3)
_SMALL: Final = _style("small", 7.6, ink=_SOFT, spaceAfter=2)
_CELL: Final = _style("cell", 7.8)
_CELL_RIGHT: Final = _style("cell right", 7.8, alignment=TA_RIGHT)
_CELL_HEAD: Final = _style("cell head", 7.8, font=_BOLD)
_CELL_HEAD_RIGHT: Final = _style("cell head right", 7.8, font=_BOLD, alignment=TA_RIGHT)
_FIGURE: Final = _style("figure", 17, font=_BOLD, ink=_DEEP)
_FIGURE_WORDS: Final = _style("figure words", 7.4, ink=_SOFT)


def pdf(report: Report) -> bytes:
    """Return the report as a PDF file; the same report gives the same octets."""
    pdfmetrics.registerFont(TTFont(_REGULAR, str(FONT)))
    pdfmetrics.registerFont(TTFont(_BOLD, str(FONT.with_name("VeraBd.ttf"))))
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=16 * _MM, bottomMargin=18 * _MM,
        title=f"{report.title} – {report.subtitle}", author=report.footer, lang=report.language, invariant=1,
    )  # fmt: skip

    def foot(canvas: Any, page: Any) -> None:
        canvas.setFont(_REGULAR, 7.2)
        canvas.setFillColor(_SOFT)
        canvas.drawString(_MARGIN + 6, 10 * _MM, report.footer)
        canvas.drawRightString(A4[0] - _MARGIN - 6, 10 * _MM, str(page.page))

    story: list[Any] = [_words(report.title, _TITLE), _words(report.subtitle, _SUBTITLE)]
    for k, block in enumerate(report.blocks):
        if isinstance(block, Heading):
            story.append(CondPageBreak(_height_below(report.blocks[k + 1 : k + 3])))
        story += _block(block)
    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _height_below(blocks: Sequence[Block]) -> float:
    """Return how much of a page must be left below a heading: its picture, or its short table with a word before it."""
    for block in blocks:
        if isinstance(block, Map | Plot):
            wide, high = _size(block)
            return float(_WIDTH * high / wide + 25 * _MM)
        if isinstance(block, Grid) and len(block.rows) <= _SHORT:
            return float((len(block.rows) * 5.5 + 30) * _MM)
        if not isinstance(block, Words):
            break
    return float(30 * _MM)


def _size(block: Map | Plot) -> tuple[int, int]:
    return MAP_SIZE if isinstance(block, Map) else (block.picture.width, block.picture.height)


def _words(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(text), style)


def _block(block: Block) -> list[Any]:
    if isinstance(block, Heading):
        style = {1: _PART, 2: _HEAD}.get(block.level, _SUBHEAD)
        start = [PageBreak()] if block.new_page else []
        return [*start, _words(block.text, style)]
    if isinstance(block, Words):
        return [_words(block.text, _SMALL if block.small else _BODY)]
    if isinstance(block, Numbers):
        return [_numbers(block), Spacer(1, 3 * _MM)]
    if isinstance(block, Grid):
        return [_grid(block), Spacer(1, 2 * _MM)]
    if isinstance(block, Map):
        return [KeepTogether([_map(block), Spacer(1, 1 * _MM), _words(block.caption, _SMALL)])]
    if isinstance(block, Plot):
        return [plot(block.picture, _WIDTH, (_REGULAR, _BOLD)), Spacer(1, 2 * _MM)]
    return [KeepTogether([_bars(block), _words(block.unit, _SMALL)])]


def _numbers(block: Numbers) -> LongTable:
    cells = [[_words(n, _FIGURE), _words(what, _FIGURE_WORDS)] for n, what in block.items]
    rows = [cells[i : i + 3] for i in range(0, len(cells), 3)]
    table = LongTable(rows, colWidths=[_WIDTH / 3] * 3)
    table.setStyle(TableStyle([
        ("BACKGROUND", (0, 0), (-1, -1), _PALE), ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("INNERGRID", (0, 0), (-1, -1), 4, HexColor("#ffffff")), ("TOPPADDING", (0, 0), (-1, -1), 6),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 7), ("LEFTPADDING", (0, 0), (-1, -1), 8),
    ]))  # fmt: skip
    return table


def _grid(grid: Grid) -> LongTable:
    def row(cells: tuple[str, ...], plain: ParagraphStyle, right: ParagraphStyle) -> list[Paragraph]:
        return [_words(text, right if k in grid.right else plain) for k, text in enumerate(cells)]

    rows = [row(grid.head, _CELL_HEAD, _CELL_HEAD_RIGHT), *(row(r, _CELL, _CELL_RIGHT) for r in grid.rows)]
    table = LongTable(rows, colWidths=[share * _WIDTH for share in grid.shares], repeatRows=1)
    table.setStyle(TableStyle([
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, _DEEP), ("LINEBELOW", (0, 1), (-1, -1), 0.4, _RULE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
        ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 6),
    ]))  # fmt: skip
    return table


def _map(block: Map) -> Drawing:
    width, height = MAP_SIZE
    scale = _WIDTH / width
    drawing = Drawing(_WIDTH, height * scale)
    drawing.add(Rect(0, 0, _WIDTH, height * scale, fillColor=HexColor("#fbfaf5"), strokeColor=_RULE))
    for s in block.shapes:
        if isinstance(s, Line):
            points = [v for x, y in s.points for v in (round(x * scale, 1), round((height - y) * scale, 1))]
            drawing.add(PolyLine(points, strokeColor=HexColor(s.colour), strokeWidth=s.width * scale * 1.2))
        elif isinstance(s, Disc):
            colour = HexColor(s.colour)
            drawing.add(Circle(s.x * scale, (height - s.y) * scale, s.radius * scale, strokeColor=colour,
                               fillColor=colour if s.filled else None, strokeWidth=0.6))  # fmt: skip
        else:
            drawing.add(String(s.x * scale, (height - s.y) * scale, s.text, fontName=_REGULAR,
                               fontSize=s.size * scale * 1.15, fillColor=HexColor(s.colour)))  # fmt: skip
    return drawing


def _bars(block: Bars) -> Drawing:
    height, low, room = 32 * _MM, 5 * _MM, 22 * _MM
    drawing = Drawing(_WIDTH, height)
    most = max((value for _, value in block.items), default=0.0) or 1.0
    step = _WIDTH / max(len(block.items), 12)
    for i, (label, value) in enumerate(block.items):
        tall, x = room * value / most, i * step
        drawing.add(Rect(x + 2, low, step - 4, tall, fillColor=HexColor("#0b5fa5"), strokeColor=None))
        drawing.add(String(x + step / 2, 1 * _MM, label, fontName=_REGULAR, fontSize=7, textAnchor="middle",
                           fillColor=_SOFT))  # fmt: skip
        drawing.add(String(x + step / 2, low + tall + 2, f"{value:g}", fontName=_REGULAR, fontSize=7,
                           textAnchor="middle", fillColor=_INK))  # fmt: skip
    return drawing
