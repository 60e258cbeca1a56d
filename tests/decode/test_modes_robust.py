"""Streams cut anywhere give the same result; streams damaged anywhere raise nothing and lose nothing silently."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.decode.modes import ModesDecoder
from vigie.terms.batch import FORMAT_AVR, FORMAT_BEAST, FORMAT_SBS, Frames
from vigie.terms.ledger import Ledger
from vigie.terms.tables import FRAME, Rows
from vigie.wire.modes import encode, framing
from vigie.wire.modes.sbs import sbs_line

T0 = 1_800_000_000 * 10**9


def traffic(seed: int, n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Seeded messages of every kind from twelve aircraft."""
    rng = np.random.default_rng(seed)
    register = rng.integers(0, 256, (n, 7), dtype=np.uint8)
    who = rng.integers(0, 12, n)
    icao = 0x400000 + who
    lat, lon, level = 46.0 + who * 0.1, 7.0 + who * 0.2, 1000.0 * who
    odd = rng.integers(0, 2, n)
    makers = [
        encode.df17_position(icao, lat, lon, level, odd), encode.df17_position(icao, lat, lon, level, odd, control=6),
        encode.df17_surface(icao, lat, lon, 5.0, 3.0, odd), encode.df17_velocity(icao, 100.0, 50.0, -3.0),
        encode.df17_airspeed(icao, 1.0, 100.0, 2.0), encode.df17_identification(icao, b"VIGIE01"),
        encode.df17_operational_status(icao), encode.df17_emergency(icao, 1, 0o7700),
        encode.df17_target_state(icao, 9000.0), encode.df11(icao), encode.df0(icao, level), encode.df4(icao, level),
        encode.df5(icao, 0o1234), encode.df16(icao, level, register), encode.df20(icao, level, register),
        encode.df21(icao, 0o4321, register), encode.df17_position(icao, lat, lon, level, odd),
    ]  # fmt: skip
    out = np.zeros((n, 14), np.uint8)
    sizes = np.zeros(n, np.int64)
    kind = rng.integers(0, len(makers), n)
    for i in range(n):
        row = makers[kind[i]][i]
        out[i, : len(row)], sizes[i] = row, len(row)
    return out, sizes


def stream(kind: int, seed: int, n: int = 300) -> bytes:
    if kind == FORMAT_SBS:
        rng = np.random.default_rng(seed)
        return b"".join(
            sbs_line(
                int(rng.integers(1, 9)), 0x400000 + k % 12, callsign=f"VIG{k}", alt_ft=str(k * 100),
                lat_deg=f"{46 + k / 99:.5f}", lon_deg="7.5", speed_kt="250", track_deg=str(k), squawk="1234",
            )
            for k in range(n)
        )  # fmt: skip
    messages, sizes = traffic(seed, n)
    stamps = np.arange(n) * 100_000
    if kind == FORMAT_AVR:
        return framing.avr_lines(messages, sizes, stamps)
    return framing.beast_frames(messages, sizes, stamps, 90)[0].tobytes()


def decoded(pieces: list[bytes], kind: int) -> tuple[list[Rows], Ledger]:
    """Decode pieces one batch each, all received at one time, to the end."""
    ledger = Ledger()
    decoder = ModesDecoder(None, ledger=ledger, discover=True)
    out = []
    for seq, piece in enumerate(pieces):
        row = FRAME.empty(1)
        row["rx_ns"], row["seq"], row["format"], row["length"] = T0, seq, kind, len(piece)
        out.append(decoder.step(Frames(row, np.frombuffer(piece, np.uint8))))
    out.append(decoder.finish())
    assert ledger.balances
    assert sum(len(o[2]) for o in out) == sum(ledger.rejected.values())
    return [np.concatenate([o[k] for o in out]) for k in range(3)], ledger


def one_batch(pieces: list[bytes], kind: int) -> list[Rows]:
    """Decode pieces as the frames of one batch."""
    rows = FRAME.empty(len(pieces))
    sizes = [len(p) for p in pieces]
    rows["rx_ns"], rows["seq"], rows["format"], rows["length"] = T0, np.arange(len(pieces)), kind, sizes
    rows["offset"] = np.cumsum([0, *sizes[:-1]])
    decoder = ModesDecoder(None, ledger=Ledger(), discover=True)
    first = decoder.step(Frames(rows, np.frombuffer(b"".join(pieces), np.uint8)))
    last = decoder.finish()
    return [np.concatenate(pair) for pair in zip(first, last, strict=True)]


def same_but_for_frames(a: list[Rows], b: list[Rows]) -> None:
    for left, right in zip(a, b, strict=True):
        assert len(left) == len(right)
        for name in left.dtype.names or ():
            if name not in ("frame_no", "offset"):
                np.testing.assert_array_equal(left[name], right[name], err_msg=name)


@pytest.mark.parametrize("kind", [FORMAT_BEAST, FORMAT_AVR, FORMAT_SBS])
@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), cuts=st.lists(st.integers(0, 10**6), max_size=30), noise=st.booleans())
def test_the_result_does_not_depend_on_the_cuts(kind: int, seed: int, cuts: list[int], noise: bool) -> None:
    data = stream(kind, seed)
    if noise:
        data = damaged(data, np.random.default_rng(seed), 20)
    edges = [0, *sorted(c % (len(data) + 1) for c in cuts), len(data)]
    pieces = [data[a:b] for a, b in itertools.pairwise(edges)]
    whole, ledger = decoded([data], kind)
    parts, other = decoded(pieces, kind)
    same_but_for_frames(whole, parts)
    same_but_for_frames(whole, one_batch(pieces, kind))
    assert (ledger.rejected, ledger.by_category) == (other.rejected, other.by_category)
    if not noise:
        assert ledger.decoded + ledger.rejected.get("unknown_address", 0) == 300


def damaged(data: bytes, rng: np.random.Generator, times: int) -> bytes:
    """Return the stream with bits turned, pieces cut out, doubled, exchanged, or noise put in."""
    out = bytearray(data)
    for _ in range(times):
        if not out:
            return bytes(out)
        at = int(rng.integers(0, len(out)))
        size = int(rng.integers(1, 40))
        what = rng.integers(0, 6)
        if what == 0:
            out[at] ^= 1 << int(rng.integers(0, 8))
        elif what == 1:
            del out[at : at + size]
        elif what == 2:
            out[at:at] = out[at : at + size]
        elif what == 3:
            out[at:at] = rng.bytes(size)
        elif what == 4:
            out[at] = int(rng.choice([0x1A, 0x33, 10, 13, 42, 44, 59, 0, 255]))
        else:
            other = int(rng.integers(0, len(out)))
            out[at : at + size] = out[other : other + size]
    return bytes(out)


@pytest.mark.campaign
@pytest.mark.parametrize("kind", [FORMAT_BEAST, FORMAT_AVR, FORMAT_SBS])
def test_damaged_streams_raise_nothing_and_balance(kind: int, campaign: bool) -> None:
    for seed in range(20_000 if campaign else 120):
        rng = np.random.default_rng(seed)
        data = damaged(stream(kind, seed % 50, 60), rng, int(rng.integers(1, 60)))
        rows, ledger = decoded([data], kind)
        assert ledger.balances
        lat, lon = rows[0]["lat_deg"], rows[0]["lon_deg"]
        assert ((np.abs(lat) <= 90) & (np.abs(lon) <= 180)).all(), seed


@settings(max_examples=100, deadline=None, derandomize=True)
@given(data=st.binary(max_size=400), kind=st.sampled_from([FORMAT_BEAST, FORMAT_AVR, FORMAT_SBS]))
def test_random_octets_raise_nothing(data: bytes, kind: int) -> None:
    decoded([data], kind)


def test_noise_with_good_parity_is_no_trouble() -> None:
    """Every message field of every squitter form, at random, with its parity made right."""
    rng = np.random.default_rng(11)
    n = 50_000
    body = rng.integers(0, 1 << 56, n, dtype=np.uint64)
    body[::2] = (body[::2] & np.uint64(2**51 - 1)) | rng.integers(5, 23, (n + 1) // 2, dtype=np.uint64) << np.uint64(51)
    messages = encode.extended_squitter(0x400000 + rng.integers(0, 200, n), body, control=rng.integers(-1, 8, n))
    data = framing.beast_frames(messages, 14, rng.integers(0, 2**48, n), 1)[0].tobytes()
    rows, ledger = decoded([data], FORMAT_BEAST)
    assert ledger.decoded == n
    plots = rows[0]
    assert (np.abs(plots["lat_deg"]) <= 90).all()
    assert ((plots["lon_deg"] >= -180) & (plots["lon_deg"] <= 180)).all()
    assert not np.isnan(plots["lon_deg"]).any()


def test_two_runs_give_the_same_octets() -> None:
    data = stream(FORMAT_BEAST, 3)
    assert decoded([data], FORMAT_BEAST)[0][0].tobytes() == decoded([data], FORMAT_BEAST)[0][0].tobytes()
