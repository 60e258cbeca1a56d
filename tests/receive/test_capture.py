"""Radio frames of a capture interface as a link, and Remote ID by UDP: told, kept, decoded."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from vigie.decode.decoder import Decoder
from vigie.receive import capture
from vigie.receive.live import LiveLinks
from vigie.sensors.link import LinkAddress, parse_link
from vigie.sensors.site import Site, parse_site
from vigie.terms.batch import FORMAT_REMOTEID, Frames
from vigie.terms.errors import LinkError, LinkTextError
from vigie.wire.remoteid import encode
from vigie.wire.remoteid.layout import L_RADIOTAP

MAC = b"\x02\0\0\0\0\x01"
NOW_NS = 1_790_000_123_400_000_000


def site_with(link: str, more: str = "") -> Site:
    return parse_site(
        f"""
        [centre]
        name = "T"
        lat_deg = 13.0
        lon_deg = 2.0
        [[sensor]]
        id = 4
        name = "drones"
        kind = "remoteid"
        lat_deg = 13.0
        lon_deg = 2.0
        link = "{link}"
        {more}
        """,
        file="t.toml",
    )


def pack() -> bytes:
    one = np.array([13.48])
    where = encode.locations(
        one, one, time_ns=np.array([NOW_NS]), geo_alt_m=one, v_east_mps=one, v_north_mps=one, climb_mps=one
    )
    return encode.pack([encode.basic_id("SERIAL"), where[0].tobytes()])


def drained(links: LiveLinks, n: int) -> Frames:
    rows, data = [], []
    at = 0
    for _ in range(200):
        links.poll(0.02)
        frames = links.drain(2**62)
        if len(frames):
            frames.rows["offset"] += at
            at += len(frames.data)
            rows.append(frames.rows)
            data.append(frames.data)
        if sum(map(len, rows)) >= n:
            return Frames(np.concatenate(rows), np.concatenate(data))
    raise AssertionError(f"{sum(map(len, rows))} frames of {n} came")


@pytest.fixture
def radio(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    there.setblocking(False)
    monkeypatch.setattr(capture, "open_capture", lambda link, receive_octets: (there, L_RADIOTAP))
    yield here
    here.close()


def test_radio_frames_of_an_interface_become_plots(radio: socket.socket) -> None:
    site = site_with("capture://wlan0mon")
    with LiveLinks(site) as links:
        radio.send(encode.wifi_beacon(MAC, pack(), 1, signal_dbm=-50))
        radio.send(b"\0\0\x08\0\0\0\0\0" + bytes(40))
        frames = drained(links, 2)
        (status,) = links.status()
    assert (status.state, status.frames, status.octets) == ("up", 2, int(frames.rows["length"].sum()))
    assert set(frames.rows["format"].tolist()) == {FORMAT_REMOTEID}
    decoder = Decoder(site)
    got = decoder.step(frames)
    assert got.plots["sensor_id"].tolist() == [4]
    assert got.remote_ids["signal_dbm"].tolist() == [-50.0]
    assert decoder.ledger.filtered == {"no_remote_id": 1}


@pytest.mark.parametrize("more", ["", 'format = "remoteid"'])
def test_a_gateway_by_udp_needs_no_format(more: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site = site_with(f"udp://127.0.0.1:{port}", more)
    with LiveLinks(site) as links, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gateway:
        gateway.sendto(pack(), ("127.0.0.1", port))
        gateway.sendto(encode.envelope(L_RADIOTAP, encode.wifi_beacon(MAC, pack(), 1)), ("127.0.0.1", port))
        frames = drained(links, 2)
    got = Decoder(site).step(frames)
    assert got.plots["source_track_no"].tolist() == [1, 2]
    assert got.remote_ids["carrier"].tolist() == [5, 1]


def test_what_cannot_be_read_is_said_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LinkError, match="no interface 'nothere'"):
        capture.open_capture(parse_link("capture://nothere"), receive_octets=1 << 16)
    with pytest.raises(LinkError, match="monitor mode"):
        capture.open_capture(parse_link("capture://lo"), receive_octets=1 << 16)
    monkeypatch.setattr(capture, "_hardware", lambda name: 803)

    def refused(*_: object) -> socket.socket:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(capture.socket, "socket", refused)
    with pytest.raises(LinkError, match="CAP_NET_RAW"):
        capture.open_capture(parse_link("capture://lo"), receive_octets=1 << 16)


def test_the_text_of_a_capture_link(tmp_path: Path) -> None:
    assert parse_link("capture://Wlan0Mon") == LinkAddress(
        "capture", interface="Wlan0Mon", text="capture://Wlan0Mon"
    )  # fmt: skip
    with pytest.raises(LinkTextError, match="names no interface"):
        parse_link("capture://")
