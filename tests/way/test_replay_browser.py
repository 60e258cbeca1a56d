"""The whole way: a recording or the exercise in, a moving picture in a real browser out, and its end told.

The tools are used in English on the replay and in French on the exercise, in both on both with ``--campaign``.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser import Screen
from tests.way.desk import draw, sit_everywhere, use_tools
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


def steer(shown: Screen) -> None:
    """Stop, step, change the speed, go back and loop, and see the picture follow; standing still is not stale."""
    page = shown.page
    page.locator("#map").focus()
    page.keyboard.press(" ")
    shown.until("document.querySelector('[data-testid=timebar]').dataset.state === 'paused'")
    page.wait_for_timeout(3000)
    assert not shown.say("vigie.stale")
    stood = shown.say("vigie.nowMs")
    page.keyboard.press(".")
    shown.until(f"vigie.nowMs >= {stood} + 900")
    page.get_by_test_id("time-speed").select_option("8")
    page.get_by_test_id("time-slider").focus()
    page.keyboard.press("PageDown")  # a minute back
    shown.until(f"vigie.nowMs < {stood} - 50000")
    assert shown.say("vigie.tracks") > 0
    page.get_by_test_id("time-loop").click()
    page.keyboard.press("Escape")
    page.locator("#map").focus()
    for _ in range(3):
        page.keyboard.press(".")
        page.wait_for_timeout(100)
    shown.until(f"vigie.nowMs > {stood} - 58000")
    page.get_by_test_id("time-loop").click()
    shown.until("document.querySelector('[data-testid=time-loop]').getAttribute('aria-pressed') === 'true'")
    page.get_by_test_id("time-play").click()
    for _ in range(2):  # round and round
        late = shown.say("vigie.nowMs")
        shown.until(f"vigie.nowMs < {late}", 20)
        shown.until(f"vigie.nowMs > {shown.say('vigie.nowMs')}", 20)
    page.get_by_test_id("time-loop").click()
    shown.keep("real-saenzpena-time")


@pytest.mark.shared
def test_a_real_radar_recording_moves_in_a_browser(shared: Path, screen: Open, tmp_path: Path, campaign: bool) -> None:
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
        steer(shown)
        assert len(sit_everywhere(shown, "saenzpena")) == 6
        for language in ("en", "fr") if campaign else ("en",):
            use_tools(shown, language)
        assert vigie.stop() == 0, vigie.said


def test_the_demo_flies_over_niger_through_the_wire(screen: Open, tmp_path: Path, campaign: bool) -> None:
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
        shown.until("vigie.hatched === 0 && vigie.cover !== null && vigie.cover.gap > 0 && vigie.cover.lost === 0")
        page.get_by_test_id("show-ahead").click()
        shown.until("vigie.ahead > 40")
        assert len(sit_everywhere(shown, "demo")) == 6
        for language in ("en", "fr") if campaign else ("fr",):
            use_tools(shown, language)
        draw(shown, "<u>tonight</u>")
        page.get_by_test_id("marks").locator(".panel-fold").click()
        shown.until("document.querySelectorAll('[data-testid=mark]').length === 3")
        assert "<u>tonight</u> corridor" in page.get_by_test_id("marks").inner_text()
        known = shown.say("vigie.areas.all")
        draw(shown, "R9", kinds=("circle",), becomes="R")
        shown.until(f"vigie.areas.all === {known} + 1")
        assert "R9 circle R SFC" in page.get_by_test_id("drawn-area").inner_text()
        page.get_by_test_id("log-text").fill("drawn for tonight")
        page.keyboard.press("Enter")
        page.get_by_test_id("log").get_by_text("drawn for tonight").wait_for()
        shown.keep("demo")
        assert vigie.stop() == 0, vigie.said
