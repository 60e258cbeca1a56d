"""Collect and compile the words of the Python side.

    python builders/words.py            compile every .po beside its .mo (needed for French at run time, and in a wheel)
    python builders/words.py --update   first collect the texts of ``tr("...")`` into the .po files; new ones are empty

English is the text in the code. ``tests/show/test_words.py`` fails when a text has no French.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "vigie"
KEYWORDS = {"tr": None, "_tr": None}


def collect() -> Catalog:
    """Return the texts of the code, each with the files it stands in."""
    found = Catalog(project="Vigie", fuzzy=False)
    for file, _line, text, comments, _context in extract_from_dir(
        PACKAGE, [("**.py", "python")], keywords=KEYWORDS, comment_tags=["Translators:"]
    ):
        found.add(text, locations=[(file, None)], auto_comments=comments)
    return found


def catalogues() -> list[Path]:
    """Return the .po files."""
    return sorted((PACKAGE / "locale").glob("*/LC_MESSAGES/vigie.po"))


def update(po: Path, texts: Catalog) -> int:
    """Bring one .po file up to date; return how many texts lack a translation."""
    with po.open("rb") as file:
        held = read_po(file, locale=po.parts[-3])
    held.update(texts, no_fuzzy_matching=True, update_creation_date=False)
    held.obsolete.clear()
    with po.open("wb") as file:
        write_po(file, held, width=116, sort_output=True, include_lineno=False, omit_header=True)  # it only churns
    return sum(1 for message in held if message.id and not message.string)


def compile_catalogue(po: Path, mo: Path) -> None:
    """Write the binary catalogue that gettext reads."""
    with po.open("rb") as file:
        held = read_po(file, locale=po.parts[-3])
    mo.parent.mkdir(parents=True, exist_ok=True)
    with mo.open("wb") as file:
        write_mo(file, held)


def main() -> int:
    """Do what the command line says; 1 if ``--update`` leaves texts without a translation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true")
    lacking = 0
    if parser.parse_args().update:
        texts = collect()
        for po in catalogues():
            count = update(po, texts)
            lacking += count
            print(f"{po.relative_to(PACKAGE)}: {count} texts to translate")
    for po in catalogues():
        compile_catalogue(po, po.with_suffix(".mo"))
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
