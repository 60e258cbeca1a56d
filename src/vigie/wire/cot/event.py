"""One Cursor-on-Target event: XML to ``CotEvent`` and back.

Source: Event.xsd 2.0 of MITRE's Cursor on Target; the ``detail`` as TAK clients fill it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from vigie.terms.messages import SetAside
from vigie.terms.units import NS_PER_S
from vigie.terms.utc import civil_date, civil_ns, day_start_ns
from vigie.terms.xmlread import XmlRefusedError, read_xml

MOST_OCTETS: Final = 65_536
"""A datagram can hold no more; TAK clients send 2 kB at most for a position."""
TAK_MAGIC: Final = 0xBF
UNKNOWN_M: Final = 9_999_999.0
"""What CoT writes for a height or an error that is not known (Event.xsd 2.0, ``ce``, ``le``, ``hae``)."""
UPKEEP: Final = frozenset({"t-x-c-t", "t-x-c-t-r", "t-x-d-d", "t-x-takp-v", "t-x-takp-q", "t-x-takp-r"})
"""Tasking types that task nobody: ping, its reply, delete an item, version of the protocol, and its negotiation."""
AIR, PERSON, OTHER = "air", "ground", "other"
_TYPE: Final = re.compile(r"[a-z](-[A-Za-z0-9_.]{1,24}){0,12}")
_TIME: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?Z")
_FARTHEST_M: Final = 100_000.0
_FASTEST_MPS: Final = 3_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CotEvent:
    """One event. NaN where a number is absent, "" where a text is; ``hae_m`` is above the ellipsoid.

    ``ce_m`` and ``le_m`` are the errors as stated (a circle, a height). ``course_rad`` is clockwise from true north.
    """

    uid: str
    type: str
    how: str
    time_ns: int
    start_ns: int
    stale_ns: int
    lat_deg: float
    lon_deg: float
    hae_m: float = math.nan
    ce_m: float = math.nan
    le_m: float = math.nan
    callsign: str = ""
    course_rad: float = math.nan
    speed_mps: float = math.nan
    group: str = ""
    role: str = ""
    remarks: str = ""

    @property
    def sort(self) -> str:
        """Return what the position is of: ``air`` (a-?-A), ``ground`` (a-?-G) or ``other`` (is no position)."""
        parts = self.type.split("-")
        if len(parts) < 3 or parts[0] != "a":
            return OTHER
        return {"A": AIR, "G": PERSON}.get(parts[2], OTHER)

    def is_stale(self, now_ns: int) -> bool:
        """Tell whether the event no longer counts at ``now_ns``."""
        return now_ns >= self.stale_ns


class _WrongError(ValueError):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def read_cot(data: bytes, source: str = "") -> tuple[tuple[CotEvent, ...], tuple[SetAside, ...]]:
    """Return the event of a document or datagram, or what was set aside: one of the two, never both. Never raises."""
    try:
        return (_event(data),), ()
    except XmlRefusedError as why:
        return (), (SetAside("CoT", why.field, str(why), source=source),)
    except _WrongError as why:
        return (), (SetAside("CoT", why.field, str(why), source=source),)


def _event(data: bytes) -> CotEvent:
    if data[:1] == bytes([TAK_MAGIC]):
        raise _WrongError("tak_protobuf", "is TAK's protobuf framing, which is not read; have the sender use XML")
    if len(data) > MOST_OCTETS:
        try:
            read_xml(data[:MOST_OCTETS])  # a document type is named as such, whatever the length
        except XmlRefusedError as why:
            if why.field == "xml_dtd":
                raise
        raise _WrongError("buffer_limit", f"is longer than {MOST_OCTETS} octets")
    root = read_xml(data)
    if etree.QName(root).localname != "event":
        raise _WrongError("event", "is no event")
    if root.get("version", "") != "2.0":
        raise _WrongError("version", "is no version 2.0")
    kind = root.get("type", "")
    if not _TYPE.fullmatch(kind):
        raise _WrongError("type", f"{kind[:40]!r} is no type")
    if (kind[0] == "t" and kind not in UPKEEP) or kind[0] == "y":
        raise _WrongError("tasking_refused", f"{kind} is tasking, which Vigie does not take")
    uid = root.get("uid", "").strip()
    if not 0 < len(uid) <= 128:
        raise _WrongError("uid", "is missing or longer than 128 characters")
    times = {name: _time(root, name) for name in ("time", "start", "stale")}
    if times["stale"] < times["start"]:
        raise _WrongError("stale", "is before the start")
    point = root.find("{*}point")
    if point is None:
        raise _WrongError("point", "is missing")
    values = {name: _number(point, name) for name in ("lat", "lon", "hae", "ce", "le")}
    if not (abs(values["lat"]) <= 90.0 and abs(values["lon"]) <= 180.0):  # NaN is refused too
        raise _WrongError("point", "is not on the Earth")
    hae, ce, le = (math.nan if values[n] >= UNKNOWN_M else values[n] for n in ("hae", "ce", "le"))
    if values["lat"] == values["lon"] == 0.0 and math.isnan(ce) and kind[0] == "a":
        raise _WrongError("no_position", "says 0, 0 with an unknown error: a client without a fix")
    if abs(hae) > _FARTHEST_M or ce < 0 or le < 0:
        raise _WrongError("point", "has an absurd height or error")
    track = root.find("{*}detail/{*}track")
    course, speed = (math.nan, math.nan) if track is None else (_number(track, "course"), _number(track, "speed"))
    if speed < 0 or speed > _FASTEST_MPS or not (math.isnan(course) or 0.0 <= course <= 360.0):
        course = speed = math.nan  # TAK clients say -1 where they do not know: the position still counts
    return CotEvent(
        uid=uid, type=kind, how=root.get("how", "")[:16],
        time_ns=times["time"], start_ns=times["start"], stale_ns=times["stale"],
        lat_deg=values["lat"], lon_deg=values["lon"], hae_m=hae, ce_m=ce, le_m=le,
        callsign=_word(root, "contact", "callsign"), group=_word(root, "__group", "name"),
        role=_word(root, "__group", "role"), course_rad=math.radians(course), speed_mps=speed,
        remarks=_remarks(root),
    )  # fmt: skip


def _time(root: Any, name: str) -> int:
    found = _TIME.fullmatch(root.get(name, ""))
    if found is None:
        raise _WrongError(name, "is no time such as 2026-11-27T12:00:00.000Z")
    at_ns = civil_ns(*(int(part) for part in found.groups()[:6]))
    if at_ns is None:
        raise _WrongError(name, "is no time of the calendar")
    return at_ns + int((found[7] or "0").ljust(9, "0"))


def _number(element: Any, name: str) -> float:
    text = element.get(name)
    if text is None:
        return math.nan
    try:
        value = float(text)
    except ValueError as why:
        raise _WrongError(name, f"{text[:20]!r} is no number") from why
    if not math.isfinite(value):
        raise _WrongError(name, f"{text[:20]!r} is no finite number")
    return value


def _word(root: Any, element: str, name: str) -> str:
    found = root.find(f"{{*}}detail/{{*}}{element}")
    return "" if found is None else found.get(name, "").strip()[:64]


def _remarks(root: Any) -> str:
    found = root.find("{*}detail/{*}remarks")
    return "" if found is None else "".join(found.itertext()).strip()[:500]


def write_cot(event: CotEvent) -> bytes:
    """Return the event as an XML document without a declaration, as TAK streams want it."""
    root = etree.Element("event", version="2.0", uid=event.uid, type=event.type, how=event.how)
    for name in ("time", "start", "stale"):
        root.set(name, _written(getattr(event, f"{name}_ns")))
    point = etree.SubElement(root, "point", lat=repr(event.lat_deg), lon=repr(event.lon_deg))
    for name in ("hae", "ce", "le"):
        value = getattr(event, f"{name}_m")
        point.set(name, repr(UNKNOWN_M if math.isnan(value) else value))
    detail = etree.SubElement(root, "detail")
    if event.callsign:
        etree.SubElement(detail, "contact", callsign=event.callsign)
    if event.group or event.role:
        etree.SubElement(detail, "__group", name=event.group, role=event.role)
    if not (math.isnan(event.course_rad) or math.isnan(event.speed_mps)):
        etree.SubElement(detail, "track", course=repr(math.degrees(event.course_rad)), speed=repr(event.speed_mps))
    if event.remarks:
        etree.SubElement(detail, "remarks").text = event.remarks
    return bytes(etree.tostring(root))


def _written(at_ns: int) -> str:
    year, month, day = civil_date(at_ns)
    seconds, part = divmod(at_ns - day_start_ns(at_ns), NS_PER_S)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{year:04}-{month:02}-{day:02}T{clock}.{part:09}Z"
