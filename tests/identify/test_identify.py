from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from vigie.flights.plan import FlightPlan, KnownAircraft, Permit, RoutePoint
from vigie.flights.store import State
from vigie.identify.codes import REST_NS, CodeBook, assign, release
from vigie.identify.evidence import WORDS, Policy, category_words, comloss_step, judge
from vigie.identify.identify import Identify
from vigie.sensors.site import make_site
from vigie.terms.batch import Act
from vigie.terms.snapshot import decode, encode
from vigie.terms.tables import HEALTH, PLOT, TRACK, Rows

S = 1_000_000_000
T0 = 1_764_000_000 * S
ROUTE = tuple(RoutePoint(name=n, lat_deg=13.5, lon_deg=lon) for n, lon in (("A", 0.0), ("B", 5.0)))


def plan(callsign: str = "NIG105", **more: Any) -> FlightPlan:
    given = {"plan_id": f"{callsign}/A", "callsign": callsign, "eobt_ns": T0 - 600 * S, "eet_s": 7200, "points": ROUTE,
             "state": "active", "atd_ns": T0 - 600 * S, **more}  # fmt: skip
    return FlightPlan(**given)


def knows(*plans: FlightPlan, **more: Any) -> State:
    return State(plans={p.plan_id: p for p in plans}, **more)


def rows(*tracks: dict[str, Any], now_ns: int) -> Rows:
    out = TRACK.empty(len(tracks))
    for row, t in zip(out, tracks, strict=True):
        row["now_ns"], row["status"], row["toa_ns"] = now_ns, 2, now_ns
        row["lat_deg"], row["lon_deg"], row["press_alt_m"], row["geo_alt_m"] = 13.5, 2.0, 9000.0, 9000.0
        row["sensors"] = 2
        for name, value in t.items():
            row[name] = value
    return out


class Desk:
    def __init__(self, flights: State, **more: Any) -> None:
        self.identify = Identify(make_site(name="T", lat_deg=13.5, lon_deg=2.0, sensors=()), **more)
        self.flights = flights
        self.now_ns = T0
        self.last: dict[int, Any] = {}

    def go(self, *tracks: dict[str, Any], seconds: int = 1, acts: tuple[Act, ...] = (),
           does: dict[int, set[str]] | None = None) -> Any:  # fmt: skip
        for _ in range(seconds):
            self.now_ns += S
            out = self.identify.step(rows(*tracks, now_ns=self.now_ns), PLOT.empty(), HEALTH.empty(), self.flights,
                                     does or {}, acts, self.now_ns)  # fmt: skip
            acts = ()
            for row in out:
                self.last[int(row["track_no"])] = row
        return self.last.get(1)


def act(name: str, value: str, reason: str = "", subject: str = "1") -> Act:
    return Act(seq=1, rx_ns=T0, who="ana", role="operator", origin="t", act=name, subject=subject, value=value,
               reason=reason)  # fmt: skip


@pytest.mark.parametrize(
    ("says", "coupled"),
    [
        ({"callsign": b"NIG105"}, True),
        ({"icao24": 0x62014}, True),
        ({"mode3a": 0o4412}, True),
        ({"mode3a": 0o4413}, False),
        ({"callsign": b"NIG106", "icao24": 0x62014}, False),
        ({"callsign": b"NIG105", "lat_deg": 19.5}, False),
        ({}, False),
    ],
)
def test_correlation_by_callsign_address_code_and_place(says: dict[str, Any], coupled: bool) -> None:
    desk = Desk(knows(plan(icao24=0x62014, code_due=0o4412)))
    row = desk.go({"track_no": 1, **says})
    assert bytes(row["plan"]) == (b"NIG105/A" if coupled else b"")


def test_two_plans_with_one_callsign_are_shown_and_neither_is_linked() -> None:
    """F55."""
    one, two = plan(), replace(plan(), plan_id="NIG105/B", departure="B")
    desk = Desk(knows(one, two))
    row = desk.go({"track_no": 1, "callsign": b"NIG105"})
    assert bytes(row["plan"]) == b""
    assert row["candidates"] == 2
    assert b"several plans fit" in bytes(row["evidence"])
    desk.flights = replace(desk.flights, couplings={1: "NIG105/B"})
    assert bytes(desk.go({"track_no": 1, "callsign": b"NIG105"})["plan"]) == b"NIG105/B"


def test_fifty_aircraft_with_one_code_are_never_coupled_by_it() -> None:
    """F53: a conspicuity code, and a discrete one that several send."""
    for code in (0o7000, 0o4412):
        desk = Desk(knows(plan(code_due=code)))
        desk.go(*({"track_no": n, "mode3a": code, "lat_deg": 13.5 + n * 0.01} for n in range(1, 51)), seconds=12)
        assert len(desk.last) == 50
        assert all(bytes(r["plan"]) == b"" for r in desk.last.values())


def test_evidence_makes_the_category_and_is_said_in_words() -> None:
    permit = Permit(number="P-17", callsigns=("NIG*",))
    desk = Desk(knows(plan(code_due=0o4412), permits={"P-17": permit}))
    friend = {"track_no": 1, "callsign": b"NIG105", "mode3a": 0o4412, "icao24": 0x62014}
    row = desk.go(friend, {"track_no": 2, "callsign": b"XX1"}, seconds=20)
    assert (row["category"], bytes(row["permit"])) == (3, b"P-17")
    assert bytes(row["evidence"]).startswith(b"flight plan fits (+2.5)")
    assert "plan de vol concordant" in bytes(row["evidence_fr"]).decode()
    assert desk.last[2]["category"] == 1
    does = {1: {"transponder_off", "off_route", "apw_intrusion"}, 2: {"low_slow", "loitering", "apw_intrusion"}}
    row = desk.go(friend, {"track_no": 2}, does=does)
    assert row["category"] in (1, 4)
    assert desk.last[2]["category"] == 5
    assert b"loiters" in bytes(desk.last[2]["evidence"])


def test_a_category_is_not_left_by_a_hair() -> None:
    policy = Policy(weights={"plan": 2.5})
    assert judge(policy, ("plan",), 0, 60.0)[0] == 2
    lower = replace(policy, weights={"plan": 2.2})
    assert judge(lower, ("plan",), 2, 60.0)[0] == 2
    assert judge(lower, ("plan",), 4, 60.0)[0] == 4
    assert judge(replace(policy, weights={"plan": 1.9}), ("plan",), 2, 60.0)[0] == 4


def test_evidence_alone_never_says_hostile_and_only_used_categories_come_out() -> None:
    worst = tuple(n for n, (w, _, _) in WORDS.items() if w < 0)
    assert judge(Policy(), worst, 0, 60.0)[0] == 5
    assert judge(Policy(used=frozenset({0, 1, 2})), worst, 0, 60.0)[0] == 1
    assert judge(Policy(used=frozenset({0, 1, 2})), ("known_friend", "plan"), 0, 60.0)[0] == 2
    assert category_words(Policy(civil=True))[0][5] == "irregular"
    assert judge(Policy(), (), 0, 3.0)[0] == 0


def test_a_decision_stands_with_who_when_why_until_withdrawn() -> None:
    desk = Desk(knows(plan()))
    one = {"track_no": 1, "callsign": b"NIG105", "icao24": 0x62014}
    desk.go(one)
    desk.go(one, acts=(act("track.identify", "hostile"),))
    assert "reason" in desk.identify.refused[0][1]
    row = desk.go(one, acts=(act("track.identify", "suspect", "answered nobody"),))
    assert (row["category"], bytes(row["decided_by"]), bytes(row["decided_why"])) == (5, b"ana", b"answered nobody")
    assert row["decided_ns"] == desk.now_ns
    assert desk.go(one, seconds=60)["category"] == 5
    row = desk.go(one, acts=(act("track.identify", "withdraw"),))
    assert (row["category"], bytes(row["decided_by"])) == (2, b"")
    desk.go(one, acts=(act("track.identify", "enemy", "x"),))
    assert "category" in desk.identify.refused[0][1]
    assert bytes(desk.go(one, acts=(act("track.name", "Tanker"),))["name"]) == b"Tanker"


@pytest.mark.parametrize("known_as", ["friend", "suspect", "watched", "own_state"])
def test_lists_of_known_aircraft_count(known_as: str) -> None:
    known = KnownAircraft(known_as=known_as, icao24=0x62014)
    row = Desk(State(known=(known,))).go({"track_no": 1, "icao24": 0x62014}, seconds=20)
    assert row["category"] == {"friend": 3, "suspect": 5, "watched": 1, "own_state": 2}[known_as]


def test_steps_after_loss_of_communication() -> None:
    def step(**k: Any) -> int:
        return comloss_step(**{"radio": "", "code_7600": False, "code_7500": False, "behaviour": frozenset(), **k})

    assert step() == 0
    assert step(code_7600=True) == 1
    assert step(radio="lost") == 1
    assert step(radio="lost", behaviour=frozenset({"off_route"})) == 2
    assert step(code_7600=True, behaviour=frozenset({"off_route"})) == 1  # a reason for the loss was given
    assert step(behaviour=frozenset({"off_route", "transponder_off"})) == 2
    assert step(radio="refuses", behaviour=frozenset({"off_route"})) == 3
    assert step(radio="confirmed") == 4
    desk = Desk(State())
    desk.go({"track_no": 1})
    row = desk.go({"track_no": 1}, acts=(act("track.radio", "lost"),), does={1: {"off_route"}})
    assert row["comloss"] == 2
    desk.go({"track_no": 1}, acts=(act("track.radio", "confirmed"),))
    assert desk.identify.refused
    assert desk.go({"track_no": 1}, acts=(act("track.radio", "regained"),))["comloss"] == 0


def test_codes_are_given_kept_and_rest_before_they_are_used_again() -> None:
    book = CodeBook(ranges=((0o4401, 0o4403),))
    book, a = assign(book, "A", T0)
    book, b = assign(book, "B", T0, seen=frozenset({0o4402}))
    assert (a, b) == (0o4401, 0o4403)
    assert assign(book, "A", T0)[1] == a
    book, c = assign(book, "C", T0)
    assert c == 0o4402
    assert assign(book, "D", T0)[1] is None
    book = release(book, "A", T0)
    assert assign(book, "D", T0 + REST_NS - 1)[1] is None
    assert assign(book, "D", T0 + REST_NS)[1] == a


def test_a_snapshot_goes_on_the_same() -> None:
    flights = knows(plan())
    desk, twin = Desk(flights), Desk(flights)
    one = {"track_no": 1, "callsign": b"NIG105"}
    for d in (desk, twin):
        d.go(one, acts=(act("track.name", "x"),), seconds=5)
        d.go(one, acts=(act("track.identify", "neutral", "seen"),))
    held = encode(twin.identify, (flights,))
    twin.identify = Identify(make_site(name="T", lat_deg=13.5, lon_deg=2.0, sensors=()))
    decode(held, twin.identify, (flights,))
    for d in (desk, twin):
        d.last = {}
        d.go(one, acts=(act("track.identify", "withdraw"),), seconds=30)
    assert desk.last[1].tobytes() == twin.last[1].tobytes()
