"""What the monitor says of real radars: how they turn and how far their clocks are off."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigie.decode.decoder import Decoder
from vigie.monitor.monitor import Monitor, health_json
from vigie.monitor.reasons import NEVER, OK, SILENT
from vigie.receive.files import open_input, ticks
from vigie.sensors.site import Sensor, make_site

pytestmark = pytest.mark.shared


def watch(path: Path, sac: int, sic: int) -> tuple[dict[str, object], dict[int, int], int]:
    """Return the health at the last tick, the number of ticks in each state, and the number of north markers."""
    sensor = Sensor(id=1, name="radar", kind="radar", lat_deg=0.0, lon_deg=0.0, sac=sac, sic=sic, period_s=4.0)
    site = make_site(name="test", lat_deg=0.0, lon_deg=0.0, sensors=(sensor,))
    decoder, monitor = Decoder(site), Monitor(site)
    states: dict[int, int] = {}
    markers = 0
    for batch in ticks(open_input(path)):
        found = decoder.step(batch.frames)
        rows = monitor.step(found.plots, found.services, found.rejects, batch.now_ns, batch.mono_ns)
        markers += int((found.services["kind"] == 1).sum())
        state = int(rows["state"][0])
        states[state] = states.get(state, 0) + 1
    return health_json(site, rows)["1"], states, markers


def test_saenz_pena_turns_in_7_633_s(shared: Path) -> None:
    health, states, markers = watch(shared / "data/asterix/ar_saenzpena_20260429_part1_cat034_048.pcap", 226, 232)
    assert markers == 283
    assert health["plots"] == 2030
    assert health["services"] == 9341
    assert health["rotation_s"] == pytest.approx(7.633, abs=0.003)
    assert health["clock_offset_s"] == pytest.approx(-1.02, abs=0.05)
    assert states.get(SILENT, 0) == 0
    assert states[OK] > 0.95 * sum(states.values())
    assert states.get(NEVER, 0) <= 10


def test_san_luis_clock_is_1581_s_ahead(shared: Path) -> None:
    health, _, markers = watch(shared / "data/asterix/ar_sanluis_20260303_cat034_048.pcap", 226, 221)
    assert markers == 180
    assert health["plots"] == 1640
    assert health["rotation_s"] == pytest.approx(7.633, abs=0.003)
    assert health["clock_offset_s"] == pytest.approx(1581.0, abs=1.0)
    assert health["time_bias_s"] == pytest.approx(1581.0, abs=1.0)
    assert health["state"] == "degraded"
    assert "clock_offset" in health["reasons"]  # type: ignore[operator]
