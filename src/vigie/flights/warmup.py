"""Compile every kernel of the flights room."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.flights.blocks import address_blocks, block_row


def warmup() -> Iterator[str]:
    """Yield the name of each kernel group just before compiling it by a first run."""
    yield "flights: address blocks"
    block_row(address_blocks().starts, 0x062000)
