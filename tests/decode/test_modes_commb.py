"""What Comm-B replies say stands in the plots of their aircraft, beside what its squitters say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.oracle.test_modes_commb import reply
from vigie.decode.modes import ModesDecoder
from vigie.terms.batch import FORMAT_BEAST, Frames
from vigie.terms.ledger import Ledger
from vigie.terms.tables import FRAME, Rows
from vigie.wire.modes import encode, framing

ICAO = np.array([0x062001])
ALT = np.array([9_000.0])
KT = 1852.0 / 3600.0


def position(odd: int) -> np.ndarray:
    return encode.df17_position(ICAO, np.array([13.5]), np.array([2.2]), ALT, np.array([odd]))[0]


def plots_of(*messages: np.ndarray) -> Rows:
    """Return the plots of messages heard a tenth of a second apart."""
    decoder = ModesDecoder(None, ledger=Ledger(), discover=True)
    out = []
    for i, message in enumerate(messages):
        stream, _ = framing.beast_frames(message[None], [len(message)], [0])
        row = FRAME.empty(1)
        row["rx_ns"], row["format"], row["length"], row["seq"] = 10**18 + i * 10**8, FORMAT_BEAST, len(stream), i
        out.append(decoder.step(Frames(row, stream))[0])
    return np.concatenate(out)


def comm_b(register: int, **values: float) -> np.ndarray:
    return encode.df20(ICAO, ALT, reply(register, **values)[None])[0]


SELECTED = comm_b(0x40, selected_mcp=32_000, selected_fms=32_000, barometric_setting=213.2)
TURN = comm_b(0x50, roll=-1.0546875, track=90.0, groundspeed=430, track_rate=-0.125, TAS=440)
SPEED = comm_b(0x60, heading=-90.0, IAS=280, Mach=0.74, vrate_barometric=-640, vrate_inertial=-704)


def test_the_registers_of_enhanced_surveillance_fill_the_plot() -> None:
    plot = plots_of(position(0), position(1), SELECTED, TURN, SPEED, position(0))[-1]
    assert plot["selected_alt_m"] == pytest.approx(32_000 * 0.3048)
    assert (plot["v_east_mps"], plot["v_north_mps"]) == pytest.approx((430 * KT, 0.0), abs=0.01)
    assert plot["climb_mps"] == pytest.approx(-704 * 0.3048 / 60, abs=1e-3)
    assert plot["heading_rad"] == pytest.approx(1.5 * math.pi)
    assert plot["ias_mps"] == pytest.approx(280 * KT)


def test_a_squitters_own_velocity_stays() -> None:
    own = encode.df17_velocity(ICAO, np.array([100.0]), np.array([50.0]), np.array([3.0]))[0]
    plot = plots_of(position(0), position(1), own, TURN, SPEED, position(0))[-1]
    assert (plot["v_east_mps"], plot["v_north_mps"]) == pytest.approx((100.0, 50.0), abs=0.3)
    assert plot["climb_mps"] == pytest.approx(3.0, abs=0.2)
    assert plot["heading_rad"] == pytest.approx(1.5 * math.pi)


def test_a_reply_that_could_be_several_registers_says_nothing() -> None:
    doubtful = encode.df20(ICAO, ALT, np.frombuffer(b"\x00\x00\x00\x00\x00\x00\x01", np.uint8)[None])[0]
    plot = plots_of(position(0), position(1), doubtful, position(0))[-1]
    for name in ("selected_alt_m", "v_east_mps", "heading_rad", "ias_mps"):
        assert math.isnan(plot[name]), name
