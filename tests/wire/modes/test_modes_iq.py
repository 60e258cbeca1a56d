"""Raw samples to messages: every frame that the other demodulator found, and no other that is not certain."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from vigie.decode.decoder import Decoder
from vigie.receive.files import open_input
from vigie.terms.errors import WireError
from vigie.wire.modes import encode, iq

DAY_NS = 20_000 * 86_400 * 10**9


def heard(data: bytes, rate_hz: int = 2_000_000, piece: int = 1 << 20) -> list[tuple[int, str]]:
    """Return (sample, message in hex) of everything found."""
    demodulator = iq.Demodulator(rate_hz)
    runs = [demodulator.feed(data[at : at + piece]) for at in range(0, len(data), piece)]
    return [
        (int(run.samples[i]), run.messages[i, : run.lengths[i]].tobytes().hex())
        for run in [*runs, demodulator.close()]
        for i in range(len(run.lengths))
    ]


def parity(message: str) -> int:
    return int(encode.parity(np.frombuffer(bytes.fromhex(message), np.uint8).reshape(1, -1))[0])


@pytest.mark.shared
def test_every_frame_of_the_recording_octet_for_octet(shared: Path) -> None:
    data = (shared / "data/modes/dump1090_modes1_iq_u8_2msps.bin").read_bytes()
    lines = (shared / "data/modes/dump1090_modes1.avr.txt").read_text("ascii").split()
    wanted = [line.strip("*;").lower() for line in lines]
    found = heard(data)
    messages = [message for _, message in found]
    rest = iter(messages)
    assert all(any(message == one for one in rest) for message in wanted), "in their order"
    further = Counter(messages) - Counter(wanted)
    clean = {m[2:8] for m in messages if int(m[:2], 16) >> 3 in (11, 17) and parity(m) == 0}
    for message in further:
        if int(message[:2], 16) >> 3 in (11, 17):
            assert parity(message) == 0, message
        else:
            assert f"{parity(message):06x}" in clean, message
    assert heard(data, piece=9_973) == found
    opened = open_input(shared / "data/modes/dump1090_modes1_iq_u8_2msps.bin", format="iq", day_ns=DAY_NS)
    decoder = Decoder(None, discover=True)
    frames = list(opened)
    for one in frames:
        decoder.step(one)
    assert decoder.ledger.balances
    assert decoder.ledger.decoded == len(messages)
    assert decoder.ledger.rejected == {}
    first, last = frames[0].rows["rx_ns"][0] - DAY_NS, frames[-1].rows["rx_ns"][-1] - DAY_NS
    assert 0 <= int(first) - found[0][0] * 500 <= 100_000_000  # a frame bears the time of its last message
    assert abs(int(last) - found[-1][0] * 500) <= 1000


def sky(n: int = 120, seed: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return messages, their octets and when each begins: 20 aircraft that squitter first, then reply too."""
    rng = np.random.default_rng(seed)
    who = rng.choice(np.arange(0x400000, 0x4FFFFF), 20, replace=False)[np.arange(n) % 20]
    makers = (encode.df11(who), encode.df17_identification(who, np.full(n, b"VIGIE")), encode.df4(who, np.full(n, 3e3)))
    rows, sizes = np.zeros((n, 14), np.uint8), np.zeros(n, np.int64)
    for i, kind in enumerate([0] * 20 + rng.integers(0, 3, n - 20).tolist()):
        row = makers[kind][i]
        rows[i, : len(row)], sizes[i] = row, len(row)
    return rows, sizes, np.arange(n) * 0.0005 + rng.uniform(0, 0.0002, n)


@pytest.mark.parametrize(("rate_hz", "least"), [(2_000_000, 0.75), (2_400_000, 0.97)])
def test_made_samples_give_their_messages_and_nothing_else(rate_hz: int, least: float) -> None:
    rows, sizes, starts = sky()
    data = iq.modulate(rows, sizes, starts, 0.07, rate_hz=rate_hz)
    wanted = Counter(rows[i, : sizes[i]].tobytes().hex() for i in range(len(rows)))
    found = heard(data, rate_hz)
    got = Counter(message for _, message in found)
    assert not got - wanted
    assert sum(got.values()) >= least * sum(wanted.values())
    ends = starts[:, None] * rate_hz
    assert all(np.abs(ends - at).min() <= 2.0 for at, _ in found)
    assert heard(data, rate_hz, piece=4_001) == found


def test_noise_is_no_message_and_a_strange_rate_is_refused() -> None:
    noise = np.random.default_rng(1).integers(0, 256, 400_000, np.uint8).tobytes()
    assert heard(noise) == []
    assert heard(noise, 2_400_000) == []
    assert heard(b"") == heard(b"\x7f") == []
    with pytest.raises(WireError, match="3000000 samples a second"):
        iq.Demodulator(3_000_000)
