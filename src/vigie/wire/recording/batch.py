"""One batch as bytes and back, exactly: frames column by column, their octets, acts, events, both times.

Columns lie one after the other and times as differences, because that is what compresses. ``offset`` is not written:
it follows from the lengths. So a batch that is a view of a larger buffer comes back with a buffer of its own.
"""

from __future__ import annotations

import struct
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from vigie.terms.batch import Act, Batch, Event, Frames, Octets
from vigie.terms.errors import RecordingError
from vigie.terms.tables import FRAME, Rows
from vigie.wire.recording.body import Folder, unfold

# Version of the layout -> its columns in order. A column appended to FRAME needs a new version here; old ones stay.
LAYOUTS: Final[dict[int, tuple[tuple[str, str], ...]]] = {
    1: (
        ("rx_ns", "<i8"), ("seq", "<i8"), ("link", "<u2"), ("format", "u1"), ("length", "<i4"),
        ("src_addr", "<u4"), ("src_port", "<u2"),
    ),
}  # fmt: skip
LATEST: Final = max(LAYOUTS)
_DIFFERENCES: Final = ("rx_ns", "seq")

# layout, now_ns, mono_ns, frames, octets of frames, octets of acts, octets of events
_HEAD: Final = struct.Struct("<HqqIQII")


def encode_batch(batch: Batch, folder: Folder | None = None) -> bytes:
    """Return ``batch`` as a body; ``folder`` (one per thread) saves making a compressor each time.

    Raises
    ------
    RecordingError
        If a frame points outside the batch's buffer, or an act or event holds what cannot be written.
    """
    rows, frames = batch.frames.rows, batch.frames
    data = _octets(frames)
    try:
        acts = msgspec.msgpack.encode(batch.acts) if batch.acts else b""
        events = msgspec.msgpack.encode(batch.events) if batch.events else b""
        head = _HEAD.pack(LATEST, batch.now_ns, batch.mono_ns, len(rows), len(data), len(acts), len(events))
    except (OverflowError, UnicodeEncodeError, TypeError, struct.error) as why:
        raise RecordingError(f"batch of {batch.now_ns} ns cannot be written: {why}") from why
    parts = [head]
    for name, kind in LAYOUTS[LATEST]:
        column = np.ascontiguousarray(rows[name], dtype=kind)
        parts.append(_differences(column).tobytes() if name in _DIFFERENCES else column.tobytes())
    parts += [data.tobytes(), acts, events]
    return (folder or Folder()).fold(b"".join(parts))


def decode_batch(body: bytes) -> Batch:
    """Return the batch that :func:`encode_batch` was given.

    Raises
    ------
    RecordingError
        Naming what is wrong and at which octet of the unfolded body.
    """
    raw = unfold(body)
    if len(raw) < _HEAD.size:
        raise RecordingError(f"batch of {len(raw)} octets is shorter than its head of {_HEAD.size}")
    version, now_ns, mono_ns, n, n_data, n_acts, n_events = _HEAD.unpack_from(raw)
    layout = LAYOUTS.get(version)
    if layout is None:
        raise RecordingError(f"octet 0: batch layout {version}; this software reads {', '.join(map(str, LAYOUTS))}")
    expected = _HEAD.size + n * sum(np.dtype(kind).itemsize for _, kind in layout) + n_data + n_acts + n_events
    if expected != len(raw):
        raise RecordingError(f"batch of {len(raw)} octets, its head asks for {expected}")
    rows = FRAME.empty(n)
    at = _HEAD.size
    for name, kind in layout:
        column = np.frombuffer(raw, kind, n, at)
        at += column.nbytes
        rows[name] = np.cumsum(column.view("<u8")).view("<i8") if name in _DIFFERENCES else column
    lengths = rows["length"].astype(np.int64)
    if n and (int(lengths.min()) < 0 or int(lengths.sum()) != n_data):
        raise RecordingError(f"frames of {int(lengths.sum())} octets in a batch that holds {n_data}")
    if n:
        rows["offset"][1:] = np.cumsum(lengths[:-1])
        rows["offset"][0] = 0
    data = np.frombuffer(raw, np.uint8, n_data, at).copy()
    at += n_data
    return Batch(
        now_ns=now_ns,
        mono_ns=mono_ns,
        frames=Frames(rows, data),
        acts=decode_records(raw[at : at + n_acts], Act, "acts") if n_acts else (),
        events=decode_records(raw[at + n_acts :], Event, "events") if n_events else (),
    )


def decode_records(data: bytes, kind: type[Any], what: str) -> tuple[Any, ...]:
    """Return the dataclass rows of type ``kind`` in MessagePack ``data``; RecordingError names ``what``."""
    try:
        rows: tuple[Any, ...] = msgspec.msgpack.decode(data, type=tuple[kind, ...])  # type: ignore[valid-type]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as why:
        raise RecordingError(f"{what} cannot be read: {why}") from why
    return rows


def _octets(frames: Frames) -> Octets:
    """Return the frames' octets one after the other; a copy only where they do not lie so already."""
    offsets, lengths = frames.rows["offset"], frames.rows["length"].astype(np.int64)
    if not len(offsets):
        return np.zeros(0, np.uint8)
    if int(lengths.min()) < 0 or int(offsets.min()) < 0 or int((offsets + lengths).max()) > len(frames.data):
        raise RecordingError(f"a frame points outside the batch's buffer of {len(frames.data)} octets")
    ends = np.cumsum(lengths)
    first, total = int(offsets[0]), int(ends[-1])
    if np.array_equal(offsets, first + ends - lengths):
        return frames.data[first : first + total]
    return frames.data[np.repeat(offsets - (ends - lengths), lengths) + np.arange(total)]


def _differences(column: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """Return the first value and the steps after it, modulo 2^64, so that any value comes back."""
    whole = column.view("<u8")
    steps = whole.copy()
    steps[1:] -= whole[:-1]
    return steps


def same_layout(rows: Rows) -> bool:
    """Whether the newest layout writes every column of ``rows`` (a test holds FRAME against it)."""
    return {name for name, _ in LAYOUTS[LATEST]} | {"offset"} == set(rows.dtype.names or ())
