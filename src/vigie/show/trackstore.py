"""The live tracks as struct-of-arrays: fixed slots, a sorted index by number, and the version of each last change.

No Python object per track: an update of n rows costs a few NumPy calls per column. Capacity doubles, freed slots are
used again.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vigie.show.columns import DTYPES, Column, Columns
from vigie.terms.tables import TRACK_ENDED

Index = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.uint32]

_FIRST_CAPACITY: Final = 256


class TrackStore:
    """All live tracks, one row each; ``changed`` holds the picture's version of a row's last change."""

    def __init__(self) -> None:
        self.columns: dict[str, Column] = {n: np.zeros(_FIRST_CAPACITY, d) for n, d in DTYPES["track"].items()}
        self.changed: Index = np.zeros(_FIRST_CAPACITY, np.int64)
        self.numbers: Numbers = np.zeros(0, np.uint32)  # sorted
        self.slots: Index = np.zeros(0, np.int64)  # where each of `numbers` stands
        self._free: Index = np.arange(_FIRST_CAPACITY, dtype=np.int64)

    def __len__(self) -> int:
        """Return how many tracks live."""
        return self.numbers.size

    def clear(self) -> None:
        """Forget every track."""
        self._free = np.arange(self.changed.size, dtype=np.int64)
        self.numbers, self.slots = self.numbers[:0], self.slots[:0]

    def apply(self, rows: Columns, version: int) -> tuple[bool, Numbers]:
        """Take over ``rows``; return whether any live row changed, and the numbers that ended now.

        Of several rows with one number the last one holds. Number 0 is no track. A row equal to the one held,
        bit for bit, is no change.
        """
        numbers = rows["track_no"]
        if numbers.size == 0:
            return False, self.numbers[:0]
        pick = _last_of_each(numbers)
        live = rows["status"][pick] != TRACK_ENDED
        ended = self.remove(numbers[pick[~live]])
        pick = pick[live]
        wanted = numbers[pick]
        at = np.searchsorted(self.numbers, wanted)
        known = at < self.numbers.size
        known[known] = self.numbers[at[known]] == wanted[known]
        changed = self._overwrite(rows, pick[known], self.slots[at[known]], version)
        fresh = pick[~known]
        if fresh.size:
            self._insert(rows, fresh, version)
        return changed or bool(fresh.size), ended

    def remove(self, numbers: Numbers) -> Numbers:
        """Forget these tracks; return those of them that were known."""
        if numbers.size == 0 or self.numbers.size == 0:
            return self.numbers[:0]
        gone = np.isin(self.numbers, numbers)
        if not gone.any():
            return self.numbers[:0]
        ended = self.numbers[gone]
        self._free = np.concatenate([self._free, self.slots[gone]])
        self.numbers, self.slots = self.numbers[~gone], self.slots[~gone]
        return ended

    def not_heard_since(self, oldest_ns: int) -> Numbers:
        """Return the numbers of tracks whose row is older than ``oldest_ns``."""
        return self.numbers[self.columns["now_ns"][self.slots] < oldest_ns]

    def rows_changed_after(self, version: int) -> dict[str, Column]:
        """Return the rows changed after ``version`` (0: every live row), in order of number."""
        slots = self.slots if version == 0 else self.slots[self.changed[self.slots] > version]
        return {name: values[slots] for name, values in self.columns.items()}

    def _overwrite(self, rows: Columns, pick: Index, slots: Index, version: int) -> bool:
        differs = np.zeros(pick.size, bool)
        for name, held in self.columns.items():
            new = rows[name][pick]
            differs |= _bits(held[slots]) != _bits(new)
            held[slots] = new
        self.changed[slots[differs]] = version
        return bool(differs.any())

    def _insert(self, rows: Columns, pick: Index, version: int) -> None:
        if self._free.size < pick.size:
            self._grow(self.changed.size - self._free.size + pick.size)
        slots = self._free[: pick.size]
        self._free = self._free[pick.size :]
        for name, held in self.columns.items():
            held[slots] = rows[name][pick]
        self.changed[slots] = version
        numbers = np.concatenate([self.numbers, rows["track_no"][pick]])
        order = np.argsort(numbers, kind="stable")
        self.numbers = numbers[order]
        self.slots = np.concatenate([self.slots, slots])[order]

    def _grow(self, needed: int) -> None:
        held = self.changed.size
        capacity = held
        while capacity < needed:
            capacity *= 2
        for name, values in self.columns.items():
            wider = np.zeros(capacity, values.dtype)
            wider[:held] = values
            self.columns[name] = wider
        versions = np.zeros(capacity, np.int64)
        versions[:held] = self.changed
        self.changed = versions
        self._free = np.concatenate([self._free, np.arange(held, capacity, dtype=np.int64)])


def _last_of_each(numbers: Column) -> Index:
    """Return where the last row of each number above 0 stands, in order of number."""
    order = np.argsort(numbers, kind="stable")
    held = numbers[order]
    last = np.ones(held.size, bool)
    last[:-1] = held[1:] != held[:-1]
    picked: Index = order[last & (held != 0)]
    return picked


def _bits(values: Column) -> npt.NDArray[Any]:
    """Return floats as whole numbers, so that NaN equals NaN."""
    return values.view(f"u{values.dtype.itemsize}") if values.dtype.kind == "f" else values
