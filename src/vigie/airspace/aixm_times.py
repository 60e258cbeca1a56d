"""AIXM timesheets to windows. Source: AIXM 5.1.1, Timesheet and AirspaceActivation."""

from __future__ import annotations

import re
from typing import Any, Final

from vigie.airspace.aixm_geometry import text_of
from vigie.terms.windows import ALL_DAYS, Window

_DAYS: Final = {
    "MON": 1, "TUE": 2, "WED": 4, "THU": 8, "FRI": 16, "SAT": 32, "SUN": 64, "WORK_DAY": 31, "ANY": ALL_DAYS,
    "WEEKEND": 96, "BEF_WORK_DAY": ALL_DAYS, "AFT_WORK_DAY": ALL_DAYS, "HOL": 0, "BEF_HOL": 0, "AFT_HOL": 0,
}  # fmt: skip
_ACTIVE: Final = frozenset({"ACTIVE", "IN_USE", "INTERMITTENT", ""})


def windows_of(slice_: Any) -> tuple[tuple[Window, ...], bool]:
    """Return the windows of a time slice's activations, and whether it only waits to be activated."""
    windows: list[Window] = []
    waits = activations = 0
    excluded = 0
    for activation in slice_.iter("{*}AirspaceActivation"):
        activations += 1
        status = text_of(activation, "status").upper()
        if status == "AVBL_FOR_ACTIVATION":
            waits += 1
            continue
        if status not in _ACTIVE:
            continue
        for sheet in activation.iter("{*}Timesheet"):
            window = _window(sheet)
            if text_of(sheet, "excluded").upper() == "YES":
                excluded |= window.days
            else:
                windows.append(window)
    whole = [w for w in windows if w.days == ALL_DAYS and w.from_s == 0 and w.to_s == 86_400 and not w.from_sun]
    if whole and not excluded:
        return (), False
    kept = tuple(
        Window(days=w.days & ~excluded, from_s=w.from_s, to_s=w.to_s, from_sun=w.from_sun, to_sun=w.to_sun)
        for w in windows
        if w.days & ~excluded
    )
    return kept, bool(waits) and waits == activations


def _window(sheet: Any) -> Window:
    first = text_of(sheet, "day").upper() or "ANY"
    last = text_of(sheet, "dayTil").upper()
    days = _DAYS.get(first, ALL_DAYS)
    order = list(_DAYS)[:7]
    if last in order and first in order:
        start, end = order.index(first), order.index(last)
        days = sum(1 << (start + i) % 7 for i in range((end - start) % 7 + 1))
    shift_s = _zone_s(text_of(sheet, "timeReference"))
    from_s, to_s = _clock(text_of(sheet, "startTime"), 0), _clock(text_of(sheet, "endTime"), 86_400)
    from_sun = _sun(text_of(sheet, "startEvent"))
    to_sun = _sun(text_of(sheet, "endEvent"))
    if to_s == 86_340:
        to_s = 86_400  # 23:59 is how many write the end of a day
    if from_sun or to_sun or (from_s, to_s) == (0, 86_400):
        shift_s = 0
    return Window(
        days=days,
        from_s=_relative(sheet, "startTimeRelativeEvent") if from_sun else (from_s - shift_s) % 86_400,
        to_s=_relative(sheet, "endTimeRelativeEvent") if to_sun else (to_s - shift_s - 1) % 86_400 + 1,
        from_sun=from_sun,
        to_sun=to_sun,
    )


def _clock(text: str, usual: int) -> int:
    found = re.fullmatch(r"(\d\d):(\d\d)(?::\d\d)?", text)
    return int(found[1]) * 3600 + int(found[2]) * 60 if found else usual


def _zone_s(text: str) -> int:
    found = re.fullmatch(r"UTC([+-]\d{1,2})(?::?(\d\d))?", text.strip().upper())
    return int(found[1]) * 3600 if found else 0


def _sun(text: str) -> str:
    return text.upper() if text.upper() in ("SR", "SS") else ""


def _relative(sheet: Any, name: str) -> int:
    found = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)", text_of(sheet, name))
    return round(float(found[1]) * 60) if found else 0
