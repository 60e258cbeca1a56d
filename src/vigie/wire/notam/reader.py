"""NOTAM text to ``Notice``: the Q line, items A to G, the schedule of D, places and levels of E, F and G.

One bad notice is set aside with its item named and never stops the next. Source: ICAO Annex 15, appendix 3 (format);
Doc 8126 (schedules, EST, PERM).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from typing import Final

from vigie.terms.levels import Level, parse_level
from vigie.terms.messages import Notice, SetAside
from vigie.terms.units import M_PER_FL, M_PER_NMI
from vigie.terms.utc import civil_ns
from vigie.terms.windows import FOREVER_NS, Window, parse_windows
from vigie.wire.notam.places import areas_in, degrees, outline_in

MOST_OCTETS: Final = 100_000
"""A longer notice is set aside whole."""

_NUMBER: Final = r"[A-Z]\d{4}/\d{2}"
_HEAD: Final = re.compile(rf"({_NUMBER})\s{{1,9}}NOTAM([NRC])(?:\s{{1,9}}({_NUMBER}))?")
_ITEM: Final = re.compile(r"(?:^|(?<=\s)|(?<=\)))([QABCDEFG])\)\s*")
_CENTRE: Final = re.compile(r"(\d{4})([NS])(\d{5})([EW])(\d{3})")


class _WrongError(ValueError):
    def __init__(self, item: str, reason: str) -> None:
        super().__init__(reason)
        self.item = item


def read_notices(text: str, source: str = "") -> tuple[tuple[Notice, ...], tuple[SetAside, ...]]:
    """Return the notices of a text and what was set aside. Never raises."""
    good: list[Notice] = []
    aside: list[SetAside] = []
    for line, part in split_notices(text):
        found = read_notice(part, f"{source}:{line}" if source else "")
        if isinstance(found, Notice):
            good.append(found)
        else:
            aside.append(replace(found, source=f"{source}:{line}" if source else ""))
    return tuple(good), tuple(aside)


def split_notices(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of each notice: from one number to the next; words before the first are a piece."""
    starts = [m.start() for m in _HEAD.finditer(text)]
    if text[: starts[0] if starts else None].strip(" \t\r\n("):
        yield 1, text[: starts[0] if starts else None]
    line, at = 1, 0
    for start, end in zip_longest(starts, starts[1:], fillvalue=len(text)):
        line += text.count("\n", at, start)
        at = start
        yield line, text[start:end].rstrip(" \t\r\n(")


def read_notice(text: str, source: str = "") -> Notice | SetAside:
    """Return one notice, or why it was set aside with its item named. Never raises."""
    if len(text) > MOST_OCTETS:
        return SetAside("NOTAM", "E", f"is longer than {MOST_OCTETS:,} characters", text[:2000])
    try:
        return _read(text, source)
    except _WrongError as why:
        return SetAside("NOTAM", why.item, str(why), text[:2000])


def _read(text: str, source: str) -> Notice:
    head = _HEAD.search(text)
    if not head:
        raise _WrongError("number", "no number and NOTAMN, NOTAMR or NOTAMC")
    number, kind, refers_to = head.group(1), head.group(2), head.group(3) or ""
    if kind in "RC" and not refers_to:
        raise _WrongError(
            "number", f"NOTAM{kind} does not say which notice it {'replaces' if kind == 'R' else 'cancels'}"
        )
    items = _items(text[head.end() :])
    for item in "QAB":
        if item not in items:
            raise _WrongError(item, "is missing")
    notice = _q_line(Notice(number=number, kind=kind, refers_to=refers_to, source=source, text=text), items["Q"])
    from_ns, _, _ = _instant("B", items["B"])
    to_ns, estimated, permanent = _instant("C", items["C"]) if "C" in items else (-1, False, kind == "C")
    if kind != "C" and "C" not in items:
        raise _WrongError("C", "is missing")
    if 0 <= to_ns <= from_ns:
        raise _WrongError("C", "is not after item B")
    # An estimated end is no end: the notice stands until it is replaced or cancelled (Annex 15, appendix 3, item C).
    end_ns = FOREVER_NS if estimated or to_ns < 0 else to_ns
    times: tuple[Window, ...] = (Window(start_ns=from_ns, end_ns=end_ns),)
    if items.get("D"):
        try:
            times = parse_windows(items["D"], start_ns=from_ns, end_ns=end_ns)
        except ValueError as why:
            raise _WrongError("D", str(why)) from why
    body = items.get("E", "")
    rings, circle = outline_in(body)
    floor = _limit("F", items["F"]) if items.get("F") else notice.floor
    ceiling = _limit("G", items["G"]) if items.get("G") else notice.ceiling
    return replace(
        notice, places=tuple(re.findall(r"\b[A-Z]{4}\b", items["A"])), from_ns=from_ns, to_ns=to_ns,
        estimated=estimated, permanent=permanent, times=times, body=" ".join(body.split()), areas=areas_in(body),
        rings=rings, circle=circle or notice.circle, circle_of_q=circle is None and not rings,
        floor=floor, ceiling=ceiling,
    )  # fmt: skip


def _items(text: str) -> dict[str, str]:
    """Return the text of each item; items come in order, so a letter and bracket inside E opens none but F and G."""
    found: dict[str, str] = {}
    open_, begin = "", 0
    for match in _ITEM.finditer(text):
        letter = match.group(1)
        if open_ and "QABCDEFG".index(letter) <= "QABCDEFG".index(open_):
            continue
        if open_ == "E" and letter not in "FG":
            continue
        if open_:
            found[open_] = text[begin : match.start()].strip()
        open_, begin = letter, match.end()
    if open_:
        tail = text[begin:].strip()
        found[open_] = tail[:-1].strip() if tail.endswith(")") and tail.count("(") < tail.count(")") else tail
    return found


def _q_line(notice: Notice, text: str) -> Notice:
    parts = [p.strip() for p in text.split("/")]
    if len(parts) < 7:
        raise _WrongError("Q", f"has {len(parts)} parts, expected 8: FIR/code/traffic/purpose/scope/lower/upper/place")
    fir, code, traffic, purpose, scope, lower, upper = parts[:7]
    if not re.fullmatch(r"[A-Z]{4}", fir):
        raise _WrongError("Q", f"{fir[:12]!r} is no FIR")
    if not re.fullmatch(r"Q[A-Z]{4}", code):
        raise _WrongError("Q", f"{code[:12]!r} is no NOTAM code")
    if not re.fullmatch(r"\d{3}", lower) or not re.fullmatch(r"\d{3}", upper):
        raise _WrongError("Q", f"{lower[:8]}/{upper[:8]} are no flight levels")
    if int(lower) > int(upper):
        raise _WrongError("Q", f"lower level {lower} is above upper level {upper}")
    circle = None
    if len(parts) > 7 and parts[7]:
        centre = _CENTRE.fullmatch(parts[7].replace(" ", ""))
        if not centre:
            raise _WrongError("Q", f"{parts[7][:20]!r} is no place and radius such as 1329N00211E025")
        lat, lon = degrees(centre.group(1), 2), degrees(centre.group(3), 3)
        if lat is None or lon is None or lat > 90.0 or lon > 180.0:
            raise _WrongError("Q", f"{parts[7][:20]!r} is not on the Earth")
        radius_m = int(centre.group(5)) * M_PER_NMI
        if radius_m:
            circle = (-lon if centre.group(4) == "W" else lon, -lat if centre.group(2) == "S" else lat, radius_m)
    return replace(
        notice, fir=fir, q_code=code, traffic=traffic, purpose=purpose, scope=scope, circle=circle,
        floor=parse_level("SFC") if int(lower) == 0 else Level(2, int(lower) * M_PER_FL),
        ceiling=parse_level("UNL") if int(upper) == 999 else Level(2, int(upper) * M_PER_FL),
    )  # fmt: skip


def _instant(item: str, text: str) -> tuple[int, bool, bool]:
    """Return (ns, estimated, permanent) of ten digits YYMMDDhhmm, with EST, or PERM."""
    words = text.upper().split()
    if words and words[0] == "PERM":
        return -1, False, True
    digits = words[0] if words else ""
    estimated = digits.endswith("EST") or words[1:2] == ["EST"]
    digits = digits.removesuffix("EST")
    if not re.fullmatch(r"\d{10}", digits):
        raise _WrongError(item, f"{text[:20]!r} is no time such as 2611270600")
    t_ns = civil_ns(2000 + int(digits[:2]), *(int(digits[i : i + 2]) for i in (2, 4, 6, 8)))
    if t_ns is None:
        raise _WrongError(item, f"{digits} is a time that does not exist")
    return t_ns, estimated, False


def _limit(item: str, text: str) -> Level:
    try:
        return parse_level(re.sub(r"\bABV\b|\bMAX\b", "", text.upper()).strip().rstrip("."))
    except ValueError as why:
        raise _WrongError(item, str(why)) from why
