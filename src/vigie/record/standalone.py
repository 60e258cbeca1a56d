"""Verify an incident package of Vigie with Python 3.8 or newer and nothing else.

Call it as ``python verify.py [FOLDER]``.

It checks, without the system that made the package: that every file is the one the manifest names (SHA-256) and none
was added; that the rows of the raw recording are undamaged (CRC32C) and follow each other in one hash chain (SHA-256);
that the chain is the one the centre signed while it recorded (Ed25519); that the manifest itself is signed by the same
key. Whether that key is the centre's, only the key itself can tell: compare it with the one the centre has published.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import struct
import sys
from typing import Any

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
SLICE = "recording.vrec"
CHAIN = "chain.json"

# Ed25519, after RFC 8032, 5.1 (verification only; slow and simple).
_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_Point = tuple[int, int, int, int]
_I = pow(2, (_P - 1) // 4, _P)


def _recover_x(y: int, sign: int) -> int | None:
    if y >= _P:
        return None
    x2 = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (_P + 3) // 8, _P)
    if (x * x - x2) % _P:
        x = x * _I % _P
    if (x * x - x2) % _P:
        return None
    return _P - x if (x & 1) != sign else x


def _point(octets: bytes) -> _Point | None:
    if len(octets) != 32:
        return None
    y = int.from_bytes(octets, "little")
    x = _recover_x(y & ((1 << 255) - 1), y >> 255)
    y &= (1 << 255) - 1
    return None if x is None else (x, y, 1, x * y % _P)


def _add(a: _Point, b: _Point) -> _Point:
    p, q = (a[1] - a[0]) * (b[1] - b[0]) % _P, (a[1] + a[0]) * (b[1] + b[0]) % _P
    r, s = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    e, f, g, h = q - p, s - r, s + r, q + p
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(n: int, point: _Point) -> _Point:
    found: _Point = (0, 1, 1, 0)
    while n:
        if n & 1:
            found = _add(found, point)
        point = _add(point, point)
        n >>= 1
    return found


_BY = 4 * pow(5, _P - 2, _P) % _P
_BX = _recover_x(_BY, 0) or 0
_BASE = (_BX, _BY, 1, _BX * _BY % _P)


def signed_by(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` (64 octets) of ``message`` was made with the key whose public half is ``public``."""
    if len(signature) != 64:
        return False
    a, r = _point(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= _L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _L
    left, right = _times(s, _BASE), _add(r, _times(h, a))
    same_x = (left[0] * right[2] - right[0] * left[2]) % _P == 0
    return same_x and (left[1] * right[2] - right[1] * left[2]) % _P == 0


def _crc_table() -> list[int]:
    table = []
    for value in range(256):
        crc = value
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
        table.append(crc)
    return table


_CRC = _crc_table()


def crc32c(octets: bytes) -> int:
    """Return the CRC32C (Castagnoli) of octets."""
    crc = 0xFFFFFFFF
    for octet in octets:
        crc = crc >> 8 ^ _CRC[(crc ^ octet) & 255]
    return crc ^ 0xFFFFFFFF


def verify(folder: str) -> tuple[list[str], dict[str, Any]]:
    """Return (problems, what was found) of the package in ``folder``; no problems: it is as it was sealed."""
    problems: list[str] = []
    facts: dict[str, Any] = {}
    try:
        with open(os.path.join(folder, MANIFEST), "rb") as file:
            text = file.read()
        manifest = json.loads(text)
        named = manifest["files"]
    except (OSError, ValueError, KeyError, TypeError) as why:
        return [MANIFEST + ": cannot be read: " + str(why)], facts
    facts["window"], facts["software"] = manifest.get("window"), manifest.get("software")
    _files(folder, named, problems)
    key = _signature(folder, manifest, text, problems)
    facts["key"] = key.hex()
    try:
        _chain(folder, key, problems, facts)
    except (OSError, ValueError, KeyError, TypeError, sqlite3.Error, struct.error) as why:
        problems.append(SLICE + ": cannot be read: " + str(why))
    return problems, facts


def _files(folder: str, named: dict[str, str], problems: list[str]) -> None:
    there = set()
    for root, _, names in os.walk(folder):
        for name in names:
            there.add(os.path.relpath(os.path.join(root, name), folder).replace(os.sep, "/"))
    for name in sorted(named):
        digest = hashlib.sha256()
        try:
            with open(os.path.join(folder, *name.split("/")), "rb") as file:
                for block in iter(lambda: file.read(1 << 20), b""):
                    digest.update(block)
        except OSError:
            problems.append(name + ": is missing")
            continue
        if digest.hexdigest() != named[name]:
            problems.append(name + ": was changed (its SHA-256 is not the one of the manifest)")
    problems.extend(name + ": was added" for name in sorted(there - set(named) - {MANIFEST, SIGNATURE}))


def _signature(folder: str, manifest: dict[str, Any], text: bytes, problems: list[str]) -> bytes:
    try:
        key = bytes.fromhex(manifest["public"])
        with open(os.path.join(folder, SIGNATURE)) as file:
            signature = bytes.fromhex(file.read().strip())
    except (OSError, ValueError, KeyError, TypeError):
        problems.append(SIGNATURE + ": the manifest is not signed")
        return b""
    if not signed_by(key, b"vigie incident 1\0" + text, signature):
        problems.append(SIGNATURE + ": the signature of the manifest is wrong")
    return key


def _chain(folder: str, key: bytes, problems: list[str], facts: dict[str, Any]) -> None:
    with open(os.path.join(folder, CHAIN), "rb") as file:
        proof = json.load(file)
    heads = {head["row"]: head for head in proof["heads"]}
    path = os.path.abspath(os.path.join(folder, SLICE)).replace("?", "%3f").replace("#", "%23")
    db = sqlite3.connect("file:" + path + "?mode=ro&immutable=1", uri=True)
    chain, number, rows, signed = None, None, 0, 0
    for seq, crc, stated, payload in db.execute("SELECT seq, crc, chain, payload FROM batch ORDER BY seq"):
        if not all(isinstance(part, bytes) for part in (crc, stated, payload)):
            problems.append(f"row {seq}: is damaged (no octets)")
            chain, number, rows = None, seq, rows + 1
            continue
        if struct.pack("<I", crc32c(payload)) != crc:
            problems.append(f"row {seq}: is damaged (CRC32C)")
        if number is not None and seq != number + 1:
            problems.append(f"rows {number + 1} to {seq - 1}: are missing")
        elif chain is not None and hashlib.sha256(chain + crc + payload).digest() != stated:
            problems.append(f"row {seq}: the hash chain is broken")
        chain, number, rows = stated, seq, rows + 1
        head = heads.get(seq)
        if head is not None:
            text = b"vigie head 1\0" + struct.pack(">Qq", seq, head["now_ns"]) + stated
            if head["public"] != key.hex() or not signed_by(key, text, bytes.fromhex(head["signature"])):
                problems.append(f"row {seq}: the centre's signature of the chain is wrong")
            else:
                signed += 1
    db.close()
    if rows != proof["rows"]:
        problems.append(f"{SLICE}: holds {rows} rows, {proof['rows']} were sealed")
    if not signed:
        problems.append("no row of the recording is under a signed head")
    facts["rows"], facts["signed heads"] = rows, signed


def main(argv: list[str]) -> int:
    """Print what was found; return 0 where the package is as it was sealed."""
    folder = argv[1] if len(argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    problems, facts = verify(folder)
    for name in sorted(facts):
        sys.stdout.write(f"{name}: {facts[name]}\n")
    for problem in problems:
        sys.stdout.write("PROBLEM " + problem + "\n")
    sys.stdout.write("the package is as it was sealed\n" if not problems else f"{len(problems)} problems\n")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv))
