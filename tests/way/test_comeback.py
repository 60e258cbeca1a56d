"""R12: after ``kill -9`` of the core or of the whole centre the picture comes back, with the same track numbers.

F77: a system that runs out of memory ends a process in the same way.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.way.process import Vigie, running
from tests.way.test_live import children_of, status_when
from vigie.app.inputs import site_for
from vigie.app.pipeline import State, step
from vigie.app.start import free_ports
from vigie.record.reader import open_recording
from vigie.simulate.exercise import load_exercise
from vigie.simulate.live import simulator_main
from vigie.simulate.site import site_toml

WORDS = ("--listen", "127.0.0.1:0")


@dataclass(frozen=True)
class World:
    """Sensors that go on sending whatever becomes of the centre, and the site file that names them."""

    site: Path
    data: Path
    home: Path

    @contextlib.contextmanager
    def centre(self) -> Iterator[Vigie]:
        with running("run", self.site, *WORDS, "--data-dir", self.data, data_home=self.home) as vigie:
            yield vigie


@contextlib.contextmanager
def world(folder: Path) -> Iterator[World]:
    exercise = load_exercise("niger_demo")
    ports = free_ports(["adsb" if row.is_beast else row.kind for row in exercise.sensors])
    site = folder / "site.toml"
    site.write_text(site_toml(exercise, ports), "utf-8")
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    simulator = context.Process(target=simulator_main, args=("niger_demo", ports, None, 7, stop), daemon=True)
    simulator.start()
    try:
        yield World(site, folder / "recording", folder)
    finally:
        stop.set()
        simulator.join(20)
        if simulator.is_alive():
            simulator.kill()
            simulator.join()


def picture(vigie: Vigie) -> dict[str, list[int]]:
    """Return the numbers of the confirmed tracks of each address (the exercise has aircraft that share one)."""
    with httpx.Client(base_url=vigie.base) as client:
        assert client.get(vigie.page.removeprefix(vigie.base), follow_redirects=True).status_code == 200
        rows: list[dict[str, Any]] = client.get("/api/picture").json()["tracks"]
    numbers: dict[str, list[int]] = {}
    for row in rows:
        if row.get("icao24") and row["status"] in ("confirmed", "coasting"):
            numbers.setdefault(row["icao24"], []).append(row["track_no"])
    return {address: sorted(held) for address, held in numbers.items()}


def core_of(vigie: Vigie) -> int:
    """Return the process number of the core."""
    for child in children_of(vigie.process.pid):
        if Path(f"/proc/{child}/comm").read_text().strip() == "vigie-core":
            return child
    raise AssertionError("there is no core")


def assert_same_numbers(before: dict[str, list[int]], after: dict[str, list[int]]) -> None:
    """Check that who was shown is shown with the same number, but for the few that end or merge in those seconds.

    That even those are as they would have been is what playing the whole recording again shows, bit for bit.
    """
    kept = [address for address in before if set(before[address]) <= set(after.get(address, ()))]
    assert len(kept) >= 0.9 * len(before), (before, after)
    doubled = [address for address in after if len(after[address]) > 1]
    assert len(doubled) <= 3, doubled  # the exercise's own: aircraft that share an address


def assert_plays_again(world: World, status: dict[str, Any]) -> None:
    """Play the whole recording, with the ends in its midst, and compare with what was shown live."""
    state = State(site_for([world.data], None))
    for batch in open_recording(world.data).batches():
        step(state, batch)
        if state.steps == status["digest_step"]:
            break
    assert state.digest.hex() == status["digest"]


def test_the_picture_comes_back_with_the_same_numbers(tmp_path: Path) -> None:
    with world(tmp_path) as here:
        with here.centre() as vigie:
            status = status_when(vigie, lambda s: s["digest_step"] >= 150 and s["tracks"] >= 10)
            before = picture(vigie)
            os.kill(core_of(vigie), signal.SIGKILL)
            steps = status["digest_step"]
            status = status_when(vigie, lambda s: s["digest_step"] > steps + 20 and "brought back" in s["start"])
            assert status["balances"]
            assert_same_numbers(before, picture(vigie))
            before = picture(vigie)
            children = children_of(vigie.process.pid)
            vigie.process.kill()
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            vigie.process.wait()
        with here.centre() as vigie:
            steps = status["digest_step"]
            status = status_when(vigie, lambda s: s["digest_step"] > steps + 20)
            assert "brought back as it was" in status["start"]
            assert status["balances"]
            assert_same_numbers(before, picture(vigie))
            status = status_when(vigie, lambda s: s["digest_step"] > steps + 30)
            assert vigie.stop() == 0, vigie.said
        assert_plays_again(here, status)
        here.site.write_text(here.site.read_text("utf-8") + "\n# changed\n", "utf-8")
        with here.centre() as vigie:
            status = status_when(vigie, lambda s: s["digest_step"] > 0)
            assert "the site file is another than the recording's" in status["start"]
            assert vigie.stop() == 0, vigie.said
            assert "the site file is another than the recording's" in vigie.said
