"""An exercise as the source of a live centre: its simulator is one more process, its sensors send on loopback."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from pathlib import Path

from vigie.app.start import free_ports, start_centre
from vigie.sensors.site import parse_site
from vigie.simulate.exercise import load_exercise
from vigie.simulate.live import simulator_main
from vigie.simulate.site import site_toml
from vigie.terms.errors import UsageError
from vigie.terms.pace import Pace


def start_exercise(
    name: str,
    *,
    mode: str,
    listen: str,
    speed: float = 1.0,
    seed: int | None = None,
    data_dir: Path | None = None,
    open_page: bool = False,
) -> None:
    """Run a centre whose sensors are those of an exercise, flown by a process of its own, until Ctrl-C.

    The sensors send by UDP and TCP on loopback; the centre knows of the exercise only its site. At another speed than
    1 both share one clock that runs so much faster, or as fast as the simulator can.
    """
    if not 1.0 <= speed <= 100.0:
        raise UsageError(f"--speed {speed:g}: expected a number from 1 to 100")
    flown = load_exercise(name)
    ports = free_ports(["adsb" if row.is_beast else row.kind for row in flown.sensors])
    text = site_toml(flown, ports)
    site = parse_site(text, file=f"{name} (exercise)")
    pace = None
    if speed != 1.0:
        slip = multiprocessing.get_context("spawn").Value("q", 0)
        pace = Pace(mono_ns=time.monotonic_ns(), utc_ns=time.time_ns(), speed=speed, slip=slip)
    with tempfile.TemporaryDirectory(prefix="vigie-exercise-") as folder:
        start_centre(
            site, mode=mode, site_text=text, listen=listen, data_dir=data_dir or Path(folder), open_page=open_page,
            pace=pace, extra={"simulator": (simulator_main, (name, ports, pace, seed))},
        )  # fmt: skip
