"""The command line as people and scripts meet it: exit codes, sentences, help with an example."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vigie.app.cli import COMMANDS, build
from vigie.terms.tables import TABLES


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vigie.app.cli", *(str(w) for w in words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("words", [["frobnicate"], ["decode"], ["check", "none.toml"], ["run", "udp://127.0.0.1:4001"],
                                   ["run", "http://x:1", "--at", "1,2"], ["tables", "nothing"],
                                   ["replay", "none.pcap", "--speed", "fast"], ["bench", "nothing"]])  # fmt: skip
def test_wrong_use_is_exit_code_2_and_no_traceback(words: list[str]) -> None:
    done = run(*words)
    assert done.returncode == 2, done.stderr
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_every_command_has_help_with_an_example() -> None:
    runner, program = CliRunner(), build()
    for name in COMMANDS:
        done = runner.invoke(program, [name, "--help"], prog_name="vigie", terminal_width=200)
        assert done.exit_code == 0, done.output
        if name not in {"check", "bench", "tables"}:
            assert f"vigie {name}" in done.output.split("Example:")[-1]


def test_tables_are_printed_as_data() -> None:
    tables = json.loads(run("tables", "--json").stdout)
    assert set(tables) == set(TABLES)
    assert [c["name"] for c in tables["plot"]["columns"]] == [c.name for c in TABLES["plot"].columns]


def test_a_broken_site_file_names_file_line_key(tmp_path: Path) -> None:
    site = tmp_path / "broken.toml"
    site.write_text('[centre]\nname = "N"\nlat_deg = 950\nlon_deg = 2\nlanguag = "fr"\n', "utf-8")
    done = run("check", site)
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert f"{site}:3: [centre] lat_deg: found 950" in lines[0]
    assert "did you mean 'language'" in lines[1]
