"""The audit chain: every way to change it is found, with the entry that is wrong (R35, F97)."""

from __future__ import annotations

import random
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from vigie.people.audit import ANCHOR_FILE, FILE, KEY_FILE, AuditLog, Entry, read, verify
from vigie.terms.errors import VigieError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    log = AuditLog(tmp_path / "a")
    for n in range(40):
        log.append(at_ns=n, who="aicha", role="operator", origin="192.0.2.1", act="track.name", subject=str(n),
                   value="Nigéria 7", reason="=cmd|' /C calc'!A0", sync=False)  # fmt: skip
    log.anchor(40)
    return tmp_path / "a"


def lines_of(folder: Path) -> list[bytes]:
    return (folder / FILE).read_bytes().splitlines(keepends=True)


def test_a_whole_log_is_whole_and_private(folder: Path) -> None:
    assert verify(folder).fault == ""
    assert verify(folder).entries == 40
    assert [e.seq for e in read(folder, newest=3)] == [38, 39, 40]
    for name in (FILE, KEY_FILE):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


def test_two_processes_write_one_chain(folder: Path) -> None:
    one, two = AuditLog(folder), AuditLog(folder)
    for n in range(20):
        (one if n % 3 else two).append(at_ns=n, who="x", role="", origin="", act="a", sync=False)
    assert verify(folder).entries == 60
    assert verify(folder).fault == ""


def edit(lines: list[bytes], at: int) -> None:
    lines[at] = lines[at].replace(b"aicha", b"moussa")


def delete(lines: list[bytes], at: int) -> None:
    del lines[at]


def double(lines: list[bytes], at: int) -> None:
    lines.insert(at, lines[at])


def swap(lines: list[bytes], at: int) -> None:
    lines[at], lines[at + 1] = lines[at + 1], lines[at]


def cut_a_line(lines: list[bytes], at: int) -> None:
    lines[at] = lines[at][:50] + b"\n"


def cut_the_tail(lines: list[bytes], at: int) -> None:
    del lines[at:]


@pytest.mark.parametrize("change", [edit, delete, double, swap, cut_a_line, cut_the_tail])
@pytest.mark.parametrize("seed", range(5))
def test_each_change_is_found_at_its_entry(folder: Path, change: Callable[[list[bytes], int], None], seed: int) -> None:
    at = random.Random(seed).randrange(1, 38)
    lines = lines_of(folder)
    change(lines, at)
    (folder / FILE).write_bytes(b"".join(lines))
    found = verify(folder)
    assert found.fault
    assert found.seq in (at + 1, at + 2)
    assert found.entries in (at, at + 1)


FIELDS = sorted(set(Entry.__struct_fields__))


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("at", [0, 17, 39])
def test_f97_an_entry_edited_in_place_is_named(folder: Path, field: str, at: int) -> None:
    """F97: whichever field of an entry is edited in the file, ``verify`` names that entry."""
    lines = lines_of(folder)
    entry = msgspec.json.decode(lines[at], type=Entry)
    held = getattr(entry, field)
    other = held + 1 if isinstance(held, int) else ("0" if held[:1] != "0" else "1") + held[1:]
    lines[at] = msgspec.json.encode(msgspec.structs.replace(entry, **{field: other})) + b"\n"
    (folder / FILE).write_bytes(b"".join(lines))
    found = verify(folder)
    assert found.seq == at + 1
    assert f"entry {at + 1}" in found.fault
    assert found.entries == at


def test_an_entry_of_another_log_or_made_anew_is_found(folder: Path, tmp_path: Path) -> None:
    other = AuditLog(tmp_path / "b")
    for n in range(40):
        other.append(at_ns=n, who="x", role="", origin="", act="a", sync=False)
    lines = lines_of(folder)
    lines[20] = lines_of(tmp_path / "b")[20]
    (folder / FILE).write_bytes(b"".join(lines))
    assert verify(folder).seq == 21
    # A whole new chain under another key fits itself, but neither the node's key nor the anchor.
    shutil.copy(tmp_path / "b" / FILE, folder / FILE)
    assert verify(folder).fault


def test_a_cut_tail_needs_the_anchor_that_is_kept_elsewhere(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.anchor"
    shutil.copy(folder / ANCHOR_FILE, kept)
    (folder / FILE).write_bytes(b"".join(lines_of(folder)[:30]))
    (folder / ANCHOR_FILE).unlink()
    assert verify(folder).fault == ""  # alone it cannot know
    found = verify(folder, anchor=kept)
    assert "tail was cut" in found.fault
    assert found.seq == 31


def test_a_line_left_open_by_a_crash_is_named_and_work_goes_on(folder: Path) -> None:
    with (folder / FILE).open("ab") as file:
        file.write(b'{"seq":41,"at_')
    AuditLog(folder).append(at_ns=50, who="x", role="", origin="", act="a")
    assert [e.seq for e in read(folder)][-1] == 41
    assert "cannot be read" in verify(folder).fault


def test_texts_are_bounded_and_a_missing_key_is_said(folder: Path, tmp_path: Path) -> None:
    entry = AuditLog(folder).append(at_ns=1, who="x", role="", origin="", act="a", value="v" * 100_000)
    assert len(entry.value) == 2_000
    with pytest.raises(VigieError, match="neither an anchor nor a key"):
        verify(tmp_path / "nothing")
