"""Comm-B registers against rs1090: where both name one register it is the same one, with the same values."""

from __future__ import annotations

import csv
import gzip
import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from vigie.wire.modes import commb
from vigie.wire.modes.registers import FIELDS, HEADED, NUMBERS, PRIORS
from vigie.wire.modes.tables import ALTITUDE_M

rs1090 = pytest.importorskip("rs1090")
OURS = {f"bds{number:02x}" for number in (*HEADED, *NUMBERS)}
ANGLES = {"track", "heading"}


def frames(shared: Path, name: str) -> list[str]:
    if name == "pymodes":
        text = (shared / "data/modes/pymodes_sample_data_commb_df20.csv").read_text("utf-8-sig")
        return [row[2].lower() for row in csv.reader(text.splitlines())]
    with gzip.open(shared / "data/modes/rs1090_full_flight_part1.jsonl.gz", "rt") as lines:
        return [row["frame"] for row in map(json.loads, lines) if row["df"] in ("20", "21")]


def octets(hexes: list[str]) -> np.ndarray:
    return np.frombuffer(bytes.fromhex("".join(hexes)), np.uint8).reshape(len(hexes), -1)


def levels(m: np.ndarray) -> np.ndarray:
    code = (m[:, 2].astype(np.int64) & 0x1F) << 8 | m[:, 3]
    return np.where(m[:, 0] >> 3 == 20, ALTITUDE_M[code], np.nan)


def theirs_of(name: str, ours: float) -> float:
    """Return our value as rs1090 gives it: courses from 0 to 360, selected altitudes to the hundred below 8 ft more."""
    if name.startswith("selected"):
        return (ours + 8.0) // 100.0 * 100.0
    if name == "barometric_setting":
        return ours + 800.0
    return ours + 360.0 if name in ANGLES and ours < 0.0 else ours


@pytest.mark.shared
@pytest.mark.parametrize(("name", "least", "values"), [("pymodes", 4_900, 16_000), ("flight", 9_000, 28_000)])
def test_registers_and_values_equal(shared: Path, name: str, least: int, values: int) -> None:
    hexes = frames(shared, name)
    m = octets(hexes)
    registers, confidence, found = commb.infer_all(m[:, 4:11], levels(m))
    assert ((registers > 0) == (confidence >= commb.SURE)).all()
    both = compared = 0
    for i, other in enumerate(rs1090.decode(hexes, [0.0] * len(hexes))):
        named = {key for key in other if key in OURS}
        if not registers[i] or len(named) != 1:
            continue
        key = f"bds{registers[i]:02x}"
        assert named == {key}, (hexes[i], registers[i], confidence[i], named)
        both += 1
        for field, value in zip(commb.NAMES.get(int(registers[i]), ()), found[i].tolist(), strict=False):
            if field not in other[key]:
                continue
            said = other[key][field]
            assert (said is None) == math.isnan(value), (hexes[i], field)
            if said is not None:
                slack = 0.051 if field in ("barometric_setting", "Mach") else 1e-9
                assert theirs_of(field, value) == pytest.approx(said, abs=slack), (hexes[i], field)
                compared += 1
    assert both >= least - 100
    assert int((registers > 0).sum()) >= least
    assert compared >= values


def reply(register: int, **values: float) -> np.ndarray:
    """Return the 7 octets of a register with these values, by the data that read it."""
    word = 0
    for f in FIELDS:
        if f.register == register and f.name in values:
            raw = round(values[f.name] / f.step)
            word |= (raw & ((1 << f.width) - 1)) << (57 - f.first - f.width)
            if f.sign and raw < 0:
                word |= 1 << (56 - f.sign)
            if f.status:
                word |= 1 << (56 - f.status)
    return np.frombuffer(word.to_bytes(7, "big"), np.uint8)


@pytest.mark.parametrize(
    ("register", "alt_m", "values"),
    [
        (0x40, 9_000.0, {"selected_mcp": 32_000, "selected_fms": 32_000, "barometric_setting": 213.2}),
        (0x44, 10_000.0, {"figure_of_merit": 1, "wind_speed": 60, "wind_direction": 270, "temperature": -48.5}),
        (0x45, 10_000.0, {"turbulence": 1, "icing": 1, "temperature": -50.0, "pressure": 264}),
        (0x50, 9_000.0, {"roll": -1.0546875, "track": 120.0, "groundspeed": 430, "track_rate": -0.125, "TAS": 440}),
        (0x53, 9_000.0, {"heading": 90.0, "IAS": 280, "Mach": 0.736, "TAS": 440.0, "vrate": -128}),
        (0x60, 9_000.0, {"heading": -90.0, "IAS": 280, "Mach": 0.74, "vrate_barometric": -64, "vrate_inertial": -96}),
    ],
)
def test_every_register_is_found_again(register: int, alt_m: float, values: dict[str, float]) -> None:
    found, confidence, told = commb.infer_all(reply(register, **values)[None], np.array([alt_m]))
    assert found.tolist() == [register], confidence
    got = dict(zip(commb.NAMES[register], told[0].tolist(), strict=False))
    for name, value in got.items():
        if name in values:
            step = next(f.step for f in FIELDS if f.register == register and f.name == name)
            assert value == pytest.approx(values[name], abs=0.51 * step)
        else:
            assert math.isnan(value)


def test_noise_is_no_register_and_the_confidence_is_honest() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (200_000, 7), np.uint8)
    noise[np.isin(noise[:, 0], list(HEADED))] = 0xFF
    registers, confidence, _ = commb.infer_all(noise)
    assert (registers > 0).mean() < 0.01
    assert not registers[(confidence < commb.SURE)].any()
    assert sum(PRIORS.values()) < 1.0
    assert Counter(registers.tolist())[0] > 198_000
    assert commb.infer_all(np.zeros((1, 7), np.uint8))[0].tolist() == [0]
