"""A real radar recording, through the real pipeline, in a real browser."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.show.browser.conftest import ROOT, Screen

pytestmark = [pytest.mark.browser, pytest.mark.shared]

KERNELS_S = 200.0
"""Patience for a first start that compiles everything."""


@pytest.fixture
def replay(shared: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [
            sys.executable, "-m", "vigie.app.cli", "replay",
            str(shared / "data/asterix/ar_saenzpena_20260429_part1_cat034_048.pcap"),
            "--site", str(shared / "data/sites/saenzpena.toml"), "--speed", "8", "--listen", "127.0.0.1:0", "--no-open",
        ],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    yield process
    os.killpg(process.pid, signal.SIGCONT)
    process.send_signal(signal.SIGINT)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert process.stdout is not None
    process.stdout.close()


def test_the_saenz_pena_recording_moves_on_the_map(
    replay: subprocess.Popen[str], screen: Callable[..., Screen]
) -> None:
    assert replay.stdout is not None
    said = ""
    found = None
    while found is None:
        line = replay.stdout.readline()
        assert line, f"vigie replay ended before it named its page:\n{said}"
        said += line
        found = re.search(r"http://\S+", line)
    shown = screen(found.group(), ready="window.vigie")
    page = shown.page
    shown.until("vigie.labels >= 4 && vigie.symbols >= 4", patience_s=KERNELS_S)
    assert page.get_by_test_id("mode").inner_text().lower() == "replay"
    names = shown.say("vigie.numbers().filter((n) => vigie.labelBox(n) !== null).map((n) => vigie.name(n))")
    assert all(re.fullmatch(r"A[0-7]{4}|[A-Z0-9]{2,8}", name) for name in names)
    assert page.get_by_test_id("sensor").count() == 1
    assert re.fullmatch(r"\d\.\d s", page.get_by_test_id("sensor-age").inner_text())
    places = shown.say("vigie.numbers().slice(0, 4).map((n) => vigie.at(n).x)")
    first = shown.say("vigie.nowMs")
    shown.until(f"vigie.nowMs > {first} + 20000")
    assert shown.say("vigie.numbers().slice(0, 4).map((n) => vigie.at(n)?.x)") != places
    shown.keep("replay")
    os.killpg(replay.pid, signal.SIGSTOP)
    page.get_by_test_id("stale").wait_for(timeout=10_000)
    shown.keep("replay-stale")
    os.killpg(replay.pid, signal.SIGCONT)
    page.get_by_test_id("stale").wait_for(state="detached", timeout=20_000)
