"""Octets again from the lines of the people's view: Mode S messages, and JSON that means harm (F13)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.way.command import vigie
from vigie.airspace.geojson import read_geojson
from vigie.airspace.uas import read_ed269, read_ed318
from vigie.app.items import encode_lines, item_lines
from vigie.receive.files import open_input
from vigie.terms import strict_json
from vigie.terms.errors import UsageError
from vigie.wire.modes import encode
from vigie.wire.modes.framing import avr_lines, beast_frames

DEEP = '{"parts": [' * 10_000 + "]}" * 10_000
LINE = '{"category": 48, "items": [{"name": "010", "parts": [{"name": "SAC", "raw": 1}, {"name": "SIC", "raw": %s}]}]}'


def messages() -> tuple[np.ndarray, np.ndarray]:
    """Return two long and two short messages and a Mode A reply; octets of the escape among them."""
    rows = np.zeros((5, 14), np.uint8)
    rows[:2] = encode.df17_identification(np.array([0x1A1A1A, 0x400001]), b"VIGIE")
    rows[2:4, :7] = encode.df11(np.array([0x1A1A1A, 0x400001]))
    rows[4, :2] = 0x1A, 0x20
    return rows, np.array([14, 14, 7, 7, 2])


def again(file: Path, form: str) -> tuple[bytes, list[dict[str, object]]]:
    """Return what the lines of a file become, and the lines."""
    lines = [line for frames in open_input(str(file)) for line in item_lines(frames, {}, 1)]
    (file.parent / "items.ndjson").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    vigie("encode", file.parent / "items.ndjson", "--to", file.parent / "again", "--format", form)
    return (file.parent / "again").read_bytes(), lines


def test_a_beast_stream_becomes_the_same_octets(tmp_path: Path) -> None:
    rows, sizes = messages()
    stream = beast_frames(rows, sizes, np.arange(5) * 0x1A_000_000 + 7, np.array([0x1A, 1, 255, 0, 9]))[0].tobytes()
    status = b"\x1a4" + bytes(range(6)) + b"\x05" + bytes(range(1, 15))
    (tmp_path / "x.bin").write_bytes(stream + status + stream)
    octets, lines = again(tmp_path / "x.bin", "beast")
    assert octets == stream + status + stream
    five = ["DF17", "DF17", "DF11", "DF11", "AC"]
    assert [line["format"] for line in lines] == [*five, "STATUS", *five]


def test_avr_text_becomes_the_same_text(tmp_path: Path) -> None:
    rows, sizes = messages()
    strong = b"<0000000000012A" + rows[3, :7].tobytes().hex().upper().encode() + b";\n"
    text = avr_lines(rows, sizes) + avr_lines(rows, sizes, np.arange(5) + 2**40) + strong
    (tmp_path / "x.txt").write_bytes(text)
    assert again(tmp_path / "x.txt", "avr")[0] == text


@pytest.mark.shared
def test_every_message_of_the_recording_comes_back(shared: Path, tmp_path: Path) -> None:
    text = (shared / "data/modes/dump1090_modes1.avr.txt").read_bytes()
    (tmp_path / "x.txt").write_bytes(text)
    octets, lines = again(tmp_path / "x.txt", "avr")
    assert len(lines) == 217
    assert octets.split() == text.upper().split()


def test_what_is_no_message_is_named() -> None:
    good = {"octets": "5d400001d9b89c", "format": "DF11"}
    for change, words in (
        ({"octets": "5d4000"}, "a message has 2, 7 or 14 octets, found 3"), ({"octets": "zz"}, "hexadecimal digits"),
        ({"octets": 5}, "hexadecimal digits"), ({"stamp": -1}, "stamp: expected a whole number from 0 to"),
        ({"stamp": 1 << 48}, "stamp"), ({"signal": 256}, "signal"), ({"signal": 1.5}, "signal"),
        ({"error": {"reason": "bad_crc"}}, "is a rejected record"), ({"format": "STATUS"}, "found 7"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=words) as why:
            list(encode_lines(["", json.dumps({**good, **change})]))
        assert "line 2" in str(why.value)
    with pytest.raises(UsageError, match="a file of its own"):
        list(encode_lines([json.dumps(good), LINE % 1]))
    assert list(encode_lines([LINE % 1])) == [bytes.fromhex("300006800101")]


HARM = {
    "NaN": "NaN is no number", "Infinity": "Infinity is no number", "-Infinity": "is no number",
    "1e400": "1e400 is beyond every number", "1" * 5_000: "5000 digits", "1.5": "expected a whole number",
    "true": "expected a whole number", "-1": "expected a whole number from 0", "256": "does not fit 8 bits",
    "null": "expected a whole number", "[]": "expected a whole number", "1, \"raw\": 2": "'raw' stands twice",
    "1, \"presence\": 1000000000": "presence", "1, \"octets\": \"0\"": "hexadecimal",
    "1, \"parts\": [1]": "expected an object", "1, \"parts\": " + DEEP: "nested too deep",
    "1, \"parts\": [" + '{"parts": [' * 100 + "]}" * 100 + "]": "nested more than 24 deep",
}  # fmt: skip


@pytest.mark.parametrize("harm", HARM, ids=lambda text: text[:16])
def test_lines_that_mean_harm_are_refused_by_place_and_reason(harm: str) -> None:
    """F13, where records come in as JSON."""
    with pytest.raises(UsageError, match=HARM[harm]) as why:
        list(encode_lines([LINE % 1, LINE % harm]))
    assert str(why.value).startswith("line 2: ")
    assert len(str(why.value)) < 400


@pytest.mark.parametrize("text", [DEEP, "[" * 10_000, "[" * 100_000 + "]" * 100_000])
def test_depth_is_no_recursion_error(text: str) -> None:
    """F13, in every reader of JSON that somebody else wrote."""
    with pytest.raises(ValueError, match=r"nested too deep|Expecting"):
        strict_json.loads(text)
    for read in (read_geojson, read_ed269, read_ed318):
        volumes, problems = read(text, "x.json")
        assert not volumes
        assert "is not JSON" in problems[0].reason


FEATURE = """{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"name": "A"}, "geometry":
 {"type": "Polygon", "coordinates": [[[1, 10], [2, 10], [2, %s], [1, 10]]]}}]}"""


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "1e400", "91", '"x"', "null", "[[]]", '11], "y": [1'])
def test_areas_with_impossible_numbers_are_set_aside(bad: str) -> None:
    """F13, where areas come in as JSON."""
    good, none = read_geojson(FEATURE % "11", "x.json")
    assert len(good) == 1
    assert not none
    volumes, problems = read_geojson(FEATURE % bad, "x.json")
    assert not volumes
    assert problems[0].reason
    volumes, problems = read_geojson(
        FEATURE.replace('"type": "Polygon"', '"type": "Point", "type": "Polygon"') % 11, "x"
    )
    assert not volumes
    assert "stands twice" in problems[0].reason
