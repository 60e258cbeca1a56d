"""Signed heads: every five minutes the chain's last hash, signed with a key that only this centre has.

A chain alone shows that nothing in the middle was changed; who holds the files could still write all of it anew, or
cut its end. A head signed with the centre's key cannot be made anew without the key, and the list of heads beside the
recording (to be copied elsewhere) says how far the recording went. Source: reliability study, sections 3 and 5.6.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from vigie.terms.errors import RecordingError
from vigie.terms.units import NS_PER_S
from vigie.wire.recording.bodies import Head

HEAD_EVERY_NS: Final = 300 * NS_PER_S
KEY_FILE: Final = "recording.key"
PUBLIC_FILE: Final = "recording.pub"
HEADS_FILE: Final = "heads.jsonl"
_MARK: Final = b"vigie head 1\0"


def signed_text(head: Head) -> bytes:
    """Return the octets that a head's signature covers: mark, row, time (16 octets, big-endian) and chain hash."""
    return _MARK + head.row.to_bytes(8, "big") + head.now_ns.to_bytes(8, "big", signed=True) + head.chain


@dataclass(frozen=True, slots=True)
class Signer:
    """The centre's key; ``public`` is what a verifier needs."""

    key: Ed25519PrivateKey
    public: bytes

    def head(self, row: int, now_ns: int, chain: bytes) -> Head:
        """Return the signed head of a chain that ends with ``row``."""
        plain = Head(row=row, now_ns=now_ns, chain=chain, public=self.public, signature=b"")
        return msgspec.structs.replace(plain, signature=self.key.sign(signed_text(plain)))


def signer_of(folder: Path) -> Signer:
    """Return the key of a recording's folder; it is made at the first start, readable by its owner only.

    Raises
    ------
    RecordingError
        If the key cannot be read or made, or others may read it.
    """
    path = folder / KEY_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            key = Ed25519PrivateKey.generate()
            octets = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(octets)
                file.flush()
                os.fsync(file.fileno())
        if path.stat().st_mode & 0o077:
            raise RecordingError(f"{path}: others than its owner may read this key. Run: chmod 600 {path}")
        key = Ed25519PrivateKey.from_private_bytes(path.read_bytes())
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        if not (folder / PUBLIC_FILE).exists():
            (folder / PUBLIC_FILE).write_text(public.hex() + "\n", "ascii")
    except (OSError, ValueError, UnsupportedAlgorithm) as why:
        raise RecordingError(f"{path}: the key that signs the recording cannot be used: {why}. "
                             "Keep it aside and start again: a new key is made.") from why  # fmt: skip
    return Signer(key, public)


def public_of(folder: Path) -> bytes:
    """Return the public key that lies beside a recording, empty where there is none; RecordingError if damaged."""
    path = folder / PUBLIC_FILE
    try:
        return bytes.fromhex(path.read_text("ascii").strip())
    except FileNotFoundError:
        return b""
    except (OSError, ValueError) as why:
        raise RecordingError(f"{path}: is no public key: {why}") from why


def is_signed(head: Head) -> bool:
    """Whether the signature of ``head`` is that of its own public key."""
    try:
        Ed25519PublicKey.from_public_bytes(head.public).verify(head.signature, signed_text(head))
    except (InvalidSignature, ValueError, OverflowError):
        return False
    return True


def note_head(folder: Path, head: Head) -> None:
    """Append a head to the list beside the recording; OSError if it cannot be written."""
    line = {"row": head.row, "now_ns": head.now_ns, "chain": head.chain.hex(), "public": head.public.hex(),
            "signature": head.signature.hex()}  # fmt: skip
    with (folder / HEADS_FILE).open("ab") as file:
        file.write(msgspec.json.encode(line) + b"\n")


def listed_heads(file: Path) -> list[Head]:
    """Return the heads of a list; a line cut off at the end (a crash) is left out, any other is an error.

    Raises
    ------
    RecordingError
        If a line inside is damaged.
    """
    try:
        lines = file.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as why:
        raise RecordingError(f"{file}: cannot be read: {why.strerror}") from why
    heads = []
    for number, line in enumerate(lines[:-1], 1):
        try:
            tree = msgspec.json.decode(line, type=dict[str, str | int])
            heads.append(Head(row=int(tree["row"]), now_ns=int(tree["now_ns"]), chain=bytes.fromhex(str(tree["chain"])),
                              public=bytes.fromhex(str(tree["public"])),
                              signature=bytes.fromhex(str(tree["signature"]))))  # fmt: skip
        except (msgspec.DecodeError, ValueError, KeyError) as why:
            raise RecordingError(f"{file}:{number}: the head is damaged: {why}") from why
    return heads
