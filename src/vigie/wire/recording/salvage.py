"""Rows out of the bare pages of a damaged segment, without asking SQLite.

A flipped bit in a page header, a cell pointer or an interior page makes SQLite refuse far more than it harmed. But
every row announces itself by ROW_MAGIC, says its length, and is proved by its CRC32C; where it continues on overflow
pages, their chain can be followed. So only rows whose own octets are damaged are lost.
Source: SQLite file format 2.6 (b-tree pages, cell payload overflow) and 4 (the write-ahead log),
https://www.sqlite.org/fileformat2.html
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from typing import Final

from vigie.terms.errors import RecordingError
from vigie.wire.recording.row import (
    CHAIN_BYTES,
    CRC_BYTES,
    ROW_HEADER_BYTES,
    ROW_MAGIC,
    Row,
    payload_length,
    unpack_row,
)

PAGE_BYTES: Final = 4096
"""Every segment is written with this page size; a damaged file header cannot change it."""

_WAL_HEADER_BYTES: Final = 32
_WAL_FRAME_BYTES: Final = 24
_STEP: Final = _WAL_FRAME_BYTES + PAGE_BYTES
_NOW_AT: Final = 16  # of now_ns in the row header
_MAX_LOCAL: Final = PAGE_BYTES - 35
_MIN_LOCAL: Final = (PAGE_BYTES - 12) * 32 // 255 - 23

Raw = bytes | mmap.mmap


class Salvage:
    """A segment's file and write-ahead log as bare pages; a page is taken where the log has a newer image."""

    def __init__(self, db: Raw, wal: Raw = b"") -> None:
        self._db, self._wal = db, wal
        self._in_wal: dict[int, list[int]] = {}
        for start in range(_WAL_HEADER_BYTES, len(wal) - _STEP + 1, _STEP):
            (page,) = struct.unpack(">I", wal[start : start + 4])
            self._in_wal.setdefault(page, []).append(start + _WAL_FRAME_BYTES)
        self._committed_to = _last_commit(wal)

    def rows(self, after: int, *, log_only: bool = False) -> Iterator[tuple[Row, bytes]]:
        """Yield (row, chain hash as stored) of every undamaged row numbered above ``after``, in order, each once.

        What lies in the log behind the last commit was never acknowledged: it counts only where no row is missing
        before it. With ``log_only`` rows that begin in the file are left out.
        """
        places: dict[int, tuple[int, bool]] = {}
        for buffer, in_wal in ((b"" if log_only else self._db, False), (self._wal, True)):
            at = buffer.find(ROW_MAGIC)
            while at >= 0:
                whole = self.row_at(at, in_wal)
                if whole is not None and whole[0].number > after:
                    places.setdefault(whole[0].number, (at, in_wal))
                at = buffer.find(ROW_MAGIC, at + 1)
        previous = after
        for number, (at, in_wal) in sorted(places.items()):
            if in_wal and at >= self._committed_to and number != previous + 1:
                continue
            whole = self.row_at(at, in_wal)
            if whole is not None:
                previous = number
                yield whole

    def row_at(self, at: int, in_wal: bool) -> tuple[Row, bytes] | None:
        """Return the row whose header begins at ``at`` and its stored chain hash; None if nothing whole is there."""
        if in_wal:
            within = (at - _WAL_HEADER_BYTES) % _STEP - _WAL_FRAME_BYTES
            buffer, page_at = self._wal, at - within
        else:
            within = at % PAGE_BYTES
            buffer, page_at = self._db, at - within
        page = buffer[page_at : page_at + PAGE_BYTES]
        if within < CHAIN_BYTES + CRC_BYTES:
            return None
        try:
            length = payload_length(page[within:])
        except RecordingError:
            return None
        before = page[within - CHAIN_BYTES - CRC_BYTES : within]
        (now_ns,) = struct.unpack_from("<q", page, within + _NOW_AT)
        local = _local_octets(now_ns, length)
        for payload in self._payloads(page, within, local, length):
            try:
                return unpack_row(payload, before[:CRC_BYTES]), before[CRC_BYTES:]
            except RecordingError:
                continue
        return None

    def _payloads(self, page: bytes, within: int, local: int, length: int) -> Iterator[bytes]:
        """Yield what the payload may be: overflow pages taken from the log first, then from the file alone."""
        if local >= length:
            yield page[within : within + length]
            return
        pointer = page[within + local : within + local + 4]
        for choice in (-1, 0, None):  # newest image in the log, oldest image in the log, the file
            payload = self._follow(page[within : within + local], pointer, length, choice)
            if payload is not None:
                yield payload

    def _follow(self, head: bytes, pointer: bytes, length: int, choice: int | None) -> bytes | None:
        parts, missing = [head], length - len(head)
        while missing > 0:
            if len(pointer) < 4:
                return None
            page = self._page(struct.unpack(">I", pointer)[0], choice)
            if page is None:
                return None
            pointer, part = page[:4], page[4 : 4 + missing]
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _page(self, number: int, choice: int | None) -> bytes | None:
        images = self._in_wal.get(number)
        if images and choice is not None:
            return self._wal[images[choice] : images[choice] + PAGE_BYTES]
        start = (number - 1) * PAGE_BYTES
        if start < 0 or start + PAGE_BYTES > len(self._db):
            return None
        return self._db[start : start + PAGE_BYTES]


def _last_commit(wal: Raw) -> int:
    """Return where the last committed frame of the log ends: later ones are of a cut commit or of an earlier log."""
    heads = [wal[at : at + _WAL_FRAME_BYTES] for at in range(_WAL_HEADER_BYTES, len(wal) - _STEP + 1, _STEP)]
    salts = [wal[16:24], *(head[8:16] for head in heads[:2])]  # one of three may be damaged
    salt = max(salts, key=salts.count)
    commits = [i for i, head in enumerate(heads) if head[8:16] == salt and head[4:8] != bytes(4)]
    return _WAL_HEADER_BYTES + (commits[-1] + 1) * _STEP if commits else 0


def _local_octets(now_ns: int, length: int) -> int:
    """Return how many octets of a payload of ``length`` lie in the leaf page itself.

    The record is: header (its size, five one-octet types, the payload's type as a varint), now_ns, kind, CRC, chain,
    payload. The row number is the key and takes no octet.
    """
    columns = 6 + _varint_octets(12 + 2 * length) + _integer_octets(now_ns) + 1 + CRC_BYTES + CHAIN_BYTES
    record = columns + length
    if record <= _MAX_LOCAL:
        return length
    surplus = _MIN_LOCAL + (record - _MIN_LOCAL) % (PAGE_BYTES - 4)
    return (surplus if surplus <= _MAX_LOCAL else _MIN_LOCAL) - columns


def _varint_octets(value: int) -> int:
    return max(1, -(-value.bit_length() // 7))


def _integer_octets(value: int) -> int:
    if value in (0, 1):
        return 0
    bits = (value if value >= 0 else ~value).bit_length() + 1
    return next(n for n in (1, 2, 3, 4, 6, 8) if bits <= 8 * n)


assert ROW_HEADER_BYTES + CRC_BYTES + CHAIN_BYTES < _MIN_LOCAL, "a row's header must lie whole in its leaf page"
