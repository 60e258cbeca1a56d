"""How many times faster than the world a recording is replayed at 1x load, and how soon a time in it is reached.

1x is 30 sensors, 2,000 reports/s, 4,000 tracks: pairs of radars of 4, 5 and 6 s a turn at 15 places, each pair seeing
its share of 4,000 aircraft, and as much clutter as makes up the number, all as ASTERIX CAT048.
``record.replay`` is decode and track; ``record.replay_all`` the whole chain (identities, watch) with its display's
messages; ``record.replay_start`` the same while all tracks begin at once; ``record.seek`` the longest time in s until
a time is reached: from the snapshot that lies as far back as it can at this load. Processor time of one core; no peer.
"""

from __future__ import annotations

import importlib.util
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from vigie.app.pipeline import State, step
from vigie.app.replay import SHOWN_BEFORE_NS
from vigie.app.snapshots import BUSY_EVERY_NS, BUSY_WORK, SNAPSHOT_EVERY_NS, state_at, take_snapshot
from vigie.decode.decoder import Decoder
from vigie.monitor.monitor import Monitor
from vigie.record.reader import Recording, open_recording
from vigie.record.writer import Recorder
from vigie.sensors.link import parse_link
from vigie.sensors.site import Sensor, Site, make_site
from vigie.show.columns import encode_update
from vigie.show.place import place_plots
from vigie.terms.batch import FORMAT_ASTERIX, Batch, Frames, no_frames
from vigie.terms.rows import chosen, joined
from vigie.terms.tables import FRAME, Rows
from vigie.terms.units import NS_PER_S, RAD_PER_DEG
from vigie.terms.utc import TICK_NS, tick_at_or_after
from vigie.track.tracker import Tracker
from vigie.wire.asterix.encode import blocks
from vigie.wire.asterix.plots import encode_plots
from vigie.wire.recording.bodies import Snapshot, decode_record

_spec = importlib.util.spec_from_file_location("bench_track", Path(__file__).with_name("track.py"))
assert _spec is not None
assert _spec.loader is not None
track = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(track)

TARGETS, RADARS, FALSE_PER_TURN = 4_000, 30, 85
SECONDS = 44
BEGUN_S, WARM_S = 8.0, 28.0
"""The first seconds compile what is left; until ``WARM_S`` every track is new and is identified anew each second."""


def exercise(seconds: int = SECONDS, seed: int = 7) -> tuple[Site, Rows]:
    """Return the site of the 1x load and its plots, sorted by receive time.

    The places stand far enough apart that none sees another's aircraft: each track has exactly two radars.
    """
    rng = np.random.default_rng(seed)
    sensors, parts = [], []
    for place in range(RADARS // 2):
        lat_deg, lon_deg = (place // 4 - 1.5) * 7.0, (place % 4 - 1.5) * 7.0
        n = TARGETS // (RADARS // 2) + (place < TARGETS % (RADARS // 2))
        heading, speed = 2 * np.pi * rng.random(n), rng.uniform(120, 250, n)
        traffic = track.Traffic(
            np.array([lon_deg, lat_deg]) + rng.uniform(-140e3, 140e3, (n, 2)) / track.METRES,
            speed[:, None] * np.stack([np.sin(heading), np.cos(heading)], 1),
            rng.uniform(2e3, 12e3, n), rng.integers(1, 4000, n),
        )  # fmt: skip
        for k in (0, 1):
            sensors.append(Sensor(
                id=2 * place + k + 1, name=f"R{2 * place + k + 1}", kind="radar", lat_deg=lat_deg + 0.2 * k,
                lon_deg=lon_deg + 0.3 * k, height_m=200.0, period_s=4.0 + (2 * place + k) % 3, range_sd_m=50.0,
                azimuth_sd_rad=0.08 * RAD_PER_DEG, max_range_m=track.RANGE_M,
            ))  # fmt: skip
            parts += track.radar_plots(sensors[-1], traffic, seconds, rng, false=FALSE_PER_TURN)
    site = make_site(name="bench", lat_deg=0.0, lon_deg=0.0, sensors=tuple(sensors))
    rows = joined(parts)
    return site, chosen(rows, np.argsort(rows["rx_ns"], kind="stable"))


def batches() -> tuple[Site, list[Batch]]:
    """Return the site and its ticks: what each radar said between two ticks is one block."""
    site, plots = exercise(SECONDS)
    sensors = tuple(replace(s, sac=226, sic=s.id, link=parse_link(f"udp://239.1.1.{s.id}:4001")) for s in site.sensors)
    site = make_site(name="bench", lat_deg=0.0, lon_deg=0.0, sensors=sensors)
    first, last = tick_at_or_after(int(plots["rx_ns"][0])), tick_at_or_after(int(plots["rx_ns"][-1]))
    marks = np.arange(first, last + 1, TICK_NS)
    ends = np.searchsorted(plots["rx_ns"], marks, side="right")
    made, start, seq = [], 0, 0
    for now_ns, end in zip(marks.tolist(), ends.tolist(), strict=True):
        part, start = plots[start:end], end
        rows, data, at = [], [], 0
        for sensor in sensors:
            own = part[part["sensor_id"] == sensor.id]
            if not len(own):
                continue
            octets, cuts = blocks(48, *encode_plots(48, None, own, sac=226, sic=sensor.id))
            for a, b in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
                row = FRAME.empty(1)
                seq += 1
                row["rx_ns"], row["seq"], row["link"], row["format"] = now_ns, seq, sensor.id, FORMAT_ASTERIX
                row["offset"], row["length"] = at + a, b - a
                rows.append(row)
            data.append(octets)
            at += len(octets)
        frames = Frames(np.concatenate(rows), np.concatenate(data)) if rows else no_frames()
        made.append(Batch(now_ns=now_ns, mono_ns=now_ns, frames=frames))
    return site, made


def ratios(ticks: list[Batch], apply: Callable[[Batch], None]) -> tuple[float, float]:
    """Return seconds of the recording for a second of processor time, while the tracks begin and afterwards."""
    begun, warm = (ticks[0].now_ns + int(s * NS_PER_S) for s in (BEGUN_S, WARM_S))
    parts = [[b for b in ticks if b.now_ns <= begun], [b for b in ticks if begun < b.now_ns <= warm],
             [b for b in ticks if b.now_ns > warm]]  # fmt: skip
    found = []
    for part in parts:
        since = time.process_time()
        for batch in part:
            apply(batch)
        found.append(len(part) * TICK_NS / NS_PER_S / (time.process_time() - since))
    return found[1], found[2]


def decode_and_track(site: Site) -> Callable[[Batch], None]:
    """Return what decodes and tracks a batch, and nothing else."""
    decoder, monitor, tracker = Decoder(site), Monitor(site), Tracker(site)

    def apply(batch: Batch) -> None:
        got = decoder.step(batch.frames)
        health = monitor.step(got.plots, got.services, got.rejects, batch.now_ns, batch.mono_ns)
        tracker.step(got.plots, health, batch.now_ns)

    return apply


def everything(site: Site) -> Callable[[Batch], None]:
    """Return what the core does with a batch of a replay."""
    state = State(site)

    def apply(batch: Batch) -> None:
        out = step(state, batch)
        encode_update(now_ns=out.now_ns, progress=state.steps, mode="replay", tracks=out.tracks,
                      plots=place_plots(site, out.plots), health=out.health, identities=out.identities,
                      alerts=out.alerts)  # fmt: skip

    return apply


def seek_s(site: Site, ticks: list[Batch], folder: Path) -> float:
    """Return the longest time until a time is reached: a snapshot is gone on from, and what follows is applied.

    What a second of recording takes is measured on the last ``SECONDS - WARM_S`` seconds; how many must be applied is
    what lies between two snapshots at this load and the seconds that are applied before the time that is shown.
    """
    state, work = State(site), 0
    middle = next(k for k, batch in enumerate(ticks) if batch.now_ns > ticks[0].now_ns + int(WARM_S * NS_PER_S))
    with Recorder(folder, version="bench", reserve_octets=0) as recorder:
        for k, batch in enumerate(ticks):
            out = step(state, batch)
            work += (k > middle) * (len(out.plots) + len(out.tracks))
            recorder.append(batch)
            if k == middle:
                recorder.note(batch.now_ns, decode_record(take_snapshot(state, batch.now_ns), Snapshot))
            if k % 50 == 49:
                recorder.wait_durable(k, 60.0)
    recording: Recording = open_recording(folder)
    times = []
    for until_ns in (ticks[middle].now_ns, ticks[-1].now_ns):
        begun = time.process_time()
        state_at(recording, State(site), until_ns)
        times.append(time.process_time() - begun)
    played_s = (ticks[-1].now_ns - ticks[middle].now_ns) / NS_PER_S
    between_s = min(SNAPSHOT_EVERY_NS, -(-BUSY_WORK * played_s * NS_PER_S // (work * BUSY_EVERY_NS)) * BUSY_EVERY_NS)
    return times[0] + (times[1] - times[0]) / played_s * (between_s + SHOWN_BEFORE_NS) / NS_PER_S


def run() -> list[dict[str, Any]]:
    site, ticks = batches()
    with tempfile.TemporaryDirectory() as folder:
        _, alone = ratios(ticks, decode_and_track(site))
        start, all_on = ratios(ticks, everything(site))
        found = [
            ("record.replay", alone, "x real time"),
            ("record.replay_all", all_on, "x real time"),
            ("record.replay_start", start, "x real time"),
            ("record.seek", seek_s(site, ticks, Path(folder) / "data"), "s"),
        ]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        {"name": name, "value": value, "unit": unit, "peer": None, "peer_value": None, "ratio": None,
         "peak_mb": peak_mb, "runs": 1} for name, value, unit in found
    ]  # fmt: skip
