"""The situation display in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlparse

import pytest

from tests.browser import Screen
from tests.show.browser.conftest import Served

pytestmark = pytest.mark.browser

Open = Callable[..., Screen]
Feed = Callable[..., Served]
HOSTILE = "<b>&'\"x"
"""The call sign that the feeder gives its third track."""


def test_five_thousand_tracks_at_one_hertz_without_a_node_per_track(feeder: Feed, screen: Open) -> None:
    shown = screen(feeder(5000).address, viewport={"width": 1600, "height": 950})
    shown.until("vigie.tracks === 5000 && vigie.symbols === 5000")
    first = shown.say("vigie.version")
    shown.until(f"vigie.scriptMs.updates > 4 && vigie.version >= {first} + 3")
    shown.until("vigie.labels > 150 && vigie.labels <= 400 && vigie.plots > 500")
    assert shown.say("vigie.inView") > 2000
    assert shown.say("document.querySelectorAll('*').length") < 600
    # Half a second of script per second would still be a display; a minute of frozen page would not.
    assert shown.say("vigie.scriptMs.mean") < 500
    shown.keep("five-thousand")


def test_symbols_labels_sensors_and_hatching(feeder: Feed, screen: Open) -> None:
    shown = screen(feeder(150).address)
    page = shown.page
    shown.until("vigie.symbols === 150 && vigie.labels > 60 && vigie.plotsReceived > 100")
    assert shown.say("vigie.hatched") == 1  # Zinder is silent
    sensors = page.get_by_test_id("sensor")
    assert sensors.count() == 3
    ages = page.get_by_test_id("sensor-age").all_inner_texts()
    assert re.fullmatch(r"\d\.\d s", ages[0])
    assert re.fullmatch(r"\d\.\d s", ages[1])
    assert ages[2] == "never"
    assert [sensors.nth(i).get_attribute("data-state") for i in range(3)] == ["1", "1", "4"]
    assert page.get_by_test_id("mode").inner_text().lower() == "demonstration"
    assert page.get_by_test_id("exercise-badge").is_visible()
    assert re.fullmatch(r"\d\d:\d\d:\d\d", page.locator(".clock-time").inner_text())
    assert "150 tracks" in page.get_by_test_id("counts").inner_text()
    assert "Zinder" in page.get_by_test_id("degraded").inner_text()
    positions = _places(shown)
    shown.until("vigie.version > " + str(shown.say("vigie.version") + 2))
    assert _places(shown) != positions  # tracks move
    shown.keep("overview")


def _places(shown: Screen) -> Any:
    return shown.say("vigie.numbers().slice(0, 20).map((n) => [n, vigie.at(n).x, vigie.at(n).y])")


def test_labels_do_not_overlap(feeder: Feed, screen: Open) -> None:
    shown = screen(feeder(400).address)
    shown.until("vigie.labels > 150")
    # The layout that is shown was made for where the tracks were at most one update ago.
    boxes = shown.say("vigie.numbers().map((n) => vigie.labelBox(n)).filter((b) => b !== null)")
    overlapping = sum(
        a["x"] + 3 < b["x"] + b["w"] and b["x"] + 3 < a["x"] + a["w"] and a["y"] + 3 < b["y"] + b["h"]
        and b["y"] + 3 < a["y"] + a["h"] for i, a in enumerate(boxes) for b in boxes[i + 1 :]
    )  # fmt: skip
    assert overlapping <= len(boxes) // 50


_WATCH_FOR_STALE = """(() => {
  let last = window.froze = performance.now();
  window.held = 0;
  const beat = setInterval(() => {
    const now = performance.now();
    window.held = Math.max(window.held, now - last - 50);
    last = now;
  }, 50);
  new MutationObserver((_, self) => {
    if (!document.querySelector("[data-testid=stale]")) return;
    window.stood = performance.now();
    clearInterval(beat);
    self.disconnect();
  }).observe(document.body, { childList: true, subtree: true });
})()"""
"""Notes when the mark of a stale picture comes to stand, and the longest time that the page could not run before."""


def test_stale_within_three_seconds_of_a_frozen_server_and_recovery(feeder: Feed, screen: Open) -> None:
    """F79."""
    served = feeder(150)
    shown = screen(served.address)
    shown.until("vigie.scriptMs.updates > 3")
    assert shown.page.get_by_test_id("stale").count() == 0
    shown.say(_WATCH_FOR_STALE)
    served.freeze()
    shown.page.get_by_test_id("stale").wait_for(timeout=10_000)
    # By the page's own clock; what a busy machine kept the page from running at all is not the page's.
    assert shown.say("window.stood - window.froze - window.held") < 3000
    text = shown.page.get_by_test_id("stale").inner_text()
    assert re.search(r"\d\d:\d\d:\d\d UTC", text)
    assert shown.say("getComputedStyle(document.querySelector('#map > *')).filter") != "none"
    shown.keep("stale")
    served.thaw()
    shown.page.get_by_test_id("stale").wait_for(state="detached", timeout=15_000)
    assert shown.say("vigie.stale") is False


def test_stale_when_the_core_stops_but_the_server_lives(feeder: Feed, screen: Open) -> None:
    shown = screen(feeder(20, "--pause-after", "4").address)
    shown.page.get_by_test_id("stale").wait_for(timeout=20_000)
    assert "connected" in shown.page.get_by_test_id("stale").inner_text()


def test_a_server_that_is_gone_and_comes_back(feeder: Feed, screen: Open) -> None:
    key = "0123456789abcdef0123456789abcdef"
    served = feeder(20, "--key", key)
    shown = screen(served.address)
    served.process.kill()
    served.process.wait()
    shown.page.get_by_test_id("stale").wait_for(timeout=10_000)
    shown.until("document.querySelector('[data-testid=stale]').textContent.includes('lost')")
    port = str(urlparse(served.address).port)
    again = feeder(30, "--key", key, "--port", port)
    shown.page.request.get(again.address)  # the new server has new sessions
    shown.page.get_by_test_id("stale").wait_for(state="detached", timeout=30_000)
    shown.until("vigie.tracks === 30")
    shown.errors.clear()  # a browser calls a refused connection an error, which it was


def test_both_languages_and_both_lights(feeder: Feed, screen: Open) -> None:
    shown = screen(feeder(60).address, locale="fr-FR", color_scheme="light")
    page = shown.page
    assert page.locator("html").get_attribute("lang") == "fr"
    assert page.locator("html").get_attribute("data-theme") == "light"
    page.get_by_text("Capteurs").wait_for()
    assert page.get_by_test_id("mode").inner_text().lower() == "démonstration"
    tools = page.get_by_test_id("tools").locator("button")
    boxes = tools.evaluate_all(
        "(all) => all.map((b) => { const r = b.getBoundingClientRect(); return [r.top, r.height] })"
    )
    assert len({top for top, _ in boxes}) == 1  # one row of one line each, in the longer language at 1280 px
    assert max(height for _, height in boxes) < 30
    assert page.get_by_test_id("tools").evaluate("(n) => n.getBoundingClientRect().right") < 964
    shown.keep("day-french")
    page.get_by_test_id("language").click()
    page.get_by_test_id("sensors").get_by_text("Sensors").wait_for()
    page.get_by_test_id("theme").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    frames = shown.say("vigie.frames")
    shown.until(f"vigie.frames > {frames} && vigie.labels > 20")  # the new atlas is drawn
    page.reload()
    shown.until("window.vigie && window.vigie.version > 0")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_no_request_leaves_the_host(feeder: Feed, screen: Open) -> None:
    served = feeder(20)
    shown = screen(served.address)
    shown.until("vigie.labels > 5")
    shown.until("vigie.fineBorders")
    assert any(url.startswith("ws://") for url in shown.asked)
    own = urlparse(served.address).netloc
    foreign = [u for u in shown.asked if not u.startswith(("blob:", "data:")) and urlparse(u).netloc != own]
    assert not foreign


def test_markup_in_a_call_sign_is_text(feeder: Feed, screen: Open) -> None:
    shown = screen(feeder(50).address)
    page = shown.page
    shown.until("vigie.tracks === 50")
    assert shown.say("vigie.name(3)") == HOSTILE
    page.get_by_test_id("search").fill("<b>")
    row = page.get_by_test_id("tracks").get_by_role("option")
    shown.until("document.querySelectorAll('[role=option]').length === 1")
    assert HOSTILE in row.inner_text()
    row.click()
    page.get_by_test_id("track").get_by_text(HOSTILE).wait_for()
    assert page.get_by_test_id("track").locator("b").count() == 0
    assert page.get_by_test_id("tracks").locator("b").count() == 0
    shown.keep("hostile")


def test_keyboard_and_mouse(feeder: Feed, screen: Open) -> None:
    shown = screen(feeder(60).address)
    page = shown.page
    shown.until("vigie.labels > 10")
    zoom = shown.say("vigie.zoom")
    page.keyboard.press("+")
    shown.until(f"vigie.zoom > {zoom} + 0.9")
    before = shown.say("vigie.at(1).x")
    page.keyboard.press("ArrowRight")
    shown.until(f"vigie.at(1).x < {before} - 60")
    page.keyboard.press("f")
    shown.until(f"Math.abs(vigie.zoom - {zoom}) < 0.01")
    target = shown.say(
        "vigie.numbers().map((n) => ({n, ...vigie.at(n)}))"
        ".find((p) => p.x > 200 && p.x < 900 && p.y > 100 && p.y < 600)"
    )
    box = page.locator("#map").bounding_box()
    page.mouse.move(box["x"] + target["x"], box["y"] + target["y"])
    shown.until("document.querySelector('.tip') !== null && !document.querySelector('.tip').hidden")
    page.mouse.click(box["x"] + target["x"], box["y"] + target["y"])
    page.get_by_test_id("track-name").wait_for()
    name = page.get_by_test_id("track-name").inner_text().split("\n")[0]
    assert name in shown.say("vigie.numbers().map((n) => vigie.name(n))")
    shown.keep("selected")
    page.keyboard.press("Escape")
    page.get_by_test_id("track-name").wait_for(state="detached")
    page.get_by_test_id("show-labels").click()
    shown.until("vigie.labels === 0")


def test_kernels_being_prepared_are_shown(feeder: Feed, screen: Open) -> None:
    shown = screen(feeder(20, "--prepare", "5").address, ready="window.vigie")
    preparing = shown.page.get_by_test_id("preparing")
    preparing.wait_for(timeout=20_000)
    assert re.search(r"group \d", preparing.inner_text())
    shown.keep("preparing")
    preparing.wait_for(state="detached", timeout=20_000)
    shown.until("vigie.tracks === 20")
