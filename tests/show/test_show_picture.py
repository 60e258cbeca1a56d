"""Versions and differences: whoever applies them, in whatever steps, holds the same picture as the full one."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.show import picture as module
from vigie.show.columns import decode, decode_update, encode_update
from vigie.show.picture import MAX_PLOTS, PLOT_LIFE_NS, Picture
from vigie.terms.tables import HEALTH, PLOT, TRACK, Rows

NS = 1_000_000_000
START_NS = 1_777_481_999 * NS


class Screen:
    """What a client does with messages, written as a person would: one dictionary per table."""

    def __init__(self) -> None:
        self.version = 0
        self.tracks: dict[int, tuple[object, ...]] = {}
        self.plots: list[tuple[object, ...]] = []
        self.health: list[tuple[object, ...]] = []

    def take(self, octets: bytes) -> None:
        header, tables = decode(octets)
        assert header["base"] in (0, self.version), "a difference to something else than what is held"
        if header["base"] == 0:
            self.tracks, self.plots = {}, []
        for number in header["ended"]:
            self.tracks.pop(number, None)
        for row in _rows(tables.get("track", {})):
            self.tracks[row[1]] = row  # type: ignore[index]
        self.plots += _rows(tables.get("plot", {}))
        oldest = round(header["now_ms"] * 1e6) - PLOT_LIFE_NS
        self.plots = [row for row in self.plots if row[0] >= oldest]  # type: ignore[operator]
        if "health" in tables:
            self.health = [row[1:] for row in _rows(tables["health"])]
        self.version = header["version"]

    def state(self) -> tuple[object, ...]:
        return self.tracks, sorted(map(repr, self.plots)), self.health


def _rows(columns: dict[str, np.ndarray]) -> list[tuple[object, ...]]:  # type: ignore[type-arg]
    """Rows as tuples in which floats are their bits, so that NaN equals NaN."""
    parts = [v.view(f"u{v.dtype.itemsize}") if v.dtype.kind == "f" else v for v in columns.values()]
    return list(zip(*(part.tolist() for part in parts), strict=True))


def tracks(numbers: list[int], now_ns: int, statuses: list[int] | None = None, lat: float = 13.0) -> Rows:
    rows = TRACK.empty(len(numbers))
    rows["track_no"], rows["now_ns"], rows["lat_deg"] = numbers, now_ns, lat
    rows["status"] = 2 if statuses is None else statuses
    return rows


def plots(times_ns: list[int]) -> Rows:
    rows = PLOT.empty(len(times_ns))
    rows["rx_ns"] = times_ns
    rows["icao24"] = np.arange(len(times_ns))
    return rows


def apply(picture: Picture, now_ns: int, *rows: Rows, progress: int = 0, **more: object) -> bool:
    return picture.apply(decode_update(encode_update(now_ns, progress, "live", *rows, **more)))  # type: ignore[arg-type]


_row = st.tuples(st.integers(0, 12), st.sampled_from([1, 2, 2, 2, 3, 4]), st.floats(-90, 90))
_step = st.fixed_dictionaries(
    {
        "rows": st.lists(_row, max_size=8),
        "plots": st.lists(st.integers(-3 * NS, 0), max_size=4),
        "health": st.one_of(st.none(), st.integers(0, 5)),
        "gap_s": st.sampled_from([0.1, 0.1, 1.0, 1.0, 4.0, 40.0]),
        "restart": st.sampled_from([False] * 9 + [True]),
        "readers": st.sets(st.integers(0, 3)),
    }
)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.lists(_step, min_size=1, max_size=25))
def test_clients_that_lag_in_any_way_hold_the_full_picture(steps: list[dict[str, object]]) -> None:
    picture = Picture()
    clients = [Screen() for _ in range(4)]
    now_ns = START_NS
    for step in steps:
        now_ns += round(step["gap_s"] * 10) * (NS // 10)  # type: ignore[operator]
        rows = TRACK.empty(len(step["rows"]))  # type: ignore[arg-type]
        for i, (number, status, lat) in enumerate(step["rows"]):  # type: ignore[arg-type]
            rows["track_no"][i], rows["status"][i], rows["lat_deg"][i] = number, status, lat
        rows["now_ns"] = now_ns
        health = HEALTH.empty(2)
        health["sensor_id"], health["now_ns"], health["plots"] = [1, 2], now_ns, step["health"] or 0
        apply(
            picture, now_ns, rows, plots([now_ns + t for t in step["plots"]]),  # type: ignore[attr-defined]
            health if step["health"] is not None else HEALTH.empty(), restart=step["restart"],
        )  # fmt: skip
        full = Screen()
        full.take(picture.difference(0))
        for number in step["readers"]:  # type: ignore[attr-defined]
            clients[number].take(picture.difference(clients[number].version))
            assert clients[number].state() == full.state()
    for client in clients:
        client.take(picture.difference(client.version))
        assert client.state() == full.state()


def test_only_what_changed_is_sent() -> None:
    picture = Picture()
    apply(picture, START_NS, tracks([1, 2, 3], START_NS))
    held = picture.version
    assert not apply(picture, START_NS + NS // 10, tracks([1, 2], START_NS), progress=1)  # the same rows again
    assert apply(picture, START_NS + NS, tracks([2, 7], START_NS + NS))
    header, tables = decode(picture.difference(held))
    assert header["base"] == held
    assert tables["track"]["track_no"].tolist() == [2, 7]
    assert "plot" not in tables
    assert "health" not in tables


def test_nothing_new_is_a_heartbeat_without_rows() -> None:
    picture = Picture()
    apply(picture, START_NS, tracks([1], START_NS), progress=5)
    held = picture.version
    assert not apply(picture, START_NS + NS, TRACK.empty(), progress=6)
    header, tables = decode(picture.difference(held))
    assert (header["version"], header["progress"], header["now_ms"]) == (held + 1, 6, (START_NS + NS) / 1e6)
    assert tables == {}
    assert header["ended"] == []


def test_all_clients_share_one_encoding() -> None:
    picture = Picture()
    apply(picture, START_NS, tracks([1], START_NS))
    held = picture.version
    apply(picture, START_NS + NS, tracks([1], START_NS + NS))
    first = picture.difference(held)
    before = picture.encoded
    assert all(picture.difference(held) is first for _ in range(50))
    assert picture.encoded == before


def test_a_version_that_never_was_gets_the_full_picture() -> None:
    picture = Picture()
    apply(picture, START_NS, tracks([1], START_NS))
    for since in (0, -5, picture.version + 1, 10**9):
        assert decode(picture.difference(since))[0]["base"] == 0


def test_an_ended_track_that_starts_again_is_not_told_as_ended() -> None:
    picture = Picture()
    apply(picture, START_NS, tracks([1, 2], START_NS))
    held = picture.version
    apply(picture, START_NS + NS, tracks([1, 2], START_NS + NS, [4, 4]))
    apply(picture, START_NS + 2 * NS, tracks([1], START_NS + 2 * NS))
    header, tables = decode(picture.difference(held))
    assert header["ended"] == [2]
    assert tables["track"]["track_no"].tolist() == [1]


def test_a_track_nobody_renews_does_not_stay_for_ever() -> None:
    picture = Picture()
    apply(picture, START_NS, tracks([1, 2], START_NS))
    for second in range(1, 32):
        apply(picture, START_NS + second * NS, tracks([2], START_NS + second * NS))
    assert len(picture) == 1
    assert decode(picture.difference(2))[0]["ended"] == [1]


def test_what_is_remembered_of_ends_is_bounded_and_who_missed_more_starts_anew(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(module, "MAX_ENDED", 10)
    picture = Picture()
    versions = []
    for i in range(1, 30):
        apply(picture, START_NS + 2 * i, tracks([i], START_NS + 2 * i))
        apply(picture, START_NS + 2 * i + 1, tracks([i], START_NS + 2 * i + 1, [4]))
        versions.append(picture.version)
    assert decode(picture.difference(versions[0]))[0]["base"] == 0
    header, _ = decode(picture.difference(versions[-5]))
    assert header["base"] == versions[-5]
    assert header["ended"] == [26, 27, 28, 29]


def test_plots_are_bounded_in_time_and_number_and_losses_are_counted() -> None:
    picture = Picture()
    apply(picture, START_NS, TRACK.empty(), plots([START_NS - 11 * NS, START_NS]))
    assert decode(picture.difference(0))[1]["plot"]["rx_ns"].tolist() == [START_NS]
    big = plots([START_NS + NS] * (MAX_PLOTS + 10))
    apply(picture, START_NS + NS, TRACK.empty(), big)
    assert len(decode(picture.difference(0))[1]["plot"]["rx_ns"]) == MAX_PLOTS
    assert picture.plots_dropped == 10 + 2
    apply(picture, START_NS + 12 * NS, TRACK.empty())
    assert len(decode(picture.difference(0))[1]["plot"]["rx_ns"]) == 0
    assert picture.plots_dropped == 12  # those were old, not lost


def test_ten_thousand_tracks_come_and_go_in_fixed_room() -> None:
    picture = Picture()
    draw = np.random.default_rng(4)
    for step in range(20):
        numbers = (draw.choice(20_000, 10_000, replace=False) + 1).tolist()
        now_ns = START_NS + step * 31 * NS  # everything not renewed is forgotten
        apply(picture, now_ns, tracks(numbers, now_ns))
        assert len(picture) == 10_000
        assert decode(picture.difference(0))[1]["track"]["track_no"].tolist() == sorted(numbers)
    assert picture._tracks.changed.size <= 32_768


def test_hostile_text_stays_text() -> None:
    picture = Picture()
    rows = tracks([1], START_NS)
    rows["callsign"] = b"<i>\"'&\\\x01"
    apply(picture, START_NS, rows)
    assert decode(picture.difference(0))[1]["track"]["callsign"].tolist() == [b"<i>\"'&\\\x01"]
