"""A real Chromium for every test that wants one: ``screen(address)`` opens a page in which nothing may go wrong."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "src" / "vigie" / "show" / "page"
SCREENSHOTS = ROOT / "screenshots"
# WebGL in software: never judge frame rate here. The rest keeps the browser from talking to its maker.
FLAGS = (
    "--no-sandbox --disable-gpu --use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync --disable-quic --disable-extensions "
    "--disable-default-apps --no-default-browser-check --metrics-recording-only"
).split()
# A rule, not a measure: at most so long for a browser on two busy cores to get where a test waits.
PATIENCE_S = 60.0


def chromium() -> str | None:
    """Return the system's Chromium, or None (Ubuntu's snap cannot run without its daemon)."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        found = shutil.which(name)
        if found and "snap" not in Path(found).resolve().as_posix():
            return found
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the browser tests with one sentence where there is no browser; in CI that is a failure."""
    if chromium() or os.environ.get("CI"):
        return
    for item in items:
        if "browser" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine: the browser tests are left out"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for all tests."""
    path = chromium()
    assert path, "CI must not leave out the browser tests: install Chromium"
    assert (PAGE / "index.html").is_file(), "the page is not built: run builders/web.py"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        instance = play.chromium.launch(executable_path=path, args=FLAGS)
        yield instance
        instance.close()


@dataclass
class Screen:
    """A page with what it asked for and complained about."""

    page: Any
    asked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def say(self, expression: str) -> Any:
        """Evaluate JavaScript in the page (by the browser's debugger: the page's own policy allows no eval)."""
        return self.page.evaluate(expression)

    def until(self, expression: str, patience_s: float = PATIENCE_S) -> None:
        """Wait until an expression holds; of an element that is not there yet (a TypeError) it does not hold yet."""
        asked = f"() => {{ try {{ return [Boolean({expression}), ''] }} catch (e) {{ return [false, String(e)] }} }}"
        why = ""
        for _ in range(int(patience_s * 20)):
            holds, why = self.say(asked)
            if holds:
                return
            self.page.wait_for_timeout(50)
        pytest.fail(f"after {patience_s} s still not: {expression}\n{why}\n{self.errors}")

    def keep(self, name: str) -> None:
        """Keep a screenshot in the ignored folder."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")


@pytest.fixture
def screen(browser: Any) -> Iterator[Callable[..., Screen]]:
    """Open an address: ``screen(address, ready=..., locale=...)``; nothing may go wrong in the page."""
    contexts = []
    screens: list[Screen] = []

    def open_page(
        address: str, *, ready: str = "window.vigie && vigie.version > 0 && vigie.frames > 0", **how: Any
    ) -> Screen:
        options = {"viewport": {"width": 1280, "height": 760}, "locale": "en-GB", "color_scheme": "dark", **how}
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        shown = Screen(page)
        screens.append(shown)
        page.on("request", lambda request: shown.asked.append(request.url))
        page.on("websocket", lambda socket: shown.asked.append(socket.url))
        page.on("pageerror", lambda error: shown.errors.append(str(error)))
        page.on(
            "console",
            lambda said: (
                shown.errors.append(said.text)
                if said.type == "error" or "Content Security Policy" in said.text
                else None
            ),
        )
        page.goto(address)
        shown.until(ready)
        return shown

    yield open_page
    complaints = [error for shown in screens for error in shown.errors]
    for context in contexts:
        context.close()
    assert not complaints
