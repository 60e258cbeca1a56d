"""The rules of the house that a tool can check: documentation that cannot lie, rooms that say what they are."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
PACKAGE = ROOT / "src/vigie"
ROOMS = sorted(p.name for p in PACKAGE.iterdir() if (p / "__init__.py").is_file())


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize(
    "name",
    [
        "tables.md",
        "ledgers.md",
        "commands.md",
        "site-file.md",
        "exercises.md",
        "formats.md",
        "alerts.md",
        "areas-and-flights.md",
    ],
)
def test_reference_pages_are_what_the_code_says(name: str) -> None:
    from builders.reference import BUILDERS, PAGES

    assert (PAGES / name).read_text("utf-8") == BUILDERS[name](), "run: python builders/reference.py"


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_says_what_it_is(room: str) -> None:
    words = (PACKAGE / room / "__init__.py").read_text("utf-8")
    assert words.startswith('"""')
    for part in ("Comes in:", "Goes out:", "Never:", "Begin reading"):
        assert part in words, f"{room}/__init__.py lacks {part!r}"


def test_files_stay_short() -> None:
    long = {
        str(f.relative_to(ROOT)): n
        for f in PACKAGE.rglob("*.py")
        if (n := len(f.read_text("utf-8").splitlines())) > 450
    }
    assert not long


def test_no_lock_file_holds_an_address() -> None:
    for lock in [*ROOT.glob("*.lock"), *ROOT.glob("web/package-lock.json")]:
        text = lock.read_text("utf-8")
        assert '"resolved"' not in text, lock
        assert not re.search(r"--(extra-)?index-url|https?://\S+\.(whl|tgz|tar\.gz)", text), lock


def test_requirements_are_pinned_by_hash() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        pins = re.findall(r"^[a-z0-9_.-]+==.*$", lock.read_text("utf-8"), re.MULTILINE)
        assert len(pins) > 10
        assert all(p.rstrip().endswith("\\") for p in pins), f"{lock.name}: a pin without a hash"


def test_nothing_of_this_machine_or_of_a_weapon() -> None:
    """No absolute path of a build machine in the tree, and no word of what Vigie refuses to do in its code."""
    machine = re.compile(rf"(/home/\w+/|/root/|{re.escape(str(ROOT))})")
    weapon = re.compile(r"\b(fire_control|engage_target|weapon_assign\w*|intercept_solution|missile_guid\w*)\b", re.I)
    for file in tracked_files():
        if file.suffix in {".png", ".gz", ".mo", ".lock", ".bin"} or file.name == Path(__file__).name:
            continue
        text = file.read_text("utf-8", errors="replace")
        assert not machine.search(text), file
        if PACKAGE in file.parents:
            assert not weapon.search(text), file


def test_no_blanket_handlers_prints_or_exits_in_the_library() -> None:
    for file in PACKAGE.rglob("*.py"):
        text = file.read_text("utf-8")
        assert not re.search(r"^\s*(except Exception\b|except:)", text, re.MULTILINE), file
        if "app" not in file.parts:
            assert not re.search(r"^\s*(print\(|sys\.exit\()", text, re.MULTILINE), file


def test_the_readme_commands_exist() -> None:
    from vigie.app.cli import COMMANDS

    make_targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    for page in [*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md")]:
        text = page.read_text("utf-8")
        for name in re.findall(r"^\s*(?:\$ )?make ([a-z]+)", text, re.MULTILINE):
            assert name in make_targets, f"{page.name}: make {name}"
        for name in re.findall(r"^\s*(?:\$ )?vigie ([a-z]+)", text, re.MULTILINE):
            assert name in COMMANDS, f"{page.name}: vigie {name}"
