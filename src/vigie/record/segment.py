"""One segment: an SQLite file of an hour, how it is made, found, and read row by row, whatever state it is in."""

from __future__ import annotations

import contextlib
import mmap
import os
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vigie.terms.errors import RecordingError
from vigie.terms.utc import TICK_NS
from vigie.wire.recording.bodies import MAX_RUN, Configuration, decode_record
from vigie.wire.recording.row import Kind, Row, unpack_row
from vigie.wire.recording.salvage import Salvage

SUFFIX: Final = ".vrec"
APPLICATION_ID: Final = 0x56494752
"""``VIGR`` at octet 68 of the file: by this a recording is known whatever its name."""
SCHEMA_VERSION: Final = 1

_HEADER: Final = b"SQLite format 3\0"
_NAME: Final = re.compile(r"\d{8}T\d{6}Z-(\d{6,})" + re.escape(SUFFIX))


@dataclass(frozen=True, slots=True)
class Stored:
    """An undamaged row and its chain hash as the file has it."""

    row: Row
    chain: bytes


def is_recording(path: Path) -> bool:
    """Whether ``path`` is a segment of a recording, or a folder that holds one; known by content, not by name."""
    if path.is_dir():
        return any(is_recording(file) for file in segment_files(path))
    try:
        with path.open("rb") as file:
            head = file.read(72)
    except OSError:
        return False
    return head.startswith(_HEADER) and head[68:72] == APPLICATION_ID.to_bytes(4, "big")


def segment_files(folder: Path) -> list[Path]:
    """Return the segments of ``folder`` in the order in which they were begun."""
    found = [(m, p) for p in folder.iterdir() if (m := _NAME.fullmatch(p.name))]
    return [p for _, p in sorted((int(m[1]), p) for m, p in found)]


def segment_number(path: Path) -> int:
    """Return the running number in a segment's name, 0 if the name is not ours."""
    match = _NAME.fullmatch(path.name)
    return int(match[1]) if match else 0


def open_to_read(path: Path) -> sqlite3.Connection:
    """Return a read-only connection; also to a file cut off by a crash, or on a medium that cannot be written.

    Raises
    ------
    RecordingError
        If it is not a segment, or SQLite cannot open it at all.
    """
    uri = f"{path.resolve().as_uri()}?mode=ro"
    if not path.with_name(path.name + "-wal").exists() and not os.access(path.parent, os.W_OK):
        uri += "&immutable=1"  # without a log and without the right to make one, SQLite must be told nobody writes
    try:
        return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as why:
        raise RecordingError(f"{path}: cannot be opened: {why}") from why


def read_rows(path: Path, after: int = -1, *, until: int | None = None) -> Iterator[Stored]:
    """Yield the undamaged rows numbered above ``after`` (and up to ``until``) in order.

    SQLite reads as long as nothing is wrong; from the first fault on the bare pages are searched instead. A number
    that does not come is a row that is lost. A file cut off before its first commit yields nothing.
    """
    expected = None if after < 0 else after + 1
    whole = False
    with contextlib.closing(open_to_read(path)) as db:
        try:
            cursor = db.execute("SELECT seq, crc, chain, payload FROM batch WHERE seq > ? ORDER BY seq", (after,))
            for number, crc, chain, payload in cursor:
                if until is not None and number > until:
                    return
                row = unpack_row(payload, crc)
                if row.number != number or (expected is not None and number != expected):
                    break
                yield Stored(row, chain if isinstance(chain, bytes) else b"")
                after, expected = number, number + 1
            else:
                whole = True
        except (sqlite3.Error, UnicodeDecodeError, OverflowError, RecordingError):
            pass  # what is missing is seen from the numbers
    # SQLite drops all of a log behind its first damaged frame, and says nothing.
    for stored in salvage_rows(path, after, log_only=whole):
        if until is not None and stored.row.number > until:
            return
        yield stored


def salvage_rows(path: Path, after: int = -1, *, log_only: bool = False) -> Iterator[Stored]:
    """Yield what the bare pages of ``path`` and its write-ahead log hold above ``after``, in order, each row once."""
    log = path.with_name(path.name + "-wal")
    try:
        wal = log.read_bytes()  # not mapped: a live recorder may cut it short at any moment
    except OSError:
        wal = b""
    if log_only and not wal:
        return
    with contextlib.ExitStack() as stack:
        for row, chain in Salvage(_map(path, stack), wal).rows(after, log_only=log_only):
            yield Stored(row, chain)


def rows_between(path: Path, from_ns: int | None, until_ns: int | None) -> tuple[int, int | None]:
    """Return (after, until) row numbers that hold every row of a time range; the whole file where SQLite cannot say."""
    after, until = -1, None
    with contextlib.closing(open_to_read(path)) as db:
        try:
            if from_ns is not None:
                (first,) = db.execute("SELECT min(seq) FROM batch WHERE now_ns >= ?", (from_ns,)).fetchone()
                (last,) = db.execute("SELECT max(seq) FROM batch").fetchone()
                after = (first if first is not None else (last or 0) + 1) - 1
            if until_ns is not None:
                reach_ns = until_ns + MAX_RUN * TICK_NS  # a run of empty ticks is filed under its last tick
                (until,) = db.execute("SELECT max(seq) FROM batch WHERE now_ns < ?", (reach_ns,)).fetchone()
                until = -1 if until is None else until
        except (sqlite3.Error, TypeError):
            return -1, None
    return after, until


def newest_row(path: Path, kind: Kind, until_ns: int | None = None, last: int | None = None) -> Row | None:
    """Return the newest undamaged row of a kind, written at or before ``until_ns`` and numbered up to ``last``."""
    most_ns, most = (2**63 - 1 if end is None else end for end in (until_ns, last))
    query = (
        "SELECT crc, payload FROM batch WHERE seq = (SELECT max(seq) FROM batch WHERE kind = ? AND now_ns <= ? "
        "AND seq <= ?)"
    )
    with contextlib.closing(open_to_read(path)) as db:
        try:
            for crc, payload in db.execute(query, (int(kind), most_ns, most)):
                return unpack_row(payload, crc)
            return None
        except (sqlite3.Error, UnicodeDecodeError, OverflowError, RecordingError):
            pass  # damaged: what can still be read is read row by row
    newest = None
    for stored in read_rows(path, until=last):
        if stored.row.kind == kind and stored.row.now_ns <= most_ns:
            newest = stored.row
    return newest


def configuration_of(path: Path) -> tuple[Row, Configuration] | None:
    """Return the configuration with which a segment begins; None where it is lost or was never written."""
    for stored in read_rows(path):
        if stored.row.kind != Kind.CONFIGURATION:
            return None
        try:
            return stored.row, decode_record(stored.row.body, Configuration)
        except RecordingError:
            return None
    return None


def last_row(path: Path) -> Stored | None:
    """Return the newest undamaged row of a segment, or None if it holds none."""
    newest = None
    with contextlib.closing(open_to_read(path)) as db:
        try:
            query = "SELECT crc, chain, payload FROM batch ORDER BY seq DESC LIMIT 1"
            for crc, chain, payload in db.execute(query):
                newest = Stored(unpack_row(payload, crc), chain)
        except (sqlite3.Error, UnicodeDecodeError, OverflowError, RecordingError):
            newest = None
    after = -1 if newest is None else newest.row.number
    for later in salvage_rows(path, after, log_only=newest is not None):
        newest = later
    return newest


def _map(path: Path, stack: contextlib.ExitStack) -> bytes | mmap.mmap:
    try:
        file = stack.enter_context(path.open("rb"))
        return stack.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError):  # absent, or empty
        return b""
