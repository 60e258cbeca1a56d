"""A report as one HTML file: no script, no font, no address of another machine; prints as it is seen."""

from __future__ import annotations

from html import escape
from typing import Final

from vigie.app.drawing import svg
from vigie.app.report import MAP_SIZE, Bars, Block, Grid, Heading, Map, Numbers, Plot, Report, Words
from vigie.evaluate.shapes import svg as plot_svg

_STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;color:#1c2733;background:#fff;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.7rem;margin:0}.sub{color:#52616f;margin:.2rem 0 1.5rem}
h2{font-size:1.2rem;border-bottom:2px solid #0b3d66;margin:2rem 0 .7rem;padding-bottom:.2rem}
h3{font-size:1rem;margin:1.3rem 0 .4rem}.small{font-size:.85rem;color:#52616f;margin:.3rem 0}
.numbers{display:flex;flex-wrap:wrap;gap:.7rem;margin:.7rem 0}
.numbers div{flex:1 1 8rem;background:#eef3f7;border-radius:6px;padding:.6rem .8rem}
.numbers b{display:block;font-size:1.6rem;line-height:1.2;color:#0b3d66}.numbers span{font-size:.85rem;color:#52616f}
table{border-collapse:collapse;width:100%;font-size:.88rem;margin:.5rem 0}
th{text-align:left;border-bottom:1px solid #0b3d66;padding:.25rem .5rem .25rem 0;vertical-align:bottom}
td{border-bottom:1px solid #e1e7ec;padding:.25rem .5rem .25rem 0;vertical-align:top;overflow-wrap:anywhere}
.r{text-align:right;font-variant-numeric:tabular-nums}svg{max-width:100%;height:auto;border:1px solid #e1e7ec}
footer{color:#52616f;font-size:.8rem;margin-top:2rem;border-top:1px solid #e1e7ec;padding-top:.4rem}
@media print{.page{break-before:page}body{margin:0;max-width:none}}
"""


def html(report: Report) -> bytes:
    """Return the report as an HTML document."""
    body = "\n".join(_block(block) for block in report.blocks)
    return (
        f'<!doctype html>\n<html lang="{report.language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width">'
        f"<title>{escape(report.title)} – {escape(report.subtitle)}</title><style>{_STYLE}</style></head><body>"
        f'<h1>{escape(report.title)}</h1><p class="sub">{escape(report.subtitle)}</p>\n{body}\n'
        f"<footer>{escape(report.footer)}</footer></body></html>\n"
    ).encode()


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        page = ' class="page"' if block.new_page else ""
        level = 3 if block.level == 3 else 2
        return f"<h{level}{page}>{escape(block.text)}</h{level}>"
    if isinstance(block, Words):
        return f"<p{' class=small' if block.small else ''}>{escape(block.text)}</p>"
    if isinstance(block, Numbers):
        cells = "".join(f"<div><b>{escape(n)}</b><span>{escape(what)}</span></div>" for n, what in block.items)
        return f'<div class="numbers">{cells}</div>'
    if isinstance(block, Grid):
        return _grid(block)
    if isinstance(block, Map):
        return f'<figure style="margin:0">{svg(block.shapes, *MAP_SIZE)}<figcaption class="small">' \
               f"{escape(block.caption)}</figcaption></figure>"  # fmt: skip
    if isinstance(block, Plot):
        return plot_svg(block.picture)
    return _bars(block)


def _grid(grid: Grid) -> str:
    def cell(tag: str, k: int, text: str) -> str:
        return f"<{tag}{' class=r' if k in grid.right else ''}>{escape(text)}</{tag}>"

    widths = "".join(f'<col style="width:{share * 100:.0f}%">' for share in grid.shares)
    head = "".join(cell("th", k, text) for k, text in enumerate(grid.head))
    rows = "".join("<tr>" + "".join(cell("td", k, text) for k, text in enumerate(row)) + "</tr>" for row in grid.rows)
    return f"<table><colgroup>{widths}</colgroup><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _bars(bars: Bars) -> str:
    width, height, low = 900, 190, 160
    most = max((value for _, value in bars.items), default=0.0) or 1.0
    step = width / max(len(bars.items), 12)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
             'font-size="12" style="border:0">']  # fmt: skip
    for i, (label, value) in enumerate(bars.items):
        tall, x = 125 * value / most, i * step
        parts.append(f'<rect x="{x + 3:.1f}" y="{low - tall:.1f}" width="{step - 6:.1f}" height="{tall:.1f}" '
                     f'fill="#0b5fa5"/><text x="{x + step / 2:.1f}" y="{low + 15}" text-anchor="middle" '
                     f'fill="#52616f">{escape(label)}</text><text x="{x + step / 2:.1f}" y="{low - tall - 4:.1f}" '
                     f'text-anchor="middle">{value:g}</text>')  # fmt: skip
    return "".join([*parts, "</svg>"]) + f'<p class="small">{escape(bars.unit)}</p>'
