"""Times as people say them: "last Wednesday night", "yesterday 18:00-06:00 local", « hier soir », « mercredi dernier ».

The caller brings now and the zone; nothing here reads a clock. A night is 18:00 to 06:00, the evening before to the
morning after; words without ``local`` or ``UTC`` are local where a zone is given.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vigie.terms.errors import UsageError
from vigie.terms.units import NS_PER_S
from vigie.terms.utc import iso

_WEEK: Final = (
    "monday tuesday wednesday thursday friday saturday sunday lundi mardi mercredi jeudi vendredi samedi dimanche"
)
_DAYS: Final = {name: i % 7 for i, name in enumerate(_WEEK.split())}
_PARTS: Final = {
    "night": (18, 30), "nuit": (18, 30), "morning": (6, 12), "matin": (6, 12), "afternoon": (12, 18),
    "apresmidi": (12, 18), "evening": (18, 24), "soir": (18, 24), "day": (6, 18), "journee": (6, 18),
}  # fmt: skip
"""First and last hour of the part of a day; beyond 24 is the next day."""
_UNITS: Final = {"minute": 60, "hour": 3600, "heure": 3600, "day": 86400, "jour": 86400, "week": 604800,
                 "semaine": 604800}  # fmt: skip
_CLOCK: Final = r"(\d{1,2})(?:[:h](\d{2})?)(?::(\d{2}))?"
_END: Final = rf"(\d{{4}}-\d{{2}}-\d{{2}})\s*(?:at|a)?\s*{_CLOCK}"
_NOISE: Final = frozenset("the on at from between in this le la les l du de des d a au entre dans cette en".split())
_EXPECTED: Final = (
    'Expected for example "yesterday 18:00-06:00 local", "last Wednesday night", "2026-11-22 18:00-06:00", '
    '"between 18:00 and 06:00", "last 3 hours", "2026-11-22T18:00Z/2026-11-23T06:00Z"; « hier 18h-6h », '
    "« mercredi dernier nuit »."
)


@dataclass(frozen=True, slots=True)
class Span:
    """A time range: first instant, first instant after it."""

    from_ns: int
    until_ns: int

    def __str__(self) -> str:
        """Return it as two ISO times."""
        return f"{iso(self.from_ns)} to {iso(self.until_ns)}"


def zone_of(name: str) -> dt.tzinfo:
    """Return the zone of that name; UsageError if there is none."""
    if name.upper() in {"", "UTC", "Z"}:
        return dt.UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as why:
        raise UsageError(f"--zone {name!r}: is no known time zone. Expected for example Africa/Niamey or UTC.") from why


def parse_span(text: str, now_ns: int, zone: str = "UTC") -> Span:
    """Return the time range that ``text`` means at ``now_ns``.

    Raises
    ------
    UsageError
        If it is not understood, with examples; nothing is guessed.
    """
    plain = _plain(text)
    if not plain:
        raise _not_understood(text)
    where = zone_of(zone)
    if re.search(r"\b(utc|z|zulu)\b", plain):
        where = dt.UTC
    plain = re.sub(r"\b(utc|zulu|local|locale|locales|heure locale)\b", " ", plain).strip()
    if "/" in text:
        return _iso_pair(text, where)
    now = dt.datetime.fromtimestamp(now_ns // NS_PER_S, dt.UTC).astimezone(where)
    back = re.fullmatch(
        r"(?:last|past|dernier\w*|les)?\s*(\d+)\s*(?:dernier\w*)?\s*([a-z]+?)s?\s*(?:dernier\w*)?", plain
    )
    if back and back.group(2) in _UNITS:
        return Span(now_ns - int(back.group(1)) * _UNITS[back.group(2)] * NS_PER_S, now_ns)
    ends = re.fullmatch(
        rf"(?:from|between|du|de|entre)?\s*(?:le\s+)?{_END}\s*(?:-|to|and|until|et|jusqu|au|a)\s*{_END}", plain
    )
    if ends:
        days = [_date(ends.group(g), text) for g in (1, 5)]
        first, last = _seconds(ends.groups()[1:4], text), _seconds(ends.groups()[5:8], text)
        span = _span(days[0], first, last + 86400 * (days[1] - days[0]).days, where)
        if span.until_ns <= span.from_ns:
            raise _not_understood(text)
        return span
    clocks = re.search(rf"{_CLOCK}\s*(?:-|to|and|until|et|jusqu|a)\s*(?:a\s+)?{_CLOCK}", plain)
    rest = plain[: clocks.start()] + " " + plain[clocks.end() :] if clocks else plain
    if clocks and not set(rest.split()) - _NOISE:  # clock times alone: the latest such range that has begun
        first = _seconds(clocks.groups()[:3], text)
        begun = first <= now.hour * 3600 + now.minute * 60 + now.second
        rest = "today" if begun else "yesterday"
    day, part = _day(rest, now, text)
    if clocks:
        if part is not None and part not in ((18, 30),):
            raise _not_understood(text)
        first, last = _seconds(clocks.groups()[:3], text), _seconds(clocks.groups()[3:], text)
        return _span(day, first, last if last > first else last + 86400, where)
    first_hour, last_hour = part or (0, 24)
    return _span(day, first_hour * 3600, last_hour * 3600, where)


def _day(rest: str, now: dt.datetime, text: str) -> tuple[dt.date, tuple[int, int] | None]:
    day: dt.date | None = None
    part: tuple[int, int] | None = None
    last = False
    for word in rest.split():
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", word):
            day = _date(word, text)
        elif word in {"today", "tonight", "aujourdhui"}:
            day, part = now.date(), (18, 30) if word == "tonight" else part
        elif word in {"yesterday", "hier"}:
            day = now.date() - dt.timedelta(days=1)
        elif word == "avanthier":
            day = now.date() - dt.timedelta(days=2)
        elif word in {"last", "past"} or word.startswith("dernier"):
            last = True
        elif word in _DAYS:
            ago = (now.weekday() - _DAYS[word]) % 7
            day = now.date() - dt.timedelta(days=ago or 7)
        elif word in _PARTS:
            part = _PARTS[word]
        elif word not in _NOISE:
            raise _not_understood(text)
    if day is None and last and part is not None:
        day = now.date() - dt.timedelta(days=1)  # "last night" began yesterday
    if day is None:
        raise _not_understood(text)
    return day, part


def _date(word: str, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(word)
    except ValueError as why:
        raise _not_understood(text) from why


def _span(day: dt.date, first_s: int, last_s: int, where: dt.tzinfo) -> Span:
    def at(seconds: int) -> int:
        days, left = divmod(seconds, 86400)
        wall = dt.datetime.combine(day + dt.timedelta(days=days), dt.time(left // 3600, left // 60 % 60, left % 60))
        return int(wall.replace(tzinfo=where).timestamp()) * NS_PER_S

    return Span(at(first_s), at(last_s))


def _iso_pair(text: str, where: dt.tzinfo) -> Span:
    ends = []
    for part in text.split("/"):
        try:
            when = dt.datetime.fromisoformat(part.strip().replace("Z", "+00:00"))
        except ValueError as why:
            raise _not_understood(text) from why
        ends.append(int((when if when.tzinfo else when.replace(tzinfo=where)).timestamp()) * NS_PER_S)
    if len(ends) != 2 or ends[1] <= ends[0]:
        raise _not_understood(text)
    return Span(ends[0], ends[1])


def _seconds(groups: tuple[str | None, ...], text: str) -> int:
    hour, minute, second = (int(g or 0) for g in groups)
    if hour > 24 or minute > 59 or second > 59:
        raise _not_understood(text)
    return hour * 3600 + minute * 60 + second


def _plain(text: str) -> str:
    """Return small letters without accents or marks."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    bare = re.sub(r"aujourd.?hui", "aujourdhui", bare)
    bare = re.sub(r"avant.?hier", "avanthier", bare)
    bare = re.sub(r"apres.?midi", "apresmidi", bare)
    return re.sub(r"[«»\"',\u2019]", " ", bare).replace("\u2013", "-").strip()


def _not_understood(text: str) -> UsageError:
    return UsageError(f"time {text!r} is not understood. {_EXPECTED}")
