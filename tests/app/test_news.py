"""News by act: messages, notices and lists change what is known; what cannot be used is told and changes nothing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.airspace.store import State as Airspace
from vigie.airspace.store import all_volumes
from vigie.app.news import ACTS, apply_news
from vigie.flights.route import Navigation
from vigie.flights.store import State as Flights
from vigie.people.permissions import ACTS as PERMITTED
from vigie.people.permissions import allowed
from vigie.terms.batch import Act
from vigie.terms.utc import civil_ns

NOW = civil_ns(2026, 11, 27, 9) or 0
FPL = "(FPL-NIG105-IS-B738/M-S/C-DRRN1030-N0450F350 DCT-DRZA0130-0)"
NOTAM = "A0001/26 NOTAMN\nQ) DRRR/QRPCA/IV/BO/W/000/100/1400N00300E010\nA) DRRR B) 2611270600 C) 2611271800\nE) X"


def act(name: str, value: str, subject: str = "") -> Act:
    return Act(
        seq=1, rx_ns=NOW, who="aicha", role="operator", origin="", act=name, subject=subject, value=value, reason=""
    )


def test_messages_notices_and_lists_are_applied_in_order() -> None:
    flights, airspace, told = apply_news(
        (
            act("flight.message", FPL + "\n(FPL-BAD)\n(DEP-NIG105-DRRN1034-DRZA-0)"),
            act("notice.message", NOTAM),
            act("flight.list", "number,callsigns\n1/26,CTM*\n,X\n", "permits"),
            act("flight.list", "icao24,registration\n062001,5U-ABC\n", "register"),
            act("flight.list", "known_as,callsign\nfriend,NAF*\n", "known"),
            act("flight.list", "x", "nonsense"),
            act("track.name", "not news"),
        ),
        Flights(), Airspace(), Navigation(), NOW,
    )  # fmt: skip
    (plan,) = flights.plans.values()
    assert plan.state == "active"
    assert list(flights.permits) == ["1/26"]
    assert (list(flights.aircraft), len(flights.known)) == ([0x062001], 1)
    assert [v.kind for v in all_volumes(airspace)] == ["P"]
    assert flights.set_aside == {"FPL 8": 1}
    assert [(a.act, a.subject) for a, _ in told] == [
        ("flight.message", ""), ("flight.list", "permits"), ("flight.list", "nonsense"),
    ]  # fmt: skip


@settings(max_examples=40)
@given(
    st.sampled_from(ACTS), st.text(max_size=100), st.sampled_from(["permits", "register", "known", "repetitive", ""])
)
def test_any_text_is_applied_or_told(name: str, value: str, subject: str) -> None:
    flights, airspace, _ = apply_news((act(name, value, subject),), Flights(), Airspace(), Navigation(), NOW)
    assert not flights.plans
    assert not airspace.notices


def test_the_table_of_permissions_knows_the_news() -> None:
    assert set(ACTS) <= set(PERMITTED)
    assert allowed("operator", "flight.message")
    assert not allowed("operator", "flight.list")
    assert not allowed("viewer", "notice.message")
