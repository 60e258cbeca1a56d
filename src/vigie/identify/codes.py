"""Mode 3/A codes: which one a flight gets, and when a code may be used again. Source: ICAO Doc 4444, 8.5.2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from vigie.identify.correlate import CONSPICUITY
from vigie.terms.units import NS_PER_S

REST_NS: Final = 2 * 3600 * NS_PER_S
"""A released code rests so long: an aircraft may still send it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeBook:
    """Ranges a centre may assign (both ends included), who holds which code, and when each was released."""

    ranges: Sequence[tuple[int, int]] = ()
    held: Mapping[int, str] = field(default_factory=dict)
    released_ns: Mapping[int, int] = field(default_factory=dict)

    def of(self, plan_id: str) -> int | None:
        """Return the code a flight holds."""
        return next((code for code, holder in self.held.items() if holder == plan_id), None)


def assign(
    book: CodeBook, plan_id: str, now_ns: int, seen: frozenset[int] = frozenset()
) -> tuple[CodeBook, int | None]:
    """Return the book with a code for a flight, and the code; None where no code is free.

    A flight keeps the code it holds. Codes that tracks send now (``seen``) are not given out; of the free ones the one
    that has rested longest is taken, the lowest of those never used.
    """
    had = book.of(plan_id)
    if had is not None:
        return book, had
    held, released = dict(book.held), dict(book.released_ns)
    free = [
        code
        for low, high in book.ranges
        for code in range(low, high + 1)
        if code not in held
        and code not in seen
        and code not in CONSPICUITY
        and now_ns - released.get(code, now_ns - REST_NS) >= REST_NS
    ]
    if not free:
        return book, None
    code = min(free, key=lambda c: (released.get(c, -1), c))
    held[code] = plan_id
    return replace(book, held=held), code


def release(book: CodeBook, plan_id: str, now_ns: int) -> CodeBook:
    """Return the book without the flight's code, which rests from now."""
    code = book.of(plan_id)
    if code is None:
        return book
    held = {c: holder for c, holder in book.held.items() if c != code}
    return replace(book, held=held, released_ns={**book.released_ns, code: now_ns})
