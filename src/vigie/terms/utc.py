"""Time as the house keeps it: ``int64`` nanoseconds UTC since 1970-01-01, leap seconds not counted (POSIX).

Nothing here reads a clock: the caller brings the time.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from vigie.terms.errors import UsageError
from vigie.terms.units import NS_PER_S

TICK_NS: Final = 100_000_000
"""One step of the pipeline: 100 ms. Ticks are whole multiples of it."""

DAY_NS: Final = 86_400 * NS_PER_S


def tick_at_or_after(t_ns: int) -> int:
    """Return the first tick that is not before ``t_ns``."""
    return -(-t_ns // TICK_NS) * TICK_NS


def day_start_ns(t_ns: int) -> int:
    """Return midnight UTC of the day that holds ``t_ns``."""
    return t_ns // DAY_NS * DAY_NS


def unroll_time_of_day(tod_ns: int, near_ns: int) -> int:
    """Return the instant with time of day ``tod_ns`` that lies nearest to ``near_ns`` (nearest-day rule).

    ASTERIX sends seconds since midnight only; the day is the one that brings the time nearest to its receipt.
    Source: EUROCONTROL-SPEC-0149, time of day items (e.g. I048/140).
    """
    t_ns = day_start_ns(near_ns) + tod_ns
    if t_ns - near_ns > DAY_NS // 2:
        return t_ns - DAY_NS
    if near_ns - t_ns > DAY_NS // 2:
        return t_ns + DAY_NS
    return t_ns


def parse_date(text: str) -> int:
    """Return midnight UTC in ns of an ISO date ``YYYY-MM-DD``; UsageError says what was expected."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as why:
        raise UsageError(f"date {text!r} is not a date: {why}. Expected YYYY-MM-DD, for example 2026-04-29.") from why
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp()) * NS_PER_S


def parse_instant(text: str, first_ns: int) -> int:
    """Return the instant a person meant by ``text``, relative to a recording that starts at ``first_ns``.

    Accepted: seconds from the start (``90`` or ``+90``), a time of day ``HH:MM[:SS[.f]]`` (the first one at or after
    the start), or a full ISO time ``2026-04-29T17:10:00Z`` (UTC where no zone is given).
    """
    stripped = text.strip()
    try:
        return first_ns + round(float(stripped) * NS_PER_S)
    except (ValueError, OverflowError):
        pass
    try:
        clock = dt.time.fromisoformat(stripped.rstrip("Z"))
        tod_ns = ((clock.hour * 60 + clock.minute) * 60 + clock.second) * NS_PER_S + clock.microsecond * 1000
        t_ns = day_start_ns(first_ns) + tod_ns
        return t_ns if t_ns >= first_ns else t_ns + DAY_NS
    except ValueError:
        pass
    try:
        when = dt.datetime.fromisoformat(stripped)
    except ValueError as why:
        raise UsageError(
            f"time {text!r} is not understood. Expected seconds from the start (90), a time of day (17:10:00) "
            "or an ISO time (2026-04-29T17:10:00Z)."
        ) from why
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    whole = when.replace(microsecond=0)
    return int(whole.timestamp()) * NS_PER_S + when.microsecond * 1000


def iso(t_ns: int) -> str:
    """Return ``t_ns`` as ISO text in UTC with milliseconds, for people and logs."""
    seconds, ns = divmod(int(t_ns), NS_PER_S)
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%dT%H:%M:%S}.{ns // 1_000_000:03d}Z"


def civil_ns(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> int | None:
    """Return ns UTC of a civil time, None where there is no such time; 24:00 is the next midnight."""
    if not (1970 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    if not (0 <= hour <= 24 and 0 <= minute < 60 and 0 <= second < 60) or (hour == 24 and (minute or second)):
        return None
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    lengths = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if day > lengths[month - 1]:
        return None
    years = year - 1
    days = years * 365 + years // 4 - years // 100 + years // 400 - 719_162 + sum(lengths[: month - 1]) + day - 1
    return ((days * 24 + hour) * 60 + minute) * 60_000_000_000 + second * 1_000_000_000


def civil_date(t_ns: int) -> tuple[int, int, int]:
    """Return year, month and day of an instant (Howard Hinnant, civil_from_days)."""
    z = t_ns // DAY_NS + 719_468
    era, doe = divmod(z, 146_097)
    yoe = (doe - doe // 1460 + doe // 36_524 - doe // 146_096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    month = mp + 3 if mp < 10 else mp - 9
    return yoe + era * 400 + (month <= 2), month, doy - (153 * mp + 2) // 5 + 1
