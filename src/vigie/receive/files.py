"""Files as links: anything that holds surveillance data, opened by its content, given out as frames."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import IO, Final

import numpy as np

from vigie.receive.join import merge_inputs
from vigie.receive.ticks import ticks
from vigie.terms.batch import FORMATS, Frames
from vigie.terms.errors import FormatError, UsageError, VigieError
from vigie.terms.tables import FRAME
from vigie.terms.units import NS_PER_S
from vigie.terms.utc import TICK_NS
from vigie.wire.containers.blocks import BlockClock, BlockReader
from vigie.wire.containers.expand import Expander, ExpandLimits
from vigie.wire.containers.flows import Flow, Flows
from vigie.wire.containers.kind import HEAD_OCTETS, KINDS, compression_of, describe, kind_of
from vigie.wire.modes.iq import Demodulator
from vigie.wire.modes.split import MessageCutter
from vigie.wire.pcap.reader import CaptureReader

__all__ = ["ExpandLimits", "Input", "merge_inputs", "open_input", "ticks"]

CHUNK_OCTETS: Final = 1 << 20
_STREAM_OCTETS: Final = 1 << 18
_CAPTURES: Final = ("pcap", "pcapng")
_BLOCKS: Final = ("asterix", "gps", "final")
_STREAMS: Final = ("beast", "avr", "sbs")
_SAMPLES: Final = {"iq": 2_000_000, "iq24": 2_400_000}
_READABLE: Final = (
    "pcap, pcapng, raw ASTERIX, FINAL and GPS recorder files, Beast, AVR and SBS (each also as gzip, zstd, bzip2 or xz)"
    "; raw samples with --format iq"
)


def open_input(
    path: str | Path,
    *,
    format: str | None = None,
    day_ns: int | None = None,
    link: int = 0,
    limits: ExpandLimits | None = None,
    chunk_octets: int = CHUNK_OCTETS,
) -> Input:
    """Open a file by its content, or as ``format`` says ("asterix", "beast", "avr", "sbs", "pcap", "gps", ...).

    For a capture, "asterix", "beast", "avr" and "sbs" say what its payloads are. ``day_ns``: midnight UTC of the day
    that dates a file without a capture clock (1970-01-01 where None; ``has_clock`` tells). ``link`` goes into every
    frame.

    Raises
    ------
    UsageError
        When the file cannot be opened, or the format is none we know.
    FormatError
        When the content is none we can read: says what was found and what can be read.
    """
    if format is not None and format not in KINDS:
        raise UsageError(f"format {format!r} is unknown; expected one of {', '.join(KINDS)}")
    return Input(Path(path), format, day_ns or 0, link, limits or ExpandLimits(), chunk_octets)


class Input:
    """One file, read once from its beginning to its end: iterate it for ``Frames``.

    ``kind`` is one of ``KINDS``; ``compression`` "gzip", "zstd", "bzip2", "xz" or "". ``has_clock``: whether receive
    times are a capture's own. While it is read, ``packets``, ``frames``, ``octets``, ``filtered`` and ``flows`` grow.
    "plots" (Parquet) and "recording" hold no frames of a link; other rooms read them.
    """

    def __init__(
        self, path: Path, form: str | None, day_ns: int, link: int, limits: ExpandLimits, chunk_octets: int
    ) -> None:
        self.path = path
        self.link = link
        self.frames = 0
        self.octets = 0
        self._day_ns = day_ns
        self._chunk_octets = chunk_octets
        self._capture: CaptureReader | None = None
        self._flows: Flows | None = None
        self._packets = 0
        self._first: Frames | None = None  # read ahead to tell when the file begins
        self._first_ns: int | None = None
        self._started = False
        try:
            self._file: IO[bytes] = path.open("rb")
        except OSError as why:
            raise UsageError(f"{path}: cannot be read: {why.strerror}. Give the path of a file.") from why
        try:
            self._read, self.compression = self._source(limits)
            self._head = self._peek()
            self.kind = self._told(form)
        except VigieError:
            self._file.close()
            raise
        self.has_clock = self.kind in (*_CAPTURES, "sbs", "recording", "plots")
        self._payload = FORMATS.get(form or "", 0) if self.kind in _CAPTURES else 0
        self._run = self._frames()

    @property
    def packets(self) -> int:
        """Packets of a capture, blocks or messages' pieces of another file, seen so far."""
        return self._capture.packets if self._capture is not None else self._packets

    @property
    def filtered(self) -> dict[str, int]:
        """Packets that brought no frame, by reason."""
        if self._capture is None:
            return {}
        found = dict(self._capture.filtered)
        if self._flows is not None and self._flows.unknown_payload:
            found["unknown_payload"] = self._flows.unknown_payload
        return found

    @property
    def flows(self) -> list[Flow]:
        """What goes where in a capture, the busiest first."""
        return [] if self._flows is None else self._flows.flows

    @property
    def endpoints(self) -> dict[str, int]:
        """Destination "address:port" of a capture's traffic, and how many datagrams each got."""
        return {flow.endpoint: flow.packets for flow in self.flows}

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about this file, in sentences."""
        notes = []
        capture = self._capture
        if capture is not None:
            if capture.filtered.get("unknown_link_type"):
                notes.append(f"{self.path}: link type {capture.odd_link_type} is not one that carries IP")
            if capture.gaps:
                notes.append(f"{self.path}: TCP lost {capture.lost_octets} octets in {capture.gaps} places")
            if capture.skipped_octets:
                notes.append(
                    f"{self.path}: {capture.skipped_octets} octets are no packets; reading went on behind them"
                )
        return tuple(notes)

    @property
    def first_ns(self) -> int | None:
        """Receive time of the first frame, None where there is none; reads as far as that frame."""
        if not self._started:
            self._first = next(self._run, None)
        return self._first_ns

    def __iter__(self) -> Iterator[Frames]:
        """Yield frames in pieces of the order of a megabyte."""
        if self._first is not None:
            first, self._first = self._first, None
            yield first
        yield from self._run

    def close(self) -> None:
        """Let go of the file; reading to the end does it too."""
        self._run.close()
        self._file.close()

    def _source(self, limits: ExpandLimits) -> tuple[Callable[[int], bytes], str]:
        """Return what reads the file's content, expanded where it is compressed."""
        try:
            magic = self._file.read(8)
            self._file.seek(0)
        except OSError as why:
            raise UsageError(f"{self.path}: cannot be read: {why.strerror}. Give the path of a file.") from why
        compression = compression_of(magic)
        if not compression:
            return self._file.read, ""
        return Expander(compression, self._file.read, limits=limits, name=str(self.path)).read, compression

    def _peek(self) -> bytes:
        head = b""
        while len(head) < HEAD_OCTETS:
            piece = self._read(HEAD_OCTETS - len(head))
            if not piece:
                break
            head += piece
        return head

    def _told(self, form: str | None) -> str:
        """Return the kind of the file, told by its content or by the caller."""
        head = self._head
        found = kind_of(head, whole=len(head) < HEAD_OCTETS)
        if form is None or (form in FORMATS and found in _CAPTURES):
            if not found and compression_of(head):
                raise FormatError(f"{self.path}: is compressed twice; expand it once by hand")
            if not found:
                raise FormatError(f"{self.path}: {describe(head)}; expected {_READABLE}, or --format to insist")
            return found
        if form in _CAPTURES:
            if found not in _CAPTURES:
                raise FormatError(f"{self.path}: {describe(head)}; expected a pcap or pcapng capture")
            return found
        return form

    def _pieces(self) -> Iterator[bytes]:
        head, self._head = self._head, b""
        for start in range(0, len(head), self._chunk_octets):
            yield head[start : start + self._chunk_octets]
        while True:
            try:
                piece = self._read(self._chunk_octets)
            except OSError as why:
                raise FormatError(f"{self.path}: reading failed: {why.strerror}") from why
            if not piece:
                return
            yield piece

    def _frames(self) -> Generator[Frames, None, None]:
        self._started = True
        try:
            if self.kind in _CAPTURES:
                run = self._from_capture()
            elif self.kind in _BLOCKS:
                run = self._from_blocks()
            elif self.kind in _STREAMS:
                run = self._from_stream()
            elif self.kind in _SAMPLES:
                run = self._from_samples()
            else:
                what = "a table of plots" if self.kind == "plots" else "a recording of Vigie"
                raise FormatError(f"{self.path}: is {what}, not the traffic of a link; expected {_READABLE}")
            for frames in run:
                if len(frames):
                    if self._first_ns is None:
                        self._first_ns = int(frames.rows["rx_ns"][0])
                    self.frames += len(frames)
                    self.octets += int(frames.rows["length"].sum())
                    yield frames
        finally:
            self._file.close()

    def _from_capture(self) -> Iterator[Frames]:
        capture = self._capture = CaptureReader()
        flows = self._flows = Flows(link=self.link, forced=self._payload)
        for piece in self._pieces():
            for packets in capture.feed(piece):
                yield flows.frames(packets)
        for packets in capture.close():
            yield flows.frames(packets)
        yield flows.close()

    def _from_blocks(self) -> Iterator[Frames]:
        reader = BlockReader(self.kind, day_ns=self._day_ns, link=self.link, times=BlockClock())
        for piece in self._pieces():
            yield from self._counted(reader.feed(piece))
        yield from self._counted(reader.close())

    def _counted(self, run: Iterator[Frames]) -> Iterator[Frames]:
        for frames in run:
            self._packets += len(frames)
            yield frames

    def _from_stream(self) -> Iterator[Frames]:
        """Cut a stream of messages into frames of one tick each, dated by the stamps in it."""
        cutter = MessageCutter(self.kind)
        for block, last in self._blocks_of(_STREAM_OCTETS):
            cut = cutter.cut(np.frombuffer(block, np.uint8), end=last).by_period(TICK_NS)
            rows = FRAME.empty(len(cut))
            first_ns = cut.first_ns if cut.clock == "logged" else self._day_ns + cut.first_ns
            rows["rx_ns"] = first_ns + cut.time_ns
            rows["link"] = self.link
            rows["format"] = FORMATS[self.kind]
            rows["offset"] = cut.offsets
            rows["length"] = cut.lengths
            self._packets += len(rows)
            yield Frames(rows, cut.octets)

    def _from_samples(self) -> Iterator[Frames]:
        """Demodulate raw samples; what comes out is the Beast stream of a receiver, dated by the samples' count."""
        demodulator = Demodulator(_SAMPLES[self.kind])
        cutter = MessageCutter("beast", gps=False)
        first_ns = self._day_ns
        for piece, last in self._pieces_and_end():
            heard = demodulator.close() if last else demodulator.feed(piece)
            if not last and not len(heard.messages):
                continue
            if cutter.clock == "" and len(heard.samples):
                first_ns += int(heard.samples[0]) * NS_PER_S // demodulator.rate_hz
            cut = cutter.cut(demodulator.beast(heard), end=last).by_period(TICK_NS)
            rows = FRAME.empty(len(cut))
            rows["rx_ns"] = first_ns + cut.time_ns
            rows["link"], rows["format"] = self.link, FORMATS["beast"]
            rows["offset"], rows["length"] = cut.offsets, cut.lengths
            self._packets += len(rows)
            yield Frames(rows, cut.octets)

    def _pieces_and_end(self) -> Iterator[tuple[bytes, bool]]:
        for piece in self._pieces():
            yield piece, False
        yield b"", True

    def _blocks_of(self, octets: int) -> Iterator[tuple[bytearray, bool]]:
        """Yield the file in blocks of exactly ``octets`` (and whether it is the last), however it was read."""
        held = bytearray()
        for piece in self._pieces():
            held += piece
            while len(held) > octets:
                yield held[:octets], False
                del held[:octets]
        yield held, True
