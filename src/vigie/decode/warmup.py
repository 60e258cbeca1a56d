"""Compiles the kernels of the room by decoding one record, with the types of production use."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vigie.decode import modes_warmup
from vigie.decode.decoder import Decoder
from vigie.decode.remoteid_memory import DroneMemory, rehash
from vigie.terms.batch import FORMAT_ASTERIX, FORMAT_REMOTEID, Frames
from vigie.terms.tables import FRAME
from vigie.wire.remoteid import encode
from vigie.wire.remoteid.layout import L_RADIOTAP


def warmup() -> Iterator[str]:
    """Yield the name of each group of kernels just before it is compiled."""
    yield "ASTERIX records"
    row = FRAME.empty(1)
    row["rx_ns"], row["format"], row["length"] = 10**18, FORMAT_ASTERIX, 11
    octets = np.frombuffer(b"\x22\x00\x0b\xf0\x01\x02\x02\x20\x00\x00\x08", np.uint8)
    Decoder(None, discover=True).step(Frames(row, octets))
    yield from modes_warmup.warmup()
    yield "Remote ID"
    pack = encode.pack([encode.basic_id("A")])
    radio = np.frombuffer(encode.envelope(L_RADIOTAP, encode.wifi_beacon(bytes(6), pack, 0)), np.uint8)
    row = FRAME.empty(1)
    row["rx_ns"], row["format"], row["length"] = 10**18, FORMAT_REMOTEID, len(radio)
    Decoder(None, discover=True).step(Frames(row, radio))
    memory = DroneMemory()
    rehash(memory.drones, memory.chain, memory.heads, 0)
