from __future__ import annotations

import gzip
import resource
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wire.pcap import build
from vigie.receive.files import ExpandLimits, merge_inputs, open_input, ticks
from vigie.terms.batch import FORMAT_REMOTEID
from vigie.terms.errors import FormatError, UsageError
from vigie.terms.utc import DAY_NS
from vigie.wire.pcap import Datagram, write_pcap

T = 1_777_481_639_000_000_000
BLOCK = b"\x30\x00\x06abc"

CASES = {
    "asterix/ar_saenzpena_20260429_part1_cat034_048.pcap": ("pcap", 11_371, 11_371, 1777481639689087000),
    "asterix/ar_fds_20260429_part1_cat062.pcap": ("pcap", 5_750, 5_750, 1777482065376435000),
    "asterix/ar_sanluis_20260303_cat034_048.pcap": ("pcap", 7_576, 7_576, 1772554977937488000),
    "asterix/ar_cordoba_20260601_first600_trailer8.pcap": ("pcap", 600, 600, 1780323180699804000),
    "asterix/hr_cat062_20080515.pcap": ("pcap", 100, 100, 1210855665763759000),
    "asterix/hr_cat_001_002.pcap": ("pcap", 1, 6, 1393332226414938000),
    "asterix/hr_cat_062_065.pcap": ("pcap", 1, 1, 1393332227401501000),
    "asterix/hr_parsegps.gps": ("gps", 15, 15, 2_179_687_500),
    "asterix/lebl_20160510_2200-2300_smr.ast": ("asterix", 42_557, 42_557, 79_201_695_312_500),
    "asterix/lebl_20160510_2200-2300_mlat.ast": ("asterix", 51_292, 51_292, 79_201_835_937_500),
    "asterix/lebl_20160510_2200-2300_adsb_v023.ast": ("asterix", 46_018, 46_018, 79_201_695_312_500),
    "asterix/lebl_adsb_cat021v2_cat023_part1.ast": ("asterix", 3_811, 3_811, 35_814_429_687_500),
    "asterix/cat034.raw": ("asterix", 1, 1, 29_906_335_937_500),
    "asterix/cat062cat065.raw": ("asterix", 2, 2, 30_911_664_062_500),
}


@pytest.mark.parametrize("name", CASES)
def test_real_files_give_the_counts_of_their_readme(shared: Path, name: str) -> None:
    kind, packets, frames, first_ns = CASES[name]
    found = open_input(shared / "data" / name)
    assert (found.kind, found.first_ns) == (kind, first_ns)
    assert sum(len(f) for f in found) == frames == found.frames
    assert (found.packets, found.filtered) == (packets, {})


@pytest.mark.parametrize(
    ("name", "packets"),
    [("odid_wifi_nan_sample.pcap", 63), ("odid_bt5_lr_sample.pcapng", 274), ("rid_mavic_multiple_spoofed.pcapng", 239),
     ("rid_parrot_anafi4_spoofed.pcapng", 1_606)],
)  # fmt: skip
def test_radio_captures_are_frames_of_remote_id(shared: Path, name: str, packets: int) -> None:
    found = open_input(shared / "data/drones" / name)
    frames = list(found)
    assert sum(len(f) for f in frames) == found.packets == packets
    assert {int(f) for chunk in frames for f in chunk.rows["format"]} == {FORMAT_REMOTEID}
    assert found.filtered == {}
    assert all(frames[0].payload(i)[:2] == b"RF" for i in range(len(frames[0])))


def test_oradis_and_recorder_hold_the_blocks_that_the_reference_printed(shared: Path) -> None:
    (frames,) = open_input(shared / "data/asterix/hr_cat_001_002.pcap")
    assert [frames.payload(i)[0] for i in range(len(frames))] == [1, 1, 2, 1, 1, 1]
    assert all(int.from_bytes(frames.payload(i)[1:3], "big") == frames.rows["length"][i] for i in range(len(frames)))
    (frames,) = open_input(shared / "data/asterix/hr_parsegps.gps")
    assert sorted(frames.payload(i)[0] for i in range(15)) == [34] * 3 + [48] * 12
    assert (frames.rows["rx_ns"][:2] / 1e9).tolist() == [2.1796875, 2.6796875]


def test_raw_files_are_dated_by_their_own_times(shared: Path) -> None:
    day_ns = 16_931 * DAY_NS
    found = open_input(shared / "data/asterix/lebl_20160510_2200-2300_mlat.ast", day_ns=day_ns)
    assert not found.has_clock
    rx_ns = np.concatenate([f.rows["rx_ns"] for f in found]) - day_ns
    assert (np.diff(rx_ns) >= 0).all()
    assert (rx_ns[0] / 1e9, rx_ns[-1] / 1e9) == pytest.approx((79_201.836, 82_799.98), abs=0.01)


def test_mode_s_files_lose_no_octet(shared: Path) -> None:
    for name in ("dump1090_modes1.avr.txt", "sbs_from_modes1_and_pymodes.txt"):
        path = shared / "data/modes" / name
        whole = b"".join(f.payload(i) for f in open_input(path) for i in range(len(f)))
        assert whole == path.read_bytes()


def capture(n: int = 50, size: int = 30) -> bytes:
    block = b"\x30" + (3 + size).to_bytes(2, "big") + bytes(size)
    rows = [
        Datagram(rx_ns=T + i * 70_000_000, src=("10.0.0.1", 5), dst=("239.1.1.1", 4001), payload=block)
        for i in range(n)
    ]
    return b"".join(write_pcap(rows))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.ZstdCompressor().compress])
def test_compressed_or_not_the_frames_are_the_same(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "without-a-name"
    path.write_bytes(pack(capture()))
    found = open_input(path, link=3)
    (frames,) = found
    assert len(frames) == 50
    assert set(frames.rows["link"].tolist()) == {3}
    assert found.endpoints == {"239.1.1.1:4001": 50}
    assert (frames.rows["src_addr"][0], frames.rows["src_port"][0]) == (0x0A000001, 5)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.sampled_from(["pcap", "asterix", "beast", "avr", "gzip"]), st.integers(1, 3000))
def test_ticks_do_not_depend_on_how_the_file_is_read(
    tmp_path_factory: pytest.TempPathFactory, kind: str, n: int
) -> None:
    path = tmp_path_factory.getbasetemp() / f"same-{kind}"
    rng = np.random.default_rng(5)
    message = b"".join(b"\x1a3" + bytes(5) + bytes([i]) + b"\x80" + b"\x8d" * 14 for i in range(20))
    octets = {
        "pcap": capture(30),
        "gzip": gzip.compress(capture(30)),
        "asterix": b"".join(
            b"\x30\x00\x0b\xf0\x19\x0a\x35" + (9000 + 40 * i).to_bytes(3, "big") + b"\x20" for i in range(99)
        ),
        "beast": message,
        "avr": b"".join(b"*" + rng.bytes(7).hex().encode() + b";\n" for _ in range(40)),
    }[kind]
    path.write_bytes(octets)

    def run(chunk_octets: int) -> list[tuple[int, list[bytes]]]:
        batches = ticks(open_input(path, chunk_octets=chunk_octets))
        return [(b.now_ns, [b.frames.payload(i) for i in range(len(b.frames))]) for b in batches]

    assert run(n) == run(1 << 20)


def test_a_cut_capture_gives_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(capture()[:-5])
    found = open_input(path)
    assert sum(len(f) for f in found) == 49
    assert found.filtered == {"cut_packet": 1}


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"", "empty"),
        (b"a letter to the editor\n" * 9, "a letter to the editor"),
        (b"PK\x03\x04" + bytes(99), "50 4b 03 04"),
        (gzip.compress(gzip.compress(b"x" * 99)), "twice"),
        (gzip.compress(b"nothing of ours\n" * 9), "nothing of ours"),
        (gzip.compress(capture())[:200], "damaged gzip"),
    ],
    ids=["empty", "letter", "zip", "twice", "other", "damaged"],  # gzip carries the time: octets are no name
)
def test_a_file_of_another_kind_is_one_sentence(tmp_path: Path, octets: bytes, words: str) -> None:
    path = tmp_path / "file.pcap"
    path.write_bytes(octets)
    with pytest.raises(FormatError, match=words) as error:
        list(open_input(path))
    assert "\n" not in str(error.value)
    assert str(path) in str(error.value)


def test_files_that_hold_no_traffic_say_so(tmp_path: Path) -> None:
    path = tmp_path / "plots"
    path.write_bytes(b"PAR1" + bytes(40))
    found = open_input(path)
    assert (found.kind, found.has_clock) == ("plots", True)
    with pytest.raises(FormatError, match="table of plots"):
        list(found)
    with pytest.raises(UsageError, match="cannot be read"):
        open_input(tmp_path / "absent")
    with pytest.raises(UsageError, match="cannot be read"):
        open_input(tmp_path)
    with pytest.raises(UsageError, match="expected one of"):
        open_input(path, format="morse")


def test_the_caller_may_insist_on_a_format(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(bytes.fromhex("f00004800101"))
    (frames,) = open_input(path, format="asterix")
    assert [frames.payload(i) for i in range(len(frames))] == [bytes.fromhex("f0000480"), b"\x01\x01"]
    path.write_bytes(build.pcap([(T, build.ethernet(build.udp4(b"\xfe" * 9)))]))
    assert list(open_input(path)) == []
    (frames,) = open_input(path, format="asterix")
    assert frames.payload(0) == b"\xfe" * 9


def test_several_inputs_are_merged_by_receive_time(tmp_path: Path) -> None:
    for i in range(3):
        rows = [Datagram(rx_ns=T + (3 * k + i) * 1_000_000, src=("10.0.0.1", i), dst=("10.0.0.2", 2), payload=BLOCK)
                for k in range(20)]  # fmt: skip
        (tmp_path / str(i)).write_bytes(b"".join(write_pcap(rows)))
    merged = merge_inputs([open_input(tmp_path / str(i), link=i + 1, chunk_octets=200) for i in (2, 0, 1)])
    links = [int(link) for f in merged for link in f.rows["link"]]
    assert links == [1, 2, 3] * 20


def test_a_bomb_stops_at_the_limit_and_memory_stays_flat(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pcap.gz"
    with gzip.open(path, "wb", 6) as file:
        file.write(build.pcap([]))
        for _ in range(200):
            file.write(bytes(1 << 20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(FormatError, match="times its size"):
        list(open_input(path))
    with pytest.raises(FormatError, match="the limit"):
        list(open_input(path, limits=ExpandLimits(octets=5 << 20)))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000
