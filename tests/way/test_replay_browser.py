"""The whole way: a recording or the exercise in, a moving picture in a real browser out, and its end told."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser import Screen
from tests.way.process import running

pytestmark = pytest.mark.browser
Open = Callable[..., Screen]


def places(shown: Screen) -> Any:
    return shown.say("vigie.numbers().slice(0, 20).map((n) => [n, vigie.at(n).x, vigie.at(n).y])")


def freeze_children(pid: int, number: int) -> None:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    for child in children:
        # The spawned workers; the resource tracker of multiprocessing is none of them.
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
            os.kill(int(child), number)


@pytest.mark.shared
def test_a_real_radar_recording_moves_in_a_browser(shared: Path, screen: Open, tmp_path: Path) -> None:
    with running(
        "replay", shared / "data/asterix/ar_saenzpena_20260429_part1_cat034_048.pcap",
        "--site", shared / "data/sites/saenzpena.toml", "--speed", "20", "--listen", "127.0.0.1:0",
        data_home=tmp_path,
    ) as vigie:  # fmt: skip
        shown = screen(vigie.page)
        shown.until("vigie.tracks >= 8 && vigie.symbols === vigie.tracks && vigie.labels >= 5", 240)
        page = shown.page
        assert page.get_by_test_id("mode").inner_text().lower() == "replay"
        names = shown.say("vigie.numbers().filter((n) => vigie.labelBox(n) !== null).map((n) => vigie.name(n))")
        assert all(re.fullmatch(r"A[0-7]{4}|[A-Z0-9]{2,8}", name) for name in names)
        assert page.get_by_test_id("sensor").count() == 1
        assert "Saenz Pena" in page.get_by_test_id("sensor").first.inner_text()
        assert page.get_by_test_id("sensor-age").first.inner_text().endswith("s")
        before = places(shown)
        shown.until(f"vigie.version > {shown.say('vigie.version')} + 10")
        assert places(shown) != before
        shown.keep("real-saenzpena-replay")
        assert not shown.say("vigie.stale")
        freeze_children(vigie.process.pid, signal.SIGSTOP)
        try:
            page.wait_for_timeout(3000)
            assert shown.say("vigie.stale")
            assert page.get_by_test_id("stale").is_visible()
            shown.keep("real-saenzpena-stale")
        finally:
            freeze_children(vigie.process.pid, signal.SIGCONT)
        shown.until("!vigie.stale")
        assert vigie.stop() == 0, vigie.said


def test_the_demo_flies_over_niger_through_the_wire(screen: Open, tmp_path: Path) -> None:
    with running("demo", "--no-open", "--listen", "127.0.0.1:0", data_home=tmp_path) as vigie:
        shown = screen(vigie.page)
        page = shown.page
        shown.until("vigie.tracks >= 20 && vigie.labels >= 10 && vigie.plotsReceived > 50", 240)
        assert page.get_by_test_id("exercise-badge").is_visible()
        assert page.get_by_test_id("sensor").count() == 5
        shown.until("[...document.querySelectorAll('[data-testid=sensor]')].every((s) => s.dataset.state === '1')", 60)
        before = places(shown)
        shown.until(f"vigie.version > {shown.say('vigie.version')} + 20")
        assert places(shown) != before
        shown.keep("demo")
        assert vigie.stop() == 0, vigie.said
