"""Every Python-side text has its French, with the same places for values; the language is found as documented."""

from __future__ import annotations

import importlib.util
import re
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from vigie.terms import words

ROOT = Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location("builders_words", ROOT / "builders" / "words.py")
assert _spec is not None
assert _spec.loader is not None
builder = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(builder)


def fields(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", [name for name in words.LANGUAGES if name != "en"])
def test_no_text_lacks_its_translation(language: str) -> None:
    po = words.LOCALE / language / "LC_MESSAGES" / "vigie.po"
    with po.open("rb") as file:
        held = read_po(file, locale=language)
    texts = [message.id for message in builder.collect() if message.id]
    assert len(texts) > 20, "the collector must find the texts of the code"
    lacking = [t for t in texts if held.get(t) is None or not held.get(t).string or held.get(t).fuzzy]
    assert not lacking, f"add French for these in {po.relative_to(ROOT)} (builders/words.py --update)"
    for text in texts:
        assert fields(held.get(text).string) == fields(text), text


def test_a_compiled_catalogue_speaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = Path("fr") / "LC_MESSAGES"
    builder.compile_catalogue(words.LOCALE / part / "vigie.po", tmp_path / part / "vigie.mo")
    monkeypatch.setattr(words, "LOCALE", tmp_path)
    words._catalogue.cache_clear()
    before = words.language_in_use()
    try:
        words.use_language("fr")
        assert words.tr("no link") == "sans liaison"
        assert words.tr("no link", "en") == "no link"
        assert words.tr("never seen") == "never seen"
        words.use_language("xx")
        assert words.tr("no link") == "no link"
    finally:
        words.use_language(before)
        words._catalogue.cache_clear()


@pytest.mark.parametrize(
    ("environ", "wanted", "found"),
    [
        ({}, "", "en"),
        ({}, "fr", "fr"),
        ({"LANG": "fr_NE.UTF-8"}, "", "fr"),
        ({"LANG": "fr_FR"}, "en", "en"),
        ({"VIGIE_LANGUAGE": "fr", "LANG": "en_GB.UTF-8"}, "", "fr"),
        ({"LC_ALL": "C.UTF-8", "LANG": "fr_FR"}, "", "en"),
        ({"VIGIE_LANGUAGE": "ha", "LANG": "fr_NE"}, "", "fr"),
        ({"LANG": "de_DE"}, "", "en"),
        ({"LANG": ""}, "fr-CA", "fr"),
    ],
)
def test_language_is_found(environ: dict[str, str], wanted: str, found: str) -> None:
    assert words.language_of(environ, wanted) == found


def test_no_text_hides_in_an_f_string() -> None:
    """Python before 3.12 reads an f-string as one token, so a text inside would be found on some machines only."""
    for file in (ROOT / "src" / "vigie").rglob("*.py"):
        assert not re.search(r"""\bf(["']).*\{_?tr\(.*\1""", file.read_text("utf-8")), file
