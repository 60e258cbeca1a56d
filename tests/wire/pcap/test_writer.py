from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.terms.errors import WireError
from vigie.wire.pcap import CaptureReader, Datagram, TcpConversation, pcap_head, udp_record, write_pcap

T = 1_777_481_639_689_087_123
V4 = st.integers(1, 2**32 - 2).map(lambda n: ".".join(str(n >> s & 255) for s in (24, 16, 8, 0)))
PORT = st.integers(0, 65535)


def datagrams_at(times: st.SearchStrategy[int]) -> st.SearchStrategy[Datagram]:
    return st.builds(
        lambda t, a, p, b, q, payload: Datagram(rx_ns=t, src=(a, p), dst=(b, q), payload=payload),
        times, V4, PORT, V4, PORT, st.binary(min_size=1, max_size=200),
    )  # fmt: skip


DATAGRAM = datagrams_at(st.integers(0, 2**32 * 10**9 - 1))
# Records a day or more apart need another one behind them that agrees: a chain that leaps from year to year is none.
OF_A_DAY = datagrams_at(st.integers(T, T + 86_399 * 10**9))


def sum16(octets: bytes) -> int:
    """The Internet checksum as RFC 1071 writes it: 0 when a packet with its checksum is right."""
    total = sum(int.from_bytes(octets[i : i + 2].ljust(2, b"\0"), "big") for i in range(0, len(octets), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF - total


def read_back(datagrams: list[Datagram]) -> None:
    reader = CaptureReader()
    found = []
    for packets in (*reader.feed(b"".join(write_pcap(datagrams))), *reader.close()):
        for i, row in enumerate(packets.rows):
            address = ".".join(str(int(row["src_lo"]) >> s & 255) for s in (24, 16, 8, 0))
            found.append((row["rx_ns"], address, row["src_port"], row["dst_port"], packets.payload(i)))
    assert found == [(d.rx_ns, d.src[0], d.src[1], d.dst[1], d.payload) for d in datagrams]
    assert reader.filtered == {}


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(OF_A_DAY, max_size=8))
def test_what_is_written_is_read_back(datagrams: list[Datagram]) -> None:
    read_back(datagrams)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(OF_A_DAY, min_size=1, max_size=4), DATAGRAM)
def test_a_last_datagram_years_away_is_read_back_at_the_end(datagrams: list[Datagram], last: Datagram) -> None:
    read_back([*datagrams, last])


@settings(max_examples=50, deadline=None, derandomize=True)
@given(DATAGRAM)
def test_a_datagram_of_any_time_is_read_back(datagram: Datagram) -> None:
    read_back([datagram])


@settings(max_examples=50, deadline=None, derandomize=True)
@given(DATAGRAM)
def test_checksums_are_right(datagram: Datagram) -> None:
    packet = udp_record(datagram)[16:][14:]
    assert sum16(packet[:20]) == 0
    segment = packet[20:]
    assert sum16(packet[12:20] + b"\0\x11" + len(segment).to_bytes(2, "big") + segment) == 0


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(st.binary(min_size=1, max_size=4000), min_size=1, max_size=5), st.integers(0, 2**32 - 1))
def test_a_conversation_is_read_back_in_order(texts: list[bytes], seq: int) -> None:
    talk = TcpConversation(("192.0.2.1", 40000), ("192.0.2.2", 30005), server_seq=seq)
    octets = pcap_head() + b"".join(talk.send(T + i, text) for i, text in enumerate(texts)) + talk.close(T + 99)
    reader = CaptureReader()
    found = b""
    for packets in reader.feed(octets):
        found += b"".join(packets.payload(i) for i in range(len(packets)))
        assert set(packets.rows["src_port"].tolist()) == {30005}
    assert found == b"".join(texts)
    assert (reader.gaps, set(reader.filtered)) == (0, {"tcp_control"})


def test_multicast_has_its_own_hardware_address() -> None:
    four = udp_record(Datagram(rx_ns=T, src=("10.0.0.1", 1), dst=("239.129.2.3", 2), payload=b"x"))[16:]
    assert four[:6] == bytes.fromhex("01005e010203")
    six = udp_record(Datagram(rx_ns=T, src=("fe80::1", 1), dst=("ff02::1:2", 2), payload=b"x"))[16:]
    assert six[:6] == bytes.fromhex("333300010002")


@pytest.mark.parametrize(
    ("datagram", "word"),
    [
        (Datagram(rx_ns=-1, src=("10.0.0.1", 1), dst=("10.0.0.2", 2), payload=b""), "1970"),
        (Datagram(rx_ns=0, src=("10.0.0.1", 1), dst=("fe80::1", 2), payload=b""), "versions"),
        (Datagram(rx_ns=0, src=("radar", 1), dst=("10.0.0.2", 2), payload=b""), "radar"),
        (Datagram(rx_ns=0, src=("10.0.0.1", 1), dst=("10.0.0.2", 2), payload=bytes(65_508)), "65507"),
        (Datagram(rx_ns=0, src=("10.0.0.1", 70_000), dst=("10.0.0.2", 2), payload=b""), "70000"),
    ],
)
def test_what_cannot_be_written_is_a_sentence(datagram: Datagram, word: str) -> None:
    with pytest.raises(WireError, match=word):
        udp_record(datagram)
