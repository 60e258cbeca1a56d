"""``vigie bench``: the project's own benchmarks, each with the peer it is compared with."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from vigie.terms.errors import UsageError, VigieError

# Which file of bench/ makes which family of figures.
FILES: Final = {
    "wire": ("wire_asterix", "wire_modes", "wire_commb", "wire_iq", "wire_pcap", "wire_memory"),
    "simulate": ("simulate",),
    "track": ("track",),
    "record": ("record_frames", "record_archive", "record_replay"),
    "history": ("history_month",),
    "watch": ("watch",),
    "show": ("show_fanout", "show_browser"),
    "airspace": ("airspace",),
    "people": ("people_login",),
}


def command(
    names: Annotated[list[str] | None, typer.Argument(help="families or figures; default: all")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable")] = False,
) -> None:
    """Run the benchmarks of a checkout. Example: vigie bench wire --json."""
    folder = Path(__file__).resolve().parents[4] / "bench"
    if not folder.is_dir():
        raise VigieError("the benchmarks stand in the folder bench/ of a checkout; this installation has none")
    figures = []
    for file, wanted in _chosen(names or []).items():
        _forget_peak()
        for figure in _load(folder / f"{file}.py")():
            if not wanted or figure["name"] in wanted:
                figures.append(figure)
                if not as_json:
                    typer.echo(_line(figure))
    if as_json:
        typer.echo(json.dumps(figures, indent=1))


def _chosen(names: list[str]) -> dict[str, set[str]]:
    """Return {file: figures wanted (empty: all)}."""
    chosen: dict[str, set[str]] = {}
    for name in names or list(FILES):
        family, _, figure = name.partition(".")
        if family not in FILES:
            raise UsageError(f"benchmark {name!r} does not exist; known: {', '.join(FILES)}")
        for file in FILES[family]:
            wanted = chosen.setdefault(file, set())
            if figure:
                wanted.add(name)
    return chosen


def _forget_peak() -> None:
    """Begin the count of this process's largest memory anew, so that a family does not report the one before it.

    Linux only (proc(5), clear_refs); elsewhere ``peak_mb`` is the largest so far.
    """
    counter = Path("/proc/self/clear_refs")
    if counter.exists():
        counter.write_text("5", "ascii")


def _load(file: Path) -> Callable[[], list[dict[str, Any]]]:
    spec = importlib.util.spec_from_file_location(f"bench_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    run: Callable[[], list[dict[str, Any]]] = module.run
    return run


def _line(figure: dict[str, Any]) -> str:
    peer = f"  {figure['peer']}: {figure['peer_value']:.3g}, x{figure['ratio']:.3g}" if figure.get("ratio") else ""
    if figure.get("second_peer"):
        times = figure["value"] / figure["second_peer_value"]
        peer += f"  {figure['second_peer']}: {figure['second_peer_value']:.3g}, x{times:.0f}"
    elif figure.get("second_peer_note"):
        peer += f"  ({figure['second_peer_note']})"
    return f"{figure['name']:24} {figure['value']:12.4g} {figure['unit']:20} {figure['peak_mb'] or 0:6.0f} MB{peer}"
