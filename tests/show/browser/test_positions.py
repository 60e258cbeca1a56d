"""Positions, tools, filter, manual and log in a real browser, with mouse and keyboard, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import Screen
from tests.show.browser.conftest import Served

pytestmark = pytest.mark.browser

Open = Callable[..., Screen]
Feed = Callable[..., Served]


def test_a_watch_by_keyboard_and_mouse(feeder: Feed, screen: Open) -> None:
    shown = screen(feeder(60).address)
    page = shown.page
    shown.until("vigie.tracks === 60 && vigie.labels > 20")
    seats = page.get_by_test_id("position").locator("option").evaluate_all("(all) => all.map((o) => o.value)")
    assert seats[0] == "supervisor"
    page.get_by_test_id("position").select_option("controller")
    page.get_by_test_id("plans").wait_for()
    assert page.get_by_test_id("sensors").count() == 0  # another desk's panel
    page.get_by_test_id("position").select_option("supervisor")
    page.get_by_test_id("sensors").wait_for()

    # A measure between two tracks: taken by key, ended in the list, moving with both.
    numbers: list[int] = shown.say("vigie.numbers()")
    box = page.locator("#map").bounding_box()
    assert box is not None
    click(shown, box, shown.say(f"vigie.at({numbers[5]})"))
    page.keyboard.press("m")
    click(shown, box, shown.say(f"vigie.at({numbers[9]})"))
    shown.until("vigie.measures.some((text) => /^\\d+\\.\\dNM \\d\\d\\d°/.test(text))")
    page.keyboard.press("Escape")

    # A circle: drawn, named, and gone to the server as an act.
    page.get_by_test_id("tool-circle").click()
    page.mouse.click(box["x"] + 200, box["y"] + 200)
    page.mouse.click(box["x"] + 260, box["y"] + 200)
    page.get_by_test_id("drawn-text").fill("<b>search area</b>")
    page.keyboard.press("Enter")
    page.get_by_test_id("drawn").wait_for(state="detached")

    # A filter says what it hides, and can be taken away.
    page.get_by_test_id("filter").locator(".panel-fold").click()
    page.get_by_test_id("filter-low").fill("900")
    shown.until("vigie.hidden > 0 && vigie.symbols < 60")
    assert "hidden" in page.get_by_test_id("hidden").inner_text()
    page.get_by_test_id("filter-clear").click()
    shown.until("vigie.hidden === 0 && vigie.symbols === 60")

    page.locator("#map").click(position={"x": 5, "y": 5})
    page.keyboard.press("?")
    assert "Supervisor" in page.get_by_test_id("help").inner_text()
    page.keyboard.press("Escape")
    page.get_by_test_id("help").wait_for(state="detached")
    page.get_by_test_id("sound-test").click()
    shown.until("vigie.sounds === 1")
    page.get_by_test_id("language").click()
    page.get_by_test_id("alerts").get_by_text("Aucune alerte ouverte.").wait_for()
    shown.keep("positions")


def click(shown: Screen, box: Any, at: Any) -> None:
    shown.page.mouse.click(box["x"] + at["x"], box["y"] + at["y"])
