"""AIXM 5.1.1 to volumes: the Airspace features of a basic message, with their layers, times and references.

Read: baselines (the newest correction), geometry components with BASE, UNION, SUBTR, INTERS, contributor airspaces,
corridors, curves of every segment that GML 3.2 has for airspace, borders by reference, timesheets, temporary changes
of status in the same file. No DTD, no entity, no network. A feature that cannot be drawn is set aside with its line.
Source: AIXM 5.1.1 UML; OGC 12-028r1 (Use of GML for aviation data).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from vigie.airspace.aixm_geometry import Curves, WrongError, local, one, rings_of_surface, text_of
from vigie.airspace.aixm_times import windows_of
from vigie.airspace.aixm_write import write_aixm
from vigie.airspace.shapes import combine, corridor
from vigie.airspace.times import parse_iso
from vigie.airspace.volume import CLASSES, Ring, Volume
from vigie.terms.levels import AGL, AMSL, FL, SURFACE, UNLIMITED, Level
from vigie.terms.listing import Problem
from vigie.terms.units import M_PER_FL, M_PER_FT, M_PER_NMI
from vigie.terms.windows import FOREVER_NS, Window
from vigie.terms.xmlread import XmlRefusedError, read_xml

__all__ = ["read_aixm", "write_aixm"]
KIND_OF_TYPE: Final = {
    "FIR": "FIR", "UIR": "UIR", "CTA": "CTA", "UTA": "CTA", "OCA": "CTA", "OTA": "CTA", "CTR": "CTR", "TMA": "TMA",
    "ATZ": "ATZ", "P": "P", "R": "R", "D": "D", "D_OTHER": "D", "TSA": "TSA", "TRA": "TRA", "A": "ALERT", "W": "ALERT",
    "ADIZ": "ADIZ", "AWY": "AIRWAY", "PROTECT": "PROTECTED", "MTR": "MIL", "HTZ": "OTHER", "TMZ": "TMZ", "RMZ": "RMZ",
    "UAS": "UAS", "OTHER:UAS": "UAS", "OTHER:BORDER": "BORDER", "POLITICAL": "BORDER",
}  # fmt: skip
_METRES: Final = {"FL": M_PER_FL, "FT": M_PER_FT, "M": 1.0, "SM": 10.0}
_WIDTH: Final = {"M": 1.0, "KM": 1000.0, "NM": M_PER_NMI, "FT": M_PER_FT, "[NMI_I]": M_PER_NMI}


@dataclass(frozen=True, slots=True)
class _Layer:
    rings: tuple[Ring, ...]
    floor: Level
    ceiling: Level


def read_aixm(data: bytes, file: str) -> tuple[tuple[Volume, ...], tuple[Problem, ...]]:
    """Return the volumes of an AIXM message and what was set aside. Never raises."""
    try:
        root = read_xml(data)
    except XmlRefusedError as why:
        return (), (Problem(file, why.line, why.field, str(why)),)
    return _Reader(root, file).read()


class _Reader:
    def __init__(self, root: Any, file: str) -> None:
        self._file = file
        self._curves = Curves(root)
        self._root = root
        self._by_uuid: dict[str, Any] = {}
        self._designators: dict[str, str] = {}
        for feature in root.iter("{*}Airspace"):
            uuid = text_of(feature, "identifier").lower()
            self._by_uuid.setdefault(uuid or f"line {feature.sourceline}", []).append(feature) if uuid else None

    def read(self) -> tuple[tuple[Volume, ...], tuple[Problem, ...]]:
        volumes: list[Volume] = []
        problems: list[Problem] = []
        seen: dict[str, int] = {}
        for feature in self._root.iter("{*}Airspace"):
            line = feature.sourceline or 1
            slice_ = _baseline(feature)
            if slice_ is None:
                if not self._changes_known(feature):
                    problems.append(
                        Problem(
                            self._file, line, "timeSlice", "has no baseline: only a change of an area not in this file"
                        )
                    )
                continue
            try:
                found = self._volumes(feature, slice_)
            except WrongError as why:
                name = text_of(slice_, "designator") or text_of(slice_, "name")
                problems.append(
                    Problem(self._file, why.line or line, why.field, f"{why}; the area {name!r} is set aside")
                )
                continue
            for volume in found:
                seen[volume.id] = seen.get(volume.id, 0) + 1
                n = seen[volume.id]
                volumes.append(volume if n == 1 else replace(volume, id=f"{volume.id} ({n})"))
        return tuple(volumes), tuple(problems)

    def _changes_known(self, feature: Any) -> bool:
        same = self._by_uuid.get(text_of(feature, "identifier").lower(), [])
        return any(_baseline(f) is not None for f in same)

    def _volumes(self, feature: Any, slice_: Any) -> list[Volume]:
        type_ = text_of(slice_, "type")
        designator, name = text_of(slice_, "designator"), text_of(slice_, "name")
        layers = self._layers(slice_, 0)
        if not layers:
            raise WrongError("geometryComponent", "has no outline")
        class_ = next((c.text.strip() for c in slice_.iter("{*}classification") if c.text), "")
        times, by_notice = windows_of(slice_)
        times += self._temporary(feature)
        notes = " ".join(" ".join((n.text or "").split()) for n in slice_.iter("{*}note"))
        base = Volume(
            id=designator or name or text_of(feature, "identifier"), name=name or designator,
            kind=KIND_OF_TYPE.get(type_, "OTHER"), icao_class=class_ if class_ in CLASSES else "", rings=(),
            times=times, by_notice=by_notice, remarks=notes[:1000], source=f"{self._file}:{feature.sourceline or 1}",
            extra=(("aixm_type", type_), ("uuid", text_of(feature, "identifier"))),
        )  # fmt: skip
        return [replace(base, rings=x.rings, floor=x.floor, ceiling=x.ceiling) for x in layers]

    def _temporary(self, feature: Any) -> tuple[Window, ...]:
        """Return windows in which temporary time slices of the same feature make it active."""
        found = []
        for same in self._by_uuid.get(text_of(feature, "identifier").lower(), []):
            for slice_ in same.iter("{*}AirspaceTimeSlice"):
                if text_of(slice_, "interpretation") != "TEMPDELTA":
                    continue
                status = next((s.text for s in slice_.iter("{*}status") if s.text), "")
                if status in ("ACTIVE", "IN_USE"):
                    found.append(
                        Window(start_ns=_when(slice_, "beginPosition", -1), end_ns=_when(slice_, "endPosition", 1))
                    )
        return tuple(found)

    def _layers(self, slice_: Any, depth: int) -> list[_Layer]:
        """Return the outline in layers of one floor and ceiling, the operations of its components carried out."""
        if depth > 8:
            raise WrongError("contributorAirspace", "areas refer to each other in a circle")
        parts = []
        for component in slice_.iter("{*}AirspaceGeometryComponent"):
            sequence = text_of(component, "operationSequence")
            parts.append(
                (int(sequence) if sequence.isdigit() else 1, text_of(component, "operation") or "BASE", component)
            )
        parts.sort(key=lambda p: p[0])
        layers: list[_Layer] = []
        for _, operation, component in parts:
            volume = one(component, "AirspaceVolume")
            if volume is None:
                continue
            for layer in self._volume(volume, depth):
                layers = _operated(layers, layer, operation)
        return [x for x in layers if x.rings]

    def _volume(self, volume: Any, depth: int) -> list[_Layer]:
        floor = _level(volume, "lower", SURFACE)
        ceiling = _level(volume, "upper", UNLIMITED)
        surface = one(volume, "horizontalProjection")
        if surface is not None:
            return [_Layer(rings_of_surface(surface, self._curves), floor or SURFACE, ceiling or UNLIMITED)]
        line = one(volume, "centreline")
        if line is not None:
            width = one(volume, "width")
            metres = _number(width) * _WIDTH.get((width.get("uom") or "M").upper(), 1.0) if width is not None else 0.0
            if not 0.0 < metres < 1e6:
                raise WrongError("width", "is missing or out of range", volume.sourceline)
            return [_Layer((corridor(self._curves.line(line), metres),), floor or SURFACE, ceiling or UNLIMITED)]
        contributor = one(volume, "contributorAirspace")
        if contributor is not None:
            return self._contributed(contributor, floor, ceiling, depth)
        return []

    def _contributed(self, contributor: Any, floor: Level | None, ceiling: Level | None, depth: int) -> list[_Layer]:
        link = (
            next((e.get("{http://www.w3.org/1999/xlink}href") for e in contributor.iter("{*}theAirspace")), None) or ""
        )
        uuid = link.removeprefix("urn:uuid:").lower()
        for feature in self._by_uuid.get(uuid, []):
            slice_ = _baseline(feature)
            if slice_ is not None:
                return [
                    _Layer(x.rings, x.floor if floor is None else floor, x.ceiling if ceiling is None else ceiling)
                    for x in self._layers(slice_, depth + 1)
                ]
        raise WrongError(
            "contributorAirspace", f"refers to {link[:80]!r}, which is not in this file", contributor.sourceline
        )


def _operated(layers: list[_Layer], layer: _Layer, operation: str) -> list[_Layer]:
    if operation in ("SUBTR", "INTERS"):
        return [replace(x, rings=combine(x.rings, layer.rings, operation)) for x in layers]
    for i, held in enumerate(layers):
        if (held.floor, held.ceiling) == (layer.floor, layer.ceiling):
            return [*layers[:i], replace(held, rings=combine(held.rings, layer.rings, "UNION")), *layers[i + 1 :]]
    return [*layers, layer]


def _baseline(feature: Any) -> Any:
    """Return the newest baseline (or permanent) time slice, None where there is none."""
    best, best_key = None, (-1, -1)
    for slice_ in feature.iter("{*}AirspaceTimeSlice"):
        if text_of(slice_, "interpretation") not in ("BASELINE", "SNAPSHOT", "PERMDELTA"):
            continue
        key = tuple(
            int(t) if (t := text_of(slice_, n)).isdigit() else 0 for n in ("sequenceNumber", "correctionNumber")
        )
        if key >= best_key and (one(slice_, "geometryComponent") is not None or best is None):
            best, best_key = slice_, key  # type: ignore[assignment]
    return best


def _level(volume: Any, which: str, usual: Level) -> Level | None:
    """Return a limit of an AirspaceVolume, None where it says none."""
    limit = one(volume, f"{which}Limit")
    if limit is None or not (limit.text or "").strip():
        return None
    word = limit.text.strip().upper()
    if word in ("GND", "SFC", "FLOOR"):
        return SURFACE
    if word in ("UNL", "CEILING"):
        return UNLIMITED
    try:
        value = float(word)
    except ValueError:
        raise WrongError(f"{which}Limit", f"{word[:20]!r} is no level", limit.sourceline) from None
    unit = (limit.get("uom") or "FT").upper()
    reference = text_of(volume, f"{which}LimitReference").upper()
    metres = value * _METRES.get(unit, M_PER_FT)
    if unit == "FL" or reference == "STD":
        return Level(FL, metres)
    if reference == "SFC":
        return Level(AGL, metres) if metres else SURFACE
    if value == 0.0 and which == "lower":
        return SURFACE if reference != "MSL" else Level(AMSL, 0.0)
    return Level(AMSL, metres) if reference in ("MSL", "W84", "") else usual


def _number(element: Any) -> float:
    try:
        return float((element.text or "").strip())
    except ValueError:
        raise WrongError(
            local(element), f"{(element.text or '').strip()[:20]!r} is no number", element.sourceline
        ) from None


def _when(slice_: Any, name: str, sign: int) -> int:
    text = next(((e.text or "").strip() for e in slice_.iter(f"{{*}}{name}")), "")
    try:
        return parse_iso(text)
    except ValueError:
        return sign * FOREVER_NS
