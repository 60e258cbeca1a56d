"""People at their positions: they sign in, see an intruder, act, by keyboard alone and in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser import Screen
from tests.show.browser.axe import serious
from tests.show.browser.conftest import Served
from tests.show.standin import HOSTILE_TEXT, PASSWORD
from vigie.people.positions import POSITIONS

pytestmark = pytest.mark.browser

Open = Callable[..., Screen]
Feed = Callable[..., Served]
SEATS = {
    "operator": ("surveillance", "identification", "controller", "trainee"),
    "supervisor": ("supervisor", "analyst"),
    "technician": ("technician",),
    "trainer": ("instructor",),
    "viewer": ("viewer",),
}
"""Who is asked to sit where, so that each position is seen once."""


def at_the_door(screen: Open, served: Served, **how: object) -> Screen:
    base = served.address.split("/enter")[0]
    return screen(f"{base}/login", ready="document.querySelector('input[name=password]')", **how)


def sign_in(shown: Screen, name: str, password: str = PASSWORD) -> None:
    """Sign in by keyboard: the name has the focus, Tab leads on."""
    keys = shown.page.keyboard
    keys.type(name)
    keys.press("Tab")
    keys.type(password)
    keys.press("Enter")
    if password == PASSWORD:
        shown.page.wait_for_url("**/")
        shown.until("window.vigie && vigie.version > 0 && vigie.frames > 0")


def focused(shown: Screen) -> str:
    return str(shown.say("document.activeElement.dataset.testid || document.activeElement.className"))


def test_a_whole_watch_by_keyboard_alone(feeder: Feed, screen: Open) -> None:
    shown = at_the_door(screen, feeder(60, "--watch"))
    keys, page = shown.page.keyboard, shown.page
    sign_in(shown, "operator")
    page.get_by_test_id("position").select_option("identification")
    shown.until("vigie.alerts === 2")
    intruder = page.locator("[data-rule=apw_intrusion]")
    assert intruder.get_attribute("data-state") == "raised"

    keys.press("a")  # see it
    assert focused(shown) == "alert-row"
    assert page.get_by_test_id("own-account").get_attribute("href") == "/account"
    keys.press("Enter")
    shown.until("document.querySelector('[data-testid=track-name]') !== null")
    keys.press("t")  # say who it is
    assert focused(shown) == "identify"
    keys.press("h")  # the only one with this letter: more letters must follow each other within the browser's patience
    keys.press("Tab")
    assert focused(shown) == "identify-why"
    keys.type("no plan, no answer <b>")
    keys.press("Enter")
    page.get_by_test_id("category").get_by_text("hostile").wait_for()
    assert "operator" in page.get_by_test_id("evidence").inner_text()
    assert "<b>" in page.get_by_test_id("evidence").inner_text()
    keys.press("Escape")
    keys.press("a")  # acknowledge it
    keys.press("Tab")
    assert focused(shown) == "acknowledge"
    keys.press("Enter")
    shown.until("document.querySelector('[data-rule=apw_intrusion]').dataset.state === 'acknowledged'")
    keys.press("l")  # log it
    assert focused(shown) == "log-text"
    keys.type("05 identified hostile, alert taken")
    keys.press("Enter")
    page.get_by_test_id("log").get_by_text("05 identified hostile").wait_for()
    shown.keep("watch-keyboard")


@pytest.mark.parametrize(("light", "locale"), [("dark", "en-GB"), ("light", "fr-FR")])
def test_nothing_keeps_people_out(feeder: Feed, screen: Open, light: str, locale: str) -> None:
    shown = at_the_door(screen, feeder(60, "--watch"), color_scheme=light, locale=locale)
    page = shown.page
    assert serious(shown) == []
    sign_in(shown, "supervisor", "a wrong word of twelve")
    page.locator(".said").wait_for()
    assert serious(shown) == []
    shown.errors.clear()  # a browser calls the refusal an error, which it was
    page.locator("input[name=name]").focus()
    sign_in(shown, "supervisor")
    shown.until("vigie.alerts === 2 && vigie.labels > 10 && vigie.weather === 3")
    page.get_by_test_id("show-ellipses").click()
    page.get_by_test_id("show-ahead").click()
    shown.until("vigie.ahead > 100")
    shown.say("document.querySelectorAll('.panel-fold[aria-expanded=false]').forEach((b) => b.click())")
    shown.say("document.querySelectorAll('[role=option]')[5].click()")
    for seat in ("supervisor", "controller", "analyst"):
        page.get_by_test_id("position").select_option(seat)
        shown.until("document.querySelector('[data-testid=who]') !== null")
        assert serious(shown) == [], seat
    page.locator("#map").focus()
    page.keyboard.press("?")
    page.get_by_test_id("help").wait_for()
    assert serious(shown) == []
    shown.keep(f"help-{light}")


def test_each_position_has_its_panels_in_both_languages(feeder: Feed, screen: Open) -> None:
    served = feeder(60, "--watch", "--replay")
    assert {seat for seats in SEATS.values() for seat in seats} == set(POSITIONS)
    for role, seats in SEATS.items():
        shown = at_the_door(screen, served)
        page = shown.page
        sign_in(shown, role)
        for seat in seats:
            page.get_by_test_id("position").select_option(seat)
            for language, title in (("en", "Selected track"), ("fr", "Piste choisie")):
                page.get_by_test_id("track").get_by_text(title).wait_for()
                assert page.locator("html").get_attribute("lang") == language
                for panel in POSITIONS[seat].panels:
                    assert page.get_by_test_id(panel).is_visible(), (seat, panel)
                page.get_by_test_id("language").click()
            shown.keep(f"seat-{seat}")
        assert HOSTILE_TEXT not in page.content()  # as text its angle brackets are written otherwise
        page.context.close()


def test_a_replay_is_steered_with_mouse_and_keys_and_its_pause_is_not_stale(feeder: Feed, screen: Open) -> None:
    shown = at_the_door(screen, feeder(20, "--watch", "--replay"))
    page = shown.page
    sign_in(shown, "supervisor")
    bar = page.get_by_test_id("timebar")
    bar.wait_for()
    page.locator("#map").focus()
    page.keyboard.press(" ")
    shown.until("document.querySelector('[data-testid=timebar]').dataset.state === 'paused'")
    page.wait_for_timeout(3000)
    assert page.get_by_test_id("stale").count() == 0
    page.get_by_test_id("time-slider").focus()
    before = page.get_by_test_id("time-slider").input_value()
    page.keyboard.press("End")
    page.get_by_test_id("time-speed").select_option("8")
    shown.until("document.querySelector('[data-testid=time-speed]').value === '8'")
    page.get_by_test_id("time-loop").click()
    page.get_by_test_id("time-loop").click()
    shown.until("document.querySelector('[data-testid=time-loop]').getAttribute('aria-pressed') === 'true'")
    shown.keep("timebar")
    page.get_by_test_id("time-play").click()
    shown.until("document.querySelector('[data-testid=timebar]').dataset.state === 'playing'")
    assert float(before) > 0
    version = shown.say("vigie.version")
    shown.until(f"vigie.version > {version}")
    assert page.get_by_test_id("stale").count() == 0
