"""FIXM 4.3 flights and messages to ``FlightMessage``: the filed plan, its route as text, and how it went.

No DTD, no entity, no network. Elements are found by their names in whatever message carries them.
Source: FIXM Core 4.3.0 (flight, base, message); units as their ``uom`` says.
"""

from __future__ import annotations

import re
from typing import Any, Final

from vigie.terms.messages import FlightMessage, SetAside
from vigie.terms.units import M_PER_FL, M_PER_FT, MPS_PER_KT, NS_PER_S
from vigie.terms.utc import DAY_NS, civil_ns, day_start_ns
from vigie.terms.xmlread import XmlRefusedError, read_xml

_SPEED: Final = {"KT": MPS_PER_KT, "KM_H": 1 / 3.6, "M_SEC": 1.0, "MACH": 295.07}
_LEVEL: Final = {"FL": M_PER_FL, "SM": 10.0, "FT": M_PER_FT, "M": 1.0}
_MOST_OCTETS: Final = 64 * 1024 * 1024
_TYPES: Final = {"SCHEDULED": "S", "NON_SCHEDULED": "N", "GENERAL": "G", "MILITARY": "M", "OTHER": "X"}


class _WrongError(ValueError):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def read_fixm(data: bytes, source: str = "") -> tuple[tuple[FlightMessage, ...], tuple[SetAside, ...]]:
    """Return the flights of a FIXM document and what was set aside. Never raises."""
    if len(data) > _MOST_OCTETS:
        return (), (SetAside("FIXM", "file", f"is larger than {_MOST_OCTETS >> 20} MB"),)
    try:
        root = read_xml(data)
    except XmlRefusedError as why:
        return (), (SetAside("FIXM", why.field, str(why)),)
    flights = [e for e in root.iter("{*}flight", "{*}Flight") if _child(e, "flightIdentification") is not None]
    if not flights and _local(root) in ("Flight", "flight"):
        flights = [root]
    good: list[FlightMessage] = []
    aside: list[SetAside] = []
    for flight in flights:
        try:
            good += _messages(flight, f"{source}:{flight.sourceline or 1}" if source else "")
        except _WrongError as why:
            aside.append(SetAside("FIXM", why.field, str(why), source))
    if not flights:
        aside.append(SetAside("FIXM", "flight", "there is no flight in this document", source))
    return tuple(good), tuple(aside)


def _messages(flight: Any, source: str) -> list[FlightMessage]:
    identification = _child(flight, "flightIdentification")
    callsign = _text(identification, "aircraftIdentification").upper()
    if not re.fullmatch(r"[A-Z0-9]{1,7}", callsign):
        raise _WrongError("aircraftIdentification", f"{callsign[:20]!r} is no aircraft identification")
    aircraft, departure, arrival = (_child(flight, n) for n in ("aircraft", "departure", "arrival"))
    adep, ades = _aerodrome(departure, "departureAerodrome"), _aerodrome(arrival, "destinationAerodrome")
    if not adep:
        raise _WrongError("departureAerodrome", "is missing")
    eobt_ns = _instant(departure, "estimatedOffBlockTime")
    status = _text(flight, "flightStatus").upper()
    common = {"callsign": callsign, "departure": adep, "destination": ades, "source": source, "text": source}
    if status == "CANCELLED":
        return [FlightMessage(kind="CNL", dof_ns=day_start_ns(eobt_ns) if eobt_ns >= 0 else -1, **common)]  # type: ignore[arg-type]
    if eobt_ns < 0:
        raise _WrongError("estimatedOffBlockTime", "is missing")
    level_m, datum = _level(flight)
    address = _text(aircraft, "aircraftAddress").upper()
    if address and not re.fullmatch(r"[0-9A-F]{6}", address):
        raise _WrongError("aircraftAddress", f"{address[:12]!r} is no 24-bit address")
    code = _text(flight, "modeACode")
    other = tuple(
        (key, value) for key, name in (("RMK", "remarks"), ("OPR", "operatingOrganization"), ("STS", "specialHandling"))
        if (value := " ".join(_text(flight, name).split()))
    )  # fmt: skip
    filed = FlightMessage(
        kind="FPL", icao24=int(address, 16) if address else 0, registration=_text(aircraft, "registration").upper(),
        mode3a=int(code, 8) if re.fullmatch(r"[0-7]{4}", code) else 65535,
        rules={"IFR": "I", "VFR": "V", "Y": "Y", "Z": "Z"}.get(_text(flight, "flightRulesCategory").upper(), "I"),
        flight_type=_TYPES.get(_text(flight, "flightType").upper(), ""),
        aircraft_type=_text(aircraft, "icaoAircraftTypeDesignator").upper(), wake=_text(aircraft, "wakeTurbulence")[:1],
        eobt_s=(eobt_ns - day_start_ns(eobt_ns)) // NS_PER_S, dof_ns=day_start_ns(eobt_ns), speed_mps=_speed(flight),
        level_m=level_m, level_datum=datum, route=" ".join(_text(flight, "routeText").upper().split()),
        eet_s=_duration(_text(flight, "totalEstimatedElapsedTime")), other=other, **common,  # type: ignore[arg-type]
    )  # fmt: skip
    found = [filed]
    departed_ns = _instant(departure, "actualTimeOfDeparture")
    if departed_ns >= 0:
        found.append(
            FlightMessage(kind="DEP", departed_s=departed_ns % DAY_NS // NS_PER_S, dof_ns=filed.dof_ns, **common)  # type: ignore[arg-type]
        )
    arrived_ns = _instant(arrival, "actualTimeOfArrival")
    if arrived_ns >= 0:
        at = _aerodrome(arrival, "arrivalAerodrome") or ades
        found.append(
            FlightMessage(kind="ARR", arrived_at=at, arrived_s=arrived_ns % DAY_NS // NS_PER_S, dof_ns=filed.dof_ns,
                          **common)  # type: ignore[arg-type]
        )  # fmt: skip
    return found


def _child(element: Any, name: str) -> Any:
    return next(element.iter(f"{{*}}{name}"), None) if element is not None else None


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: Any, name: str) -> str:
    """Return the words of the first element of a name, its own or of its children."""
    found = _child(element, name)
    return " ".join("".join(found.itertext()).split()) if found is not None else ""


def _aerodrome(element: Any, name: str) -> str:
    place = _child(element, name)
    code = (_text(place, "locationIndicator") or _text(place, "code")).upper() if place is not None else ""
    if code and not re.fullmatch(r"[A-Z]{4}", code):
        raise _WrongError(name, f"{code[:12]!r} is no location indicator")
    return code


def _instant(element: Any, name: str) -> int:
    text = _text(element, name)
    if not text:
        return -1
    found = re.search(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?", text)
    t_ns = civil_ns(*(int(g or 0) for g in found.groups()[:6])) if found else None
    if t_ns is None or found is None:
        raise _WrongError(name, f"{text[:30]!r} is no time")
    zone = found[7] or "Z"
    if zone != "Z":
        t_ns -= (int(zone[1:3]) * 60 + int(zone[4:])) * 60 * NS_PER_S * (1 if zone[0] == "+" else -1)
    return t_ns


def _speed(flight: Any) -> float:
    element = _child(flight, "cruisingSpeed")
    if element is None:
        return -1.0
    value = _number(element, "cruisingSpeed")
    return value * _SPEED.get((element.get("uom") or "KT").upper(), MPS_PER_KT)


def _level(flight: Any) -> tuple[float, str]:
    parent = _child(flight, "cruisingLevel")
    if parent is None:
        return -1.0, ""
    for name, datum in (("flightLevel", "FL"), ("altitude", "AMSL")):
        element = _child(parent, name)
        if element is not None:
            unit = (element.get("uom") or ("FL" if datum == "FL" else "FT")).upper()
            return _number(element, name) * _LEVEL.get(unit, M_PER_FT), datum
    return -1.0, "VFR" if "VFR" in "".join(parent.itertext()) else ""


def _number(element: Any, name: str) -> float:
    try:
        value = float("".join(element.itertext()).strip())
    except ValueError:
        raise _WrongError(name, f"{''.join(element.itertext()).strip()[:20]!r} is no number") from None
    if not 0.0 <= value < 1e6:
        raise _WrongError(name, f"{value:g} is out of range")
    return value


def _duration(text: str) -> int:
    found = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?", text)
    if not text or not found:
        return -1
    days, hours, minutes, seconds = (int(g or 0) for g in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
