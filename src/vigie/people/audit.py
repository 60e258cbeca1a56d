"""The audit chain: who did what, from where, why, and what came of it; a change to it shows.

One JSON object a line. Each entry's ``chain`` is the SHA-256 of the entry before and of its own text, and is signed
with the node's Ed25519 key, so an entry that is edited, deleted, inserted, moved or brought from another log breaks
the chain at a place that ``verify`` names. A chain alone does not show a cut tail: ``anchor`` writes its head down
elsewhere (another disk, another machine, a printer), and ``verify`` finds what is missing up to there.
Source: the reliability plan, sections 3 (repudiation) and 5; Schneier and Kelsey, "Secure audit logs", 1999.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from vigie.terms.errors import VigieError

FILE: Final = "audit.ndjson"
KEY_FILE: Final = "audit.key"
ANCHOR_FILE: Final = "audit.anchor"
_START: Final = "0" * 64
_TAIL_OCTETS: Final = 65_536
_MAX_TEXT: Final = 2_000


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done or tried. ``outcome`` is ``done``, ``refused`` or ``failed``."""

    seq: int
    at_ns: int
    who: str
    role: str
    origin: str
    act: str
    subject: str = ""
    value: str = ""
    reason: str = ""
    outcome: str = "done"
    chain: str = ""
    signature: str = ""


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """The head of the chain at one moment, kept where who can change the log cannot change this."""

    seq: int
    chain: str
    at_ns: int
    public_key: str
    signature: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What ``verify`` found: the number of good entries, and the first fault (empty: none)."""

    entries: int
    fault: str = ""
    seq: int = 0


class AuditLog:
    """Appends to the chain in ``folder``; several processes may, each entry is written under a lock."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = folder / FILE
        self._key = _key(folder / KEY_FILE)
        self.public_key = self._key.public_key().public_bytes_raw().hex()
        self._size = -1
        self._seq = 0
        self._chain = _START

    def append(
        self, *, at_ns: int, who: str, role: str, origin: str, act: str, subject: str = "", value: str = "",
        reason: str = "", outcome: str = "done", sync: bool = True,
    ) -> Entry:  # fmt: skip
        """Write one entry; with ``sync`` it is on disk when this returns. Texts beyond 2,000 characters are cut."""
        handle = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            self._catch_up(handle)
            entry = Entry(
                seq=self._seq + 1, at_ns=at_ns, who=_cut(who), role=_cut(role), origin=_cut(origin), act=_cut(act),
                subject=_cut(subject), value=_cut(value), reason=_cut(reason), outcome=outcome,
            )  # fmt: skip
            chain = _link(self._chain, entry)
            signature = self._key.sign(bytes.fromhex(chain)).hex()
            entry = msgspec.structs.replace(entry, chain=chain, signature=signature)
            self._size += os.write(handle, msgspec.json.encode(entry) + b"\n")
            self._seq, self._chain = entry.seq, chain
            if sync:
                os.fdatasync(handle)
        finally:
            os.close(handle)
        return entry

    def anchor(self, at_ns: int, folders: tuple[Path, ...] = ()) -> Anchor:
        """Write the head down beside the log and in each of ``folders``; return it."""
        handle = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_SH)
            self._catch_up(handle)
            os.fdatasync(handle)
        finally:
            os.close(handle)
        head = Anchor(seq=self._seq, chain=self._chain, at_ns=at_ns, public_key=self.public_key, signature="")
        head = msgspec.structs.replace(head, signature=self._key.sign(_anchored(head)).hex())
        octets = msgspec.json.encode(head) + b"\n"
        for folder in (self._file.parent, *folders):
            fresh = folder / (ANCHOR_FILE + ".new")
            fresh.write_bytes(octets)
            fresh.replace(folder / ANCHOR_FILE)
        return head

    def _catch_up(self, handle: int) -> None:
        """Find the head again if another process wrote; end a line that a crash left open."""
        size = os.fstat(handle).st_size
        if size == self._size:
            return
        tail = os.pread(handle, _TAIL_OCTETS, max(0, size - _TAIL_OCTETS))
        if tail and not tail.endswith(b"\n"):
            size += os.write(handle, b"\n")
        self._seq, self._chain = 0, _START
        for line in reversed(tail.splitlines()):
            try:
                last = msgspec.json.decode(line, type=Entry)
            except (msgspec.MsgspecError, UnicodeError):
                continue  # the open line of a crash: verify names it
            self._seq, self._chain = last.seq, last.chain
            break
        self._size = size


def read(folder: Path, *, newest: int = 500) -> list[Entry]:
    """Return the newest entries that can be read, oldest first."""
    file = folder / FILE
    if not file.exists():
        return []
    entries = []
    for line in file.read_bytes().splitlines()[-newest:]:
        try:
            entries.append(msgspec.json.decode(line, type=Entry))
        except (msgspec.MsgspecError, UnicodeError):
            continue
    return entries


def verify(folder: Path, *, anchor: Path | None = None, public_key: str = "") -> Finding:
    """Check every entry, its place, its chain and its signature, and that the log reaches the last anchor.

    ``anchor`` is the file kept elsewhere (default: the one beside the log); ``public_key`` the node's key in
    hexadecimal (default: the anchor's, else that of the key file). The first fault is named with its entry.
    """
    head = _read_anchor(anchor or folder / ANCHOR_FILE)
    key_text = public_key or (head.public_key if head else "")
    if not key_text:
        if not (folder / KEY_FILE).exists():
            raise VigieError(
                f"{folder}: neither an anchor nor a key: give --key, or the anchor that was kept elsewhere"
            )
        key_text = _key(folder / KEY_FILE).public_key().public_bytes_raw().hex()
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key_text))
    if head is not None and not _signed(key, head.signature, _anchored(head)):
        return Finding(0, "the anchor's signature is not of this key", head.seq)
    seq, chain, anchored = 0, _START, head is None or head.seq == 0
    for line in _lines(folder / FILE):
        try:
            entry = msgspec.json.decode(line, type=Entry)
        except (msgspec.MsgspecError, UnicodeError):
            return Finding(seq, f"the line after entry {seq} cannot be read", seq + 1)
        if entry.seq != seq + 1:
            return Finding(seq, f"entry {seq + 1} is expected, entry {entry.seq} stands there", seq + 1)
        bare = msgspec.structs.replace(entry, chain="", signature="")
        if entry.chain != _link(chain, bare):
            return Finding(
                seq, f"entry {entry.seq} does not continue the chain: it or the one before was changed", entry.seq
            )
        if not _signed(key, entry.signature, bytes.fromhex(entry.chain)):
            return Finding(seq, f"entry {entry.seq} is not signed with this node's key", entry.seq)
        seq, chain = entry.seq, entry.chain
        if head is not None and seq == head.seq:
            if chain != head.chain:
                return Finding(seq - 1, f"entry {seq} is not the one that was anchored", seq)
            anchored = True
    if not anchored and head is not None:
        return Finding(
            seq, f"the log ends at entry {seq}, but entry {head.seq} was anchored: the tail was cut", seq + 1
        )
    return Finding(seq)


def _lines(file: Path) -> Iterator[bytes]:
    if file.exists():
        with file.open("rb") as held:
            for line in held:
                yield line.rstrip(b"\n")


def _link(chain: str, bare: Entry) -> str:
    return hashlib.sha256(bytes.fromhex(chain) + msgspec.json.encode(bare)).hexdigest()


def _anchored(head: Anchor) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(head, signature=""))


def _signed(key: Ed25519PublicKey, signature: str, octets: bytes) -> bool:
    try:
        key.verify(bytes.fromhex(signature), octets)
    except (InvalidSignature, ValueError):
        return False
    return True


def _read_anchor(file: Path) -> Anchor | None:
    if not file.exists():
        return None
    try:
        return msgspec.json.decode(file.read_bytes(), type=Anchor)
    except (msgspec.MsgspecError, UnicodeError) as why:
        raise VigieError(f"{file}: the anchor cannot be read: {why}") from why


def _key(file: Path) -> Ed25519PrivateKey:
    """Return the node's key, made at first use."""
    if not file.exists():
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as held:
            held.write(Ed25519PrivateKey.generate().private_bytes_raw())
            held.flush()
            os.fsync(held.fileno())
    octets = file.read_bytes()
    if len(octets) != 32:
        raise VigieError(f"{file}: a key has 32 octets, this file {len(octets)}. Restore it from the backup.")
    return Ed25519PrivateKey.from_private_bytes(octets)


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"
