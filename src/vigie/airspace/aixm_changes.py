"""Changes of status in AIXM 5.1.1 (digital NOTAM): temporary time slices become notices that wake or close an area.

The area is named by the identifier that its baseline bears in whatever file it stands. Source: AIXM 5.1.1 temporality
concept; Digital NOTAM Event Specification 2.0, scenarios SAA.ACT and SAA.DEA.
"""

from __future__ import annotations

from typing import Any

from vigie.airspace.aixm_geometry import one, text_of
from vigie.airspace.times import parse_iso
from vigie.terms.levels import SURFACE, UNLIMITED, Level, parse_level
from vigie.terms.messages import Notice, SetAside
from vigie.terms.windows import FOREVER_NS, Window
from vigie.terms.xmlread import XmlRefusedError, read_xml

_OPEN = frozenset({"ACTIVE", "IN_USE", "INTERMITTENT"})


def read_changes(data: bytes, source: str = "") -> tuple[tuple[Notice, ...], tuple[SetAside, ...]]:
    """Return the changes of an AIXM message as notices, and what was set aside. Never raises."""
    try:
        root = read_xml(data)
    except XmlRefusedError as why:
        return (), (SetAside("AIXM", why.field, str(why), source=source),)
    event = one(root, "NOTAM")
    good: list[Notice] = []
    aside: list[SetAside] = []
    for feature in root.iter("{*}Airspace"):
        for slice_ in feature.iter("{*}AirspaceTimeSlice"):
            if text_of(slice_, "interpretation") != "TEMPDELTA":
                continue
            place = f"{source}:{slice_.sourceline or 1}"
            found = _change(feature, slice_, event, place, len(good) + 1)
            if isinstance(found, Notice):
                good.append(found)
            else:
                aside.append(found)
    if not good and not aside:
        aside.append(SetAside("AIXM", "timeSlice", "holds no temporary change of an area", source=source))
    return tuple(good), tuple(aside)


def _change(feature: Any, slice_: Any, event: Any, place: str, number: int) -> Notice | SetAside:
    uuid = text_of(feature, "identifier")
    status = next(((s.text or "").strip() for s in slice_.iter("{*}status")), "")
    if not uuid:
        return SetAside("AIXM", "identifier", "the area has no identifier", source=place)
    if not status:
        return SetAside("AIXM", "status", "the change says nothing of the area's status", source=place)
    try:
        from_ns = parse_iso(text_of(slice_, "beginPosition"))
        end = text_of(slice_, "endPosition")
        to_ns = parse_iso(end) if end else -1
        floor, ceiling = _limit(event, "lowerLimit", SURFACE), _limit(event, "upperLimit", UNLIMITED)
    except ValueError as why:
        return SetAside("AIXM", "validTime", str(why), source=place)
    if 0 <= to_ns <= from_ns:
        return SetAside("AIXM", "endPosition", "is not after the begin", source=place)
    said = (text_of(event, n) for n in ("series", "number", "year")) if event is not None else ("", "", "")
    series, serial, year = said
    name = f"{series}{serial.zfill(4)}/{year[-2:]}" if series and serial else f"AIXM {uuid} {number}"
    return Notice(
        number=name, fir=text_of(event, "affectedFIR") if event is not None else "",
        q_code="QRACA" if status in _OPEN else "QRACD", from_ns=from_ns, to_ns=to_ns, areas=(uuid,),
        times=(Window(start_ns=from_ns, end_ns=to_ns if to_ns >= 0 else FOREVER_NS),),
        body=text_of(event, "text") if event is not None else "", floor=floor, ceiling=ceiling, source=place,
        text=f"{uuid} {status}",
    )  # fmt: skip


def _limit(event: Any, name: str, usual: Level) -> Level:
    text = text_of(event, name) if event is not None else ""
    return parse_level(text) if text else usual
