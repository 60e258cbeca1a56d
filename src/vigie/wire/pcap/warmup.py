"""Every kernel of the capture reader, compiled by reading one small capture."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.wire.pcap.reader import CaptureReader
from vigie.wire.pcap.writer import Datagram, write_pcap


def warmup() -> Iterator[str]:
    """Yield the name of each kernel group just before it is compiled."""
    yield "captures (pcap, pcapng)"
    reader = CaptureReader()
    datagram = Datagram(rx_ns=0, src=("192.0.2.1", 1), dst=("192.0.2.2", 2), payload=b"\x30\x00\x03")
    for piece in write_pcap([datagram]):
        for _ in reader.feed(piece):
            pass
    for _ in reader.close():
        pass
