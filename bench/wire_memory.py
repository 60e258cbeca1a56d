"""How much memory decoding a large file takes: a capture of 500 MB through ``vigie decode``, peak of the process.

The capture is synthetic (the CAT048 and CAT062 recordings of ``wire_asterix``, again and again), made in a temporary
folder and deleted. The whole command is measured, interpreter and tables included, written plots too.
"""

from __future__ import annotations

import json
import os
import resource
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from vigie.wire.pcap.writer import Datagram, pcap_head, udp_record

sys.path.insert(0, str(Path(__file__).resolve().parent))
from wire_asterix import T0_NS, recording

MEGABYTES = 500


def write_capture(path: Path, megabytes: int) -> int:
    """Write the capture and return how many packets it has; its clock runs on from piece to piece."""
    piece = []
    for category in (48, 62):
        frames = recording(category, 20_000)
        piece += [
            udp_record(
                Datagram(rx_ns=T0_NS, src=("10.0.0.1", 4000), dst=("239.1.1.1", 4001), payload=frames.payload(i))
            )
            for i in range(len(frames))
        ]
    packets = 0
    with path.open("wb") as file:
        file.write(pcap_head())
        while file.tell() < megabytes * 1_000_000:
            for record in piece:
                t_ns = T0_NS + packets * 100_000
                file.write(struct.pack("<II", t_ns // 10**9, t_ns % 10**9) + record[8:])
                packets += 1
    return packets


def run(megabytes: int = MEGABYTES) -> list[dict[str, Any]]:
    """Measure once: memory does not vary as time does."""
    with tempfile.TemporaryDirectory() as folder:
        capture, ledger = Path(folder, "large.pcap"), Path(folder, "ledger.json")
        packets = write_capture(capture, megabytes)
        command = [sys.executable, "-c", "from vigie.app.cli import main; main()", "decode", str(capture),
                   "--to", str(Path(folder, "plots.parquet")), "--ledger", str(ledger)]  # fmt: skip
        began = time.perf_counter()
        child = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode or json.loads(ledger.read_text("utf-8"))["decoded"] != packets:
            raise RuntimeError("the capture was not decoded whole")
    unit = 1 if sys.platform == "darwin" else 1024
    return [{
        "name": "wire.decode_500mb_memory", "value": used.ru_maxrss * unit / 1e6, "unit": "MB", "peer": None,
        "peer_value": None, "ratio": None, "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "runs": 1, "packets": packets, "seconds": round(seconds, 1),
    }]  # fmt: skip


if __name__ == "__main__":
    for line in run(int(sys.argv[1]) if len(sys.argv) > 1 else MEGABYTES):
        print(json.dumps(line))
