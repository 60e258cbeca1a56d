"""``vigie recording``: whole or not, parts of it, other formats; each read back by another reader."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.way.command import vigie
from vigie.app.recordings import cat062, outputs
from vigie.history.formats import csv_cell, csv_table, geojson, gpx, kml
from vigie.receive.files import open_input
from vigie.record.reader import open_recording
from vigie.record.segment import segment_files
from vigie.record.verify import verify
from vigie.terms.tables import TRACK, TRACK_CONFIRMED

SITE = """[centre]
name = "Saenz Pena"
lat_deg = -26.7566
lon_deg = -60.4926
[[sensor]]
id = 1
name = "Radar"
kind = "radar"
sac = 226
sic = 232
lat_deg = -26.7566
lon_deg = -60.4926
height_m = 92
period_s = 7.63
link = "udp://239.1.1.1:4001"
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    """Saenz Pena imported as a recording, once."""
    folder = tmp_path_factory.mktemp("recorded")
    (folder / "site.toml").write_text(SITE, "utf-8")
    capture = shared / "data/asterix/ar_saenzpena_20260429_part1_cat034_048.pcap"
    vigie("recording", "import", capture, "--site", folder / "site.toml", "--to", folder / "data")
    return folder / "data"


def test_what_is_imported_verifies_and_is_never_overwritten(recorded: Path, shared: Path) -> None:
    report = verify(recorded)
    assert report.ok, report.problems
    assert report.frames == 11_371
    vigie("recording", "verify", recorded)
    vigie("recording", "list", recorded)
    capture = shared / "data/asterix/ar_saenzpena_20260429_part1_cat034_048.pcap"
    said = vigie("recording", "import", capture, "--site", recorded.parent / "site.toml", "--to", recorded, expect=1)
    assert "nothing is overwritten" in said


def test_a_flipped_bit_fails_the_command(recorded: Path, tmp_path: Path) -> None:
    vigie("recording", "cut", recorded, "--from", "0", "--until", "120", "--to", tmp_path / "cut")
    file = segment_files(tmp_path / "cut")[0]
    octets = bytearray(file.read_bytes())
    octets[len(octets) // 2] ^= 4
    file.write_bytes(octets)
    assert "problems" in vigie("recording", "verify", tmp_path / "cut", expect=1)


def test_two_cuts_merged_are_the_whole(recorded: Path, tmp_path: Path) -> None:
    vigie("recording", "cut", recorded, "--until", "400", "--to", tmp_path / "a")
    vigie("recording", "cut", recorded, "--from", "300", "--until", "600", "--to", tmp_path / "b")  # they overlap
    vigie("recording", "merge", tmp_path / "b", tmp_path / "a", "--to", tmp_path / "whole")
    first = open_recording(recorded).first_ns
    whole = list(open_recording(tmp_path / "whole").batches())
    expected = list(open_recording(recorded).batches(until_ns=first + 600 * 10**9))
    assert [b.now_ns for b in whole] == [b.now_ns for b in expected]
    for a, b in zip(whole, expected, strict=True):
        assert [a.frames.payload(i) for i in range(len(a.frames))] == [
            b.frames.payload(i) for i in range(len(b.frames))
        ]
    assert verify(tmp_path / "whole").ok


def test_every_format_is_read_by_another_reader(recorded: Path, tmp_path: Path) -> None:
    recording = open_recording(recorded)
    until_ns = recording.first_ns + 120 * 10**9
    rows = np.concatenate([r for _, r in outputs(recording, None, recorded, "tracks", None, until_ns)])
    rows = rows[rows["status"] == TRACK_CONFIRMED]
    assert len(rows) > 50
    numbers = set(rows["track_no"].tolist())
    tree = json.loads("".join(geojson(rows)))
    assert {f["properties"]["track_no"] for f in tree["features"]} == numbers
    assert len(ElementTree.fromstring("".join(gpx(rows, "a<b"))).findall(".//{*}trkpt")) == len(rows)
    assert len(ElementTree.fromstring("".join(kml(rows, "a\x01"))).findall(".//{*}when")) == len(rows)
    lines = list(csv.DictReader(io.StringIO("".join(csv_table(TRACK, rows)), newline="")))
    assert [int(line["track_no"]) for line in lines] == rows["track_no"].tolist()
    with (tmp_path / "t.ast").open("wb") as file:
        assert cat062(rows, file) == len(rows)
    ledger = tmp_path / "ledger.json"
    vigie("decode", tmp_path / "t.ast", "--to", tmp_path / "x.parquet", "--ledger", ledger, "--date", "2026-04-29")
    assert json.loads(ledger.read_text("utf-8"))["by_category"] == {"62": len(rows)}
    back = pq.read_table(tmp_path / "x.parquet")
    assert np.abs(back.column("lat_deg").to_numpy() - rows["lat_deg"]).max() < 1e-5


def test_a_capture_made_of_a_recording_holds_the_same_octets(recorded: Path, tmp_path: Path) -> None:
    vigie("recording", "export", recorded, "--to", tmp_path / "t.pcap", "--until", "60")
    frames = np.concatenate([f.data for f in open_input(str(tmp_path / "t.pcap"))])
    first = open_recording(recorded).first_ns
    kept = [b.frames.data for b in open_recording(recorded).batches(until_ns=first + 60 * 10**9)]
    assert frames.tobytes() == np.concatenate(kept).tobytes()
    assert "nothing is overwritten" in vigie("recording", "export", recorded, "--to", tmp_path / "t.pcap", expect=2)
    assert "--as" in vigie("recording", "export", recorded, "--to", tmp_path / "t.xyz", expect=2)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1", "  =cmd|' /C calc'!A0", 'a;b,"c"', "\r=1"])
def test_cells_that_a_spreadsheet_would_run_are_neutralised(text: str) -> None:
    """F91: cells that begin with ``=``, ``+``, ``-``, ``@``, tab carry an apostrophe; numbers keep their sign."""
    (cell,) = next(csv.reader([csv_cell(text)]))
    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell.lstrip("'") == text
    assert csv_cell(-1.5) == "-1.5"
