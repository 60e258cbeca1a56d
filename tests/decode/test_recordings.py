"""Real recordings: the counts on which other readers agree, and values that make sense."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.decode.recordings import recording
from vigie.decode.decoder import Decoder
from vigie.decode.trailers import find_trailers
from vigie.receive.files import open_input
from vigie.terms.batch import Frames
from vigie.terms.ledger import REASON
from vigie.terms.utc import DAY_NS
from vigie.wire.asterix.times import guess_editions

pytestmark = pytest.mark.shared

COUNTS = [
    ("ar_saenzpena_20260429_part1_cat034_048.pcap", {}, {"34": 9341, "48": 2030}),
    ("ar_sanluis_20260303_cat034_048.pcap", {}, {"34": 5936, "48": 1640}),
    ("ar_fds_20260429_part1_cat062.pcap", {}, {"62": 28182}),
    ("ar_cordoba_20260601_first600_trailer8.pcap", {}, {"34": 467, "48": 147}),
    ("hr_cat_062_065.pcap", {}, {"62": 2, "65": 1}),
    ("lebl_20160510_2200-2300_smr.ast", {}, {"10": 42557}),
    ("lebl_20160510_2200-2300_mlat.ast", {}, {"10": 51292}),
    ("lebl_20160510_2200-2300_adsb_v023.ast", {21: "0.23"}, {"21": 46018}),
    ("lebl_adsb_cat021v2_cat023_part1.ast", {21: "2.1"}, {"21": 3782, "23": 29}),
    ("cat034.raw", {}, {"34": 1}),
    ("cat048.raw", {}, {"48": 1}),
    ("cat062cat065.raw", {}, {"62": 2, "65": 1}),
    ("jasterix_vectors/cat001ed1.1.bin", {}, {"1": 1}),
    ("jasterix_vectors/cat002ed1.0.bin", {2: "1.0"}, {"2": 1}),
    ("jasterix_vectors/cat019ed1.3.bin", {19: "1.3"}, {"19": 1}),
    ("jasterix_vectors/cat021ed0.26.bin", {21: "0.26"}, {"21": 1}),
    ("jasterix_vectors/cat021ed2.1.bin", {21: "2.1"}, {"21": 1}),
    ("jasterix_vectors/cat034ed1.26.bin", {}, {"34": 1}),
    ("jasterix_vectors/cat048ed1.15.bin", {}, {"48": 1}),
    ("jasterix_vectors/cat062ed1.12.bin", {}, {"62": 1}),
    ("jasterix_vectors/cat063ed1.0.bin", {}, {"63": 1}),
]


@pytest.mark.parametrize(("name", "editions", "expected"), COUNTS, ids=[c[0] for c in COUNTS])
def test_counts(shared: Path, name: str, editions: dict[int, str], expected: dict[str, int]) -> None:
    frames = recording(shared / "data/asterix" / name)
    decoder = Decoder(None, discover=True, editions=editions, trailers=find_trailers(frames))
    decoded = decoder.step(frames)
    ledger = decoder.ledger.as_json()
    assert ledger["by_category"] == expected
    assert ledger["rejected"] == {}
    assert decoder.ledger.balances
    assert len(decoded.plots) + len(decoded.services) == ledger["decoded"]
    assert len(decoded.rejects) == 0


def test_a_trailer_is_learned_after_two_frames(shared: Path) -> None:
    frames = recording(shared / "data/asterix/ar_cordoba_20260601_first600_trailer8.pcap")
    assert find_trailers(frames) == {0: 8}
    decoder = Decoder(None, discover=True)
    decoder.step(frames)
    assert decoder.ledger.rejected == {"trailing_bytes": 2}
    assert decoder.ledger.filtered == {"trailing_bytes": 598}
    assert decoder.ledger.by_category == {"34": 467, "48": 147}


def test_rows_do_not_depend_on_how_frames_are_batched(shared: Path) -> None:
    for name in ("ar_cordoba_20260601_first600_trailer8.pcap", "ar_fds_20260429_part1_cat062.pcap"):
        frames = recording(shared / "data/asterix" / name).take(0, 600)
        whole = Decoder(None, discover=True).step(frames)
        decoder = Decoder(None, discover=True)
        cuts = [0, 1, 2, 7, 8, 100, 350, 351, 600]
        parts = [decoder.step(frames.take(a, b)) for a, b in pairwise(cuts)]
        for table in ("plots", "services", "rejects"):
            joined = np.concatenate([getattr(p, table) for p in parts])
            assert joined.tobytes() == getattr(whole, table).tobytes()


def test_editions_are_guessed_from_what_is_legal(shared: Path) -> None:
    for name, expected in (
        ("lebl_20160510_2200-2300_adsb_v023.ast", {21: "0.23"}),
        ("lebl_adsb_cat021v2_cat023_part1.ast", {21: "2.1", 23: "1.3"}),
        ("lebl_20160510_2200-2300_smr.ast", {10: "1.1"}),
    ):
        frames = recording(shared / "data/asterix" / name)
        assert guess_editions(frames.data, frames.rows["offset"], frames.rows["length"]) == expected


def test_the_wrong_edition_is_rejected_with_its_item(shared: Path) -> None:
    frames = recording(shared / "data/asterix/lebl_adsb_cat021v2_cat023_part1.ast")
    decoder = Decoder(None, discover=True, editions={21: "2.4"})
    decoded = decoder.step(frames)
    assert decoder.ledger.rejected == {"bad_item": 104}  # the README's count: I021/271 grew an extension
    assert set(decoded.rejects["item"].tolist()) == {271}
    assert set(decoded.rejects["reason"].tolist()) == {REASON["bad_item"]}


def test_values_of_a_real_radar(shared: Path) -> None:
    decoder = Decoder(None, discover=True)
    decoded = decoder.step(recording(shared / "data/asterix/ar_saenzpena_20260429_part1_cat034_048.pcap"))
    plots, services = decoded.plots, decoded.services
    assert decoder.sensors_seen == [(1, 226, 232, {34, 48})]
    assert set(plots["kind"].tolist()) == {2}
    assert np.nanmax(plots["range_m"]) < 256 * 1852
    assert -600 < np.nanmin(plots["press_alt_m"]) < np.nanmax(plots["press_alt_m"]) < 14_000
    north = services[services["kind"] == 1]
    assert len(north) == 283
    assert np.median(np.diff(north["toa_ns"])) / 1e9 == pytest.approx(7.633, abs=0.01)
    assert 0 < np.median(plots["rx_ns"] - plots["toa_ns"]) / 1e9 < 3


def test_a_real_multilateration_and_ads_b_agree(shared: Path) -> None:
    folder = shared / "data/asterix"
    mlat = Decoder(None, discover=True).step(recording(folder / "lebl_20160510_2200-2300_mlat.ast")).plots
    adsb = (
        Decoder(None, discover=True, editions={21: "0.23"})
        .step(recording(folder / "lebl_20160510_2200-2300_adsb_v023.ast"))
        .plots
    )
    common = np.intersect1d(mlat["icao24"], adsb["icao24"])
    common = common[common > 0]
    assert len(common) >= 15
    # The ground speeds that both report of the same aircraft at the same time.
    for address in common[:5].tolist():
        a, b = mlat[mlat["icao24"] == address], adsb[adsb["icao24"] == address]
        b = b[np.isfinite(b["v_east_mps"])]
        at = np.clip(np.searchsorted(b["toa_ns"], a["toa_ns"]), 0, max(0, len(b) - 1))
        if not len(b):
            continue
        near = np.abs(b["toa_ns"][at] - a["toa_ns"]) < 2_000_000_000
        near &= np.hypot(b["v_east_mps"][at], b["v_north_mps"][at]) > 40
        if near.sum() > 10:
            off = np.hypot(
                a["v_east_mps"][near] - b["v_east_mps"][at][near], a["v_north_mps"][near] - b["v_north_mps"][at][near]
            )
            assert np.nanmedian(off) < 12.0


def test_system_tracks_have_their_end_and_coasting(shared: Path) -> None:
    plots = (
        Decoder(None, discover=True).step(recording(shared / "data/asterix/ar_fds_20260429_part1_cat062.pcap")).plots
    )
    assert len(np.unique(plots["source_track_no"])) == 235
    assert len(np.unique(plots["source_track_no"][plots["mode3a"] != 65535])) == 210  # the README counts these
    assert set(plots["kind"].tolist()) == {9}
    assert (plots["flags"] & 512 != 0).sum() == 173
    assert np.isfinite(plots["lat_deg"]).all()


def test_memory_of_a_step_is_bounded(shared: Path) -> None:
    frames = recording(shared / "data/asterix/ar_fds_20260429_part1_cat062.pcap")
    decoded = Decoder(None, discover=True).step(frames)
    base = decoded.plots.base
    assert base is None or base.nbytes <= 3 * decoded.plots.nbytes
    empty = Decoder(None, discover=True).step(Frames(frames.rows[:0], frames.data))
    assert len(empty.plots) == len(empty.services) == len(empty.rejects) == 0


FILES: list[tuple[str, dict[int, str], dict[str, int], dict[str, int], str]] = [
    # file, editions, records by category, rejects, and why it differs from what others count there
    ("asterix/ar_saenzpena_20260429_part1_cat034_048.pcap", {}, {"34": 9341, "48": 2030}, {}, ""),
    ("asterix/ar_sanluis_20260303_cat034_048.pcap", {}, {"34": 5936, "48": 1640}, {}, ""),
    ("asterix/ar_fds_20260429_part1_cat062.pcap", {}, {"62": 28182}, {}, ""),
    ("asterix/ar_cordoba_20260601_first600_trailer8.pcap", {}, {"34": 467, "48": 147}, {}, ""),
    ("asterix/lebl_20160510_2200-2300_smr.ast", {}, {"10": 42557}, {}, ""),
    ("asterix/lebl_20160510_2200-2300_mlat.ast", {}, {"10": 51292}, {}, ""),
    ("asterix/lebl_20160510_2200-2300_adsb_v023.ast", {21: "0.23"}, {"21": 46018}, {}, ""),
    ("asterix/lebl_adsb_cat021v2_cat023_part1.ast", {21: "2.1"}, {"21": 3782, "23": 29}, {}, ""),
    ("asterix/lebl_adsb_cat021v2_cat023_part1.ast", {21: "2.4"}, {"21": 3678, "23": 29}, {"bad_item": 104}, ""),
    ("asterix/hr_cat_062_065.pcap", {}, {"62": 2, "65": 1}, {}, ""),
    ("asterix/hr_cat_001_002.pcap", {}, {"1": 7, "2": 1}, {}, ""),
    ("asterix/hr_parsegps.gps", {}, {"34": 3, "48": 15}, {}, ""),
    ("asterix/hr_cat062_20080515.pcap", {}, {}, {"record_truncated": 36, "bad_fspec": 51, "illegal_time": 48},
     "482 records there are fragments: the layout is older than every published edition (2.5 octets a record)"),
    ("asterix/cat034.raw", {}, {"34": 1}, {}, ""),
    ("asterix/cat048.raw", {}, {"48": 1}, {}, ""),
    ("asterix/cat062cat065.raw", {}, {"62": 2, "65": 1}, {}, ""),
    ("asterix/jasterix_vectors/cat001ed1.1.bin", {1: "1.2"}, {"1": 1}, {}, ""),
    ("asterix/jasterix_vectors/cat002ed1.0.bin", {2: "1.0"}, {"2": 1}, {}, ""),
    ("asterix/jasterix_vectors/cat004ed1.4.bin", {}, {"4": 3}, {}, ""),
    ("asterix/jasterix_vectors/cat010ed0.31.bin", {10: "1.1"}, {"10": 1}, {}, ""),
    ("asterix/jasterix_vectors/cat019ed1.3.bin", {19: "1.3"}, {"19": 1}, {}, ""),
    ("asterix/jasterix_vectors/cat021ed0.26.bin", {21: "0.26"}, {"21": 1}, {}, ""),
    ("asterix/jasterix_vectors/cat021ed0.26.bin", {21: "2.1"}, {"21": 1}, {"no_source": 1},
     "the wrong edition: one record is read as two, the second without a source"),
    ("asterix/jasterix_vectors/cat021ed2.1.bin", {21: "2.1"}, {"21": 1}, {}, ""),
    ("asterix/jasterix_vectors/cat034ed1.26.bin", {34: "1.27"}, {"34": 1}, {}, ""),
    ("asterix/jasterix_vectors/cat048ed1.15.bin", {48: "1.27"}, {"48": 1}, {}, ""),
    ("asterix/jasterix_vectors/cat062ed1.12.bin", {62: "1.16"}, {"62": 1}, {}, ""),
    ("asterix/jasterix_vectors/cat063ed1.0.bin", {63: "1.6"}, {"63": 1}, {}, ""),
    ("modes/dump1090_modes1.avr.txt", {},
     {"DF0": 10, "DF4": 3, "DF5": 8, "DF11": 63, "DF17": 120, "DF20": 8, "DF21": 5}, {}, ""),
    ("modes/sbs_from_modes1_and_pymodes.txt", {},
     {"MSG1": 105, "MSG3": 996, "MSG4": 1019, "MSG5": 11, "MSG6": 13, "MSG7": 10, "MSG8": 63}, {}, ""),
]  # fmt: skip
"""Every file that holds octets of a link; the frames in pymodes' and rs1090's tables are judged in tests/oracle."""


@pytest.mark.parametrize(("name", "editions", "expected", "rejected", "why"), FILES)
def test_every_file_through_the_way_of_files(
    shared: Path, name: str, editions: dict[int, str], expected: dict[str, int], rejected: dict[str, int], why: str
) -> None:
    del why
    opened = open_input(shared / "data" / name)
    decoder: Decoder | None = None
    for frames in opened:
        if decoder is None:
            decoder = Decoder(None, discover=True, editions=editions, trailers=find_trailers(frames))
        decoder.step(frames)
    assert decoder is not None
    decoder.finish()
    assert opened.filtered == {}
    assert decoder.ledger.by_category == expected
    assert decoder.ledger.rejected == rejected
    assert decoder.ledger.balances


def plots_of(path: Path) -> tuple[list[bytes], Decoder, np.ndarray]:
    """Return what the blocks of a small file hold, its decoder and its plots."""
    decoder = Decoder(None, discover=True)
    pieces, plots = [], []
    for frames in open_input(path):
        for i in range(len(frames)):
            payload = frames.payload(i)
            while payload:
                size = int.from_bytes(payload[1:3], "big")
                pieces.append(payload[3:size])
                payload = payload[size:]
        plots.append(decoder.step(frames).plots)
    return pieces, decoder, np.concatenate(plots)


def test_the_gps_recorder_file_is_what_its_owner_prints(shared: Path) -> None:
    folder = shared / "data/asterix"
    pieces, _, plots = plots_of(folder / "hr_parsegps.gps")
    text = (folder / "hr_expected_parsegps.txt").read_text("utf-8", "replace")
    records = re.findall(r"Data Record \d+\nLen: \d+\nCRC: \w+\nHexData: ([0-9A-F]+)", text)
    assert (len(pieces), len(records)) == (15, 18)
    assert b"".join(pieces).hex().upper() == "".join(records)
    for column, step, pattern in (
        ("range_m", 1852.0, r"RHO: \d+ \(([\d.]+) NM"),
        ("azimuth_rad", np.pi / 180, r"THETA: \d+ \(([\d.]+) deg"),
        ("press_alt_m", 30.48, r"FlightLevel: -?\d+ \((-?[\d.]+) FL"),
    ):
        told = np.array([float(v) for v in re.findall(pattern, text)]) * step
        np.testing.assert_allclose(plots[column][np.isfinite(plots[column])], told, atol=1e-3, err_msg=column)
    codes = [int(v, 8) for v in re.findall(r"Mode-3/A reply code: (\d+)", text)]
    assert plots["mode3a"][plots["mode3a"] != 65535].tolist() == codes
    addresses = [int(v, 16) for v in re.findall(r"AircraftAddress: ([0-9A-F]+)", text)]
    assert plots["icao24"][plots["icao24"] > 0].tolist() == addresses


@pytest.mark.parametrize(("name", "category"), [("cat_001_002", 1), ("cat_062_065", 62)])
def test_captures_are_what_their_owner_prints(shared: Path, name: str, category: int) -> None:
    folder = shared / "data/asterix"
    pieces, decoder, plots = plots_of(folder / f"hr_{name}.pcap")
    lines = (folder / f"hr_expected_{name}_json.txt").read_text("utf-8").splitlines()
    told = [json.loads(line) for line in lines if line.startswith("{")]
    assert b"".join(pieces).hex().upper() == "".join(r["hexdata"] for r in told)
    assert decoder.ledger.decoded == len(told)
    records = [r[f"CAT{category:03d}"] for r in told if r["cat"] == category]
    assert len(records) == len(plots)
    for plot, r in zip(plots, records, strict=True):
        if category == 1:
            assert plot["range_m"] == pytest.approx(r["I040"]["RHO"] * 1852, abs=0.01)
            assert np.degrees(plot["azimuth_rad"]) == pytest.approx(r["I040"]["THETA"], abs=1e-6)
            assert plot["mode3a"] == int(r["I070"]["Mode3A"], 8)
            assert plot["press_alt_m"] == pytest.approx(r["I090"]["ModeC"] * 30.48)
            assert plot["toa_ns"] % DAY_NS / 1e9 % 512 == pytest.approx(r["I141"]["Time"], abs=1e-6)
        else:
            assert plot["lat_deg"] == pytest.approx(r["I105"]["Lat"], abs=1e-6)
            assert plot["lon_deg"] == pytest.approx(r["I105"]["Lon"], abs=1e-6)
            assert plot["v_east_mps"] == r["I185"]["Vx"]
            assert plot["icao24"] == int(r["I380"]["ADR"]["ADR"], 16)
            assert plot["source_track_no"] == r["I040"]["TrkN"]
            assert plot["press_alt_m"] == pytest.approx(r["I136"]["MFL"] * 0.3048)
            assert plot["toa_ns"] % DAY_NS / 1e9 == pytest.approx(r["I070"]["ToT"], abs=1e-6)
