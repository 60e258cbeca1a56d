"""Rows by key with the version at which each last changed: identities by track, alerts by number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from vigie.show.columns import DTYPES, Column, Columns, no_rows

MOST_ROWS: Final = 131_072


class KeyedRows:
    """The newest row of each key of one table, at most ``MOST_ROWS``: beyond it the oldest change goes first."""

    def __init__(self, table: str, key: str) -> None:
        self._table, self._key = table, key
        self._dtype = np.dtype(list(DTYPES[table].items()))
        self._rows: dict[int, tuple[int, np.void]] = {}

    def __len__(self) -> int:
        """Return how many keys are held."""
        return len(self._rows)

    def apply(self, columns: Columns, version: int) -> bool:
        """Take over rows; return whether there were any."""
        keys = columns[self._key]
        if not keys.size:
            return False
        rows = np.empty(keys.size, self._dtype)
        for name in DTYPES[self._table]:
            rows[name] = columns[name]
        for key, row in zip(keys.tolist(), rows, strict=True):
            self._rows.pop(key, None)  # what changed last stands last
            self._rows[key] = (version, row)
        while len(self._rows) > MOST_ROWS:
            del self._rows[next(iter(self._rows))]
        return True

    def drop(self, keys: Iterable[int]) -> None:
        """Forget rows."""
        for key in keys:
            self._rows.pop(key, None)

    def drop_where(self, column: str, value: int, before_version: int) -> None:
        """Forget rows whose column has a value and that changed before a version: everyone has seen them."""
        self.drop([k for k, (v, row) in self._rows.items() if v < before_version and row[column] == value])

    def clear(self) -> None:
        """Forget all."""
        self._rows.clear()

    def changed_after(self, version: int) -> dict[str, Column]:
        """Return the rows that changed after a version as columns, in order of change."""
        young: list[np.void] = []
        for changed, row in reversed(self._rows.values()):
            if changed <= version:
                break
            young.append(row)
        if not young:
            return no_rows(self._table)
        rows = np.array(young[::-1], self._dtype)
        return {name: np.ascontiguousarray(rows[name]) for name in DTYPES[self._table]}
