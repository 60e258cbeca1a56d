"""The technician reads what was set aside: what, where, why, what to do; by keyboard, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser import Screen
from tests.show.browser.axe import serious
from tests.show.browser.conftest import Served
from tests.show.browser.test_account import reach
from tests.show.browser.test_watch import at_the_door, sign_in
from tests.show.standin import HOSTILE_TEXT

pytestmark = pytest.mark.browser

Open = Callable[..., Screen]
Feed = Callable[..., Served]


@pytest.mark.parametrize(
    ("locale", "light", "why", "do", "usual"),
    [
        pytest.param("en-GB", "dark", "The extent of a data item cannot be right.", "Compare the edition",
                     "Usual, nothing to do: 1", marks=pytest.mark.repetition),
        ("fr-FR", "light", "L’étendue d’une rubrique ne peut pas être juste.", "Comparez l’édition",
         "Courant, rien à faire : 1"),
    ],
)  # fmt: skip
def test_the_technician_reads_what_was_set_aside(
    feeder: Feed, screen: Open, locale: str, light: str, why: str, do: str, usual: str
) -> None:
    shown = at_the_door(screen, feeder(20, "--watch"), locale=locale, color_scheme=light)
    sign_in(shown, "technician")
    page = shown.page
    page.locator("[data-testid=aside-list] li").nth(4).wait_for()
    entries = page.locator("[data-testid=aside-list] li")
    first = entries.nth(0).inner_text()
    for words in ("× 7", "Niamey MSSR", "CAT048", "I048/070", "23", "1042", why, do):
        assert words in first, words
    kinds = entries.evaluate_all("(all) => all.map((e) => e.dataset.what)")
    assert kinds[:5] == ["record", "act", "record", "track", "connection"]  # the newest first, without a time last
    assert HOSTILE_TEXT in entries.nth(1).inner_text()
    assert not re.search(r"\b[a-z]+\.[a-z]+\b", entries.nth(1).locator(".log-head").inner_text())  # an act has a name
    assert page.get_by_test_id("aside").locator("i").count() == 0
    assert not entries.get_by_text("311").first.is_visible()  # the usual is folded away
    assert page.get_by_test_id("aside-usual").inner_text() == usual
    assert serious(shown) == []
    shown.keep(f"aside-{locale[:2]}")
    page.locator("#map").focus()
    reach(shown, "[data-testid=aside-list]")
    page.keyboard.press("End")
    reach(shown, "[data-testid=aside-usual]")
    page.keyboard.press("Enter")
    assert entries.get_by_text("311").first.is_visible()
    assert serious(shown) == []


def test_a_viewer_is_not_shown_the_list_and_may_not_ask_for_it(feeder: Feed, screen: Open) -> None:
    shown = at_the_door(screen, feeder(20, "--watch"))
    sign_in(shown, "viewer")
    assert shown.page.get_by_test_id("aside").count() == 0
    assert shown.say("fetch('/api/aside').then((r) => r.status)") == 403
    shown.errors.clear()  # a browser calls the refusal an error, which it was
