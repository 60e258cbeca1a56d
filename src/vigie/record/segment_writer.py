"""How segments are begun, written, given up after a failed sync, and finished."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from msgspec.structs import replace as replace_struct

from vigie.record.heads import HEAD_EVERY_NS, Signer, note_head
from vigie.record.place import Place
from vigie.record.seal import write_seal
from vigie.record.segment import APPLICATION_ID, SCHEMA_VERSION, SUFFIX
from vigie.terms.units import NS_PER_S
from vigie.wire.recording.bodies import Configuration, encode_record
from vigie.wire.recording.row import Kind, Row, chain_hash, pack_row, row_crc
from vigie.wire.recording.salvage import PAGE_BYTES

log = logging.getLogger("vigie.record")

Connect = Callable[[str], sqlite3.Connection]

_CHECKPOINT_OCTETS: Final = 4 << 20
_SCHEMA: Final = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # crc, chain and the head of payload must lie in the leaf page: salvage counts on this order.
    "CREATE TABLE batch (seq INTEGER PRIMARY KEY, now_ns INTEGER NOT NULL, kind INTEGER NOT NULL, "
    "crc BLOB NOT NULL, chain BLOB NOT NULL, payload BLOB NOT NULL)",
)
_INSERT: Final = "INSERT INTO batch (seq, now_ns, kind, crc, chain, payload) VALUES (?, ?, ?, ?, ?, ?)"


def plain_connect(path: str) -> sqlite3.Connection:
    """Return a connection that leaves transactions to us."""
    return sqlite3.connect(path, isolation_level=None, timeout=1.0)


def is_full(why: BaseException) -> bool:
    """Whether an error means that the disk or the quota is full (and will do again once there is room)."""
    if isinstance(why, OSError):
        return why.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(why, sqlite3.Error) and "full" in str(why)


class SegmentWriter:
    """Appends rows to the current segment of a place; begins a new one when the hour turns or a commit fails.

    Only one thread uses it. A commit that fails for want of room is tried again in the same file; any other failure
    (a failed sync above all) ends the file: it is left as it is, and the rows go into a new one with the same
    numbers. A reader lets the later segment win.
    """

    def __init__(self, place: Place, connect: Connect, signer: Signer | None = None) -> None:
        self._signer = signer
        self._head_due_ns = 0
        self._last_ns = self._last_batch = 0
        self._place = place
        self._connect = connect
        self._number, self._chain = place.last_number, place.last_chain
        self._db: sqlite3.Connection | None = None
        self._path: Path | None = None
        self._spare: Path | None = None  # made, but nothing could be written into it: used again
        self._hour = 0
        self._first_number = 0
        self._unchecked_octets = 0
        self._sealers: list[threading.Thread] = []

    def commit(self, rows: list[Row], hour: int, configuration: Configuration) -> None:
        """Write ``rows`` and sync them; when this returns they are durable.

        Raises
        ------
        sqlite3.Error, OSError
            If they are not; the same call may be repeated.
        """
        if self._db is not None and hour != self._hour:
            self._finish_segment()
        try:
            if self._db is None:
                rows = [self._begin_segment(rows[0], configuration), *rows]
                self._hour = hour
            assert self._db is not None
            if not self._db.in_transaction:
                self._db.execute("BEGIN IMMEDIATE")
            number, chain = self._number, self._chain
            values = []
            for row in rows:
                number += 1
                payload = pack_row(replace(row, number=number))
                crc = row_crc(payload)
                chain = chain_hash(chain, crc, payload)
                values.append((number, row.now_ns, int(row.kind), crc, chain, payload))
                self._unchecked_octets += len(payload)
            self._db.executemany(_INSERT, values)
            signed = self._signer is not None and rows[-1].now_ns >= self._head_due_ns
            if signed:
                number, chain = self._insert_head(rows[-1].now_ns, rows[-1].batch, number, chain)
            self._db.execute("COMMIT")
        except (sqlite3.Error, OSError) as why:
            self._roll_back(why)
            raise
        if not self._first_number:
            self._first_number = self._number + 1
        self._number, self._chain, self._spare = number, chain, None
        self._last_ns, self._last_batch = rows[-1].now_ns, rows[-1].batch
        if signed:
            self._head_due_ns = self._last_ns + HEAD_EVERY_NS
            self._list_head()
        self._checkpoint()

    def finish(self) -> None:
        """Finish the current segment and wait until all are sealed."""
        if self._db is not None:
            self._finish_segment()
        for sealer in self._sealers:
            sealer.join()

    def _insert_head(self, now_ns: int, batch: int, number: int, chain: bytes) -> tuple[int, bytes]:
        """Insert the signed head of the chain so far; return number and chain hash of its own row."""
        assert self._signer is not None
        assert self._db is not None
        self._head = self._signer.head(number, now_ns, chain)
        row = Row(
            number=number + 1, now_ns=now_ns, kind=Kind.HEAD, batch=batch, count=0, body=encode_record(self._head)
        )
        payload = pack_row(row)
        crc = row_crc(payload)
        chain = chain_hash(chain, crc, payload)
        self._db.execute(_INSERT, (row.number, now_ns, int(row.kind), crc, chain, payload))
        return row.number, chain

    def _last_head(self) -> None:
        """Sign the end of a segment that is being finished; without it the segment is as good, only less guarded."""
        if self._signer is None or self._db is None or not self._first_number:
            return
        try:
            self._db.execute("BEGIN IMMEDIATE")
            number, chain = self._insert_head(self._last_ns, self._last_batch, self._number, self._chain)
            self._db.execute("COMMIT")
        except sqlite3.Error as why:
            log.warning("the end of segment %s is not signed: %s", self._path, why)
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            return
        self._number, self._chain = number, chain
        self._list_head()

    def _list_head(self) -> None:
        try:
            note_head(self._place.folder, self._head)
        except OSError as why:  # the head stands in the recording all the same
            log.warning("a signed head could not be listed: %s", why)

    def _begin_segment(self, first: Row, configuration: Configuration) -> Row:
        if self._spare is None:
            number = self._place.next_segment()
            self._spare = new_segment_file(self._place.folder, number, first.now_ns)
        self._path = self._spare
        self._first_number = 0
        self._db = open_to_write(self._path, self._connect)
        record = replace_struct(
            configuration, started_ns=first.now_ns, segment=self._place.segment, previous_row=self._number,
            previous_chain=self._chain, previous_file=self._place.previous_name,
        )  # fmt: skip
        return Row(number=0, now_ns=first.now_ns, kind=Kind.CONFIGURATION, batch=first.batch - first.count, count=0,
                   body=encode_record(record))  # fmt: skip

    def _roll_back(self, why: BaseException) -> None:
        db = self._db
        if db is not None and is_full(why) and self._first_number:
            with contextlib.suppress(sqlite3.Error):
                if db.in_transaction:
                    db.execute("ROLLBACK")
            return
        if not is_full(why):
            self._spare = None
        self._abandon()

    def _abandon(self) -> None:
        """Leave the segment as it is: what SQLite could still move after a failed sync must not be moved."""
        db, self._db = self._db, None
        if self._path is not None and self._first_number:
            self._place.previous_name = self._path.name
        if db is None:
            return
        with contextlib.suppress(sqlite3.Error):
            if db.in_transaction:
                db.execute("ROLLBACK")
        setconfig = getattr(db, "setconfig", None)  # Python 3.12
        if setconfig is not None:
            setconfig(1006, True)  # SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE
        with contextlib.suppress(sqlite3.Error):
            db.close()

    def _checkpoint(self) -> None:
        """Move the log into the file now and then; by hand, because SQLite keeps a failed sync of its own to itself."""
        if self._unchecked_octets < _CHECKPOINT_OCTETS or self._db is None:
            return
        self._unchecked_octets = 0
        try:
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error as why:
            log.error("segment %s is left after a failed checkpoint: %s", self._path, why)
            if not is_full(why):
                self._abandon()

    def _finish_segment(self) -> None:
        """Close the segment as one plain file, and seal it beside the way; a file still being read keeps its log."""
        self._last_head()
        db, path = self._db, self._path
        assert db is not None
        assert path is not None
        self._db = None
        self._unchecked_octets = 0
        self._place.previous_name = path.name
        try:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            db.execute("PRAGMA journal_mode=DELETE").fetchall()
        except sqlite3.Error as why:
            log.warning("segment %s keeps its log: %s", path.name, why)
        with contextlib.suppress(sqlite3.Error):
            db.close()
        if path.with_name(path.name + "-wal").exists() or not self._first_number:
            return
        self._sealers = [t for t in self._sealers if t.is_alive()]
        sealer = threading.Thread(target=_seal, args=(path, self._first_number, self._number, self._chain))
        self._sealers.append(sealer)
        sealer.start()


def _seal(path: Path, first: int, last: int, chain: bytes) -> None:
    try:
        write_seal(path, first, last, chain)
    except OSError as why:
        log.warning("segment %s stays without a seal: %s", path.name, why)


def new_segment_file(folder: Path, number: int, now_ns: int) -> Path:
    """Make an empty file that was not there before and return its path.

    Raises
    ------
    OSError
        If the folder is full or not writable, or the file exists.
    """
    start = datetime.fromtimestamp(now_ns // NS_PER_S, UTC)
    path = folder / f"{start:%Y%m%dT%H%M%SZ}-{number:06d}{SUFFIX}"
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o640))
    with contextlib.suppress(OSError):  # some file systems cannot sync a folder; the file is synced by SQLite
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    return path


def open_to_write(path: Path, connect: Connect) -> sqlite3.Connection:
    """Return a connection to a new, empty segment with its tables in an open transaction."""
    db = connect(str(path))
    try:
        for pragma in (
            f"page_size={PAGE_BYTES}", f"application_id={APPLICATION_ID}", f"user_version={SCHEMA_VERSION}",
            "journal_mode=WAL", "synchronous=FULL", "temp_store=MEMORY", "cache_size=-4096",
        ):  # fmt: skip
            db.execute(f"PRAGMA {pragma}").fetchall()
        db.execute("BEGIN IMMEDIATE")
        for statement in _SCHEMA:
            db.execute(statement)
        db.execute("INSERT INTO meta VALUES ('format', 'vigie recording'), ('schema', ?)", (str(SCHEMA_VERSION),))
    except sqlite3.Error:
        db.close()
        raise
    return db
