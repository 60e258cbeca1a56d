"""What the sensors get of the sky, judged against its truth by statistics; fixed seeds, so no chance of chance."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.simulate.skies import ADSB, circle, flight, radar, sky, table
from vigie.earth.wgs84 import ecef_to_enu, enu_to_slant, geodetic_to_ecef
from vigie.simulate.draw import key_of, mixed, normal_pair, uniform, unit_of
from vigie.simulate.run import Simulation
from vigie.terms.tables import FLAG_GARBLED, FLAG_SIMULATED, FLAG_TEST, Rows
from vigie.terms.units import M_PER_FT, M_PER_NMI, NS_PER_S


def flown(simulation: Simulation, seconds: int) -> tuple[Rows, dict[int, Rows]]:
    """Plots of a flight, and the truth at every second."""
    truth = {}
    for second in range(1, seconds + 1):
        now = simulation.start_ns + second * NS_PER_S
        simulation.step(now)
        rows = simulation.truth_rows(now)
        for row in rows:
            truth.setdefault(int(row["icao24"]), []).append(row)
    return simulation.plots(), {k: np.array(v) for k, v in truth.items()}


def polar_truth(plots: Rows, truth: dict[int, Rows], lat: float, lon: float, height: float) -> np.ndarray:
    """Slant range and azimuth (n, 2) where each plot's aircraft was at the plot's time, from the truth alone."""
    x0 = np.array(geodetic_to_ecef(math.radians(lat), math.radians(lon), height))
    out = np.full((len(plots), 2), np.nan)
    for k, plot in enumerate(plots):
        rows = truth[int(plot["icao24"])]
        t = plot["toa_ns"]
        if not rows["t_ns"][0] <= t <= rows["t_ns"][-1]:
            continue
        at = [np.interp(t, rows["t_ns"], rows[c]) for c in ("lat_deg", "lon_deg", "geo_alt_m")]
        x = np.array(geodetic_to_ecef(math.radians(at[0]), math.radians(at[1]), at[2]))
        out[k] = enu_to_slant(*ecef_to_enu(*(x - x0), math.radians(lat), math.radians(lon)))[:2]
    return out


def test_draws_are_uniform_and_normal_and_belong_to_their_key() -> None:
    def key(stream: int, k: int) -> np.uint64:
        return np.uint64(mixed(key_of(1, stream), k))

    u = np.array([uniform(key(2, k)) for k in range(4000)])
    assert abs(u.mean() - 0.5) < 0.02
    assert abs(u.var() - 1 / 12) < 0.004
    g = np.array([normal_pair(key(3, k)) for k in range(4000)])
    assert np.abs(g.mean(axis=0)).max() < 0.05
    assert np.abs(g.std(axis=0) - 1).max() < 0.04
    assert abs(np.corrcoef(g.T)[0, 1]) < 0.05
    assert unit_of(1, 2, 5) == uniform(key(2, 5))


def test_a_radar_measures_with_its_noise_bias_probability_and_rotation() -> None:
    exercise = sky(circle(), radar(azimuth_bias_deg=0.5, range_bias_m=120))
    plots, truth = flown(Simulation(exercise), 240)
    expected = polar_truth(plots, truth, 13.4770, 2.1700, 262)
    good = np.isfinite(expected[:, 0])
    plots, expected = plots[good], expected[good]
    assert len(plots) > 1500
    d_range = plots["range_m"] - expected[:, 0]
    d_azimuth = (plots["azimuth_rad"] - expected[:, 1] + math.pi) % (2 * math.pi) - math.pi
    assert d_range.mean() == pytest.approx(120, abs=4)
    assert d_range.std() == pytest.approx(40, rel=0.06)
    assert math.degrees(d_azimuth.mean()) == pytest.approx(0.5, abs=0.006)
    assert math.degrees(d_azimuth.std()) == pytest.approx(0.06, rel=0.06)
    # Detection: each aircraft once a turn, with probability 0.9.
    near = {a for a in truth if (expected[plots["icao24"] == a, 0] < 110 * M_PER_NMI).all()}
    assert len(near) > 10
    share = np.isin(plots["icao24"], list(near)).sum() / (238.5 / 4.0 * len(near))
    assert share == pytest.approx(0.9, abs=0.02)
    for address in truth:
        gaps = np.diff(plots["toa_ns"][plots["icao24"] == address]) / NS_PER_S
        assert np.abs(gaps / 4.0 - np.rint(gaps / 4.0)).max() < 0.02
        assert gaps.min() > 3.5


def test_nothing_is_seen_below_the_horizon_beyond_the_range_or_in_the_cone() -> None:
    exercise = sky(
        flight("LOW", ["1330N00400E", "1330N00401E"], type="DRNM", level_fl=20, transponder="s", speed_kt=30),
        flight("FAR", ["1330N00630E", "1330N00800E"], level_fl=380),
        flight("OVER", ["1328N00210E", "1328N00211E"], type="DRNM", level_fl=200, transponder="s", speed_kt=30),
        flight("SEEN", ["1330N00330E", "1330N00630E"], level_fl=380),
        radar(),
    )
    plots, truth = flown(Simulation(exercise), 60)
    names = {bytes(n).strip() for n in plots["callsign"]}
    assert len(truth) == 4
    assert names == {b"SEEN"}


def test_primary_detection_follows_the_radar_equation() -> None:
    far = [flight(f"P{k}", [f"1330N{3 + k % 3:03d}{10 * (k % 6):02d}E", "1330N00900E"], type="DRNM", level_fl=150,
                  transponder="none", rcs_m2=1.0, speed_kt=40) for k in range(18)]  # fmt: skip
    exercise = sky(*far, radar("psr", psr_range_nmi=80, min_elevation_deg=-1))
    plots, truth = flown(Simulation(exercise), 400)
    assert set(plots["kind"]) == {1}
    assert set(plots["mode3a"]) == {65535}
    r = plots["range_m"] / M_PER_NMI
    counts = np.histogram(r, np.arange(50, 180, 20))[0]
    # Truth of the same bins: the aircraft hardly move.
    x = {k: rows[0] for k, rows in truth.items()}
    rho = np.array([(v["lon_deg"] - 2.17) * 60 * math.cos(math.radians(13.5)) for v in x.values()])
    there = np.histogram(rho, np.arange(50, 180, 20))[0] * 100
    for lo, seen, passed in zip(np.arange(50, 170, 20), counts, there, strict=True):
        if passed:
            snr = (math.log(1e-6) / math.log(0.8) - 1) * (80 / (lo + 10)) ** 4
            assert seen / passed == pytest.approx(math.exp(math.log(1e-6) / (1 + snr)), abs=0.15)
    assert counts[0] > 0.8 * there[0]


def test_clutter_comes_as_often_as_asked() -> None:
    exercise = sky(
        flight("ONE", ["DRRN", "DRZA"], depart_s=5000), radar("psr+ssr", clutter_per_scan=30, false_replies_per_scan=6)
    )
    plots, _ = flown(Simulation(exercise), 400)
    assert (plots["kind"] == 1).sum() == pytest.approx(3000, rel=0.06)
    assert (plots["kind"] == 2).sum() == pytest.approx(600, rel=0.12)
    assert np.histogram(plots["azimuth_rad"], 8, (0, 2 * math.pi))[0].min() > 350


def test_two_answers_within_a_beam_and_a_reply_garble_each_other() -> None:
    pair = [
        flight(f"G{k}", [f"1400N0030{k}E", f"1600N0050{k}E"], level_fl=200 + 20 * k, transponder="ac") for k in (0, 1)
    ]
    plots, _ = flown(Simulation(sky(*pair, radar("ssr"))), 200)
    assert 0.1 < (plots["flags"] & FLAG_GARBLED > 0).mean() < 0.5
    alone, _ = flown(Simulation(sky(pair[0], radar("ssr"))), 100)
    assert not (alone["flags"] & FLAG_GARBLED).any()


def test_answers_hold_what_the_transponder_has() -> None:
    exercise = sky(
        flight("AC", ["1400N00300E", "1600N00500E"], level_fl=205, transponder="ac", code="4321"),
        flight(
            "MODES", ["1410N00310E", "1600N00500E"], level_fl=215.25, transponder="s", code="7700", address="062001"
        ),
        radar("psr+mode_s", psr_range_nmi=200),
    )
    plots, _ = flown(Simulation(exercise), 120)
    assert (plots["flags"] & FLAG_SIMULATED).all()
    ac, modes = plots[plots["mode3a"] == 0o4321], plots[plots["mode3a"] == 0o7700]
    assert set(ac["kind"]) <= {2, 3}
    assert set(ac["icao24"]) == {0}
    assert set(np.rint(ac["press_alt_m"] / M_PER_FT)) == {20500}
    assert set(modes["kind"]) == {4, 1} - {1}
    assert set(modes["icao24"]) == {0x062001}
    assert set(np.rint(modes["press_alt_m"] / M_PER_FT)) == {21525}
    assert {bytes(c).strip() for c in modes["callsign"]} == {b"MODES"}


def test_squitters_come_at_their_rates_and_are_lost_as_often_as_asked() -> None:
    exercise = sky(*[flight(f"A{k}", [f"14{k:02d}N00300E", "1600N00900E"], level_fl=350) for k in range(10)], ADSB)
    simulation = Simulation(exercise)
    plots, truth = flown(simulation, 100)
    collisions = math.exp(-2 * 120e-6 * 10 * 6.6)
    assert len(plots) == pytest.approx(99.9 * 2 * 10 * 0.9 * collisions, rel=0.03)
    near = plots[plots["icao24"] == next(iter(truth))]
    gaps = np.diff(near["toa_ns"]) / NS_PER_S
    assert gaps.min() >= 0.4
    rows = truth[int(near["icao24"][0])]
    inside = (near["toa_ns"] >= rows["t_ns"][0]) & (near["toa_ns"] <= rows["t_ns"][-1])
    lat = np.interp(near["toa_ns"][inside], rows["t_ns"], rows["lat_deg"])
    assert np.abs(near["lat_deg"][inside] - lat).max() < 1e-5


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ({"kind": "silence"}, "none"),
        ({"kind": "no_plots"}, "services"),
        ({"kind": "wrong_north", "offset_deg": 3.0}, "azimuth"),
        ({"kind": "range_bias", "offset_m": 900.0}, "range"),
        ({"kind": "clock_offset", "offset_s": 2.5}, "clock"),
        ({"kind": "blind_sector", "from_deg": 0, "to_deg": 180}, "blind"),
        ({"kind": "test_targets", "count": 3}, "test"),
        ({"kind": "duplicate_datagrams", "share": 1.0}, "twice"),
        ({"kind": "burst_loss", "share": 0.5}, "half"),
    ],
)
def test_a_radar_fault_breaks_what_it_says_while_it_lasts(fault: dict[str, object], check: str) -> None:
    parts = (circle(20), radar())
    whole = Simulation(sky(*parts))
    broken = Simulation(sky(*parts, table("fault", sensor=1, from_s=20, to_s=60, **fault)))
    a = whole.step(whole.start_ns + 80 * NS_PER_S)
    b = broken.step(broken.start_ns + 80 * NS_PER_S)
    t0, during = whole.start_ns, slice(24, 58)
    per_second = [
        np.bincount((f.rows["rx_ns"] - t0) // NS_PER_S, minlength=80) for f in (a, b)
    ]  # fmt: skip
    plots_a, plots_b = whole.plots(), broken.plots()
    outside = [p[(p["rx_ns"] < t0 + 18 * NS_PER_S) | (p["rx_ns"] > t0 + 64 * NS_PER_S)] for p in (plots_a, plots_b)]
    assert outside[0].tobytes() == outside[1].tobytes()
    x, y = (p[(p["rx_ns"] > t0 + 22 * NS_PER_S) & (p["rx_ns"] < t0 + 59 * NS_PER_S)] for p in (plots_a, plots_b))
    if check == "none":
        assert not per_second[1][during].any()
    elif check == "services":
        assert not len(y)
        assert per_second[1][during].all()
    elif check == "azimuth":
        assert len(x) == len(y)
        assert np.degrees((y["azimuth_rad"] - x["azimuth_rad"]) % (2 * math.pi)) == pytest.approx(3.0, abs=0.01)
    elif check == "range":
        assert y["range_m"] - x["range_m"] == pytest.approx(900, abs=8)
    elif check == "clock":
        assert np.all(y["toa_ns"] - x["toa_ns"] == 2.5 * NS_PER_S)
    elif check == "blind":
        assert (x["azimuth_rad"] < math.pi).any()
        assert not (y["azimuth_rad"] < math.pi - 0.01).any()
    elif check == "test":
        extra = y[y["flags"] & FLAG_TEST > 0]
        assert len(extra) == pytest.approx(3 * 37 / 4, abs=4)
        assert len(set(extra["azimuth_rad"])) == 3
    elif check == "twice":
        assert per_second[1][during].sum() == 2 * per_second[0][during].sum()
    else:
        assert 0.2 < per_second[1][during].sum() / per_second[0][during].sum() < 0.8


def test_ghosts_are_heard_by_receivers_seen_by_no_radar_and_not_true() -> None:
    fault = table("fault", kind="ghosts", lat_deg=13.9, lon_deg=2.8, count=3, from_s=5, to_s=60)
    exercise = sky(flight("REAL", ["1400N00200E", "1600N00500E"], level_fl=300), radar("psr+mode_s"), ADSB, fault)
    plots, truth = flown(Simulation(exercise), 90)
    heard = {bytes(n).strip() for n in plots["callsign"]} - {b""}
    assert heard == {b"REAL"}  # of the radar: the receiver's rows are positions only
    by_receiver = {int(a) for a in plots["icao24"][plots["kind"] == 5]}
    assert len(by_receiver) == 4
    assert len(truth) == 1
    assert {int(a) for a in plots["icao24"][plots["kind"] == 4]} == set(truth)
    ghosts = plots[(plots["kind"] == 5) & ~np.isin(plots["icao24"], list(truth))]
    start = exercise.start_ns
    assert (ghosts["toa_ns"] >= start + 5 * NS_PER_S).all()
    assert (ghosts["toa_ns"] < start + 66 * NS_PER_S).all()


def test_gnss_faults_collapse_quality_or_pull_positions_away_inside_their_area_only() -> None:
    two = [flight("IN", ["1400N00300E", "1600N00900E"], level_fl=350), flight("OUT", ["1200N00200E", "1000N00200E"])]
    jam = table("fault", kind="gnss_jamming", lat_deg=14.2, lon_deg=3.3, radius_nmi=60, from_s=10, to_s=40)
    pull = table("fault", kind="gnss_drift", lat_deg=14.2, lon_deg=3.3, radius_nmi=60, course_deg=90, speed_kt=360,
                 from_s=50, to_s=80)  # fmt: skip
    plots, truth = flown(Simulation(sky(*two, ADSB, jam, pull)), 100)
    inside, outside = (plots[plots["icao24"] == a] for a in sorted(truth, key=lambda a: -truth[a]["lat_deg"][0]))
    t = (inside["toa_ns"] - Simulation(sky(*two, ADSB)).start_ns) / NS_PER_S
    assert set(inside["nic"][(t > 10) & (t < 40)]) == {0}
    assert set(inside["nic"][(t > 41) | (t < 10)]) == {8}
    assert set(outside["nic"]) == {8}
    for rows, drifts in ((inside, True), (outside, False)):
        true = truth[int(rows["icao24"][0])]
        late = (rows["toa_ns"] > true["t_ns"][0] + 77 * NS_PER_S) & (rows["toa_ns"] < true["t_ns"][0] + 79 * NS_PER_S)
        off = rows["lon_deg"][late] - np.interp(rows["toa_ns"][late], true["t_ns"], true["lon_deg"])
        metres = off * 111_320 * math.cos(math.radians(14.3))
        assert metres == pytest.approx(360 * 0.5144 * 28.5 if drifts else 0, abs=250 if drifts else 2)


def test_events_change_what_the_transponder_says() -> None:
    exercise = sky(
        flight("ONE", ["1400N00300E", "1600N00900E"], code="4301"), radar(),
        table("event", flight="ONE", at_s=30, do="radio_loss", name="lost"),
        table("event", flight="ONE", after="lost", delay_s=30, do="transponder_off"),
        table("event", flight="ONE", at_s=90, do="transponder_on"),
        table("event", flight="ONE", at_s=90, do="squawk", code="4302"),
        table("event", flight="ONE", at_s=120, do="ident"),
    )  # fmt: skip
    plots, _ = flown(Simulation(exercise), 160)
    t = (plots["toa_ns"] - exercise.start_ns) / NS_PER_S
    assert set(plots["mode3a"][t < 30]) == {0o4301}
    assert set(plots["mode3a"][(t > 30) & (t < 60)]) == {0o7600}
    assert not ((t > 60) & (t < 90)).any()
    assert set(plots["mode3a"][t > 90]) == {0o4302}
    spi = plots["flags"] & 4 > 0
    assert spi[(t > 120) & (t < 138)].all()
    assert not spi[(t < 120) | (t > 138)].any()
