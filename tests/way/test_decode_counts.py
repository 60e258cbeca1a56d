"""Recordings in, ledgers out: what a right reader finds in each file, by the command that people use."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.way.command import vigie

# file, extra arguments, records by category: the counts that other readers agree on (README of the recordings).
COUNTS = [
    ("ar_saenzpena_20260429_part1_cat034_048.pcap", [], {"34": 9341, "48": 2030}),
    ("ar_fds_20260429_part1_cat062.pcap", [], {"62": 28182}),
    ("ar_sanluis_20260303_cat034_048.pcap", [], {"34": 5936, "48": 1640}),
    ("lebl_20160510_2200-2300_smr.ast", ["--date", "2016-05-10"], {"10": 42557}),
    ("lebl_20160510_2200-2300_mlat.ast", ["--date", "2016-05-10"], {"10": 51292}),
    ("lebl_20160510_2200-2300_adsb_v023.ast", ["--date", "2016-05-10", "--edition", "21=0.23"], {"21": 46018}),
    ("lebl_adsb_cat021v2_cat023_part1.ast", ["--edition", "21=2.1"], {"21": 3782, "23": 29}),
    ("hr_cat_062_065.pcap", [], {"62": 2, "65": 1}),
]


@pytest.mark.shared
@pytest.mark.parametrize(("name", "arguments", "expected"), COUNTS, ids=[c[0] for c in COUNTS])
def test_every_record_is_found_and_none_rejected(
    shared: Path, tmp_path: Path, name: str, arguments: list[str], expected: dict[str, int]
) -> None:
    plots, ledger_file = tmp_path / "p.parquet", tmp_path / "l.json"
    file = shared / "data/asterix" / name
    vigie("decode", file, *arguments, "--to", plots, "--ledger", ledger_file)
    ledger = json.loads(ledger_file.read_text("utf-8"))
    assert ledger["by_category"] == expected
    assert ledger["rejected"] == {}
    assert ledger["records"] == ledger["decoded"] == sum(expected.values())
    rows = pq.read_table(plots)
    assert 0 < rows.num_rows <= ledger["decoded"]


@pytest.mark.shared
def test_an_edition_older_than_every_published_one_is_refused_and_accounted_for(shared: Path, tmp_path: Path) -> None:
    """The 2008 sample: one record a packet, of a layout before edition 1.16.

    Read as a published edition its time of day is beyond midnight; libasterix and tshark fail on it too. A reader that
    counts 482 records there has cut 100 records into fragments of one and two octets.
    """
    ledger_file = tmp_path / "l.json"
    vigie("decode", shared / "data/asterix/hr_cat062_20080515.pcap", "--ledger", ledger_file)
    ledger = json.loads(ledger_file.read_text("utf-8"))
    assert ledger["frames"] == 100
    assert ledger["records"] == ledger["decoded"] + sum(ledger["rejected"].values()) >= 100
    assert ledger["decoded"] == 0


@pytest.mark.shared
def test_the_cordoba_trailer_is_detected(shared: Path, tmp_path: Path) -> None:
    ledger_file = tmp_path / "l.json"
    vigie("decode", shared / "data/asterix/ar_cordoba_20260601_first600_trailer8.pcap", "--ledger", ledger_file)
    ledger = json.loads(ledger_file.read_text("utf-8"))
    assert ledger["by_category"] == {"34": 467, "48": 147}
    assert ledger["rejected"] == {}


def test_what_is_no_recording_is_one_clear_sentence(tmp_path: Path) -> None:
    strange = tmp_path / "letter.pcap"
    strange.write_text("Dear Sir, this is not a capture file. " * 40, "utf-8")
    said = vigie("decode", strange, expect=1)
    assert "letter.pcap" in said
    assert len(said.strip().splitlines()) == 1
    missing = vigie("decode", tmp_path / "none.pcap", expect=2)
    assert "none.pcap" in missing
    assert "Traceback" not in said + missing


@pytest.mark.shared
def test_a_cut_file_loses_only_its_end(shared: Path, tmp_path: Path) -> None:
    octets = (shared / "data/asterix/ar_saenzpena_20260429_part1_cat034_048.pcap").read_bytes()
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(octets[: len(octets) // 2 + 7])
    ledger_file = tmp_path / "l.json"
    vigie("decode", cut, "--ledger", ledger_file)
    ledger = json.loads(ledger_file.read_text("utf-8"))
    assert ledger["decoded"] > 5000
    assert ledger["filtered"] == {"cut_packet": 1}
