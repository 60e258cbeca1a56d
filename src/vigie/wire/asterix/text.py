"""Characters packed into bits, as ASTERIX items carry them."""

from __future__ import annotations

from typing import Final

_ICAO: Final = "".join(
    chr(64 + i) if 1 <= i <= 26 else " " if i == 32 else chr(i) if 48 <= i <= 57 else "?" for i in range(64)
)


def text_of(kind: str, raw: int, width: int) -> str:
    """Return the characters that ``width`` bits hold: ``icao`` (6 bits, illegal codes as ?), ``ascii`` or ``octal``."""
    size = {"icao": 6, "ascii": 8, "octal": 3}[kind]
    codes = [raw >> shift & ((1 << size) - 1) for shift in range(width - size, -1, -size)]
    if kind == "octal":
        return "".join(str(c) for c in codes)
    if kind == "icao":
        return "".join(_ICAO[c] for c in codes)
    return "".join(chr(c) if 32 <= c < 127 else "?" for c in codes)
