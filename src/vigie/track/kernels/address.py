"""Who wears which address: a table by address, and the judgement where a second track of the same one begins.

An address is evidence, not law: two aircraft may wear one, a transponder may be changed. But a second track of one
address is nearly always the same aircraft, lost for a moment or seen at a false place.
"""

from __future__ import annotations

from vigie.terms.kernel import lean
from vigie.track.kernels.gate import cell_slot
from vigie.track.state import (
    I_BOTH,
    I_HITS,
    I_ICAO,
    I_NO,
    I_RIVAL,
    I_STATUS,
    LLR,
    N_PERIOD,
    T_HIT,
    T_START,
    Floats,
    Ints,
)


@lean
def own(i: int, address: int, owners: Ints) -> None:
    """Put a track into the table of addresses; where sixteen places are taken it is left out."""
    mask = owners.size - 1
    h = cell_slot(address, mask)
    for k in range(16):
        if owners[(h + k) & mask] < 0:
            owners[(h + k) & mask] = i
            return


@lean
def owner_of(address: int, other: int, J: Ints, owners: Ints) -> int:
    """Return the confirmed or coasting track of lowest number that wears an address, but not ``other``; -1 none."""
    mask = owners.size - 1
    h = cell_slot(address, mask)
    found = -1
    for k in range(16):
        i = owners[(h + k) & mask]
        if i < 0:
            break
        worn = i != other and J[i, I_ICAO] == address and 2 <= J[i, I_STATUS] <= 3
        if worn and (found < 0 or J[i, I_NO] < J[found, I_NO]):
            found = i
    return found


@lean
def contest(i: int, S: Floats, J: Ints, sensor: Floats, t: float, owners: Ints) -> None:
    """Judge a tentative track whose address another track wears: two aircraft, or one that was lost and found.

    Both heard within three quarters of a turn, four times: two aircraft wear the address. The elder silent for two
    and a half turns while this one is heard again and again: it is the elder, which gives its number and ends.
    Until then neither is sure, and the younger is not shown as a track.
    """
    o = owner_of(J[i, I_ICAO], i, J, owners)
    if o < 0:
        J[i, I_RIVAL] = 0
        return
    period = max(sensor[N_PERIOD], 1.0)
    gap = t - S[o, T_HIT]
    J[i, I_RIVAL] = 1
    if gap < 0.75 * period:
        J[i, I_BOTH] += 1
        if J[i, I_BOTH] >= 4 and J[i, I_HITS] >= 6:
            J[i, I_RIVAL] = 0
    elif gap > 2.5 * period and J[i, I_HITS] >= 3:
        J[i, I_RIVAL] = 0
        number = J[i, I_NO]
        J[i, I_NO] = J[o, I_NO]
        J[o, I_NO] = number
        S[i, T_START] = S[o, T_START]
        J[i, I_HITS] += J[o, I_HITS]
        S[i, LLR] = max(S[i, LLR], S[o, LLR])
        J[i, I_STATUS] = 2
        J[o, I_STATUS] = 0  # its row is given back with the next look at all tracks
