"""F67, R23: the disk of a running centre fills: the picture goes on, the fault is said and counted, it mends itself."""

from __future__ import annotations

import logging
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.way.process import running
from tests.way.test_live import status_when
from vigie.record.reader import open_recording
from vigie.record.verify import verify

log = logging.getLogger(__name__)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 40 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(folder)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount the small file system of this test")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(path: Path) -> None:
    """Write until not one octet more fits."""
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue


def test_the_picture_goes_on_while_the_disk_is_full(disk: Path, tmp_path: Path) -> None:
    data = disk / "recording"
    with running("demo", "--no-open", "--listen", "127.0.0.1:0", "--data-dir", data, data_home=tmp_path) as vigie:
        before = status_when(vigie, lambda s: s["digest_step"] >= 100 and s["tracks"] >= 10)
        assert before["recording"]["state"] == "ok"
        ballast = disk / "ballast"
        fill(ballast)
        full_s = time.monotonic()
        told = status_when(vigie, lambda s: s["recording"]["state"] == "degraded" or fill_again(ballast))
        log.info("RECORDING DEGRADED %.1f s after the disk was full", time.monotonic() - full_s)
        assert "full" in told["recording"]["text"]
        later = status_when(vigie, lambda s: s["digest_step"] >= told["digest_step"] + 50)
        assert later["tracks"] >= 10
        assert later["balances"]
        with httpx.Client(base_url=vigie.base) as client:
            assert client.get(vigie.page.removeprefix(vigie.base), follow_redirects=True).status_code == 200
            rows: list[dict[str, Any]] = client.get("/api/picture").json()["tracks"]
        assert len(rows) >= 10
        ballast.unlink()
        mended = status_when(vigie, lambda s: s["recording"]["state"] == "ok")
        status_when(vigie, lambda s: s["recording"]["durable_seq"] > mended["recording"]["durable_seq"] + 20)
        assert vigie.stop() == 0, vigie.said
    report = verify(data)
    assert report.ok, report.problems
    numbers = [number for number, _ in open_recording(data).numbered_batches()]
    assert len(numbers) + sum(loss.batches for loss in report.losses) >= mended["digest_step"]


def fill_again(path: Path) -> bool:
    """Take what the recorder has let go of (its reserve); never true."""
    with path.open("ab", buffering=0) as file:
        try:
            while file.write(bytes(1 << 12)):
                pass
        except OSError:
            return False
    return False
