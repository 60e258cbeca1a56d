"""The signed heads: a recording made anew, cut at its end or signed by another key does not pass."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from pathlib import Path

import pytest
from batches import make_batch

from vigie.record.heads import HEADS_FILE, KEY_FILE, PUBLIC_FILE, listed_heads, public_of, signer_of
from vigie.record.segment import segment_files
from vigie.record.verify import verify
from vigie.record.writer import Recorder
from vigie.terms.errors import RecordingError


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    with Recorder(folder, site_text="[centre]", version="t", signer=signer_of(folder), reserve_octets=0) as recorder:
        for i in range(0, 10_000, 1500):  # 2.5 minutes apart: every second batch is due for a head
            seq = recorder.append(make_batch(i, frames=2))
            assert recorder.wait_durable(seq, 20.0)
    return folder


def test_heads_are_signed_every_five_minutes_and_verify(signed: Path) -> None:
    report = verify(signed)
    assert report.ok, report.problems
    assert report.heads == 5  # at 0, 5, 10 and 15 minutes, and at the end
    assert report.keys == [public_of(signed)]
    assert [head.row for head in listed_heads(signed / HEADS_FILE)][-1] == report.rows - 1
    assert stat.S_IMODE((signed / KEY_FILE).stat().st_mode) == 0o600


def test_another_key_a_forged_chain_and_a_cut_end_are_found(signed: Path, tmp_path: Path) -> None:
    other = signer_of(tmp_path / "other")
    assert any("signed with key" in p.what for p in verify(signed, key=other.public).problems)
    forged = tmp_path / "forged"  # the whole recording written anew by who has no key of the centre
    with Recorder(forged, site_text="[centre]", version="t", signer=other, reserve_octets=0) as recorder:
        recorder.append(make_batch(1, frames=2))
    shutil.copy(signed / PUBLIC_FILE, forged / PUBLIC_FILE)
    assert any("signed with key" in p.what for p in verify(forged).problems)
    file = segment_files(signed)[-1]
    file.with_name(file.name + ".seal").unlink()
    with sqlite3.connect(file) as db:  # cut the end, seal and all; the list of heads still names it
        db.execute("DELETE FROM batch WHERE seq > 8")
    report = verify(signed)
    assert not report.ok
    assert any("cut off" in p.what for p in report.problems)


def test_a_key_that_others_may_read_is_refused(signed: Path) -> None:
    (signed / KEY_FILE).chmod(0o644)
    with pytest.raises(RecordingError, match="chmod 600"):
        signer_of(signed)
