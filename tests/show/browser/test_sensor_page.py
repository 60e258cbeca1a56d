"""The page of a sensor: its account, its curves over time, in both languages, without leaving the host."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlparse

import pytest

from tests.browser import Screen
from tests.show.browser.axe import serious
from tests.show.browser.conftest import Served

pytestmark = pytest.mark.browser

INK = """(() => {
  const canvas = document.querySelector("[data-testid=chart-azimuth] canvas");
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let ink = 0;
  for (let i = 3; i < data.length; i += 4) ink += data[i] > 0 ? 1 : 0;
  return ink;
})()"""


def test_the_curves_of_a_sensor_and_the_one_that_was_never_heard(
    feeder: Callable[..., Served], screen: Callable[..., Screen]
) -> None:
    served = feeder(20)
    shown = screen(served.address)
    page, keys = shown.page, shown.page.keyboard
    shown.until("vigie.tracks === 20")
    page.locator("#map").focus()
    keys.press("g")
    page.get_by_test_id("sensor-page").wait_for()
    shown.until("Number(document.querySelector('[data-testid=chart-azimuth]').dataset.points) >= 2", 40)
    shown.until("document.querySelectorAll('[data-testid=sensor-page] canvas').length === 5")
    assert shown.say(INK) > 200  # a drawn curve, not an empty sheet
    assert "0.23 °" in page.get_by_test_id("chart-azimuth").inner_text()  # 0.004 rad
    assert "42 m" in page.get_by_test_id("chart-range").inner_text()
    assert "not known" in page.get_by_test_id("chart-time").inner_text()
    page.get_by_test_id("sensor-page-watch").click()
    shown.until("Number(document.querySelector('[data-testid=chart-rotation]').dataset.points) >= 1")
    assert serious(shown) == []

    page.get_by_test_id("language").click()
    page.get_by_test_id("sensor-page").get_by_text("Biais d'azimut").wait_for()
    page.get_by_test_id("sensor-page-sensor").select_option("3")
    page.get_by_test_id("sensor-page-state").get_by_text("aucun message depuis plus d'un tour d'antenne").wait_for()
    shown.until("document.querySelectorAll('[data-testid=sensor-page] canvas').length === 0")
    page.get_by_test_id("theme").click()
    assert serious(shown) == []
    shown.keep("sensor-page")
    page.get_by_test_id("sensor-page").focus()
    keys.press("Escape")
    page.get_by_test_id("sensor-page").wait_for(state="detached")
    own = urlparse(served.address).netloc
    assert not [u for u in shown.asked if not u.startswith(("blob:", "data:")) and urlparse(u).netloc != own]


def test_the_facts_of_a_track_keep_their_two_columns(
    feeder: Callable[..., Served], screen: Callable[..., Screen]
) -> None:
    shown = screen(feeder(20).address)
    shown.until("vigie.tracks === 20")
    shown.page.get_by_test_id("search").fill("#1")
    shown.page.get_by_test_id("tracks").get_by_role("option").first.click()
    facts = shown.page.get_by_test_id("track").locator("dl.facts")
    facts.wait_for()
    assert len(facts.evaluate("(e) => getComputedStyle(e).gridTemplateColumns.split(' ')")) == 2
    assert facts.locator("div").first.evaluate("(e) => getComputedStyle(e).display") == "block"
