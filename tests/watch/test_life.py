from __future__ import annotations

import json

import pytest
from tests.watch.world import S, Sky, square, track

from vigie.watch.rule import Find
from vigie.watch.watch import Ground


def inside(**more: object) -> Sky:
    sky = Sky(Ground(volumes=(square(**more),)))
    sky.tracks = [track(1, 13.5, 2.2)]
    return sky


def test_raised_acknowledged_cleared_closed_and_never_lost() -> None:
    sky = inside()
    sky.fly(6)
    raised = sky.last("apw_intrusion")
    assert (raised["state"], raised["track_no"], raised["area"]) == (1, 1, b"SQ")
    assert b"T1 is in Square (R) at FL100" in raised["reason"]
    assert "est dans Square" in raised["reason_fr"].decode()
    sky.act("alert.acknowledge", str(raised["alert_no"]))
    sky.fly(1)
    assert sky.last("apw_intrusion")["state"] == 2
    assert sky.last("apw_intrusion")["acknowledged_by"] == b"ana"
    sky.tracks[0]["lon"] = 3.5
    sky.fly(30)
    closed = sky.last("apw_intrusion")
    assert closed["state"] == 4
    assert closed["cleared_ns"] > closed["acknowledged_ns"] > closed["raised_ns"] > 0
    assert len(sky.watch.alarms) == 0


def test_cleared_without_a_person_stays_until_acknowledged() -> None:
    sky = inside()
    sky.fly(6)
    number = int(sky.last("apw_intrusion")["alert_no"])
    sky.tracks[0]["lon"] = 3.5
    sky.fly(600)
    assert sky.last("apw_intrusion")["state"] == 3
    assert number in sky.watch.alarms.rows(sky.now_ns)["alert_no"]
    sky.act("alert.acknowledge", str(number))
    sky.fly(1)
    assert sky.last("apw_intrusion")["state"] == 4


def test_unacknowledged_alerts_escalate_to_the_top_and_no_further() -> None:
    sky = inside()
    sky.tracks[0]["kt"] = 40.0
    sky.fly(200)
    rows = sky.of("apw_intrusion")
    assert int(rows[0]["severity"]) == 3
    assert int(rows[-1]["severity"]) == 4
    assert int(rows[-1]["escalated"]) == 1


def test_shelving_needs_a_reason_and_an_end_and_speaks_again() -> None:
    sky = inside()
    sky.tracks[0]["kt"] = 40.0
    sky.fly(6)
    number = str(sky.last("apw_intrusion")["alert_no"])
    sky.act("alert.shelve", number, "60")
    sky.fly(0.1)
    assert "reason" in sky.watch.refused[0][1]
    sky.act("alert.shelve", number, "for ever", "known")
    sky.fly(0.1)
    assert "end" in sky.watch.refused[0][1]
    sky.act("alert.shelve", number, "60", "calibration flight")
    sky.fly(1)
    shelved = sky.last("apw_intrusion")
    assert shelved["shelved_until_ns"] > sky.now_ns
    assert shelved["shelved_why"] == b"calibration flight"
    sky.fly(58)
    assert int(sky.last("apw_intrusion")["escalated"]) == 0
    sky.fly(4)
    assert int(sky.last("apw_intrusion")["shelved_until_ns"]) == 0
    sky.fly(60)
    assert int(sky.last("apw_intrusion")["escalated"]) == 1


def test_a_whole_rule_is_shelved_for_one_area() -> None:
    sky = inside()
    sky.act("alert.shelve", "rule:apw_intrusion/SQ", "3600", "exercise in Square")
    sky.fly(6)
    assert sky.last("apw_intrusion")["shelved_by"] == b"ana"


def test_a_flicker_neither_clears_nor_raises_anew() -> None:
    sky = inside()
    sky.fly(6)
    for _ in range(4):
        sky.tracks[0]["lon"] = 3.1
        sky.fly(2)
        sky.tracks[0]["lon"] = 2.2
        sky.fly(3)
    assert [k for k in sky.raised() if k[0] == "apw_intrusion"] == [("apw_intrusion", "SQ", 1, 0)]
    assert all(r["state"] == 1 for r in sky.of("apw_intrusion"))


def test_a_burst_is_one_group_with_each_alert_told() -> None:
    """F83: 1,000 intrusions in one second: all logged and delivered, grouped."""
    sky = Sky(Ground(volumes=(square(),)))
    for n in range(1000):
        sky.tracks.append(track(n + 1, 13.05 + 0.9 * (n % 40) / 40, 2.05 + 0.9 * (n // 40) / 25, fl=50 + 12 * n, kt=1))
    sky.fly(8)
    rows = [r for r in sky.watch.alarms.rows(sky.now_ns) if r["rule"] == b"apw_intrusion"]
    assert sorted(int(r["track_no"]) for r in rows) == list(range(1, 1001))
    assert len({int(r["group_no"]) for r in rows}) == 1
    assert int(rows[0]["group_no"]) == min(int(r["alert_no"]) for r in rows)
    sky.act("alert.acknowledge", f"group:{int(rows[0]['group_no'])}")
    sky.fly(1)
    assert all(r["state"] == 2 for r in sky.watch.alarms.rows(sky.now_ns) if r["rule"] == b"apw_intrusion")


def test_unknown_subjects_are_refused_with_words() -> None:
    sky = inside()
    for name, subject, value in (
        ("alert.acknowledge", "77", ""), ("alert.shelve", "group:x", "5"), ("threshold.edit", "stca.horizontal", "1"),
        ("threshold.edit", "stca.horizontal_m", "-4"), ("area.edit", "XX", "off"), ("area.edit", "SQ", "perhaps"),
        ("qnh.set", "", "10"), ("area.edit", "SQ", '{"kind": "R"}'), ("area.edit", "SQ", "remove"),
        ("area.edit", "NEW", "{"), ("area.edit", "NEW", '{"kind": "R"}'), ("area.edit", "NEW", "{}"),
        ("area.edit", "NEW", '{"kind": "R", "radius_m": 900, "lat_deg": 95, "lon_deg": 2}'),
        ("area.edit", "NEW", '{"kind": "R", "outline_deg": [[1, 1], [1, 1], [1, 1]]}'),
        ("area.edit", "NEW", '{"kind": "R", "radius_m": 900, "lat_deg": 9, "lon_deg": 2, "floor": "HIGH"}'),
        ("area.edit", "NEW", '{"kind": "R", "radius_m": 900, "lat_deg": 9, "lon_deg": 2, "rules": ["apw"]}'),
        ("area.edit", "NEW", '{"file": "builtin:niger"}'),
    ):  # fmt: skip
        sky.act(name, subject, value, "because")
        sky.fly(0.1)
        assert len(sky.watch.refused) == 1, (name, subject)


def test_thresholds_and_areas_follow_acts_at_once() -> None:
    sky = inside()
    sky.act("area.edit", "SQ", "off")
    sky.fly(10)
    assert not sky.of("apw_intrusion")
    sky.act("area.edit", "SQ", "auto")
    sky.fly(4)
    assert sky.last("apw_intrusion")["state"] == 1
    sky.act("threshold.edit", "apw_intrusion/SQ.on", "0")
    sky.fly(20)
    assert sky.last("apw_intrusion")["state"] == 3
    assert sky.watch.settings == {("apw_intrusion", "SQ", "on"): 0.0}


@pytest.mark.parametrize("shape", [
    {"outline_deg": [[13.4, 2.4], [13.4, 2.6], [13.6, 2.6], [13.6, 2.4]]},
    {"lat_deg": 13.5, "lon_deg": 2.5, "radius_m": 12_000},
    {"centreline_deg": [[13.5, 2.4], [13.5, 2.6]], "width_m": 8_000},
])  # fmt: skip
def test_an_area_drawn_by_a_person_is_guarded_until_it_is_removed(shape: dict[str, object]) -> None:
    sky = Sky(Ground(volumes=(square(),)))
    sky.tracks = [track(1, 13.5, 2.5, kt=1), track(2, 13.5, 2.5, kt=1, fl=250)]
    area = {"kind": "R", "name": "Drawn", "ceiling": "FL200", "parameters": {"apw_intrusion.raise_s": 0}, **shape}
    sky.act("area.edit", "X1", json.dumps(area), "visit")
    sky.fly(5)
    assert not sky.watch.refused
    assert [k for k in sky.raised() if k[1] == "X1"] == [("apw_intrusion", "X1", 1, 0)]
    twin = type(sky.watch)(sky.watch.site, sky.watch.ground)
    twin.restore(sky.watch.snapshot())
    assert twin.drawn == {"X1"}
    sky.act("area.edit", "X1", "remove", "visit over")
    sky.fly(20)
    assert "X1" not in sky.watch.airspace.volumes
    assert [int(r["state"]) for r in sky.of("apw_intrusion") if r["area"] == b"X1"][-1] == 3


def test_what_is_absent_in_both_is_no_news() -> None:
    nan = float("nan")
    was = Find(rule="stca", lat_deg=nan, predicted_sd_s=3.0, reason="x")
    assert not Find(rule="stca", lat_deg=float("nan"), predicted_sd_s=3.0, reason="x").differs(was)
    assert Find(rule="stca", lat_deg=1.0, predicted_sd_s=3.0, reason="x").differs(was)
    assert Find(rule="stca", lat_deg=nan, predicted_sd_s=nan, reason="x").differs(was)


def test_the_centres_own_words_stand_before_the_reason() -> None:
    sky = Sky(Ground(volumes=(square(),)), texts={"apw_intrusion": ("CALL NIAMEY", "APPELER NIAMEY")})
    sky.tracks = [track(1, 13.5, 2.5, kt=1)]
    sky.fly(5)
    row = sky.last("apw_intrusion")
    assert row["reason"].startswith(b"CALL NIAMEY: T1 is in Square")
    assert row["reason_fr"].startswith(b"APPELER NIAMEY : T1")


def test_a_snapshot_goes_on_bit_for_bit() -> None:
    sky, twin = inside(), inside()
    for one in (sky, twin):
        one.tracks.append(track(2, 13.5, 2.9, to_deg=270))
        one.fly(7)
    held = sky.watch.snapshot()
    twin.watch = type(twin.watch)(twin.watch.site, twin.watch.ground)
    twin.watch.restore(held)
    sky.rows, twin.rows = [], []
    for one in (sky, twin):
        one.act("alert.acknowledge", "1")
        one.fly(120)
    assert sky.rows
    assert [r.tobytes() for r in sky.rows] == [r.tobytes() for r in twin.rows]
    assert sky.now_ns % S == 0
