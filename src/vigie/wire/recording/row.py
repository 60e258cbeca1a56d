"""One recorded row: a header that says everything, a body, a CRC32C over both, and the chain hash.

The header repeats what the table's other columns say, so that a row found in the bare pages of a damaged file is
still whole. Source of the shape: reliability study, 5.6 (sequence, time, kind, payload, CRC32C, chain).
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import google_crc32c

from vigie.terms.errors import RecordingError

ROW_MAGIC: Final = b"\x93VIGROW\x01"
_HEADER: Final = struct.Struct("<8sqqqBII")  # magic, row, now_ns, batch, kind, count, octets of body
ROW_HEADER_BYTES: Final = _HEADER.size
CHAIN_BYTES: Final = 32
CRC_BYTES: Final = 4
NO_CHAIN: Final = bytes(CHAIN_BYTES)
"""What stands before the very first row."""


class Kind(IntEnum):
    """What a row holds. All below 128 and above 1, so that SQLite keeps each in one octet (see salvage)."""

    CONFIGURATION = 2
    BATCH = 3
    TICKS = 4
    DIGEST = 5
    ACT = 6
    EVENT = 7
    LOSS = 8
    HEAD = 9
    SNAPSHOT = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row: its running number, time, kind; number of the last batch up to here; batches in it; its body."""

    number: int
    now_ns: int
    kind: int
    batch: int
    count: int
    body: bytes


def pack_row(row: Row) -> bytes:
    """Return header and body: what the table's ``payload`` column holds."""
    return _HEADER.pack(ROW_MAGIC, row.number, row.now_ns, row.batch, row.kind, row.count, len(row.body)) + row.body


def row_crc(payload: bytes) -> bytes:
    """Return the CRC32C (Castagnoli, RFC 3720 B.4) of a payload, 4 octets, little-endian."""
    return int(google_crc32c.value(payload)).to_bytes(CRC_BYTES, "little")


def chain_hash(previous: bytes, crc: bytes, payload: bytes) -> bytes:
    """Return SHA-256 of the previous row's hash, this row's CRC and its payload."""
    return hashlib.sha256(previous + crc + payload).digest()


def payload_length(head: bytes) -> int:
    """Return how many octets a payload has, from its first ROW_HEADER_BYTES; RecordingError if it is none."""
    if len(head) < ROW_HEADER_BYTES or not head.startswith(ROW_MAGIC):
        raise RecordingError(f"no row begins with {head[:8]!r}; expected {ROW_MAGIC!r}")
    return ROW_HEADER_BYTES + int(_HEADER.unpack_from(head)[6])


def unpack_row(payload: object, crc: object) -> Row:
    """Return the row of one ``payload`` and ``crc`` column, as they came from the table.

    Raises
    ------
    RecordingError
        Naming what is wrong; any damage to either is found.
    """
    if not isinstance(payload, bytes) or not isinstance(crc, bytes):
        raise RecordingError("payload or CRC is not a blob")
    found = row_crc(payload)
    if found != crc:
        raise RecordingError(f"CRC32C of the row is {found.hex()}, its column states {crc.hex()[:16]}")
    length = payload_length(payload)
    if length != len(payload):
        raise RecordingError(f"row of {len(payload)} octets, its header asks for {length}")
    _, number, now_ns, batch, kind, count, _ = _HEADER.unpack_from(payload)
    return Row(number=number, now_ns=now_ns, kind=kind, batch=batch, count=count, body=payload[ROW_HEADER_BYTES:])
