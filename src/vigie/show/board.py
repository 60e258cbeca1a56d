"""The board that all positions share: marks on the map, tracks handed over, the log book.

It changes by acts only, in the core, in the order of the record: a replay shows the same board. Every text on it is
somebody's words; whoever shows it shows it as text. Bounded: the oldest log entries and marks make room, counted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from vigie.terms.batch import Act
from vigie.terms.errors import WireError
from vigie.terms.units import NS_PER_S

MAX_MARKS: Final = 500
MAX_LOG: Final = 500
MAX_HANDOVERS: Final = 200
HANDOVER_LIFE_NS: Final = 600 * NS_PER_S
KINDS: Final = ("point", "circle", "corridor", "line", "polygon")
_LEAST_POINTS: Final = {"point": 1, "circle": 1, "corridor": 2, "line": 2, "polygon": 3}


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What ``mark.place`` carries as its value: a form on the map, in degrees and metres, with a text."""

    kind: str
    points: tuple[tuple[float, float], ...]
    radius_m: float = 0.0
    text: str = ""


def read_mark(value: str) -> Mark:
    """Return the mark in an act's value.

    Raises
    ------
    WireError
        Saying what is wrong with it.
    """
    try:
        mark = msgspec.json.decode(value.encode(), type=Mark)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as why:
        raise WireError(f"the mark is not understood: {why}") from why
    if mark.kind not in KINDS:
        raise WireError(f"a mark is one of {', '.join(KINDS)}, not {mark.kind[:20]!r}")
    if not _LEAST_POINTS[mark.kind] <= len(mark.points) <= 64:
        raise WireError(f"a {mark.kind} has {_LEAST_POINTS[mark.kind]} to 64 points, this one has {len(mark.points)}")
    if not all(abs(lat) <= 90 and abs(lon) <= 180 for lat, lon in mark.points):
        raise WireError("a point of the mark lies outside the Earth: latitude -90 to 90, longitude -180 to 180")
    if mark.kind in ("circle", "corridor") and not 1.0 <= mark.radius_m <= 1e6:
        raise WireError("the radius or half width of a mark is 1 m to 1,000 km")
    if len(mark.text) > 200:
        raise WireError("the text of a mark has at most 200 characters")
    return mark


class Board:
    """What is on the board now; ``apply`` takes the acts of a batch."""

    def __init__(self) -> None:
        self._marks: dict[int, dict[str, Any]] = {}
        self._handovers: dict[str, dict[str, Any]] = {}
        self._log: deque[dict[str, Any]] = deque(maxlen=MAX_LOG)
        self._next = 1
        self.dropped = 0
        """Acts that named nothing the board knows, and what was pushed out by its limits."""

    def apply(self, acts: Iterable[Act], now_ns: int) -> bool:
        """Take over the acts that concern the board; return whether it changed."""
        changed = self._let_go(now_ns)
        for act in acts:
            handler = _HANDLERS.get(act.act)
            if handler is not None:
                good = handler(self, act)
                changed |= good
                self.dropped += not good
        return changed

    def facts(self) -> dict[str, Any]:
        """Return the board for the status message."""
        return {
            "board": {
                "marks": list(self._marks.values()),
                "handovers": list(self._handovers.values()),
                "log": list(self._log),
                "dropped": self.dropped,
            }
        }

    def _let_go(self, now_ns: int) -> bool:
        late = [t for t, h in self._handovers.items() if now_ns / 1e6 - h["at_ms"] > HANDOVER_LIFE_NS / 1e6]
        for track in late:
            del self._handovers[track]
        return bool(late)

    def _place(self, act: Act) -> bool:
        try:
            mark = read_mark(act.value)
        except WireError:
            return False
        while len(self._marks) >= MAX_MARKS:
            del self._marks[next(iter(self._marks))]
            self.dropped += 1
        self._marks[self._next] = {
            "id": self._next, "by": act.who, "at_ms": act.rx_ns / 1e6, "kind": mark.kind,
            "points": [list(p) for p in mark.points], "radius_m": mark.radius_m, "text": mark.text,
        }  # fmt: skip
        self._next += 1
        return True

    def _remove(self, act: Act) -> bool:
        return act.subject.isdecimal() and self._marks.pop(int(act.subject), None) is not None

    def _hand_over(self, act: Act) -> bool:
        if not act.subject.isdecimal() or not act.value:
            return False
        while len(self._handovers) >= MAX_HANDOVERS:
            del self._handovers[next(iter(self._handovers))]
            self.dropped += 1
        self._handovers[act.subject] = {
            "track_no": int(act.subject), "by": act.who, "to": act.value, "at_ms": act.rx_ns / 1e6,
            "text": act.reason, "taken_by": "",
        }  # fmt: skip
        return True

    def _accept(self, act: Act) -> bool:
        held = self._handovers.get(act.subject)
        if held is None or held["taken_by"]:
            return False
        self._handovers[act.subject] = {**held, "taken_by": act.who, "at_ms": act.rx_ns / 1e6}
        return True

    def _write(self, act: Act) -> bool:
        if not act.value:
            return False
        self._log.append({"at_ms": act.rx_ns / 1e6, "by": act.who, "role": act.role, "text": act.value,
                          "subject": act.subject})  # fmt: skip
        return True


_HANDLERS: Final = {
    "mark.place": Board._place,
    "mark.remove": Board._remove,
    "track.handover": Board._hand_over,
    "track.accept": Board._accept,
    "log.write": Board._write,
}
