"""Decode: frames of any format become target reports, service messages and rejects.

Comes in: ``Frames`` (bytes with their receive time and link). Goes out: PLOT, SERVICE and REJECT rows, in the order of
the frames, and a ``Ledger`` in which every record is either decoded or rejected with its reason and place.
Never: opens anything, reads a clock, raises on bad input, or gives other rows for other batches of the same frames.
Begin reading at ``decoder.py``; ``asterix.py`` is the ASTERIX kernel, the formats themselves are known in ``wire``.
"""
