"""axe-core in a page: what it finds that keeps people out (impact serious or critical)."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import pytest

from tests.browser import ROOT, Screen

SCRIPT = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"


@cache
def _source() -> str:
    if not SCRIPT.is_file():
        assert not os.environ.get("CI"), "CI must not leave out the accessibility check: run builders/web.py"
        pytest.skip("axe-core is not installed: run builders/web.py in this checkout")
    return SCRIPT.read_text("utf-8")


def serious(shown: Screen) -> list[Any]:
    """Return the serious and critical findings: rule, and the first elements it is about."""
    if shown.say("typeof window.axe === 'undefined'"):
        shown.say(f"(() => {{ {_source()} }})()")
    return shown.say(  # type: ignore[no-any-return]
        "axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations"
        ".filter((v) => v.impact === 'serious' || v.impact === 'critical')"
        ".map((v) => [v.id, v.nodes.slice(0, 3).map((n) => n.html.slice(0, 120))]))"
    )
