"""Recordings of released versions, kept for ever: each must be read, verified and give the same octets."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from vigie.record.reader import open_recording
from vigie.record.verify import verify

KEPT = Path(__file__).parent / "kept"
WHAT = {"0.1.0": (200, 615, "851e9c80d9703e53c1afd2900187fa6e02062d4b2596bda89839424e8f8e863b")}
"""Version -> batches, frames, SHA-256 over each batch's time, octets and receive times."""


@pytest.mark.parametrize("version", sorted(WHAT))
def test_a_recording_of_every_version_is_readable(version: str, tmp_path: Path) -> None:
    folder = tmp_path / version
    shutil.copytree(KEPT / version, folder)
    report = verify(folder)
    assert report.ok, report.problems
    assert report.heads == 2
    recording = open_recording(folder)
    assert recording.configuration.software == version
    digest, batches, frames = hashlib.sha256(), 0, 0
    for batch in recording.batches():
        batches += 1
        frames += len(batch.frames)
        digest.update(batch.now_ns.to_bytes(8, "little"))
        digest.update(batch.frames.data.tobytes())
        digest.update(batch.frames.rows["rx_ns"].tobytes())
    assert (batches, frames, digest.hexdigest()) == WHAT[version]


def test_every_kept_recording_is_judged() -> None:
    assert {p.name for p in KEPT.iterdir()} == set(WHAT)
