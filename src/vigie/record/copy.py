"""Writing a recording as fast as the disk takes it: from captures, from parts of others."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from vigie.record.heads import Signer
from vigie.record.segment import segment_files
from vigie.record.writer import MIB, NOT_RECORDED, Recorder
from vigie.terms.batch import Batch, Event
from vigie.terms.errors import RecordingError

_BATCHES: Final = 4_000
_OCTETS: Final = 16 * MIB
_WAIT_S: Final = 60.0


def write_recording(
    folder: Path, batches: Iterable[Batch], *, site_text: str, known_text: str, version: str, origin: str,
    signer: Signer | None = None,
) -> int:  # fmt: skip
    """Write ``batches`` into a new recording in ``folder``; return how many. ``origin`` says where they come from.

    Raises
    ------
    RecordingError
        If the folder already holds a recording (nothing is ever overwritten), or the disk does not take it.
    """
    check_new(folder)
    count = octets = 0
    with Recorder(folder, site_text=site_text, known_text=known_text, version=version, signer=signer,
                  reserve_octets=0) as recorder:  # fmt: skip
        for batch in batches:
            if not count:
                recorder.note(batch.now_ns, Event(rx_ns=batch.now_ns, kind="origin", text=origin))
            number = recorder.append(batch)
            if number == NOT_RECORDED:
                raise RecordingError(f"{folder}: the disk does not take the recording: {recorder.reason}")
            count += 1
            octets += batch.frames.data.nbytes
            if count % _BATCHES == 0 or octets > _OCTETS:
                need, octets = number if octets > _OCTETS else number - _BATCHES // 2, 0
                if not recorder.wait_durable(need, _WAIT_S):
                    raise RecordingError(f"{folder}: the disk does not take the recording: {recorder.reason}")
    return count


def check_new(folder: Path) -> None:
    """Refuse a folder that already holds a recording."""
    if folder.exists() and (not folder.is_dir() or segment_files(folder)):
        raise RecordingError(f"{folder}: holds a recording already; name another folder, nothing is overwritten")
