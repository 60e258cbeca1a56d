"""BaseStation (SBS-1) text: comma-separated lines of already decoded reports, read and written.

``MSG`` lines of transmission types 1 to 8 (and ``MLAT``, the same from a multilateration server) hold 22 fields:
1 line, 2 type, 5 address, 7 and 8 date and time made, 9 and 10 logged, 11 call sign, 12 altitude (ft), 13 speed (kt),
14 track (degrees), 15 latitude, 16 longitude, 17 climb (ft/min), 18 squawk, 19 alert, 20 emergency, 21 SPI, 22 ground.
``SEL ID AIR STA CLK`` are status lines. Source: the BaseStation socket data format as published by its users.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from vigie.terms.kernel import lean
from vigie.terms.ledger import REASON
from vigie.terms.units import M_PER_FT, MPS_PER_FPM, MPS_PER_KT, NS_PER_S
from vigie.wire.modes.stream import LIMIT, SEARCHED, SKIPPED, line_end
from vigie.wire.modes.tables import F8, I8, NO_CODE, PLACEHOLDER, U1, U2, U4, U8, whole

LINE_STATUS: Final = 9
"""``kind`` of a line that says nothing of a flight (SEL, ID, AIR, STA, CLK); MSG lines have their type 1 to 8."""
LINE_MLAT: Final = 16
"""Added to the type of a line of a multilateration server."""
NO_TIME: Final = -1

BIT_ALERT: Final = 1
BIT_EMERGENCY: Final = 2
BIT_SPI: Final = 4
BIT_GROUND: Final = 8
BIT_NOT_ICAO: Final = 16
BIT_BAD_CALLSIGN: Final = 32

_FIELDS: Final = 22
_LONGEST: Final = 1024
_BAD_TEXT: Final = REASON["bad_text"]
_BAD_VALUE: Final = REASON["bad_value"]
_BAD_FORMAT: Final = REASON["bad_format"]
_BUFFER_LIMIT: Final = REASON["buffer_limit"]


class Lines(NamedTuple):
    """What the lines say, in their order, in SI units; NaN, 65535, 0 (call sign) and -1 (time) where they are silent.

    ``callsign``: 8 ASCII characters as a number, first lowest. ``logged_ns``: its own date and time (UTC as written).
    ``field``: number of the field that made it a reject, ``place``: where that field begins.
    """

    kind: U1
    address: U4
    callsign: U8
    press_alt_m: F8
    speed_mps: F8
    track_rad: F8
    lat_deg: F8
    lon_deg: F8
    climb_mps: F8
    squawk: U2
    bits: U1
    logged_ns: I8
    start: I8
    end: I8
    reason: U1
    field: U1
    place: I8


def new_lines(n: int) -> Lines:
    """Return room for ``n`` lines."""
    i8, f8, u1 = np.int64, np.float64, np.uint8
    types = (
        u1, np.uint32, np.uint64, f8, f8, f8, f8, f8, f8, np.uint16, u1, i8, i8, i8, u1, u1, i8,
    )  # fmt: skip
    return Lines(*[np.zeros(n, t) for t in types])  # type: ignore[arg-type]


@lean
def _number(work: U1, start: int, end: int) -> tuple[float, int]:
    """Return the decimal number in ``work[start:end]`` and 0, or NaN and the reason why it is none (0 for empty)."""
    if start == end:
        return math.nan, 0
    p = start
    negative = work[p] == 45
    if work[p] in (43, 45):
        p += 1
    mantissa = 0
    scale = 1.0
    digits = 0
    after = False
    while p < end:
        c = whole(work[p])
        if 48 <= c <= 57:
            digits += 1
            if digits <= 17:
                mantissa = mantissa * 10 + c - 48
                if after:
                    scale *= 10.0
            elif not after:
                return math.nan, _BAD_VALUE
        elif c == 46 and not after:
            after = True
        else:
            break
        p += 1
    if p < end:
        # NaN, Infinity and powers of ten are numbers to some writers, and none that a report may hold.
        c = whole(work[p]) | 32
        named = digits == 0 and (c in (105, 110))
        return math.nan, _BAD_VALUE if named or (digits > 0 and c == 101) else _BAD_TEXT
    if digits == 0:
        return math.nan, _BAD_TEXT
    return (-mantissa if negative else mantissa) / scale, 0


@lean
def _limited(work: U1, start: int, end: int, low: float, high: float) -> tuple[float, int]:
    """Return a number that must lie between two limits, as ``_number`` does."""
    value, reason = _number(work, start, end)
    if value < low or value > high:
        return math.nan, _BAD_VALUE
    return value, reason


@lean
def _digits(work: U1, start: int, n: int) -> int:
    """Return the whole number of exactly ``n`` digits at ``start``, or -1."""
    value = 0
    for p in range(start, start + n):
        c = whole(work[p])
        if c < 48 or c > 57:
            return -1
        value = value * 10 + c - 48
    return value


@lean
def _instant(work: U1, date: int, date_end: int, time: int, time_end: int) -> int:
    """Return ``YYYY/MM/DD`` and ``HH:MM:SS.mmm`` as ns UTC, or -1."""
    if date_end - date != 10 or time_end - time < 8 or time_end - time > 18:
        return NO_TIME
    year = _digits(work, date, 4)
    month = _digits(work, date + 5, 2)
    day = _digits(work, date + 8, 2)
    hour = _digits(work, time, 2)
    minute = _digits(work, time + 3, 2)
    second = _digits(work, time + 6, 2)
    if year < 1970 or month < 1 or month > 12 or day < 1 or day > 31 or hour < 0 or minute < 0 or second < 0:
        return NO_TIME
    if year > 2200 or hour > 23 or minute > 59 or second > 60:
        return NO_TIME
    fraction = 0
    if time_end - time > 9:
        n = time_end - time - 9
        fraction = _digits(work, time + 9, n)
        if fraction < 0:
            return NO_TIME
        for _ in range(n, 9):
            fraction *= 10
    # Days of the proleptic Gregorian calendar, years counted from March.
    y = year - 1 if month <= 2 else year
    m = month + 9 if month <= 2 else month - 3
    days = 365 * y + y // 4 - y // 100 + y // 400 + (153 * m + 2) // 5 + day - 1 - 719468
    return ((days * 24 + hour) * 60 + minute) * 60 * NS_PER_S + second * NS_PER_S + fraction


@lean
def _line(work: U1, start: int, end: int, cuts: I8, hex_values: U1, lines: Lines, i: int) -> int:
    """Read one line into row ``i``; return 0 or the reason, with field and place noted."""
    lines.field[i] = 0
    lines.place[i] = start
    n = 1
    cuts[0] = start
    for p in range(start, end):
        if work[p] == 44:
            if n >= _FIELDS:
                return _BAD_TEXT
            cuts[n] = p + 1
            n += 1
    for k in range(n, _FIELDS + 1):
        cuts[k] = end + 1  # a field that was left out is empty
    word = 0
    for p in range(start, min(cuts[1] - 1, start + 5)):
        word = word << 8 | whole(work[p])
    mlat = word == 0x4D4C4154
    if word in (0x53454C, 0x4944, 0x414952, 0x535441, 0x434C4B):
        lines.kind[i] = LINE_STATUS
        return 0
    if (word != 0x4D5347 and not mlat) or n < 5:
        return _BAD_TEXT
    lines.field[i] = 2
    lines.place[i] = cuts[1]
    if cuts[2] - cuts[1] != 2 or work[cuts[1]] < 49 or work[cuts[1]] > 56:
        return _BAD_FORMAT
    lines.kind[i] = work[cuts[1]] - 48 + (LINE_MLAT if mlat else 0)
    lines.field[i] = 5
    bits = 0
    p = cuts[4]
    if p < end and work[p] == 126:  # '~': the address is none of the aircraft's own
        bits = BIT_NOT_ICAO
        p += 1
    lines.place[i] = p
    if cuts[5] - 1 - p != 6:
        return _BAD_TEXT
    address = 0
    seen = 0
    for k in range(6):
        seen |= hex_values[work[p + k]]
        address = address << 4 | hex_values[work[p + k]]
    if seen > 15:
        return _BAD_TEXT
    if address == 0:
        return _BAD_VALUE
    lines.address[i] = address
    lines.logged_ns[i] = _instant(work, cuts[8], cuts[9] - 1, cuts[9], cuts[10] - 1)
    if lines.logged_ns[i] == NO_TIME:
        lines.logged_ns[i] = _instant(work, cuts[6], cuts[7] - 1, cuts[7], cuts[8] - 1)
    text = 0
    first = cuts[10]
    last = cuts[11] - 1
    while last > first and work[last - 1] == 32:
        last -= 1
    for k in range(min(last - first, 8)):
        c = whole(work[first + k])
        if 97 <= c <= 122:
            c -= 32
        if not (48 <= c <= 57 or 65 <= c <= 90 or c == 32):
            c = PLACEHOLDER
            bits |= BIT_BAD_CALLSIGN
        text |= c << (8 * k)
    lines.callsign[i] = text
    for field in range(12, 23):
        low = 0.0
        high = 0.0
        if field == 12:
            low = -2000.0
            high = 200000.0
        elif field == 13:
            high = 4000.0
        elif field == 14:
            low = -360.0
            high = 360.0
        elif field == 15:
            low = -90.0
            high = 90.0
        elif field == 16:
            low = -180.0
            high = 180.0
        elif field == 17:
            low = -100000.0
            high = 100000.0
        elif field == 18:
            high = 7777.0
        else:
            low = -1.0
            high = 1.0
        at = cuts[field - 1]
        value, reason = _limited(work, at, max(at, cuts[field] - 1), low, high)
        if reason:
            lines.field[i] = field
            lines.place[i] = at
            return reason
        if field == 12:
            lines.press_alt_m[i] = value * M_PER_FT
        elif field == 13:
            lines.speed_mps[i] = value * MPS_PER_KT
        elif field == 14:
            lines.track_rad[i] = value * (math.pi / 180.0)
        elif field == 15:
            lines.lat_deg[i] = value
        elif field == 16:
            lines.lon_deg[i] = value
        elif field == 17:
            lines.climb_mps[i] = value * MPS_PER_FPM
        elif field == 18:
            code = NO_CODE
            if not math.isnan(value):
                number = int(value)
                code = 0
                for k in range(4):
                    digit = number % 10
                    number //= 10
                    if digit > 7:
                        lines.field[i] = field
                        lines.place[i] = at
                        return _BAD_VALUE
                    code |= digit << (3 * k)
            lines.squawk[i] = code
        elif value != 0.0 and not math.isnan(value):
            bits |= 1 << (field - 19)
    lines.bits[i] = bits
    lines.field[i] = 0
    return 0


@lean
def split_sbs(work: U1, size: int, state: I8, hex_values: U1, cuts: I8, lines: Lines) -> tuple[int, int]:
    """Cut BaseStation text ``work[:size]`` into lines; return how many there are and how many octets were used.

    Lines end with CR, LF or both; empty ones are nothing. ``cuts`` is scratch, int64[24]. A line that is not what the
    format says is ``bad_text`` or ``bad_format``; a value that is no number in its range is ``bad_value``.
    """
    count = 0
    at = 0
    while at < size and count < lines.kind.size:
        if state[SEARCHED] == 0 and state[SKIPPED] == 0 and work[at] <= 32 and work[at] in (10, 13, 32, 9, 0):
            at += 1
            continue
        end = line_end(work, size, at, state, False)
        if end < 0:
            break
        if end == at + LIMIT or state[SKIPPED] > 0:
            state[SKIPPED] = 1 if end == at + LIMIT else 0
            if end == at:
                continue
            reason = _BUFFER_LIMIT
            lines.field[count] = 0
            lines.place[count] = at
        elif end - at > _LONGEST:
            reason = _BAD_TEXT
            lines.field[count] = 0
            lines.place[count] = at
        else:
            reason = _line(work, at, end, cuts, hex_values, lines, count)
        lines.reason[count] = reason
        lines.start[count] = at
        lines.end[count] = end
        count += 1
        at = end
    return count, at


def sbs_line(
    kind: int, icao24: int, time_text: str = "2026/01/01,00:00:00.000", *, callsign: str = "", alt_ft: str = "",
    speed_kt: str = "", track_deg: str = "", lat_deg: str = "", lon_deg: str = "", climb_fpm: str = "",
    squawk: str = "", alert: str = "", emergency: str = "", spi: str = "", ground: str = "",
) -> bytes:  # fmt: skip
    """Return one MSG line with CR LF; values are written as given, empty ones say nothing."""
    fields = (
        "MSG", str(kind), "1", "1", f"{icao24:06X}", "1", time_text, time_text, callsign, alt_ft, speed_kt, track_deg,
        lat_deg, lon_deg, climb_fpm, squawk, alert, emergency, spi, ground,
    )  # fmt: skip
    return (",".join(fields) + "\r\n").encode("ascii", "replace")
