"""Tracks in the formats that other programs open: GeoJSON, KML, GPX, CSV. Pure functions, rows in, text out.

Sources: RFC 7946 (GeoJSON), OGC 12-007r2 (KML 2.3), Topografix GPX 1.1, RFC 4180 (CSV).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, Final
from xml.sax.saxutils import escape

import numpy as np

from vigie.terms.tables import ABSENT_MODE3A, Rows, Table
from vigie.terms.utc import iso

_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")


def by_track(rows: Rows) -> Iterator[tuple[int, Rows]]:
    """Yield (track number, its rows in order of time), by track number; rows without a position are left out."""
    rows = rows[np.isfinite(rows["lat_deg"]) & np.isfinite(rows["lon_deg"])]
    order = np.lexsort((rows["now_ns"], rows["track_no"]))
    rows = rows[order]
    cuts = np.flatnonzero(np.diff(rows["track_no"])) + 1
    for part in np.split(rows, cuts):
        if len(part):
            yield int(part["track_no"][0]), part


def label_of(rows: Rows) -> dict[str, str]:
    """Return address (6 hexadecimal digits), code (4 octal digits) and callsign of a track; empty where absent."""
    addresses = rows["icao24"][rows["icao24"] != 0]
    codes = rows["mode3a"][rows["mode3a"] != ABSENT_MODE3A]
    names = rows["callsign"][rows["callsign"] != b""]
    return {
        "icao24": f"{int(addresses[-1]):06x}" if len(addresses) else "",
        "mode3a": f"{int(codes[-1]):04o}" if len(codes) else "",
        "callsign": bytes(names[-1]).decode("ascii", "replace").strip() if len(names) else "",
    }


def height_m(row: np.void) -> float:
    """Return the height above the ellipsoid, else the pressure altitude, else NaN."""
    geo = float(row["geo_alt_m"])
    return geo if math.isfinite(geo) else float(row["press_alt_m"])


def geojson(rows: Rows) -> Iterator[str]:
    """Yield a GeoJSON FeatureCollection: one LineString per track (a Point where it has one row), times beside it."""
    yield '{"type":"FeatureCollection","features":['
    first = True
    for track_no, part in by_track(rows):
        points = [_position(row) for row in part]
        geometry: dict[str, Any] = (
            {"type": "LineString", "coordinates": points} if len(points) > 1
            else {"type": "Point", "coordinates": points[0]}
        )  # fmt: skip
        properties = {"track_no": track_no, **label_of(part), "times": [iso(int(t)) for t in part["now_ns"]]}
        text = json.dumps({"type": "Feature", "geometry": geometry, "properties": properties}, allow_nan=False)
        yield ("" if first else ",\n") + text
        first = False
    yield "]}\n"


def kml(rows: Rows, name: str) -> Iterator[str]:
    """Yield a KML document: one gx:Track per track, so that the time slider of a globe works."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2" '
    yield f'xmlns:gx="http://www.google.com/kml/ext/2.2"><Document><name>{_xml(name)}</name>\n'
    for track_no, part in by_track(rows):
        yield f"<Placemark><name>{_xml(_title(track_no, part))}</name><gx:Track>"
        yield "<altitudeMode>absolute</altitudeMode>\n"
        for row in part:
            yield f"<when>{iso(int(row['now_ns']))}</when>"
        for row in part:
            yield f"<gx:coord>{' '.join(f'{v:.6f}' for v in _position(row, 0.0))}</gx:coord>"
        yield "</gx:Track></Placemark>\n"
    yield "</Document></kml>\n"


def gpx(rows: Rows, name: str) -> Iterator[str]:
    """Yield a GPX 1.1 document: one trk per track."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="Vigie" '
    yield f'xmlns="http://www.topografix.com/GPX/1/1"><metadata><name>{_xml(name)}</name></metadata>\n'
    for track_no, part in by_track(rows):
        yield f"<trk><name>{_xml(_title(track_no, part))}</name><trkseg>\n"
        for row in part:
            height = height_m(row)
            ele = f"<ele>{height:.1f}</ele>" if math.isfinite(height) else ""
            yield f'<trkpt lat="{row["lat_deg"]:.6f}" lon="{row["lon_deg"]:.6f}">{ele}'
            yield f"<time>{iso(int(row['now_ns']))}</time></trkpt>\n"
        yield "</trkseg></trk>\n"
    yield "</gpx>\n"


def csv_cell(value: object) -> str:
    """Return one CSV cell; text that a spreadsheet would take for a formula gets an apostrophe before it.

    Numbers of ours keep their sign: only text can carry a formula.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "" if isinstance(value, float) and not math.isfinite(value) else repr(value)
    text = str(value)
    if text.lstrip(" ").startswith(_DANGEROUS) or text.startswith(("\t", "\r", "\n")):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in '",;\r\n\t') else text


def csv_rows(names: list[str], rows: Iterator[tuple[Any, ...]]) -> Iterator[str]:
    """Yield CSV lines (RFC 4180): the names, then the rows."""
    yield ",".join(csv_cell(name) for name in names) + "\r\n"
    for row in rows:
        yield ",".join(csv_cell("" if value is None else value) for value in row) + "\r\n"


def csv_table(table: Table, rows: Rows) -> Iterator[str]:
    """Yield rows of a table as CSV, with the time in words as a first column where the table has ``now_ns``."""
    names = [c.name for c in table.columns]
    timed = "now_ns" in names

    def lines() -> Iterator[tuple[Any, ...]]:
        for row in rows:
            values = tuple(_plain(row[name].item()) for name in names)
            yield ((iso(int(row["now_ns"])), *values)) if timed else values

    return csv_rows(["time", *names] if timed else names, lines())


def _plain(value: Any) -> Any:
    return value.decode("utf-8", "replace").rstrip() if isinstance(value, bytes) else value


def _title(track_no: int, rows: Rows) -> str:
    label = label_of(rows)
    return " ".join([f"{track_no}", *filter(None, label.values())])


def _position(row: np.void, absent: float | None = None) -> list[float]:
    height = height_m(row)
    place = [round(float(row["lon_deg"]), 6), round(float(row["lat_deg"]), 6)]
    if math.isfinite(height):
        return [*place, round(height, 1)]
    return place if absent is None else [*place, absent]


def _xml(text: str) -> str:
    """Return text for XML 1.0: control characters, which it cannot carry, become a question mark."""
    return escape("".join(c if c >= " " else "?" for c in text), {'"': "&quot;"})
