"""Damaged inputs over all parsers: no exception, no record lost, no input that takes long, no memory that grows.

CI takes a sample; ``--campaign`` takes ten million, with ``VIGIE_MUTATIONS=2000000-3000000`` a part of them. Inputs
are known by family and number (``tests/wire/mutants.py`` makes each again); a failure names both.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from tests.wire import mutants
from tests.wire.mutants import T0, Input, mutant

from vigie.decode.decoder import Decoded, Decoder
from vigie.decode.modes import ModesDecoder
from vigie.terms.batch import FORMAT_ASTERIX, FORMAT_BEAST, FORMAT_REMOTEID, FORMAT_SBS, FORMATS, Frames
from vigie.terms.errors import FormatError, RecordingError
from vigie.terms.ledger import REASONS, Ledger
from vigie.terms.tables import FRAME
from vigie.wire.asterix import spec
from vigie.wire.asterix.items import Fault, read_record
from vigie.wire.asterix.treewrite import write_record
from vigie.wire.containers.blocks import BlockClock, BlockReader
from vigie.wire.containers.expand import Expander, ExpandLimits
from vigie.wire.containers.flows import Flows
from vigie.wire.containers.kind import kind_of
from vigie.wire.modes import iq
from vigie.wire.modes.split import MessageCutter
from vigie.wire.pcap import CaptureReader
from vigie.wire.recording.batch import decode_batch
from vigie.wire.recording.bodies import Configuration, decode_record, decode_ticks
from vigie.wire.recording.body import Folder, unfold

WHOLE = 10_000_000
SAMPLE = 20_000
LIMIT_S = 0.005
GROWTH_OCTETS = 48 << 20
PIECE = 500
STRUCTURE = ("record_truncated", "bad_fspec", "bad_item")

Work = Callable[[list[bytes]], None]


def frames_of(inputs: list[bytes], kind: int, *, links: bool) -> Frames:
    """Return one frame for each input, from as many links or all from one."""
    rows = FRAME.empty(len(inputs))
    rows["length"] = [len(i) for i in inputs]
    rows["offset"] = np.cumsum(rows["length"].astype(np.int64)) - rows["length"]
    rows["rx_ns"] = T0 + np.arange(len(rows)) * 10**6
    rows["seq"] = np.arange(len(rows))
    rows["format"] = kind
    rows["link"] = np.arange(len(rows)) + 1 if links else 0
    return Frames(rows, np.frombuffer(bytearray(b"".join(inputs)), np.uint8))


def judged(work: Work, inputs: list[bytes], label: str, first: int, limit_s: float) -> None:
    """Run all inputs together; where that takes longer than one of them may, each half, down to single inputs.

    What together stays within the limit holds no input beyond it. A slow run is repeated, the best of three counts.
    """
    try:
        took_s = best_of(work, inputs, limit_s)
    except Exception as why:
        for number, one in enumerate(inputs, first):
            try:
                work([one])
            except Exception as again:
                raise AssertionError(f"{label} {number}: {type(again).__name__}: {again}\n{one.hex()}") from again
        raise AssertionError(f"{label} {first} to {first + len(inputs) - 1} together: {why}") from why
    if took_s <= limit_s:
        return
    if len(inputs) == 1:
        raise AssertionError(f"{label} {first}: {took_s * 1000:.1f} ms of processor time\n{inputs[0].hex()[:2000]}")
    # as many parts as the time suggests, with room: halving again and again would run everything many times
    size = max(1, min(len(inputs) // 2, int(len(inputs) * limit_s / took_s / 2)))
    for at in range(0, len(inputs), size):
        judged(work, inputs[at : at + size], label, first + at, limit_s)


def best_of(work: Work, inputs: list[bytes], limit_s: float) -> float:
    """Return the processor time of a run (s): the first within the limit, else the best.

    A single input gets three runs. Where another process fills the caches or the host gives the core half its speed
    for some seconds, three more and once more three, a while later each.
    """
    best = math.inf
    for run in range(9 if len(inputs) == 1 else 1):
        if run in (3, 6):
            time.sleep(run)
        began = time.thread_time()
        work(inputs)
        best = min(best, time.thread_time() - began)
        if best <= limit_s:
            break
    return best


def asterix(first: int) -> tuple[Sequence[Input], Work]:
    category, edition = mutants.MAPPED[first // PIECE % len(mutants.MAPPED)]
    decoder = Decoder(None, discover=True, editions={category: edition})

    def work(inputs: list[bytes]) -> None:
        frames = frames_of(inputs, FORMAT_ASTERIX, links=False)
        before = decoder.ledger.frames, decoder.ledger.decoded, sum(decoder.ledger.rejected.values())
        got = decoder.step(frames)
        ledger = decoder.ledger
        assert ledger.balances
        assert ledger.frames - before[0] == len(inputs)
        assert ledger.decoded - before[1] == len(got.plots) + len(got.services)
        assert sum(ledger.rejected.values()) - before[2] == len(got.rejects)
        sane(got, frames)

    return mutants.frames(category, edition), work


def sane(got: Decoded, frames: Frames) -> None:
    """Every reject lies inside its frame; what numbers mean is not judged, but that they are some."""
    rejects = got.rejects
    assert (rejects["offset"] >= 0).all()
    assert (rejects["length"] > 0).all()
    sizes = frames.rows["length"][rejects["frame_no"]]
    assert (rejects["offset"] <= sizes).all()
    assert (rejects["length"] <= sizes).all()
    assert (rejects["reason"] > 0).all()
    assert (np.abs(got.plots["toa_ns"] - got.plots["rx_ns"]) <= 43_200_000_000_000).all()
    assert np.all((got.plots["kind"] <= 9) & (got.plots["mode3a"] <= 65535))


def batches(first: int) -> tuple[Sequence[Input], Work]:
    """The same rows however the frames come: damage must not make the rest depend on the batch."""
    category, edition = mutants.MAPPED[first // PIECE % len(mutants.MAPPED)]

    def work(inputs: list[bytes]) -> None:
        frames = frames_of(inputs, FORMAT_ASTERIX, links=False)
        whole = Decoder(None, discover=True, editions={category: edition}).step(frames)
        decoder = Decoder(None, discover=True, editions={category: edition})
        cuts = sorted({0, len(frames) // 7, len(frames) // 3, len(frames)})
        parts = [decoder.step(frames.take(a, b)) for a, b in pairwise(cuts)]
        for table in ("plots", "services", "rejects"):
            assert b"".join(getattr(p, table).tobytes() for p in parts) == getattr(whole, table).tobytes()

    return mutants.frames(category, edition), work


@cache
def decoder_of(category: int, edition: str) -> Decoder:
    """Return the decoder that ``items`` compares with, made once: making it costs more than a hundred inputs."""
    return Decoder(None, discover=True, editions={category: edition})


def items(first: int) -> tuple[Sequence[Input], Work]:
    """The people's view: what it accepts comes back octet for octet, and the fast decoder says the same of it."""
    category, edition = mutants.ALL[first // 50 % len(mutants.ALL)]
    form = spec.edition(category, edition)
    fast = decoder_of(category, edition) if (category, edition) in mutants.MAPPED else None

    def work(inputs: list[bytes]) -> None:
        for octets in inputs:
            at, fault = 0, None
            count = 0
            while at < len(octets) and fault is None:
                tree, size, fault = read_record(octets[at:], form)
                if fault is None:
                    assert size > 0
                    assert write_record(tree, form) == octets[at : at + size]
                    at += size
                    count += 1
            if fast is not None and 0 < len(octets) < 65000:
                agrees(fast, category, octets, count, at, fault)

    return [Input(r) for r in mutants.records(category, edition)], work


def agrees(fast: Decoder, category: int, octets: bytes, count: int, at: int, fault: Fault | None) -> None:
    block = bytes([category]) + (len(octets) + 3).to_bytes(2, "big") + octets
    got = fast.step(frames_of([block], FORMAT_ASTERIX, links=False))
    broken = [r for r in got.rejects if REASONS[r["reason"]] in STRUCTURE]
    assert len(got.plots) + len(got.services) + len(got.rejects) == count + (fault is not None)
    assert len(broken) == (fault is not None)
    if fault is not None:
        assert REASONS[broken[0]["reason"]] == fault.reason
        assert int(broken[0]["record_no"]) == count
        assert int(broken[0]["length"]) == len(octets) - at


@cache
def modes_decoder(kind: int) -> tuple[Ledger, ModesDecoder]:
    """Return the decoder of a kind of stream, made once: each of its links costs tables of their own."""
    ledger = Ledger()
    return ledger, ModesDecoder(None, ledger=ledger, discover=True)


def modes(first: int) -> tuple[Sequence[Input], Work]:
    kind = mutants.STREAMS[first // PIECE % 3]
    ledger, decoder = modes_decoder(kind)

    def work(inputs: list[bytes]) -> None:
        before = ledger.frames, sum(ledger.rejected.values())
        got = [decoder.step(frames_of(inputs, kind, links=True)), decoder.finish()]
        assert ledger.balances
        assert sum(len(g[2]) for g in got) == sum(ledger.rejected.values()) - before[1]
        assert ledger.frames - before[0] == len(inputs)
        for plots, _, _ in got:
            assert ((np.abs(plots["lat_deg"]) <= 90) & (np.abs(plots["lon_deg"]) <= 180)).all()

    return mutants.streams(kind), work


@cache
def remoteid_decoder() -> Decoder:
    """Return the one decoder of all radio frames."""
    return Decoder(None, discover=True)


def remoteid(first: int) -> tuple[Sequence[Input], Work]:
    """Wi-Fi, Bluetooth and DJI frames: every frame has rows or is filtered, every plot lies on the globe."""
    del first
    decoder = remoteid_decoder()

    def work(inputs: list[bytes]) -> None:
        ledger = decoder.ledger
        before = ledger.frames, ledger.decoded, sum(ledger.rejected.values())
        frames = frames_of(inputs, FORMAT_REMOTEID, links=False)
        got = decoder.step(frames)
        assert ledger.balances
        assert ledger.frames - before[0] == len(inputs)
        assert sum(ledger.rejected.values()) - before[2] == len(got.rejects)
        assert len(got.plots) <= ledger.decoded - before[1]
        assert ((np.abs(got.plots["lat_deg"]) <= 90) & (np.abs(got.plots["lon_deg"]) <= 180)).all()
        assert (got.plots["source_track_no"] > 0).all()
        assert (got.rejects["offset"] >= 0).all()
        sizes = frames.rows["length"][got.rejects["frame_no"]]
        assert (got.rejects["offset"] + got.rejects["length"] <= sizes).all()

    return mutants.radio(), work


def samples(first: int) -> tuple[Sequence[Input], Work]:
    """Raw samples: what leaves is certain, however the octets come."""
    rate_hz = iq.RATES[first // 50 % 2]

    def work(inputs: list[bytes]) -> None:
        for octets in inputs:
            demodulator = iq.Demodulator(rate_hz)
            middle = len(octets) // 3
            runs = [demodulator.feed(octets[:middle]), demodulator.feed(octets[middle:]), demodulator.close()]
            for heard in runs:
                assert np.isin(heard.lengths, (7, 14)).all()
                assert ((heard.samples >= -1) & (heard.samples <= len(octets) // 2)).all()

    return mutants.samples(), work


def captures(first: int) -> tuple[Sequence[Input], Work]:
    del first

    def work(inputs: list[bytes]) -> None:
        for octets in inputs:
            reader, flows = CaptureReader(), Flows(link=1)
            middle = len(octets) // 3
            try:
                packets = [*reader.feed(octets[:middle]), *reader.feed(octets[middle:]), *reader.close()]
            except FormatError:
                continue  # no head of a capture
            found = [flows.frames(p) for p in packets] + [flows.close()]
            given = sum(len(p.rows) for p in packets)
            assert given + sum(reader.filtered.values()) == reader.packets
            for frames in found:
                ends = frames.rows["offset"] + frames.rows["length"]
                assert not len(frames) or (
                    int(frames.rows["offset"].min()) >= 0 and int(ends.max()) <= len(frames.data)
                )

    return mutants.captures(), work


CONTAINERS = ("asterix", "gps", "final", "beast", "avr", "sbs", *mutants.COMPRESSIONS)


def containers(first: int) -> tuple[Sequence[Input], Work]:
    kind = CONTAINERS[first // 50 % len(CONTAINERS)]
    pool = (
        mutants.streams(FORMATS[kind])
        if kind in FORMATS and FORMAT_BEAST <= FORMATS[kind] <= FORMAT_SBS
        else mutants.containers(kind)
    )

    def work(inputs: list[bytes]) -> None:
        for octets in inputs:
            kind_of(octets, whole=True)
            half = len(octets) // 2
            if kind in mutants.COMPRESSIONS:
                expand(kind, octets)
            elif kind in ("asterix", "gps", "final"):
                reader = BlockReader(kind, day_ns=T0, times=BlockClock())
                out = [
                    *reader.feed(octets[: len(octets) // 2]),
                    *reader.feed(octets[len(octets) // 2 :]),
                    *reader.close(),
                ]
                if kind == "asterix":
                    assert sum(int(f.rows["length"].sum()) for f in out) == len(octets)
            else:
                cutter = MessageCutter(kind)
                cuts = [cutter.cut(octets[:half]), cutter.cut(octets[half:], end=True)]
                assert sum(int(c.lengths.sum()) for c in cuts) == len(octets)

    return pool, work


def expand(kind: str, octets: bytes) -> None:
    at = 0

    def source(n: int) -> bytes:
        nonlocal at
        at += n
        return octets[at - n : at]

    expander = Expander(kind, source, limits=ExpandLimits(octets=1 << 20))
    try:
        while expander.read(1 << 16):
            pass
    except FormatError:
        return


def recordings(first: int) -> tuple[Sequence[Input], Work]:
    del first
    folder = Folder()

    def work(inputs: list[bytes]) -> None:
        for octets in inputs:
            sealed = folder.fold(octets)
            for body in (sealed, sealed[:-1], octets):
                for read in (decode_batch, lambda b: list(decode_ticks(b)), lambda b: decode_record(b, Configuration)):
                    try:
                        read(body)
                    except RecordingError:
                        continue
            assert unfold(sealed) == octets

    return mutants.bodies(), work


FAMILIES: dict[str, tuple[float, int, Callable[[int], tuple[Sequence[Input], Work]]]] = {
    "asterix": (0.70, PIECE, asterix), "batches": (0.05, PIECE, batches), "items": (0.03, 10, items),
    "modes": (0.15, 25, modes), "captures": (0.03, 5, captures), "containers": (0.02, 10, containers),
    "recordings": (0.02, 10, recordings), "remoteid": (0.05, 25, remoteid), "samples": (0.01, 3, samples),
}  # fmt: skip
"""Family -> (share of all inputs, inputs at a time, what makes and judges them)."""


def span(family: str, campaign: bool) -> range:
    """Return the numbers of this run's inputs of a family."""
    share = FAMILIES[family][0]
    if not campaign:
        return range(int(SAMPLE * share))
    part = os.environ.get("VIGIE_MUTATIONS", f"0-{WHOLE}")
    start, _, stop = part.partition("-")
    return range(int(int(start) * share), int(int(stop) * share))


def pieces(numbers: range, size: int) -> Iterator[range]:
    for start in range(numbers.start, numbers.stop, size):
        yield range(start, min(start + size, numbers.stop))


def resident_octets() -> int:
    """Return the memory that this process occupies, 0 where the system does not tell."""
    told = Path("/proc/self/statm")
    return int(told.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if told.exists() else 0


@pytest.mark.campaign
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("family", FAMILIES)
def test_damaged_inputs(family: str, campaign: bool) -> None:
    _, size, prepare = FAMILIES[family]
    numbers = span(family, campaign)
    pool, work = prepare(numbers.start)
    work([one.octets for one in pool])  # compiled and warm
    settled, early = 0, numbers.start + len(numbers) // 3
    for piece in pieces(numbers, size):
        pool, work = prepare(piece.start)
        limit_s = math.inf if family == "batches" else LIMIT_S  # that one makes decoders
        judged(work, [mutant(family, number, pool) for number in piece], family, piece.start, limit_s)
        if not settled and piece.stop > early:
            settled = resident_octets()
    assert resident_octets() - settled < GROWTH_OCTETS, f"{family}: memory grew"
