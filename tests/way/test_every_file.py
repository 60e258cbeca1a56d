"""Every file of the recordings' folders asterix, modes and drones: what its README counts there, in one table.

``COUNTS``: file -> how it is counted and how much is there. A file that has no line here fails the last test.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.decode.test_recordings import FILES
from vigie.receive.files import open_input
from vigie.wire.asterix import spec
from vigie.wire.modes import iq
from vigie.wire.modes.encode import parity
from vigie.wire.remoteid.air import messages_of

pytestmark = pytest.mark.shared

COUNTS: dict[str, tuple[str, Any]] = {
    # ASTERIX: records by category, with the edition where it is not the newest
    "asterix/ar_saenzpena_20260429_part1_cat034_048.pcap": ("records", ({}, {"34": 9_341, "48": 2_030})),
    "asterix/ar_sanluis_20260303_cat034_048.pcap": ("records", ({}, {"34": 5_936, "48": 1_640})),
    "asterix/ar_fds_20260429_part1_cat062.pcap": ("records", ({}, {"62": 28_182})),
    "asterix/ar_cordoba_20260601_first600_trailer8.pcap": ("records", ({}, {"34": 467, "48": 147})),
    "asterix/lebl_20160510_2200-2300_smr.ast": ("records", ({}, {"10": 42_557})),
    "asterix/lebl_20160510_2200-2300_mlat.ast": ("records", ({}, {"10": 51_292})),
    "asterix/lebl_20160510_2200-2300_adsb_v023.ast": ("records", ({21: "0.23"}, {"21": 46_018})),
    "asterix/lebl_adsb_cat021v2_cat023_part1.ast": ("records", ({21: "2.1"}, {"21": 3_782, "23": 29})),
    "asterix/hr_cat_062_065.pcap": ("records", ({}, {"62": 2, "65": 1})),
    "asterix/hr_cat_001_002.pcap": ("records", ({}, {"1": 7, "2": 1})),
    "asterix/hr_parsegps.gps": ("records", ({}, {"34": 3, "48": 15})),
    "asterix/hr_cat062_20080515.pcap": ("packets", 100),  # older than every published edition: none can be read
    "asterix/cat034.raw": ("records", ({}, {"34": 1})),
    "asterix/cat048.raw": ("records", ({}, {"48": 1})),
    "asterix/cat062cat065.raw": ("records", ({}, {"62": 2, "65": 1})),
    "asterix/jasterix_vectors/cat001ed1.1.bin": ("records", ({1: "1.2"}, {"1": 1})),
    "asterix/jasterix_vectors/cat002ed1.0.bin": ("records", ({2: "1.0"}, {"2": 1})),
    "asterix/jasterix_vectors/cat004ed1.4.bin": ("records", ({}, {"4": 3})),
    "asterix/jasterix_vectors/cat010ed0.31.bin": ("records", ({10: "1.1"}, {"10": 1})),
    "asterix/jasterix_vectors/cat019ed1.3.bin": ("records", ({19: "1.3"}, {"19": 1})),
    "asterix/jasterix_vectors/cat021ed0.26.bin": ("records", ({21: "0.26"}, {"21": 1})),
    "asterix/jasterix_vectors/cat021ed2.1.bin": ("records", ({21: "2.1"}, {"21": 1})),
    "asterix/jasterix_vectors/cat034ed1.26.bin": ("records", ({34: "1.27"}, {"34": 1})),
    "asterix/jasterix_vectors/cat048ed1.15.bin": ("records", ({48: "1.27"}, {"48": 1})),
    "asterix/jasterix_vectors/cat062ed1.12.bin": ("records", ({62: "1.16"}, {"62": 1})),
    "asterix/jasterix_vectors/cat063ed1.0.bin": ("records", ({63: "1.6"}, {"63": 1})),
    "asterix/asterix-specs.tar.gz": ("specs", (75, 27)),
    "asterix/bcn_tma_radar_cat048_decoded_00-04h.csv": ("table", (2_459, 17)),  # 18 with the heading
    "asterix/ar_site_226_210.json": ("place", None),
    "asterix/ar_site_226_221.json": ("place", None),
    "asterix/ar_site_226_232.json": ("place", None),
    "asterix/hr_expected_cat_001_002_json.txt": ("printed", {1: 7, 2: 1}),
    "asterix/hr_expected_cat_062_065_json.txt": ("printed", {62: 2, 65: 1}),
    "asterix/hr_expected_parsegps.txt": ("blocks", {34: 3, 48: 12}),
    # Mode S: messages by downlink format, lines by type
    "modes/dump1090_modes1.avr.txt": (
        "records", ({}, {"DF0": 10, "DF4": 3, "DF5": 8, "DF11": 63, "DF17": 120, "DF20": 8, "DF21": 5}),
    ),
    "modes/sbs_from_modes1_and_pymodes.txt": (
        "records", ({}, {"MSG1": 105, "MSG3": 996, "MSG4": 1019, "MSG5": 11, "MSG6": 13, "MSG7": 10, "MSG8": 63}),
    ),
    "modes/dump1090_modes1_iq_u8_2msps.bin": ("samples", 217),
    "modes/pymodes_sample_data_adsb.csv": ("squitters", (2_000, 2_000, "406b90")),
    "modes/pymodes_sample_data_commb_df20.csv": ("overlays", (5_000, 4_997, 189)),
    "modes/rs1090_full_flight_part1.jsonl.gz": (
        "flight", (28_896, {"17": 7_697, "0": 9_431, "21": 5_335, "20": 3_918}),
    ),
    # Remote ID: frames, and how many of them carry it
    "drones/odid_wifi_nan_sample.pcap": ("radio", (63, 42)),  # 21 NAN frames and 21 beacons; 21 NAN beacons carry none
    "drones/odid_bt5_lr_sample.pcapng": ("radio", (274, 273)),
    "drones/rid_mavic_multiple_spoofed.pcapng": ("radio", (239, 77)),
    "drones/rid_parrot_anafi4_spoofed.pcapng": ("radio", (1_606, 26)),
}  # fmt: skip


def records(path: Path, wanted: tuple[dict[int, str], dict[str, int]]) -> None:
    """The decoder's own test reads these files whole: it must be held to these counts, with nothing rejected."""
    name = str(path.relative_to(path.parents[2 if path.parent.name == "jasterix_vectors" else 1]))
    held = [(editions, expected, rejected) for file, editions, expected, rejected, _ in FILES if file == name]
    assert (*wanted, {}) in held


def packets(path: Path, wanted: int) -> None:
    opened = open_input(path)
    assert sum(len(frames) for frames in opened) == opened.packets == wanted


def specs(path: Path, wanted: tuple[int, int]) -> None:
    with tarfile.open(path) as archive:
        names = [name for name in archive.getnames() if name.endswith(".ast")]
    assert len(names) == wanted[0]
    found = Counter(int(m[1]) for name in names if (m := re.search(r"cat(\d{3})/cat-", name)))
    assert len(found) == wanted[1]
    ours = {number: len(spec.load(number).editions) for number in spec.categories()}
    assert {number: ours.get(number) for number in found} == dict(found)


def table(path: Path, wanted: tuple[int, int]) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert (len(rows), len({row["TA"] for row in rows})) == wanted


def place(path: Path, _: None) -> None:
    text = path.read_text("utf-8").lower()
    assert '"lat' in text
    assert '"lon' in text


def printed(path: Path, wanted: dict[int, int]) -> None:
    text = path.read_text("utf-8")
    assert Counter(int(n) for n in re.findall(r'"cat":\s*(\d+)', text)) == wanted


def blocks(path: Path, wanted: dict[int, int]) -> None:
    text = path.read_text("utf-8", "replace")
    assert Counter(int(n) for n in re.findall(r"^Category: (\d+)", text, re.MULTILINE)) == wanted


def samples(path: Path, wanted: int) -> None:
    demodulator = iq.Demodulator()
    runs = [demodulator.feed(path.read_bytes()), demodulator.close()]
    found = Counter(r.messages[i, : r.lengths[i]].tobytes().hex() for r in runs for i in range(len(r.lengths)))
    lines = path.with_name("dump1090_modes1.avr.txt").read_text("ascii").lower().split()
    listed = Counter(line.strip("*;") for line in lines)
    assert sum((listed & found).values()) == sum(listed.values()) == wanted


def _parity(hexes: list[str]) -> np.ndarray:
    return parity(np.frombuffer(bytes.fromhex("".join(hexes)), np.uint8).reshape(len(hexes), -1))


def squitters(path: Path, wanted: tuple[int, int, str]) -> None:
    rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    frames = [row[1] for row in rows]
    good = [f for f, rest in zip(frames, _parity(frames).tolist(), strict=True) if rest == 0]
    assert (len(rows), len(good)) == wanted[:2]
    assert {f[2:8].lower() for f in good} == {wanted[2]}


def overlays(path: Path, wanted: tuple[int, int, int]) -> None:
    rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    address = _parity([row[2] for row in rows]).tolist()
    fits = sum(int(row[1], 16) == rest for row, rest in zip(rows, address, strict=True))
    assert (len(rows), fits, len({row[1] for row in rows})) == wanted


def flight(path: Path, wanted: tuple[int, dict[str, int]]) -> None:
    with gzip.open(path, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    found = Counter(row["df"] for row in rows)
    assert len(rows) == wanted[0]
    assert {df: found[df] for df in wanted[1]} == wanted[1]
    assert not _parity([row["frame"] for row in rows if row["df"] == "17"]).any()


def radio(path: Path, wanted: tuple[int, int]) -> None:
    frames = carrying = 0
    for chunk in open_input(path):
        starts, lengths = (chunk.rows[name].astype(np.int64) for name in ("offset", "length"))
        _, found = messages_of(np.require(chunk.data, requirements=("C", "W")), starts, lengths)
        frames += len(chunk)
        carrying += int((found > 0).sum())
    assert (frames, carrying) == wanted


@pytest.mark.parametrize("name", COUNTS)
def test_a_file_holds_what_its_readme_counts(shared: Path, name: str) -> None:
    how, wanted = COUNTS[name]
    globals()[how](shared / "data" / name, wanted)


def test_no_file_is_forgotten(shared: Path) -> None:
    folders = ("asterix", "modes", "drones")
    there = {
        str(f.relative_to(shared / "data")) for d in folders for f in (shared / "data" / d).rglob("*") if f.is_file()
    }
    assert there == set(COUNTS)
