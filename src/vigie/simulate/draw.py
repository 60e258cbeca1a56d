"""Chance that the seed fixes: counter-based random numbers, the same however the work is cut up.

A draw is a function of its key only (seed, stream, subject, occasion), never of what was drawn before, so one more
aircraft or another chunking changes no other draw. The mixer is splitmix64's finaliser.
Source: Steele, Lea, Flood, Fast splittable pseudorandom number generators, 2014.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.terms.kernel import kernel

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX2: Final = np.uint64(0x94D049BB133111EB)
_S30: Final = np.uint64(30)
_S27: Final = np.uint64(27)
_S31: Final = np.uint64(31)
_S11: Final = np.uint64(11)
_UNIT: Final = 1.0 / 9007199254740992.0  # 2**-53


@kernel
def mixed(key: np.uint64, number: int) -> np.uint64:
    """Return the key that ``number`` leads to from ``key``: chain it for every part of a name."""
    x = key + _GOLDEN * (np.uint64(number) + np.uint64(1))
    x = (x ^ (x >> _S30)) * _MIX1
    x = (x ^ (x >> _S27)) * _MIX2
    return x ^ (x >> _S31)


@kernel
def uniform(key: np.uint64) -> float:
    """Return a number in (0, 1) that belongs to ``key``."""
    return (float(key >> _S11) + 0.5) * _UNIT


@kernel
def normal_pair(key: np.uint64) -> tuple[float, float]:
    """Return two independent standard normal numbers that belong to ``key`` (Box and Muller)."""
    r = math.sqrt(-2.0 * math.log(uniform(mixed(key, 1))))
    a = 2.0 * math.pi * uniform(mixed(key, 2))
    return r * math.cos(a), r * math.sin(a)


def key_of(seed: int, *names: int) -> np.uint64:
    """Return the key of a stream, in plain Python: ``mixed`` chained over ``names`` from the seed."""
    x = seed & 0xFFFFFFFFFFFFFFFF
    for name in names:
        x = (x + 0x9E3779B97F4A7C15 * ((name & 0xFFFFFFFFFFFFFFFF) + 1)) & 0xFFFFFFFFFFFFFFFF
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        x ^= x >> 31
    return np.uint64(x)


def unit_of(seed: int, *names: int) -> float:
    """Return the number in (0, 1) of a named draw, in plain Python."""
    return (float(int(key_of(seed, *names)) >> 11) + 0.5) * _UNIT


@kernel
def uniform_many(key: np.uint64, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return one number in (0, 1) for each of ``numbers``, all of one stream."""
    out = np.empty(numbers.shape[0])
    for i in range(numbers.shape[0]):
        out[i] = uniform(mixed(key, numbers[i]))
    return out


@kernel
def normal_many(key: np.uint64, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return two independent standard normal numbers, shape (2, n), for each of ``numbers``, all of one stream."""
    out = np.empty((2, numbers.shape[0]))
    for i in range(numbers.shape[0]):
        out[0, i], out[1, i] = normal_pair(mixed(key, numbers[i]))
    return out
