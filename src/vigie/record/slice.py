"""A slice of a recording with its rows untouched: same numbers and hashes, so the signed chain still proves it."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

from vigie.record.heads import HEAD_EVERY_NS
from vigie.record.reader import Recording
from vigie.record.segment import Stored
from vigie.record.segment_writer import open_to_write, plain_connect
from vigie.terms.errors import RecordingError
from vigie.wire.recording.bodies import Head, decode_record
from vigie.wire.recording.row import Kind, pack_row, row_crc


def copy_rows(recording: Recording, from_ns: int, until_ns: int, to: Path) -> dict[str, Any]:
    """Write the rows of a time range, and those up to the next signed head, into one file; return the proof.

    The proof: first and last row, their number, the file and configuration they come from, and the signed heads.

    Raises
    ------
    RecordingError
        If the range holds no row, or the file cannot be written.
    """
    rows: list[Stored] = []
    heads: list[dict[str, Any]] = []
    after = False
    for stored in recording.rows():
        row = stored.row
        if row.now_ns < from_ns:
            continue
        if row.now_ns >= until_ns and (after or row.now_ns > until_ns + 2 * HEAD_EVERY_NS):
            break
        rows.append(stored)
        if row.kind == Kind.HEAD:
            head = decode_record(row.body, Head)
            heads.append({"row": head.row, "now_ns": head.now_ns, "chain": head.chain.hex(),
                          "public": head.public.hex(), "signature": head.signature.hex()})  # fmt: skip
            after = row.now_ns >= until_ns
    if not rows:
        raise RecordingError("this time range holds no row of the recording; see vigie recording list")
    try:
        to.touch(exist_ok=False)
        with contextlib.closing(open_to_write(to, plain_connect)) as db:
            db.executemany(
                "INSERT INTO batch (seq, now_ns, kind, crc, chain, payload) VALUES (?, ?, ?, ?, ?, ?)",
                ((s.row.number, s.row.now_ns, int(s.row.kind), row_crc(pack_row(s.row)), s.chain, pack_row(s.row))
                 for s in rows),
            )  # fmt: skip
            db.execute("COMMIT")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            db.execute("PRAGMA journal_mode=DELETE").fetchall()
    except (OSError, sqlite3.Error) as why:
        raise RecordingError(f"{to}: cannot be written: {why}") from why
    return {"first_row": rows[0].row.number, "last_row": rows[-1].row.number, "rows": len(rows), "heads": heads}
