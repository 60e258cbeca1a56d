"""Which sensors of an exercise report by themselves, and what simulates each."""

from __future__ import annotations

from typing import Final

from vigie.earth.terrain import Terrain
from vigie.simulate.posts import Post
from vigie.simulate.remote_out import RemoteIdReceiver
from vigie.simulate.reporter import Reporter
from vigie.simulate.rows import Exercise
from vigie.simulate.systems import System

_OF_KIND: Final[dict[str, type[Reporter]]] = {
    "mlat": System, "adsb": System, "external": System, "observer": Post, "acoustic": Post,
    "remoteid": RemoteIdReceiver,
}  # fmt: skip


def reporters_of(
    exercise: Exercise, links: dict[int, int], start_ns: int, seed: int, terrain: Terrain | None = None
) -> list[Reporter]:
    """Return them all; ``links``: sensor id to number of its link."""
    return [
        _OF_KIND[row.kind](row, links[row.sensor.id], start_ns, seed, terrain)
        for row in exercise.sensors
        if row.kind in _OF_KIND and not row.is_beast
    ]
