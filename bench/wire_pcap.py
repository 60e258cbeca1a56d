"""How fast a capture becomes packets: one core, UDP payloads of a usual radar's size, memory at its peak."""

from __future__ import annotations

import resource
import statistics
import time
from typing import Any

import numpy as np

from vigie.wire.pcap import CaptureReader, Datagram, write_pcap
from vigie.wire.pcap.warmup import warmup

PACKETS = 1_000_000
RUNS = 5
CHUNK = 1 << 20


def _capture() -> tuple[np.ndarray[Any, np.dtype[np.uint8]], int]:
    """Return the records of some packets, to be fed again and again, and how many they are."""
    rng = np.random.default_rng(1)
    block = b"\x30\x00\x3c" + rng.bytes(57)
    rows = (
        Datagram(rx_ns=10**18 + i * 1000, src=("192.0.2.1", 5000), dst=("239.1.1.1", 4001), payload=block)
        for i in range(10_000)
    )
    return np.frombuffer(b"".join(write_pcap(rows)), np.uint8), 10_000


def run() -> list[dict[str, Any]]:
    for _ in warmup():
        pass
    octets, n = _capture()
    head, body = octets[:24], octets[24:]
    rates = []
    for _ in range(RUNS):
        reader = CaptureReader()
        found = 0
        start = time.process_time()
        list(reader.feed(head))
        for _ in range(PACKETS // n):
            for at in range(0, len(body), CHUNK):
                for packets in reader.feed(body[at : at + CHUNK]):
                    found += len(packets)
        found += sum(len(packets) for packets in reader.close())
        rates.append(found / (time.process_time() - start))
        if found != PACKETS:
            raise AssertionError(f"{found} packets of {PACKETS}")
    return [
        {
            "name": "wire.pcap_read", "value": statistics.median(rates), "unit": "packets/s", "peer": None,
            "peer_value": None, "ratio": None,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "runs": RUNS,
        }
    ]  # fmt: skip


if __name__ == "__main__":
    print(run())
