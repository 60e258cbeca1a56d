"""Messages to the streams that carry them: Beast with its escapes, AVR text, BaseStation lines.

A batch of messages is a matrix ``uint8[n, 14]`` (short ones fill the first 7 octets) and their lengths (2, 7 or 14).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigie.terms.kernel import kernel
from vigie.wire.modes.tables import I8, U1

ESCAPE = 0x1A


@kernel
def _beast(messages: U1, lengths: I8, stamps: I8, signal: U1, out: U1, offsets: I8) -> int:
    """Write Beast frames to ``out`` (46 octets a message suffice) and where each begins; return the octets written."""
    at = 0
    for i in range(messages.shape[0]):
        offsets[i] = at
        out[at] = ESCAPE
        n = lengths[i]
        out[at + 1] = 0x31 if n == 2 else (0x32 if n == 7 else 0x33)
        at += 2
        for k in range(7 + n):
            if k < 6:
                octet = (stamps[i] >> (8 * (5 - k))) & 0xFF
            elif k == 6:
                octet = np.int64(signal[i])
            else:
                octet = np.int64(messages[i, k - 7])
            out[at] = octet
            at += 1
            if octet == ESCAPE:
                out[at] = ESCAPE
                at += 1
    offsets[messages.shape[0]] = at
    return at


def beast_frames(
    messages: U1, lengths: npt.ArrayLike, timestamps_12mhz: npt.ArrayLike, signal: npt.ArrayLike = 128
) -> tuple[U1, I8]:
    """Return the Beast stream of n messages as octets, and the n + 1 offsets between them.

    ``messages``: uint8[n, 14] or [n, 7]. ``lengths``: 2 (Mode A/C), 7 or 14. ``timestamps_12mhz``: 48-bit count of a
    12 MHz clock (or ``gps_stamp``). ``signal``: 0 to 255, level = (signal / 255) squared of full scale
    (see ``signal_octet``). Source: the Mode-S Beast data formats as published by its maker.
    """
    matrix = np.zeros((len(messages), 14), np.uint8)
    matrix[:, : messages.shape[1]] = messages
    n = len(matrix)
    sizes = np.ascontiguousarray(np.broadcast_to(np.asarray(lengths, np.int64), (n,)))
    stamps = np.ascontiguousarray(np.broadcast_to(np.asarray(timestamps_12mhz, np.int64), (n,)))
    levels = np.ascontiguousarray(np.broadcast_to(np.asarray(signal, np.uint8), (n,)))
    out = np.empty(46 * n, np.uint8)
    offsets = np.zeros(n + 1, np.int64)
    used = _beast(matrix, sizes, stamps, levels, out, offsets)
    return out[:used].copy(), offsets


def signal_octet(signal_dbfs: npt.ArrayLike) -> U1:
    """Return the Beast signal octet of a level in dB relative to full scale; 0 dB is 255, NaN becomes 0."""
    level = np.asarray(signal_dbfs, np.float64)
    octet = np.rint(255.0 * 10.0 ** (np.where(np.isfinite(level), level, -99.0) / 20.0))
    return np.clip(octet, 0, 255).astype(np.uint8)


def gps_stamp(tod_ns: npt.ArrayLike) -> I8:
    """Return the 48-bit stamp of a receiver with a GPS clock: 18 bits second of the day, 30 bits nanosecond."""
    t = np.asarray(tod_ns, np.int64)
    return (t // 1_000_000_000) << 30 | (t % 1_000_000_000)


def avr_lines(messages: U1, lengths: npt.ArrayLike, timestamps_12mhz: npt.ArrayLike | None = None) -> bytes:
    """Return AVR text of n messages: ``*HEX;`` lines, or ``@`` with a 12-digit time stamp where stamps are given."""
    sizes = np.broadcast_to(np.asarray(lengths, np.int64), (len(messages),)).tolist()
    rows = [messages[i, :n].tobytes().hex().upper() for i, n in enumerate(sizes)]
    if timestamps_12mhz is None:
        return "".join(f"*{row};\n" for row in rows).encode()
    stamps = np.broadcast_to(np.asarray(timestamps_12mhz, np.int64), (len(messages),)).tolist()
    return "".join(f"@{stamp & 0xFFFFFFFFFFFF:012X}{row};\n" for stamp, row in zip(stamps, rows, strict=True)).encode()
