from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vigie.receive.live import LinkStatus, LiveLimits, LiveLinks
from vigie.receive.sockets import kernel_drops, proc_drops
from vigie.sensors.link import parse_link
from vigie.sensors.site import Sensor, Site, make_site
from vigie.terms.errors import LinkError
from vigie.wire.pcap import Datagram, write_pcap

BLOCK = b"\x30\x00\x06abc"
BEAST = b"\x1a3" + bytes(21)
PATIENCE_S = 20.0


def site(*links: str, **fields: object) -> Site:
    sensors = tuple(
        Sensor(id=i, name=f"s{i}", kind="radar", lat_deg=0, lon_deg=0, link=parse_link(text), **fields)  # type: ignore[arg-type]
        for i, text in enumerate(links, 1)
    )
    return make_site(name="test", lat_deg=0, lon_deg=0, sensors=sensors)


def free_port(kind: int = socket.SOCK_DGRAM, host: str = "127.0.0.1") -> int:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as sock:
        sock.bind((host, 0))
        return int(sock.getsockname()[1])


def until(links: LiveLinks, done: Callable[[list[LinkStatus]], bool]) -> list[LinkStatus]:
    """Wait, by the links' own waiting, until what is expected is so."""
    end_s = time.monotonic() + PATIENCE_S
    while not done(links.status()):
        assert time.monotonic() < end_s, links.status()
        links.poll(0.01)
    return links.status()


@pytest.fixture
def sender() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        yield sock


def test_datagrams_become_frames_with_their_source_in_order(sender: socket.socket) -> None:
    ports = [free_port(), free_port()]
    start_ns = time.time_ns()
    with LiveLinks(site(*(f"udp://127.0.0.1:{port}" for port in ports))) as links:
        for i in range(20):
            sender.sendto(BLOCK + bytes([i]), ("127.0.0.1", ports[i % 2]))
        until(links, lambda s: s[0].frames + s[1].frames == 20)
        frames = links.drain(time.time_ns())
        assert sorted(frames.payload(i)[-1] for i in range(20)) == list(range(20))
        rows = frames.rows
        assert rows[["rx_ns", "link"]].tolist() == sorted(rows[["rx_ns", "link"]].tolist())
        assert set(rows["link"].tolist()) == {1, 2}
        assert set(rows["format"].tolist()) == {1}
        assert set(rows["src_addr"].tolist()) == {0x7F000001}
        assert set(rows["src_port"].tolist()) == {sender.getsockname()[1]}
        assert start_ns <= rows["rx_ns"].min() <= rows["rx_ns"].max() <= time.time_ns()
        assert [e.kind for e in links.events()] == ["link_up", "link_up"]
        assert len(links.drain(time.time_ns())) == 0


def test_oradis_packets_are_unwrapped(sender: socket.socket) -> None:
    port = free_port()
    unit = (6 + len(BLOCK)).to_bytes(2, "big") + b"\x02\xbb\x40\x35" + BLOCK
    with LiveLinks(site(f"udp://127.0.0.1:{port}")) as links:
        for payload in (unit * 3, BLOCK, unit):
            sender.sendto(payload, ("127.0.0.1", port))
        until(links, lambda s: s[0].frames == 3)
        frames = links.drain(time.time_ns())
        assert [frames.payload(i) for i in range(len(frames))] == [BLOCK] * 5


def test_nothing_drained_later_is_stamped_in_a_tick_that_was_given_out(sender: socket.socket) -> None:
    port = free_port()
    with LiveLinks(site(f"udp://127.0.0.1:{port}")) as links:
        ahead_ns = time.time_ns() + 3_600 * 10**9
        assert len(links.drain(ahead_ns)) == 0
        sender.sendto(BLOCK, ("127.0.0.1", port))
        until(links, lambda s: s[0].frames == 1)
        assert len(links.drain(ahead_ns)) == 0
        assert links.drain(ahead_ns + 1).rows["rx_ns"].tolist() == [ahead_ns + 1]


def test_what_is_sent_is_received_or_counted_as_lost_exactly(sender: socket.socket) -> None:
    port = free_port()
    n = 30_000
    with LiveLinks(site(f"udp://127.0.0.1:{port}"), limits=LiveLimits(receive_octets=4096)) as links:
        for _ in range(n):
            sender.sendto(BLOCK, ("127.0.0.1", port))
        (status,) = until(links, lambda s: s[0].frames + s[0].kernel_drops >= n)
        links.poll(0.05)
        (status,) = links.status()
        assert status.frames + status.kernel_drops == n
        assert status.kernel_drops > 0, "the buffer was to be too small"
        assert len(links.drain(time.time_ns())) == status.frames
        until(links, lambda s: any(e.kind == "kernel_drops" and e.value > 0 for e in links.events()))


def test_both_counts_of_the_kernel_agree(sender: socket.socket) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        sock.bind(("127.0.0.1", 0))
        for _ in range(500):
            sender.sendto(bytes(200), sock.getsockname())
        assert kernel_drops(sock) == proc_drops(sock) > 400


def test_a_full_buffer_drops_and_counts(sender: socket.socket) -> None:
    port = free_port()
    with LiveLinks(site(f"udp://127.0.0.1:{port}"), limits=LiveLimits(buffer_frames=10)) as links:
        for _ in range(25):
            sender.sendto(BLOCK, ("127.0.0.1", port))
        (status,) = until(links, lambda s: s[0].frames + s[0].shed == 25)
        assert (status.frames, status.shed) == (10, 15)
        assert len(links.drain(time.time_ns())) == 10
        told: list[int] = []  # in one event or several, as the reading thread and the clock had it

        def all_told(_: list[LinkStatus]) -> bool:
            told.extend(e.value for e in links.events() if e.kind == "buffer_shed")
            return sum(told) >= 15

        until(links, all_told)
        assert sum(told) == 15
        sender.sendto(BLOCK, ("127.0.0.1", port))
        until(links, lambda s: s[0].frames == 11)


def test_a_source_that_is_not_named_is_refused_and_told(sender: socket.socket) -> None:
    port = free_port()
    here = f"udp://127.0.0.1:{port}"
    with LiveLinks(site(here, allow_from=("127.0.0.2", "10.0.0.0/8"))) as links:
        sender.sendto(BLOCK, ("127.0.0.1", port))
        sender.sendto(b"", ("127.0.0.1", port))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as friend:
            friend.bind(("127.0.0.2", 0))
            friend.sendto(BLOCK, ("127.0.0.1", port))
            friend.sendto(b"", ("127.0.0.1", port))
        (status,) = until(links, lambda s: s[0].frames + s[0].refused + s[0].empty == 4)
        assert (status.frames, status.refused, status.empty) == (1, 2, 1)
        until(links, lambda s: any(e.kind == "source_refused" for e in links.events()))
    with pytest.raises(LinkError, match="allow_from"):
        LiveLinks(site(here, allow_from=("the tower",)))


def test_multicast_is_joined_and_joined_again_when_silent(sender: socket.socket) -> None:
    port = free_port()
    limits = LiveLimits(rejoin_s=0.1)
    with LiveLinks(site(f"udp://239.255.77.1:{port}?interface=lo"), limits=limits) as links:
        until(links, lambda s: any(e.kind == "rejoin" for e in links.events()))
        sender.sendto(BLOCK, ("239.255.77.1", port))
        sender.sendto(BLOCK, ("239.255.77.2", port))
        until(links, lambda s: s[0].frames == 1)


def test_a_group_of_ipv6_is_joined_and_its_port_is_heard() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        port = free_port(host="::1")
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with (
        LiveLinks(site(f"udp://[ff01::77]:{port}?interface=lo")) as links,
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock,
    ):
        # The loopback interface carries no IPv6 multicast on many machines: joining must work, hearing is tried by
        # a datagram to the port itself.
        sock.sendto(BLOCK, ("::1", port))
        until(links, lambda s: s[0].frames == 1)
        assert links.drain(time.time_ns()).rows["src_addr"].tolist() == [0]


def test_a_tcp_client_comes_back_after_the_peer_has_gone() -> None:
    port = free_port(socket.SOCK_STREAM)
    limits = LiveLimits(retry_first_s=0.05, retry_most_s=0.1)
    with LiveLinks(site(f"tcp://127.0.0.1:{port}"), limits=limits) as links:
        until(links, lambda s: s[0].state == "down")
        for _ in range(2):
            with socket.create_server(("127.0.0.1", port)) as server:
                peer, _ = server.accept()
                until(links, lambda s: s[0].state == "up" and s[0].peers == (f"127.0.0.1:{port}",))
                before = links.status()[0].frames
                peer.sendall(BEAST * 3 + BEAST[:9])
                until(links, lambda s, n=before: s[0].frames > n)  # type: ignore[misc]
                peer.close()
                until(links, lambda s: s[0].state != "up")
        frames = links.drain(time.time_ns())
        octets = b"".join(frames.payload(i) for i in range(len(frames)))
        assert octets == (BEAST * 3 + BEAST[:9]) * 2
        assert set(frames.rows["format"].tolist()) == {2}
        kinds = [e.kind for e in links.events()]
        assert kinds.count("link_up") >= 2
        assert kinds.count("link_down") >= 3


def test_a_silent_peer_is_given_up_and_called_again() -> None:
    limits = LiveLimits(retry_first_s=0.05, silence_s=0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        with LiveLinks(site(f"tcp://127.0.0.1:{server.getsockname()[1]}"), limits=limits) as links:
            peers = [server.accept()[0], server.accept()[0]]
            told = [e.text for e in links.events()]
            assert any("silent for" in text for text in told)
        for peer in peers:
            peer.close()


def test_several_callers_do_not_mix_their_halves() -> None:
    port = free_port(socket.SOCK_STREAM)
    with LiveLinks(site(f"tcp-listen://127.0.0.1:{port}", format="beast")) as links:
        callers = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
        until(links, lambda s: len(s[0].peers) == 2)
        for half in (BEAST[:10], BEAST[10:] + BEAST[:5]):
            for caller in callers:
                caller.sendall(half)
            links.poll(0.02)
        until(links, lambda s: s[0].octets == 2 * len(BEAST))
        frames = links.drain(time.time_ns())
        assert [frames.payload(i) for i in range(len(frames))] == [BEAST] * 2
        for caller in callers:
            caller.close()
        until(links, lambda s: s[0].state == "listening" and not s[0].peers)
        frames = links.drain(time.time_ns())
        assert [frames.payload(i) for i in range(len(frames))] == [BEAST[:5]] * 2


def test_a_file_is_played_as_a_link(tmp_path: Path) -> None:
    path = tmp_path / "radar.pcap"
    rows = [
        Datagram(rx_ns=10**18 + i * 10**8, src=("10.0.0.1", 5), dst=("10.0.0.2", 6), payload=BLOCK) for i in range(3)
    ]
    path.write_bytes(b"".join(write_pcap(rows)))
    with LiveLinks(site(f"file:{path}")) as links:
        until(links, lambda s: s[0].state == "ended")
        frames = links.drain(time.time_ns())
        assert [frames.payload(i) for i in range(len(frames))] == [BLOCK] * 3
        stamps = frames.rows["rx_ns"].tolist()
        assert stamps[2] - stamps[0] >= 1.5 * 10**8


def test_a_step_of_the_clock_is_told() -> None:
    step = [0]
    with LiveLinks(site(), clock_ns=lambda: time.time_ns() + step[0]) as links:
        links.poll(0.3)
        step[0] = 30 * 10**9
        found = []
        until(links, lambda s: bool(found.extend(e for e in links.events() if e.kind == "clock_step") or found))
        assert abs(found[0].value - 30 * 10**9) < 10**8


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("udp://203.0.113.9:4001", "no address of this machine"),
        ("tcp-listen://203.0.113.9:4001", "no address of this machine"),
        ("udp://239.1.1.1:4001?interface=nowhere0", "no interface 'nowhere0'"),
        ("nats://127.0.0.1:4222", "cannot be received"),
        ("file:/absent/radar.pcap", "cannot be read"),
    ],
)
def test_a_link_that_cannot_work_names_link_reason_and_remedy(link: str, words: str) -> None:
    with pytest.raises(LinkError, match=words) as error:
        LiveLinks(site(link))
    assert link in str(error.value)


def test_a_port_in_use_is_named(sender: socket.socket) -> None:
    port = sender.getsockname()[1]
    with pytest.raises(LinkError, match=f"port {port} is in use; stop the other program"):
        LiveLinks(site(f"udp://127.0.0.1:{free_port()}", f"udp://127.0.0.1:{port}"))
