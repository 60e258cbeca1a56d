"""Words for people: each Python-side text in the reader's language, by gettext catalogues.

``tr("text")`` in code, ``src/vigie/locale/LANGUAGE/LC_MESSAGES/vigie.po`` for the translations, ``builders/words.py``
to collect and compile them. English is the text itself. This is the one place of ``terms`` that reads a file: the
catalogue, once, when a language is first used.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("en", "fr")
LOCALE: Final = Path(__file__).resolve().parent.parent / "locale"
_VARIABLES: Final = ("VIGIE_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
_in_use: Final = ["en"]


def use_language(language: str) -> None:
    """Let ``tr`` speak ``language`` (``en`` or ``fr``; any other is English) from now on, in this process."""
    _in_use[0] = language if language in LANGUAGES else "en"


def language_in_use() -> str:
    """Return the language that ``tr`` speaks."""
    return _in_use[0]


def tr(text: str, language: str = "") -> str:
    """Return ``text`` in ``language``, by default the one in use; the text itself where there is no translation.

    Values go in afterwards: ``tr("{n} sensors").format(n=3)``.
    """
    return _catalogue(language or _in_use[0]).gettext(text)


def language_of(environ: Mapping[str, str], wanted: str = "") -> str:
    """Return the language to use: ``wanted`` first, then VIGIE_LANGUAGE, LC_ALL, LC_MESSAGES, LANG, else English."""
    for value in (wanted, *(environ.get(name, "") for name in _VARIABLES)):
        code = value.replace("-", "_").partition("_")[0].partition(".")[0].lower()
        if code in LANGUAGES:
            return code
        if code in {"c", "posix"}:
            return "en"
    return "en"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    try:
        return gettext.translation("vigie", LOCALE, [language])
    except OSError:  # English, or a checkout whose catalogues are not compiled
        return gettext.NullTranslations()
