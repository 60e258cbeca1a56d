"""Is the edition right? Rejected blocks of a sender are tried under every other edition of their category.

Octets damaged on their way fit no edition; octets written by another edition fit that one to the last octet. So a
handful of rejected blocks tells. What is concluded depends on the sender's rejected blocks alone, in their order, not
on batches or on other senders; and little is done: a judgement after 8, 16, 32, ... 256 rejects, then every 256.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from vigie.decode.lookup import I8, U1
from vigie.terms.ledger import REASON
from vigie.terms.tables import Rows
from vigie.wire.asterix.times import legal_blocks

FIRST: Final = 8
"""Rejects before the first judgement."""
DIFFERENT: Final = 4
"""Blocks that differ, at least: one short message sent again and again may fit another edition by chance."""
EVERY: Final = 256
SAMPLE: Final = 12
LONGEST: Final = 4096
"""Longer blocks are no evidence: 12 of them from each of 128 senders are 6 MB at most."""
WATCHED: Final = 128
"""Pairs of sender and category watched at most: a flood of invented senders cannot fill the memory."""

_UNKNOWN_EDITION: Final = REASON["unknown_edition"]


@dataclass(slots=True)
class _Case:
    """What is known of one category of one sender."""

    rejects: int = 0
    blocks: list[bytes] = field(default_factory=list)
    better: str | None = None


class EditionWatch:
    """Watches the rejects of all senders; ``suspects`` says whose edition cannot be right, and which one can."""

    def __init__(self) -> None:
        self._cases: dict[tuple[int, int], _Case] = {}

    @property
    def suspects(self) -> dict[int, dict[int, str]]:
        """{sensor id: {category: the edition that fits}}; "" where the edition set is unknown and none fits."""
        out: dict[int, dict[int, str]] = {}
        for (sensor, category), case in sorted(self._cases.items()):
            if case.better is not None:
                out.setdefault(sensor, {})[category] = case.better
        return out

    def step(self, rejects: Rows, spots: I8, data: U1) -> None:
        """Take the rejects of a batch and mark those of suspect senders in their column ``edition_suspect``.

        ``spots`` (n, 2): where in ``data`` the block of each lies and its size, 0 where no edition can be to blame.
        """
        mine = np.flatnonzero((spots[:, 1] > 0) & (rejects["sensor_id"] > 0))
        if not len(mine):
            return
        keys = rejects["sensor_id"][mine].astype(np.int64) << 8 | rejects["category"][mine]
        found, firsts = np.unique(keys, return_index=True)
        for key in found[np.argsort(firsts)].tolist():
            name = key >> 8, key & 255
            case = self._cases.get(name)
            if case is None:
                if len(self._cases) >= WATCHED:
                    continue
                case = self._cases[name] = _Case()
            self._follow(case, name[1], rejects, mine[keys == key], spots, data)

    def _follow(self, case: _Case, category: int, rejects: Rows, rows: I8, spots: I8, data: U1) -> None:
        at = 0
        while at < len(rows):
            due = _next_judgement(case.rejects)
            some = rows[at : at + due - case.rejects]
            if case.better is not None:
                rejects["edition_suspect"][some] = 1
            for start, size in spots[some[-SAMPLE:]].tolist():
                if size <= LONGEST:
                    case.blocks.append(data[start : start + size].tobytes())
            del case.blocks[:-SAMPLE]
            case.rejects += len(some)
            at += len(some)
            if case.rejects == due:
                case.better = _judge(category, case.blocks, int(rejects["reason"][some[-1]]))


def _next_judgement(rejects: int) -> int:
    """Return at which number of rejects, above this one, a judgement is due."""
    if rejects < FIRST:
        return FIRST
    return 1 << rejects.bit_length() if rejects < EVERY else (rejects // EVERY + 1) * EVERY


def _judge(category: int, blocks: list[bytes], reason: int) -> str | None:
    """Return the newest edition that explains seven of eight blocks, all of them rejected under the one set."""
    blocks = list(dict.fromkeys(blocks))
    if len(blocks) < DIFFERENT:
        return "" if reason == _UNKNOWN_EDITION else None
    lengths = np.array([len(b) for b in blocks], np.int32)
    offsets = np.cumsum(lengths, dtype=np.int64) - lengths
    scores = legal_blocks(category, np.frombuffer(bytearray(b"".join(blocks)), np.uint8), offsets, lengths)
    best = max(scores, key=lambda name: scores[name])
    if 8 * scores[best] >= 7 * len(blocks):
        return best
    return "" if reason == _UNKNOWN_EDITION else None
