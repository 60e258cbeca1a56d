from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wire.pcap import build
from vigie.receive.files import open_input
from vigie.receive.sniff import sniff

T = 1_777_481_639_000_000_000


def test_a_real_radar_is_told_without_decoding(shared: Path) -> None:
    (facts,) = sniff(open_input(shared / "data/asterix/ar_saenzpena_20260429_part1_cat034_048.pcap", link=4))
    assert (facts.link, facts.frames) == (4, 11_371)
    assert facts.categories == {34: 9_341, 48: 2_030}
    assert set(facts.identities) == {(34, 226, 232), (48, 226, 232)}
    assert facts.sources == {"10.169.230.110": 11_371}
    assert facts.trailer_bytes == 0


def test_the_cordoba_trailer_is_found(shared: Path) -> None:
    (facts,) = sniff(open_input(shared / "data/asterix/ar_cordoba_20260601_first600_trailer8.pcap"))
    assert facts.trailer_bytes == 8
    assert facts.categories == {34: 453, 48: 147}  # blocks; 14 of them hold two records


def test_a_look_of_some_seconds(shared: Path) -> None:
    (facts,) = sniff(open_input(shared / "data/asterix/ar_saenzpena_20260429_part1_cat034_048.pcap"), seconds=10)
    assert 0 < facts.last_ns - facts.first_ns <= 10 * 10**9
    assert 20 < facts.frames < 200


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6))
def test_any_payload_can_be_looked_at(tmp_path_factory, payloads: list[bytes]) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path_factory.getbasetemp() / "any.pcap"
    path.write_bytes(build.pcap([(T, build.ethernet(build.udp4(p))) for p in payloads]))
    found = sniff(open_input(path, format="asterix"))
    assert sum(f.frames for f in found) == len(payloads)
