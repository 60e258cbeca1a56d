"""The figure of the display's script time counts the outermost events of the page's main thread, once."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

BENCH = Path(__file__).resolve().parents[3] / "bench" / "show_browser.py"


def event(name: str, ts: float, dur: float, tid: int = 1) -> dict[str, Any]:
    return {"ph": "X", "pid": 7, "tid": tid, "name": name, "ts": ts, "dur": dur, "tdur": dur / 2}


def test_nested_script_is_counted_once_and_other_threads_not_at_all() -> None:
    spec = importlib.util.spec_from_file_location("bench_show_browser", BENCH)
    assert spec is not None
    assert spec.loader is not None
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    events = [
        {"ph": "M", "pid": 7, "tid": 1, "name": "thread_name", "args": {"name": "CrRendererMain"}},
        {"ph": "M", "pid": 7, "tid": 2, "name": "thread_name", "args": {"name": "DedicatedWorker thread"}},
        event("EventDispatch", 0, 10_000), event("FunctionCall", 1000, 8000), event("FunctionCall", 20_000, 4000),
        event("FunctionCall", 0, 90_000, tid=2), event("Paint", 30_000, 5000),
    ]  # fmt: skip
    assert bench.script_ms(events) == pytest.approx(7.0)
