"""sniff: what is in a real file, and a starter site file that check accepts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.way.command import vigie
from vigie.app.commands.sniff import sniff_file
from vigie.sensors.site import load_site

pytestmark = pytest.mark.shared


def test_a_radar_with_a_wrong_clock(shared: Path, tmp_path: Path) -> None:
    file = shared / "data/asterix/ar_sanluis_20260303_cat034_048.pcap"
    report = sniff_file(file, None)
    (sender,) = report.senders
    assert (sender.kind, sender.sac, sender.sic, sender.plots) == ("radar", 226, 221, 1640)
    assert sender.rotation_s == pytest.approx(7.633, abs=0.01)
    assert sender.clock_offset_s == pytest.approx(1581, abs=1.5)
    assert sender.categories["34"] > 1000
    assert report.trailer_bytes == 0
    site = tmp_path / "found.toml"
    vigie("sniff", file, "--at=-33.27,-66.35", "--to", site)
    assert load_site(site).sensors[0].sac == 226
    vigie("check", site)
    assert "is not overwritten" in vigie("sniff", file, "--to", site, expect=2)


def test_a_trailer_and_an_old_edition_are_named(shared: Path) -> None:
    assert sniff_file(shared / "data/asterix/ar_cordoba_20260601_first600_trailer8.pcap", None).trailer_bytes == 8
    (sender,) = sniff_file(shared / "data/asterix/lebl_20160510_2200-2300_adsb_v023.ast", "2016-05-10").senders
    assert sender.kind == "adsb"
    assert sender.editions["21"] == "0.23"


def test_a_receiver_of_drones_is_told_with_and_without_positions(shared: Path, tmp_path: Path) -> None:
    file = shared / "data/drones/rid_mavic_multiple_spoofed.pcapng"
    (sender,) = sniff_file(file, None).senders
    assert (sender.kind, sender.format, sender.plots, sender.addresses) == ("remoteid", "remoteid", 77, 15)
    vigie("sniff", file, "--at=46.83,7.66", "--to", tmp_path / "drones.toml")
    assert load_site(tmp_path / "drones.toml").sensors[0].kind == "remoteid"
    (sender,) = sniff_file(shared / "data/drones/odid_bt5_lr_sample.pcapng", None).senders
    assert (sender.kind, sender.plots) == ("remoteid", 0)


def test_what_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(bytes(5000))
    said = vigie("sniff", tmp_path / "x", expect=1)
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1
