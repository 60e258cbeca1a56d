"""A watch for the feeder: an intruder with its alert, identities, the board, and people with accounts.

Acts change what is shown, as the core would; so a browser test sees what a person sees, without the chain behind it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from vigie.people.accounts import Accounts
from vigie.people.password import Passwords
from vigie.people.session import Sessions
from vigie.show.board import Board
from vigie.show.doors import Keys
from vigie.show.hub import Hub
from vigie.show.messages import Outcome
from vigie.terms.batch import Act
from vigie.terms.tables import (
    ALERT,
    ALERT_ACKNOWLEDGED,
    ALERT_RAISED,
    CATEGORIES,
    IDENTITY,
    WEATHER,
    Rows,
)  # fmt: skip
from vigie.terms.utc import parse_instant

PASSWORD = "the-watch-of-the-tests"
ROLES = ("operator", "supervisor", "technician", "auditor", "trainer", "viewer")
"""Those that see the picture; an account of a test is called as its role."""
INTRUDER = 5
HOSTILE_TEXT = "<i>&\"'</i>"


def make_people(folder: Path, passwords: Passwords | None = None) -> Accounts:
    """Make an account for each role that sees the picture, and give the administrator the tests' password."""
    books = Accounts(folder, passwords or Passwords())
    books.first_start()
    books.set_password("admin", PASSWORD)
    for role in ROLES:
        books.add(role, role, PASSWORD)
    return books


def peopled(sessions: Sessions) -> Keys:
    """Return keys with a login page; the accounts lie in a folder that ends with the process."""
    folder = tempfile.mkdtemp(prefix="vigie-people-")
    return Keys(sessions=sessions, accounts=make_people(Path(folder)))


def set_aside(now_ns: int) -> list[dict[str, Any]]:
    """Return one of each kind, newest first, as ``app.aside`` lists them; the times are those of the picture."""
    kinds: tuple[dict[str, Any], ...] = (
        {"what": "record", "reason": "bad_item", "link": 1, "sensor": 1, "category": 48, "item": 70, "frame": 1042,
         "offset": 23, "length": 40, "count": 7},
        {"what": "plots", "stage": "track", "reason": "duplicate", "count": 311},
        {"what": "act", "act": "track.drop", "subject": "5", "who": "operator", "why": HOSTILE_TEXT, "count": 1},
        {"what": "record", "reason": "unknown_sensor", "link": 2, "sensor": 0, "category": 34, "item": 0, "frame": 900,
         "offset": 3, "length": 12, "count": 2},
        {"what": "track", "track": 17, "reason": "not_finite", "count": 1},
    )  # fmt: skip
    return [{**kind, "at_ms": now_ns / 1e6 - 1000.0 * n} for n, kind in enumerate(kinds)]


class Tape:
    """A replay that a feeder pretends to be: it takes what is asked and says how it stands."""

    def __init__(self, now_ns: int) -> None:
        self.asked: list[str] = []
        self.state: dict[str, Any] = {
            "first_ms": now_ns / 1e6, "last_ms": now_ns / 1e6 + 600_000, "now_ms": now_ns / 1e6, "speed": 1.0,
            "paused": False, "ended": False, "seeking": False, "loop": None, "fixed": False,
        }  # fmt: skip

    def obey(self, value: str) -> None:
        """Take one act's value."""
        what, *more = value.split()
        self.asked.append(value)
        if what in ("pause", "go", "step"):
            self.state["paused"] = what != "go"
        elif what == "speed":
            self.state["speed"] = None if more[0] == "max" else float(more[0])
        elif what == "seek":
            self.state["now_ms"] = parse_instant(more[0], 0) / 1e6
        elif what == "loop":
            self.state["loop"] = None if more == ["off"] else [parse_instant(m, 0) / 1e6 for m in more]


class Watch:
    """The intruder, who everybody is, and what people did about it."""

    def __init__(self, now_ns: int, tracks: Rows, *, replay: bool = False) -> None:
        self.now_ns = now_ns
        self.tape = Tape(now_ns) if replay else None
        self.board = Board()
        self.alerts = ALERT.empty(2)
        a = self.alerts
        a["alert_no"], a["rule"], a["area"] = [1, 2], [b"apw_intrusion", b"stca"], [HOSTILE_TEXT.encode(), b""]
        a["track_no"], a["other_no"] = [INTRUDER, 7], [0, 8]
        a["severity"], a["state"] = [4, 2], ALERT_RAISED
        a["raised_ns"] = now_ns
        a["reason"] = [b"In the restricted area R1 since 10 s.", b"4.2 NM apart in 90 s."]
        a["reason_fr"] = ["Dans la zone réglementée R1 depuis 10 s.".encode(), b"4,2 NM dans 90 s."]
        shown = min(len(tracks), 30)
        self.identities = IDENTITY.empty(shown)
        i = self.identities
        i["track_no"] = tracks["track_no"][:shown]
        i["category"] = np.arange(shown) % len(CATEGORIES)
        i["trust"], i["confidence"] = np.arange(shown) % 4, 0.8
        i["evidence"], i["evidence_fr"] = b"Follows its plan (+3).", b"Suit son plan de vol (+3)."
        i["trust_words"] = np.where(i["trust"] == 3, b"not seen by sensors that should", b"")
        i["plan"] = np.where(np.arange(shown) % 3 == 0, b"NER123/DRRN-DRZA", b"")
        i["candidates"] = np.arange(shown) % 5
        i["category"][i["track_no"] == INTRUDER] = 1
        self.weather = WEATHER.empty(3)
        w = self.weather
        w["sensor_id"], w["picture"], w["kind"], w["intensity"], w["rx_ns"] = 1, 1, 1, [1, 3, 6], now_ns
        w["lat1_deg"], w["lat2_deg"] = [14.0, 14.1, 14.2], [14.0, 14.1, 14.2]
        w["lon1_deg"], w["lon2_deg"] = 2.5, 3.0
        self._fresh = True

    def rows(self) -> dict[str, Rows]:
        """Return the identities and alerts to send with the next update."""
        if not self._fresh:
            return {}
        self._fresh = False
        for rows in (self.alerts, self.identities):
            rows["now_ns"] = self.now_ns
        return {"alerts": self.alerts.copy(), "identities": self.identities.copy(), "weather": self.weather.copy()}

    def submit(self, hub: Hub) -> Callable[[Act], Awaitable[Outcome]]:
        """Return what takes acts: each is applied at once and durable."""

        async def durable() -> Outcome:
            return Outcome("durable")

        async def take(act: Act) -> Outcome:
            self.apply(replace(act, rx_ns=self.now_ns))
            hub.tell(self.facts())
            return Outcome("accepted", then=durable())

        return take

    def apply(self, act: Act) -> None:
        """Do what an act asks."""
        self.board.apply([act], self.now_ns)
        if act.act == "replay.control" and self.tape is not None:
            self.tape.obey(act.value)
        elif act.act == "alert.acknowledge":
            mine = self.alerts["alert_no"] == int(act.subject)
            self.alerts["state"][mine] = ALERT_ACKNOWLEDGED
            self.alerts["acknowledged_ns"][mine], self.alerts["acknowledged_by"][mine] = self.now_ns, act.who.encode()
        elif act.act == "track.identify":
            mine = self.identities["track_no"] == int(act.subject)
            self.identities["category"][mine] = CATEGORIES.index(act.value)
            self.identities["decided_by"][mine] = act.who.encode()
            self.identities["decided_why"][mine], self.identities["decided_ns"][mine] = act.reason.encode(), self.now_ns
        self._fresh = True

    def facts(self) -> dict[str, Any]:
        """Return the board for the status message, and what was set aside."""
        return {
            **self.board.facts(),
            "aside": set_aside(self.now_ns),
            "tls_refused": {"HTTP_REQUEST": 2},
            **({"replay": dict(self.tape.state)} if self.tape else {}),
        }

    @property
    def stands(self) -> bool:
        """Whether a replay was stopped."""
        return self.tape is not None and self.tape.state["paused"]
