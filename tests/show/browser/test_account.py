"""My account and the list of accounts in a real browser: by keyboard, in both languages, with nothing in the way."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.browser import Screen
from tests.show.browser.axe import serious
from tests.show.browser.conftest import Served
from tests.show.browser.test_watch import at_the_door, sign_in
from tests.show.standin import PASSWORD

pytestmark = pytest.mark.browser

Open = Callable[..., Screen]
Feed = Callable[..., Served]


def reach(shown: Screen, selector: str) -> None:
    """Go on with Tab until the element has the focus, as somebody without a mouse does."""
    for _ in range(80):
        if shown.say(f"document.activeElement.matches({selector!r})"):
            return
        shown.page.keyboard.press("Tab")
    pytest.fail(f"no Tab reaches {selector}")


@pytest.mark.parametrize(
    ("locale", "light", "title", "ended"),
    [
        pytest.param("en-GB", "dark", "My account", "Sessions ended: 1", marks=pytest.mark.repetition),
        ("fr-FR", "light", "Mon compte", "Sessions terminées : 1"),
    ],
)
def test_a_person_ends_a_session_left_open_elsewhere(
    feeder: Feed, screen: Open, locale: str, light: str, title: str, ended: str
) -> None:
    served = feeder(20, "--watch")
    base = served.address.split("/enter")[0]
    elsewhere = httpx.Client(base_url=base, headers={"Origin": base})  # a desk that was left without leaving
    assert elsewhere.post("/login", data={"name": "operator", "password": PASSWORD}).status_code == 303
    assert elsewhere.get("/api/site").status_code == 200
    shown = at_the_door(screen, served, locale=locale, color_scheme=light)
    sign_in(shown, "operator")
    page = shown.page
    link = page.get_by_test_id("own-account")
    assert link.inner_text() == title
    link.focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=title).wait_for()
    assert page.locator("html").get_attribute("lang") == locale[:2]
    assert page.locator("tbody tr").count() == 2
    assert serious(shown) == []
    shown.keep(f"account-{locale[:2]}")
    reach(shown, "form:has(input[value=others]) button")
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text(ended).wait_for()
    assert page.locator("tbody tr").count() == 1
    assert elsewhere.get("/api/site").status_code == 403
    elsewhere.close()


@pytest.mark.parametrize(
    ("locale", "light", "make"),
    [
        ("en-GB", "dark", "New account"),
        pytest.param("fr-FR", "light", "Nouveau compte", marks=pytest.mark.repetition),
    ],
)
def test_an_administrator_makes_an_account_by_keyboard_and_its_password_is_shown_once(
    feeder: Feed, screen: Open, locale: str, light: str, make: str
) -> None:
    shown = at_the_door(screen, feeder(20, "--watch"), locale=locale, color_scheme=light)
    page, keys = shown.page, shown.page.keyboard
    keys.type("admin")
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    page.wait_for_url("**/account")
    reach(shown, "a[href='/accounts']")
    keys.press("Enter")
    page.wait_for_url("**/accounts")
    page.get_by_role("heading", name=make).wait_for()
    assert serious(shown) == []
    reach(shown, "input[name=name]:not([type=hidden])")
    keys.type("fati")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    page.locator(".secret").wait_for()
    secret = page.locator(".secret").inner_text()
    assert len(secret) == 23
    assert serious(shown) == []
    shown.keep(f"accounts-{locale[:2]}")
    page.goto(page.url)
    assert page.locator(".secret").count() == 0
    assert page.get_by_text("fati").count() >= 1
