"""A replay in a person's hand: what may be asked, what is played when, and that a time reached is the time itself."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from tests.show.live import in_loop
from tests.way.process import Vigie, running
from vigie.app.inputs import batches_of, known_for, site_for
from vigie.app.pipeline import State, step
from vigie.app.plan import Replay
from vigie.app.replay import SEEK, Player, parse_control
from vigie.app.snapshots import take_snapshot
from vigie.app.web import Web
from vigie.record.writer import Recorder
from vigie.simulate.headless import simulate_to
from vigie.terms.batch import Act, Batch
from vigie.terms.errors import UsageError
from vigie.terms.utc import TICK_NS
from vigie.wire.recording.bodies import Snapshot, decode_record

FIRST = 1_800_000_000 * 10**9


class Ticks:
    """A source of ``n`` empty ticks, without snapshots."""

    def __init__(self, n: int) -> None:
        self.first_ns, self.last_ns = FIRST, FIRST + (n - 1) * TICK_NS
        self.n = n

    def batches(self, from_ns: int = 0) -> Iterator[Batch]:
        for k in range(self.n):
            if FIRST + k * TICK_NS >= from_ns:
                yield Batch(now_ns=FIRST + k * TICK_NS, mono_ns=k)

    def snapshot(self, until_ns: int) -> None:
        return None


def asking(value: str) -> Act:
    return Act(seq=1, rx_ns=0, who="a", role="r", origin="", act="replay.control", subject="", value=value, reason="")


class Stage:
    """A player with a made-up core: ``seen`` is what was given, a tick by its number, a message by its kind."""

    def __init__(self, n: int, asks: dict[int, str], *, speed: float = math.inf, writes: bool = False) -> None:
        self.seen: list[int | str] = []
        self.turn = 0
        self.asks = asks
        self.said: list[str] = []
        self.stop = threading.Event()
        source: Any = Ticks(n)
        self.player = Player(source, Replay(paths=(), speed=speed), send=self.send, give=self.give, idle=self.idle,
                             stop=self.stop, writes=writes)  # type: ignore[arg-type]  # fmt: skip

    def give(self, batch: Batch) -> None:
        self.seen.append((batch.now_ns - FIRST) // TICK_NS)

    def send(self, message: bytes) -> None:
        self.seen.append("end" if not message else "show" if b"\xa4show\xc3" in message[len(SEEK) :] else "seek")

    def idle(self) -> None:
        self.turn += 1
        asked = self.asks.get(self.turn)
        if asked == "stop":
            self.stop.set()
        elif asked:
            try:
                self.player.obey(asking(asked))
            except UsageError as why:
                self.said.append(str(why))


def test_to_the_end_a_step_and_back() -> None:
    stage = Stage(5, {8: "seek 0.2", 9: "pause", 12: "step 0.1", 14: "stop"})
    stage.player.run()
    # six turns to the end, told once; set back it begins anew, shows at tick 2, and goes one tick on
    assert stage.seen == [0, 1, 2, 3, 4, "end", "seek", 0, 1, 2, "show", 3]
    assert stage.player.facts()["paused"]
    assert stage.player.facts()["now_ms"] == (FIRST + 3 * TICK_NS) / 1e6


def test_forward_is_played_on_without_beginning_anew_and_a_loop_goes_round() -> None:
    stage = Stage(10, {2: "seek 0.5", 7: "loop 0.2 0.4", 20: "stop"})
    stage.player.run()
    text = stage.seen
    assert text[:7] == [0, "seek", 1, 2, 3, 4, 5]
    assert text.count("show") >= 2
    assert max(k for k in text[9:] if isinstance(k, int)) == 4
    assert stage.player.facts()["loop"] == [(FIRST + 2 * TICK_NS) / 1e6, (FIRST + 4 * TICK_NS) / 1e6]


def test_a_file_being_written_keeps_its_time_and_nonsense_is_refused() -> None:
    stage = Stage(3, {1: "seek 0", 2: "dance", 3: "stop"}, writes=True)
    stage.player.run()
    assert "in one piece" in stage.said[0]
    assert "expected pause, go, step" in stage.said[1]
    for wrong in ("", "speed", "speed fast", "speed -1", "speed nan", "step 0", "seek", "seek x", "loop 5 4", "go now"):
        with pytest.raises(UsageError):
            parse_control(wrong, FIRST)
    assert parse_control("speed max", FIRST).speed == math.inf
    assert parse_control("seek 2027-01-15T08:00:10Z", FIRST).from_ns == FIRST + 10 * 10**9


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, dict[int, str]]:
    """Ninety seconds of the exercise as a recording with a snapshot; its first time, and the digest of each step."""
    folder = tmp_path_factory.mktemp("replayed")
    simulate_to("niger_demo", folder / "flown", seed=5, duration_s=90.0)
    site, capture = folder / "flown/site.toml", folder / "flown/frames.pcap"
    state = State(site_for([capture], site), known=known_for_none([capture], site))
    first, digests = 0, {}
    with Recorder(folder / "data", site_text=site.read_text("utf-8"), version="t") as recorder:
        for batch in batches_of([capture], form=None, date="2026-01-01"):
            first = first or batch.now_ns
            step(state, batch)
            digests[state.steps] = state.digest.hex()
            recorder.append(batch)
            if state.steps == 450:
                assert recorder.note(batch.now_ns, decode_record(take_snapshot(state, batch.now_ns), Snapshot))
    return folder / "data", first, digests


def known_for_none(paths: list[Path], site: Path) -> Any:
    from vigie.app.known import known_from

    return known_from(known_for(paths, site))


class Desk:
    """A person at a replay: asks over the API, reads the status."""

    def __init__(self, vigie: Vigie) -> None:
        self.client = httpx.Client(base_url=vigie.base, headers={"Origin": vigie.base})
        assert self.client.get(vigie.page.removeprefix(vigie.base), follow_redirects=True).status_code == 200

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def ask(self, value: str, act: str = "replay.control", subject: str = "") -> dict[str, Any]:
        said = self.client.post("/api/acts", json={"act": act, "value": value, "subject": subject})
        found: dict[str, Any] = said.json()
        return found

    def until(self, holds: Callable[[dict[str, Any]], bool], within_s: float = 240.0) -> dict[str, Any]:
        ends = time.monotonic() + within_s
        while True:
            status: dict[str, Any] = self.client.get("/api/status").json()
            if "replay" in status and holds(status):
                return status
            assert time.monotonic() < ends, status
            time.sleep(0.05)


def test_a_replay_obeys_and_shows_at_a_time_what_was_then(
    recorded: tuple[Path, int, dict[int, str]], tmp_path: Path
) -> None:
    data, first, digests = recorded
    with (
        running("replay", data, "--speed", "max", "--listen", "127.0.0.1:0", data_home=tmp_path) as vigie,
        contextlib.ExitStack() as stack,
    ):
        desk = stack.enter_context(Desk(vigie))
        ended = desk.until(lambda s: s["replay"]["ended"] and s.get("ended"))
        assert ended["digest"] == digests[ended["digest_step"]]
        assert ended["replay"]["first_ms"] == first / 1e6
        assert ended["replay"]["last_ms"] == ended["replay"]["now_ms"] == ended["now_ms"]
        assert desk.ask("pause")["state"] == "durable"
        for at_s in (70.0, 20.0, 62.0):  # from the snapshot, from the beginning, on from where it is
            assert desk.ask(f"seek {at_s}")["state"] == "durable"
            want_ms = (first + at_s * 1e9) / 1e6
            there = desk.until(lambda s, w=want_ms: not s["replay"]["seeking"] and s["now_ms"] == w)  # type: ignore[misc]
            assert there["digest"] == digests[there["digest_step"]]
            assert there["digest_step"] == round(at_s * 10) + 1
            assert there["tracks"] > 5
            assert there["replay"]["paused"]
            assert not there["replay"]["ended"]
        assert desk.ask("step 2")["state"] == "durable"
        desk.until(lambda s: s["replay"]["now_ms"] == (first + 64.0 * 1e9) / 1e6)
        assert desk.ask("speed 0.5")["state"] == "durable"
        assert desk.until(lambda s: s["replay"]["speed"] == 0.5)
        refused = desk.ask("seek nowhere")
        assert refused["state"] == "refused"
        assert "not understood" in refused["text"]
        assert "nothing in it can be changed" in desk.ask("1", act="alert.acknowledge", subject="1")["text"]
        assert vigie.stop() == 0, vigie.said


@pytest.mark.parametrize("mode", ["live", "demo"])
def test_a_live_centre_refuses_to_be_replayed(mode: str) -> None:
    web: Any = SimpleNamespace(_centre=SimpleNamespace(mode=mode))
    outcome = in_loop(Web.submit(web, asking("pause")))
    assert outcome.state == "refused"
    assert "only a replay" in outcome.text
