from __future__ import annotations

import bz2
import gzip
import lzma
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wire.pcap import build
from vigie.wire.containers.kind import KINDS, compression_of, describe, kind_of

BLOCK = b"\x30\x00\x06abc"
GPS = b"\xcd" * 2200 + (BLOCK + b"\x11\xd2\x8f\x0a\x00\x00\x00\x01\x17\x00") * 3
FINAL = (b"\x00\x12\x00\x01\x05\x00\x10\x00" + BLOCK + b"\xa5" * 4) * 3


@pytest.mark.parametrize(
    ("octets", "kind"),
    [
        (build.pcap([]), "pcap"),
        (build.pcap([], order=">", ns=True), "pcap"),
        (build.section(">"), "pcapng"),
        (BLOCK * 5, "asterix"),
        (BLOCK, "asterix"),
        (b"\x30\x04\x0f" + bytes(1019), "asterix"),
        (GPS, "gps"),
        (FINAL, "final"),
        (b"\x1a3" + bytes(21) + b"\x1a2" + bytes(14) + b"\x1a3" + bytes(21), "beast"),
        (b"*8D4840D6202CC371C32CE0576098;\n*5D4840D6202CC3;\n", "avr"),
        (b"@0123456789AB8D4840D6202CC371C32CE0576098;\n", "avr"),
        (b"MSG,3,1,1,4840D6,1,2024/01/01,12:00:00.000,2024/01/01,12:00:00.000,,37000,,,52.2,3.9,,,,,,0\r\n", "sbs"),
        (b"PAR1" + bytes(20), "plots"),
        (b"SQLite format 3\0" + bytes(84), "recording"),
        (b"", ""),
        (b"a note about radars\n" * 9, ""),
        (b"PK\x03\x04" + bytes(60), ""),
        (bytes(500), ""),
        (b"\x7f\x81" * 300, ""),
    ],
)
def test_kind_is_told_by_content(octets: bytes, kind: str) -> None:
    assert kind_of(octets, whole=True) == kind
    if not kind:
        assert describe(octets)


def test_real_files(shared: Path) -> None:
    expected = {
        "asterix/hr_parsegps.gps": "gps", "asterix/lebl_20160510_2200-2300_smr.ast": "asterix",
        "asterix/cat034.raw": "asterix", "modes/dump1090_modes1.avr.txt": "avr",
        "modes/sbs_from_modes1_and_pymodes.txt": "sbs", "modes/dump1090_modes1_iq_u8_2msps.bin": "",
        "drones/odid_bt5_lr_sample.pcapng": "pcapng", "asterix/ar_site_226_232.json": "",
        "c2/dis_SignalPdu.raw": "", "terrain/N41E001.hgt.zip": "", "modes/pymodes_sample_data_adsb.csv": "",
    }  # fmt: skip
    for name, kind in expected.items():
        octets = (shared / "data" / name).read_bytes()
        assert kind_of(octets[:65536], whole=len(octets) <= 65536) == kind, name
    for path in (shared / "data/asterix/jasterix_vectors").glob("*.bin"):
        assert kind_of(path.read_bytes(), whole=True) == "asterix", path.name


def test_compression_is_told_by_content() -> None:
    text = b"x" * 100
    assert compression_of(gzip.compress(text)) == "gzip"
    assert compression_of(bz2.compress(text)) == "bzip2"
    assert compression_of(lzma.compress(text)) == "xz"
    assert compression_of(zstandard.compress(text)) == "zstd"
    assert compression_of(text) == ""


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(max_size=400), st.booleans())
def test_any_octets_have_a_kind_or_none(octets: bytes, whole: bool) -> None:
    assert kind_of(octets, whole=whole) in ("", *KINDS)
    assert describe(octets)
