"""Retention: from the beginning only, and nothing on doubt; what is left proves itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.record.batches import make_batch

from vigie.record.reader import open_recording
from vigie.record.retention import REMOVED_FILE, Keep, keep_mark, sweep
from vigie.record.seal import seal_path
from vigie.record.segment import segment_files
from vigie.record.verify import verify
from vigie.record.writer import Recorder
from vigie.terms.batch import Batch

HOUR = 3600 * 10**9


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """Five hours with three batches each."""
    with Recorder(tmp_path / "data", site_text="[centre]", version="t", reserve_octets=0) as recorder:
        for hour in range(5):
            for i in range(3):
                some = make_batch(i + 1, frames=2)
                now_ns = 480_000 * HOUR + hour * HOUR + i * 10**8
                recorder.append(Batch(now_ns=now_ns, mono_ns=now_ns, frames=some.frames))
    assert len(segment_files(tmp_path / "data")) == 5
    return tmp_path / "data"


def test_by_age_from_the_beginning_and_the_rest_is_whole(recorded: Path) -> None:
    now_ns = 480_005 * HOUR
    names = [p.name for p in segment_files(recorded)]
    assert sweep(recorded, Keep(), now_ns).removed == ()
    done = sweep(recorded, Keep(days=2.5 / 24), now_ns)
    assert done.removed == tuple(names[:2])
    assert not done.stopped
    report = verify(recorded)
    assert report.ok, report.problems
    assert sum(1 for _ in open_recording(recorded).batches()) == 9
    told = [json.loads(line) for line in (recorded / REMOVED_FILE).read_text("utf-8").splitlines()]
    assert [t["file"] for t in told] == names[:2]
    assert not any(seal_path(recorded / name).exists() for name in names[:2])


def test_by_space_the_newest_two_stay(recorded: Path) -> None:
    assert len(sweep(recorded, Keep(gib=1e-9), 0).removed) == 3
    assert len(segment_files(recorded)) == 2


@pytest.mark.parametrize("doubt", ["kept", "unsealed", "flipped", "chain", "seal"])
def test_nothing_goes_on_doubt(recorded: Path, doubt: str) -> None:
    first, second = segment_files(recorded)[:2]
    if doubt == "kept":
        keep_mark(first).touch()
    elif doubt == "unsealed":
        seal_path(first).unlink()
    elif doubt == "seal":
        seal_path(first).write_bytes(b"nonsense")
    elif doubt == "flipped":
        octets = bytearray(first.read_bytes())
        octets[-10] ^= 1
        first.write_bytes(octets)
    else:
        second.unlink()  # what follows does not go on from it
    before = [p.name for p in segment_files(recorded)]
    done = sweep(recorded, Keep(days=1e-6, gib=1e-9), 480_100 * HOUR)
    assert done.removed == ()
    assert done.stopped.startswith(first.name)
    assert [p.name for p in segment_files(recorded)] == before
