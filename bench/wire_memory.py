"""How much memory decoding a large file takes: a capture of 500 MB through ``vigie decode``, peak of the process.

The capture is synthetic (the CAT048 and CAT062 recordings of ``wire_asterix``, again and again), made in a temporary
folder and deleted. The whole command is measured, interpreter and tables included, written plots too.
"""

from __future__ import annotations

import json
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
# The child tells its own peak at its end (Linux): what the kernel counts for its parent (``ru_maxrss``) begins with the
# parent's peak, since the child was a copy of it before it became another program.
_CHILD = """
import atexit
from pathlib import Path
from vigie.app.cli import main

def tell():
    lines = Path("/proc/self/status").read_text().splitlines()
    print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))

atexit.register(tell)
main()
"""


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
        command = [sys.executable, "-c", _CHILD, "decode", str(capture),
                   "--to", str(Path(folder, "plots.parquet")), "--ledger", str(ledger)]  # fmt: skip
        began = time.perf_counter()
        child = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        seconds = time.perf_counter() - began
        if child.returncode or json.loads(ledger.read_text("utf-8"))["decoded"] != packets:
            raise RuntimeError("the capture was not decoded whole")
    peak_mb = int(child.stdout.split()[-1]) * 1024 / 1e6
    return [{
        "name": "wire.decode_500mb_memory", "value": peak_mb, "unit": "MB", "peer": None,
        "peer_value": None, "ratio": None, "peak_mb": round(peak_mb),
        "runs": 1, "packets": packets, "seconds": round(seconds, 1),
    }]  # fmt: skip


if __name__ == "__main__":
    for line in run(int(sys.argv[1]) if len(sys.argv) > 1 else MEGABYTES):
        print(json.dumps(line))
