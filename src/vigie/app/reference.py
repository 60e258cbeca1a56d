"""The reference page of areas and flights: formats, messages, and the columns of every list."""

from __future__ import annotations

from vigie.airspace.aerodromes import AERODROME_COLUMNS
from vigie.airspace.sites import SITE_COLUMNS
from vigie.airspace.volume import KINDS
from vigie.app.commands.flights import KINDS as FLIGHT_FILES
from vigie.flights.lists import COLUMNS
from vigie.terms.listing import Column
from vigie.terms.messages import FLIGHT_KINDS

_AREAS = (
    ("aixm", "AIXM 5.1.1 basic message", "Airspace baselines with layers, operations, contributors, corridors, "
     "arcs and circles, borders by reference, timesheets, temporary activations of the same file",
     "one Airspace each; outlines as geodesics, timesheets by weekday"),
    ("openair", "OpenAir, original and 2.1", "AC AN AL AH AF AR AG AY AI AA, V, DP DA DB DC DY",
     "OpenAir 2.1; circles and arcs as points; an area of several rings as several of one name"),
    ("geojson", "GeoJSON", "Polygon and MultiPolygon; lines straight in degrees", "all that an area knows"),
    ("ed269", "ED-269 UAS zones", "all layers, circles, applicability",
     "levels of FL as metres AMSL of the standard day"),
    ("ed318", "ED-318 UAS zones", "all layers, circles, limited applicability", "as ED-269"),
)  # fmt: skip
_LISTS = {
    "permits": "`[flights] permits`", "repetitive": "`[flights] repetitive`", "register": "`[flights] register`",
    "known": "`[flights] known`", "waypoints": "`[flights] waypoints`", "airways": "`[flights] airways`",
}  # fmt: skip


def areas_and_flights_page() -> str:
    """Return the page."""
    text = "# Areas and flights\n\n## Files of areas\n\nTold by content. What cannot be used is set aside with its line"
    text += " and field, the rest counts.\n\n| format | | read | written |\n| --- | --- | --- | --- |\n"
    text += "".join(f"| {n} | {title} | {read} | {written} |\n" for n, title, read, written in _AREAS)
    text += "\nKinds of area: " + ", ".join(f"`{k}`" for k in KINDS) + ".\n"
    text += "\n## Messages\n\nFlight messages: " + ", ".join(k for k in FLIGHT_KINDS if k != "RPL")
    text += " (ICAO Doc 4444, text as AFTN carries it), FIXM 4.3\n(flights with their filed route, actual times,"
    text += " cancellation). NOTAM: ICAO text, items Q and A to G. `vigie flights check`\ntakes: "
    text += ", ".join(f"`{k}`" for k in FLIGHT_FILES) + ".\n"
    text += (
        "\n## Lists\n\nCSV, comma or semicolon, UTF-8; the first row names the columns, in any order. Times are UTC:"
    )
    text += " `2026-11-27` or\n`2026-11-27T14:30Z`. Lists within a cell are separated by spaces.\n"
    for name, columns in COLUMNS.items():
        text += _table(name, _LISTS[name], columns)
    text += _table("aerodromes", "`[[aerodrome]] file`", AERODROME_COLUMNS)
    return text + _table("protected sites", "`[[site]] file`", SITE_COLUMNS)


def _table(name: str, key: str, columns: tuple[Column, ...]) -> str:
    text = f"\n### {name[0].upper()}{name[1:]}\n\n{key} in the site file.\n\n"
    text += "| column | kind | required | meaning |\n| --- | --- | --- | --- |\n"
    for c in columns:
        words = f"; one of {', '.join(c.words)}" if c.words else ""
        text += f"| {c.name} | {c.kind} | {'yes' if c.required else ''} | {c.meaning}{words} |\n"
    return text
