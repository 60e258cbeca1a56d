"""The kernels that read raw samples, compiled on a few of them."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.wire.modes.iq import RATES, Demodulator


def warmup() -> Iterator[str]:
    """Yield the name of each kernel group just before it is compiled."""
    yield "raw samples of 1090 MHz"
    for rate_hz in RATES:
        Demodulator(rate_hz).feed(b"\x7f\x7f" * 400)
