"""Alerts as category 004: what the watch raises, what a neighbour reads, what tshark makes of it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.watch.world import START, Sky, square, track
from vigie.app.alerts_out import KINDS, AlertsOut, Sender, sender_of
from vigie.sensors.site import parse_site
from vigie.terms.tables import ALERT
from vigie.terms.utc import DAY_NS
from vigie.watch.rules import RULES
from vigie.watch.watch import Ground
from vigie.wire.asterix import spec
from vigie.wire.asterix.items import Node, read_record
from vigie.wire.asterix.messages import ALERT_TYPES, SafetyAlert, read_alert
from vigie.wire.pcap import Datagram, pcap_head, udp_record

SITE = """
[centre]
name = "T"
lat_deg = 13.5
lon_deg = 2.5
[alerts]
send_to = ["udp://127.0.0.1:{port}"]
sac = 226
sic = 7
{more}
"""


def out(port: int = 4999, more: str = "") -> AlertsOut:
    return AlertsOut(parse_site(SITE.format(port=port, more=more), file="t.toml"))


def flown() -> Sky:
    sky = Sky(Ground(volumes=(square("R", name="Niamey R1"),)))
    sky.tracks = [track(1, 13.5, 2.1, kt=400, callsign="AAA"), track(2, 13.5, 2.7, to_deg=270, kt=400, callsign="BBB"),
                  track(3, 14.3, 2.5, code=0o7700)]  # fmt: skip
    sky.fly(60)
    sky.tracks = sky.tracks[2:]
    sky.fly(60)
    return sky


def records(block: bytes) -> list[Node]:
    assert block[0] == 4
    assert int.from_bytes(block[1:3], "big") == len(block)
    found, at = [], 3
    while at < len(block):
        tree, size, fault = read_record(block[at:], spec.edition(4, None))
        assert fault is None
        found.append(tree)
        at += size
    return found


def told(sky: Sky, sender: AlertsOut) -> tuple[list[bytes], list[SafetyAlert]]:
    blocks = sender.blocks(np.array(sky.rows, ALERT.dtype))
    return blocks, [read_alert(r, day_ns=START // DAY_NS * DAY_NS) for block in blocks for r in records(block)]


def test_each_alert_is_told_when_it_begins_and_when_it_ends() -> None:
    sky, sender = flown(), out()
    blocks, read = told(sky, sender)
    begun = {(a.kind, a.track_1, a.track_2) for a in read if a.kind != "end"}
    assert begun == {("stca", 1, 2), ("apw", 1, 0), ("apw", 2, 0)}
    ended = {a.alert_no for a in read if a.kind == "end"}
    assert ended == {a.alert_no for a in read if a.kind != "end"}
    assert {a.area for a in read if a.kind == "apw"} == {"SQ"}
    assert all(abs(a.time_ns - START) < 120e9 for a in read)
    assert all(13 < a.lat_deg < 14.5 for a in read if a.kind == "stca")
    assert sender.sent == len(read)
    assert all(block[0] == 4 for block in blocks)
    assert not sender.blocks(np.array(sky.rows[-1:], ALERT.dtype))  # an end is told once


def test_only_the_rules_asked_for_are_sent() -> None:
    _, read = told(flown(), out(more='send_rules = ["stca", "emergency"]'))
    assert {a.kind for a in read} == {"stca", "end"}


def test_every_rule_named_here_exists_and_has_a_type() -> None:
    assert KINDS.keys() <= {r.name for r in RULES}
    assert set(KINDS.values()) <= ALERT_TYPES.keys()


def test_datagrams_arrive_and_a_dead_link_is_counted() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        door.settimeout(5.0)
        site = parse_site(SITE.format(port=door.getsockname()[1], more=""), file="t.toml")
        sender = sender_of(site)
        assert sender is not None
        blocks, _ = told(flown(), AlertsOut(site))
        sender.send(blocks)
        assert [door.recv(65_536) for _ in blocks] == blocks
        sender.close()
    lost = Sender(["udp://255.255.255.255:9"])  # broadcast was not asked for: the system refuses it
    lost.send([b"\x04\x00\x03"])
    lost.close()
    assert lost.failed == 1
    assert sender_of(parse_site(SITE.split("[alerts]", maxsplit=1)[0], file="t.toml")) is None


def test_tshark_reads_them(tmp_path: Path) -> None:
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("tshark is not installed: the blocks are not judged by it")
    sky = flown()
    for row in sky.rows:  # tshark 4.0 takes two octets more for I004/170/CPW than the document and libasterix do
        row["lat_deg"] = row["lon_deg"] = np.nan
    blocks, read = told(sky, out())
    file = tmp_path / "alerts.pcap"
    with file.open("wb") as capture:
        capture.write(pcap_head())
        for n, block in enumerate(blocks):
            capture.write(
                udp_record(Datagram(rx_ns=START + n, src=("10.0.0.1", 8600), dst=("10.0.0.2", 8600), payload=block))
            )
    command = [tshark, "-r", str(file), "-d", "udp.port==8600,asterix", "-T", "json"]
    seen = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    frames = json.loads(seen)
    assert len(frames) == len(blocks)
    assert "malformed" not in seen.lower()
    assert seen.count('"asterix.category": "4"') == len(blocks)
    assert seen.count("asterix.004_000") >= len(read)
