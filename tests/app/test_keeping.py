"""Backup while recording, restore, and the systemd unit."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.app.test_recording import SITE
from tests.record.batches import make_batch, same
from tests.way.command import vigie
from vigie.app.commands.service import unit_of
from vigie.record.heads import signer_of
from vigie.record.reader import open_recording
from vigie.record.verify import verify
from vigie.record.writer import Recorder


def test_a_backup_made_while_recording_is_whole_and_comes_back(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Recorder(data, site_text="[centre]", version="t", signer=signer_of(data)) as recorder:
        for i in range(1, 60):
            recorder.append(make_batch(i, frames=3))
        assert recorder.wait_durable(59, 20.0)
        vigie("backup", data, "--to", tmp_path / "copy")  # the segment is open, its log holds all of it
        for i in range(60, 90):
            recorder.append(make_batch(i, frames=3))
    vigie("restore", tmp_path / "copy", "--to", tmp_path / "again")
    assert verify(tmp_path / "again").ok
    found = list(open_recording(tmp_path / "again").batches())
    assert len(found) == 59
    assert all(map(same, found, (make_batch(i, frames=3) for i in range(1, 60))))
    assert (tmp_path / "again/recording.key").stat().st_mode & 0o777 == 0o600
    with Recorder(tmp_path / "again", site_text="[centre]", version="t", reserve_octets=0) as recorder:
        recorder.append(make_batch(60, frames=3))  # and it is gone on with
    assert len(list(open_recording(tmp_path / "again").batches())) == 60
    assert "nothing is overwritten" in vigie("backup", data, "--to", tmp_path / "copy", expect=1)


def test_the_unit_is_hardened_and_a_site_that_cannot_run_is_refused(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(SITE, "utf-8")
    text = unit_of(site)
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "Restart=always"):
        assert line in text.splitlines()
    vigie("service", "install", site, "--to", tmp_path / "vigie.service")
    (tmp_path / "vigie.service").write_text("mine", "utf-8")
    assert "nothing is overwritten" in vigie("service", "install", site, "--to", tmp_path / "vigie.service", expect=2)
    site.write_text(SITE.replace('link = "udp://239.1.1.1:4001"', ""), "utf-8")
    assert "link" in vigie("service", "install", site, "--dry-run", expect=2)


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    (tmp_path / "site.toml").write_text(SITE, "utf-8")
    unit = tmp_path / "vigie.service"
    unit.write_text(unit_of(tmp_path / "site.toml"), "utf-8")
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert "Unknown" not in done.stderr, done.stderr
