"""How long a recording is kept: by age and by space, from its beginning on, and never on doubt.

A segment goes only if all of this holds: it is the oldest there is; it is sealed and every octet is as it was sealed;
the segment after it states the chain's hash at its end, so the rest still proves itself; it is none of the newest two;
nobody marked it as kept; where an archive is made of the recording, its days are in it. The first segment of which one
of these does not hold stops the sweep: nothing behind it is looked at. What went is written down beside the recording.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from vigie.record.seal import broken_blocks, read_seal, seal_path
from vigie.record.segment import configuration_of, segment_files
from vigie.terms.errors import RecordingError
from vigie.terms.units import NS_PER_S

REMOVED_FILE: Final = "removed.jsonl"
KEEP_SUFFIX: Final = ".keep"
_DAY_NS: Final = 86_400 * NS_PER_S
_NEWEST: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """What is kept: so many days, so many GiB; 0 is without end."""

    days: float = 0.0
    gib: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What one look at the folder did: names of removed segments, and why it stopped where it wanted to go on."""

    removed: tuple[str, ...] = ()
    stopped: str = ""


def keep_mark(segment: Path) -> Path:
    """Return the file that says that ``segment`` is kept."""
    return segment.with_name(segment.name + KEEP_SUFFIX)


def segments_of(folder: Path, from_ns: int, until_ns: int) -> list[Path]:
    """Return the segments that hold rows of a time range; one whose beginning is not known is taken to."""
    files = segment_files(folder)
    begins = [0 if (begin := configuration_of(path)) is None else begin[1].started_ns for path in files]
    ends = [*begins[1:], 0]
    return [
        f for f, begin, end in zip(files, begins, ends, strict=True) if begin < until_ns and (not end or from_ns < end)
    ]


def mark_kept(segment: Path, why: str) -> bool:
    """Mark a segment, so that no sweep removes it nor anything after it; False if it was marked already."""
    path = keep_mark(segment)
    if path.exists():
        return False
    path.write_text(why + "\n", "utf-8")
    return True


def sweep(
    folder: Path, keep: Keep, now_ns: int, *, unarchived: Callable[[int, int], str] = lambda _from_ns, _until_ns: ""
) -> Sweep:
    """Remove what is beyond ``keep``; the text says what stands in the way, if anything does.

    ``unarchived`` tells of a time range (ns UTC) what of it is not in the archive yet, in words; empty if all is.
    """
    removed: list[str] = []
    while True:
        files = segment_files(folder)
        if len(files) <= _NEWEST or not (why := _beyond(files, keep, now_ns)):
            return Sweep(removed=tuple(removed))
        oldest, following = files[0], files[1]
        doubt = _doubt(oldest, following, unarchived)
        if doubt:
            return Sweep(removed=tuple(removed), stopped=f"{oldest.name}: {doubt}")
        try:
            _remove(folder, oldest, why, now_ns)
        except OSError as trouble:
            return Sweep(removed=tuple(removed), stopped=f"{oldest.name}: cannot be removed: {trouble.strerror}")
        removed.append(oldest.name)


def _beyond(files: list[Path], keep: Keep, now_ns: int) -> str:
    """Return why the oldest of ``files`` may go, empty if it is still within what is kept."""
    begin = configuration_of(files[1])  # all of the oldest is older than the beginning of the next
    if keep.days and begin is not None and begin[1].started_ns < now_ns - keep.days * _DAY_NS:
        return f"older than {keep.days:g} days"
    octets = sum(path.stat().st_size for path in files)
    return f"more than {keep.gib:g} GiB" if keep.gib and octets > keep.gib * (1 << 30) else ""


def _doubt(oldest: Path, following: Path, unarchived: Callable[[int, int], str]) -> str:
    """Return what speaks against removing a segment, empty if nothing does."""
    if keep_mark(oldest).exists():
        return "is marked as kept"
    try:
        seal = read_seal(oldest)
        if seal is None:
            return "has no seal: it may be in use, or was cut off by a crash"
        broken = broken_blocks(oldest, seal)
        begin, own = configuration_of(following), configuration_of(oldest)
    except (OSError, RecordingError) as why:
        return f"cannot be judged: {why}"
    if broken:
        return f"is not as it was sealed: {broken[0]}"
    if begin is None or begin[1].previous_chain.hex() != seal.last_chain:
        return f"{following.name} does not go on from it"
    missing = unarchived(0 if own is None else own[1].started_ns, begin[1].started_ns)
    return f"waits for the archive: {missing}" if missing else ""


def _remove(folder: Path, segment: Path, why: str, now_ns: int) -> None:
    seal = read_seal(segment)
    assert seal is not None
    line = {"file": segment.name, "first_row": seal.first_row, "last_row": seal.last_row, "chain": seal.last_chain,
            "why": why, "now_ns": now_ns}  # fmt: skip
    with (folder / REMOVED_FILE).open("ab") as file:  # first it is said, then it is done
        file.write(msgspec.json.encode(line) + b"\n")
    segment.unlink()
    seal_path(segment).unlink(missing_ok=True)
