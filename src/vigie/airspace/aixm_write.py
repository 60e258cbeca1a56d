"""Volumes to an AIXM 5.1.1 basic message: one Airspace each, its outline as geodesics, its levels, its times.

Identifiers are made from the volume's id (UUID version 5), so the same volume has the same identifier each time.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

from lxml import etree

from vigie.airspace.shapes import polygons_of
from vigie.airspace.volume import Volume
from vigie.terms.levels import AGL, AMSL, FL, SFC, UNL, Level
from vigie.terms.units import M_PER_FL, M_PER_FT
from vigie.terms.windows import ALL_DAYS, WEEKDAYS, Window

_AIXM: Final = "http://www.aixm.aero/schema/5.1.1"
_MESSAGE: Final = "http://www.aixm.aero/schema/5.1.1/message"
_GML: Final = "http://www.opengis.net/gml/3.2"
_TYPE_OF_KIND: Final = {
    "ALERT": "A", "AIRWAY": "AWY", "PROTECTED": "PROTECT", "MIL": "OTHER:MIL", "CORRIDOR": "OTHER:CORRIDOR",
    "TMZ": "OTHER:TMZ", "RMZ": "OTHER:RMZ", "UAS": "OTHER:UAS", "GLIDER": "OTHER:GLIDER", "W": "W",
    "BORDER": "OTHER:BORDER", "OTHER": "OTHER", "ADIZ": "ADIZ",
}  # fmt: skip
_BEGIN: Final = "1970-01-01T00:00:00Z"


def write_aixm(volumes: tuple[Volume, ...]) -> str:
    """Return the text of a message."""
    root = etree.Element(f"{{{_MESSAGE}}}AIXMBasicMessage", nsmap={"message": _MESSAGE, "aixm": _AIXM, "gml": _GML})
    root.set(f"{{{_GML}}}id", "M1")
    for number, volume in enumerate(volumes, 1):
        _airspace(etree.SubElement(root, f"{{{_MESSAGE}}}hasMember"), volume, f"A{number}")
    text = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return str(text.decode("utf-8"))


def _airspace(member: Any, volume: Volume, key: str) -> None:
    said = dict(volume.extra)
    identifier = said.get("uuid") or str(uuid.uuid5(uuid.NAMESPACE_URL, f"vigie:airspace:{volume.id}"))
    airspace = _add(member, "aixm:Airspace", gml_id=f"uuid.{identifier}")
    _add(airspace, "gml:identifier", identifier, codeSpace="urn:uuid:")
    slice_ = _add(_add(airspace, "aixm:timeSlice"), "aixm:AirspaceTimeSlice", gml_id=f"{key}T")
    period = _add(_add(slice_, "gml:validTime"), "gml:TimePeriod", gml_id=f"{key}V")
    _add(period, "gml:beginPosition", _BEGIN)
    _add(period, "gml:endPosition", indeterminatePosition="unknown")
    _add(slice_, "aixm:interpretation", "BASELINE")
    _add(slice_, "aixm:sequenceNumber", "1")
    _add(slice_, "aixm:type", said.get("aixm_type") or _TYPE_OF_KIND.get(volume.kind, volume.kind))
    _add(slice_, "aixm:designator", volume.id)
    _add(slice_, "aixm:name", volume.name)
    if volume.icao_class:
        layer = _add(_add(slice_, "aixm:class"), "aixm:AirspaceLayerClass", gml_id=f"{key}C")
        _add(layer, "aixm:classification", volume.icao_class)
    for i, polygon in enumerate(polygons_of(volume.rings), 1):
        component = _add(_add(slice_, "aixm:geometryComponent"), "aixm:AirspaceGeometryComponent", gml_id=f"{key}G{i}")
        _add(component, "aixm:operation", "BASE" if i == 1 else "UNION")
        _add(component, "aixm:operationSequence", str(i))
        body = _add(_add(component, "aixm:theAirspaceVolume"), "aixm:AirspaceVolume", gml_id=f"{key}G{i}V")
        _limit(body, "upper", volume.ceiling)
        _limit(body, "lower", volume.floor)
        _surface(_add(body, "aixm:horizontalProjection"), polygon, f"{key}G{i}S")
    if volume.by_notice or volume.times:
        _activation(slice_, volume, key)
    if volume.remarks:
        note = _add(_add(slice_, "aixm:annotation"), "aixm:Note", gml_id=f"{key}N")
        words = _add(_add(note, "aixm:translatedNote"), "aixm:LinguisticNote", gml_id=f"{key}NL")
        _add(words, "aixm:note", volume.remarks)


def _limit(body: Any, which: str, level: Level) -> None:
    if level.datum == UNL:
        _add(body, f"aixm:{which}Limit", "UNL")
        return
    if level.datum == SFC:
        _add(body, f"aixm:{which}Limit", "GND")
        return
    levels, feet = level.value_m / M_PER_FL, level.value_m / M_PER_FT
    if level.datum == FL and abs(levels - round(levels)) < 1e-6:
        _add(body, f"aixm:{which}Limit", f"{round(levels)}", uom="FL")
    elif abs(feet - round(feet)) < 1e-6:
        _add(body, f"aixm:{which}Limit", f"{round(feet)}", uom="FT")
    else:
        _add(body, f"aixm:{which}Limit", repr(level.value_m), uom="M")
    _add(body, f"aixm:{which}LimitReference", {FL: "STD", AMSL: "MSL", AGL: "SFC"}[level.datum])


def _surface(parent: Any, polygon: list[list[tuple[float, float]]], key: str) -> None:
    surface = _add(parent, "aixm:Surface", gml_id=key, srsName="urn:ogc:def:crs:EPSG::4326")
    patch = _add(_add(surface, "gml:patches"), "gml:PolygonPatch")
    for i, ring in enumerate(polygon):
        ring_ = _add(_add(patch, "gml:exterior" if i == 0 else "gml:interior"), "gml:Ring")
        curve = _add(_add(ring_, "gml:curveMember"), "gml:Curve", gml_id=f"{key}R{i}")
        string = _add(_add(curve, "gml:segments"), "gml:GeodesicString")
        _add(string, "gml:posList", " ".join(f"{lat!r} {lon!r}" for lon, lat in ring))


def _activation(slice_: Any, volume: Volume, key: str) -> None:
    activation = _add(_add(slice_, "aixm:activation"), "aixm:AirspaceActivation", gml_id=f"{key}A")
    for i, window in enumerate(volume.times, 1):
        for day, till in _day_ranges(window):
            sheet = _add(_add(activation, "aixm:timeInterval"), "aixm:Timesheet", gml_id=f"{key}A{i}{day}")
            _add(sheet, "aixm:timeReference", "UTC")
            _add(sheet, "aixm:day", day)
            if till:
                _add(sheet, "aixm:dayTil", till)
            for end, sun, seconds in (("start", window.from_sun, window.from_s), ("end", window.to_sun, window.to_s)):
                if sun:
                    _add(sheet, f"aixm:{end}Event", sun)
                    _add(sheet, f"aixm:{end}TimeRelativeEvent", f"{seconds // 60}", uom="MIN")
                else:
                    _add(sheet, f"aixm:{end}Time", f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}")
            _add(sheet, "aixm:excluded", "NO")
    _add(activation, "aixm:status", "AVBL_FOR_ACTIVATION" if volume.by_notice else "ACTIVE")


def _day_ranges(window: Window) -> list[tuple[str, str]]:
    if window.days == ALL_DAYS:
        return [("ANY", "")]
    return [(WEEKDAYS[i], "") for i in range(7) if window.days >> i & 1]


def _add(parent: Any, name: str, text: str = "", *, gml_id: str = "", **attributes: str) -> Any:
    prefix, _, plain = name.partition(":")
    element = etree.SubElement(parent, f"{{{ {'aixm': _AIXM, 'gml': _GML}[prefix] }}}{plain}")
    if gml_id:
        element.set(f"{{{_GML}}}id", gml_id)
    for key, value in attributes.items():
        element.set(key, value)
    if text:
        element.text = "".join(c for c in text if c >= " " or c in "\t\n")
    return element
