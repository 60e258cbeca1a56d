"""How many times faster than the world a recording is replayed at 1x load, and how soon a time in it is reached.

13 radars report 6,500 targets and clutter as ASTERIX CAT048: 2,000 reports a second, more tracks than the 4,000 of 1x.
``record.replay`` is decode and track; ``record.replay_all`` the whole chain (identities, watch) with its display's
messages; ``record.seek`` the time in s to a state 55 s after a snapshot. Processor time of one core; no peer is known.
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
from vigie.app.snapshots import state_at, take_snapshot
from vigie.decode.decoder import Decoder
from vigie.monitor.monitor import Monitor
from vigie.record.reader import Recording, open_recording
from vigie.record.writer import Recorder
from vigie.sensors.link import parse_link
from vigie.sensors.site import Site, make_site
from vigie.show.columns import encode_update
from vigie.show.place import place_plots
from vigie.terms.batch import FORMAT_ASTERIX, Batch, Frames, no_frames
from vigie.terms.tables import FRAME
from vigie.terms.units import NS_PER_S
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

TARGETS = 6_500
SECONDS = 24
WARM_S = 8.0
"""The first seconds start every track and compile what is left: they are not counted."""


def batches() -> tuple[Site, list[Batch]]:
    """Return the site and its ticks: what each radar said between two ticks is one block."""
    site, plots = track.exercise(TARGETS, SECONDS)
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


def ratio(ticks: list[Batch], apply: Callable[[Batch], None]) -> float:
    """Return seconds of the recording for a second of processor time, after the warm part."""
    warm = ticks[0].now_ns + int(WARM_S * NS_PER_S)
    counted = [batch for batch in ticks if batch.now_ns > warm]
    for batch in ticks[: len(ticks) - len(counted)]:
        apply(batch)
    begun = time.process_time()
    for batch in counted:
        apply(batch)
    return len(counted) * TICK_NS / NS_PER_S / (time.process_time() - begun)


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
    """Return how long it takes to reach the last tick from a snapshot in the middle, for each second played, x 55."""
    state, middle = State(site), len(ticks) // 2
    with Recorder(folder, version="bench", reserve_octets=0) as recorder:
        for k, batch in enumerate(ticks):
            step(state, batch)
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
    return times[0] + (times[1] - times[0]) / played_s * 55.0


def run() -> list[dict[str, Any]]:
    site, ticks = batches()
    with tempfile.TemporaryDirectory() as folder:
        found = [
            ("record.replay", ratio(ticks, decode_and_track(site)), "x real time"),
            ("record.replay_all", ratio(ticks, everything(site)), "x real time"),
            ("record.seek", seek_s(site, ticks, Path(folder) / "data"), "s"),
        ]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        {"name": name, "value": value, "unit": unit, "peer": None, "peer_value": None, "ratio": None,
         "peak_mb": peak_mb, "runs": 1} for name, value, unit in found
    ]  # fmt: skip
