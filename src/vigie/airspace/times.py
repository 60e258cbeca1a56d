"""Instants as text in airspace files: ISO 8601, UTC."""

from __future__ import annotations

import re

from vigie.terms.utc import civil_date, civil_ns
from vigie.terms.windows import FOREVER_NS, Window

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):?(\d\d)(?::?(\d\d)(?:\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?")


def parse_iso(text: str) -> int:
    """Return ns UTC of an ISO date or time; ValueError where it is none. Without a zone it is UTC."""
    found = _ISO.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text.strip()[:30]!r} is no time such as 2026-11-27T06:00Z")
    numbers = [int(g) if g else 0 for g in found.groups()[:6]]
    t_ns = civil_ns(*numbers)
    if t_ns is None:
        raise ValueError(f"{text.strip()[:30]!r} is a time that does not exist")
    zone = found.group(7) or "Z"
    if zone != "Z":
        minutes = int(zone[1:3]) * 60 + int(zone[-2:])
        t_ns -= minutes * 60_000_000_000 * (1 if zone[0] == "+" else -1)
    return t_ns


def iso_window(text: str) -> Window:
    """Return the window of ``START/END``."""
    start, slash, end = text.partition("/")
    if not slash:
        raise ValueError(f"{text[:40]!r} is no START/END")
    window = Window(start_ns=parse_iso(start), end_ns=parse_iso(end))
    if window.end_ns <= window.start_ns:
        raise ValueError(f"{text[:60]!r} ends before it starts")
    return window


def iso_text(start_ns: int, end_ns: int) -> str:
    """Return ``START/END``."""
    return f"{iso(start_ns)}/{iso(end_ns)}"


def iso(t_ns: int) -> str:
    """Return an instant as ``2026-11-27T06:00Z``, with seconds where it has some; empty where it is no instant."""
    if abs(t_ns) >= FOREVER_NS:
        return ""
    year, month, day = civil_date(t_ns)
    seconds = t_ns // 1_000_000_000 % 86_400
    text = f"{year:04d}-{month:02d}-{day:02d}T{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return text + (f":{seconds % 60:02d}Z" if seconds % 60 else "Z")
