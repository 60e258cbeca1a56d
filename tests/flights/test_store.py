"""What is known of flights: each message changes what it says and nothing else; a bad one is counted by its field."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.flights.plan import Permit, RepetitivePlan, fits, permit_covers
from vigie.flights.route import Navigation
from vigie.flights.store import State, apply, forget_old, new_day, plans_of_day, restore, snapshot
from vigie.terms.messages import FLIGHT_KINDS, FlightMessage
from vigie.terms.units import NS_PER_S

NOW = 1_795_000_000 * NS_PER_S // (86_400 * NS_PER_S) * 86_400 * NS_PER_S + 9 * 3600 * NS_PER_S
NAV = Navigation(
    waypoints={"ABC": ((13.0, 2.0),), "XYZ": ((15.0, 5.0),)}, aerodromes={"DRRN": (13.48, 2.18), "DRZA": (16.97, 7.99)}
)
FPL = FlightMessage(
    kind="FPL", callsign="NIG105", departure="DRRN", eobt_s=10 * 3600 + 1800, destination="DRZA", eet_s=5400,
    route="ABC DCT XYZ", speed_mps=150.0, text="(FPL-...)",
)  # fmt: skip


def run(*messages: FlightMessage) -> tuple[State, list[str]]:
    state, asides = State(), []
    for message in messages:
        done = apply(state, message, NOW, NAV)
        state = done.state
        if done.set_aside:
            asides.append(f"{done.set_aside.kind} {done.set_aside.field}")
    return state, asides


def test_a_flight_lives_from_plan_to_arrival() -> None:
    state, asides = run(
        FPL,
        FlightMessage(kind="DLA", callsign="NIG105", departure="DRRN", eobt_s=11 * 3600, destination="DRZA"),
        FlightMessage(kind="CHG", callsign="NIG105", departure="DRRN", wake="M", changed=("wake",)),
        FlightMessage(kind="DEP", callsign="NIG105", departure="DRRN", departed_s=11 * 3600 + 300),
        FlightMessage(kind="EST", callsign="NIG105", departure="DRRN", estimate_point="XYZ", estimate_s=12 * 3600,
                      mode3a=0o4721),
        FlightMessage(kind="ARR", callsign="NIG105", departure="DRRN", arrived_s=12 * 3600 + 1800),
    )  # fmt: skip
    assert not asides
    (plan,) = state.plans.values()
    day_ns = NOW - 9 * 3600 * NS_PER_S
    assert plan.plan_id.startswith("NIG105/DRRN/")
    assert plan.plan_id.endswith("1030")
    assert (plan.state, plan.wake, plan.code_due) == ("arrived", "M", 0o4721)
    assert plan.eobt_ns == day_ns + 11 * 3600 * NS_PER_S
    assert plan.atd_ns == day_ns + (11 * 3600 + 300) * NS_PER_S
    assert plan.ata_ns == day_ns + (12 * 3600 + 1800) * NS_PER_S
    assert plan.arrived_at == "DRZA"
    assert next(p for p in plan.points if p.name == "XYZ").eto_ns == day_ns + 12 * 3600 * NS_PER_S
    assert plan.changes == 5


def test_two_flights_that_fit_are_never_guessed() -> None:
    tomorrow = FlightMessage(kind="FPL", callsign="NIG105", departure="DRRN", eobt_s=14 * 3600, destination="DRZA")
    state, asides = run(FPL, tomorrow, FlightMessage(kind="CNL", callsign="NIG105", departure="DRRN"))
    assert asides == ["CNL 13"]
    assert [p.state for p in state.plans.values()] == ["filed", "filed"]
    assert state.set_aside == {"CNL 13": 1}
    state, asides = run(FPL, tomorrow, FlightMessage(kind="CNL", callsign="NIG105", departure="DRRN", eobt_s=14 * 3600))
    assert not asides
    assert [p.state for p in state.plans.values()] == ["filed", "cancelled"]


def test_a_message_of_no_known_flight_is_set_aside_and_the_next_is_applied() -> None:
    state, asides = run(FlightMessage(kind="DEP", callsign="AFR001", departure="LFPG", departed_s=5), FPL, FPL)
    assert asides == ["DEP 7", "FPL 7"]  # the second: filed twice with the same words
    assert len(state.plans) == 1


texts = st.text(st.characters(codec="ascii"), max_size=8)
messages = st.builds(
    FlightMessage,
    kind=st.sampled_from([*FLIGHT_KINDS, "", "XXX"]), callsign=st.sampled_from(["A1", "B2", ""]),
    departure=st.sampled_from(["DRRN", "ZZZZ", ""]), destination=texts, route=texts, eobt_s=st.integers(-1, 86_399),
    dof_ns=st.sampled_from([-1, 0, NOW // (86_400 * NS_PER_S) * 86_400 * NS_PER_S]), departed_s=st.integers(-1, 86_399),
    arrived_s=st.integers(-1, 86_399), estimate_s=st.integers(-1, 86_399), estimate_point=texts,
    mode3a=st.integers(0, 65535), eet_s=st.integers(-1, 90_000), speed_mps=st.floats(-1, 900),
    changed=st.lists(st.sampled_from(["route", "eobt_s", "nonsense", "mode3a", "dof_ns", "other"])).map(tuple),
    other=st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
)  # fmt: skip


@settings(max_examples=40)
@given(st.lists(messages, max_size=12))
def test_any_messages_are_applied_or_counted_and_a_snapshot_is_the_whole_state(sent: list[FlightMessage]) -> None:
    state, asides = run(*sent)
    assert state.applied + sum(state.set_aside.values()) == len(sent)
    assert sum(state.set_aside.values()) == len(asides)
    assert run(*sent)[0] == state
    assert restore(json.loads(json.dumps(snapshot(state)))) == state


def test_repetitive_plans_are_filed_for_their_days_and_old_flights_are_forgotten() -> None:
    day_ns = NOW - 9 * 3600 * NS_PER_S
    rpl = RepetitivePlan(
        callsign="NIG200", departure="DRRN", eobt_s=3600, destination="DRZA", eet_s=5400, days=0b1111111
    )
    state = plans_of_day(State(repetitive=(rpl,)), day_ns, NAV)
    assert len(state.plans) == 1
    assert plans_of_day(state, day_ns, NAV) == state
    both = new_day(State(repetitive=(rpl,)), NOW, NAV)
    assert [p.eobt_ns for p in both.plans.values()] == [day_ns + 3600 * NS_PER_S, day_ns + (24 + 1) * 3600 * NS_PER_S]
    never = RepetitivePlan(callsign="NIG201", departure="DRRN", eobt_s=0, days=0)
    assert not plans_of_day(State(repetitive=(never,)), day_ns, NAV).plans
    assert forget_old(state, NOW) == state
    assert not forget_old(state, NOW + 2 * 86_400 * NS_PER_S).plans


def test_a_permit_covers_what_it_says_and_names_what_does_not_fit() -> None:
    permit = Permit(number="17/26", callsigns=("CTM*",), aircraft_types=("A400",), valid_from_ns=0, valid_to_ns=NOW)
    assert permit_covers(permit, 5, callsign="CTM2012", aircraft_type="A400") == (True, "")
    assert permit_covers(permit, NOW, callsign="CTM2012", aircraft_type="A400") == (False, "permit no longer valid")
    assert permit_covers(permit, 5, callsign="RRR1", aircraft_type="A400")[1] == "callsign not in permit"
    assert permit_covers(permit, 5, callsign="CTM1")[1] == "aircraft type unknown"
    assert fits("5U-ABC", "5UABC")
    assert not fits("*", "")
