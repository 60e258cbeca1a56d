"""Messages for people: every field of each message and each Comm-B register, with its place, as rs1090 reads it."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rs1090

from vigie.app.items import item_lines, tree_text, write_items
from vigie.app.message_items import MessageLines
from vigie.receive.files import open_input
from vigie.terms.batch import FORMAT_AVR, FORMAT_BEAST, Frames
from vigie.terms.tables import FRAME
from vigie.wire.modes.framing import beast_frames
from vigie.wire.modes.message import read_messages, register

SELECTED = bytes.fromhex("a0001838ca3800315800007448d9")
SPEED = bytes.fromhex("a80006acf9363d3bbf9ce98f1e1d")
CALLSIGN = bytes.fromhex("a000083e202cc371c31de0aa1ccf")
SQUITTER = bytes.fromhex("8d485020994409940838175b284f")


def frames_of(pieces: list[bytes], kind: int) -> Frames:
    rows = FRAME.empty(len(pieces))
    rows["length"] = [len(p) for p in pieces]
    rows["offset"] = np.cumsum(rows["length"].astype(np.int64)) - rows["length"]
    rows["format"], rows["link"] = kind, 1
    return Frames(rows, np.frombuffer(b"".join(pieces), np.uint8))


def node(items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(item for item in items if item["name"] == name)


def test_a_register_tells_value_unit_raw_bits_and_place_of_each_field() -> None:
    (items,) = read_messages([SELECTED])
    found = node(items, "BDS 4,0")
    assert (found["offset"], found["octets"]) == (4, "ca380031580000")
    assert found["confidence"] > 0.95
    assert found["parts"] == [
        {"name": "selected_mcp", "offset": 4, "octets": "ca38", "width": 12, "raw": 2375, "value": 38000, "unit": "ft"},
        {
            "name": "barometric_setting", "offset": 7, "octets": "3158", "width": 12, "raw": 2220,
            "value": 1022.0, "unit": "hPa",
        },
    ]  # fmt: skip
    assert node(items, "altitude") == {
        "name": "altitude", "offset": 2, "octets": "1838", "value": 38000, "unit": "ft",
    }  # fmt: skip


def test_signed_fields_have_their_sign_bit_in_the_raw_bits() -> None:
    (items,) = read_messages([SPEED])
    roll = node(node(items, "BDS 5,0")["parts"], "roll")
    assert roll["value"] == (roll["raw"] - 1024) * 45 / 256 == -9.66796875
    assert (roll["width"], roll["octets"]) == (10, "f936")


def test_registers_that_rs1090_lacks_come_from_our_own_table() -> None:
    word = (1 << 55) | (171 << 44) | (1 << 43) | (250 << 33)  # heading 171 steps, airspeed 250 kt
    parts = register(word.to_bytes(7, "big"), 0x53, 4)["parts"]
    assert [(p["name"], p["value"], p["unit"]) for p in parts] == [
        ("heading", 171 * 90 / 512, "°"),
        ("IAS", 250.0, "kt"),
    ]


def test_a_stream_reads_alike_however_it_was_cut() -> None:
    messages = np.frombuffer(b"".join((SELECTED, SPEED, CALLSIGN, SQUITTER)), np.uint8).reshape(4, 14)
    stream = beast_frames(messages, 14, np.arange(4) * 12_000)[0].tobytes()
    whole = list(item_lines(frames_of([stream], FORMAT_BEAST), {}, 1))
    parts = list(item_lines(frames_of([stream[i : i + 7] for i in range(0, len(stream), 7)], FORMAT_BEAST), {}, 1))
    assert [line["octets"] for line in whole] == [m.tobytes().hex() for m in messages]
    assert [line["items"] for line in parts] == [line["items"] for line in whole]
    assert [line["stamp"] for line in parts] == [0, 12_000, 24_000, 36_000]
    assert min(line["offset"] for line in parts) < 0  # begun in an earlier frame
    assert "BDS 5,0 (confidence" in tree_text(whole[1])


def test_bad_messages_say_why_and_where() -> None:
    wrong = SQUITTER[:-1] + b"\x00"
    text = f"*{wrong.hex()};\n*60{'00' * 6};\nnonsense\n*{SQUITTER.hex()};\n".encode()
    lines = list(item_lines(frames_of([text], FORMAT_AVR), {}, 1, MessageLines()))
    errors = [(line["error"]["reason"], line["offset"]) for line in lines[:3]]
    assert errors == [("bad_crc", 0), ("bad_format", 31), ("bad_text", 48)]
    assert "error" not in lines[3]
    assert "REJECTED bad_crc" in tree_text(lines[0])


@pytest.mark.shared
def test_a_file_of_comm_b_replies_is_what_rs1090_says(shared: Path) -> None:
    with (shared / "data/modes/pymodes_sample_data_commb_df20.csv").open() as file:
        texts = [row[2] for row in csv.reader(file)][:3000]
    told = rs1090.decode(texts)
    registers = 0
    for items, fields in zip(read_messages([bytes.fromhex(t) for t in texts]), told, strict=True):
        values = {i["name"]: {p["name"]: p["value"] for p in i["parts"]} for i in items if "parts" in i}
        for key, read in fields.items():
            if isinstance(read, dict):
                name = f"BDS {key[3]},{key[4]}".upper()
                assert {k: v for k, v in read.items() if k != "bds" and v is not None} == {
                    k: v for k, v in values[name].items() if v is not None
                }
                registers += 1
    assert registers > 1000


@pytest.mark.shared
def test_every_message_of_a_file_has_a_line_and_asterix_registers_are_read(shared: Path) -> None:
    out = StringIO()
    messages = MessageLines()
    for frames in open_input(str(shared / "data/modes/dump1090_modes1.avr.txt")):
        write_items(frames, {}, 1, out, tree=False, messages=messages)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert len(lines) == 217
    assert sum(line["format"] == "DF20" for line in lines) == 8
    (frames,) = open_input(str(shared / "data/asterix/cat048.raw"))
    (line,) = item_lines(frames, {}, 1)
    (found,) = line["registers"]
    assert (found["item"], found["name"], found["parts"][0]["value"]) == ("250/1", "BDS 4,0", 33000)
