"""Frames of Remote ID receivers to plots and to what drones say of themselves, with a ledger that balances."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from vigie.decode.decoder import Decoded, Decoder
from vigie.decode.remoteid_memory import DRONES, DroneMemory
from vigie.receive.files import open_input
from vigie.terms.batch import FORMAT_REMOTEID, Frames
from vigie.terms.tables import FLAG_TIME_ASSUMED, FRAME
from vigie.wire.remoteid import encode
from vigie.wire.remoteid.layout import L_BLE_PHDR, L_RADIOTAP

NOW_NS = 1_790_000_123_400_000_000


def frames_of(*payloads: bytes, every_ns: int = 10**9) -> Frames:
    rows = FRAME.empty(len(payloads))
    lengths = np.array([len(p) for p in payloads])
    rows["rx_ns"] = NOW_NS + every_ns * np.arange(len(payloads))
    rows["seq"], rows["format"] = np.arange(1, len(payloads) + 1), FORMAT_REMOTEID
    rows["length"], rows["offset"] = lengths, np.cumsum(lengths) - lengths
    return Frames(rows, np.frombuffer(b"".join(payloads), np.uint8))


def location(lat: float = 13.48, lon: float = 2.17, time_ns: int = NOW_NS) -> bytes:
    a = np.array
    m = encode.locations(
        a([lat]), a([lon]), time_ns=a([time_ns]), geo_alt_m=a([300.0]), v_east_mps=a([6.0]), v_north_mps=a([8.0]),
        climb_mps=a([1.0]), horizontal_m=3.0,
    )  # fmt: skip
    return m[0].tobytes()


def beacon(mac: int, *messages: bytes) -> bytes:
    return encode.envelope(L_RADIOTAP, encode.wifi_beacon(mac.to_bytes(6, "big"), encode.pack(messages), 1))


@pytest.mark.parametrize(
    ("name", "frames", "with_id", "plots", "ledger"),
    [
        ("odid_wifi_nan_sample.pcap", 63, 42, 31, {"RID1": 31, "RID3": 4, "RID4": 4, "RID5": 3}),
        (
            "odid_bt5_lr_sample.pcapng", 274, 273, 0,
            {"RID0": 225, "RID1": 222, "RID3": 216, "RID4": 207, "RID5": 199, "RID15": 19},
        ),
        ("rid_mavic_multiple_spoofed.pcapng", 239, 77, 77, {"RID16": 77}),
        ("rid_parrot_anafi4_spoofed.pcapng", 1606, 26, 26, {"RID0": 26, "RID1": 26, "RID4": 26}),
    ],
)  # fmt: skip
def test_the_counts_of_real_captures(
    shared: Path, name: str, frames: int, with_id: int, plots: int, ledger: dict[str, int]
) -> None:
    decoder = Decoder(None, discover=True)
    got = [decoder.step(chunk) for chunk in open_input(shared / "data/drones" / name)]
    account = decoder.ledger
    assert account.balances
    assert account.frames == frames
    assert frames - sum(account.filtered.values()) == with_id
    assert account.by_category == ledger
    assert sum(len(g.plots) for g in got) == plots


def test_the_spoofed_drones_are_told_apart(shared: Path) -> None:
    decoder = Decoder(None, discover=True)
    path = shared / "data/drones/rid_mavic_multiple_spoofed.pcapng"
    got = [decoder.step(chunk) for chunk in open_input(path)]
    plots = np.concatenate([g.plots for g in got])
    said = np.concatenate([g.remote_ids for g in got])
    assert len(np.unique(said["sender"])) == 15
    assert len(np.unique(said["uas_id"])) == 15
    assert (plots["kind"] == 7).all()
    assert (np.hypot(plots["v_east_mps"], plots["v_north_mps"]) > 0).all()
    assert set(plots["source_track_no"].tolist()) == set(said["source_track_no"].tolist())


def test_a_drone_becomes_a_plot_with_its_operator() -> None:
    decoder = Decoder(None, discover=True)
    got: Decoded = decoder.step(
        frames_of(
            beacon(
                1, encode.basic_id("1581F5FJD229C00DJ3NX"), location(), encode.system(13.5, 2.2, time_ns=NOW_NS),
                encode.operator_id("NER-OP-1"), encode.self_id("Survey"),
            )
        )
    )  # fmt: skip
    plot, said = got.plots[0], got.remote_ids[0]
    assert (plot["kind"], plot["callsign"], plot["source_track_no"], plot["sensor_id"]) == (7, b"C00DJ3NX", 1, 1)
    assert (plot["lat_deg"], plot["lon_deg"], plot["geo_alt_m"]) == pytest.approx((13.48, 2.17, 300.0))
    assert (plot["v_east_mps"], plot["v_north_mps"]) == pytest.approx((6.0, 8.0), abs=0.1)
    assert plot["pos_sd_m"] == pytest.approx(3.0 / math.sqrt(-2 * math.log(0.05)))
    assert plot["toa_ns"] == NOW_NS
    assert plot["flags"] == 0
    assert (said["uas_id"], said["operator_id"], said["self_id"]) == (b"1581F5FJD229C00DJ3NX", b"NER-OP-1", b"Survey")
    assert (said["operator_lat_deg"], said["operator_lon_deg"]) == (13.5, 2.2)
    assert (said["identities"], said["source_track_no"], said["sender"]) == (1, 1, 1)


def test_single_messages_of_one_transmitter_belong_together_in_any_batches() -> None:
    def advert(message: bytes, mac: int = 5) -> bytes:
        return encode.envelope(L_BLE_PHDR, encode.bluetooth4(mac.to_bytes(6, "big"), message, 1))

    payloads = [
        advert(location()), advert(encode.basic_id("SERIAL-A")), advert(location(time_ns=NOW_NS + 2 * 10**9)),
        advert(location(), mac=6), advert(encode.system(13.5, 2.2, time_ns=NOW_NS)),
    ]  # fmt: skip
    whole = Decoder(None, discover=True).step(frames_of(*payloads))
    assert whole.plots["source_track_no"].tolist() == [1, 1, 2]
    assert whole.plots["callsign"].tolist() == [b"", b"SERIAL-A", b""]
    assert whole.remote_ids["uas_id"].tolist() == [b"SERIAL-A", b"SERIAL-A"]
    cut = Decoder(None, discover=True)
    frames = frames_of(*payloads)
    pieces = [cut.step(frames.take(i, i + 1)) for i in range(len(payloads))]
    assert np.concatenate([p.plots for p in pieces]).tobytes() == whole.plots.tobytes()
    assert np.concatenate([p.remote_ids for p in pieces]).tobytes() == whole.remote_ids.tobytes()


def test_one_transmitter_with_two_identities_is_two_drones_and_says_so() -> None:
    got = Decoder(None, discover=True).step(
        frames_of(
            beacon(9, encode.basic_id("ONE"), encode.basic_id("SESSION", id_type=2), location()),
            beacon(9, encode.basic_id("TWO"), location()),
            beacon(9, encode.basic_id("ONE"), location()),
        )
    )
    assert got.plots["source_track_no"].tolist() == [1, 2, 1]
    assert got.remote_ids["identities"].tolist() == [1, 2, 2]
    assert got.remote_ids["uas_id"].tolist() == [b"ONE", b"TWO", b"ONE"]


def test_a_clock_that_is_not_set_is_not_believed() -> None:
    got = Decoder(None, discover=True).step(
        frames_of(beacon(1, encode.basic_id("A"), location(time_ns=NOW_NS - 60 * 10**9)))
    )
    assert got.plots["flags"].tolist() == [FLAG_TIME_ASSUMED]
    assert got.plots["toa_ns"].tolist() == [NOW_NS - 500_000_000]


def test_a_flood_of_made_up_transmitters_does_not_fill_the_memory() -> None:
    decoder = Decoder(None, discover=True)
    n = 300
    for start in range(0, DRONES // 2 + 2 * n, n):
        payloads = [beacon(1 + start + i, encode.basic_id(f"D{start + i}"), location()) for i in range(n)]
        last = decoder.step(frames_of(*payloads, every_ns=1000))
    assert last.plots["source_track_no"].tolist() == list(range(start + 1, start + n + 1))
    assert decoder.ledger.balances


def test_room_is_made_by_forgetting_the_oldest() -> None:
    memory = DroneMemory()
    used = DRONES // 2
    memory.counts[:] = used, used
    memory.drones["sender"][:used] = np.arange(1, used + 1)
    memory.drones["rx_ns"][:used] = np.arange(used)
    memory.make_room()
    assert memory.counts.tolist() == [used // 2, used]
    assert memory.drones["sender"][0] == used // 2 + 1
