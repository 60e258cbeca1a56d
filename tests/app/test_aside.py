"""What was set aside is listed newest first, grouped and bounded, with an advice for every reason there is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vigie.app.aside import MOST, NOT_FINITE, Aside
from vigie.app.pipeline import Outputs, State
from vigie.sensors.site import make_site
from vigie.show.aside import ADVICE, aside_json
from vigie.show.hub import Hub
from vigie.terms.batch import Act
from vigie.terms.ledger import REASON, REASONS
from vigie.terms.tables import HEALTH, PLOT, REJECT, SERVICE, TRACK, Rows

NS = 10**9
WORDS = Path(__file__).resolve().parents[2] / "web" / "src" / "words"


@pytest.fixture
def state() -> State:
    return State(make_site(name="Niamey", lat_deg=13.5, lon_deg=2.1, sensors=()))


def rejects(*rows: tuple[int, int, str]) -> Rows:
    """Rows of (link, item, reason), each with its own offset, in order of time."""
    made = REJECT.empty(len(rows))
    made["link"], made["item"] = [r[0] for r in rows], [r[1] for r in rows]
    made["reason"] = [REASON[r[2]] for r in rows]
    made["sensor_id"], made["category"], made["offset"] = 1, 48, np.arange(len(rows))
    return made


def out(now_s: float, rows: Rows | None = None) -> Outputs:
    now_ns = int(now_s * NS)
    rows = REJECT.empty() if rows is None else rows
    rows["rx_ns"] = now_ns - len(rows) + np.arange(len(rows))
    return Outputs(
        now_ns=now_ns, plots=PLOT.empty(), services=SERVICE.empty(), rejects=rows, health=HEALTH.empty(),
        tracks=TRACK.empty(),
    )  # fmt: skip


def listed(aside: Aside) -> list[dict[str, Any]]:
    return aside.facts()["aside"]


def test_equal_records_are_one_entry_with_a_count_and_the_newest_place(state: State) -> None:
    aside = Aside(state)
    aside.take(state, out(1.1, rejects((1, 70, "bad_item"), (2, 0, "block_truncated"), (1, 70, "bad_item"))))
    aside.take(state, out(1.2, rejects((1, 70, "bad_item"))))
    first, second = listed(aside)
    assert (first["what"], first["reason"], first["count"], first["offset"], first["item"]) == (
        "record", "bad_item", 3, 0, 70,
    )  # fmt: skip
    assert (second["reason"], second["count"], second["offset"], second["link"]) == ("block_truncated", 1, 1, 2)
    assert first["at_ms"] > second["at_ms"]
    assert aside.facts() == {}, "told once, until something changes"
    aside.take(state, out(1.3))
    assert aside.facts() == {}


def test_a_flood_is_bounded_and_keeps_the_newest(state: State) -> None:
    aside = Aside(state)
    flood = rejects(*((link, item, "bad_item") for link in range(50) for item in range(50)))
    aside.take(state, out(1.1, flood))
    aside.take(state, out(1.2, rejects((7, 7, "bad_crc"))))
    entries = listed(aside)
    assert len(entries) == MOST
    assert entries[0]["reason"] == "bad_crc"
    assert {e["link"] for e in entries[1:]} == {48, 49}
    assert [e["at_ms"] for e in entries] == sorted((e["at_ms"] for e in entries), reverse=True)


def test_plots_tracks_and_acts_are_listed_with_their_reason(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    state.decoder.ledger.filter("unknown_payload", 5)
    aside = Aside(state)
    aside.take(state, out(1.0))
    assert listed(aside) == [], "what lay there before is the ledger's, not news"
    state.decoder.ledger.filter("unknown_payload", 2)
    monkeypatch.setattr(type(state.tracker), "set_aside", property(lambda _: (17,)))
    why = "x" * 1000
    state.refused = [(Act(seq=1, rx_ns=0, who="aicha", role="operator", origin="", act="track.drop", subject="5",
                          value="", reason=""), why)]  # fmt: skip
    aside.take(state, out(2.0))
    state.refused = []
    entries = {e["what"]: e for e in listed(aside)}
    assert set(entries) == {"plots", "track", "act"}
    assert (entries["plots"]["stage"], entries["plots"]["count"]) == ("decode", 2)
    assert (entries["track"]["track"], entries["track"]["reason"]) == (17, NOT_FINITE)
    assert (entries["act"]["who"], len(entries["act"]["why"])) == ("aicha", 240)
    aside.take(state, out(3.0))
    assert aside.facts() == {}, "a track that is still set aside is no new one"


def test_the_page_gets_each_with_its_advice_and_the_links_and_handshakes_that_were_refused() -> None:
    hub = Hub()
    hub.tell({"aside": [{"what": "record", "reason": "bad_item", "count": 1, "at_ms": 5.0},
                        {"what": "act", "why": "no such track", "count": 1, "at_ms": 4.0}],
              "links": [{"number": 1, "refused": 0}, {"number": 2, "refused": 9}],
              "tls_refused": {"HTTP_REQUEST": 3}})  # fmt: skip
    assert "aside" not in hub.status, "it is asked for, and not sent to every screen"
    told = aside_json(hub.aside, hub.status, 6.0)["entries"]
    assert [(e["what"], e["do"], e["count"]) for e in told] == [
        ("record", "edition", 1), ("act", "message", 1), ("datagrams", "site", 9), ("connection", "tls", 3),
    ]  # fmt: skip
    hub.tell({"balances": True})
    assert len(hub.aside) == 2


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_reason_has_an_advice_and_words(language: str) -> None:
    words = json.loads((WORDS / f"{language}.json").read_text("utf-8"))["aside"]
    reasons = {*REASONS[1:], NOT_FINITE}
    assert set(ADVICE) == reasons
    assert set(words["why"]) == reasons | {"tls"}
    assert set(words["do"]) == {*ADVICE.values(), "message", "tls", "ask"}
    assert set(words["what"]) == {"record", "plots", "track", "act", "datagrams", "connection"}
