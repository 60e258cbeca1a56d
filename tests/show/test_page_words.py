"""What the server names and the page says in words: each has its word in both languages, and no word is left over."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from vigie.people.permissions import ACTS
from vigie.receive.status import STATES
from vigie.show.accountpages import GIVEN

ROOT = Path(__file__).resolve().parents[2]
DOORS = ("server.", "session.", "page.", "password.")


def words_of(language: str, group: str) -> dict[str, str]:
    held = json.loads((ROOT / "web" / "src" / "words" / f"{language}.json").read_text("utf-8"))[group]
    assert isinstance(held, dict)
    return held


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_act_a_person_does_has_its_name(language: str) -> None:
    done = {act.replace(".", "_") for act in ACTS if not act.endswith(".read") and not act.startswith(DOORS)}
    held = words_of(language, "did")
    assert done == set(held)
    assert all(text.strip() and "_" not in text for text in held.values())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_role_has_its_name(language: str) -> None:
    assert set(words_of(language, "role")) == set(GIVEN)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_state_of_a_link_has_its_name(language: str) -> None:
    held = words_of(language, "linkState")
    assert set(held) == set(STATES)
    assert all(text.strip() for text in held.values())


def test_no_link_is_in_a_state_without_a_name() -> None:
    """Every text that the links' code calls ``turn`` with or sets as ``state`` is one of the states."""
    used: set[str] = set()
    for file in (ROOT / "src" / "vigie" / "receive").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "turn":
                used |= {n.value for n in ast.walk(node.args[0]) if isinstance(n, ast.Constant)}
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                names = [t.attr for t in node.targets if isinstance(t, ast.Attribute)]
                used |= {node.value.value} if names == ["state"] else set()
    assert used == set(STATES)
