"""Calling ``vigie`` in this process, as a person would, without starting Python anew each time."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from vigie.app import cli


def vigie(*words: str | Path, expect: int = 0) -> str:
    """Run one command; return what it said on standard error and check its exit code."""
    from contextlib import redirect_stderr, redirect_stdout
    from io import StringIO

    said, printed = StringIO(), StringIO()
    before = sys.argv
    sys.argv = ["vigie", *(str(w) for w in words)]
    code: object = 0
    try:
        with redirect_stderr(said), redirect_stdout(printed):
            cli.main()
    except SystemExit as end:
        code = end.code or 0
    finally:
        sys.argv = before
    if code != expect:
        pytest.fail(f"vigie {' '.join(map(str, words))}: exit {code}, expected {expect}\n{said.getvalue()}")
    return said.getvalue()
