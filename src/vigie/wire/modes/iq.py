"""Raw samples of 1090 MHz to Mode S messages: unsigned 8-bit I/Q at 2.0 or 2.4 million samples a second.

At 2.0 Msps a sample is half a bit: pulses are compared sample by sample, and where the first try fails, once more with
each half of a bit corrected for what its neighbour leaks into it. At 2.4 Msps the halves of each bit are sums over
parts of samples, tried at five phases. What leaves here is certain: all-calls (11) and extended squitters (17)
with a parity of zero, any other format only from an address that was heard in one of those within the last minute.

Sources: ICAO Annex 10 volume IV, 3.1.2.1 (signal), 3.1.2.3 (parity); the method of comparing halves and correcting for
spill is that of dump1090 (S. Sanfilippo, BSD-3-Clause), written anew.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from vigie.terms.errors import WireError
from vigie.terms.kernel import kernel
from vigie.wire.modes import framing
from vigie.wire.modes.tables import CRC, I8, U1, U4

RATES: Final = (2_000_000, 2_400_000)
"""Samples a second that can be read."""
SCALE: Final = 360.0
FULL: Final = 127.5 * SCALE

U2 = npt.NDArray[np.uint16]
i64: Final = cast(Callable[[Any], int], np.int64)

_LONG: Final = 14
_ADDRESSES: Final = 16_384
_PROBES: Final = 8
_TAIL: Final = 320  # samples that a message may still need: 120 us at 2.4 Msps, and what the gates look ahead
_SHARP: Final = 1275  # least mean difference between the halves of a bit
_WEAK: Final = 256  # a difference of less than a step of the sampler: the bit is as the one before
_MINUTE_S: Final = 60
_STAMP_HZ: Final = 12_000_000


@cache
def _magnitudes() -> U2:
    """Return the magnitude of each (I, Q) pair, by the pair read as one little-endian number."""
    value = np.abs(np.arange(256, dtype=np.float64) - 127.0)
    table: U2 = np.rint(np.hypot(value[None, :], value[:, None]) * SCALE).reshape(-1).astype(np.uint16)
    table.flags.writeable = False  # one for all
    return table


@kernel
def magnitudes(pairs: U2, table: U2, out: U2) -> None:
    """Fill ``out`` with the magnitudes of I/Q pairs."""
    for i in range(len(pairs)):
        out[i] = table[pairs[i]]


@kernel
def _recall(address: int, now: int, limit: int, table: I8, learn: int) -> int:
    """Return whether an address was learned within ``limit`` samples; with ``learn`` remember it."""
    head = address * 2654435761 >> 7 & (_ADDRESSES - 1)
    oldest = head
    for probe in range(_PROBES):
        k = head + probe & (_ADDRESSES - 1)
        if table[k, 0] == address:
            known = 1 if now - table[k, 1] <= limit else 0
            if learn != 0:
                table[k, 1] = now
            return known
        if table[k, 1] < table[oldest, 1]:
            oldest = k
    if learn != 0:
        table[oldest, 0] = address
        table[oldest, 1] = now
    return 0


@kernel
def _accept(message: U1, crc: U4, now: int, limit: int, addresses: I8, coded: int) -> int:
    """Return the octets of a good message, 0 for none; ``coded``: an all-call may bear the code of who asked.

    Such a code (7 bits over the parity) is believed only from a known address, and only where no other way to slice the
    message gave a parity of zero: it may be a wrong bit.
    """
    form = i64(message[0]) >> 3
    size = 14 if form >= 16 else 7
    rest = i64(0)
    for k in range(size):
        rest ^= i64(crc[14 - size + k, message[k]])
    if form in (11, 17, 18):
        address = i64(message[1]) << 16 | i64(message[2]) << 8 | i64(message[3])
        if rest == 0 and form != 18:
            _recall(address, now, limit, addresses, i64(1))
            return size
        if rest == 0 or (coded != 0 and form == 11 and rest < 128):
            if _recall(address, now, limit, addresses, i64(0)) == 0:
                return 0
            if rest & (rest - 1) == 0:  # one bit of the parity: wrong rather than a code, and without meaning otherwise
                message[6] ^= rest
            return size
        return 0
    if form in (0, 4, 5, 16, 20, 21) and _recall(rest, now, limit, addresses, i64(0)) != 0:
        return size
    return 0


@kernel
def _keep(message: U1, size: int, at: int, level: float, out: U1, where: I8, levels: Any, n: int) -> int:
    for k in range(14):
        out[n, k] = message[k] if k < size else 0
    where[n, 0] = at
    where[n, 1] = size
    levels[n] = level
    return n + 1


@kernel
def _straighten(m: U2, at: int, work: I8) -> None:
    """Correct the halves in ``work`` for sampling early or late, by what leaks beside the pulses of the preamble.

    Where samples are late, each holds a part of the next half, which the bit behind it tells; where they are early, a
    part of the one before. The part is as large as the leak is beside the four pulses (method of O. Jowett).
    """
    pulses = i64(m[at]) + m[at + 2] + m[at + 7] + m[at + 9]
    before = 2 * (i64(m[at - 1]) + m[at + 6])
    after = 2 * (i64(m[at + 3]) + m[at + 10])
    if before > after:
        part = 16384 * before // max(1, before + pulses)
        work[223] = min(65535, work[223] * (16384 + part) // 16384)
        for k in range(222, 0, -2):
            factor = 16384 - part if work[k] > work[k + 1] else 16384 + part
            work[k - 1] = min(65535, work[k - 1] * factor // 16384)
    else:
        part = 16384 * after // max(1, after + pulses)
        work[0] = min(65535, work[0] * (16384 + part) // 16384)
        for k in range(0, 222, 2):
            factor = 16384 + part if work[k] > work[k + 1] else 16384 - part
            work[k + 2] = min(65535, work[k + 2] * factor // 16384)


@kernel
def _bits_of(first: int) -> int:
    """Return how many bits a message has whose first five are these, 0 where no transponder sends them."""
    if first in (0, 4, 5, 11):
        return 56
    return 112 if first in (16, 17, 18, 20, 21) else 0


@kernel
def _slice_two(m: U2, at: int, corrected: int, work: I8, message: U1) -> int:
    """Slice a message whose first bit begins at sample ``at``; return its octets, 0 none, -1 too weak."""
    if corrected != 0:
        for k in range(224):
            work[k] = m[at + k]
        _straighten(m, at - 16, work)
    bits = 112
    bit = i64(0)
    sharp = i64(0)
    octet = i64(0)
    i = i64(0)
    while i < bits:
        difference = i64(m[at + 2 * i]) - i64(m[at + 2 * i + 1])
        sharp += abs(difference)
        if corrected != 0:
            difference = work[2 * i] - work[2 * i + 1]
        if i == 0 or abs(difference) >= _WEAK:
            bit = i64(1) if difference > 0 else i64(0)
        octet = octet << 1 | bit
        if i == 4:
            bits = _bits_of(octet)
        elif i & 7 == 7:
            message[i >> 3] = octet & 255
            if i == 31 and sharp < 32 * 320:
                return -1
        i += 1
    if bits == 0:
        return 0
    return bits >> 3 if sharp >= bits * _SHARP else -1


@kernel
def demodulate_two(
    m: U2, n: int, start: int, base: int, limit: int, crc: U4, addresses: I8, work: I8, message: U1,
    out: U1, where: I8, levels: Any,
) -> tuple[int, int]:  # fmt: skip
    """Find messages that begin in samples ``start`` to ``n`` of 2.0 Msps; return (messages, where to go on).

    ``m`` uint16, ``n`` less than its length by ``_TAIL``; ``base``: number of its first sample in the recording.
    """
    found = i64(0)
    j = start
    while j < n and found < len(out):
        # The preamble: pulses at 0, 1, 3.5 and 4.5 us, quiet between them and for 3 us after the last.
        if not (
            m[j] > m[j + 1] and m[j + 1] < m[j + 2] and m[j + 2] > m[j + 3] and m[j + 3] < m[j] and m[j + 4] < m[j]
            and m[j + 5] < m[j] and m[j + 6] < m[j] and m[j + 7] > m[j + 8] and m[j + 8] < m[j + 9]
            and m[j + 9] > m[j + 6]
        ):  # fmt: skip
            j += 1
            continue
        high = (i64(m[j]) + i64(m[j + 2]) + i64(m[j + 7]) + i64(m[j + 9])) // 6
        quiet = m[j + 4] < high and m[j + 5] < high
        for k in range(11, 15):
            quiet = quiet and m[j + k] < high
        if not quiet:
            j += 1
            continue
        size = i64(0)
        for attempt in range(4):  # plain and straightened, with a clean parity first; then both with a code over it
            sliced = _slice_two(m, j + 16, i64(attempt & 1), work, message)
            if sliced < 0:
                break
            if sliced > 0 and (attempt < 2 or message[0] >> 3 == 11):
                size = _accept(message, crc, base + j, limit, addresses, i64(attempt >> 1))
            if size != 0 or (attempt == 1 and sliced != 7):
                break
        if size == 0:
            j += 1
            continue
        pulses = 0.0
        for k in range(8 * size):
            pulses += float(max(m[j + 16 + 2 * k], m[j + 17 + 2 * k])) ** 2
        found = _keep(message, size, base + j, math.sqrt(pulses / (8 * size)), out, where, levels, found)
        j += 2 * (8 + 8 * size)
    return found, j


@kernel
def _half(m: U2, fifth: int) -> int:
    """Return five times the sum over half a bit (six fifths of a sample) that begins at a fifth of a sample."""
    k = fifth // 5
    r = fifth - 5 * k
    return (5 - r) * i64(m[k]) + (r + 1) * i64(m[k + 1])


@kernel
def _slice_more(m: U2, fifth: int, message: U1) -> int:
    """Slice a message whose first bit begins at a fifth of a sample; return as ``_slice_two``."""
    bits = 112
    sharp = i64(0)
    octet = i64(0)
    i = i64(0)
    while i < bits:
        difference = _half(m, fifth + 12 * i) - _half(m, fifth + 12 * i + 6)
        sharp += abs(difference)
        octet = octet << 1 | (1 if difference > 0 else 0)
        if i == 4:
            bits = _bits_of(octet)
        elif i & 7 == 7:
            message[i >> 3] = octet & 255
            if i == 31 and sharp < 32 * 6 * 320:
                return -1
        i += 1
    if bits == 0:
        return 0
    return bits >> 3 if sharp >= bits * 6 * _SHARP else -1


@kernel
def demodulate_more(
    m: U2, n: int, start: int, base: int, limit: int, crc: U4, addresses: I8, work: I8, message: U1,
    out: U1, where: I8, levels: Any,
) -> tuple[int, int]:  # fmt: skip
    """Find messages that begin in samples ``start`` to ``n`` of 2.4 Msps; otherwise as ``demodulate_two``."""
    found = i64(0)
    j = start
    while j < n and found < len(out):
        pulses = i64(m[j]) + m[j + 1] + m[j + 2] + m[j + 3] + m[j + 8] + m[j + 9] + m[j + 11] + m[j + 12]
        quiet = i64(m[j + 5]) + m[j + 6] + m[j + 7] + m[j + 14] + m[j + 15] + m[j + 16] + m[j + 17]
        if pulses * 5 < quiet * 8:
            j += 1
            continue
        size = i64(0)
        level = i64(0)
        all_call = False
        for coded in range(2):
            if coded != 0 and not all_call:  # no phase gave one, so none can bear a code
                break
            for phase in range(5):
                fifth = 5 * j + phase
                one = _half(m, fifth)
                if one <= _half(m, fifth + 6):  # most noise ends here
                    continue
                two = _half(m, fifth + 12)
                three = _half(m, fifth + 42)
                four = _half(m, fifth + 54)
                gap = max(_half(m, fifth + 6), _half(m, fifth + 18), _half(m, fifth + 27), _half(m, fifth + 48))
                if min(one, two, three, four) <= gap:
                    continue
                if _slice_more(m, fifth + 96, message) <= 0 or (coded != 0 and message[0] >> 3 != 11):
                    continue
                all_call = all_call or message[0] >> 3 == 11
                size = _accept(message, crc, base + j, limit, addresses, i64(coded))
                if size != 0:
                    level = (one + two + three + four) // 24
                    break
            if size != 0:
                break
        if size == 0:
            j += 1
            continue
        found = _keep(message, size, base + j, float(level), out, where, levels, found)
        j += 12 * (8 + 8 * size) // 5
    return found, j


@dataclass(frozen=True, slots=True)
class Heard:
    """Messages found: uint8[n, 14], their octets (7 or 14), the sample each begins at, its level (dB of full scale)."""

    messages: U1
    lengths: I8
    samples: I8
    level_dbfs: npt.NDArray[np.float64]


class Demodulator:
    """Takes the octets of a recording in pieces of any size (``feed``, ``close``) and gives the messages in it."""

    def __init__(self, rate_hz: int = 2_000_000) -> None:
        if rate_hz not in RATES:
            raise WireError(f"{rate_hz} samples a second cannot be read; known: {', '.join(map(str, RATES))}")
        self.rate_hz = rate_hz
        self._run = demodulate_two if rate_hz == RATES[0] else demodulate_more
        self._table = _magnitudes()
        self._held: U2 = np.zeros(1, np.uint16)  # one sample before the first, so that every place has a neighbour
        self._rest = b""
        self._base = -1
        self._from = 1
        self._addresses: I8 = np.full((_ADDRESSES, 2), -(1 << 60), np.int64)
        self._work: I8 = np.zeros(256, np.int64)
        self._message: U1 = np.zeros(_LONG, np.uint8)

    def feed(self, octets: bytes | memoryview) -> Heard:
        """Return the messages that ``octets`` complete."""
        data = self._rest + bytes(octets)
        whole = len(data) & ~1
        self._rest = data[whole:]
        pairs: U2 = np.frombuffer(data, "<u2", whole // 2)
        m: U2 = np.empty(len(self._held) + len(pairs), np.uint16)
        m[: len(self._held)] = self._held
        magnitudes(pairs, self._table, m[len(self._held) :])
        return self._find(m, len(m) - _TAIL)

    def close(self) -> Heard:
        """Return what the end of the recording completes."""
        padded: U2 = np.concatenate([self._held, np.zeros(_TAIL, np.uint16)])
        return self._find(padded, len(self._held))

    def _find(self, m: U2, n: int) -> Heard:
        pieces = []
        at = self._from
        room = 4096
        while at < n:
            out: U1 = np.empty((room, _LONG), np.uint8)
            where: I8 = np.empty((room, 2), np.int64)
            levels = np.empty(room)
            found, at = self._run(
                m, n, at, self._base, _MINUTE_S * self.rate_hz, CRC, self._addresses, self._work, self._message,
                out, where, levels,
            )  # fmt: skip
            pieces.append((out[:found], where[:found], levels[:found]))
            if found < room:
                break
        keep = min(max(at - 1, 0), len(m))
        self._held = m[keep:].copy()
        self._base += keep
        self._from = at - keep
        if not pieces:
            pieces.append((np.empty((0, _LONG), np.uint8), np.empty((0, 2), np.int64), np.empty(0)))
        messages, places, strengths = (np.concatenate(column) for column in zip(*pieces, strict=True))
        level = 20.0 * np.log10(np.maximum(strengths, 1.0) / FULL)
        return Heard(messages, places[:, 1].copy(), places[:, 0].copy(), level)

    def beast(self, heard: Heard) -> U1:
        """Return messages as a Beast stream, stamped by a 12 MHz clock that starts with the recording."""
        stamps = heard.samples * (_STAMP_HZ // 100_000) // (self.rate_hz // 100_000)
        return framing.beast_frames(heard.messages, heard.lengths, stamps, framing.signal_octet(heard.level_dbfs))[0]


def modulate(
    messages: U1, lengths: I8, starts_s: npt.NDArray[np.float64], duration_s: float, *, rate_hz: int = 2_000_000,
    amplitude: float = 60.0, noise: float = 3.0, seed: int = 1,
) -> bytes:  # fmt: skip
    """Return I/Q octets of messages that begin at ``starts_s``: pulses averaged over each sample, noise of a seed."""
    rng = np.random.default_rng(seed)
    fine = 12_000_000 // rate_hz  # both rates divide 12 MHz
    level = np.zeros(round(duration_s * 12_000_000) + 1, np.float32)
    for i, size in enumerate(lengths.tolist()):
        begin = round(float(starts_s[i]) * 12_000_000)
        bits = np.unpackbits(messages[i, :size])
        halves = np.zeros(16 + 2 * len(bits), bool)
        halves[[0, 2, 7, 9]] = True
        halves[16::2], halves[17::2] = bits == 1, bits == 0
        shape = np.repeat(halves, 6)[: max(0, len(level) - begin)]
        level[begin : begin + len(shape)] += shape
    n = len(level) // fine
    phase = rng.uniform(0.0, 2.0 * np.pi)
    turn = np.exp(1j * (phase + 0.002 * np.arange(n)))
    mean = level[: n * fine].reshape(n, fine).mean(axis=1)
    signal = amplitude * mean * turn + rng.normal(0.0, noise, n) + 1j * rng.normal(0.0, noise, n)
    pairs = np.stack([signal.real, signal.imag], axis=1) + 127.0
    octets: U1 = np.clip(np.rint(pairs), 0, 255).astype(np.uint8)
    return octets.tobytes()
