"""Files of Mode S streams: kind by content, pieces that make up the file, times from its stamps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vigie.wire.modes import encode, framing
from vigie.wire.modes.sbs import sbs_line
from vigie.wire.modes.split import MessageCutter, cut_all, sniff_kind

N = 3000
MESSAGES = encode.df11(np.arange(1, N + 1))
STEP_NS = 10_000_000


def stream(stamps: np.ndarray) -> bytes:
    return framing.beast_frames(MESSAGES, 7, stamps)[0].tobytes()


def test_kinds_are_found_by_content() -> None:
    assert sniff_kind(stream(np.arange(N))) == "beast"
    assert sniff_kind(stream(np.arange(N))[5:100]) == "beast"
    assert sniff_kind(framing.avr_lines(MESSAGES, 7)) == "avr"
    assert sniff_kind(framing.avr_lines(MESSAGES, 7, np.arange(N))) == "avr"
    assert sniff_kind(sbs_line(3, 1, lat_deg="1", lon_deg="2") * 20) == "sbs"
    rng = np.random.default_rng(1)
    for other in (b"", b"hello world\n" * 50, rng.bytes(5000), bytes(1000), b"\x1a" * 400, b"a,b,c\n1,2,3\n", b"{}"):
        assert sniff_kind(other) is None


def head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(65536)


@pytest.mark.shared
def test_recordings_are_what_they_are(shared: Path) -> None:
    found = {p.name: sniff_kind(head(p)) for p in (shared / "data/modes").iterdir()}
    assert {k: v for k, v in found.items() if v} == {
        "dump1090_modes1.avr.txt": "avr", "sbs_from_modes1_and_pymodes.txt": "sbs"
    }  # fmt: skip
    assert not any(sniff_kind(head(p)) for p in (shared / "data/asterix").iterdir() if p.is_file())


@pytest.mark.parametrize("block", [1_000_000, 4096, 777])
def test_pieces_make_up_the_file(block: int) -> None:
    data = b"xx" + stream(1 + np.arange(N) * 120_000) + b"\x1a3cut"
    cutter = MessageCutter("beast")
    pieces: list[bytes] = []
    times: list[int] = []
    for start in range(0, len(data), block):
        cut = cutter.cut(data[start : start + block], end=start + block >= len(data))
        pieces += [cut.octets[o : o + n].tobytes() for o, n in zip(cut.offsets, cut.lengths, strict=True)]
        times += cut.time_ns.tolist()
    assert b"".join(pieces) == data
    assert len(pieces) == N + 2  # garbage before, and the cut frame behind
    assert times[1:-1] == [k * STEP_NS for k in range(N)]
    assert (np.diff(times) >= 0).all()


def test_a_12_mhz_count_wraps() -> None:
    cut = cut_all(stream((2**48 - 180_000_001 + np.arange(N) * 120_000) % 2**48), "beast")
    assert cut.clock == "ticks"
    assert cut.time_ns.tolist() == [k * STEP_NS for k in range(N)]


def test_gps_stamps_tell_the_time_of_day_over_midnight() -> None:
    tod = (86_390 * 10**9 + 5 + np.arange(N) * STEP_NS) % (86_400 * 10**9)
    cut = cut_all(stream(framing.gps_stamp(tod)), "beast")
    assert (cut.clock, cut.first_ns) == ("gps", 86_390 * 10**9 + 5)
    assert cut.time_ns.tolist() == [k * STEP_NS for k in range(N)]
    short = MessageCutter("beast", gps=True).cut(stream(framing.gps_stamp(tod))[:200], end=True)
    assert short.clock == "gps"


def test_a_count_that_jumps_stands_still_once() -> None:
    ticks = 10 + np.arange(6) * 120_000
    ticks[3:] -= 100  # a little back: another receiver
    ticks[4:] += 3 * 3600 * 12_000_000
    cut = cut_all(framing.beast_frames(MESSAGES[:6], 7, ticks)[0], "beast")
    steps = np.diff(cut.time_ns)
    assert (steps >= 0).all()
    assert steps[3] == 0
    assert cut.time_ns[-1] < 6 * STEP_NS


def test_files_without_stamps_have_no_time() -> None:
    cut = cut_all(framing.avr_lines(MESSAGES, 7), "avr")
    assert (cut.clock, int(cut.time_ns.max()), len(cut)) == ("", 0, N)


def test_basestation_lines_are_timed_as_logged() -> None:
    lines = b"".join(sbs_line(1, k + 1, f"2026/11/22,07:32:{k:02d}.250") for k in range(50))
    cut = cut_all(lines, "sbs")
    assert cut.clock == "logged"
    assert np.datetime64(cut.first_ns, "ns") == np.datetime64("2026-11-22T07:32:00.250")
    assert cut.time_ns.tolist() == [k * 10**9 for k in range(50)]


def test_pieces_of_a_period_are_put_together() -> None:
    cut = cut_all(stream(1 + np.arange(N) * 120_000), "beast")
    frames = cut.by_period(100_000_000)
    assert len(frames) == N // 10
    assert int(frames.lengths.sum()) == int(cut.lengths.sum())
    assert frames.time_ns[:2].tolist() == [90_000_000, 190_000_000]
    assert len(MessageCutter("avr").cut(b"").by_period(1)) == 0
