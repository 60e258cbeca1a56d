"""A batch comes back exactly, and no changed bit passes as data."""

from __future__ import annotations

import contextlib
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.terms.batch import Act, Batch, Event, Frames
from vigie.terms.errors import RecordingError
from vigie.terms.tables import FRAME
from vigie.wire.recording import body as body_module
from vigie.wire.recording.batch import decode_batch, encode_batch, same_layout
from vigie.wire.recording.bodies import (
    Configuration,
    Digest,
    Loss,
    TickRun,
    decode_record,
    decode_ticks,
    encode_record,
)
from vigie.wire.recording.body import Folder, unfold
from vigie.wire.recording.row import NO_CHAIN, Kind, Row, chain_hash, pack_row, row_crc, unpack_row

I8 = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
ACTS = st.builds(
    Act, seq=I8, rx_ns=I8, who=TEXT, role=TEXT, origin=TEXT, act=TEXT, subject=TEXT, value=TEXT, reason=TEXT
)
EVENTS = st.builds(Event, rx_ns=I8, kind=TEXT, link=st.integers(0, 65535), value=I8, text=TEXT)


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    payloads = draw(st.lists(st.binary(max_size=60), max_size=12))
    rows = FRAME.empty(len(payloads))
    for i, payload in enumerate(payloads):
        rows[i] = (draw(I8), draw(I8), draw(st.integers(0, 65535)), draw(st.integers(0, 255)), 0, len(payload),
                   draw(st.integers(0, 2**32 - 1)), draw(st.integers(0, 65535)))  # fmt: skip
    rows["offset"] = np.cumsum([0, *map(len, payloads)])[:-1] if payloads else 0
    return Batch(
        now_ns=draw(I8), mono_ns=draw(I8), frames=Frames(rows, np.frombuffer(b"".join(payloads), np.uint8)),
        acts=tuple(draw(st.lists(ACTS, max_size=3))), events=tuple(draw(st.lists(EVENTS, max_size=3))),
    )  # fmt: skip


def assert_same(found: Batch, expected: Batch) -> None:
    assert (found.now_ns, found.mono_ns) == (expected.now_ns, expected.mono_ns)
    assert found.acts == expected.acts
    assert found.events == expected.events
    assert found.frames.rows.dtype == FRAME.dtype
    assert found.frames.rows.tobytes() == expected.frames.rows.tobytes()
    assert found.frames.data.tobytes() == expected.frames.data.tobytes()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(batches())
def test_a_batch_comes_back_exactly(batch: Batch) -> None:
    body = encode_batch(batch)
    assert_same(decode_batch(body), batch)
    assert encode_batch(decode_batch(body)) == body


@settings(max_examples=200, deadline=None, derandomize=True)
@given(batches(), st.randoms(use_true_random=False))
def test_a_changed_body_is_refused(batch: Batch, chance: random.Random) -> None:
    body = bytearray(encode_batch(batch))
    way = chance.randrange(4)
    at = chance.randrange(len(body))
    if way == 0:
        body[at] ^= 1 << chance.randrange(8)
    elif way == 1:
        body = body[:at]
    elif way == 2:
        body[at:at] = bytes(chance.randrange(256) for _ in range(1 + chance.randrange(9)))
    else:
        body[at : at + 2] = b""
    with pytest.raises(RecordingError):
        decode_batch(bytes(body))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.binary(max_size=200))
def test_whatever_lies_under_a_right_crc_raises_only_our_error(raw: bytes) -> None:
    for read in (decode_batch, lambda b: list(decode_ticks(b)), lambda b: decode_record(b, Configuration)):
        with contextlib.suppress(RecordingError):
            read(Folder().fold(raw))


def test_text_that_is_no_text_under_a_right_crc_is_our_error() -> None:
    event = Event(rx_ns=1, kind="gap", text="abc")
    raw = unfold(encode_batch(Batch(now_ns=0, mono_ns=0, events=(event,)))).replace(b"abc", b"\xa6bc")
    with pytest.raises(RecordingError, match="events cannot be read"):
        decode_batch(Folder().fold(raw))
    with pytest.raises(RecordingError, match="Event cannot be read"):
        decode_record(Folder().fold(unfold(encode_record(event)).replace(b"abc", b"\xa6bc")), Event)


def test_frames_that_are_a_view_of_a_larger_buffer_take_only_their_own_octets() -> None:
    rows = FRAME.empty(3)
    rows["offset"], rows["length"], rows["seq"] = [10, 2, 30], [3, 4, 0], [7, 8, 9]
    batch = Batch(now_ns=1, mono_ns=2, frames=Frames(rows, np.arange(200, dtype=np.uint8)))
    back = decode_batch(encode_batch(batch))
    assert [back.frames.payload(i) for i in range(3)] == [batch.frames.payload(i) for i in range(3)]
    assert len(back.frames.data) == 7
    assert back.frames.rows["seq"].tolist() == [7, 8, 9]


@pytest.mark.parametrize(("offset", "length"), [(0, 5), (-1, 2), (2, -1), (2**40, 1)])
def test_a_frame_outside_its_buffer_is_not_written(offset: int, length: int) -> None:
    rows = FRAME.empty(1)
    rows["offset"], rows["length"] = offset, length
    with pytest.raises(RecordingError, match="outside"):
        encode_batch(Batch(now_ns=0, mono_ns=0, frames=Frames(rows, np.zeros(4, np.uint8))))


def test_every_column_of_a_frame_is_written() -> None:
    assert same_layout(FRAME.empty()), "FRAME has a column the newest layout does not write: add a layout"


def test_a_body_that_would_unfold_beyond_the_limit_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    big = Folder().fold(bytes(100_000))
    monkeypatch.setattr(body_module, "RAW_LIMIT", 50_000)
    with pytest.raises(RecordingError, match="limit"):
        unfold(big)
    with pytest.raises(RecordingError, match="limit"):
        Folder().fold(bytes(100_000))


def test_the_first_layout_stays_readable() -> None:
    """These octets were written by the first released layout; they must be read for ever."""
    rows = FRAME.empty(2)
    rows["rx_ns"], rows["seq"], rows["link"], rows["format"] = [5, 9], [1, 2], [1, 2], [1, 2]
    rows["offset"], rows["length"], rows["src_addr"], rows["src_port"] = [0, 3], [3, 2], [16909060, 0], [4001, 0]
    event = Event(rx_ns=4, kind="link_up", link=1, value=-1, text="é")
    batch = Batch(now_ns=100, mono_ns=7, frames=Frames(rows, np.arange(5, dtype=np.uint8)), events=(event,))
    assert_same(decode_batch(Folder().fold(bytes.fromhex(FIRST_LAYOUT))), batch)
    assert unfold(encode_batch(batch)).hex() == FIRST_LAYOUT  # until a newer layout comes


FIRST_LAYOUT = (
    "010064000000000000000700000000000000020000000500000000000000000000002b000000050000000000000004000000000000000100"
    "000000000000010000000000000001000200010203000000020000000403020100000000a10f000000010203049185a572785f6e7304a46b"
    "696e64a76c696e6b5f7570a46c696e6b01a576616c7565ffa474657874a2c3a9"
)


def test_records_and_ticks_come_back() -> None:
    for record in (
        Configuration(software="1", site_text="[centre]\n", started_ns=3, segment=2, previous_chain=b"\x00\xff"),
        Digest(step="track", batch=3, digest=b"\x01" * 32),
        Loss(batches=1, frames=2, octets=3, acts=0, notes=0, first_ns=4, last_ns=5, reason="disk"),
        Event(rx_ns=4, kind="clock_step", value=-30),
    ):
        assert decode_record(encode_record(record), type(record)) == record
    run = TickRun()
    ticks = [Batch(now_ns=1_000_000_000 + i * 100_000_000, mono_ns=i * i) for i in range(5)]
    for tick in ticks:
        assert run.takes(tick)
        run.add(tick)
    assert not run.takes(replace(ticks[-1]))
    assert not run.takes(Batch(now_ns=1_500_000_000, mono_ns=0, events=(Event(rx_ns=0, kind="x"),)))
    assert [(b.now_ns, b.mono_ns) for b in decode_ticks(run.encode(Folder()))] == [(b.now_ns, b.mono_ns) for b in ticks]


def test_a_row_tells_on_any_changed_bit_and_the_chain_on_any_changed_row() -> None:
    row = Row(number=7, now_ns=-5, kind=Kind.BATCH, batch=3, count=1, body=b"some body")
    payload = pack_row(row)
    crc = row_crc(payload)
    assert unpack_row(payload, crc) == row
    for bit in range(len(payload) * 8):
        changed = bytearray(payload)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(RecordingError):
            unpack_row(bytes(changed), crc)
        assert chain_hash(NO_CHAIN, crc, bytes(changed)) != chain_hash(NO_CHAIN, crc, payload)
    for bad in (None, "text", 5, crc[:3]):
        with pytest.raises(RecordingError):
            unpack_row(payload, bad)
    with pytest.raises(RecordingError):
        unpack_row(payload + b"x", row_crc(payload + b"x"))
