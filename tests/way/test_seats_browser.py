"""Technician, instructor and trainee at their seats in a real browser, on an exercise and on a replay, by keys alone.

The exercise is a running centre with accounts; the replay is a real radar's recording, opened in each one's role. Both
languages are used: the seat of one test in English, its other in French. CI takes the technician of the exercise, in
French; the others with ``--campaign``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.browser import Screen
from tests.show.browser.axe import serious
from tests.show.browser.test_account import reach
from tests.way.process import Vigie, running
from vigie.app.people import FOLDER
from vigie.people.accounts import Accounts
from vigie.people.password import Passwords

pytestmark = pytest.mark.browser
Open = Callable[..., Screen]
PASSWORD = "the-watch-of-the-tests"
READY = "window.vigie && vigie.version > 0 && vigie.frames > 0"
PATIENT_S = 240.0


def sign_in(screen: Open, vigie: Vigie, name: str, locale: str) -> Screen:
    """Come in through the door by keys: the name has the focus."""
    shown = screen(f"{vigie.base}/login", ready="document.querySelector('input[name=password]')", locale=locale)
    keys = shown.page.keyboard
    keys.type(name)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    shown.page.wait_for_url("**/")
    shown.until(f"{READY} && vigie.tracks >= 5", PATIENT_S)
    return shown


def sit(shown: Screen, seat: str) -> None:
    """Take a seat with Tab and arrows."""
    reach(shown, "[data-testid=position]")
    chosen = "document.querySelector('[data-testid=position]').value"
    for key in ("Home", *["ArrowDown"] * 9):
        if shown.say(chosen) == seat:
            break
        shown.page.keyboard.press(key)
    assert shown.say(chosen) == seat
    shown.page.keyboard.press("Escape")


def away(shown: Screen) -> None:
    """Leave a field with Escape, so that keys are the display's again; elsewhere Escape would drop the selection."""
    if shown.say("document.activeElement.matches('input, select, textarea')"):
        shown.page.keyboard.press("Escape")
    assert not shown.say("document.activeElement.matches('input, select, textarea')")


def choose_a_track(shown: Screen) -> str:
    """Search the first track by its number and select it with Enter; return what it is called."""
    number = shown.say("Math.min(...vigie.numbers())")
    shown.page.keyboard.press("/")
    shown.page.keyboard.type(f"#{number}")
    reach(shown, "[data-testid=tracks] [role=option]")
    shown.page.keyboard.press("Enter")
    shown.until("document.querySelector('[data-testid=track-name]') !== null")
    return str(number)


def write_log(shown: Screen, text: str) -> None:
    away(shown)
    shown.page.keyboard.press("l")
    shown.page.keyboard.type(text)
    shown.page.keyboard.press("Enter")
    shown.page.get_by_test_id("log").get_by_text(text).wait_for()
    away(shown)


def read_a_sensor(shown: Screen) -> None:
    """Open the page of the first sensor, read it, close it."""
    shown.page.keyboard.press("g")
    shown.page.get_by_test_id("sensor-page").wait_for()
    assert shown.page.get_by_test_id("sensor-page-state").inner_text().strip()
    shown.page.keyboard.press("Escape")
    shown.page.get_by_test_id("sensor-page").wait_for(state="detached")


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vigie]:
    """An exercise as a running centre, with an account for each of the three."""
    folder = tmp_path_factory.mktemp("seats")
    data = folder / "centre"
    with running(
        "run", "exercise:busy_noon", "--speed", "2", "--listen", "127.0.0.1:0", "--data-dir", data, data_home=folder
    ) as vigie:
        books = Accounts(data / FOLDER, Passwords(passes=1, memory_kib=64))
        for name, role in (("tina", "technician"), ("ibra", "trainer"), ("sani", "operator")):
            books.add(name, role, PASSWORD)
        yield vigie
        assert vigie.stop() == 0, vigie.said


@pytest.mark.parametrize("locale", ["fr-FR"])
def test_the_technician_on_an_exercise(centre: Vigie, screen: Open, locale: str) -> None:
    shown = sign_in(screen, centre, "tina", locale)
    page = shown.page
    assert page.locator("html").get_attribute("lang") == "fr"
    for panel in ("sensors", "aside", "ledgers", "log"):
        assert page.get_by_test_id(panel).is_visible(), panel
    shown.until("document.querySelectorAll('[data-testid=sensor][data-state=\"1\"]').length >= 3", PATIENT_S)
    read_a_sensor(shown)
    assert page.get_by_test_id("ledgers").get_by_text("Décodage").is_visible()
    assert page.get_by_test_id("acknowledge").count() == 0
    act = "JSON.stringify({act: 'track.identify', subject: '1', value: 'hostile'})"
    answer = shown.say(f"fetch('/api/acts', {{method: 'POST', body: {act}}}).then((r) => r.status)")
    assert answer == 403  # no operational act is theirs
    shown.errors.clear()  # a browser calls the refusal an error, which it was
    write_log(shown, "radar de Niamey : ligne contrôlée")
    assert serious(shown) == []
    shown.keep("seat-exercise-technician")


@pytest.mark.repetition
@pytest.mark.parametrize("locale", ["en-GB"])
def test_the_trainee_works_and_the_instructor_sees_it_on_an_exercise(centre: Vigie, screen: Open, locale: str) -> None:
    shown = sign_in(screen, centre, "sani", locale)
    page, keys = shown.page, shown.page.keyboard
    sit(shown, "trainee")
    for panel in ("tracks", "alerts", "sensors", "log"):
        assert page.get_by_test_id(panel).is_visible(), panel
    away(shown)
    number = choose_a_track(shown)
    keys.press("t")
    assert shown.say("document.activeElement.dataset.testid") == "identify"
    keys.press("n")
    keys.press("Tab")
    keys.type("seen by the trainee <b>")
    keys.press("Enter")
    page.get_by_test_id("category").get_by_text("neutral").wait_for(timeout=60_000)
    assert "seen by the trainee <b>" in page.get_by_test_id("evidence").inner_text()
    write_log(shown, f"{number} is neutral")
    assert serious(shown) == []
    shown.keep("seat-exercise-trainee")
    page.context.close()

    seen = sign_in(screen, centre, "ibra", "fr-FR")
    page = seen.page
    assert page.get_by_test_id("position").input_value() == "instructor"
    page.get_by_test_id("exercise").get_by_text("sani").first.wait_for()
    assert "neutre" in page.get_by_test_id("exercise").inner_text()
    page.get_by_test_id("log").get_by_text(f"{number} is neutral").wait_for()
    away(seen)
    write_log(seen, "le stagiaire a identifié la piste")
    assert page.get_by_test_id("identify").count() == 0
    assert serious(seen) == []
    seen.keep("seat-exercise-instructor")


@contextlib.contextmanager
def replayed(shared: Path, role: str, home: Path) -> Iterator[Vigie]:
    with running(
        "replay", shared / "data/asterix/ar_saenzpena_20260429_part1_cat034_048.pcap", "--role", role,
        "--site", shared / "data/sites/saenzpena.toml", "--speed", "20", "--listen", "127.0.0.1:0", data_home=home,
    ) as vigie:  # fmt: skip
        yield vigie
        assert vigie.stop() == 0, vigie.said


@pytest.mark.repetition
@pytest.mark.shared
@pytest.mark.parametrize(
    ("role", "seat", "locale", "steers"),
    [("trainer", "instructor", "en-GB", True), ("technician", "technician", "fr-FR", False),
     ("operator", "trainee", "fr-FR", False)],
)  # fmt: skip
def test_the_seat_on_a_replay(
    shared: Path, screen: Open, tmp_path: Path, role: str, seat: str, locale: str, steers: bool
) -> None:
    with replayed(shared, role, tmp_path) as vigie:
        shown = screen(vigie.page, locale=locale)
        shown.until(f"{READY} && vigie.tracks >= 5 && vigie.labels >= 1", PATIENT_S)
        page, keys = shown.page, shown.page.keyboard
        sit(shown, seat)
        away(shown)
        page.get_by_test_id("timebar").wait_for()
        before = shown.say("vigie.nowMs")
        shown.until(f"vigie.nowMs > {before}")
        keys.press(" ")  # stop
        if steers:
            shown.until("document.querySelector('[data-testid=timebar]').dataset.state === 'paused'")
            stood = shown.say("vigie.nowMs")
            keys.press(".")  # a second on
            shown.until(f"vigie.nowMs >= {stood} + 900")
            assert not shown.say("vigie.stale")
            keys.press(" ")
            shown.until("document.querySelector('[data-testid=timebar]').dataset.state === 'playing'")
        else:
            going = shown.say("vigie.nowMs")
            shown.until(f"vigie.nowMs > {going} + 5000")  # who may not steer it does not stop it
            assert page.get_by_test_id("timebar").get_attribute("data-state") == "playing"
        if seat == "trainee":
            away(shown)
            choose_a_track(shown)
            keys.press("t")
            reach(shown, "[data-testid=identify-why]")
            keys.type("un essai")
            keys.press("Enter")
            page.get_by_text("rien ne peut y être changé").first.wait_for()  # a replay shows what was, said in French
            assert shown.say("document.querySelector('[data-testid=identify-why]').offsetWidth") > 60
        if seat == "technician":
            read_a_sensor(shown)
            assert page.get_by_test_id("aside").is_visible()
        with httpx.Client(base_url=vigie.base) as client:
            client.get(vigie.page.removeprefix(vigie.base), follow_redirects=True)
            asked = {"act": "replay.control", "value": "speed 20"}
            status = client.post("/api/acts", json=asked, headers={"Origin": vigie.base}).status_code
            assert status == (200 if role in {"trainer", "operator"} else 403)
        assert serious(shown) == []
        shown.keep(f"seat-replay-{seat}")
