"""What the chain set aside, newest first, for the technician: records, plots and tracks, and acts it could not do.

Equal ones (same link, sensor, category, item and reason) are one entry with a count and the newest time and place. The
ledgers stay the exact account; this list is bounded, forgets the oldest, and begins anew with the process and with a
replay that is set to another time. Nothing here is part of the state: a replay gives the same picture without it.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from vigie.app.pipeline import Outputs, State
from vigie.terms.ledger import REASONS
from vigie.terms.units import NS_PER_S

MOST: Final = 60
"""Most entries kept."""
NOT_FINITE: Final = "not_finite"
"""Why a track is set aside: its numbers were no longer finite."""
_SAME: Final = {"link": 16, "sensor_id": 16, "category": 8, "item": 16, "reason": 8}
"""What equal records have in common, and how many bits each has: 64 in all."""
_MOST_TEXT: Final = 240

Entry = dict[str, Any]


class Aside:
    """The list of one core; ``take`` after each step, ``facts`` when the page is told."""

    def __init__(self, state: State) -> None:
        self._held: dict[tuple[Any, ...], Entry] = {}  # the oldest first
        self._tracks = set(state.tracker.set_aside)
        self._plots = self._filtered(state)
        self.changed = True

    def take(self, state: State, out: Outputs) -> None:
        """Note what one step set aside."""
        if len(out.rejects):
            self._records(out)
        for act, why in state.refused:
            self._note(("act", act.act, why), {"what": "act", "act": act.act, "subject": act.subject[:_MOST_TEXT],
                       "who": act.who, "why": why[:_MOST_TEXT]}, out.now_ns, 1)  # fmt: skip
        if out.now_ns % NS_PER_S == 0:
            self._plots_and_tracks(state, out.now_ns)

    def facts(self) -> dict[str, list[Entry]]:
        """Return ``aside``, the entries newest first, if something changed since they were last told."""
        if not self.changed:
            return {}
        self.changed = False
        return {"aside": sorted(self._held.values(), key=lambda e: -e["at_ms"])}

    def _records(self, out: Outputs) -> None:
        """Group the rejects of a step: a flood of equal ones costs one entry."""
        rows = out.rejects
        same = np.zeros(len(rows), np.uint64)
        for name, bits in _SAME.items():
            same = same << np.uint64(bits) | rows[name].astype(np.uint64)
        _, first, counts = np.unique(same[::-1], return_index=True, return_counts=True)
        last = len(rows) - 1 - first  # the newest row of each group
        for group in np.argsort(last)[-MOST:].tolist():
            row = rows[int(last[group])]
            reason = REASONS[int(row["reason"])]
            key = ("record", *(int(row[name]) for name in _SAME))
            entry = {
                "what": "record", "reason": reason, "link": int(row["link"]), "sensor": int(row["sensor_id"]),
                "category": int(row["category"]), "item": int(row["item"]), "frame": int(row["frame_no"]),
                "offset": int(row["offset"]), "length": int(row["length"]),
            }  # fmt: skip
            self._note(key, entry, int(row["rx_ns"]), int(counts[group]))

    def _plots_and_tracks(self, state: State, now_ns: int) -> None:
        plots = self._filtered(state)
        for (stage, reason), count in plots.items():
            more = count - self._plots.get((stage, reason), 0)
            if more > 0:
                self._note(("plots", stage, reason), {"what": "plots", "stage": stage, "reason": reason}, now_ns, more)
        self._plots = plots
        tracks = set(state.tracker.set_aside)
        for number in sorted(tracks - self._tracks):
            self._note(("track", number), {"what": "track", "track": number, "reason": NOT_FINITE}, now_ns, 1)
        self._tracks = tracks

    @staticmethod
    def _filtered(state: State) -> dict[tuple[str, str], int]:
        ledger = state.tracker.ledger
        return {
            **{("decode", reason): n for reason, n in state.decoder.ledger.filtered.items()},
            **{("track", reason): n for reason, n in ledger.filtered.items()},
            **{("track", reason): n for reason, n in ledger.shed.items()},
        }

    def _note(self, key: tuple[Any, ...], entry: Entry, at_ns: int, more: int) -> None:
        before = self._held.pop(key, None)
        self._held[key] = {**entry, "at_ms": at_ns / 1e6, "count": more + (before["count"] if before else 0)}
        while len(self._held) > MOST:
            del self._held[next(iter(self._held))]
        self.changed = True
