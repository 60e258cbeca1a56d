"""The API for other programs: the picture, what changed since, tracks as GeoJSON and as tar1090 reads them, and acts.

The display uses the same acts and the same picture. Answers are made once per version of the picture and shared.
Types are declared here once; ``openapi`` describes the API from them. Absent values are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
import numpy as np

from vigie import __version__
from vigie.people.permissions import ROUTES
from vigie.show.columns import Column, Columns
from vigie.show.hub import Hub
from vigie.terms.tables import ABSENT_MODE3A
from vigie.terms.units import M_PER_FT, M_PER_NMI, NS_PER_S

MPS_PER_KT: Final = M_PER_NMI / 3600.0
FPM_PER_MPS: Final = 60.0 / M_PER_FT
STATUS: Final = {1: "tentative", 2: "confirmed", 3: "coasting", 4: "ended"}


class TrackOut(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One track of the picture, in SI units; what is not known is left out."""

    track_no: int
    status: str
    now_ms: float
    updated_ms: float
    lat_deg: float
    lon_deg: float
    geo_alt_m: float | None = None
    press_alt_m: float | None = None
    v_east_mps: float | None = None
    v_north_mps: float | None = None
    climb_mps: float | None = None
    pos_major_m: float | None = None
    pos_minor_m: float | None = None
    icao24: str = ""
    mode3a: str = ""
    callsign: str = ""
    sensors: int = 0


class PictureOut(msgspec.Struct, frozen=True, kw_only=True):
    """The picture, or what changed since a version: ``base`` 0 means that ``tracks`` holds all there are."""

    version: int
    base: int
    now_ms: float
    mode: str
    tracks: list[TrackOut]
    ended: list[int]


class ActIn(msgspec.Struct, frozen=True, kw_only=True):
    """An act: its name, what it concerns, its value, and why."""

    act: str
    subject: str = ""
    value: str = ""
    reason: str = ""
    position: str = ""


class ActOut(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it: refused, waiting (for a second person), or durable (it is in the record)."""

    state: str
    text: str = ""


class Api:
    """Answers about the picture, each made once for a version."""

    def __init__(self, hub: Hub, site: Mapping[str, Any]) -> None:
        self._hub = hub
        self._site = site
        self._made: dict[str, tuple[int, bytes]] = {}

    def picture(self, since: int) -> bytes:
        """Return PictureOut as JSON: everything for 0 or a version that is not remembered, else the difference."""
        picture = self._hub.picture
        base, rows, ended = picture.changes(since)
        out = PictureOut(
            version=picture.version, base=base, now_ms=picture.now_ns / 1e6, mode=picture.mode,
            tracks=_tracks(rows), ended=ended,
        )  # fmt: skip
        return msgspec.json.encode(out)

    def geojson(self) -> bytes:
        """Return all tracks as a GeoJSON FeatureCollection (RFC 7946)."""
        return self._once("geojson", self._geojson)

    def aircraft(self) -> bytes:
        """Return the tracks as ``aircraft.json`` of readsb and tar1090: feet, knots, degrees."""
        return self._once("aircraft", self._aircraft)

    def receiver(self) -> bytes:
        """Return ``receiver.json``, which tells a tar1090 page where it stands and how often to ask."""
        return msgspec.json.encode(
            {"version": f"vigie {__version__}", "refresh": 1000, "history": 0,
             "lat": self._site["lat_deg"], "lon": self._site["lon_deg"]}
        )  # fmt: skip

    def _once(self, name: str, make: Callable[[Columns], Any]) -> bytes:
        version, octets = self._made.get(name, (0, b""))
        if version != self._hub.picture.version:
            octets = msgspec.json.encode(make(self._hub.picture.changes(0)[1]))
            self._made[name] = (self._hub.picture.version, octets)
        return octets

    def _geojson(self, rows: Columns) -> dict[str, Any]:
        return {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "id": t.track_no,
                    "geometry": {"type": "Point", "coordinates": [t.lon_deg, t.lat_deg, *_heights(t)]},
                    "properties": t,
                }
                for t in _tracks(rows)
            ],
        }

    def _aircraft(self, rows: Columns) -> dict[str, Any]:
        now_ns = self._hub.picture.now_ns
        aircraft = []
        for t in _tracks(rows):
            east, north = t.v_east_mps, t.v_north_mps
            seen_s = round((now_ns / 1e6 - t.updated_ms) / 1e3, 1)
            one: dict[str, Any] = {
                "hex": t.icao24.lower() or f"~{t.track_no & 0xFFFFFF:06x}", "flight": t.callsign.ljust(8),
                "lat": round(t.lat_deg, 6), "lon": round(t.lon_deg, 6), "seen": seen_s, "seen_pos": seen_s,
                "type": "adsb_icao" if t.icao24 else "other", "squawk": t.mode3a,
                "alt_baro": _round(t.press_alt_m, 1 / M_PER_FT), "alt_geom": _round(t.geo_alt_m, 1 / M_PER_FT),
                "baro_rate": _round(t.climb_mps, FPM_PER_MPS),
            }  # fmt: skip
            if east is not None and north is not None:
                one["gs"] = round(float(np.hypot(east, north)) / MPS_PER_KT, 1)
                one["track"] = round(float(np.degrees(np.arctan2(east, north))) % 360.0, 1)
            aircraft.append({name: value for name, value in one.items() if value not in (None, "")})
        return {"now": now_ns / NS_PER_S, "messages": self._hub.picture.progress, "aircraft": aircraft}


def _tracks(rows: Columns) -> list[TrackOut]:
    columns = [_listed(rows[name]) for name in _WANTED]
    return [
        TrackOut(
            track_no=no, status=STATUS.get(status, "unknown"), now_ms=now / 1e6, updated_ms=toa / 1e6, lat_deg=lat,
            lon_deg=lon, geo_alt_m=geo, press_alt_m=press, v_east_mps=ve, v_north_mps=vn, climb_mps=climb,
            pos_major_m=major, pos_minor_m=minor, icao24=f"{icao:06X}" if icao else "",
            mode3a="" if code == ABSENT_MODE3A else f"{code:04o}", callsign=sign, sensors=sensors,
        )
        for no, status, now, toa, lat, lon, geo, press, ve, vn, climb, major, minor, icao, code, sign, sensors
        in zip(*columns, strict=True)
    ]  # fmt: skip


_WANTED: Final = (
    "track_no", "status", "now_ns", "toa_ns", "lat_deg", "lon_deg", "geo_alt_m", "press_alt_m", "v_east_mps",
    "v_north_mps", "climb_mps", "pos_major_m", "pos_minor_m", "icao24", "mode3a", "callsign", "sensors",
)  # fmt: skip


def _listed(values: Column) -> list[Any]:
    """Return a column as Python values; not a number becomes None, octets become text."""
    if values.dtype.kind == "S":
        return [v.decode("ascii", "replace").strip() for v in values.tolist()]
    if values.dtype.kind == "f":
        return [v if v == v else None for v in values.tolist()]  # noqa: PLR0124
    listed: list[Any] = values.tolist()
    return listed


def _heights(track: TrackOut) -> list[float]:
    return [] if track.geo_alt_m is None else [round(track.geo_alt_m, 1)]


def _round(value: float | None, factor: float) -> int | None:
    return None if value is None else round(value * factor)


_WORDS: Final = {
    "/api/picture": ("The picture, or what changed since the version that `since` names", "PictureOut"),
    "/api/tracks.geojson": ("All tracks as GeoJSON", ""),
    "/data/aircraft.json": ("All tracks as tar1090 clients read them", ""),
    "/data/receiver.json": ("Where the centre stands, for tar1090 clients", ""),
    "/api/history/{question}": (
        "Ask the archive: flights, landed, departed, seen, track, nearest, dark, gaps or counts; `when` is a time in "
        "words, `zone` its time zone; then `aerodrome`, `name`, `place`, `area` or `by`",
        "",
    ),
    "/api/acts": ("Do something; answered when it is in the record", "ActOut"),
    "/api/site": ("The centre and its sensors", ""),
    "/api/areas": ("The areas of the centre as GeoJSON, with what counts now", ""),
    "/api/cover": ("What the healthy sensors see at the flight level that `fl` names, and the gaps, as GeoJSON", ""),
    "/api/maps": (
        "The operator's own maps and the terrain's shading: what each is, and what is wrong with its file",
        "",
    ),
    "/api/maps/{sheet}/{z}/{x}/{y}": (
        "A tile of a map (Web Mercator): an image or a vector tile; 204 where the map has none",
        "",
    ),
    "/api/status": ("State of sensors, links, recording and ledgers", ""),
    "/api/sensors/history": (
        "Samples of one sensor (id `sensor`) over an `hour` or a `watch` of twelve, as `span` says: rotation, biases, "
        "clock, counts; null where nothing is known",
        "",
    ),
    "/api/aside": ("What was set aside: records, plots, tracks, acts; why, where, and what to do", ""),
    "/api/tables": ("The columns of every table", ""),
    "/api/accounts": ("Accounts: read them, or change one", ""),
    "/api/audit": ("The newest entries of the audit chain", ""),
    "/api/openapi.json": ("This description", ""),
}


def openapi() -> dict[str, Any]:
    """Return the description of the API (OpenAPI 3.1), made from the types above and the table of routes."""
    (_, _, _), parts = msgspec.json.schema_components(
        (PictureOut, ActIn, ActOut), ref_template="#/components/schemas/{name}"
    )
    paths: dict[str, Any] = {}
    for (method, path), act in ROUTES.items():
        if path not in _WORDS:
            continue
        words, answer = _WORDS[path]
        schema = {"$ref": f"#/components/schemas/{answer}"} if answer else {}
        operation: dict[str, Any] = {
            "summary": words, "description": f"Needs the permission `{act}`.",
            "responses": {
                "200": {"description": "done", "content": {"application/json": {"schema": schema}}},
                "403": {"description": "no session, or the role does not allow it"},
            },
        }  # fmt: skip
        if path == "/api/picture":
            operation["parameters"] = [
                {"name": "since", "in": "query", "schema": {"type": "integer", "minimum": 0, "default": 0}}
            ]
        if path == "/api/sensors/history":
            operation["parameters"] = [
                {"name": "sensor", "in": "query", "required": True, "schema": {"type": "integer", "minimum": 0}},
                {"name": "span", "in": "query", "schema": {"enum": ["hour", "watch"], "default": "hour"}},
            ]
        if path == "/api/history/{question}":
            operation["parameters"] = [
                {"name": "question", "in": "path", "required": True, "schema": {"type": "string"}},
                *({"name": name, "in": "query", "schema": {"type": "string"}}
                  for name in ("when", "zone", "aerodrome", "name", "place", "area", "by")),
            ]  # fmt: skip
            operation["responses"]["400"] = {"description": "not understood: `text` says what was expected"}
        if "{sheet}" in path:
            operation["parameters"] = [
                {"name": n, "in": "path", "required": True, "schema": {"type": "string" if n == "sheet" else "integer"}}
                for n in ("sheet", "z", "x", "y")
            ]
        if path == "/api/acts":
            operation["requestBody"] = {
                "required": True,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ActIn"}}},
            }
        paths.setdefault(path, {})[method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Vigie", "version": __version__,
                 "description": "A session cookie of a login, or of the printed address, goes with every request. What "
                                "changes something needs an Origin header of the server itself."},
        "paths": paths,
        "components": {"schemas": parts},
    }  # fmt: skip
