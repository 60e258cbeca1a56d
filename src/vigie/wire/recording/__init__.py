"""The recording's own format: how a batch becomes bytes and back, and what one recorded row looks like.

Comes in: a ``Batch``, an act, an event, a configuration, a digest, a loss. Goes out: bytes that tell on themselves
when a single bit of them changes; and back.
A *body* is one thing, compressed, with its length and CRC32C. A *row* is a header (number, time, kind) and a body,
with a CRC32C over both and a SHA-256 chain hash over everything before it.
Never: opens a file, reads a clock, trusts a length it has not checked.
Begin reading at ``batch.py``; then ``row.py``; ``salvage.py`` finds rows in the raw pages of a damaged segment.
"""
