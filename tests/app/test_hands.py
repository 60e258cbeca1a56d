"""People's acts change the picture in the step in which they come, and a replay does the same."""

from __future__ import annotations

from typing import Any

import pytest

from vigie.app.known import Known
from vigie.app.pipeline import State, step_plots
from vigie.app.pipeline import _think as think
from vigie.flights.plan import FlightPlan
from vigie.flights.store import State as Flights
from vigie.people.permissions import ACTS, needs_second
from vigie.sensors.places import Row
from vigie.sensors.site import Sensor, make_site, sensor_defaults
from vigie.terms.batch import Act
from vigie.terms.tables import PLOT, REJECT, SERVICE, TRACK_ENDED, Rows

S = 1_000_000_000
T0 = 1_764_000_000 * S


def state(codes: str = "") -> State:
    adsb = Sensor(id=3, name="Roof", kind="adsb", lat_deg=13.5, lon_deg=2.2, **sensor_defaults("adsb"))
    plan = FlightPlan(plan_id="P1", callsign="NIG105")
    known = Known(flights=Flights(plans={"P1": plan}))
    policy = {"identity": Row("t.toml:1", {"codes": [codes]})} if codes else {}
    return State(make_site(name="T", lat_deg=13.5, lon_deg=2.2, sensors=(adsb,), policy=policy), known=known)


def plots(k: int) -> Rows:
    rows = PLOT.empty(1)
    rows["kind"], rows["sensor_id"], rows["icao24"], rows["callsign"] = 5, 3, 0x400001, b"ZZZ1"
    rows["lat_deg"], rows["lon_deg"], rows["press_alt_m"] = 13.5, 2.2 + 0.002 * k, 9000.0
    rows["v_east_mps"], rows["v_north_mps"], rows["pos_sd_m"] = 216.0, 0.0, 20.0
    rows["toa_ns"], rows["rx_ns"] = T0 + k * S, T0 + k * S + S // 10
    return rows


def act(name: str, subject: str, value: str = "", reason: str = "") -> Act:
    return Act(seq=1, rx_ns=T0, who="ana", role="supervisor", origin="t", act=name, subject=subject, value=value,
               reason=reason)  # fmt: skip


def fly(chain: State, script: dict[int, Act], seconds: int) -> list[Any]:
    outs = []
    for k in range(seconds):
        for tick in range(1, 11):
            now_ns = T0 + k * S + tick * S // 10
            acts = (script[k],) if k in script and tick == 4 else ()
            rows = plots(k) if tick == 2 else PLOT.empty()
            outs.append(think(chain, rows, SERVICE.empty(), REJECT.empty(), now_ns, now_ns, acts))
    return outs


def test_every_act_is_in_the_table_of_permissions() -> None:
    for name in (
        "sensor.use", "registration.release", "qnh.set", "threshold.edit", "area.edit", "track.start", "track.drop",
        "track.name", "track.couple", "track.identify", "track.radio", "alert.acknowledge", "alert.shelve",
        "code.assign",
        "code.release",
    ):  # fmt: skip
        assert ACTS[name], name
    assert needs_second("sensor.use", "out")
    assert needs_second("registration.release", "beyond")
    assert not needs_second("registration.release", "within")
    assert needs_second("area.edit", "remove")
    assert not needs_second("area.edit", '{"kind": "R"}')


def test_a_sensor_out_of_use_is_shown_recorded_and_not_tracked() -> None:
    chain = state()
    outs = fly(chain, {10: act("sensor.use", "Roof", "out"), 30: act("sensor.use", "3", "in")}, 45)
    used = [len(o.plots) for o in outs]
    assert sum(used) == 45
    middle = outs[250].health[0]
    assert (middle["state"], middle["reasons"] >> 14 & 1) == (5, 1)
    assert outs[-1].health["state"][0] == 1
    assert chain.tracker.ledger.filtered["nogo"] == 20
    assert chain.tracker.ledger.balances
    assert b"sensor_health" in {bytes(r["rule"]) for o in outs for r in o.alerts}


def test_tracks_are_started_named_coupled_and_dropped_by_hand() -> None:
    chain = state()
    script = {
        5: act("track.start", "new", "14 3 250 90 FL120"),
        8: act("track.name", "4000000001", "Ghost"),
        9: act("track.couple", "4000000001", "P1"),
        20: act("track.drop", "4000000001"),
        22: act("track.drop", "1"),
    }
    outs = fly(chain, script, 30)
    mine = [r for o in outs for r in o.tracks if r["track_no"] == 4_000_000_001]
    assert len(mine) == 16
    assert mine[-1]["status"] == TRACK_ENDED
    assert abs(float(mine[-1]["lon_deg"]) - 3.0 - 15.6 * 128.6 / 107_900) < 0.005
    identity = [r for o in outs for r in o.identities if r["track_no"] == 4_000_000_001][-1]
    assert (bytes(identity["name"]), bytes(identity["plan"])) == (b"Ghost", b"P1")
    tracker = [r for o in outs for r in o.tracks if r["track_no"] == 1]
    assert tracker[-1]["status"] == TRACK_ENDED
    assert {int(r["track_no"]) for o in outs[-20:] for r in o.tracks} == {2}


@pytest.mark.parametrize(
    ("name", "subject", "value"),
    [
        ("registration.release", "Cellar", "beyond"), ("registration.release", "3", "beyond"),
        ("registration.release", "3", "out"),
        ("sensor.use", "Cellar", "out"), ("sensor.use", "3", "maybe"), ("track.start", "", "nowhere"),
        ("track.start", "", "95 3 250 90"), ("track.start", "", "9 3 nan 90"), ("track.drop", "77", ""),
        ("track.couple", "1", "P9"), ("track.couple", "x", "P1"), ("code.assign", "P9", ""), ("code.assign", "P1", ""),
        ("code.assign", "P1", "8000"), ("code.assign", "P1", "7000"), ("code.release", "P1", ""),
    ],
)  # fmt: skip
def test_acts_that_cannot_be_done_are_refused_with_a_reason(name: str, subject: str, value: str) -> None:
    chain = state()
    chain.flights = chain.hands.apply((act(name, subject, value),), chain.tracker, chain.flights, T0)
    assert len(chain.hands.refused) == 1


def test_codes_are_given_out_kept_taken_back_and_rest() -> None:
    chain = state("4001-4002")
    plans = {name: FlightPlan(plan_id=name, callsign=name) for name in ("P1", "P2", "P3")}
    chain.flights = Flights(plans=plans)

    def do(name: str, subject: str, value: str = "", now_ns: int = T0, seen: frozenset[int] = frozenset()) -> int:
        one = (act(name, subject, value),)
        chain.flights = chain.hands.apply(one, chain.tracker, chain.flights, now_ns, seen=seen)
        return chain.flights.plans[subject].code_due

    assert do("code.assign", "P1", seen=frozenset({0o4001})) == 0o4002  # 4001 is in the air
    assert do("code.assign", "P1") == 0o4002
    assert do("code.assign", "P2") == 0o4001
    assert do("code.assign", "P3") == 65535
    assert "no code is free" in chain.hands.refused[0][1]
    assert do("code.assign", "P3", "4002") == 65535
    assert "belongs to P1" in chain.hands.refused[0][1]
    assert do("code.release", "P1") == 65535
    assert do("code.assign", "P3", now_ns=T0 + S) == 65535  # a code rests before it is used again
    twin = state("4001-4002")
    twin.restore(chain.snapshot())
    assert twin.hands.codes == chain.hands.codes
    assert do("code.assign", "P3", now_ns=T0 + 3 * 3600 * S) == 0o4002
    assert do("code.assign", "P1", "5501") == 0o5501


def test_a_new_qnh_reaches_tracker_watch_and_trust() -> None:
    chain = state()
    before = chain.tracker._alt.copy()
    fly(chain, {3: act("qnh.set", "centre", "990"), 5: act("qnh.set", "centre", "9900")}, 8)
    assert chain.watch.board.qnh_hpa == chain.identify.trust.qnh_hpa == 990.0
    moved = chain.tracker._alt[1] - before[1]
    assert -230.0 < moved < -170.0  # 23 hPa at 28 ft each, lower


def test_a_replay_with_acts_gives_the_same_digest_and_without_them_another() -> None:
    script = {
        3: act("track.start", "", "14 3 250 90"), 6: act("track.identify", "1", "neutral", "seen by a pilot"),
        9: act("qnh.set", "centre", "1005"), 12: act("threshold.edit", "stca.horizon_s", "60"),
    }  # fmt: skip
    digests = []
    for given in (script, script, {}):
        chain = state()
        fly(chain, given, 20)
        digests.append(chain.digest)
    assert digests[0] == digests[1] != digests[2]
    assert step_plots(state(), PLOT.empty(), T0).alerts.size == 0
