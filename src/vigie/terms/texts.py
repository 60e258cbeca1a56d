"""Texts in columns of fixed width."""

from __future__ import annotations


def text_octets(text: str, width: int) -> bytes:
    """Return a text as UTF-8 of at most ``width`` octets, cut between characters."""
    octets = text.encode("utf-8", "replace")
    return octets if len(octets) <= width else octets[:width].decode("utf-8", "ignore").encode()
