"""What the web build writes from the tables is what the sources say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

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


@pytest.mark.browser
def test_the_page_is_under_a_megabyte_without_the_borders() -> None:
    page = ROOT / "src" / "vigie" / "show" / "page"
    files = [f for f in page.rglob("*") if f.is_file() and f.suffix != ".gz" and "borders" not in f.parts]
    assert files, "the page is not built: run builders/web.py"
    packed = [f.with_name(f.name + ".gz") for f in files]
    size = sum((p if p.is_file() else f).stat().st_size for f, p in zip(files, packed, strict=True))
    assert size < 1_000_000
