"""The judge by cases that can be reckoned by hand, by its independence of batches, and by its page and tables."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.evaluate.pictures import M_PER_DEG, T0_NS, sky
from tests.way.command import vigie
from vigie.app.evaluation import evaluation
from vigie.app.report import Grid, Plot
from vigie.evaluate.judge import FIGURES, Judge, Score
from vigie.evaluate.page import page
from vigie.evaluate.pairing import best_pairs
from vigie.evaluate.shapes import svg
from vigie.evaluate.thresholds import THRESHOLDS, assessed
from vigie.evaluate.truth import truth_of
from vigie.terms.errors import UsageError, VigieError
from vigie.terms.tables import TRACK, TRUTH, Rows
from vigie.terms.units import NS_PER_S


def judged(tracks: Rows, truth: Rows, *, chunk: int = 10**9, step_s: float = 1.0, skip_s: float = 0.0) -> Score:
    judge = Judge(truth_of(truth), np.unique(tracks["track_no"]), step_s=step_s, skip_s=skip_s)
    for start in range(0, len(tracks), chunk):
        judge.add(tracks[start : start + chunk])
    return judge.score()


def still(seconds: int = 10, target: int = 1, north_m: float = 0.0) -> Rows:
    rows = TRUTH.empty(seconds + 1)
    rows["t_ns"] = T0_NS + np.arange(seconds + 1) * NS_PER_S
    rows["target_id"], rows["lat_deg"], rows["lon_deg"] = target, north_m / M_PER_DEG, 0.0
    rows["v_east_mps"] = rows["v_north_mps"] = 0.0
    return rows


def shown(truth: Rows, number: int, north_m: float, sd_m: float = 100.0) -> Rows:
    rows = TRACK.empty(len(truth))
    rows["now_ns"], rows["track_no"], rows["status"] = truth["t_ns"], number, 2
    # one degree of latitude on the ellipsoid at the equator is 110,574 m
    rows["lat_deg"], rows["lon_deg"] = truth["lat_deg"] + north_m / 110_574.3, truth["lon_deg"]
    rows["v_east_mps"], rows["v_north_mps"] = 3.0, 4.0
    rows["pos_major_m"], rows["pos_minor_m"], rows["pos_orient_rad"] = sd_m, sd_m / 2, 0.0
    return rows


def in_order(*parts: Rows) -> Rows:
    rows = np.concatenate(parts)
    return rows[np.lexsort((rows["track_no"], rows["now_ns"]))]


def test_one_track_200_m_off() -> None:
    truth = still()
    score = judged(shown(truth, 7, 200.0), truth)
    f = score.figures
    assert f["gospa_m"] == pytest.approx(200.0, abs=0.01)
    assert f["ospa_m"] == pytest.approx(200.0, abs=0.01)
    assert f["rms_position_m"] == pytest.approx(200.0, abs=0.01)
    assert f["rms_velocity_mps"] == pytest.approx(5.0)
    assert f["anees"] == pytest.approx(2.0, abs=1e-3)  # 200 m along a major axis of 100 m: 4 / 2
    assert f["anees_median"] == pytest.approx(2.0 / math.log(2), abs=1e-3)
    assert (f["completeness"], f["missed"], f["false"], f["time_to_confirm_s"]) == (1.0, 0.0, 0.0, 0.0)
    assert score.flights[0] == pytest.approx(f)


def test_a_miss_and_a_ghost_cost_what_gospa_says() -> None:
    truth = still()
    nothing = judged(shown(truth, 7, 5000.0), truth).figures
    assert nothing["gospa_m"] == pytest.approx(1000.0)
    assert nothing["ospa_m"] == pytest.approx(1000.0)
    assert (nothing["missed"], nothing["false"], nothing["completeness"]) == (1.0, 1.0, 0.0)
    assert math.isinf(nothing["time_to_confirm_s"])
    assert math.isnan(nothing["anees"])
    missed = judged(shown(truth, 7, 0.0)[5:], truth).figures
    assert missed["gospa_m"] == pytest.approx(5 / 11 * math.sqrt(500_000.0), abs=1e-6)
    assert missed["time_to_confirm_s"] == pytest.approx(5.0)


def test_second_tracks_switches_and_fragments_are_counted() -> None:
    truth = still(20)
    beside = in_order(shown(truth, 1, 10.0), shown(truth, 2, 300.0))
    doubled = judged(beside, truth)
    assert doubled.figures["duplicates"] == 1.0
    assert doubled.figures["false"] == 1.0
    assert doubled.flights[0]["duplicates"] == 1.0
    first, second = shown(truth, 1, 10.0), shown(truth, 2, 10.0)
    switched = judged(in_order(first[:10], second[10:]), truth).figures
    assert (switched["id_switches"], switched["fragments"]) == (1, 0)
    torn = judged(in_order(first[:6], first[14:]), truth).figures
    assert (torn["id_switches"], torn["fragments"]) == (0, 1)
    # The kept pair stays although another comes nearer for a while.
    nearer = in_order(shown(truth, 1, 50.0), shown(truth, 2, 5.0)[8:12])
    assert judged(nearer, truth).figures["id_switches"] == 0


def test_tentative_rows_and_old_rows_are_no_picture() -> None:
    truth = still(20)
    rows = shown(truth, 1, 0.0)
    rows["status"][10:] = 1
    assert judged(rows, truth).figures["completeness"] == pytest.approx(10 / 21)
    rows = shown(truth, 1, 0.0)[:10]  # the last row of second 9 still stands at second 10
    assert judged(rows, truth).figures["completeness"] == pytest.approx(11 / 21)


def test_best_pairs_is_the_best_of_all() -> None:
    import itertools

    rng = np.random.default_rng(5)
    for _ in range(60):
        n, m = rng.integers(1, 5, 2).tolist()
        d = rng.uniform(0, 1600, (n, m))
        target, track = np.nonzero(d < 1000)
        mate = np.empty(n, np.int64)
        count = len(target)
        found = best_pairs(n, m, target, track, d[target, track], count, np.ones(max(count, 1), np.bool_), 1000.0, mate)
        gain = sum(1e6 - d[i, track[p]] ** 2 for i, p in enumerate(mate) if p >= 0)
        assert found == (mate >= 0).sum()
        assert len({track[p] for p in mate if p >= 0}) == found
        slots = [*range(m), *[-1] * n]
        best = max(
            sum(1e6 - d[i, j] ** 2 for i, j in enumerate(choice) if j >= 0 and d[i, j] < 1000)
            for choice in itertools.permutations(slots, n)
        )
        assert gain == pytest.approx(best)


@pytest.mark.parametrize("seed", [1, 2])
def test_batches_and_order_of_the_truth_change_nothing(seed: int) -> None:
    tracks, truth = sky(seed)
    whole = judged(tracks, truth)
    shuffled = truth[np.random.default_rng(seed).permutation(len(truth))]
    for chunk in (1, 7, 100):
        part = judged(tracks, shuffled, chunk=chunk)
        assert part.figures == whole.figures
        assert np.array_equal(part.series, whole.series)
        assert str(part.flights) == str(whole.flights)


def test_flights_add_up_to_the_picture() -> None:
    tracks, truth = sky(3)
    score = judged(tracks, truth)
    for name in ("id_switches", "fragments"):
        assert sum(flight[name] for flight in score.flights) == score.figures[name]
    assert {*FIGURES} == set(score.figures) == set(score.flights[0])


def test_wrong_input_is_told() -> None:
    tracks, truth = sky(1, targets=2, seconds=40)
    with pytest.raises(VigieError, match="not in order"):
        judged(tracks[::-1], truth)
    with pytest.raises(VigieError, match="no row"):
        truth_of(truth[:0])
    with pytest.raises(UsageError, match="step"):
        judged(tracks, truth, step_s=0.0)
    with pytest.raises(UsageError, match="target 9 "):
        Judge(truth_of(truth), tracks["track_no"], follow=9)


def test_thresholds_are_data_with_their_doubt() -> None:
    tracks, truth = sky(4)
    table = assessed(judged(tracks, truth).measures)
    assert len(table) == len(THRESHOLDS) == len({(t.table, t.id, t.measure) for t in THRESHOLDS})
    assert all(t.source and not t.verified for t, _, _ in table)
    for t, value, met in table:
        assert met == (None if math.isnan(value) else value <= t.limit if t.sense == "<=" else value >= t.limit)


def write(folder: Path, tracks: Rows, truth: Rows) -> tuple[Path, Path]:
    pq.write_table(TRACK.to_arrow(tracks), folder / "tracks.parquet")
    pq.write_table(TRUTH.to_arrow(truth), folder / "truth.parquet")
    return folder / "tracks.parquet", folder / "truth.parquet"


def test_the_page_is_whole_and_draws_the_target(tmp_path: Path) -> None:
    tracks, truth = sky(6)
    truth["callsign"] = b"<A&B>"
    files = write(tmp_path, tracks, truth)
    vigie("evaluate", files[0], "--truth", files[1], "--html", tmp_path / "page.html", "--target", "100")
    text = (tmp_path / "page.html").read_text("utf-8")
    assert "<A&B>" not in text
    assert "&lt;A&amp;B&gt;" in text
    assert "unverified" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    drawings = text.split("<svg")[1:]
    assert len(drawings) == 8
    for drawing in drawings:
        root = ET.fromstring("<svg" + drawing.split("</svg>")[0] + "</svg>")
        assert "nan" not in ET.tostring(root, "unicode").lower()
    vigie("evaluate", files[0], "--truth", files[1], "--pdf", tmp_path / "page.pdf", "--target", "100")
    octets = (tmp_path / "page.pdf").read_bytes()
    assert octets.startswith(b"%PDF-")
    vigie("evaluate", files[0], "--truth", files[1], "--pdf", tmp_path / "bare.pdf")
    assert len((tmp_path / "bare.pdf").read_bytes()) < len(octets) - 3000  # the target's map and distances
    vigie("evaluate", files[0], "--truth", files[1], "--pdf", tmp_path / "no/page.pdf", expect=2)
    vigie("evaluate", files[0], "--truth", files[1], "--target", "100", expect=2)
    vigie("evaluate", files[0], "--truth", files[1], "--target", "9", "--html", tmp_path / "x.html", expect=2)
    vigie("evaluate", files[1], "--truth", files[1], expect=2)
    vigie("evaluate", tmp_path / "page.html", "--truth", files[1], expect=1)


def test_json_is_strict_and_sorts_unsorted_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from vigie.app import cli

    tracks, truth = sky(7)
    answers = []
    for rows in (tracks, tracks[np.argsort(tracks["track_no"], kind="stable")]):
        files = write(tmp_path, rows, truth)
        monkeypatch.setattr("sys.argv", ["vigie", "evaluate", str(files[0]), "--truth", str(files[1]), "--json"])
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert not end.value.code
        answers.append(json.loads(capsys.readouterr().out, parse_constant=pytest.fail))
    assert answers[0] == answers[1]
    assert list(answers[0])[: len(FIGURES)] == list(FIGURES)
    assert len(answers[0]["flights"]) == len(np.unique(truth["target_id"]))


def test_the_report_to_print_has_the_figures_and_plots_of_the_page() -> None:
    tracks, truth = sky(6)
    held = truth_of(truth)
    judge = Judge(held, np.unique(tracks["track_no"]).astype(np.int64), follow=100)
    judge.add(tracks[np.lexsort((tracks["track_no"], tracks["now_ns"]))])
    score = judge.score()
    blocks = evaluation(score, held, "x.parquet", 100).blocks
    grids = [block for block in blocks if isinstance(block, Grid)]
    assert [row[0] for row in grids[0].rows] == [*score.figures, *score.extra]
    assert len(grids[1].rows) == len(THRESHOLDS)
    assert len(grids[2].rows) == len(held.target_id)
    drawn = [svg(block.picture) for block in blocks if isinstance(block, Plot)]
    assert len(drawn) == 8
    whole = page(score, held, "x.parquet", 100)
    assert all(picture in whole for picture in drawn)
