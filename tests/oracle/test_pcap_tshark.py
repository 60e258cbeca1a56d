"""tshark, a separate program, judges both ways: what we read it reads too, what we write it finds right."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from vigie.wire.pcap import CaptureReader, Datagram, TcpConversation, udp_record, write_pcap

TSHARK = shutil.which("tshark")
pytestmark = pytest.mark.skipif(TSHARK is None, reason="tshark is not on this machine: captures are judged without it")

FIELDS = ("frame.time_epoch", "ip.src", "ip.dst", "udp.srcport", "udp.dstport", "data.data")


def tshark(path: Path, *arguments: str) -> list[list[str]]:
    assert TSHARK is not None
    done = subprocess.run([TSHARK, "-r", str(path), *arguments], capture_output=True, text=True, check=True, timeout=60)
    return [line.split("\t") for line in done.stdout.splitlines()]


def fields(path: Path, names: tuple[str, ...], *arguments: str) -> list[list[str]]:
    return tshark(path, "-T", "fields", *(part for name in names for part in ("-e", name)), *arguments)


def dotted(number: int) -> str:
    return ".".join(str(number >> s & 255) for s in (24, 16, 8, 0))


@pytest.mark.parametrize("name", ["ar_saenzpena_20260429_part1_cat034_048", "ar_cordoba_20260601_first600_trailer8",
                                  "hr_cat062_20080515", "hr_cat_001_002", "hr_cat_062_065"])  # fmt: skip
def test_every_packet_is_the_same(shared: Path, name: str) -> None:
    path = shared / "data/asterix" / f"{name}.pcap"
    reader = CaptureReader()
    found = []
    for packets in reader.feed(path.read_bytes()):
        for i, row in enumerate(packets.rows.tolist()):
            rx_ns, src, dst, ports = row[0], row[5], row[7], row[8:10]
            found.append([rx_ns, dotted(src), dotted(dst), *map(str, ports), packets.payload(i).hex()])
    expected = fields(path, FIELDS, "--disable-protocol", "asterix")
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        seconds, _, rest = theirs[0].partition(".")
        assert ours == [int(seconds) * 10**9 + int(rest.ljust(9, "0")), *theirs[1:]]


def test_what_we_write_has_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "written.pcap"
    v4 = [
        Datagram(rx_ns=10**18 + i, src=("10.0.0.1", 1), dst=("239.1.1.1", 4001), payload=bytes(i + 1)) for i in range(9)
    ]
    v6 = Datagram(rx_ns=10**18 + 9, src=("fe80::1", 1), dst=("ff02::5", 4001), payload=b"odd")
    talk = TcpConversation(("10.0.0.2", 40000), ("10.0.0.3", 30005))
    octets = b"".join(write_pcap(v4)) + udp_record(v6) + talk.send(10**18 + 10, bytes(range(256)) * 20)
    path.write_bytes(octets + talk.close(10**18 + 20))
    checks = [part for p in ("ip", "udp", "tcp") for part in ("-o", f"{p}.check_checksum:TRUE")]
    names = ("ip.checksum.status", "udp.checksum.status", "tcp.checksum.status", "tcp.analysis.flags")
    rows = fields(path, names, *checks)
    assert len(rows) == 9 + 1 + 3 + 2 * 4 + 3
    states = [value for row in rows for value in (row + [""] * 4)[:3] if value]
    assert set(states) == {"1"}
    assert len(states) == 2 * 9 + 1 + 2 * 14
    assert all((row + [""] * 4)[3] == "" for row in rows)
