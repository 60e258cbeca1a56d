"""The display has words, in both languages, for every reason that the monitor may give."""

from __future__ import annotations

import json
from pathlib import Path

from vigie.monitor.reasons import REASONS

WORDS = Path(__file__).resolve().parents[2] / "web/src/words"


def test_every_reason_of_a_sensor_has_its_words_in_both_languages() -> None:
    english, french = (json.loads((WORDS / f"{name}.json").read_text("utf-8"))["sensorReason"] for name in ("en", "fr"))
    assert english == {str(bit.bit_length() - 1): words for bit, (_, words) in REASONS.items()}
    assert french.keys() == english.keys()
    assert all(words and words != english[bit] for bit, words in french.items())
