"""The incident package: sealed, verified by its own file alone, and any change of it named."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.app.test_recording import SITE
from tests.record.batches import make_batch
from tests.way.command import vigie
from vigie.record.copy import write_recording
from vigie.record.heads import signer_of
from vigie.record.standalone import crc32c, signed_by


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of 40 s out of 90 s of frames that hold no ASTERIX: what is sealed matters here."""
    folder = tmp_path_factory.mktemp("incident")
    batches = (make_batch(i, frames=3) for i in range(900))
    write_recording(folder / "data", batches, site_text=SITE, known_text="", version="t", origin="a test",
                    signer=signer_of(folder / "data"))  # fmt: skip
    vigie("incident", "make", folder / "data", "--from", "20", "--until", "60", "--to", folder / "package")
    return folder / "package"


def alone(folder: Path) -> tuple[int, str]:
    """Run the package's own file as another machine would: no environment, no site packages."""
    run = subprocess.run([sys.executable, "-I", "-S", str(folder / "verify.py")], capture_output=True, text=True,
                         check=False, timeout=120, env={})  # fmt: skip
    return run.returncode, run.stdout + run.stderr


def test_the_package_verifies_alone_and_by_the_command(package: Path) -> None:
    code, said = alone(package)
    assert code == 0, said
    assert "signed heads: 1" in said
    vigie("incident", "verify", package)
    assert ElementTree.parse(package / "picture.svg").getroot().tag.endswith("svg")
    assert (package / "picture.png").read_bytes().startswith(b"\x89PNG")
    held = (package / "identities.csv").read_text("utf-8").splitlines()
    assert held[0].startswith("time,now_ns,track_no,category")
    software = json.loads((package / "software.json").read_text("utf-8"))
    assert len(software["files"]["app/pipeline.py"]) == 64
    assert json.loads((package / "flights.json").read_text("utf-8")) is not None
    said = vigie("incident", "make", package.parent / "data", "--to", package, expect=2)
    assert "nothing is overwritten" in said


@pytest.mark.parametrize("harm", ["file", "added", "missing", "row", "chain", "manifest", "unsigned"])
def test_every_change_is_named(package: Path, tmp_path: Path, harm: str) -> None:
    folder = tmp_path / "p"
    shutil.copytree(package, folder)
    named = {"file": "tracks.csv", "added": "more.txt", "missing": "alerts.csv", "row": "damaged", "chain": "missing",
             "manifest": "signature of the manifest", "unsigned": "not signed"}[harm]  # fmt: skip
    if harm == "file":
        (folder / "tracks.csv").write_text("nothing happened", "utf-8")
    elif harm == "added":
        (folder / "more.txt").write_text("x", "utf-8")
    elif harm == "missing":
        (folder / "alerts.csv").unlink()
    elif harm == "manifest":
        text = (folder / "manifest.json").read_text("utf-8")
        (folder / "manifest.json").write_text(text.replace("Saenz Pena", "Somewhere"), "utf-8")
    elif harm == "unsigned":
        (folder / "manifest.sig").unlink()
    else:
        with sqlite3.connect(folder / "recording.vrec") as db:
            low, high = db.execute("SELECT min(seq), max(seq) FROM batch").fetchone()
            if harm == "row":
                (payload,) = db.execute("SELECT payload FROM batch WHERE seq = ?", ((low + high) // 2,)).fetchone()
                harmed = bytes([*payload[:-1], payload[-1] ^ 1])
                db.execute("UPDATE batch SET payload = ? WHERE seq = ?", (harmed, (low + high) // 2))
            else:
                db.execute("DELETE FROM batch WHERE seq = ?", ((low + high) // 2,))
    code, said = alone(folder)
    assert code == 1
    assert named in said, said


def test_the_plain_signature_check_agrees_with_the_library() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    for text in (b"", b"a", bytes(300)):
        good = key.sign(text)
        assert signed_by(public, text, good)
        for i in (0, 31, 32, 63):
            bad = bytearray(good)
            bad[i] ^= 1
            assert not signed_by(public, text, bytes(bad))
    assert crc32c(b"123456789") == 0xE3069283  # RFC 3720 B.4
