from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.terms.units import NS_PER_S
from vigie.terms.utc import DAY_NS
from vigie.wire.containers.blocks import BlockReader
from vigie.wire.containers.chain import running_time

DAY = 20_000 * DAY_NS


def times_in_the_fourth_octet(data, offsets, lengths, day_ns):  # type: ignore[no-untyped-def]
    """A stand-in clock: octets 3 to 5 of a block are its time of day in s, 0 for none."""
    out = np.full(len(offsets), -1, np.int64)
    for i, (at, size) in enumerate(zip(offsets.tolist(), lengths.tolist(), strict=True)):
        if size >= 6:
            tod_s = int.from_bytes(data[at + 3 : at + 6].tobytes(), "big")
            out[i] = day_ns + tod_s * NS_PER_S if tod_s else -1
    return out


def block(tod_s: int, category: int = 48, more: bytes = b"") -> bytes:
    return bytes([category]) + (6 + len(more)).to_bytes(2, "big") + tod_s.to_bytes(3, "big") + more


def read(octets: bytes, kind: str = "asterix", sizes: list[int] | None = None) -> list[tuple[int, bytes]]:
    reader = BlockReader(kind, day_ns=DAY, times=times_in_the_fourth_octet)
    found = []
    at = 0
    pieces = []
    for size in sizes or []:
        pieces.append(octets[at : at + size])
        at += size
    pieces.append(octets[at:])
    for run in (*map(reader.feed, pieces), reader.close()):
        for frames in run:
            found += [(int(frames.rows["rx_ns"][i]) - DAY, frames.payload(i)) for i in range(len(frames))]
    return found


def seconds(found: list[tuple[int, bytes]]) -> list[float]:
    return [t / NS_PER_S for t, _ in found]


def test_receive_time_is_the_running_maximum_over_midnight() -> None:
    octets = b"".join(block(t) for t in (0, 86_390, 86_395, 86_393, 86_399, 3, 1, 86_398, 10))
    found = read(octets)
    assert seconds(found) == [86_390, 86_390, 86_395, 86_395, 86_399, 86_403, 86_403, 86_403, 86_410]
    assert b"".join(payload for _, payload in found) == octets


def test_one_bad_time_does_not_carry_the_clock_away_but_a_lasting_one_does() -> None:
    assert seconds(read(b"".join(block(t) for t in (100, 101, 50_000, 102, 103)))) == [100, 101, 101, 102, 103]
    found = seconds(read(b"".join(block(t) for t in (100, *range(50_000, 50_020)))))
    assert found[:8] == [100] * 8
    assert found[8:] == list(range(50_007, 50_020))


def test_octets_that_are_no_block_are_kept_as_a_frame_and_the_chain_goes_on() -> None:
    octets = block(1) + block(2) + b"\x00\x00\x01junk" + block(3, 62) + block(4, 34) + b"\xff\xff"
    found = read(octets)
    assert [payload for _, payload in found] == [block(1), block(2), b"\x00\x00\x01junk", block(3, 62), block(4, 34),
                                                 b"\xff\xff"]  # fmt: skip


def test_a_wrong_length_costs_its_surroundings_only() -> None:
    good = [block(i + 1, more=bytes(20)) for i in range(200)]
    octets = bytearray(b"".join(good))
    octets[26 * 100 + 1 : 26 * 100 + 3] = b"\xff\xff"
    found = read(bytes(octets))
    assert b"".join(payload for _, payload in found) == bytes(octets)
    assert sum(payload in set(good) for _, payload in found) >= 198


def test_a_block_of_an_unknown_category_is_a_block() -> None:
    assert [p for _, p in read(block(1) + block(2, 254) + block(3))] == [block(1), block(2, 254), block(3)]


def test_the_end_of_the_file_cuts_a_block_and_the_piece_is_kept() -> None:
    octets = block(1) + block(2, more=bytes(30))[:-9]
    assert [p for _, p in read(octets)] == [block(1), octets[6:]]


def test_recorder_files_have_their_own_clock() -> None:
    gps = b"\xcd" * 2200
    final = b""
    for i in range(3):
        gps += block(i) + b"\x11\xd2\x8f\x0a\x00\x00" + (128 * (10 + i)).to_bytes(3, "big") + b"\x00"
        final += b"\x00\x18\x00\x01\x05" + (100 * (10 + i)).to_bytes(3, "big") + block(i) + block(i) + b"\xa5" * 4
    assert read(gps, "gps") == [((10 + i) * NS_PER_S, block(i)) for i in range(3)]
    assert read(final, "final") == [((10 + i) * NS_PER_S, block(i) + block(i)) for i in range(3)]
    assert [p for _, p in read(gps[:-4], "gps")][:2] == [block(0), block(1)]
    assert len(read(gps[:-4], "gps")) == 3


@pytest.mark.parametrize("kind", ["asterix", "gps", "final"])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(octets=st.binary(max_size=200), sizes=st.lists(st.integers(1, 60), max_size=8))
def test_garbage_is_given_out_octet_for_octet_however_it_is_cut(kind: str, octets: bytes, sizes: list[int]) -> None:
    found = read(octets, kind, sizes)
    assert found == read(octets, kind)
    if kind == "asterix":
        assert b"".join(payload for _, payload in found) == octets


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.integers(-1, 86_399), max_size=60))
def test_receive_times_never_go_back(tods: list[int]) -> None:
    times = np.array([DAY + t * NS_PER_S if t >= 0 else -1 for t in tods], np.int64)
    out = np.empty(len(times), np.int64)
    running_time(times, np.array([-1, -1, 0], np.int64), out)
    assert (np.diff(out) >= 0).all()
