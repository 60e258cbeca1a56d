from __future__ import annotations

import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wire.pcap import build
from vigie.terms.errors import FormatError
from vigie.wire.pcap import CaptureReader

T = 1_777_481_639_689_087_123


def read(octets: bytes, sizes: list[int] | None = None) -> tuple[list[tuple[int, bytes]], CaptureReader]:
    reader = CaptureReader()
    found: list[tuple[int, bytes]] = []
    at = 0
    pieces = []
    for size in sizes or []:
        pieces.append(octets[at : at + size])
        at += size
    pieces.append(octets[at:])
    for piece in pieces:
        for packets in reader.feed(piece):
            found += [(int(packets.rows["rx_ns"][i]), packets.payload(i)) for i in range(len(packets))]
    for packets in reader.close():
        found += [(int(packets.rows["rx_ns"][i]), packets.payload(i)) for i in range(len(packets))]
    return found, reader


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("ns", [False, True])
def test_both_byte_orders_and_both_resolutions(order: str, ns: bool) -> None:
    packets = [(T + i * 10**9, build.ethernet(build.udp4(bytes([48, 0, 3 + i])))) for i in range(3)]
    found, reader = read(build.pcap(packets, order=order, ns=ns))
    step = 1 if ns else 1000
    assert found == [((T + i * 10**9) // step * step, bytes([48, 0, 3 + i])) for i in range(3)]
    assert (reader.kind, reader.packets, reader.filtered) == ("pcap", 3, {})


@pytest.mark.parametrize(
    ("link", "wrap"),
    [
        (1, build.ethernet),
        (1, lambda p: build.ethernet(p, tags=(0x8100,))),
        (1, lambda p: build.ethernet(p, tags=(0x88A8, 0x8100))),
        (113, lambda p: bytes(14) + b"\x08\x00" + p),
        (276, lambda p: b"\x08\x00" + bytes(18) + p),
        (101, lambda p: p),
        (12, lambda p: p),
        (228, lambda p: p),
        (0, lambda p: b"\x02\x00\x00\x00" + p),
        (108, lambda p: b"\x00\x00\x00\x02" + p),
    ],
)
def test_every_link_type_brings_the_same_payload(link: int, wrap) -> None:  # type: ignore[no-untyped-def]
    reader = CaptureReader()
    (packets,) = reader.feed(build.pcap([(T, wrap(build.udp4(b"\x30\x00\x05ab", options=bytes(8))))], link=link))
    row = packets.rows[0]
    assert packets.payload(0) == b"\x30\x00\x05ab"
    assert (row["src_lo"] & 0xFFFFFFFF, row["dst_lo"] & 0xFFFFFFFF) == (0x0A000001, 0xE0010101)
    assert (row["src_port"], row["dst_port"], row["proto"]) == (5000, 4001, 17)


def test_ipv6_with_extension_headers() -> None:
    hop = struct.pack(">BB6x", 60, 0)
    options = struct.pack(">BB14x", 44, 1)
    whole = struct.pack(">BBHI", 17, 0, 0, 9)  # a fragment header of a packet that is not cut
    packet = build.udp6(b"\x15\x00\x03", extensions=hop + options + whole, first=0)
    found, _ = read(build.pcap([(T, build.ethernet(packet, 0x86DD))], ns=True))
    assert found == [(T, b"\x15\x00\x03")]
    found, _ = read(build.pcap([(T, packet)], ns=True, link=229))
    assert found == [(T, b"\x15\x00\x03")]


def test_what_brings_nothing_is_counted_by_reason() -> None:
    good = build.ethernet(build.udp4(b"\x30\x00\x03"))
    fragment6 = build.udp6(b"abc", extensions=struct.pack(">BBHI", 17, 0, 0x0009, 9), first=44)
    packets = [
        good,
        build.ethernet(b"\0\1", 0x0806),
        build.ethernet(build.ip4(b"12345678", 1)),
        build.ethernet(build.udp4(b"abc", flags=0x2000)),
        build.ethernet(build.udp4(b"abc", flags=100)),
        build.ethernet(fragment6, 0x86DD),
        build.ethernet(build.udp4(b"")),
        build.ethernet(build.udp4(b"abc", total=24)),
        build.ethernet(build.tcp4(b"", 5, 0x10)),
        good[:10],
        good,
    ]
    found, reader = read(build.pcap([(T, p) for p in packets]))
    assert len(found) == 2
    assert reader.filtered == {
        "not_udp": 2, "ip_fragment": 3, "empty_datagram": 1, "bad_length": 1, "tcp_control": 1, "cut_packet": 1,
    }  # fmt: skip
    assert reader.packets == len(packets) == len(found) + sum(reader.filtered.values())


def test_a_snap_length_that_cuts_the_payload_is_counted_but_one_that_cuts_padding_is_not() -> None:
    packet = build.ethernet(build.udp4(b"\x30\x00\x03")) + bytes(15)
    assert len(read(build.pcap([(T, packet)], cut=15))[0]) == 1
    found, reader = read(build.pcap([(T, packet)], cut=16))
    assert (found, reader.filtered) == ([], {"cut_packet": 1})


def test_unknown_link_type_is_counted_and_named() -> None:
    found, reader = read(build.pcap([(T, b"x" * 60)] * 4, link=147))
    assert (found, reader.filtered, reader.odd_link_type) == ([], {"unknown_link_type": 4}, 147)


@pytest.mark.parametrize("order", ["<", ">"])
def test_pcapng_interfaces_resolutions_and_block_kinds(order: str) -> None:
    udp = build.udp4(b"\x30\x00\x03")
    seconds, rest = divmod(T, 10**9)
    octets = (
        build.section(order)
        + build.interface(1, order)
        + build.interface(101, order, resolution=9)
        + build.interface(101, order, resolution=0x80 | 32)
        + build.interface(101, order, resolution=3, offset_s=-3600)
        + build.block(5, bytes(20), order)
        + build.enhanced(0, T // 1000, build.ethernet(udp), order)
        + build.enhanced(1, T, udp, order)
        + build.enhanced(2, (seconds << 32) + (rest << 32) // 10**9, udp, order)
        + build.enhanced(3, T // 10**6, udp, order)
        + build.simple(build.ethernet(udp), order)
        + build.obsolete(1, T + 5, udp, order)
        + build.enhanced(9, T, udp, order)
        # another section of the other byte order: its interfaces start again from none
        + build.section("<" if order == ">" else ">")
        + build.interface(101, "<" if order == ">" else ">", resolution=9)
        + build.enhanced(0, T + 7, udp, "<" if order == ">" else ">")
    )
    found, reader = read(octets)
    stamps = [t for t, _ in found]
    assert stamps[0] == T // 1000 * 1000
    assert stamps[1] == T
    assert abs(stamps[2] - T) <= 2
    assert stamps[3] == T // 10**6 * 10**6 - 3600 * 10**9
    assert stamps[4] == stamps[3]
    assert stamps[5:] == [T + 5, T + 7]
    assert reader.filtered == {"unknown_link_type": 1}
    assert reader.packets == 8


def test_a_cut_file_gives_its_good_packets_and_counts_the_last() -> None:
    packets = [(T + i, build.ethernet(build.udp4(b"\x30\x00\x03"))) for i in range(5)]
    for octets in (build.pcap(packets), build.section() + build.interface(1) + b"".join(
        build.enhanced(0, i, p) for i, p in packets)):  # fmt: skip
        found, reader = read(octets[:-7])
        assert len(found) == 4
        assert reader.filtered == {"cut_packet": 1}


def test_a_broken_chain_is_picked_up_again() -> None:
    packets = [(T + i * 10**6, build.ethernet(build.udp4(bytes([48, 0, i])))) for i in range(40)]
    octets = bytearray(build.pcap(packets))
    size = 16 + len(packets[0][1])
    octets[24 + 10 * size + 8 : 24 + 10 * size + 12] = b"\xff\xff\xff\xff"
    found, reader = read(bytes(octets))
    assert len(found) == 39
    assert (reader.filtered, reader.skipped_octets) == ({"cut_packet": 1}, size)
    octets = bytearray(build.section() + build.interface(1) + b"".join(build.enhanced(0, i, p) for i, p in packets))
    place = octets.index(struct.pack("<I", 6), 60 + 10 * 80)
    octets[place + 4 : place + 8] = b"\xff\xff\xff\xff"
    found, reader = read(bytes(octets))
    assert len(found) == 39
    assert reader.filtered == {"cut_packet": 1}


def segments(order: list[int], text: bytes, size: int = 5, seq: int = 0xFFFFFFF0) -> bytes:
    pieces = [(text[i : i + size], seq + 1 + i) for i in range(0, len(text), size)]
    packets = [(T, build.ethernet(build.tcp4(b"", seq, 2)))]
    packets += [(T + n, build.ethernet(build.tcp4(*pieces[i]))) for n, i in enumerate(order, 1)]
    return build.pcap(packets, ns=True)


TEXT = bytes(range(65, 65 + 26)) * 2


def test_tcp_comes_in_order_across_the_wrap_of_the_sequence_number() -> None:
    n = -(-len(TEXT) // 5)
    swapped = [0, 2, 1, 1, 3, *range(5, n), 4]
    found, reader = read(segments(swapped, TEXT))
    assert b"".join(payload for _, payload in found) == TEXT
    assert [t for t, _ in found] == sorted(t for t, _ in found)
    assert reader.gaps == 0
    assert reader.filtered == {"tcp_control": 1, "duplicate": 1}


def test_tcp_gap_is_counted_and_the_stream_goes_on() -> None:
    n = -(-len(TEXT) // 5)
    found, reader = read(segments([i for i in range(n) if i != 3], TEXT))
    assert b"".join(payload for _, payload in found) == TEXT[:15] + TEXT[20:]
    assert (reader.gaps, reader.lost_octets) == (1, 5)


def test_tcp_overlapping_retransmission_gives_only_what_is_new() -> None:
    packets = [build.tcp4(b"abcdef", 100), build.tcp4(b"efghij", 104), build.tcp4(b"abc", 100)]
    found, reader = read(build.pcap([(T, build.ethernet(p)) for p in packets]))
    assert [payload for _, payload in found] == [b"abcdef", b"ghij"]
    assert reader.filtered == {"duplicate": 1}


@pytest.mark.parametrize("octets", [b"", b"\xd4\xc3\xb2\xa1", b"hello world, this is not a capture at all"])
def test_another_kind_of_file_is_a_sentence(octets: bytes) -> None:
    with pytest.raises(FormatError, match=r"capture|head"):
        read(octets)


def mixed() -> bytes:
    rng = random.Random(7)
    packets = []
    for i in range(60):
        payload = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 40)))
        packets.append((T + i * 1000, build.ethernet(build.udp4(payload) if i % 3 else build.tcp4(payload, 40 * i))))
    return build.pcap(packets, ns=True)


MIXED = mixed()
WHOLE = read(MIXED)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 400), max_size=30))
def test_the_result_does_not_depend_on_how_the_file_is_cut(sizes: list[int]) -> None:
    found, reader = read(MIXED, sizes)
    assert found == WHOLE[0]
    assert (reader.packets, reader.filtered, reader.gaps) == (
        WHOLE[1].packets, WHOLE[1].filtered, WHOLE[1].gaps,
    )  # fmt: skip


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.binary(max_size=300), st.sampled_from(["pcap", "pcapng"]), st.lists(st.integers(1, 60), max_size=6))
def test_garbage_never_raises_and_is_never_lost_silently(garbage: bytes, kind: str, sizes: list[int]) -> None:
    head = build.pcap([]) if kind == "pcap" else build.section() + build.interface(1)
    found, reader = read(head + garbage + bytes(8), sizes)
    assert reader.packets == len(found) + sum(reader.filtered.values())
    assert reader.packets >= 1


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, len(MIXED) - 1), st.integers(0, 255), st.lists(st.integers(1, 900), max_size=4))
def test_a_flipped_octet_costs_little_and_does_not_depend_on_the_cut(at: int, value: int, sizes: list[int]) -> None:
    octets = bytearray(MIXED)
    octets[at] = value
    if at < 24:
        return
    found, reader = read(bytes(octets))
    again, other = read(bytes(octets), sizes)
    assert found == again
    assert reader.filtered == other.filtered
    assert len(found) >= 10  # a wrong length may swallow some of so small a file, never the rest
