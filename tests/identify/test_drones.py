"""Remote ID that cannot be true is told: in made claims, and in the recordings of spoofed drones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vigie.app.pipeline import State, step
from vigie.decode.decoder import Decoder
from vigie.identify.drones import (
    OPERATOR_FAR,
    OTHERWISE,
    SEVERAL_IDS,
    SEVERAL_SENDERS,
    TOO_FAST,
    DroneClaims,
)
from vigie.receive.files import open_input
from vigie.receive.ticks import ticks
from vigie.sensors.site import Sensor, make_site, sensor_defaults
from vigie.terms.tables import PLOT, REMOTE_ID, Rows

T0 = 1_790_000_000_000_000_000


def claims(places: list[float], *, speed: float = 10.0, every_s: float = 1.0) -> Rows:
    """Return plots of one drone that flies north: latitudes, and the speed it states."""
    plots = PLOT.empty(len(places))
    plots["kind"], plots["sensor_id"], plots["source_track_no"], plots["callsign"] = 7, 1, 5, b"DRONE"
    plots["toa_ns"] = T0 + (np.arange(len(places)) * every_s * 1e9).astype(np.int64)
    plots["lat_deg"], plots["lon_deg"] = places, 2.0
    plots["v_east_mps"], plots["v_north_mps"] = 0.0, speed
    return plots


def said(**values: object) -> Rows:
    rows = REMOTE_ID.empty(1)
    rows["sensor_id"], rows["source_track_no"], rows["uas_id"] = 1, 5, b"SERIAL-DRONE"
    rows["sender"], rows["identities"], rows["rx_ns"] = 77, 1, T0
    for name, value in values.items():
        rows[name] = value
    return rows


M = 1.0 / 111_195.0


@pytest.mark.parametrize(
    ("plots", "bits"),
    [
        (claims([13.0 + 10 * M * i for i in range(6)]), 0),
        (claims([13.0 + 10 * M * i + (3 * M if i % 2 else 0) for i in range(6)], speed=11.0), 0),
        (claims([13.0, 13.0 + 300 * M, 13.0 + 600 * M, 13.0 + 900 * M], speed=0.0, every_s=4.0), OTHERWISE),
        (claims([13.0, 13.0 + 300 * M], speed=0.0, every_s=4.0), 0),  # once is no proof
        (claims([13.0, 13.1, 13.2]), TOO_FAST | OTHERWISE),
        (claims([13.0, 13.0], speed=120.0), TOO_FAST),
    ],
)
def test_motion(plots: Rows, bits: int) -> None:
    drones = DroneClaims()
    drones.step(plots, REMOTE_ID.empty(), T0)
    assert drones.bits_of("DRONE", 0.0, 0.0) == bits
    assert drones.bits_of("OTHER", 0.0, 0.0) == 0
    assert drones.bits_of("", 13.0, 40.0) == 0


@pytest.mark.parametrize(
    ("rows", "bits"),
    [
        (said(), 0),
        (said(operator_lat_deg=13.01, operator_lon_deg=2.0), 0),
        (said(operator_lat_deg=70.0, operator_lon_deg=170.0), OPERATOR_FAR),
        (said(identities=3), SEVERAL_IDS),
    ],
)
def test_what_it_says_of_itself(rows: Rows, bits: int) -> None:
    drones = DroneClaims()
    drones.step(claims([13.0]), rows, T0)
    assert drones.bits_of("DRONE", 0.0, 0.0) == bits
    drones.step(PLOT.empty(), said(sender=78), T0)
    assert drones.bits_of("DRONE", 0.0, 0.0) & SEVERAL_SENDERS
    drones.step(PLOT.empty(), REMOTE_ID.empty(), T0 + 120 * 10**9)
    assert drones.bits_of("DRONE", 0.0, 0.0) == 0


@pytest.mark.shared
def test_spoofed_drones_of_a_real_capture_are_contradicted_on_the_picture(shared: Path) -> None:
    lat, lon = 46.83, 7.66
    sensor = Sensor(id=1, name="r", kind="remoteid", lat_deg=lat, lon_deg=lon, **sensor_defaults("remoteid"))
    state = State(make_site(name="t", lat_deg=lat, lon_deg=lon, sensors=(sensor,)))
    capture = open_input(shared / "data/drones/rid_mavic_multiple_spoofed.pcapng")
    identities = np.concatenate([step(state, batch).identities for batch in ticks(capture)])
    flagged = [row for row in identities if b"operator is farther" in row["trust_words"]]
    assert len({int(row["track_no"]) for row in flagged}) >= 15
    assert all(row["trust"] == 3 and b"contradicted" in row["evidence"] for row in flagged)
    assert {int(row["track_no"]) for row in identities} == {int(row["track_no"]) for row in flagged}


@pytest.mark.shared
def test_a_spoofed_drone_that_stands_still_and_moves_is_contradicted(shared: Path) -> None:
    """The tracker confirms no track of it: 95 m/s from place to place, and a stated speed of zero."""
    decoder, drones = Decoder(None, discover=True), DroneClaims()
    for frames in open_input(shared / "data/drones/rid_parrot_anafi4_spoofed.pcapng"):
        got = decoder.step(frames)
        drones.step(got.plots, got.remote_ids, int(frames.rows["rx_ns"][-1]))
    assert drones.bits_of("AC004418", 0.0, 0.0) & OTHERWISE
