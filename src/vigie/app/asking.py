"""Questions to the archive over the API: the same questions as ``vigie history``, read only, answered as JSON."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from vigie.history import ask
from vigie.history.names import name_of
from vigie.history.words import Span, parse_span
from vigie.terms.errors import UsageError

_MOST: Final = 5_000
Params = Mapping[str, str]


def _place(params: Params) -> tuple[float, float]:
    try:
        lat, lon = (float(part) for part in params.get("place", "").split(","))
    except ValueError as why:
        raise UsageError(f"place={params.get('place', '')[:40]!r}: expected LAT,LON in degrees") from why
    return lat, lon


def _landed(held: ask.Archive, span: Span, params: Params) -> ask.Answer:
    rows = ask.landed(held, span, params.get("aerodrome", ""))
    return [row | dict(zip(("name", "name_evidence"), name_of(held, row), strict=True)) for row in rows]


_QUESTIONS: Final[dict[str, Callable[[ask.Archive, Span, Params], ask.Answer]]] = {
    "flights": lambda held, span, p: ask.flights(held, span, area=p.get("area", "")),
    "landed": _landed,
    "departed": lambda held, span, p: ask.took_off(held, span, p.get("aerodrome", "")),
    "seen": lambda held, span, p: ask.seen(held, span, p.get("name", "")),
    "track": lambda held, span, p: ask.track(held, span, p.get("name", "")),
    "nearest": lambda held, span, p: ask.nearest(held, span, *_place(p)),
    "dark": lambda held, span, _: ask.dark(held, span),
    "gaps": lambda held, span, _: ask.gaps(held, span),
    "counts": lambda held, span, p: ask.counts(held, span, p.get("by", "hour")),
}
"""Name of a question -> how it is asked; free SQL is for the command line only."""


class Asking:
    """Answers from one archive; each question opens it anew, so that days made meanwhile are in it."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive

    def answer(self, question: str, params: Params) -> str:
        """Return the answer as JSON: ``from_ns``, ``until_ns``, ``rows`` (5,000 at most) and how many there are.

        Raises
        ------
        UsageError
            If there is no such question, its time is not understood, or there is no archive.
        """
        asked = _QUESTIONS.get(question)
        if asked is None:
            raise UsageError(f"no question {question[:40]!r}; known: {', '.join(_QUESTIONS)}")
        span = parse_span(params.get("when", ""), time.time_ns(), params.get("zone", "UTC"))
        held = ask.Archive(self._archive, span)
        try:
            rows = asked(held, span, params)
        finally:
            held.close()
        plain = [{k: _plain(v) for k, v in row.items()} for row in rows[:_MOST]]
        return json.dumps({"from_ns": span.from_ns, "until_ns": span.until_ns, "count": len(rows), "rows": plain})


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
