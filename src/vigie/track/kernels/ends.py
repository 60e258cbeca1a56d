"""The end of a tick's work: every track gets the status its evidence has earned, rows are given back."""

from __future__ import annotations

import math

from vigie.terms.kernel import lean
from vigie.track.kernels.life import judge, silence
from vigie.track.state import (
    C_FREE,
    C_SETASIDE,
    C_TRACKS,
    CX,
    I_CLASS,
    I_CODE,
    I_NO,
    I_STATUS,
    I_TOUCH,
    LLR,
    MU,
    NM,
    STRIDE,
    Floats,
    Ints,
)


@lean
def live(S: Floats, J: Ints, free: Ints, counters: Ints, sensors: Floats, codes: Ints, now: float, aside: Ints) -> None:
    """Give every track the status its evidence has earned; ended ones leave their row."""
    for i in range(counters[C_TRACKS]):
        status = J[i, I_STATUS]
        if J[i, I_NO] == 0:
            continue
        if status == 0:  # set aside, or never one
            release(i, J, free, counters, codes)
            continue
        row = S[i]
        whole = row[CX] + row[CX + 1] + row[CX + 4] + row[LLR]
        for j in range(NM):
            whole += row[j * STRIDE] + row[j * STRIDE + 2] + row[j * STRIDE + 5] + row[j * STRIDE + MU]
        if not math.isfinite(whole):
            set_aside(J[i], counters, aside)
            release(i, J, free, counters, codes)
            continue
        if J[i, I_CLASS] == 4:
            silence(S[i], J[i], sensors, 0.5)
        new = judge(S[i], J[i], sensors, now)
        if status == 4:
            if J[i, I_TOUCH] != 0:  # said at an output
                release(i, J, free, counters, codes)
        elif new == 0:
            if status == 1:
                release(i, J, free, counters, codes)
            else:
                J[i, I_STATUS] = 4  # said once, at the next output
        else:
            J[i, I_STATUS] = new


@lean
def set_aside(ints: Ints, counters: Ints, aside: Ints) -> None:
    """Note the number of a track whose numbers are no longer finite; the oldest note gives way."""
    aside[counters[C_SETASIDE] % aside.size] = ints[I_NO]
    counters[C_SETASIDE] += 1


@lean
def release(i: int, J: Ints, free: Ints, counters: Ints, codes: Ints) -> None:
    """Give a row back to the free list."""
    if J[i, I_CODE] != 65535:
        codes[J[i, I_CODE]] -= 1
    J[i, I_NO] = 0
    J[i, I_STATUS] = 0
    free[counters[C_FREE]] = i
    counters[C_FREE] += 1
