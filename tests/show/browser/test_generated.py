"""What the web build writes from the tables is what the sources say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_the_typescript_of_the_tables_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("builders_web", ROOT / "builders" / "web.py")
    assert spec is not None
    assert spec.loader is not None
    web = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(web)
    written = (ROOT / "web" / "src" / "generated" / "tables.ts").read_text("utf-8")
    assert written == web.tables_typescript(), "run: python builders/web.py --tables"


def test_no_lock_or_source_of_the_page_names_a_registry() -> None:
    for name in ("package.json", "package-lock.json"):
        text = (ROOT / "web" / name).read_text("utf-8")
        assert '"resolved"' not in text
        assert "registry" not in text
