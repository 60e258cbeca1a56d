"""The fields of ICAO flight messages: text in, named values out, ``FieldError`` with the field's number.

Source: ICAO Doc 4444 (16th edition, amendment 9), appendix 3, section 2 (fields 3 to 22).
"""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import Any, Final

from vigie.terms.units import M_PER_FL, MPS_PER_KT
from vigie.terms.utc import civil_ns

Values = dict[str, Any]

_INDICATORS: Final = (
    "STS", "PBN", "NAV", "COM", "DAT", "SUR", "DEP", "DEST", "DOF", "REG", "EET", "SEL", "TYP", "CODE", "DLE", "OPR",
    "ORGN", "PER", "ALTN", "RALT", "TALT", "RIF", "RMK", "RFP", "IFP", "EUR", "AWR",
)  # fmt: skip
_INDICATOR: Final = re.compile(r"(?:^|\s)(" + "|".join(_INDICATORS) + r")/")
_SPEED: Final = re.compile(r"(?:(K)(\d{4})|(N)(\d{4})|(M)(\d{3}))")
_LEVEL: Final = re.compile(r"F(\d{3})|A(\d{3})|S(\d{4})|M(\d{4})|VFR")


class FieldError(ValueError):
    """A field that cannot be read: its number, and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def field_7(text: str) -> Values:
    """Aircraft identification, and the code of Mode A where it is said: ``NIG105/A4721``."""
    found = re.fullmatch(r"([A-Z0-9]{1,7})(?:/A([0-7]{4})?)?", text)
    if not found:
        raise FieldError("7", f"{text[:20]!r} is no aircraft identification of 1 to 7 letters and digits")
    return {"callsign": found[1], **({"mode3a": int(found[2], 8)} if found[2] else {})}


def field_8(text: str) -> Values:
    """Flight rules and type of flight: ``IS``."""
    found = re.fullmatch(r"([IVYZ])([SNGMX])?", text)
    if not found:
        raise FieldError("8", f"{text[:20]!r} is no flight rules (I V Y Z) and type of flight (S N G M X)")
    return {"rules": found[1], "flight_type": found[2] or ""}


def field_9(text: str) -> Values:
    """Number and type of aircraft, wake turbulence category: ``2F5/M``, ``B738/M``."""
    found = re.fullmatch(r"(\d{1,2})?([A-Z][A-Z0-9]{1,3})/([LMHJ])", text)
    if not found:
        raise FieldError("9", f"{text[:20]!r} is no type of aircraft with its wake category, such as B738/M")
    return {"number": int(found[1] or 1), "aircraft_type": found[2], "wake": found[3]}


def field_10(text: str) -> Values:
    """Equipment and surveillance: ``SDFGHIRWY/LB1``."""
    found = re.fullmatch(r"([A-Z0-9]{1,64})/([A-Z0-9]{1,20})", text.replace(" ", ""))
    if not found:
        raise FieldError("10", f"{text[:30]!r} is no equipment/surveillance")
    return {"equipment": found[1], "surveillance": found[2]}


def field_13(text: str, *, time: bool = True) -> Values:
    """Departure aerodrome and off-block time: ``DRRN1030``; the time may be wanting in some messages."""
    found = re.fullmatch(r"([A-Z]{4})(\d{4})?", text)
    if not found or (time and not found[2]):
        raise FieldError(
            "13", f"{text[:20]!r} is no departure aerodrome{' and time' if time else ''}, such as DRRN1030"
        )
    return {"departure": found[1], **({"eobt_s": clock_s("13", found[2])} if found[2] else {})}


def field_14(text: str) -> Values:
    """Estimate: boundary point, time, cleared level: ``LN/1746F160``."""
    found = re.fullmatch(
        r"([A-Z0-9]{2,11})/(\d{4})((?:[FA]\d{3})|(?:[SM]\d{4}))?(?:(?:[FA]\d{3}|[SM]\d{4})[AB])?", text
    )
    if not found:
        raise FieldError("14", f"{text[:30]!r} is no estimate such as VITES/1746F160")
    level_m = level("14", found[3])[0] if found[3] else -1.0
    return {"estimate_point": found[1], "estimate_s": clock_s("14", found[2]), "estimate_level_m": level_m}


def field_15(text: str) -> Values:
    """Speed, level and route: ``N0450F350 VITES VG1 VIAGA DCT``."""
    words = text.split()
    if not words:
        raise FieldError("15", "is empty")
    found = re.fullmatch(r"([KN]\d{4}|M\d{3})([FA]\d{3}|[SM]\d{4}|VFR)", words[0])
    if not found:
        raise FieldError("15", f"{words[0][:20]!r} is no speed and level such as N0450F350")
    value = _SPEED.fullmatch(found[1])
    assert value is not None
    values: Values = {"route": " ".join(words[1:])}
    if value[1]:
        values["speed_mps"] = int(value[2]) / 3.6
    elif value[3]:
        values["speed_mps"] = int(value[4]) * MPS_PER_KT
    else:
        values["mach"] = int(value[6]) / 100.0
        values["speed_mps"] = int(value[6]) / 100.0 * 295.07  # speed of sound in the stratosphere of the standard day
    values["level_m"], values["level_datum"] = level("15", found[2])
    bad = next((w for w in words[1:] if not re.fullmatch(r"[A-Z0-9/.,+]{1,40}", w)), "")
    if bad:
        raise FieldError("15", f"the route holds {bad[:20]!r}")
    return values


def field_16(text: str) -> Values:
    """Destination, time en route, alternates: ``DRZA0130 DRRN``; the time may be wanting in some messages."""
    words = text.split()
    found = re.fullmatch(r"([A-Z]{4})(\d{4})?", words[0]) if words else None
    if not found:
        raise FieldError("16", f"{text[:20]!r} is no destination and time en route, such as DRZA0130")
    bad = next((w for w in words[1:] if not re.fullmatch(r"[A-Z]{4}", w)), "")
    if bad:
        raise FieldError("16", f"{bad[:12]!r} is no alternate aerodrome")
    values: Values = {"destination": found[1], "alternates": tuple(words[1:])}
    if found[2]:
        if int(found[2][2:]) > 59:
            raise FieldError("16", f"{found[2]} is no time en route")
        values["eet_s"] = (int(found[2][:2]) * 60 + int(found[2][2:])) * 60
    return values


def field_17(text: str) -> Values:
    """Arrival aerodrome and time: ``DRZA1203``, or ``ZZZZ1203 NAME``."""
    found = re.fullmatch(r"([A-Z]{4})(\d{4})(?:\s+.{1,60})?", text)
    if not found:
        raise FieldError("17", f"{text[:20]!r} is no arrival aerodrome and time")
    return {"arrived_at": found[1], "arrived_s": clock_s("17", found[2])}


def field_18(text: str) -> Values:
    """Other information: indicators with their words; ``0`` where there is none. DOF, REG and CODE are read further."""
    stripped = " ".join(text.split())
    if stripped in ("", "0"):
        return {"other": ()}
    parts = list(_INDICATOR.finditer(stripped))
    if not parts or stripped[: parts[0].start()].strip():
        raise FieldError("18", f"{stripped[:30]!r} begins with no indicator such as DOF/ or RMK/")
    pairs: dict[str, str] = {}
    for part, following in zip_longest(parts, parts[1:]):
        value = stripped[part.end() : following.start() if following else None].strip()
        pairs[part[1]] = f"{pairs[part[1]]} {value}" if part[1] in pairs else value
    values: Values = {"other": tuple(pairs.items())}
    if "DOF" in pairs:
        values["dof_ns"] = _date(pairs["DOF"])
    if "REG" in pairs:
        values["registration"] = pairs["REG"].split()[0] if pairs["REG"].split() else ""
    if "CODE" in pairs:
        words = pairs["CODE"].split()
        if not words or not re.fullmatch(r"[0-9A-F]{6}", words[0]):
            raise FieldError("18", f"CODE/{pairs['CODE'][:12]} is no 24-bit address")
        values["icao24"] = int(words[0], 16)
    return values


def field_22(text: str) -> Values:
    """One amendment, ``15/N0450F350 ...``: its values, with the names of what it changes in ``changed``."""
    number, slash, rest = text.strip().partition("/")
    reader = {"7": field_7, "8": field_8, "9": field_9, "10": field_10, "13": field_13, "14": field_14, "15": field_15,
              "16": field_16, "18": field_18}.get(number)  # fmt: skip
    if not slash or reader is None:
        raise FieldError("22", f"{text.strip()[:20]!r} amends no field that is known")
    values = reader(rest.strip())
    return {**values, "changed": tuple(values)}


def level(field: str, text: str) -> tuple[float, str]:
    """Return metres and datum (FL, AMSL, VFR) of ``F350``, ``A045``, ``S1130``, ``M0840``, ``VFR``."""
    found = _LEVEL.fullmatch(text)
    if not found:
        raise FieldError(field, f"{text[:10]!r} is no level")
    if found[1]:
        return int(found[1]) * M_PER_FL, "FL"
    if found[2]:
        return int(found[2]) * M_PER_FL, "AMSL"
    if found[3]:
        return int(found[3]) * 10.0, "FL"
    if found[4]:
        return int(found[4]) * 10.0, "AMSL"
    return -1.0, "VFR"


def clock_s(field: str, text: str) -> int:
    """Return seconds of the day of ``hhmm``."""
    hour, minute = int(text[:2]), int(text[2:])
    if hour > 23 or minute > 59:
        raise FieldError(field, f"{text} is no time of day")
    return (hour * 60 + minute) * 60


def _date(text: str) -> int:
    digits = text.split(maxsplit=1)[0] if text.split() else ""
    t_ns = None
    if re.fullmatch(r"\d{6}", digits):
        t_ns = civil_ns(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    if t_ns is None:
        raise FieldError("18", f"DOF/{text[:12]} is no date such as DOF/261127")
    return t_ns
