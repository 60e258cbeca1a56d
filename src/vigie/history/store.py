"""The archive's files: one folder a day, one Parquet file a table, written once and replaced whole.

``ARCHIVE/day=2026-11-22/tracks.parquet`` and so on, rows in order of time, zstd level 1, statistics in every row group,
so that a question reads only the groups of its time. Rows of tracks are in order of track and time within each block of
half a million, so that a question to one track reads the few groups that hold it. Floats whose neighbours resemble each
other are split by octet (BYTE_STREAM_SPLIT), texts and small numbers go through a dictionary. A day is complete when
``made.json`` lies in it.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vigie.history.tables import ACT, CELL, CROSSING, FLIGHT, NAME
from vigie.terms.errors import UsageError
from vigie.terms.tables import ALERT, HEALTH, IDENTITY, PLOT, TRACK, Rows, Table
from vigie.terms.units import NS_PER_S
from vigie.terms.utc import DAY_NS

DAILY: Final[dict[str, tuple[Table, str]]] = {
    "tracks": (TRACK, "now_ns"), "plots": (PLOT, "rx_ns"), "identities": (IDENTITY, "now_ns"),
    "alerts": (ALERT, "now_ns"), "acts": (ACT, "now_ns"), "health": (HEALTH, "now_ns"),
    "flights": (FLIGHT, "first_ns"), "crossings": (CROSSING, "entered_ns"),
    "cells": (CELL, "first_ns"), "names": (NAME, "first_ns"),
}  # fmt: skip
"""File of a day -> its table and the column of time it is sorted by."""

MADE: Final = "made.json"
_GROUP_ROWS: Final = 131_072
_BLOCK_ROWS: Final = 524_288
"""So many track rows are sorted by track at once: a national picture of some hours, 70 MB of memory."""
_TRACK_GROUP_ROWS: Final = 32_768
_SPLIT: Final = ("f4", "f8")


def day_name(t_ns: int) -> str:
    """Return ``YYYY-MM-DD`` of an instant, UTC."""
    return f"{dt.datetime.fromtimestamp(t_ns // NS_PER_S, dt.UTC):%Y-%m-%d}"


def arrow_of(table: Table, rows: Rows) -> pa.Table:
    """Return rows as an Arrow table, fast: short texts become dictionaries by their octets, not one by one."""
    arrays = []
    for column in table.columns:
        values = np.ascontiguousarray(rows[column.name])
        if not column.type.startswith("text"):
            arrays.append(pa.array(values))
            continue
        keys = values.view("<u8") if values.dtype.itemsize == 8 else values
        unique, codes = np.unique(keys, return_inverse=True)
        words = [w.decode("utf-8", "replace").rstrip() for w in unique.view(values.dtype).tolist()]
        coded = pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(words, pa.string()))
        arrays.append(coded.cast(pa.string()) if len(words) > 60_000 else coded)
    return pa.Table.from_arrays(arrays, names=[c.name for c in table.columns])


class DayWriter:
    """Writes the files of one day into a folder of its own, which takes the day's place when it is closed."""

    def __init__(self, archive: Path, day: str) -> None:
        self.final = archive / f"day={day}"
        self.part = archive / f".day={day}.part"
        shutil.rmtree(self.part, ignore_errors=True)
        try:
            self.part.mkdir(parents=True)
        except OSError as why:
            raise UsageError(f"{archive}: no archive can be made here: {why.strerror}") from why
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._waiting: dict[str, list[Rows]] = {name: [] for name in DAILY}
        self.counts = dict.fromkeys(DAILY, 0)

    def add(self, name: str, rows: Rows) -> None:
        """Take rows of one table, in order of time."""
        if not len(rows):
            return
        waiting = self._waiting[name]
        waiting.append(rows)
        self.counts[name] += len(rows)
        if sum(map(len, waiting)) >= (_BLOCK_ROWS if name == "tracks" else _GROUP_ROWS):
            self._flush(name)

    def _flush(self, name: str) -> None:
        table, key = DAILY[name]
        waiting = self._waiting[name]
        rows = np.concatenate(waiting) if waiting else table.empty()
        waiting.clear()
        if name == "tracks":
            rows = rows[np.lexsort((rows[key], rows["track_no"]))]
        elif len(rows) > 1 and (np.diff(rows[key]) < 0).any():
            rows = rows[np.argsort(rows[key], kind="stable")]
        data = arrow_of(table, rows)
        writer = self._writers.get(name)
        if writer is None:
            split = [c.name for c in table.columns if c.type in _SPLIT]
            coded = [c.name for c in table.columns if c.type not in _SPLIT and c.type != "i8"]
            schema = pa.schema([(c.name, pa.string() if c.type.startswith("text") else data.schema.field(c.name).type)
                                for c in table.columns])  # fmt: skip
            writer = self._writers[name] = pq.ParquetWriter(
                str(self.part / f"{name}.parquet"), schema, compression="zstd", compression_level=1,
                use_dictionary=coded, use_byte_stream_split=split, write_statistics=True,
                sorting_columns=[pq.SortingColumn(data.schema.get_field_index(column))
                                 for column in (("track_no", key) if name == "tracks" else (key,))],
            )  # fmt: skip
        size = _TRACK_GROUP_ROWS if name == "tracks" else _GROUP_ROWS
        writer.write_table(data.cast(writer.schema), row_group_size=size)

    def rows(self, name: str, table: Table) -> Rows:
        """Return what was written of one table so far (its file is finished by this)."""
        self._flush(name)
        self._writers.pop(name).close()
        return table.from_arrow(pq.read_table(self.part / f"{name}.parquet", columns=[c.name for c in table.columns]))

    def close(self, made: dict[str, Any]) -> None:
        """Finish all files and put the day in its place; ``made`` says from what."""
        for name in DAILY:
            if name in self._writers or self._waiting[name] or not (self.part / f"{name}.parquet").exists():
                self._flush(name)
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()
        (self.part / MADE).write_text(json.dumps(made | {"rows": self.counts}, indent=1) + "\n", "utf-8")
        shutil.rmtree(self.final, ignore_errors=True)
        os.replace(self.part, self.final)


def days(archive: Path, from_ns: int | None = None, until_ns: int | None = None) -> list[str]:
    """Return the complete days of an archive that meet a time range, in order.

    Raises
    ------
    UsageError
        If there is no archive.
    """
    if not archive.is_dir():
        raise UsageError(f"{archive}: holds no archive. Make it with vigie history build RECORDING --to {archive}.")
    found = sorted(p.name[4:] for p in archive.glob("day=*") if (p / MADE).is_file())
    first = day_name(from_ns) if from_ns is not None else ""
    last = day_name(until_ns - 1) if until_ns is not None else "9999"
    return [day for day in found if first <= day <= last]


def made_of(archive: Path, day: str) -> dict[str, Any] | None:
    """Return from what a day was made, None where there is none (or it cannot be read: it is made again)."""
    try:
        found: dict[str, Any] = json.loads((archive / f"day={day}" / MADE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found


def files(archive: Path, name: str, from_ns: int | None = None, until_ns: int | None = None, *,
          lead: bool = False) -> list[str]:  # fmt: skip
    """Return the files of one table that meet a time range; ``lead`` adds the day before (flights that began then)."""
    if lead and from_ns is not None:
        from_ns -= DAY_NS
    paths: Iterable[Path] = (archive / f"day={d}" / f"{name}.parquet" for d in days(archive, from_ns, until_ns))
    return [str(p) for p in paths if p.is_file()]
