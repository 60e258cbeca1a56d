"""Notices and a supervisor's hand: what counts when, and that a snapshot is the whole state."""

from __future__ import annotations

import json

from vigie.airspace.store import active_ids, all_volumes, apply, forget_old, restore, snapshot, state_of, switch
from vigie.airspace.volume import Volume
from vigie.terms.utc import civil_ns
from vigie.terms.windows import parse_windows
from vigie.wire.notam.reader import read_notices

RING = ((2.0, 13.0), (2.0, 14.0), (3.0, 14.0))
SLEEPS = Volume(id="DRR12", name="TILLABERI", kind="R", rings=(RING,), by_notice=True)
OFFICE = Volume(id="DRD3", name="RANGE", kind="D", rings=(RING,), times=parse_windows("MON-FRI 0800-1600"))
NEW = """(A0123/26 NOTAMN
Q) DRRR/QRRCA/IV/BO/W/000/195/1329N00211E025
A) DRRR B) 2611270600 C) 2611271800
E) AREA DRR12 ACTIVATED)
"""
POP_UP = NEW.replace("A0123", "A0200").replace("QRRCA", "QWPLW").replace("AREA DRR12 ACTIVATED", "PARACHUTE JUMPING")


def at(day: int, hour: int) -> int:
    return civil_ns(2026, 11, day, hour) or 0


def active(state, t_ns: int) -> dict[str, bool]:
    volumes = all_volumes(state)
    return dict(zip((v.id for v in volumes), active_ids(state, volumes, t_ns), strict=True))


def read(text: str):
    (notice,), aside = read_notices(text)
    assert not aside
    return notice


def test_a_notice_wakes_the_area_it_names_for_its_time() -> None:
    state = state_of([SLEEPS, OFFICE])
    assert active(state, at(27, 9)) == {"DRR12": False, "DRD3": True}
    state = apply(state, read(NEW)).state
    assert active(state, at(27, 9)) == {"DRR12": True, "DRD3": True}
    assert active(state, at(27, 19)) == {"DRR12": False, "DRD3": False}
    cancelled = apply(state, read(NEW.replace("NOTAMN", "NOTAMC A0123/26").replace("A0123/26 N", "A0130/26 N", 1)))
    assert cancelled.set_aside is None
    assert active(cancelled.state, at(27, 9))["DRR12"] is False


def test_a_notice_of_a_place_is_an_area_of_its_own() -> None:
    state = apply(state_of([SLEEPS]), read(POP_UP)).state
    made = all_volumes(state)[-1]
    assert (made.id, made.kind) == ("NOTAM A0200/26", "ALERT")
    assert "Q line" in made.remarks
    assert active(state, at(27, 9)) == {"DRR12": False, "NOTAM A0200/26": True}
    assert active(state, at(28, 9))["NOTAM A0200/26"] is False
    assert len(all_volumes(forget_old(state, at(30, 0)))) == 1


def test_a_hand_outweighs_times_and_notices_until_it_lets_go() -> None:
    state = switch(state_of([OFFICE]), "DRD3", False).state
    assert active(state, at(27, 9)) == {"DRD3": False}
    state = switch(state, "DRD3", None).state
    assert active(state, at(27, 9)) == {"DRD3": True}
    unknown = switch(state, "NOWHERE", True)
    assert unknown.set_aside is not None
    assert unknown.state == state


def test_what_cannot_be_applied_is_counted() -> None:
    state = apply(state_of([OFFICE]), read(NEW.replace("NOTAMN", "NOTAMC A0001/26"))).state
    assert state.set_aside == {"NOTAM A": 1}
    state = apply(apply(state, read(NEW)).state, read(NEW)).state
    assert state.set_aside == {"NOTAM A": 2}


def test_a_snapshot_is_the_whole_state() -> None:
    state = switch(apply(apply(state_of([SLEEPS, OFFICE]), read(NEW)).state, read(POP_UP)).state, "DRD3", True).state
    assert restore(json.loads(json.dumps(snapshot(state)))) == state
