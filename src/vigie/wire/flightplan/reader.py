"""ICAO flight messages out of AFTN text: FPL CHG CNL DLA DEP ARR CPL EST.

A text may hold any number of messages and anything between them. A bad message is set aside with its field named;
the next begins at the next parenthesis that opens a message, so that none stops another.
Source: ICAO Doc 4444, appendix 3, sections 1 and 3 (composition of messages).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from typing import Any, Final

from vigie.terms.messages import FlightMessage, SetAside
from vigie.wire.flightplan import fields
from vigie.wire.flightplan.fields import FieldError, Values

MOST_MESSAGE: Final = 20_000
"""Characters of the longest message that is read."""
_KINDS: Final = ("FPL", "CHG", "CNL", "DLA", "DEP", "ARR", "CPL", "EST")
_OTHERS: Final = ("SPL", "RQP", "RQS", "CDN", "ACP", "LAM", "ALR", "RCF", "ACK", "REJ", "MAN")
_START: Final = re.compile(r"\(\s*([A-Z]{3})(?=[A-Z/0-9]{0,16}\s*-)")


def read_messages(data: bytes, source: str = "") -> tuple[tuple[FlightMessage, ...], tuple[SetAside, ...]]:
    """Return the messages of a text and what was set aside. Never raises."""
    text = data.decode("utf-8", "replace").replace("\0", " ")
    good: list[FlightMessage] = []
    aside: list[SetAside] = []
    for line, kind, piece in split_messages(text):
        found = read_message(kind, piece, f"{source}:{line}" if source else "")
        if isinstance(found, FlightMessage):
            good.append(found)
        else:
            aside.append(replace(found, source=f"{source}:{line}" if source else ""))
    if not good and not aside and text.strip():
        aside.append(SetAside("", "3", "no message: none opens as (FPL- or the like", text[:2000]))
    return tuple(good), tuple(aside)


def split_messages(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield (line, type, text) of each message: up to its closing parenthesis or the next message."""
    starts = list(_START.finditer(text))
    line, at = 1, 0
    for match, following in zip_longest(starts, starts[1:]):
        line += text.count("\n", at, match.start())
        at = match.start()
        piece = text[at : following.start() if following else None]
        close = piece.find(")")
        yield line, match[1], piece[: close + 1] if close >= 0 else piece


def read_message(kind: str, text: str, source: str = "") -> FlightMessage | SetAside:
    """Return one message, or why it was set aside. Never raises."""
    try:
        return _read(kind, text, source)
    except FieldError as why:
        return SetAside(kind, why.field, str(why), text[:2000])


def _read(kind: str, text: str, source: str) -> FlightMessage:
    if kind not in _KINDS:
        known = kind in _OTHERS
        raise FieldError("3", f"messages of type {kind} {'say nothing of a plan here' if known else 'are not known'}")
    if len(text) > MOST_MESSAGE:
        raise FieldError("3", f"is longer than {MOST_MESSAGE:,} characters")
    if not text.endswith(")"):
        raise FieldError("3", "does not end with a parenthesis")
    words = " ".join(text[1:-1].split())
    parts = [p.strip() for p in words.split("-")]
    head = re.fullmatch(rf"{kind}(?:[A-Z]{{1,8}}/[A-Z]{{1,8}}\d{{3}}){{0,2}}", parts[0].replace(" ", ""))
    if not head:
        raise FieldError("3", f"{parts[0][:20]!r} is no message type and number")
    values = _COMPOSITION[kind](parts[1:])
    return FlightMessage(kind=kind, source=source, text=words, **values)


def _filed(parts: list[str]) -> Values:
    order = [fields.field_7, fields.field_8, fields.field_9, fields.field_10, fields.field_13, fields.field_15,
             fields.field_16]  # fmt: skip
    return _in_order(parts, order, ["7", "8", "9", "10", "13", "15", "16"])


def _current(parts: list[str]) -> Values:
    order = [fields.field_7, fields.field_8, fields.field_9, fields.field_10, _departure, fields.field_14,
             fields.field_15, fields.field_16]  # fmt: skip
    return _in_order(parts, order, ["7", "8", "9", "10", "13", "14", "15", "16"])


def _in_order(parts: list[str], order: list[Any], numbers: list[str]) -> Values:
    if len(parts) < len(order):
        raise FieldError(numbers[len(parts)], "is missing")
    values: Values = {}
    for part, read in zip(parts, order, strict=False):
        values |= read(part)
    rest = parts[len(order) :]
    # Field 19 (survival) is not of the plan; a hyphen inside field 18 is not allowed, but is seen.
    while len(rest) > 1 and re.match(r"[EPRSJDACN]/", rest[-1]):
        rest.pop()
    if rest:
        values |= fields.field_18("-".join(rest))
    return values


def _departure(text: str) -> Values:
    return fields.field_13(text, time=False)


def _short(parts: list[str], *, time: bool = True) -> Values:
    """Fields 7, 13, 16 and, if there, 18: CNL, DLA, DEP and the head of CHG."""
    if len(parts) < 3:
        raise FieldError(("7", "13", "16")[len(parts)], "is missing")
    values = fields.field_7(parts[0]) | fields.field_13(parts[1], time=time) | fields.field_16(parts[2])
    return values | fields.field_18("-".join(parts[3:])) if parts[3:] else values


def _cancelled(parts: list[str]) -> Values:
    return _short(parts, time=False)


def _departed(parts: list[str]) -> Values:
    values = _short(parts)
    return {**values, "departed_s": values["eobt_s"], "eobt_s": -1}


def _arrived(parts: list[str]) -> Values:
    if len(parts) < 3:
        raise FieldError(("7", "13", "17")[len(parts)], "is missing")
    values = fields.field_7(parts[0]) | fields.field_13(parts[1], time=False)
    rest = parts[2:]
    if len(rest) > 1 and re.match(r"(?:DOF|REG|RMK|STS|OPR)/|0$", rest[-1]):
        values |= fields.field_18(rest.pop())
    if len(rest) > 1:
        values |= fields.field_16(rest[0])
    return values | fields.field_17(rest[-1])


def _estimated(parts: list[str]) -> Values:
    if len(parts) < 4:
        raise FieldError(("7", "13", "14", "16")[len(parts)], "is missing")
    values = fields.field_7(parts[0]) | fields.field_13(parts[1], time=False) | fields.field_14(parts[2])
    return values | fields.field_16(parts[3])


def _changed(parts: list[str]) -> Values:
    at = next((i for i, p in enumerate(parts) if i > 2 and re.match(r"\d{1,2}/", p)), len(parts))
    if at == len(parts):
        raise FieldError("22", "is missing")
    values = _short(parts[:at], time=False)
    values.pop("alternates", None)
    changed: list[str] = []
    amendments: list[str] = []
    for part in parts[at:]:
        if re.match(r"\d{1,2}/", part) or not amendments:
            amendments.append(part)
        else:
            amendments[-1] += "-" + part  # a hyphen inside an amended field 18
    for part in amendments:
        new = fields.field_22(part)
        changed += [name for name in new.pop("changed") if name not in changed]
        # What the message changes of the flight's name is told apart from what it is called now.
        for key in ("callsign", "departure"):
            if key in new and new[key] != values.get(key):
                raise FieldError("22", f"changes the flight's {key}: cancel it and file it anew")
        values |= new
    return {**values, "changed": tuple(changed)}


_COMPOSITION: Final[dict[str, Any]] = {
    "FPL": _filed, "CPL": _current, "CHG": _changed, "CNL": _cancelled, "DLA": _short, "DEP": _departed,
    "ARR": _arrived, "EST": _estimated,
}  # fmt: skip
