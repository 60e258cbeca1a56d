"""Every tool of the display and every position that one person may take, used once, in the language that is shown."""

from __future__ import annotations

from typing import Any

from tests.browser import Screen


def sit_everywhere(shown: Screen, name: str) -> list[str]:
    """Take each seat offered, in both languages; return the seats. A picture is kept of each."""
    page = shown.page
    options = page.get_by_test_id("position").locator("option")
    seats: list[str] = options.evaluate_all("(all) => all.map((o) => o.value)")
    for seat in seats:
        page.get_by_test_id("position").select_option(seat)
        for title in ("Selected track", "Piste choisie"):
            page.get_by_test_id("track").get_by_text(title).wait_for()
            assert page.locator(".side .panel").count() >= 4, seat
            page.get_by_test_id("language").click()
    page.get_by_test_id("position").select_option("supervisor")
    shown.keep(f"{name}-supervisor")
    return seats


def use_tools(shown: Screen, language: str) -> None:
    """Use what needs no act: layers, measure, search, filter, view, profile, manual, sound."""
    page, keys = shown.page, shown.page.keyboard
    if page.locator("html").get_attribute("lang") != language:
        page.get_by_test_id("language").click()
    for layer in ("labels", "vectors", "trails", "plots"):
        button = page.get_by_test_id(f"show-{layer}")
        button.click()
        assert button.get_attribute("aria-pressed") == "false"
        button.click()
    keys.press("Escape")
    page.locator("#map").focus()
    keys.press("f")
    a, b = shown.say("vigie.numbers().slice(0, 2)")
    keys.press("m")
    for number in (a, b):  # by number in the list: the same track wherever it is
        page.get_by_test_id("search").fill(f"#{number}")
        page.get_by_test_id("tracks").get_by_role("option").first.click()
    shown.until("vigie.measures.some((text) => /^\\d+\\.\\dNM \\d\\d\\d°/.test(text))")
    page.get_by_test_id("search").fill("")
    fold = page.get_by_test_id("filter").locator(".panel-fold")
    if fold.get_attribute("aria-expanded") == "false":
        fold.click()
    page.get_by_test_id("filter-silent").check()
    page.get_by_test_id("view-name").fill(f"view {language}")
    keys.press("Enter")
    page.get_by_test_id("filter-clear").click()
    view = page.get_by_test_id("view").filter(has_text=f"view {language}")
    view.get_by_role("button").first.click()
    assert page.get_by_test_id("filter-silent").is_checked()
    page.get_by_test_id("filter-clear").click()
    shown.until("vigie.hidden === 0")
    page.get_by_test_id("position").select_option("controller")
    page.get_by_test_id("profile").locator("svg circle").first.wait_for()
    page.get_by_test_id("position").select_option("supervisor")
    sounds = shown.say("vigie.sounds")
    page.get_by_test_id("sound-test").click()
    shown.until(f"vigie.sounds > {sounds}")
    page.locator("#map").focus()
    keys.press("?")
    page.get_by_test_id("help").wait_for()
    keys.press("?")
    page.get_by_test_id("help").wait_for(state="detached")


def draw(
    shown: Screen, text: str, kinds: tuple[str, ...] = ("circle", "corridor", "polygon"), becomes: str = ""
) -> None:
    """Draw forms with the mouse and give each its words; ``becomes`` makes it an area of that kind."""
    page = shown.page
    box: Any = page.locator("#map").bounding_box()
    for kind in kinds:
        points = 2 if kind == "circle" else 3
        page.get_by_test_id(f"tool-{kind}").click()
        for k in range(points):
            page.mouse.click(box["x"] + 300 + 60 * k, box["y"] + 200 + 50 * (k % 2))
        if kind != "circle":
            page.keyboard.press("Enter")
        page.get_by_test_id("drawn-text").fill(f"{text} {kind}")
        if becomes:
            page.get_by_test_id("drawn-as").select_option(becomes)
            page.get_by_test_id("drawn-text").focus()
        page.keyboard.press("Enter")
        page.get_by_test_id("drawn").wait_for(state="detached")
