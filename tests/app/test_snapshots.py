"""A snapshot is the whole state: going on from it gives the bits of going on without, at any cut."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vigie.app.inputs import batches_of, known_for, site_for
from vigie.app.pipeline import State, step
from vigie.app.snapshots import Pace, go_on, newest_snapshot, state_at, take_snapshot
from vigie.app.unseen import Unseen
from vigie.record.reader import open_recording
from vigie.record.writer import Recorder
from vigie.sensors.site import make_site
from vigie.simulate.headless import simulate_to
from vigie.terms.batch import Batch, no_frames
from vigie.terms.snapshot import SnapshotError, decode, encode
from vigie.terms.tables import PLOT, TRACK, WEATHER
from vigie.watch.rule import Find
from vigie.wire.recording.bodies import Snapshot, decode_record


def check_cuts(site: Path, capture: Path, ticks: int, cuts: tuple[int, ...], folder: Path) -> State:
    """Play ``ticks`` batches in one go, then from each cut; compare every digest."""
    paths = [capture]

    def fresh() -> State:
        return State(site_for(paths, site), known=known_for(paths, site))

    batches: list[Batch] = []
    for batch in batches_of(paths, form=None, date="2026-01-01"):
        batches.append(batch)
        if len(batches) == ticks:
            break
    whole, kept, digests = fresh(), {}, []
    with Recorder(folder, site_text=site.read_text("utf-8"), version="0") as recorder:
        for at, batch in enumerate(batches):
            step(whole, batch)
            digests.append(whole.digest)
            recorder.append(batch)
            if at in cuts:
                kept[at] = take_snapshot(whole, batch.now_ns)
                assert recorder.note(batch.now_ns, decode_record(kept[at], Snapshot))
    for at in cuts:
        state = fresh()
        go_on(state, decode_record(kept[at], Snapshot))
        for k in range(at + 1, len(batches)):
            step(state, batches[k])
            assert state.digest == digests[k], f"cut at {at}: batch {k} differs"
        assert state.tracker.digest == whole.tracker.digest
        assert state.snapshot() == whole.snapshot()
        assert state.ledgers_balance()
    recording = open_recording(folder)
    newest = newest_snapshot(recording)
    assert newest is not None
    assert newest.now_ns == batches[max(cuts)].now_ns
    between = (min(cuts) + max(cuts)) // 2
    assert state_at(recording, fresh(), batches[between].now_ns).digest == digests[between]
    assert state_at(recording, fresh(), batches[-1].now_ns).digest == whole.digest
    return whole


@pytest.mark.shared
def test_a_real_radar_goes_on_from_any_tick(shared: Path, tmp_path: Path) -> None:
    site = shared / "data/sites/saenzpena.toml"
    capture = shared / "data/asterix/ar_saenzpena_20260429_part1_cat034_048.pcap"
    state = check_cuts(site, capture, 700, (0, 3, 155, 603), tmp_path / "kept")
    assert state.tracker.ledger.associated > 20


def test_an_exercise_goes_on_from_any_tick(tmp_path: Path) -> None:
    simulate_to("niger_demo", tmp_path / "flown", seed=5, duration_s=40.0)
    state = check_cuts(
        tmp_path / "flown/site.toml", tmp_path / "flown/frames.pcap", 400, (7, 120, 305), tmp_path / "kept"
    )
    assert state.tracker.ledger.associated > 100


def test_a_snapshot_is_due_each_minute_and_oftener_under_load() -> None:
    """The pace counts recording time and work alone; a busy sky is never more than 100,000 rows behind its snapshot."""
    none = State(make_site(name="x", lat_deg=0.0, lon_deg=0.0, sensors=()))
    quiet = step(none, Batch(now_ns=0, mono_ns=0, frames=no_frames()))

    def due(rows: int) -> list[int]:
        pace, second = Pace(), 1_000_000_000
        outs = (replace(quiet, now_ns=s * second, tracks=TRACK.empty(rows)) for s in range(1, 121))
        return [out.now_ns // second for out in outs if pace.due(out)]

    assert due(0) == due(100) == [60, 120]
    assert due(2_000) == [60, 120]
    assert due(2_600) == [40, 60, 100, 120]
    assert due(6_000) == due(60_000) == [20, 40, 60, 80, 100, 120]


def test_plots_and_weather_on_the_screen_come_with_the_snapshot() -> None:
    """A display that is set to a time two seconds after a snapshot shows the plots of ten seconds, not of two."""
    none = State(make_site(name="x", lat_deg=0.0, lon_deg=0.0, sensors=()))
    quiet = step(none, Batch(now_ns=0, mono_ns=0, frames=no_frames()))
    whole, second = Unseen(), 1_000_000_000
    outs = []
    for at in range(1, 31):
        plots, weather = PLOT.empty(at), WEATHER.empty(2 * (at == 3))
        plots["rx_ns"], plots["sensor_id"] = at * second, 7
        outs.append(replace(quiet, now_ns=at * second, plots=plots, weather=weather))
        whole.take(outs[-1])
        if at == 27:
            kept = whole.keep()
    later = Unseen(kept)
    for out in outs[27:]:
        later.take(out)
    assert later.plots().tobytes() == whole.plots().tobytes()
    assert len(later.plots()) == sum(range(20, 31))
    assert later.weather().tobytes() == whole.weather().tobytes()
    assert len(later.weather()) == 2


def test_values_come_back_as_they_are() -> None:
    shared_array = np.arange(6.0).reshape(2, 3)
    tree = {
        "n": None, "yes": True, "big": -(1 << 80), "f": float("-inf"), "t": ("é", b"\x00"), "s": {3, 1},
        "a": shared_array,
        "again": shared_array, "row": np.zeros(2, np.dtype([("x", "u1"), ("y", "<i8")], align=True)), "k": np.int8,
        "one": np.float32(0.1), "z": frozenset({"a"}), "empty": np.zeros((0, 4)),
    }  # fmt: skip
    octets = encode(tree)
    back = decode(octets, None)
    assert encode(back) == octets
    assert back["a"] is back["again"]
    assert back["row"].dtype == tree["row"].dtype
    assert back["row"].dtype.isalignedstruct
    assert back["big"] == -(1 << 80)
    assert back["s"] == {1, 3}


def test_long_containers_come_back_as_they_are() -> None:
    """Sixteen and more are written column by column: kinds, order, sharing and absent values stay."""
    finds = [Find(rule="stca", track_no=k, **({"risk": 0.5} if k % 2 else {})) for k in range(20)]
    tree = {
        "whole": list(range(-9, 9)), "big": [1 << 80, *range(16)], "real": [0.1] * 17, "truth": [True, False] * 9,
        "mixed": [1, True, 0.5, "x", None, (), b"y"] * 3, "text": ["é", "", "a\0b"] * 6, "deque": deque(range(20), 20),
        "pairs": {k: (k, f"t{k}", (k,) * (k % 3)) for k in range(20)}, "sets": [frozenset({k, -k}) for k in range(20)],
        "by_name": {f"n{k}": np.arange(k) for k in range(18)}, "finds": {f.track_no: f for f in finds},
        "again": finds[3], "twice": [finds[5]] * 16, "numbers": set(range(100)),
    }  # fmt: skip
    octets = encode(tree)
    back = decode(octets, None)
    assert encode(back) == octets
    assert back["again"] is back["finds"][3]
    assert back["twice"][0] is back["twice"][15] is back["finds"][5]
    assert back["by_name"]["n7"].tolist() == list(range(7))
    plain = [name for name in tree if name not in ("by_name", "finds", "again", "twice", "sets")]
    assert back["sets"] == tree["sets"]
    assert [repr(back[name]) for name in plain] == [repr(tree[name]) for name in plain]
    assert back["finds"] == tree["finds"]  # NaN by identity: the class's own
    for cut in (*range(17, len(octets), 37), len(octets) - 1):
        with pytest.raises(SnapshotError):
            decode(octets[:cut], None)


def test_other_versions_and_damage_are_refused_with_a_sentence() -> None:
    octets = encode({"a": [1, 2.0, "x"]})
    with pytest.raises(SnapshotError, match="version 9, this software reads version 2"):
        decode(octets[:8] + b"\x09" + octets[9:], None)
    with pytest.raises(SnapshotError, match="no snapshot begins with"):
        decode(b"PAR1" + octets, None)
    for cut in range(17, len(octets)):
        with pytest.raises(SnapshotError):
            decode(octets[:cut], None)


def test_what_is_not_ours_is_neither_written_nor_made() -> None:
    with pytest.raises(SnapshotError, match=r"state\['when'\]: a pathlib"):
        encode({"when": Path("/")})
    evil = encode({"e": 1}).replace(
        b"S\x01\x00\x00\x00\x00\x00\x00\x00e", b"O\x09\x00\x00\x00\x00\x00\x00\x00os:system"
    )
    with pytest.raises(SnapshotError, match="does not have"):
        decode(evil, None)


def test_a_row_with_absent_values_equals_itself_afterwards() -> None:
    find = Find(rule="degraded_time", area="host", reason="not synchronised")
    back = decode(encode({"find": find}), None)["find"]
    assert back == Find(rule="degraded_time", area="host", reason="not synchronised")
