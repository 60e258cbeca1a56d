"""Wrong passwords slow down who gives them, and nobody else.

Failures are counted for a pair of name and place (where the request comes from). After three the pair waits, twice as
long each time, at most five minutes. A person who enters from another place is not held back by somebody who guesses
at their name, and the same wait holds for names that do not exist, so that it tells nothing.
"""

from __future__ import annotations

from typing import Final

FREE: Final = 3
MAX_WAIT_S: Final = 300.0
MAX_PAIRS: Final = 10_000
_FORGET_S: Final = 3600.0


class Attempts:
    """The failures of the last hour, bounded; times come from a clock that never goes back."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], tuple[int, float]] = {}  # pair -> (failures, time of the last)

    def wait_s(self, name: str, place: str, now_s: float) -> float:
        """Return how long this pair has to wait before its next try, 0 for none."""
        failures, last_s = self._held.get((name.lower()[:64], place), (0, 0.0))
        if failures < FREE or now_s - last_s > _FORGET_S:
            return 0.0
        return max(0.0, last_s + min(2.0 ** (failures - FREE), MAX_WAIT_S) - now_s)

    def waiting(self, name: str, now_s: float) -> list[tuple[str, int, float]]:
        """Return (place, failures in a row, seconds still to wait) of each pair with ``name`` that has to wait now."""
        found = [
            (place, failures, self.wait_s(name, place, now_s))
            for (held, place), (failures, _) in self._held.items() if held == name.lower()[:64]
        ]  # fmt: skip
        return [one for one in found if one[2] > 0.0]

    def failed(self, name: str, place: str, now_s: float) -> int:
        """Count a failure; return how many there were in a row."""
        pair = (name.lower()[:64], place)
        failures, last_s = self._held.pop(pair, (0, now_s))
        if now_s - last_s > _FORGET_S:
            failures = 0
        while len(self._held) >= MAX_PAIRS:  # the pair that failed longest ago makes room
            del self._held[next(iter(self._held))]
        self._held[pair] = (failures + 1, now_s)
        return failures + 1

    def succeeded(self, name: str, place: str) -> None:
        """Forget the failures of this pair."""
        self._held.pop((name.lower()[:64], place), None)
