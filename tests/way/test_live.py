"""A live centre on loopback: every datagram accounted for, and the recording gives the same picture bit for bit."""

from __future__ import annotations

import multiprocessing
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.way.process import Vigie, running
from vigie.app.inputs import site_for
from vigie.app.pipeline import State, step
from vigie.app.start import free_ports
from vigie.receive.files import merge_inputs, open_input
from vigie.record.reader import open_recording
from vigie.simulate.exercise import load_exercise
from vigie.simulate.live import simulator_main

PATIENCE_S = 240.0


def status_when(vigie: Vigie, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Ask the running centre for its status until ``holds``."""
    with httpx.Client(base_url=vigie.base) as client:
        assert client.get(vigie.page.removeprefix(vigie.base), follow_redirects=True).status_code == 200
        ends = time.monotonic() + PATIENCE_S
        while True:
            status: dict[str, Any] = client.get("/api/status").json()
            if "digest" in status and holds(status):
                return status
            assert time.monotonic() < ends, status
            assert vigie.process.poll() is None, vigie.said
            time.sleep(0.2)


def test_a_recording_of_a_live_centre_replays_bit_for_bit(tmp_path: Path) -> None:
    data = tmp_path / "recording"
    with running("demo", "--no-open", "--listen", "127.0.0.1:0", "--data-dir", data, data_home=tmp_path) as vigie:
        status = status_when(vigie, lambda s: s["digest_step"] >= 150 and s["tracks"] >= 10)
        assert status["balances"]
        assert status["ledger"]["decode"]["rejected"] == {}
        assert status["recording"]["state"] == "ok"
        assert all(link["kernel_drops"] == 0 for link in status["links"])
        assert vigie.stop() == 0, vigie.said
    state = State(site_for([data], None))
    for batch in open_recording(data).batches():
        step(state, batch)
        if state.steps == status["digest_step"]:
            break
    assert state.steps == status["digest_step"]
    assert state.digest.hex() == status["digest"]


SITE = """
[centre]
name = "Niamey"
lat_deg = 13.48
lon_deg = 2.18
[[sensor]]
id = 1
name = "Niamey MSSR"
kind = "radar"
sac = 226
sic = 1
lat_deg = 13.48
lon_deg = 2.18
height_m = 260.0
period_s = 4.0
link = "udp://127.0.0.1:{port}"
"""


def test_what_a_running_centre_sets_aside_is_listed_with_link_reason_and_advice(tmp_path: Path) -> None:
    (port,) = free_ports(["radar"])
    site = tmp_path / "site.toml"
    site.write_text(SITE.format(port=port), "utf-8")
    stranger = bytes.fromhex("30000AE0090900000100")  # CAT048 of SAC/SIC 9/9
    cut = bytes.fromhex("300100E0E201")  # says 256 octets, brings six
    with (
        running("run", site, "--listen", "127.0.0.1:0", data_home=tmp_path) as vigie,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        httpx.Client(base_url=vigie.base) as client,
    ):
        status_when(vigie, lambda s: s["digest_step"] > 0)
        assert client.get(vigie.page.removeprefix(vigie.base), follow_redirects=True).status_code == 200
        ends, found = time.monotonic() + PATIENCE_S, dict[str, dict[str, Any]]()
        while set(found) != {"unknown_sensor", "block_truncated"}:
            assert time.monotonic() < ends, found
            for datagram in (stranger, cut):
                sender.sendto(datagram, ("127.0.0.1", port))
            time.sleep(0.3)
            found = {e["reason"]: e for e in client.get("/api/aside").json()["entries"]}
        assert {reason: e["do"] for reason, e in found.items()} == {"unknown_sensor": "site", "block_truncated": "line"}
        assert {(e["what"], e["link"], e["category"]) for e in found.values()} == {("record", 1, 48)}
        assert all(e["count"] >= 1 and e["at_ms"] > 1.7e12 for e in found.values())
        assert "aside" not in client.get("/api/status").json()
        assert vigie.stop() == 0, vigie.said


def test_when_the_parent_is_killed_its_processes_end_in_order_too(tmp_path: Path) -> None:
    data = tmp_path / "recording"
    with running("demo", "--no-open", "--listen", "127.0.0.1:0", "--data-dir", data, data_home=tmp_path) as vigie:
        status_when(vigie, lambda s: s["digest_step"] >= 20)
        children = children_of(vigie.process.pid)
        assert len(children) >= 4  # simulator, front, core, web
        vigie.process.kill()
        vigie.process.wait()
        ends = time.monotonic() + PATIENCE_S
        while any(Path(f"/proc/{child}").exists() for child in children):
            assert time.monotonic() < ends, children
            time.sleep(0.1)
    assert sum(1 for _ in open_recording(data).batches()) > 0  # closed whole


def children_of(pid: int) -> list[int]:
    """Return the processes that ``pid`` started."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    if not listed.exists():
        pytest.skip("this system does not list the children of a process")
    return [int(child) for child in listed.read_text().split()]


def test_an_exercise_is_a_source_at_a_multiple_of_the_worlds_speed(tmp_path: Path) -> None:
    words = ("run", "exercise:busy_noon", "--speed", "4", "--listen", "127.0.0.1:0")
    with running(*words, data_home=tmp_path) as vigie:
        status = status_when(vigie, lambda s: s["digest_step"] >= 300 and s["tracks"] >= 30)
        assert status["balances"]
        assert status["ledger"]["decode"]["rejected"] == {}
        assert status["ledger"]["decode"]["decoded"] > 3000
        assert all(link["state"] == "up" for link in status["links"])
        assert vigie.stop() == 0, vigie.said


@pytest.mark.shared
def test_a_real_radar_over_udp_without_a_site_file(shared: Path, tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        recording = open_input(str(shared / "data/asterix/ar_saenzpena_20260429_part1_cat034_048.pcap"))
        payloads = [chunk.payload(i) for chunk in merge_inputs([recording]) for i in range(len(chunk))][:1500]
        begin, sent = threading.Event(), threading.Event()

        def send() -> None:
            while not begin.is_set():  # what sniffing hears before the centre runs
                for payload in payloads[:20]:
                    sender.sendto(payload, ("127.0.0.1", port))
                begin.wait(0.2)
            for i, payload in enumerate(payloads):
                sender.sendto(payload, ("127.0.0.1", port))
                if i % 20 == 0:
                    sent.wait(0.02)
            sent.set()

        thread = threading.Thread(target=send, daemon=True)
        thread.start()
        try:
            with running(
                "run", f"udp://127.0.0.1:{port}", "--at=-26.75,-60.48", "--listen", "127.0.0.1:0", data_home=tmp_path
            ) as vigie:
                assert "226/232" in vigie.said
                before = status_when(vigie, lambda s: s["links"] and s["ledger"]["decode"]["decoded"] > 0)
                begin.set()
                thread.join(60)
                after = status_when(
                    vigie, lambda s: s["ledger"]["decode"]["frames"] >= before["ledger"]["decode"]["frames"] + 1500
                )
                decode = after["ledger"]["decode"]
                assert decode["rejected"] == {}
                assert decode["records"] == decode["decoded"]
                link = after["links"][0]
                assert link["kernel_drops"] == link["shed"] == link["refused"] == 0
                assert vigie.stop() == 0, vigie.said
        finally:
            begin.set()
            thread.join(10)


def test_an_adsb_receiver_over_tcp_without_a_site_file(tmp_path: Path) -> None:
    exercise = "busy_noon"
    rows = load_exercise(exercise).sensors
    ports = free_ports([row.kind for row in rows])
    receiver = next(port for row, port in zip(rows, ports, strict=True) if row.sensor.kind == "adsb")
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    simulator = context.Process(target=simulator_main, args=(exercise, ports, None, None, stop), daemon=True)
    simulator.start()
    try:
        with running(
            "run", f"tcp://127.0.0.1:{receiver}", "--at=13.48,2.17", "--listen", "127.0.0.1:0", data_home=tmp_path
        ) as vigie:
            status = status_when(vigie, lambda s: s["tracks"] >= 5)
            assert status["links"][0]["state"] == "up"
            assert status["ledger"]["decode"]["by_category"]["DF17"] > 50
            assert vigie.stop() == 0, vigie.said
    finally:
        stop.set()
        simulator.join(20)
        if simulator.is_alive():
            simulator.kill()
