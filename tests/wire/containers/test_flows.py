from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.terms.batch import FORMAT_ASTERIX, FORMAT_AVR, FORMAT_BEAST, FORMAT_SBS
from vigie.wire.containers.cut import StreamCutter
from vigie.wire.containers.flows import Flows
from vigie.wire.pcap import CaptureReader, Datagram, TcpConversation, pcap_head, udp_record

T = 10**18
BLOCK = b"\x30\x00\x06abc"
SBS = b"MSG,3,1,1,4840D6,1,2024/01/01,12:00:00.000,2024/01/01,12:00:00.000,,37000,,,52.2,3.9,,,,,,0\r\n"
AVR = b"*8D4840D6202CC371C32CE0576098;\n"


def beast(n: int, seed: int = 1) -> bytes:
    rng = random.Random(seed)
    out = b""
    for _ in range(n):
        body = bytes(rng.choice((0x1A, rng.randrange(256))) for _ in range(21))
        out += b"\x1a3" + body.replace(b"\x1a", b"\x1a\x1a")
    return out


def run(records: list[bytes], forced: int = 0) -> tuple[list[tuple[int, bytes]], Flows]:
    reader, flows = CaptureReader(), Flows(link=7, forced=forced)
    found = []
    for packets in [*reader.feed(pcap_head() + b"".join(records)), *reader.close()]:
        frames = flows.frames(packets)
        assert set(frames.rows["link"].tolist()) <= {7}
        found += [(int(frames.rows["format"][i]), frames.payload(i)) for i in range(len(frames))]
    rest = flows.close()
    found += [(int(rest.rows["format"][i]), rest.payload(i)) for i in range(len(rest))]
    return found, flows


def udp(payload: bytes, port: int = 4001, host: str = "239.1.1.1") -> bytes:
    return udp_record(Datagram(rx_ns=T, src=("10.0.0.1", 5), dst=(host, port), payload=payload))


def test_each_flow_is_told_by_its_content() -> None:
    found, flows = run([udp(BLOCK), udp(beast(2), 1), udp(AVR, 2), udp(SBS, 3), udp(BLOCK + BLOCK), udp(b"?" * 20, 53)])
    assert [form for form, _ in found] == [FORMAT_ASTERIX, FORMAT_BEAST, FORMAT_AVR, FORMAT_SBS, FORMAT_ASTERIX]
    assert flows.unknown_payload == 1
    assert {f.endpoint: (f.format, f.packets, f.strange) for f in flows.flows} == {
        "239.1.1.1:4001": (1, 2, 0), "239.1.1.1:1": (2, 1, 0), "239.1.1.1:2": (3, 1, 0), "239.1.1.1:3": (4, 1, 0),
        "239.1.1.1:53": (0, 1, 1),
    }  # fmt: skip


def test_mutilated_asterix_is_not_overlooked() -> None:
    cut = b"\x30\x04\x0f" + bytes(1019)  # says 1,039 octets, 1,022 are there
    tail = bytes.fromhex("f00004800101")
    assert [p for _, p in run([udp(cut), udp(tail)])[0]] == [cut, tail]
    strange = b"\x00\x01\x02"
    assert [p for _, p in run([udp(BLOCK), udp(strange)])[0]] == [BLOCK, strange]


def test_the_caller_may_insist() -> None:
    assert run([udp(b"?" * 20)], forced=FORMAT_SBS)[0] == [(FORMAT_SBS, b"?" * 20)]


def test_a_payload_trailer_does_not_hide_asterix() -> None:
    assert run([udp(BLOCK + bytes(range(8)))])[0] == [(FORMAT_ASTERIX, BLOCK + bytes(range(8)))]


def test_oradis_packets_are_unwrapped() -> None:
    unit = (6 + len(BLOCK)).to_bytes(2, "big") + b"\x02\xbb\x40\x35" + BLOCK
    assert run([udp(unit * 3)])[0] == [(FORMAT_ASTERIX, BLOCK)] * 3


def test_streams_are_cut_at_whole_messages_and_two_do_not_mix() -> None:
    text = beast(40)
    one = TcpConversation(("10.0.0.9", 1111), ("10.0.0.3", 30005))
    two = TcpConversation(("10.0.0.9", 2222), ("10.0.0.4", 30005))
    records = []
    for i in range(0, len(text), 100):
        records += [one.send(T + i, text[i : i + 100]), udp(BLOCK), two.send(T + i, text[i : i + 100])]
    found, flows = run(records)
    streams = [p for form, p in found if form == FORMAT_BEAST]
    assert b"".join(sorted(streams)) == b"".join(sorted([*streams[::2], *streams[1::2]]))
    assert b"".join(streams[::2]) == text
    assert b"".join(streams[1::2]) == text
    cutter = StreamCutter(FORMAT_BEAST)
    assert all(cutter.feed(piece) == piece for piece in streams)
    assert len([p for form, p in found if form == FORMAT_ASTERIX]) == len(records) // 3
    assert {f.endpoint for f in flows.flows} == {"239.1.1.1:4001", "tcp 10.0.0.3:30005", "tcp 10.0.0.4:30005"}


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.binary(max_size=120), st.sampled_from([0, 1, 2, 3, 4]), st.lists(st.integers(1, 40), max_size=8))
def test_a_cut_stream_is_the_stream(octets: bytes, form: int, sizes: list[int]) -> None:
    cutter = StreamCutter(form)
    out, at = b"", 0
    for size in sizes:
        out += cutter.feed(octets[at : at + size])
        at += size
    assert out + cutter.feed(octets[at:]) + cutter.close() == octets


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6))
def test_any_payload_becomes_a_frame_or_is_counted(payloads: list[bytes]) -> None:
    found, flows = run([udp(p) for p in payloads])
    assert sum(f.packets for f in flows.flows) == len(payloads)
    assert len(found) >= len(payloads) - flows.unknown_payload
    assert sum(f.strange for f in flows.flows) == flows.unknown_payload
