"""The warm-up compiles what production uses: afterwards no kernel is compiled for another type."""

from __future__ import annotations

import numpy as np

from vigie.decode import modes_lines, modes_messages, modes_table
from vigie.decode.modes import ModesDecoder
from vigie.decode.modes_warmup import warmup
from vigie.terms.batch import FORMAT_AVR, FORMAT_BEAST, FORMAT_SBS, Frames
from vigie.terms.ledger import Ledger
from vigie.terms.tables import FRAME
from vigie.wire.modes import encode, framing, sbs, split, stream

KERNELS = (
    modes_messages.decode_items, modes_lines.decode_lines, modes_table.index_rows, stream.split_beast,
    stream.split_avr, sbs.split_sbs,
)  # fmt: skip


def test_production_use_finds_every_kernel_compiled() -> None:
    names = list(warmup())
    assert len(names) == len(set(names)) >= 4
    before = [len(k.signatures) for k in KERNELS]  # type: ignore[attr-defined]
    decoder = ModesDecoder(None, ledger=Ledger(), discover=True)
    messages = encode.df11(1 + np.arange(2000))
    data = framing.beast_frames(messages, 7, 0)[0]
    text = framing.avr_lines(messages, 7)
    lines = sbs.sbs_line(3, 5, lat_deg="1", lon_deg="2") * 9
    for kind, octets in ((FORMAT_BEAST, data.tobytes()), (FORMAT_AVR, text), (FORMAT_SBS, lines)):
        rows = FRAME.empty(3)
        third = len(octets) // 3
        rows["offset"], rows["length"] = [0, third, 2 * third], [third, third, len(octets) - 2 * third]
        rows["format"] = kind
        for first in (0, 1):
            decoder.step(Frames(rows[first:], np.frombuffer(octets, np.uint8)))
        decoder.finish()
        assert split.sniff_kind(octets) is not None
        split.cut_all(octets, split.sniff_kind(octets) or "")
    assert [len(k.signatures) for k in KERNELS] == before == [1] * len(KERNELS)  # type: ignore[attr-defined]
