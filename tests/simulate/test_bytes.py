"""The bytes on the wire: the same for a seed, and what they say is what was measured."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.simulate.skies import ADSB, circle, flight, radar, sky, system, table
from vigie.decode.decoder import Decoded, Decoder
from vigie.sensors.site import make_site, parse_site
from vigie.simulate import live
from vigie.simulate.exercise import load_exercise
from vigie.simulate.headless import simulate_to
from vigie.simulate.rows import Exercise
from vigie.simulate.run import Simulation
from vigie.terms.batch import Frames
from vigie.terms.errors import LinkError
from vigie.terms.pace import Pace
from vigie.terms.tables import FLAG_SIMULATED, PLOT, TRUTH, Rows
from vigie.terms.units import M_PER_FT, NS_PER_S

BUSY = sky(
    circle(30), radar(clutter_per_scan=4, jitter_s=0.05), ADSB,
    table("fault", kind="duplicate_datagrams", sensor=1, share=0.3, from_s=5, to_s=20),
    table("fault", kind="reordered_datagrams", sensor=1, jitter_s=1.5, from_s=5, to_s=20),
)  # fmt: skip


def sent(simulation: Simulation, cuts: list[int]) -> list[tuple[int, int, bytes]]:
    """Every frame (time, link, octets) of a flight in steps that end at ``cuts`` (ns after the start)."""
    out = []
    for cut in cuts:
        frames = simulation.step(simulation.start_ns + cut)
        out += [(int(r["rx_ns"]), int(r["link"]), frames.payload(i)) for i, r in enumerate(frames.rows)]
    return out


def test_the_same_seed_gives_the_same_bytes_on_any_chunking() -> None:
    end = 30 * NS_PER_S
    rng = np.random.default_rng(1)
    whole = sent(Simulation(BUSY), [end])
    ticks = sent(Simulation(BUSY), list(range(100_000_000, end + 1, 100_000_000)))
    odd = sent(Simulation(BUSY), sorted({*rng.integers(1, end, 40).tolist(), end}))
    assert len(whole) > 1000
    assert whole == ticks == odd
    assert [w[0] for w in whole] == sorted(w[0] for w in whole)


def test_another_seed_gives_other_bytes_and_one_more_aircraft_changes_no_others_plots() -> None:
    end = [10 * NS_PER_S]
    assert sent(Simulation(BUSY), end) != sent(Simulation(BUSY, 6), end)
    few = Simulation(sky(circle(10), radar()))
    more = Simulation(sky(circle(11), radar()))
    for simulation in (few, more):
        simulation.step(simulation.start_ns + 40 * NS_PER_S)
    a, b = few.plots(), more.plots()
    b = b[np.isin(b["icao24"], a["icao24"])]
    order = [np.argsort(p["toa_ns"], kind="stable") for p in (a, b)]
    assert a[order[0]].tobytes() == b[order[1]].tobytes()


def _blocks(frames: Frames, link: int, category: int) -> list[bytes]:
    rows = np.flatnonzero(frames.rows["link"] == link)
    return [p for i in rows if (p := frames.payload(int(i)))[0] == category]


def test_sector_messages_and_north_markers_come_in_their_order_over_midnight() -> None:
    simulation = Simulation(sky(flight("ONE", ["DRRN", "DRZA"], depart_s=999), radar()))
    frames = simulation.step(simulation.start_ns + 60 * NS_PER_S)
    said = _blocks(frames, 1, 34)
    north = [b for b in said if b[6] == 1]
    times = np.array([int.from_bytes(b[7:10], "big") / 128 for b in said])
    assert len(north) in (14, 15)
    assert len(said) == pytest.approx(60 * 8, abs=4)
    steps = np.diff(times) % 86400
    assert steps == pytest.approx(0.125, abs=0.0079)
    assert times.max() > 86399
    assert times.min() < 1  # the day changed
    assert int.from_bytes(north[0][10:12], "big") / 128 == 4.0


def test_no_datagram_is_longer_than_an_ethernet_frame_carries() -> None:
    crowd = "\n".join(flight(f"C{k}", [f"1500N0030{k % 9}E", "1600N00900E"], level_fl=100 + k) for k in range(150))
    simulation = Simulation(sky(crowd, radar()))
    frames = simulation.step(simulation.start_ns + 12 * NS_PER_S)
    sizes = frames.rows["length"]
    assert sizes.max() <= 1472
    assert sizes.max() > 1300
    for i in range(len(frames)):
        payload = frames.payload(i)
        assert int.from_bytes(payload[1:3], "big") == len(payload)
    assert len(simulation.plots()) > 300


def _decoded(exercise: Exercise, seconds: int) -> tuple[Rows, Decoded, Decoder]:
    simulation = Simulation(exercise)
    decoder = Decoder(simulation.site())
    frames = simulation.step(simulation.start_ns + seconds * NS_PER_S)
    return simulation.plots(), decoder.step(frames), decoder


def test_the_decoder_reads_back_what_the_radars_measured() -> None:
    second = radar("ssr").replace("id = 1", "id = 2").replace("sic = 11", "sic = 12").replace("4001", "4002")
    exercise = sky(circle(30), radar("psr+mode_s", psr_range_nmi=120, clutter_per_scan=5), second)
    measured, said, decoder = _decoded(exercise, 60)
    assert len(measured) > 500
    assert decoder.ledger.balances
    assert not said.rejects.size
    order = [np.lexsort((r["range_m"], r["azimuth_rad"], r["toa_ns"], r["sensor_id"])) for r in (measured, said.plots)]
    a, b = measured[order[0]], said.plots[order[1]]
    for name in ("toa_ns", "rx_ns", "sensor_id", "kind", "icao24", "mode3a", "callsign", "flags"):
        assert (a[name] == b[name]).all(), name
    for name, step in (("range_m", 1e-6), ("azimuth_rad", 1e-9), ("press_alt_m", 1e-6)):
        assert np.allclose(a[name], b[name], rtol=0, atol=step, equal_nan=True), name
    assert {1, 2, 4} <= set(a["kind"])
    assert set(said.services["kind"]) == {1, 2}


def test_the_decoder_reads_back_what_the_aircraft_sent() -> None:
    parts = [flight(f"A{k}", [f"14{k:02d}N00300E", "1600N00900E"], level_fl=300 + k) for k in range(8)]
    measured, said, decoder = _decoded(sky(*parts, ADSB), 40)
    assert decoder.ledger.balances
    assert not said.rejects.size
    found = said.plots[np.isfinite(said.plots["lat_deg"])]
    assert len(found) > 0.95 * len(measured)  # the first of each aircraft waits for its pair
    for row in found:
        mine = measured[measured["icao24"] == row["icao24"]]
        k = int(np.argmin(np.abs(mine["lat_deg"] - row["lat_deg"]) + np.abs(mine["lon_deg"] - row["lon_deg"])))
        assert abs(mine["lat_deg"][k] - row["lat_deg"]) < 6e-5
        assert abs(mine["lon_deg"][k] - row["lon_deg"]) < 6e-5
        assert abs(mine["press_alt_m"][k] - row["press_alt_m"]) <= 12.5 * M_PER_FT + 1e-6
        assert abs(int(mine["toa_ns"][k]) - int(row["toa_ns"])) < 0.3 * NS_PER_S
    assert {bytes(c).strip() for c in found["callsign"][-20:]} <= {b"A%d" % k for k in range(8)}
    late = found[found["rx_ns"] > found["rx_ns"][0] + 15 * NS_PER_S]
    assert (np.hypot(late["v_east_mps"], late["v_north_mps"]) > 150).all()
    assert (late["callsign"] != b"").all()


def test_a_headless_exercise_leaves_four_whole_files(tmp_path: Path) -> None:
    done = []
    said = simulate_to("niger_demo", tmp_path / "out", duration_s=20, progress=done.append)
    assert "20 s" in said
    assert done[-1] == 1.0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "frames.pcap",
        "plots.parquet",
        "site.toml",
        "truth.parquet",
    ]
    truth = TRUTH.from_arrow(pq.read_table(tmp_path / "out/truth.parquet"))
    assert len(set(truth["t_ns"])) == 20
    assert len(truth) > 20 * 40
    assert len(set(truth["icao24"])) == len(set(truth["target_id"]))
    plots = PLOT.from_arrow(pq.read_table(tmp_path / "out/plots.parquet"))
    assert set(plots["sensor_id"]) == {1, 2, 3}
    assert set(plots["kind"]) == {2, 4, 5}
    assert (plots["rx_ns"] > plots["toa_ns"] - 4_000_000).all()
    tree = tomllib.loads((tmp_path / "out/site.toml").read_text())
    assert tree["centre"]["exercise"] is True
    again = tmp_path / "again"
    simulate_to("niger_demo", again, duration_s=20)
    assert (again / "frames.pcap").read_bytes() == (tmp_path / "out/frames.pcap").read_bytes()


def test_tshark_finds_nothing_wrong_in_the_frames(tmp_path: Path) -> None:
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("tshark is not installed: the frames are not judged by it")
    simulate_to("niger_demo", tmp_path, duration_s=30)
    ports = [row.sensor.link.port for row in load_exercise("niger_demo").sensors if row.kind == "radar"]
    decode = [arg for port in ports for arg in ("-d", f"udp.port=={port},asterix")]
    command = [tshark, "-r", str(tmp_path / "frames.pcap"), *decode, "-T", "fields", "-e", "asterix.category"]
    checks = ["-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    seen = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert seen.count("34") > 300
    assert seen.count("48") > 100
    wrong = "_ws.malformed || tcp.checksum.status == 0 || udp.checksum.status == 0 || tcp.analysis.flags"
    bad = subprocess.run([*command[:-4], *checks, "-Y", wrong], capture_output=True, text=True, check=True).stdout
    assert bad == ""


def test_live_frames_are_those_of_the_simulation() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as probe:
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(30)
        probe.bind(("127.0.0.1", 0))
        ports = [udp.getsockname()[1], probe.getsockname()[1]]
        probe.close()
        stop, ready = threading.Event(), threading.Event()
        exercise = sky(circle(30), radar(), ADSB).with_ports(ports)
        sender = threading.Thread(target=live.send_live, args=(exercise, stop), kwargs={"ready": ready.set})
        sender.start()
        try:
            assert ready.wait(120)
            with socket.create_connection(("127.0.0.1", ports[1]), timeout=30) as tcp:
                stream = b""
                while len(stream) < 400:
                    stream += tcp.recv(4096)
            datagrams = [udp.recv(2048) for _ in range(6)]
        finally:
            stop.set()
            sender.join(10)
        assert not sender.is_alive()
    assert stream[0] == 0x1A
    assert stream[1] in b"23"
    assert {d[0] for d in datagrams} <= {34, 48}
    assert all(int.from_bytes(d[1:3], "big") == len(d) for d in datagrams)


def test_a_port_that_is_taken_is_told_and_nothing_is_left_open() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        exercise = sky(flight("ONE", ["DRRN", "DRZA"]), ADSB).with_ports([taken.getsockname()[1]])
        with pytest.raises(LinkError, match="another port"):
            live.LiveFeed(Simulation(exercise).site().links)


def test_a_centre_without_an_exercise_refuses_simulated_bits_and_simulated_links() -> None:
    simulation = Simulation(sky(circle(20), radar("psr+mode_s"), ADSB, system(6, "mlat", 4006, max_range_nmi=200)))
    frames = simulation.step(simulation.start_ns + 20 * NS_PER_S)
    text = simulation.site_toml()
    live_site = parse_site(text.replace("exercise = true", "exercise = false"), file="live.toml")
    here, there = Decoder(parse_site(text, file="site.toml")), Decoder(live_site)
    taken, refused = here.step(frames), there.step(frames)
    assert {1, 3, 6} == set(taken.plots["sensor_id"])
    assert (taken.plots["flags"] & FLAG_SIMULATED).all()
    assert not taken.rejects.size
    assert taken.services.size
    assert not refused.plots.size
    assert not refused.services.size
    assert there.ledger.balances
    assert there.ledger.as_json()["rejected"]["simulated_refused"] == there.ledger.records > 400
    # A real site that names the same sensors as its own takes no plot with the simulated bit.
    own = live_site.sensors[0]
    plain = make_site(name="x", lat_deg=13.0, lon_deg=2.0, sensors=(replace(own, simulated=False),))
    assert not Decoder(plain).step(Frames(frames.rows[frames.rows["link"] == 1], frames.data)).plots.size


def test_a_pace_makes_time_go_faster_for_sender_and_receiver_alike() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(30)
        pace = Pace(mono_ns=time.monotonic_ns(), utc_ns=1_800_000_000 * NS_PER_S, speed=100.0)
        exercise = sky(circle(5), radar()).with_ports([udp.getsockname()[1]])
        simulation = Simulation(exercise, start_ns=pace.utc_at(time.monotonic_ns()))
        feed = live.LiveFeed(simulation.site().links)
        stop = threading.Event()
        sender = threading.Thread(target=feed.send_until, args=(simulation, stop, pace))
        sender.start()
        try:
            late_s, first = [], 0
            while len(late_s) < 100:
                block = udp.recv(2048)
                now_s = pace.utc_at(time.monotonic_ns()) / NS_PER_S % 86_400
                if block[0] == 34:
                    said_s = int.from_bytes(block[7:10], "big") / 128
                    first = first or said_s
                    late_s.append(now_s - said_s)
        finally:
            stop.set()
            sender.join(10)
            feed.close()
    assert said_s - first > 10.0  # a hundred sector messages of an antenna that turns in 4 s
    assert min(late_s) > 0.2  # never before its time: the radar's delay is 0.25 s
