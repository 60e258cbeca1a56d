"""Tables to files: Parquet in row groups as rows come, and JSON for ledgers and health."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.parquet as pq

from vigie.terms.errors import UsageError, VigieError
from vigie.terms.rows import copied, joined
from vigie.terms.tables import Rows, Table

_GROUP_ROWS: Final = 16_384  # 3 MB of plots; held several times over while they become Arrow columns
# Parquet keeps 40 to 60 kB of every group in memory until the file ends: a long file has fewer, larger ones.
_LONG_ROWS: Final = 64 * _GROUP_ROWS
_LONG_GROUP_ROWS: Final = 2 * _GROUP_ROWS


class TableFile:
    """A Parquet file of one table, written group by group so that memory stays flat.

    The same rows give the same octets: groups are cut at fixed row counts, however the rows came (16,384 each, from
    row 1,048,576 on 32,768).
    """

    def __init__(self, path: str | Path, table: Table) -> None:
        self._table = table
        self._waiting: list[Rows] = []
        self._count = 0
        self._written = 0
        self.rows = 0
        texts = [c.name for c in table.columns if c.type.startswith("text")]
        small = [c.name for c in table.columns if c.type in {"u1", "u2"}]
        try:
            self._writer = pq.ParquetWriter(
                str(path), table.arrow_schema, compression="zstd", compression_level=1, use_dictionary=texts + small
            )
        except OSError as why:
            raise UsageError(f"{path}: cannot be written: {why}. Give a file in a folder that exists.") from why

    def append(self, rows: Rows) -> None:
        """Take rows; they reach the disk when a group is full."""
        if len(rows):
            self._waiting.append(rows)
            self._count += len(rows)
            self.rows += len(rows)
            if self._count >= self._group_rows():
                self._write(full_groups_only=True)

    def close(self) -> None:
        """Write what waits and finish the file."""
        self._write(full_groups_only=False)
        self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, *, full_groups_only: bool) -> None:
        pieces, self._waiting = self._waiting, []
        rows = joined(pieces) if pieces else self._table.empty()
        del pieces  # what was put together is held once
        start = 0
        while len(rows) - start >= (1 if not full_groups_only else self._group_rows()):
            group = rows[start : start + self._group_rows()]
            self._writer.write_table(self._table.to_arrow(group), row_group_size=len(group))
            start += len(group)
            self._written += len(group)
        self._waiting = [copied(rows[start:])] if start < len(rows) else []  # a view would hold all of them
        self._count = len(rows) - start

    def _group_rows(self) -> int:
        return _GROUP_ROWS if self._written < _LONG_ROWS else _LONG_GROUP_ROWS


def read_table(path: str | Path, table: Table) -> Rows:
    """Return all rows of a Parquet file; VigieError names the file if it is none."""
    try:
        return table.from_arrow(pq.read_table(str(path)))
    except (OSError, pa.ArrowInvalid) as why:
        raise VigieError(f"{path}: cannot be read as a Parquet file of {table.name} rows: {why}") from why


def write_json(path: str | Path, what: Any) -> None:
    """Write JSON with sorted, readable lines; UsageError when the place cannot be written."""
    try:
        Path(path).write_text(json.dumps(what, indent=2, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
    except OSError as why:
        raise UsageError(f"{path}: cannot be written: {why.strerror}. Give a file in a folder that exists.") from why
