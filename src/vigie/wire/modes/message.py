"""The people's view of Mode S: every field of a message with value, unit and place; every register it may be.

Off the hot way: ``rs1090`` reads the fields, a bounded batch at a time; the places come from ``registers`` and the
confidence in a Comm-B register from ``commb``. A reply may be read as several registers; all are told, the likely one
with its confidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import rs1090

from vigie.terms.units import M_PER_FT
from vigie.wire.modes.commb import NAMES, infer_all
from vigie.wire.modes.registers import FIELDS, RegisterField
from vigie.wire.modes.tables import CRC

BATCH: Final = 512
"""Messages read at a time."""

UNITS: Final = {
    "altitude": "ft", "groundspeed": "kt", "track": "°", "vertical_rate": "ft/min", "geo_minus_baro": "ft",
    "selected_altitude": "ft", "selected_heading": "°", "barometric_setting": "hPa", "IAS": "kt", "TAS": "kt",
    "heading": "°",
}  # fmt: skip
_PLACES: Final = {(f.register, f.name): f for f in FIELDS}
_DATA: Final = 4
"""The octet where the 7 octets of a squitter or a Comm-B field begin."""
_PARITY: Final = ("bad_crc", "a parity that fits its octets")
_SETTING_HPA: Final = 800.0
_SQUITTER: Final = (17, 18, 19)
_REPLY: Final = (20, 21)
_KNOWN: Final = (0, 4, 5, 11, 16, 17, 18, 19, 20, 21, 24)


def register_name(number: int) -> str:
    """Return ``"BDS 4,0"`` for 0x40."""
    return f"BDS {number >> 4:X},{number & 15:X}"


def fault_of(message: bytes) -> tuple[str, str] | None:
    """Return (reason, what was expected) of 7 or 14 octets that are no message, None where they are one."""
    downlink = min(message[0] >> 3, 24)
    if downlink not in _KNOWN:
        return "bad_format", "a downlink format of " + ", ".join(map(str, _KNOWN))
    width = 14 if downlink >= 16 else 7
    if len(message) < width:
        return "bad_length", f"{width} octets"
    rest = 0
    for k in range(width):
        rest ^= int(CRC[14 - width + k, message[k]])
    wrong = rest != 0 if downlink in _SQUITTER else downlink == 11 and rest > 127
    return _PARITY if wrong else None


def read_messages(messages: Sequence[bytes]) -> Iterator[list[dict[str, Any]]]:
    """Yield the items of each message of 7 or 14 octets, in order; ``fault_of`` is None for each."""
    for first in range(0, len(messages), BATCH):
        some = messages[first : first + BATCH]
        told: Any = rs1090.decode([m[: 14 if m[0] >> 3 >= 16 else 7].hex() for m in some])
        likely = _likely(some, told)
        for message, fields, register in zip(some, told, likely, strict=True):
            yield _items(message, fields or {}, register)


def _likely(messages: Sequence[bytes], told: Sequence[dict[str, Any] | None]) -> list[tuple[int, float]]:
    """Return the register each reply most likely holds (0 none) with the confidence; (0, 0.0) for other messages."""
    out = [(0, 0.0)] * len(messages)
    replies = [i for i, m in enumerate(messages) if m[0] >> 3 in _REPLY]
    if replies:
        octets = np.frombuffer(b"".join(messages[i][_DATA : _DATA + 7] for i in replies), np.uint8).reshape(-1, 7)
        feet = [(told[i] or {}).get("altitude") for i in replies]
        levels = np.array([np.nan if f is None else f * M_PER_FT for f in feet])
        registers, confidence, _ = infer_all(octets, levels)
        for i, register, sure in zip(replies, registers.tolist(), confidence.tolist(), strict=True):
            out[i] = (register, round(sure, 4))
    return out


def _items(message: bytes, fields: dict[str, Any], likely: tuple[int, float]) -> list[dict[str, Any]]:
    downlink = min(message[0] >> 3, 24)
    out: list[dict[str, Any]] = [{"name": "df", "offset": 0, "octets": message[:1].hex(), "value": downlink}]
    data = message[_DATA : _DATA + 7]
    inner: list[dict[str, Any]] = []
    for name, value in fields.items():
        if name in ("df", "bds") or (isinstance(value, dict) and name.startswith("bds")):
            continue
        place = _header(message, downlink, name)
        (out if place else inner).append({"name": name, **place, **_value(name, value)})
    if downlink in _SQUITTER:
        number = int(str(fields.get("bds", "0")), 16)
        name = register_name(number) if number else "ME"
        out.append({"name": name, "offset": _DATA, "octets": data.hex(), "parts": inner})
    else:
        out += inner
    if downlink in _REPLY:
        read = {int(k[3:], 16): v for k, v in fields.items() if k.startswith("bds") and isinstance(v, dict)}
        out += _registers(data, _DATA, read, likely)
    return out


def _registers(
    data: bytes, offset: int, read: dict[int, dict[str, Any]], likely: tuple[int, float]
) -> list[dict[str, Any]]:
    if likely[0] in NAMES and likely[0] not in read:
        read = {**read, likely[0]: {}}
    if not read:
        return [{"name": "MB", "offset": offset, "octets": data.hex()}]
    nodes = []
    for number in sorted(read):
        node = register(data, number, offset, read[number])
        if number == likely[0]:
            node["confidence"] = likely[1]
        nodes.append(node)
    return nodes


def register(data: bytes, number: int, offset: int, read: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a register of 7 octets as an item: its fields with name, value, unit, raw bits, octets and offset.

    ``read``: what ``rs1090`` says of it; asked for where it is not given. Fields without a value are left out.
    """
    if read is None:
        read = _ask(data, number)
    parts = []
    for name in NAMES.get(number, ()):
        place = _PLACES[number, name]
        value = read[name] if name in read else _own(data, place)
        if value is not None:
            parts.append(_field(data, place, offset, value))
    for name, value in read.items():
        if name != "bds" and (number, name) not in _PLACES:
            parts.append({"name": name, **_value(name, value)})
    return {"name": register_name(number), "offset": offset, "octets": data.hex(), "parts": parts}


def _ask(data: bytes, number: int) -> dict[str, Any]:
    """Return the fields ``rs1090`` reads from a register whose number is known; none where it finds them illegal."""
    reader = getattr(rs1090, f"decode_bds{number:02x}", None)
    if reader is None:
        return {}
    try:
        return dict(reader((b"\xa0\x00\x00\x00" + data + b"\x00\x00\x00").hex()))
    except (AssertionError, ValueError):  # it says so where a value is beyond what it believes
        return {}


def _own(data: bytes, place: RegisterField) -> float | None:
    """Return the value of a field by our own table, None where its status bit says that there is none."""
    word = int.from_bytes(data, "big")
    if place.status and not word >> (56 - place.status) & 1:
        return None
    raw = word >> (57 - place.first - place.width) & ((1 << place.width) - 1)
    if place.sign and word >> (56 - place.sign) & 1:
        raw -= 1 << place.width
    return raw * place.step + (_SETTING_HPA if place.name == "barometric_setting" else 0.0)


def _field(data: bytes, place: RegisterField, offset: int, value: Any) -> dict[str, Any]:
    first = place.sign or place.first
    width = place.first + place.width - first
    start, stop = (first - 1) // 8, (first + width + 6) // 8
    raw = int.from_bytes(data, "big") >> (57 - first - width) & ((1 << width) - 1)
    unit = UNITS.get(place.name, place.unit)
    node = {"name": place.name, "offset": offset + start, "octets": data[start:stop].hex(), "width": width, "raw": raw}
    return {**node, **_value("", value), **({"unit": unit} if unit else {})}


def _header(message: bytes, downlink: int, name: str) -> dict[str, Any]:
    """Return offset and octets of a field before the data; nothing for a field inside them."""
    spans = {"capability": (0, 1)} if downlink in (11, 17) else {}
    if downlink in (0, 4, 5, 16, 20, 21):
        spans |= {"altitude": (2, 4), "squawk": (2, 4)}
    end = 14 if downlink >= 16 else 7
    spans["icao24"] = (1, 4) if downlink in (11, *_SQUITTER) else (end - 3, end)
    if name not in spans:
        return {}
    start, stop = spans[name]
    return {"offset": start, "octets": message[start:stop].hex()}


def _value(name: str, value: Any) -> dict[str, Any]:
    unit = UNITS.get(name, "")
    return {"value": value, "unit": unit} if unit else {"value": value}
