"""Variants of exercises are drawn by their seed alone and stay the exercise: who goes together goes together."""

from __future__ import annotations

import pytest

from tests.way.variants import MOST_S, varied
from vigie.simulate.exercise import exercise_names, load_exercise


@pytest.mark.parametrize("name", exercise_names())
def test_a_variant_follows_from_its_seed_and_moves_starts_places_and_faults(name: str) -> None:
    plain = load_exercise(name)
    one, again, other = varied(plain, 1), varied(plain, 1), varied(plain, 2)
    assert (one.flights, one.events, one.faults) == (again.flights, again.events, again.faults)
    assert not plain.flights or one.flights != other.flights
    assert not plain.faults or one.faults != other.faults
    for was, now in zip(plain.flights, one.flights, strict=True):
        assert abs(now.depart_s - was.depart_s) <= MOST_S
        assert [p.lat_deg for p in was.route if p.is_aerodrome] == [p.lat_deg for p in now.route if p.is_aerodrome]
    for was_fault, now_fault in zip(plain.faults, one.faults, strict=True):
        assert now_fault.to_s - now_fault.from_s == was_fault.to_s - was_fault.from_s
        assert now_fault.from_s >= 0


def test_a_fighter_that_joins_a_tanker_is_late_by_as_much_as_the_tanker() -> None:
    plain, variant = load_exercise("joint_day"), varied(load_exercise("joint_day"), 3)
    late = {now.callsign: now.depart_s - was.depart_s for was, now in zip(plain.flights, variant.flights, strict=True)}
    at = [now.keys["at_s"] - was.keys["at_s"] for was, now in zip(plain.events, variant.events, strict=True)
          if "at_s" in was.keys and was.flight == "FOX1"]  # fmt: skip
    assert late["TANK1"] != 0
    assert {*at, late["FOX1"]} == {late["TANK1"]}
