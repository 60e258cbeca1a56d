"""Every kernel of the containers, compiled on a few octets of each kind."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vigie.terms.batch import FORMAT_ASTERIX, FORMAT_BEAST
from vigie.wire.containers.blocks import BlockReader
from vigie.wire.containers.chain import oradis_units
from vigie.wire.containers.cut import StreamCutter
from vigie.wire.containers.flows import Flows, guess_stream
from vigie.wire.containers.kind import kind_of
from vigie.wire.pcap.reader import CaptureReader
from vigie.wire.pcap.writer import Datagram, write_pcap

_BLOCK = b"\x30\x00\x04\x00"


def warmup() -> Iterator[str]:
    """Yield the name of each kernel group just before it is compiled."""
    yield "flows of a capture"
    reader, flows = CaptureReader(), Flows()
    datagram = Datagram(rx_ns=0, src=("192.0.2.1", 1), dst=("192.0.2.2", 2), payload=_BLOCK)
    for packets in reader.feed(b"".join(write_pcap([datagram]))):
        flows.frames(packets)
    yield "streams"
    warm_streams()
    yield "kinds of files"
    kind_of(_BLOCK, whole=True)
    yield "raw ASTERIX and recorders' files"
    for kind in ("asterix", "gps"):
        blocks = BlockReader(kind, day_ns=0)
        for run in (blocks.feed(_BLOCK), blocks.close()):
            for _ in run:
                pass


def warm_streams() -> None:
    """Load what a live link needs, so that its first octets do not wait for a compiler."""
    guess_stream(b"*")
    oradis_units(np.zeros(9, np.uint8), 0, 9)
    for form in (FORMAT_ASTERIX, FORMAT_BEAST):
        StreamCutter(form).feed(_BLOCK)
