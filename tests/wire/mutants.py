"""Synthetic inputs for every parser, and what damage does to them: all from a seed, none kept on disk.

An input has a family (which parser it is for) and a number; ``mutant(family, number)`` makes it again at any time.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import zstandard

from tests.decode.test_modes_robust import stream
from tests.wire.asterix.records import random_record
from tests.wire.pcap import build
from vigie.terms.batch import FORMAT_AVR, FORMAT_BEAST, FORMAT_SBS, Act, Batch, Event, Frames
from vigie.terms.tables import FRAME
from vigie.wire.asterix import columns, spec
from vigie.wire.modes import encode as modes_encode
from vigie.wire.modes import iq
from vigie.wire.recording.batch import encode_batch
from vigie.wire.recording.body import unfold
from vigie.wire.remoteid import dji, encode

T0 = 1_777_481_640_000_000_000
POOL = 24
MAPPED = [(c, e) for c in sorted(columns.DEFAULT_CLASS) for e in spec.load(c).editions]
ALL = [(c, e) for c in spec.categories() for e in spec.load(c).editions]
STREAMS = (FORMAT_BEAST, FORMAT_AVR, FORMAT_SBS)
COMPRESSIONS = ("gzip", "zstd", "bzip2", "xz")
_EXTREMES = (0, 1, 2, 3, 0x7F, 0x80, 0xFE, 0xFF)
_MARKS = (0x1A, 0x33, 10, 13, 42, 44, 59, 0x0A, 0xA5, 0xCD)


@dataclass(frozen=True, slots=True)
class Input:
    """One input: its octets, and where in it 16-bit lengths lie."""

    octets: bytes
    lengths: tuple[int, ...] = ()


@cache
def records(category: int, edition: str) -> tuple[bytes, ...]:
    """Return legal records of an edition, small and large."""
    rng = np.random.default_rng((category, len(edition), *edition.encode()))
    form = spec.edition(category, edition)
    return tuple(random_record(rng, form, share) for share in np.linspace(0.08, 1.0, POOL))


@cache
def frames(category: int, edition: str) -> tuple[Input, ...]:
    """Return datagrams of one or more blocks of one or more records."""
    chance = random.Random(f"frames {category} {edition}")
    out = []
    for _ in range(POOL):
        octets, lengths = b"", []
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            body = b"".join(chance.choices(records(category, edition), k=chance.choice((1, 1, 2, 4))))
            lengths.append(len(octets) + 1)
            octets += bytes([category]) + (len(body) + 3).to_bytes(2, "big") + body
        out.append(Input(octets, tuple(lengths)))
    return tuple(out)


@cache
def streams(kind: int) -> tuple[Input, ...]:
    """Return Mode S streams of a dozen messages."""
    return tuple(Input(stream(kind, seed, 12)) for seed in range(POOL))


@cache
def radio() -> tuple[Input, ...]:
    """Return radio frames with Remote ID on every carrier, bare packs, and DJI's beacons."""
    chance = random.Random("radio")
    rng = np.random.default_rng(9)
    out = []
    for number in range(POOL):
        mac = bytes(chance.randrange(256) for _ in range(6))
        where = encode.locations(
            rng.uniform(-90, 90, 1), rng.uniform(-180, 180, 1), time_ns=np.array([T0]),
            geo_alt_m=rng.uniform(0, 500, 1),
            v_east_mps=rng.normal(0, 9, 1), v_north_mps=rng.normal(0, 9, 1), climb_mps=rng.normal(0, 2, 1),
        )[0].tobytes()  # fmt: skip
        messages = [
            encode.basic_id(f"SERIAL{number}"), where, encode.system(13.5, 2.2, time_ns=T0), encode.operator_id("OP"),
            encode.self_id("words"), *encode.authentication(bytes(40), kind=1, time_ns=T0),
        ]  # fmt: skip
        pack = encode.pack(chance.sample(messages, k=chance.randrange(1, len(messages))))
        frame = (
            encode.envelope(127, encode.wifi_beacon(mac, pack, number, ssid="x" * number, signal_dbm=-60)),
            encode.envelope(127, encode.wifi_nan(mac, pack, number)),
            encode.envelope(105, encode.wifi_beacon(mac, pack, number)[8:]),
            encode.envelope(256, encode.bluetooth4(mac, where, number)),
            encode.envelope(256, encode.bluetooth5(mac, pack, number, signal_dbm=-70)),
            encode.envelope(272, _nordic(encode.bluetooth5(mac, pack, number))),
            pack,
            encode.envelope(127, dji.beacon(mac, dji.flight_record(f"DJI{number}", 13.5, 2.2, product=number))),
        )[number % 8]
        out.append(Input(frame))
    return tuple(out)


def _nordic(phdr: bytes) -> bytes:
    """Return a packet of link type 256 behind the header of a Nordic sniffer instead."""
    packet = phdr[10:]
    return struct.pack("<BHBHBBBBBHI", 3, 17 + len(packet), 3, 1, 2, 10, 0x21, 37, 60, 0, 0) + packet


@cache
def samples() -> tuple[Input, ...]:
    """Return raw samples of a message or two, about 600 octets each."""
    rows, sizes = modes_encode.df17_identification(np.arange(0x400000, 0x400000 + POOL), b"VIGIE"), np.full(1, 14)
    return tuple(
        Input(iq.modulate(rows[i : i + 1], sizes, np.array([5e-6]), 1.5e-4, rate_hz=iq.RATES[i % 2], seed=i))
        for i in range(POOL)
    )


@cache
def captures() -> tuple[Input, ...]:
    """Return captures of UDP and TCP in every dialect."""
    chance = random.Random("captures")
    out = []
    for number in range(2 * POOL):
        packets = []
        seq = chance.randrange(1 << 32)
        for k in range(chance.randrange(1, 14)):
            payload = chance.choice(frames(*chance.choice(MAPPED))).octets[:1400]
            piece = chance.choice(streams(chance.choice(STREAMS))).octets[: chance.randrange(1, 400)]
            form = chance.randrange(6)
            if form < 3:
                packet = build.ethernet(build.udp4(payload), tags=(0x8100,) * (form == 2))
            elif form == 3:
                packet = build.ethernet(build.udp6(payload), 0x86DD)
            else:
                packet = build.ethernet(build.tcp4(piece, seq + chance.choice((0, 0, 0, 50))))
                seq += len(piece)
            packets.append((T0 + k * 10**7, packet))
        if number % 2:
            head = build.section() + build.interface(1, resolution=chance.choice((None, 6, 9, 0x89)))
            made = b"".join(chance.choice((build.enhanced(0, t // 1000, p), build.simple(p))) for t, p in packets)
            out.append(Input(head + made))
        else:
            out.append(Input(build.pcap(packets, order=chance.choice("<>"), ns=chance.random() < 0.5)))
    return tuple(out)


@cache
def containers(kind: str) -> tuple[Input, ...]:
    """Return files of blocks, bare or in a recorder's framing, and compressed ones."""
    chance = random.Random(f"containers {kind}")
    out = []
    for _ in range(POOL):
        blocks = [chance.choice(frames(*chance.choice(MAPPED))).octets for _ in range(chance.randrange(1, 8))]
        if kind == "gps":
            octets = b"\xcd" * 2200 + b"".join(b + bytes(6) + chance.randbytes(4) for b in blocks)
        elif kind == "final":
            octets = b"".join(struct.pack(">HBBB3s", len(b) + 12, 0, 1, 1, b"\1\2\3") + b + b"\xa5" * 4 for b in blocks)
        else:
            octets = b"".join(blocks)
        pack: dict[str, Callable[[bytes], bytes]] = {
            "gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress,
            "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
        }  # fmt: skip
        out.append(Input(pack[kind](octets) if kind in pack else octets))
    return tuple(out)


@cache
def bodies() -> tuple[Input, ...]:
    """Return batches as they are written, before compression and check sum."""
    chance = random.Random("bodies")
    out = []
    for _ in range(POOL):
        payloads = [chance.choice(frames(*chance.choice(MAPPED))).octets for _ in range(chance.randrange(4))]
        rows = FRAME.empty(len(payloads))
        rows["length"] = [len(p) for p in payloads]
        rows["offset"] = np.cumsum(rows["length"].astype(np.int64)) - rows["length"]
        rows["rx_ns"], rows["seq"], rows["format"] = T0, np.arange(len(rows)), 1
        act = Act(seq=1, rx_ns=T0, who="a", role="b", origin="c", act="d", subject="e", value="f", reason="é")
        batch = Batch(
            now_ns=T0, mono_ns=1, frames=Frames(rows, np.frombuffer(b"".join(payloads), np.uint8)),
            acts=(act,) * chance.randrange(3), events=(Event(rx_ns=T0, kind="gap", value=3),) * chance.randrange(3),
        )  # fmt: skip
        out.append(Input(unfold(encode_batch(batch))))
    return tuple(out)


def mutate(chance: random.Random, one: Input, others: Sequence[Input]) -> bytes:
    """Return the input with one to four kinds of damage; sometimes unharmed, since that must work too."""
    out = bytearray(one.octets)
    draw = chance.random
    for _ in range(int(draw() * 5)):
        n = len(out)
        if n == 0:
            return bytes(chance.randbytes(int(draw() * 40)))
        at = int(draw() * n)
        what = int(draw() * 11)
        if what == 0:
            out[at] ^= 1 << int(draw() * 8)
        elif what == 1:
            for _ in range(1 + int(draw() * 8)):
                out[int(draw() * n)] ^= 1 << int(draw() * 8)
        elif what == 2:  # repetition factors, lengths of one octet, type bits
            out[at] = _EXTREMES[int(draw() * 8)]
        elif what == 3:
            out[at] = _MARKS[int(draw() * 10)]
        elif what == 4:  # lengths
            at = chance.choice(one.lengths) if one.lengths else at
            size = int.from_bytes(out[at : at + 2], "big") if draw() < 0.5 else n
            out[at : at + 2] = (min(65535, max(0, size + int(draw() * 9) - 4)) if draw() < 0.7
                                else int(draw() * 65536)).to_bytes(2, "big")  # fmt: skip
        elif what == 5:  # chains of extension bits
            for k in range(at, min(n, at + 1 + int(draw() * 24))):
                out[k] |= 1
        elif what == 6:
            del out[at:]
        elif what == 7:
            other = chance.choice(others).octets
            out[at:] = other[int(draw() * len(other)) :]
        elif what == 8:
            out[at:at] = out[at : at + 1 + int(draw() * 40)] * (1 + int(draw() * 3))
        elif what == 9:
            del out[at : at + 1 + int(draw() * 20)]
        else:
            out[at:at] = chance.randbytes(1 + int(draw() * 20))
    return bytes(out)


def mutant(family: str, number: int, pool: Sequence[Input]) -> bytes:
    """Return input ``number`` of a family, made from one of ``pool``."""
    chance = random.Random(f"{family} {number}")
    return mutate(chance, pool[int(chance.random() * len(pool))], pool)
