"""What the rows hold that are not batches: configuration, runs of empty ticks, digests, acts, events, losses."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, Final, TypeVar

import msgspec

from vigie.terms.batch import Act, Batch, Event
from vigie.terms.errors import RecordingError
from vigie.terms.utc import TICK_NS
from vigie.wire.recording.batch import decode_batch
from vigie.wire.recording.body import Folder, unfold
from vigie.wire.recording.row import Kind, Row

T = TypeVar("T")


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """The first row of a segment: what runs, with which site, and which row comes before this segment."""

    software: str
    site_text: str
    started_ns: int
    segment: int
    previous_file: str = ""
    previous_row: int = 0
    previous_chain: bytes = b""
    why: str = ""
    known_text: str = ""
    """What the centre knew beside its sensors when it started: areas, flights, lists, as JSON."""


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """The digest of a step's state after the batch with this number."""

    step: str
    batch: int
    digest: bytes


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """All that the chain remembers after the batch of ``now_ns``, and the digest chained up to there.

    ``state`` is what ``app.pipeline.State.snapshot`` gave, as a body of its own; ``software`` is who wrote it.
    ``shown`` is what a display still shows and the chain does not need (newest plots, weather), as a body or empty.
    """

    now_ns: int
    steps: int
    digest: bytes
    software: str
    state: bytes
    shown: bytes = b""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The chain's hash after ``row``, signed with the centre's Ed25519 key; see ``record.heads``."""

    row: int
    now_ns: int
    chain: bytes
    public: bytes
    signature: bytes


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """What the recorder had to refuse, exactly: number of batches, frames and octets, and between which times."""

    batches: int
    frames: int
    octets: int
    acts: int
    notes: int
    first_ns: int
    last_ns: int
    reason: str


def encode_record(record: Any, folder: Folder | None = None) -> bytes:
    """Return a record of a row that is no batch as a body; RecordingError if it cannot be written."""
    try:
        return (folder or Folder()).fold(msgspec.msgpack.encode(record))
    except (OverflowError, UnicodeEncodeError, TypeError) as why:
        raise RecordingError(f"{type(record).__name__} cannot be written: {why}") from why


def decode_record(body: bytes, kind: type[T]) -> T:
    """Return the record of type ``kind`` in ``body``; RecordingError names what is wrong."""
    if kind not in (Act, Event, Configuration, Digest, Head, Loss, Snapshot):
        raise TypeError(kind)
    try:
        return msgspec.msgpack.decode(unfold(body), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as why:
        raise RecordingError(f"{kind.__name__} cannot be read: {why}") from why


_RUN: Final = struct.Struct("<qI")
MAX_RUN: Final = 100
"""Empty ticks in one row at most: 10 s."""


class TickRun:
    """Empty ticks one after the other, exactly 100 ms apart in UTC, gathered to be one row."""

    def __init__(self) -> None:
        self.first_ns = 0
        self.monos_ns: list[int] = []

    def takes(self, batch: Batch) -> bool:
        """Whether ``batch`` is empty and is the next tick of this run."""
        n = len(self.monos_ns)
        return is_empty(batch) and (n == 0 or (n < MAX_RUN and batch.now_ns == self.first_ns + n * TICK_NS))

    def add(self, batch: Batch) -> None:
        """Take the next empty tick."""
        if not self.monos_ns:
            self.first_ns = batch.now_ns
        self.monos_ns.append(batch.mono_ns)

    def encode(self, folder: Folder) -> bytes:
        """Return the run as a body."""
        n = len(self.monos_ns)
        return folder.fold(_RUN.pack(self.first_ns, n) + struct.pack(f"<{n}q", *self.monos_ns))


def is_empty(batch: Batch) -> bool:
    """Whether nothing happened between two ticks."""
    return not len(batch.frames) and not batch.acts and not batch.events


def decode_ticks(body: bytes) -> Iterator[Batch]:
    """Yield the empty batches of a run; RecordingError if the body is none."""
    raw = unfold(body)
    if len(raw) < _RUN.size or len(raw) != _RUN.size + 8 * _RUN.unpack_from(raw)[1]:
        raise RecordingError(f"run of empty ticks has {len(raw)} octets, which is not what its head asks for")
    first_ns, n = _RUN.unpack_from(raw)
    for i, mono_ns in enumerate(struct.unpack_from(f"<{n}q", raw, _RUN.size)):
        yield Batch(now_ns=first_ns + i * TICK_NS, mono_ns=mono_ns)


def batches_of_row(row: Row) -> Iterator[Batch]:
    """Yield the batches that ``row`` holds: one, a run of empty ones, or none; RecordingError if the body is bad."""
    if row.kind == Kind.BATCH:
        yield decode_batch(row.body)
    elif row.kind == Kind.TICKS:
        yield from decode_ticks(row.body)
