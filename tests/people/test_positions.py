"""Positions: all nine, each with a layout, never more than the role allows."""

from __future__ import annotations

import pytest

from vigie.people.permissions import ACTS, ROLES, SECOND_PERSON, allowed, needs_second
from vigie.people.positions import POSITIONS, layout, permits, positions_of


def test_the_nine_positions_and_who_may_sit_there() -> None:
    assert set(POSITIONS) == {
        "surveillance", "identification", "controller", "supervisor", "technician", "analyst", "instructor", "trainee",
        "viewer",
    }  # fmt: skip
    for position in POSITIONS.values():
        assert position.roles <= set(ROLES)
        assert position.acts <= set(ACTS)
        assert position.panels
        assert position.label
        assert layout(position)["id"] == position.id


@pytest.mark.parametrize("role", [r for r in ROLES if r not in {"service", "admin", "releaser"}])
def test_every_role_that_sees_the_picture_has_a_seat_where_it_can_look(role: str) -> None:
    seats = positions_of(role)
    assert seats
    assert all("picture.read" in seat.acts for seat in seats)
    assert seats[0].id in (role, "surveillance", "analyst", "instructor", "viewer")


def test_a_position_narrows_and_an_unknown_one_forbids() -> None:
    assert permits("", "track.identify")
    assert permits("identification", "track.identify")
    assert not permits("surveillance", "track.identify")
    assert not permits("viewer", "alert.acknowledge")
    assert not permits("nowhere", "picture.read")
    assert not permits("controller", "no.act")


def test_what_takes_safety_away_needs_a_second_person() -> None:
    assert needs_second("sensor.use", "out")
    assert not needs_second("sensor.use", "in")
    assert needs_second("threshold.edit", "anything")
    assert not needs_second("track.name", "out")
    for act in SECOND_PERSON:
        assert not allowed("operator", act)
