from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.receive.join import merge_inputs
from vigie.receive.ticks import JUMP_NS, SILENCE_NS, WINDOW_NS, ticks
from vigie.terms.batch import Batch, Frames
from vigie.terms.tables import FRAME
from vigie.terms.utc import TICK_NS, tick_at_or_after

T = 1_777_481_639_600_000_000
MS = 1_000_000


def frames(stamps: Iterable[int], link: int = 1) -> Frames:
    stamps = list(stamps)
    rows = FRAME.empty(len(stamps))
    rows["rx_ns"] = stamps
    rows["link"] = link
    rows["length"] = 3
    rows["offset"] = np.arange(len(stamps)) * 3
    data = np.array([[i >> 8 & 255, i & 255, link] for i in range(len(stamps))], np.uint8).reshape(-1)
    return Frames(rows, data)


def pieces(whole: Frames, cuts: list[int]) -> list[Frames]:
    edges = [0, *sorted(c % (len(whole) + 1) for c in cuts), len(whole)]
    return [whole.take(a, b) for a, b in pairwise(edges)]


def flat(batches: Iterable[Batch]) -> list[tuple[object, ...]]:
    return [
        (b.now_ns, b.mono_ns, b.events, b.frames.rows[["rx_ns", "seq", "link"]].tolist(),
         [b.frames.payload(i) for i in range(len(b.frames))])
        for b in batches
    ]  # fmt: skip


def test_every_tick_is_given_silence_included() -> None:
    batches = list(ticks([frames([T, T + 1, T + 100 * MS, T + 1_000 * MS + 1])]))
    assert [b.now_ns for b in batches] == [T + i * TICK_NS for i in range(12)]
    assert [len(b.frames) for b in batches] == [1, 2, *[0] * 9, 1]
    assert all(b.mono_ns == b.now_ns for b in batches)
    assert [s for b in batches for s in b.frames.rows["seq"].tolist()] == [1, 2, 3, 4]


def test_nothing_gives_nothing() -> None:
    assert list(ticks([])) == []
    assert list(ticks([frames([])])) == []


def test_within_a_batch_frames_are_sorted_by_time_link_and_number() -> None:
    one, two = frames([T + 5, T + 9], 2), frames([T + 5, T + 7], 1)
    (batch,) = ticks([one, two])
    assert batch.frames.rows[["rx_ns", "link", "seq"]].tolist() == [
        (T + 5, 1, 3), (T + 5, 2, 1), (T + 7, 1, 4), (T + 9, 2, 2),
    ]  # fmt: skip
    assert [batch.frames.payload(i)[2] for i in range(4)] == [1, 2, 1, 2]


def test_a_small_disorder_gets_into_the_right_tick_and_a_large_one_is_told() -> None:
    stamps = [T + 1, T + 900 * MS, T + 2, T + 3_000 * MS, T + 5]
    batches = list(ticks([frames(stamps)]))
    assert len(batches[0].frames) == 2
    late = [b for b in batches if b.events]
    assert [(b.now_ns, b.events[0].kind, len(b.frames)) for b in late] == [(T + 2_000 * MS, "clock_step", 1)]
    assert sum(len(b.frames) for b in batches) == 5


def test_one_wild_stamp_does_not_carry_the_clock_away() -> None:
    wild = T + 50 * JUMP_NS
    batches = list(ticks([frames([T, T + 1, wild, T + 200 * MS])]))
    assert [len(b.frames) for b in batches] == [1, 2, 1]
    assert batches[1].events[0].value == wild - T - 1
    assert len(list(ticks([frames([wild, T, T + 1])]))) == 2
    assert len(list(ticks([frames([T, wild])]))) == 1


def test_a_long_silence_is_left_out_and_told() -> None:
    far = T + 3 * SILENCE_NS
    batches = list(ticks([frames([T, T + 1, far, far + 1])]))
    assert len(batches) < SILENCE_NS // TICK_NS + 30
    told = [b for b in batches if b.events]
    assert [b.events[0].kind for b in told] == ["gap"]
    gaps = np.diff([b.now_ns for b in batches])
    assert (gaps == TICK_NS).sum() == len(batches) - 2
    assert gaps.max() == told[0].events[0].value + TICK_NS


STEPS_MS = st.one_of(st.integers(0, 300), st.integers(-3_000, 3_000), st.sampled_from([90_000, 5_000_000, -(10**7)]))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(STEPS_MS, max_size=30), st.lists(st.integers(0, 30), max_size=6))
def test_the_result_does_not_depend_on_the_cut_and_nothing_is_lost(steps_ms: list[int], cuts: list[int]) -> None:
    whole = frames([T + t * MS for t in np.cumsum(steps_ms).tolist()])
    with mock.patch("vigie.receive.ticks.SILENCE_NS", 60_000 * MS):  # six hours of ticks would take their time
        batches = list(ticks([whole]))
        again = list(ticks(pieces(whole, cuts)))
    assert flat(batches) == flat(again)
    kept = [b.frames.payload(i) for b in batches for i in range(len(b.frames))]
    assert sorted(kept) == sorted(whole.payload(i) for i in range(len(whole)))
    before = None
    for batch in batches:
        assert batch.now_ns % TICK_NS == 0
        assert before is None or batch.now_ns > before
        rx_ns = batch.frames.rows["rx_ns"]
        assert ((rx_ns <= batch.now_ns) & (rx_ns > batch.now_ns - TICK_NS)).all()
        before = batch.now_ns


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.lists(st.lists(st.integers(0, 40), max_size=15), min_size=1, max_size=4),
    st.lists(st.lists(st.integers(0, 15), max_size=4), min_size=4, max_size=4),
)
def test_merging_does_not_depend_on_the_cut(many: list[list[int]], cuts: list[list[int]]) -> None:
    wholes = [frames([T + t * 30 * MS for t in stamps], i + 1) for i, stamps in enumerate(many)]
    merged = [
        (int(f.rows["link"][i]), f.payload(i)) for f in merge_inputs([[w] for w in wholes]) for i in range(len(f))
    ]
    again = [
        (int(f.rows["link"][i]), f.payload(i))
        for f in merge_inputs([pieces(w, cuts[k]) for k, w in enumerate(wholes)])
        for i in range(len(f))
    ]
    assert merged == again
    for number, whole in enumerate(wholes, 1):  # each keeps its own order
        assert [p for link, p in merged if link == number] == [whole.payload(i) for i in range(len(whole))]
    keys = {n: np.maximum.accumulate(w.rows["rx_ns"]).tolist() if len(w) else [] for n, w in enumerate(wholes, 1)}
    run = [keys[link].pop(0) for link, _ in merged]
    assert run == sorted(run)


@pytest.mark.parametrize("stamp", [0, 1, -5 * TICK_NS, T])
def test_a_single_frame_is_a_single_tick(stamp: int) -> None:
    (batch,) = ticks([frames([stamp])])
    assert batch.now_ns == tick_at_or_after(stamp)
    assert WINDOW_NS > TICK_NS
