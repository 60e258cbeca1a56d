"""Beast and AVR streams: what was framed comes back, whatever the cuts; what is no message is named and counted."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.terms.ledger import REASONS
from vigie.wire.modes import encode, framing
from vigie.wire.modes.sbs import Lines, new_lines, sbs_line, split_sbs
from vigie.wire.modes.stream import HEX_VALUES, LIMIT, Items, new_items, split_avr, split_beast

Found = list[tuple[Any, ...]]


def items_found(split: Any, chunks: list[bytes], room: int = 64) -> Found:
    """Feed chunks as a link does: what is left over goes before the next; return (kind, reason, octets, ...)."""
    state = np.zeros(8, np.int64)
    items: Items = new_items(room)
    rest = b""
    out: Found = []
    for chunk in chunks:
        work = np.array(bytearray(rest + chunk), np.uint8)
        at = 0
        while at < len(work):
            count, used = split(work[at:], len(work) - at, state, items)
            for i in range(count):
                size = {0: 0, 1: 2, 2: 7, 3: 14, 4: 14}[int(items.kind[i]) if items.reason[i] == 0 else 0]
                what = items.octets[i, :size].tobytes()
                length = int(items.end[i] - items.start[i])
                stamp = int(items.stamp[i]) if size else 0
                out.append((size, REASONS[items.reason[i]], what, stamp, int(items.signal[i]) if size else 0, length))
            at += used
            if used == 0:
                break
        rest = work[at:].tobytes()
    return out


def beast(chunks: list[bytes]) -> Found:
    return items_found(split_beast, chunks)


def avr(chunks: list[bytes]) -> Found:
    return items_found(lambda w, n, s, i: split_avr(w, n, s, HEX_VALUES, i), chunks)


def sbs(chunks: list[bytes]) -> list[tuple[int, str, int, int, int]]:
    state = np.zeros(8, np.int64)
    lines: Lines = new_lines(16)
    rest = b""
    out = []
    for chunk in chunks:
        work = np.array(bytearray(rest + chunk), np.uint8)
        at = 0
        while at < len(work):
            count, used = split_sbs(work[at:], len(work) - at, state, HEX_VALUES, np.zeros(24, np.int64), lines)
            for i in range(count):
                reason = REASONS[lines.reason[i]]
                place = int(lines.place[i] - lines.start[i])
                out.append((int(lines.kind[i]), reason, int(lines.field[i]), place, int(lines.end[i] - lines.start[i])))
            at += used
            if used == 0:
                break
        rest = work[at:].tobytes()
    return out


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(p % (len(data) + 1) for p in places), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


messages = st.lists(
    st.tuples(st.sampled_from([2, 7, 14]), st.binary(min_size=14, max_size=14), st.integers(0, 2**48 - 1),
              st.integers(0, 255)),
    min_size=1, max_size=20,
)  # fmt: skip


@settings(max_examples=60, deadline=None, derandomize=True)
@given(messages, st.lists(st.integers(0, 10**6), max_size=12))
def test_beast_frames_come_back_however_they_are_cut(rows: Any, places: list[int]) -> None:
    matrix = np.array([list(octets) for _, octets, _, _ in rows], np.uint8)
    sizes = [n for n, *_ in rows]
    stream, _ = framing.beast_frames(matrix, sizes, [t for *_, t, _ in rows], [s for *_, s in rows])
    found = beast(cut(stream.tobytes(), places))
    assert [f[:5] for f in found] == [(n, "none", octets[:n], t, s) for n, octets, t, s in rows]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(messages, st.booleans(), st.lists(st.integers(0, 10**6), max_size=12))
def test_avr_lines_come_back_however_they_are_cut(rows: Any, stamped: bool, places: list[int]) -> None:
    matrix = np.array([list(octets) for _, octets, _, _ in rows], np.uint8)
    sizes = [n for n, *_ in rows]
    text = framing.avr_lines(matrix, sizes, [t for *_, t, _ in rows] if stamped else None)
    found = avr(cut(text, places))
    assert [f[:4] for f in found] == [(n, "none", octets[:n], t if stamped else -1) for n, octets, t, _ in rows]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from([0x1A, 0x31, 0x32, 0x33, 0x34, 0x35, 0xE3, 0, 255]), max_size=150).map(bytes),
       st.lists(st.integers(0, 10**6), max_size=8))  # fmt: skip
def test_hostile_beast_octets_give_the_same_however_they_are_cut(data: bytes, places: list[int]) -> None:
    assert beast(cut(data, places)) == beast([data])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text("*@<%;\n\r 0aFg\0\x1a", max_size=200).map(str.encode), st.lists(st.integers(0, 10**6), max_size=8))
def test_hostile_avr_octets_give_the_same_however_they_are_cut(data: bytes, places: list[int]) -> None:
    assert avr(cut(data, places)) == avr([data])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text("MSGLAT,13.-\r\n4eE+ ~", max_size=300).map(str.encode), st.lists(st.integers(0, 10**6), max_size=8))
def test_hostile_basestation_octets_give_the_same_however_they_are_cut(data: bytes, places: list[int]) -> None:
    assert sbs(cut(data, places)) == sbs([data])


def test_garbage_between_beast_frames_is_one_reject_each() -> None:
    frame, _ = framing.beast_frames(encode.df11(0x123456), 7, 5)
    good = frame.tobytes()
    found = beast([b"noise" + good + b"\x1a\x1a\x33more" + good])
    assert [(f[0], f[1], f[5]) for f in found] == [
        (0, "bad_format", 5), (7, "none", len(good)), (0, "bad_format", 7), (7, "none", len(good))
    ]  # fmt: skip


def test_a_cut_beast_frame_is_named_and_the_next_one_read() -> None:
    frame, _ = framing.beast_frames(encode.df11(0x123456), 7, 5)
    good = frame.tobytes()
    assert [(f[0], f[1], f[5]) for f in beast([good[:9] + good])] == [(0, "bad_length", 9), (7, "none", len(good))]


def test_receiver_numbers_are_passed_over_and_status_is_kept() -> None:
    frame, _ = framing.beast_frames(encode.df11(0x123456), 7, 5)
    status = b"\x1a4" + bytes(6) + b"\0" + bytes([0x10]) + bytes(13)
    found = beast([b"\x1a\xe3" + bytes(8) + frame.tobytes() + status])
    assert [(f[0], f[1]) for f in found] == [(7, "none"), (14, "none")]


def test_endless_garbage_is_given_up_in_pieces() -> None:
    found = beast([b"x" * 50_000] * 3)
    assert [(f[1], f[5]) for f in found] == [("buffer_limit", LIMIT)] * 2
    line = b"*" + b"0" * 150_000 + b";\n*5d4d20237a55a6;\n"
    expected = [("buffer_limit", LIMIT)] * 2 + [("buffer_limit", 150_001 - 2 * LIMIT), ("none", 15)]
    assert [(f[1], f[5]) for f in avr([line])] == expected
    assert [(f[1], f[5]) for f in avr(cut(line, list(range(0, 150_000, 7_001))))] == expected
    line = b"M" * 70_000 + b"\r\n" + sbs_line(1, 0x123456)
    assert [f[1] for f in sbs([line])] == ["buffer_limit", "buffer_limit", "none"]
    assert sbs(cut(line, [3, 60_000, 65_536, 65_537])) == sbs([line])


def test_avr_lines_of_every_kind() -> None:
    found = avr([b"*5d4d20237a55a6;\r\n@0000000000105d4d20237a55a6;\n<000000000010805d4d20237a55a6;*2010;\n%"])
    assert [(f[0], f[3], f[4]) for f in found] == [(7, -1, 0), (7, 16, 0), (7, 16, 128), (2, -1, 0)]


def test_bad_avr_lines_are_named() -> None:
    lines = [b"hello", b"*5d4d2023;", b"*5d4d20237a55ag;", b"@12345;", b"*;", b"8d4b1805;"]
    assert [f[1] for f in avr([b"\n".join(lines) + b"\n"])] == [
        "bad_text", "bad_length", "bad_text", "bad_text", "bad_length", "bad_text"
    ]  # fmt: skip
    assert [f[1] for f in avr([b"*5d4d20237a55a6\n"])] == ["none"]


def test_bad_basestation_lines_are_named_with_field_and_place() -> None:
    good = sbs_line(3, 0x4B1805, lat_deg="46.5", lon_deg="7.5")
    for old, new, reason, field in (
        (b"46.5", b"NaN", "bad_value", 15),
        (b"46.5", b"Infinity", "bad_value", 15),
        (b"46.5", b"-inf", "bad_value", 15),
        (b"46.5", b"1e400", "bad_value", 15),
        (b"46.5", b"91", "bad_value", 15),
        (b"46.5", b"9" * 400, "bad_value", 15),
        (b"7.5", b"180.01", "bad_value", 16),
        (b"46.5", b"abc", "bad_text", 15),
        (b"46.5", b".", "bad_text", 15),
        (b"4B1805", b"4B18", "bad_text", 5),
        (b"4B1805", b"000000", "bad_value", 5),
        (b"4B1805", b"4B18ZZ", "bad_text", 5),
        (b"MSG,3", b"MSG,9", "bad_format", 2),
        (b"MSG,3", b"XYZ,3", "bad_text", 0),
    ):
        line = good.replace(old, new)
        _, why, where, place, _ = sbs([line])[0]
        assert (why, where) == (reason, field), new
        assert new in (b"MSG,9", b"XYZ,3") or line[place:].startswith(new), new
    assert [f[1] for f in sbs([good.replace(b"\r\n", b"," * 10 + b"\r\n")])] == ["bad_text"]
    assert [f[1] for f in sbs([b"MSG\r\n\r\n,,,,\r\n"])] == ["bad_text", "bad_text"]


def test_basestation_lines_keep_their_values() -> None:
    lines = new_lines(4)
    text = sbs_line(
        3, 0x4B1805, "2026/11/22,07:32:13.481", callsign="SWR12 ", alt_ft="24275", speed_kt="400.5", track_deg="90",
        lat_deg="-46.123456", lon_deg="7.5", climb_fpm="-640", squawk="7700", emergency="-1", ground="0",
    )  # fmt: skip
    text += b"MLAT" + sbs_line(3, 0x4B1805)[3:].replace(b"4B1805", b"~4B1805")
    text += b"STA,,5,179,400AE7,10103,,,,,,RM\n"
    work = np.array(bytearray(text), np.uint8)
    count, used = split_sbs(work, len(work), np.zeros(8, np.int64), HEX_VALUES, np.zeros(24, np.int64), lines)
    assert (count, used) == (3, len(text))
    assert lines.kind[:3].tolist() == [3, 19, 9]
    assert lines.address[:2].tolist() == [0x4B1805, 0x4B1805]
    assert int(lines.callsign[0]).to_bytes(8, "little") == b"SWR12\0\0\0"
    assert lines.press_alt_m[0] == 24275 * 0.3048
    assert abs(lines.speed_mps[0] - 400.5 * 1852 / 3600) < 1e-9
    assert lines.lat_deg[0] == -46.123456
    assert abs(lines.climb_mps[0] + 640 * 0.3048 / 60) < 1e-9
    assert lines.squawk[:2].tolist() == [0o7700, 65535]
    assert lines.bits[:2].tolist() == [2, 16]
    assert np.datetime64(int(lines.logged_ns[0]), "ns") == np.datetime64("2026-11-22T07:32:13.481")


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.datetimes(min_value=dt.datetime(1970, 1, 1), max_value=dt.datetime(2199, 12, 31)))
def test_basestation_dates_are_the_calendars(when: Any) -> None:
    lines = new_lines(1)
    text = sbs_line(1, 1, f"{when:%Y/%m/%d,%H:%M:%S}.{when.microsecond // 1000:03d}")
    work = np.array(bytearray(text), np.uint8)
    split_sbs(work, len(work), np.zeros(8, np.int64), HEX_VALUES, np.zeros(24, np.int64), lines)
    expected = np.datetime64(when.replace(microsecond=when.microsecond // 1000 * 1000), "ns").astype(np.int64)
    assert lines.logged_ns[0] == expected
