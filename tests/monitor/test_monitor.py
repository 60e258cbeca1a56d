"""The monitor against a made radar whose turn, clock and faults are known."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from vigie.monitor.monitor import Change, Monitor
from vigie.monitor.reasons import (
    BLIND,
    DEGRADED,
    DEGRADING,
    NEVER,
    NOGO,
    OK,
    REASONS,
    SILENT,
    reason_names,
    reason_words,
)
from vigie.sensors.site import Sensor, Site, make_site
from vigie.terms.tables import (
    FLAG_TIME_ASSUMED,
    PLOT,
    REJECT,
    SERVICE,
    STATUS_NOGO,
    STATUS_OVERLOAD,
    STATUS_TIME_INVALID,
    Rows,
)
from vigie.terms.utc import TICK_NS

START_NS = 1_777_482_000_000_000_000
S = 1_000_000_000


def site_of(*sensors: Sensor) -> Site:
    return make_site(name="test", lat_deg=0.0, lon_deg=0.0, sensors=sensors)


def radar(sensor_id: int = 1, period_s: float = 4.0, kind: str = "radar") -> Sensor:
    return Sensor(
        id=sensor_id, name=f"R{sensor_id}", kind=kind, lat_deg=0.0, lon_deg=0.0, period_s=period_s, delay_s=0.3
    )


@dataclass
class World:
    """A turning radar with targets at fixed azimuths, sending markers, sectors and plots as it passes them."""

    monitor: Monitor
    turn_s: float = 7.633
    targets: int = 8
    sectors: int = 32
    markers: bool = True
    ahead_s: float = 0.0
    drift: float = 0.0
    status: int = 0
    plots: bool = True
    missed: float = 0.0
    sensor_id: int = 1
    seed: int = 1
    host_step_ns: int = 0
    tick: int = 0
    sent: int = 0
    health: Rows = field(default_factory=PLOT.empty)
    changes: list[Change] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.azimuths = self.rng.uniform(0, 2 * math.pi, 64)

    def run(self, seconds: float) -> Rows:
        for _ in range(round(seconds * 10)):
            self.tick += 1
            self._one()
        return self.health

    def _passed(self, azimuth_rad: float) -> float | None:
        """Seconds since the start at which the antenna passed an azimuth within the last tick, if it did."""
        end_s = self.tick * 0.1
        part = azimuth_rad / (2 * math.pi)
        turns = math.floor(end_s / self.turn_s - part)
        at_s = (turns + part) * self.turn_s
        return at_s if at_s >= 0 and at_s > end_s - 0.1 else None

    def _stamp(self, rows: Rows, k: int, at_s: float, now_ns: int) -> None:
        """Passages are sent at once; plots are 0.2 to 0.4 s late, and the site file says 0.3 s."""
        late_s = 0.2 + 0.2 * self.rng.random() if rows.dtype == PLOT.dtype else 0.05 * self.rng.random()
        rx_ns = START_NS + round((at_s + late_s) * S) + self.host_step_ns
        rows["rx_ns"][k] = min(rx_ns, now_ns + S)
        toa_s = at_s + self.ahead_s + self.drift * at_s
        rows["toa_ns"][k] = START_NS + round(toa_s * 128) * S // 128
        rows["sensor_id"][k] = self.sensor_id

    def _one(self) -> None:
        now_ns = START_NS + self.tick * TICK_NS + self.host_step_ns
        services, plots = SERVICE.empty(0), PLOT.empty(0)
        north_s = self._passed(0.0)
        crossings = [(i * 2 * math.pi / self.sectors, 2) for i in range(self.sectors)] if self.sectors else []
        times = [(a, k, t) for a, k in crossings if (t := self._passed(a)) is not None]
        if north_s is not None and self.markers and self.rng.random() >= self.missed:
            times.append((0.0, 1, north_s))
        if times:
            services = SERVICE.empty(len(times))
            for k, (azimuth, kind, at_s) in enumerate(times):
                self._stamp(services, k, at_s, now_ns)
                services["kind"][k] = kind
                services["azimuth_rad"][k] = azimuth
                services["status"][k] = self.status if kind == 1 else 0
        seen = [(a, t) for a in self.azimuths[: self.targets] if (t := self._passed(a)) is not None]
        if seen and self.plots:
            plots = PLOT.empty(len(seen))
            for k, (azimuth, at_s) in enumerate(seen):
                self._stamp(plots, k, at_s, now_ns)
                plots["azimuth_rad"][k] = azimuth
                plots["kind"][k] = 2
        self.sent += len(plots)
        self.health = self.monitor.step(plots, services, REJECT.empty(), now_ns, self.tick * TICK_NS)
        self.changes += self.monitor.changes

    def reasons(self) -> list[str]:
        return reason_names(int(self.health["reasons"][0]))

    def state(self) -> int:
        return int(self.health["state"][0])

    def until(self, state: int, most_s: float) -> float:
        """Run until the state comes; return after how many seconds."""
        begun = self.tick
        while self.state() != state:
            self.run(0.1)
            assert (self.tick - begun) / 10 <= most_s, f"state {self.state()} after {most_s} s, expected {state}"
        return (self.tick - begun) / 10


def world(**options: float | bool) -> World:
    return World(Monitor(site_of(radar(), radar(2))), **options)  # type: ignore[arg-type]


def test_a_healthy_radar_is_ok_and_an_unheard_one_is_never_heard() -> None:
    w = world()
    rows = w.run(100)
    assert rows["sensor_id"].tolist() == [1, 2]
    assert rows["state"].tolist() == [OK, NEVER]
    assert rows["now_ns"].tolist() == [START_NS + 1000 * TICK_NS] * 2
    assert rows["rotation_s"][0] == pytest.approx(7.633, abs=0.002)
    assert math.isnan(rows["rotation_s"][1])
    assert rows["clock_offset_s"][0] == pytest.approx(0.0, abs=0.06)
    assert rows["plots"][0] == w.sent
    assert 6 <= rows["plots_per_scan"][0] <= 10
    assert w.reasons() == ["rotation"], "the site file says 4 s; that is shown, but harms nobody"
    assert w.changes[0].before == NEVER


@pytest.mark.parametrize(
    ("options", "tolerance_s"),
    [
        ({"sectors": 0}, 0.002),
        ({"sectors": 0, "missed": 0.4}, 0.002),
        ({"markers": False}, 0.003),
        ({"markers": False, "sectors": 0, "targets": 20}, 0.01),
        ({"markers": False, "sectors": 0, "targets": 3}, 0.01),
        ({"turn_s": 1.0}, 0.001),
        ({"turn_s": 12.0, "sectors": 0}, 0.002),
    ],
)
def test_the_rotation_is_measured(options: dict[str, float], tolerance_s: float) -> None:
    w = world(**options)
    w.run(200)
    assert w.health["rotation_s"][0] == pytest.approx(w.turn_s, abs=tolerance_s)


def test_a_changed_rotation_is_followed() -> None:
    w = world()
    w.run(60)
    w.turn_s = 5.0
    w.run(200)
    assert w.health["rotation_s"][0] == pytest.approx(5.0, abs=0.005)


@pytest.mark.parametrize("passages", [True, False])
@pytest.mark.parametrize("ahead_s", [5.0, -5.0, 1581.0, -0.4])
def test_a_clock_that_is_off_is_measured_in_ten_scans(ahead_s: float, passages: bool) -> None:
    w = world(ahead_s=ahead_s, markers=passages, sectors=32 if passages else 0)
    w.run(76)
    assert w.health["clock_offset_s"][0] == pytest.approx(ahead_s, abs=0.2)
    assert ("clock_offset" in w.reasons()) == (abs(ahead_s) > 2)
    assert w.state() == (DEGRADED if abs(ahead_s) > 2 else OK)


def test_a_clock_over_midnight_is_as_good_as_before() -> None:
    w = world()
    w.tick = round((86_400 * S - START_NS % (86_400 * S)) / TICK_NS) - 300
    w.run(60)
    assert w.state() == OK
    assert w.health["clock_offset_s"][0] == pytest.approx(0.0, abs=0.06)


def test_a_drifting_clock_is_told_from_a_steady_one() -> None:
    w = world(drift=5e-4)
    w.run(400)
    assert w.health["clock_drift"][0] == pytest.approx(5e-4, rel=0.15)
    assert "clock_drift" in w.reasons()
    steady = world(ahead_s=1.0)
    steady.run(400)
    assert abs(steady.health["clock_drift"][0]) < 1e-4
    assert "clock_drift" not in steady.reasons()


@pytest.mark.parametrize(("sectors", "turn_s"), [(32, 7.633), (0, 7.633), (0, 4.0), (32, 1.0)])
def test_a_silent_radar_is_said_within_a_turn_and_two_seconds(sectors: int, turn_s: float) -> None:
    w = world(sectors=sectors, turn_s=turn_s)
    w.run(80)
    assert w.state() == OK
    assert all(change.after != SILENT for change in w.changes)
    w.markers = w.plots = False
    w.sectors = 0
    assert w.until(SILENT, turn_s + 2.0) > 1.0
    assert "silent" in w.reasons()
    w.run(30)
    w.markers = w.plots = True
    assert w.until(OK, turn_s + 0.1) < turn_s + 0.1


def test_a_healthy_radar_with_markers_alone_is_never_silent() -> None:
    w = world(sectors=0, targets=0)
    w.run(300)
    assert w.state() == OK
    silent_s = [(c.now_ns - START_NS) / S for c in w.changes if c.after == SILENT]
    assert all(at_s < 3 * w.turn_s for at_s in silent_s), "only while the turn is not known: the site file says 4 s"


@pytest.mark.parametrize("targets", [3, 8, 30])
def test_alive_but_blind_within_three_scans(targets: int) -> None:
    w = world(targets=targets)
    w.run(120)
    w.plots = False
    taken_s = w.until(BLIND, 3 * w.turn_s)
    assert taken_s > w.turn_s
    assert "blind" in w.reasons()
    w.run(300)
    assert w.state() == BLIND, "it stays blind while no plot comes"
    w.plots = True
    w.until(OK, w.turn_s)


def test_a_single_aircraft_that_leaves_does_not_make_a_radar_blind() -> None:
    w = world(targets=1)
    w.run(120)
    w.plots = False
    w.run(30)
    assert (w.state(), "no_plots" in w.reasons()) == (OK, False)
    w.run(60)
    assert (w.state(), "no_plots" in w.reasons()) == (OK, True)


def test_an_empty_sky_says_nothing() -> None:
    w = world(targets=0)
    w.run(400)
    assert w.state() == OK
    assert "no_plots" not in w.reasons()


def test_markers_that_stop_while_plots_come_are_said() -> None:
    w = world()
    w.run(80)
    w.markers = False
    assert w.until(DEGRADED, 3 * w.turn_s + 1) > w.turn_s
    assert "no_markers" in w.reasons()


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [
        (STATUS_NOGO, NOGO, "nogo"),
        (STATUS_OVERLOAD, DEGRADED, "overload"),
        (STATUS_TIME_INVALID, DEGRADED, "time_invalid"),
    ],
)
def test_what_the_sensor_says_of_itself_is_shown_until_it_takes_it_back(status: int, state: int, reason: str) -> None:
    w = world()
    w.run(40)
    w.status = status
    w.until(state, w.turn_s + 0.2)
    assert reason in w.reasons()
    w.run(30)
    assert w.state() == state, "a sector crossing has no status and takes nothing back"
    w.status = 0
    w.until(OK, w.turn_s + 0.2)
    assert [c.after for c in w.changes if c.after in (state, OK)][-2:] == [state, OK]


def test_a_post_whose_report_is_late_is_neither_silent_nor_a_wrong_clock() -> None:
    post = replace(radar(), kind="observer", delay_s=4.0)
    monitor, t0 = Monitor(site_of(post)), 1_764_000_000 * S
    random = np.random.default_rng(3)
    due = t0
    said = []
    for tick in range(1, 6000):
        now = t0 + tick * TICK_NS
        plots = PLOT.empty(0)
        if now >= due and tick < 4500:
            wait_s = 4.0 + random.exponential(3.0)
            plots = PLOT.empty(1)
            plots["sensor_id"], plots["kind"] = post.id, 8
            plots["rx_ns"], plots["toa_ns"] = now, now - round(wait_s * S)
            due = now + round((4.0 + random.exponential(3.0)) * S)
        monitor.step(plots, SERVICE.empty(), REJECT.empty(), now, now)
        said += [(round(tick * 0.1), c.after) for c in monitor.changes]
    assert said[0][1] == OK
    assert len(said) == 2
    assert said[1][1] == SILENT
    assert 450 + 20 < said[1][0] < 450 + 40


@pytest.mark.parametrize("step_s", [30, -30])
def test_a_step_of_the_hosts_clock_makes_nobody_silent(step_s: int) -> None:
    w = world()
    w.run(80)
    w.changes.clear()
    w.host_step_ns = step_s * S
    w.run(60)
    assert SILENT not in [c.after for c in w.changes]
    assert BLIND not in [c.after for c in w.changes]
    assert w.health["rotation_s"][0] == pytest.approx(7.633, abs=0.003)
    assert w.health["clock_offset_s"][0] == pytest.approx(-step_s, abs=0.2), "our clock against the sensor's"


def test_rejects_count_for_their_sensor_or_for_the_only_one_of_their_link() -> None:
    from vigie.sensors.link import parse_link

    linked = [replace(sensor, link=parse_link(f"udp://127.0.0.1:{4000 + sensor.id}")) for sensor in (radar(), radar(2))]
    w = World(Monitor(site_of(*linked)))
    w.run(40)
    rejects = REJECT.empty(40)
    rejects["sensor_id"][:15] = 1
    rejects["link"] = 2
    rows = w.monitor.step(PLOT.empty(), SERVICE.empty(), rejects, START_NS, w.tick * TICK_NS)
    assert rows["rejects"].tolist() == [15, 25]
    w.run(9)
    assert "rejects" in w.reasons()
    assert w.state() == DEGRADED
    w.run(300)
    assert w.state() == OK


def test_times_that_were_assumed_say_nothing_of_the_clock() -> None:
    monitor = Monitor(site_of(radar(kind="adsb", period_s=1.0)))
    plots = PLOT.empty(5)
    plots["sensor_id"], plots["kind"], plots["flags"] = 1, 5, FLAG_TIME_ASSUMED
    plots["rx_ns"], plots["toa_ns"] = START_NS, START_NS - S
    rows = monitor.step(plots, SERVICE.empty(), REJECT.empty(), START_NS, TICK_NS)
    assert math.isnan(rows["clock_offset_s"][0])
    assert math.isnan(rows["rotation_s"][0])
    assert rows["state"][0] == OK


def test_rows_of_no_sensor_of_the_site_change_nothing() -> None:
    monitor = Monitor(site_of(radar()))
    plots, services, rejects = PLOT.empty(3), SERVICE.empty(3), REJECT.empty(3)
    plots["sensor_id"] = services["sensor_id"] = [0, 7, 65535]
    plots["kind"], services["kind"] = 255, 255
    rows = monitor.step(plots, services, rejects, START_NS, TICK_NS)
    assert rows["state"].tolist() == [NEVER]
    assert rows["plots"].tolist() == [0]
    assert len(Monitor(site_of()).step(plots, services, rejects, START_NS, TICK_NS)) == 0


def test_two_monitors_give_the_same_octets() -> None:
    def octets() -> list[bytes]:
        w = world(missed=0.1)
        return [w.run(0.1).tobytes() for _ in range(600)]

    assert octets() == octets()


def test_a_hole_in_the_input_is_passed_quickly_and_the_usual_number_of_plots_kept() -> None:
    w = world()
    w.run(80)
    w.tick += 10 * 86_400 * 30  # a month later
    w.run(10)
    assert w.state() == OK


def test_every_reason_has_a_bit_a_name_and_words() -> None:
    assert len({name for name, _ in REASONS.values()}) == len(REASONS)
    assert all(bit & (bit - 1) == 0 for bit in REASONS)
    assert sum(REASONS) & DEGRADING == DEGRADING
    everything = sum(REASONS)
    assert len(reason_names(everything)) == len(reason_words(everything)) == len(REASONS)
    assert reason_names(0) == []
