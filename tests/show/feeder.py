"""A stand-in for the core: N moving tracks over Niger at 1 Hz, with sensors, plots and status.

Runnable, so that the page can be built against a real server without the rest of the chain:
``python -m tests.show.feeder --tracks 5000 --port 8090`` (``--pause-after S`` stops progress, for the STALE banner).
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np

from vigie.app.policy import terrain_of
from vigie.app.web import shade_of
from vigie.people.session import Sessions, User
from vigie.sensors.link import parse_link
from vigie.sensors.site import Sensor, Site, load_site, make_site
from vigie.show.columns import encode_update
from vigie.show.describe import site_json
from vigie.show.doors import Keys
from vigie.show.hub import Hub
from vigie.show.maps import MapShelf
from vigie.show.messages import Outcome
from vigie.show.office import OfficeBooks
from vigie.show.place import place_plots
from vigie.show.runner import open_door, port_of, serve
from vigie.show.server import PAGE_FOLDER, make_app, new_key
from vigie.terms.batch import Act
from vigie.terms.tables import HEALTH, PLOT, TRACK, Rows

from .standin import Watch, peopled

NS = 1_000_000_000
SENSORS = (
    Sensor(id=1, name="Niamey MSSR", kind="radar", lat_deg=13.4815, lon_deg=2.1836, height_m=260.0, sac=226, sic=1,
           period_s=4.0, max_range_m=463_000.0, link=parse_link("udp://239.1.1.1:4001")),
    Sensor(id=2, name="Agadez MSSR", kind="radar", lat_deg=16.9660, lon_deg=8.0000, height_m=540.0, sac=226, sic=2,
           period_s=6.0, max_range_m=463_000.0, link=parse_link("udp://239.1.1.1:4002")),
    Sensor(id=3, name="Zinder ADS-B", kind="adsb", lat_deg=13.7790, lon_deg=8.9838, height_m=470.0, period_s=1.0,
           max_range_m=400_000.0, link=parse_link("tcp://127.0.0.1:30005")),
)  # fmt: skip
SITE: Site = make_site(name="Niamey", lat_deg=13.4815, lon_deg=2.1836, sensors=SENSORS, exercise=True)
CALLSIGNS = ("NER", "AFR", "RAM", "ETH", "DAH", "TUA", "MSR", "SKK")


class Feeder:
    """The made-up traffic, whole seconds at a time; nothing here is random between runs of one seed."""

    def __init__(self, tracks: int, *, start_ns: int = 1_777_481_999 * NS, seed: int = 1) -> None:
        draw = np.random.default_rng(seed)
        self.now_ns = start_ns
        self.progress = 0
        self.mode = "demo"
        self.draw = draw
        self.tracks = TRACK.empty(tracks)
        t = self.tracks
        t["track_no"] = np.arange(1, tracks + 1)
        t["status"] = np.where(draw.random(tracks) < 0.9, 2, np.where(draw.random(tracks) < 0.5, 1, 3))
        t["lat_deg"] = draw.uniform(11.7, 23.5, tracks)
        t["lon_deg"] = draw.uniform(0.2, 16.0, tracks)
        t["press_alt_m"] = np.round(draw.uniform(20, 410, tracks)) * 30.48
        t["geo_alt_m"] = t["press_alt_m"] + 150.0
        speed, course = draw.uniform(60, 260, tracks), draw.uniform(0, 2 * np.pi, tracks)
        t["v_east_mps"], t["v_north_mps"] = speed * np.sin(course), speed * np.cos(course)
        t["climb_mps"] = draw.choice([0.0, 0.0, 0.0, 7.0, -7.0], tracks)
        t["turn_radps"] = 0.0
        t["pos_major_m"], t["pos_minor_m"], t["pos_orient_rad"], t["vel_sd_mps"] = 120.0, 60.0, course % np.pi, 3.0
        t["sensors"] = draw.integers(1, 8, tracks) << 1
        t["icao24"] = np.where(draw.random(tracks) < 0.8, 0x062000 + np.arange(tracks), 0)
        t["mode3a"] = draw.integers(0, 0o7777, tracks)
        names = [f"{CALLSIGNS[i % len(CALLSIGNS)]}{100 + i % 900}".encode() for i in range(tracks)]
        t["callsign"] = np.where(draw.random(tracks) < 0.7, np.array(names or [b""], "S8")[:tracks], b"")
        if tracks > 2:
            t["callsign"][2] = b"<b>&'\"x"  # hostile text must stay text
        self.health = HEALTH.empty(len(SENSORS))
        h = self.health
        h["sensor_id"] = [s.id for s in SENSORS]
        h["state"] = [1, 1, 4]
        h["rotation_s"] = [3.98, 6.02, np.nan]
        h["clock_offset_s"] = [0.02, -0.11, np.nan]
        h["reasons"] = [0, 0, 1]  # silent
        h["range_bias_m"], h["range_bias_sd_m"] = [42.0, np.nan, np.nan], [11.0, np.nan, np.nan]
        h["azimuth_bias_rad"], h["azimuth_bias_sd_rad"] = [0.004, np.nan, np.nan], [0.001, np.nan, np.nan]
        h["time_bias_s"] = h["time_bias_sd_s"] = np.nan

    def tick(self) -> tuple[Rows, Rows, Rows]:
        """Fly one second on; return the rows of tracks, plots and health."""
        self.now_ns += NS
        self.progress += 10
        t = self.tracks
        t["now_ns"] = self.now_ns
        t["toa_ns"] = self.now_ns - NS // 2
        t["lat_deg"] += t["v_north_mps"] / 111_000.0
        t["lon_deg"] += t["v_east_mps"] / (111_000.0 * np.cos(np.radians(t["lat_deg"])))
        outside = (t["lat_deg"] > 23.5) | (t["lat_deg"] < 11.7)
        t["v_north_mps"][outside] *= -1
        outside = (t["lon_deg"] > 16.0) | (t["lon_deg"] < 0.2)
        t["v_east_mps"][outside] *= -1
        return t.copy(), self.plots(), self.healths()

    def plots(self) -> Rows:
        """Return this second's plots: slant ones of the radars, geographical ones of the receiver."""
        count = min(len(self.tracks), 2000) // 4
        plots = PLOT.empty(count)
        if not count:
            return plots
        of = self.tracks[self.draw.choice(len(self.tracks), count, replace=False)]
        plots["rx_ns"] = self.now_ns - self.draw.integers(0, NS, count)
        plots["toa_ns"] = plots["rx_ns"] - NS // 10
        plots["sensor_id"] = self.draw.integers(1, 4, count)
        plots["kind"] = np.choose(plots["sensor_id"] - 1, [2, 4, 5])
        plots["press_alt_m"] = of["press_alt_m"]
        plots["mode3a"], plots["icao24"] = of["mode3a"], of["icao24"]
        slant = plots["sensor_id"] < 3
        lat0 = np.choose(plots["sensor_id"] - 1, [s.lat_deg for s in SENSORS])
        lon0 = np.choose(plots["sensor_id"] - 1, [s.lon_deg for s in SENSORS])
        north = (of["lat_deg"] - lat0) * 111_000.0
        east = (of["lon_deg"] - lon0) * 111_000.0 * np.cos(np.radians(lat0))
        plots["range_m"] = np.where(slant, np.hypot(np.hypot(north, east), of["geo_alt_m"]), np.nan)
        plots["azimuth_rad"] = np.where(slant, np.arctan2(east, north) % (2 * np.pi), np.nan)
        plots["lat_deg"] = np.where(slant, np.nan, of["lat_deg"])
        plots["lon_deg"] = np.where(slant, np.nan, of["lon_deg"])
        near = ~slant | (plots["range_m"] < 463_000.0)
        return plots[near]

    def healths(self) -> Rows:
        """Return the sensors' health: the third one fell silent at the start."""
        h = self.health
        h["now_ns"] = self.now_ns
        h["plots"][:2] += 100
        h["last_plot_ns"][:2] = h["last_data_ns"][:2] = self.now_ns - NS // 3
        h["plots_per_scan"][:2] = 400.0
        return h.copy()

    def update(self, **more: Any) -> bytes:
        """Return one second as an encoded update."""
        tracks, plots, health = self.tick()
        return encode_update(
            self.now_ns, self.progress, self.mode, tracks, place_plots(SITE, plots), health, **more,
        )  # fmt: skip


def facts(feeder: Feeder) -> dict[str, Any]:
    """Return made-up facts of the other processes."""
    n = feeder.progress
    return {
        "ledger": {
            "decode": {"frames": n, "bytes": 100 * n, "records": n, "decoded": n - n // 50, "rejected":
                       {"bad_fspec": n // 50} if n >= 50 else {}, "filtered": {}, "by_category": {"34": n // 10, "48":
                       n - n // 50 - n // 10}},
            "track": {"plots": n, "associated": n, "started": 0, "held": 0, "filtered": {}, "shed": {}, "in_flight": 0},
        },
        "balances": True,
        "links": [
            {"number": i + 1, "text": link.text, "state": "up", "frames": n, "bytes": 100 * n, "kernel_drops": 0,
             "last_rx_ms": feeder.now_ns / 1e6}
            for i, link in enumerate(SITE.links)
        ],
        "recording": {"state": "ok", "durable_seq": n, "text": ""},
    }  # fmt: skip


def source(
    feeder: Feeder, *, period_s: float = 1.0, pause_after_s: float = 0.0, prepare_s: float = 0.0,
    watch: Watch | None = None,
) -> Callable[[Hub], Awaitable[None]]:  # fmt: skip
    """Return a source for ``make_app`` that feeds one update each ``period_s``."""

    async def run(hub: Hub) -> None:
        for done in range(int(prepare_s)):
            hub.tell(
                {"kernels": {"ready": False, "preparing": f"group {done + 1}", "done": done, "of": int(prepare_s)}}
            )
            await asyncio.sleep(1.0)
        hub.tell({"kernels": {"ready": True, "preparing": "", "done": int(prepare_s), "of": int(prepare_s)}})
        loop = asyncio.get_running_loop()
        begun = due = loop.time()
        while not pause_after_s or loop.time() - begun < pause_after_s:
            if watch is not None:
                watch.now_ns = feeder.now_ns
            if watch is None or not watch.stands:
                hub.apply(feeder.update(**(watch.rows() if watch else {})))
            hub.tell({**facts(feeder), **(watch.facts() if watch else {})})
            due += period_s
            await asyncio.sleep(max(0.0, due - loop.time()))

    return run


async def accept(_: Act) -> Outcome:
    """Accept any act, and call it durable half a second later."""

    async def later() -> Outcome:
        await asyncio.sleep(0.5)
        return Outcome("durable")

    return Outcome("accepted", then=later())


def shelf_of(site: Site) -> MapShelf:
    """Return the maps of a site file and the shading of its terrain, as the web process has them."""
    return MapShelf(site.maps, shade_of(terrain_of(site)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=5000)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--role", default="supervisor")
    parser.add_argument("--language", default="")
    parser.add_argument("--page", type=Path, default=PAGE_FOLDER, help="folder of the built page")
    parser.add_argument("--key", default="", help="session key of 32 characters or more (default: random)")
    parser.add_argument("--pause-after", type=float, default=0.0, help="stop progress after so many seconds")
    parser.add_argument("--prepare", type=float, default=0.0, help="pretend to compile kernels for so many seconds")
    parser.add_argument("--replay", action="store_true", help="with --watch: pretend to be a replay")
    parser.add_argument("--watch", action="store_true", help="an intruder, identities, a board, and people to sign in")
    parser.add_argument("--site", type=Path, help="a site file whose maps and terrain are shown")
    given = parser.parse_args()
    key = given.key or new_key()
    feeder = Feeder(given.tracks, start_ns=time.time_ns() // NS * NS)
    hub = Hub({s.id: s.name for s in SENSORS}, given.language)
    sessions = Sessions(key, User("local", given.role))
    watch = Watch(feeder.now_ns, feeder.tracks, replay=given.replay) if given.watch else None
    feeder.mode = "replay" if given.replay else "demo"
    keys = peopled(sessions) if watch else Keys(sessions=sessions)
    app = make_app(
        hub, site_json(SITE), keys, page=given.page,
        submit=watch.submit(hub) if watch else accept, language=given.language, office=OfficeBooks(keys.accounts),
        sources=[source(feeder, pause_after_s=given.pause_after, prepare_s=given.prepare, watch=watch)],
        maps=shelf_of(load_site(given.site)) if given.site else None,
    )  # fmt: skip
    door = open_door("127.0.0.1", given.port)
    sys.stderr.write(f"http://127.0.0.1:{port_of(door)}/enter?key={key}\n")
    serve(app, door)


if __name__ == "__main__":
    main()
