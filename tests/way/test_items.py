"""The people's view: items out as lines, the same octets in again, and rejected records that say where and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.way.command import vigie
from vigie.app.items import tree_text
from vigie.receive.files import open_input


def items_of(file: Path, *more: str) -> list[dict[str, object]]:
    from vigie.app.inputs import parse_editions
    from vigie.app.items import item_lines

    lines = []
    editions = parse_editions(list(more))
    for frames in open_input(str(file)):
        lines += list(item_lines(frames, editions, 1))
    return lines


@pytest.mark.shared
@pytest.mark.parametrize(
    "name", ["cat048.raw", "cat034.raw", "cat062cat065.raw", "lebl_adsb_cat021v2_cat023_part1.ast"]
)
def test_what_was_printed_becomes_the_same_octets(shared: Path, tmp_path: Path, name: str) -> None:
    file = shared / "data/asterix" / name
    if name.startswith("lebl"):
        (tmp_path / name).write_bytes(file.read_bytes()[:20_000])  # the cut end is rejected, and told
        file = tmp_path / name
    lines = [line for line in items_of(file, "21=2.1") if "error" not in line]
    (tmp_path / "items.ndjson").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    vigie("encode", tmp_path / "items.ndjson", "--to", tmp_path / "again.ast")
    again = (tmp_path / "again.ast").read_bytes()
    assert len(again) > 10
    assert file.read_bytes().startswith(again)


def test_a_rejected_record_says_item_octet_and_what_was_expected(tmp_path: Path) -> None:
    # CAT048, FSPEC 80: data source identifier only, of which one octet is present.
    (tmp_path / "cut.ast").write_bytes(bytes.fromhex("300006 8001 02" + "300005 8001".replace(" ", "")))
    lines = items_of(tmp_path / "cut.ast")
    assert "error" not in lines[0]
    error = lines[1]["error"]
    assert isinstance(error, dict)
    assert error["reason"] == "record_truncated"
    assert error["item"] == "010"
    assert (lines[1]["frame"], error["octet"]) == (2, 5)  # each block of a raw file is a frame of its own


def test_wrong_lines_are_named(tmp_path: Path) -> None:
    for text, words in (("{", "line 1: not JSON"), ('{"category": 48}', "line 1: expected an object"),
                        ('\n{"category": 48, "items": [{"name": "999"}]}', "line 2: cannot be encoded")):  # fmt: skip
        (tmp_path / "x.ndjson").write_text(text, "utf-8")
        assert words in vigie("encode", tmp_path / "x.ndjson", "--to", tmp_path / "x.ast", expect=2)


@pytest.mark.shared
def test_every_remote_id_message_is_a_line(shared: Path) -> None:
    lines = items_of(shared / "data/drones/odid_wifi_nan_sample.pcap")
    assert len(lines) == 42
    assert {line["carrier"] for line in lines} == {"wifi beacon", "wifi nan"}
    assert lines[0]["items"] == {"message": "operator_id", "version": 0, "type": 0, "text": "GBR-OP-123ABCD"}
    texts = [tree_text(line) for line in items_of(shared / "data/drones/rid_parrot_anafi4_spoofed.pcapng")]
    assert any("uas_id = 1588E040445AC004418" in text for text in texts)
    assert sum("REJECTED record_truncated" in text for text in texts) == 26
    (flight, *_) = items_of(shared / "data/drones/rid_mavic_multiple_spoofed.pcapng")
    assert flight["items"]["serial"] == "EPUGT0787GWS5II6"
    json.dumps(flight)
