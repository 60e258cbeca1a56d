"""Every table that couples two steps, declared once.

NumPy dtype, Arrow schema, TypeScript type and reference page come from these lists. Columns may be appended, never
renamed or retyped. Absent: NaN (floats), 0 (``icao24``, ``track_no``), 65535 (``mode3a``), 255 (quality), empty text.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vigie.terms.texts import arrow_texts

Rows = npt.NDArray[np.void]
"""A structured array whose dtype is one table's ``dtype``."""

ABSENT_MODE3A: Final = 65535
ABSENT_U1: Final = 255
NO_SENSOR: Final = 0

_NUMPY: Final = {
    "i8": "<i8", "u8": "<u8", "u4": "<u4", "u2": "<u2", "u1": "u1", "i4": "<i4", "i2": "<i2", "f8": "<f8", "f4": "<f4",
    "text8": "S8", "text16": "S16", "text24": "S24", "text40": "S40", "text64": "S64", "text240": "S240",
}  # fmt: skip
_ARROW: Final = {
    "i8": pa.int64(), "u8": pa.uint64(), "u4": pa.uint32(), "u2": pa.uint16(), "u1": pa.uint8(), "i4": pa.int32(),
    "i2": pa.int16(), "f8": pa.float64(), "f4": pa.float32(),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name (unit last), type, unit, meaning and, where it has one, the source of the definition."""

    name: str
    type: str
    unit: str
    meaning: str
    absent: Any = 0
    source: str = ""


@dataclass(frozen=True)
class Table:
    """A named list of columns."""

    name: str
    meaning: str
    columns: tuple[Column, ...]

    @cached_property
    def dtype(self) -> np.dtype[np.void]:
        """The structured dtype of one row, fields in column order, packed."""
        return np.dtype([(c.name, _NUMPY[c.type]) for c in self.columns])

    @cached_property
    def arrow_schema(self) -> pa.Schema:
        """The Arrow schema, with unit and meaning as field metadata."""
        kinds = [(c, _ARROW.get(c.type, pa.string())) for c in self.columns]
        return pa.schema([pa.field(c.name, kind, metadata={"unit": c.unit, "meaning": c.meaning}) for c, kind in kinds])

    def empty(self, n: int = 0) -> Rows:
        """Return ``n`` rows that hold the absent value in every column."""
        rows = np.empty(n, self.dtype)
        if n:  # whole rows at once: column by column takes ten times as long
            rows.view(self._blank.dtype)[:] = self._blank
        return rows

    @cached_property
    def _blank(self) -> np.ndarray[Any, np.dtype[np.void]]:
        """One row of absent values, as octets without columns (1,)."""
        row = np.zeros(1, self.dtype)
        for column in self.columns:
            row[column.name] = column.absent
        return row.view(f"V{self.dtype.itemsize}")

    def to_arrow(self, rows: Rows) -> pa.Table:
        """Return ``rows`` as an Arrow table; texts lose their trailing NULs and blanks."""
        arrays = []
        for column in self.columns:
            values = np.ascontiguousarray(rows[column.name])
            arrays.append(arrow_texts(values) if column.type.startswith("text") else pa.array(values))
        return pa.Table.from_arrays(arrays, schema=self.arrow_schema)

    def from_arrow(self, table: pa.Table) -> Rows:
        """Return rows from an Arrow table: unknown columns are ignored, missing ones get the absent value."""
        rows = self.empty(table.num_rows)
        for column in (c for c in self.columns if c.name in table.column_names):
            values = table.column(column.name).combine_chunks()
            if column.type.startswith("text"):
                texts = [("" if v is None else v).encode("utf-8", "replace") for v in values.to_pylist()]
                rows[column.name] = np.array(texts, _NUMPY[column.type]) if texts else b""
            else:
                if values.null_count:
                    values = values.fill_null(column.absent)
                rows[column.name] = values.to_numpy(zero_copy_only=False)
        return rows


NAN: Final = float("nan")


def _c(name: str, kind: str, unit: str, meaning: str, absent: Any = 0, source: str = "") -> Column:
    if kind in {"f4", "f8"}:
        absent = NAN
    elif kind.startswith("text"):
        absent = b""
    return Column(name, kind, unit, meaning, absent, source)


FRAME = Table(
    "frame",
    "What came through a link in one piece: a datagram, a chunk of a stream, a block of a file.",
    (
        _c("rx_ns", "i8", "ns", "time at our door (UTC)"),
        _c("seq", "i8", "", "running number of the frame in its recording; the `frame_no` of its plots"),
        _c("link", "u2", "", "number of the link in the configuration, from 1"),
        _c("format", "u1", "", "what the link carries: 1 ASTERIX, 2 Beast, 3 AVR, 4 SBS, 5 Remote ID"),
        _c("offset", "i8", "B", "where the frame's bytes begin in the batch's buffer"),
        _c("length", "i4", "B", "number of bytes"),
        _c("src_addr", "u4", "", "IPv4 source address as a number, 0 unknown"),
        _c("src_port", "u2", "", "UDP or TCP source port, 0 unknown"),
    ),
)

PLOT = Table(
    "plot",
    "One target report of one sensor.",
    (
        _c("toa_ns", "i8", "ns", "time of applicability (UTC)"),
        _c("rx_ns", "i8", "ns", "time at our door (UTC)"),
        _c("sensor_id", "u2", "", "id of the sensor in the site file"),
        _c("kind", "u1", "", "1 PSR, 2 SSR, 3 PSR+SSR, 4 Mode S, 5 ADS-B, 6 multilateration, 7 Remote ID, "
           "8 bearing only, 9 another system's track, 0 none stated (flag 1024: nothing was detected)"),
        _c("range_m", "f8", "m", "slant range as measured at the sensor"),
        _c("azimuth_rad", "f8", "rad", "azimuth as measured, clockwise from true north"),
        _c("elevation_rad", "f8", "rad", "elevation as measured"),
        _c("range_rate_mps", "f8", "m/s", "Doppler speed, positive away from the sensor"),
        _c("lat_deg", "f8", "deg", "latitude WGS-84, where the report carries a position"),
        _c("lon_deg", "f8", "deg", "longitude WGS-84, where the report carries a position"),
        _c("press_alt_m", "f8", "m", "pressure altitude (1013.25 hPa)"),
        _c("geo_alt_m", "f8", "m", "height above the WGS-84 ellipsoid"),
        _c("v_east_mps", "f4", "m/s", "velocity to the east, where reported"),
        _c("v_north_mps", "f4", "m/s", "velocity to the north, where reported"),
        _c("climb_mps", "f4", "m/s", "rate of climb, where reported"),
        _c("pos_sd_m", "f4", "m", "stated 1-sigma of the position (major axis); absent: the sensor's own"),
        _c("azimuth_sd_rad", "f4", "rad", "stated 1-sigma of the azimuth; absent: the sensor's own"),
        _c("icao24", "u4", "", "24-bit aircraft address, 0 absent"),
        _c("mode3a", "u2", "", "Mode 3/A code as a number (octal 7700 = 4032), 65535 absent", ABSENT_MODE3A),
        _c("callsign", "text8", "", "aircraft identification"),
        _c("flags", "u4", "", "bits: 1 simulated, 2 test target, 4 SPI, 8 emergency, 16 garbled or not validated, "
           "32 on ground, 64 time assumed, 128 repaired by error correction, 256 the sender's track is tentative, "
           "512 last report of the sender's track, 1024 extrapolated by the sender (nothing was detected)"),
        _c("frame_no", "i8", "", "which frame of the recording it came from"),
        _c("source_track_no", "u4", "", "the sender's own track number"),
        _c("pos_minor_sd_m", "f4", "m", "minor axis of the stated error ellipse (1-sigma)"),
        _c("pos_orient_rad", "f4", "rad", "orientation of the major axis, clockwise from true north"),
        _c("nic", "u1", "", "navigation integrity category, 255 absent", ABSENT_U1, "DO-260B"),
        _c("nac_p", "u1", "", "navigation accuracy category, position, 255 absent", ABSENT_U1, "DO-260B"),
        _c("nac_v", "u1", "", "navigation accuracy category, velocity, 255 absent", ABSENT_U1, "DO-260B"),
        _c("sil", "u1", "", "source integrity level, 255 absent", ABSENT_U1, "DO-260B"),
        _c("adsb_version", "u1", "", "MOPS version (0 DO-260, 1 A, 2 B), 255 absent", ABSENT_U1, "DO-260B"),
        _c("emergency", "u1", "", "emergency state as reported, 255 absent", ABSENT_U1, "DO-260B 2.2.3.2.7.8"),
        _c("signal_dbfs", "f4", "dB", "signal level of the reception relative to full scale"),
        _c("heading_rad", "f4", "rad", "magnetic heading as reported"),
        _c("ias_mps", "f4", "m/s", "indicated airspeed as reported"),
        _c("selected_alt_m", "f4", "m", "selected altitude as reported"),
    ),
)  # fmt: skip

PLOT_KIND: Final = {
    "psr": 1, "ssr": 2, "psr+ssr": 3, "mode_s": 4, "adsb": 5, "mlat": 6, "remote_id": 7, "bearing": 8, "track": 9
}  # fmt: skip

FLAG_SIMULATED: Final = 1
FLAG_TEST: Final = 2
FLAG_SPI: Final = 4
FLAG_EMERGENCY: Final = 8
FLAG_GARBLED: Final = 16
FLAG_ON_GROUND: Final = 32
FLAG_TIME_ASSUMED: Final = 64
FLAG_REPAIRED: Final = 128
FLAG_TENTATIVE: Final = 256
FLAG_ENDED: Final = 512
FLAG_COASTED: Final = 1024

SERVICE = Table(
    "service",
    "What a sensor says of itself: north markers, sector crossings, status.",
    (
        _c("toa_ns", "i8", "ns", "time the message states (UTC); rx_ns where it states none"),
        _c("rx_ns", "i8", "ns", "time at our door (UTC)"),
        _c("sensor_id", "u2", "", "id of the sensor in the site file"),
        _c("kind", "u1", "", "1 north marker, 2 sector crossing, 3 geographical filter, 4 jamming strobe, "
           "5 solar storm, 6 SSR jamming, 7 mode S jamming, 8 ground station status, 9 service status, "
           "10 start of update cycle, 11 periodic status, 12 event-triggered status, "
           "13 part of a weather picture, 0 other"),
        _c("category", "u1", "", "ASTERIX category it came in"),
        _c("azimuth_rad", "f4", "rad", "antenna azimuth at that instant (sector crossings)"),
        _c("period_s", "f4", "s", "antenna rotation period as stated"),
        _c("status", "u4", "", "bits: 1 NOGO (not released for operational use), 2 overload in the chain, "
           "4 time source invalid, 8 monitoring system disconnected, 16 simulated or test"),
        _c("frame_no", "i8", "", "which frame of the recording it came from"),
    ),
)  # fmt: skip

STATUS_NOGO: Final = 1
STATUS_OVERLOAD: Final = 2
STATUS_TIME_INVALID: Final = 4
STATUS_DISCONNECTED: Final = 8
STATUS_SIMULATED: Final = 16

REJECT = Table(
    "reject",
    "One record, or one block whose records cannot be counted, that was not decoded.",
    (
        _c("rx_ns", "i8", "ns", "time at our door (UTC)"),
        _c("frame_no", "i8", "", "which frame of the recording it came from"),
        _c("link", "u2", "", "number of the link"),
        _c("sensor_id", "u2", "", "id of the sensor where it is known, else 0"),
        _c("category", "u1", "", "ASTERIX category, 0 where there is none"),
        _c("reason", "u1", "", "index into terms.ledger.REASONS"),
        _c("record_no", "u2", "", "which record of its block, from 0"),
        _c("item", "u2", "", "data item number where it is known (e.g. 70 for I048/070), else 0"),
        _c("offset", "i4", "B", "offset in the frame of the octet at which it failed"),
        _c("length", "i4", "B", "octets given up"),
        _c("edition_suspect", "u1", "", "1 where what this sender sends of the category fits another edition"),
    ),
)

HEALTH = Table(
    "health",
    "What is known of one sensor at one tick.",
    (
        _c("now_ns", "i8", "ns", "the tick (UTC)"),
        _c("sensor_id", "u2", "", "id of the sensor in the site file"),
        _c("state", "u1", "", "0 never heard, 1 ok, 2 degraded, 3 blind (alive, no plots), 4 silent, 5 NOGO"),
        _c("reasons", "u4", "", "bits, see monitor.REASONS"),
        _c("plots", "u8", "", "plots so far"),
        _c("services", "u8", "", "service messages so far"),
        _c("rejects", "u8", "", "rejected records so far"),
        _c("last_plot_ns", "i8", "ns", "rx time of the last plot, 0 never"),
        _c("last_data_ns", "i8", "ns", "rx time of the last plot or service message, 0 never"),
        _c("rotation_s", "f8", "s", "measured rotation period"),
        _c("clock_offset_s", "f8", "s", "sensor clock minus ours, less the usual delay; positive: ahead"),
        _c("range_bias_m", "f8", "m", "reported minus true"),
        _c("range_bias_sd_m", "f8", "m", "1-sigma of it"),
        _c("azimuth_bias_rad", "f8", "rad", "reported minus true"),
        _c("azimuth_bias_sd_rad", "f8", "rad", "1-sigma of it"),
        _c("time_bias_s", "f8", "s", "sensor stamps this much too late"),
        _c("time_bias_sd_s", "f8", "s", "1-sigma of it"),
        _c("plots_per_scan", "f4", "", "plots in the last full turn or period"),
        _c("clock_drift", "f8", "s/s", "how fast clock_offset_s grows"),
        _c("range_gain", "f8", "", "scale of range: reported over true, less 1"),
        _c("range_gain_sd", "f8", "", "1-sigma of it"),
    ),
)
HEALTH_BIAS_LIMIT: Final = 1 << 15  # in ``reasons``: an error beyond what is corrected without a supervisor's act

TRACK = Table(
    "track",
    "One track at one output time: the state is valid at `now_ns`.",
    (
        _c("now_ns", "i8", "ns", "output time (UTC)"),
        _c("track_no", "u4", "", "stable number"),
        _c("status", "u1", "", "1 tentative, 2 confirmed, 3 coasting, 4 ended"),
        _c("toa_ns", "i8", "ns", "time of the last update used"),
        _c("lat_deg", "f8", "deg", "latitude WGS-84"),
        _c("lon_deg", "f8", "deg", "longitude WGS-84"),
        _c("geo_alt_m", "f8", "m", "height above the ellipsoid"),
        _c("press_alt_m", "f8", "m", "pressure altitude (1013.25 hPa)"),
        _c("v_east_mps", "f4", "m/s", "velocity to the east"),
        _c("v_north_mps", "f4", "m/s", "velocity to the north"),
        _c("climb_mps", "f4", "m/s", "rate of climb"),
        _c("turn_radps", "f4", "rad/s", "turn rate, positive to the right"),
        _c("pos_major_m", "f4", "m", "major axis of the 1-sigma error ellipse the tracker claims"),
        _c("pos_minor_m", "f4", "m", "minor axis"),
        _c("pos_orient_rad", "f4", "rad", "orientation of the major axis, clockwise from true north"),
        _c("vel_sd_mps", "f4", "m/s", "1-sigma velocity error the tracker claims"),
        _c("sensors", "u8", "", "bit set of the sensor ids (modulo 64) that updated it within their last two periods"),
        _c("icao24", "u4", "", "24-bit aircraft address, 0 absent"),
        _c("mode3a", "u2", "", "Mode 3/A code as a number, 65535 absent", ABSENT_MODE3A),
        _c("callsign", "text8", "", "aircraft identification"),
        _c("flags", "u4", "", "flags of its newest plots, bits as in plot"),
    ),
)

TRACK_TENTATIVE: Final = 1
TRACK_CONFIRMED: Final = 2
TRACK_COASTING: Final = 3
TRACK_ENDED: Final = 4

TRUTH = Table(
    "truth",
    "Where a target of an exercise really was.",
    (
        _c("t_ns", "i8", "ns", "time (UTC)"),
        _c("target_id", "u4", "", "number of the target in the exercise"),
        _c("lat_deg", "f8", "deg", "latitude WGS-84"),
        _c("lon_deg", "f8", "deg", "longitude WGS-84"),
        _c("geo_alt_m", "f8", "m", "height above the ellipsoid"),
        _c("press_alt_m", "f8", "m", "pressure altitude (1013.25 hPa)"),
        _c("v_east_mps", "f4", "m/s", "velocity to the east"),
        _c("v_north_mps", "f4", "m/s", "velocity to the north"),
        _c("climb_mps", "f4", "m/s", "rate of climb"),
        _c("icao24", "u4", "", "24-bit aircraft address, 0 absent"),
        _c("mode3a", "u2", "", "Mode 3/A code as a number, 65535 absent", ABSENT_MODE3A),
        _c("callsign", "text8", "", "aircraft identification"),
    ),
)

REMOTE_ID = Table(
    "remote_id",
    "What a drone has said of itself and of its operator by Remote ID: one row for each frame that tells more than the "
    "position, with everything known of the drone by then.",
    (
        _c("rx_ns", "i8", "ns", "time at our door (UTC)"),
        _c("sensor_id", "u2", "", "id of the sensor in the site file"),
        _c("source_track_no", "u4", "", "the drone's number at this sensor, as in its plots"),
        _c("sender", "u8", "", "48-bit address of the transmitter, 0 unknown"),
        _c("carrier", "u1", "", "1 Wi-Fi beacon, 2 Wi-Fi NAN, 3 Bluetooth 4, 4 Bluetooth 5, 5 network, 6 DJI beacon"),
        _c("uas_id", "text24", "", "identity of the aircraft; UUID and session identities in hex digits"),
        _c("id_type", "u1", "", "1 serial number, 2 registration, 3 UTM-assigned, 4 session, 0 none", 0, "F3411-22a"),
        _c("ua_type", "u1", "", "1 aeroplane, 2 helicopter or multirotor, ... 15 other, 0 none", 0, "F3411-22a"),
        _c("operator_id", "text24", "", "registration of the operator"),
        _c("self_id", "text24", "", "what the operator says of the flight"),
        _c("operator_lat_deg", "f8", "deg", "latitude WGS-84 of the operator"),
        _c("operator_lon_deg", "f8", "deg", "longitude WGS-84 of the operator"),
        _c("operator_geo_alt_m", "f8", "m", "operator's height above the ellipsoid"),
        _c("operator_place", "u1", "", "0 place of take-off, 1 live, 2 fixed, 255 not told", ABSENT_U1, "F3411-22a"),
        _c("home_lat_deg", "f8", "deg", "latitude of the home point (DJI)"),
        _c("home_lon_deg", "f8", "deg", "longitude of the home point (DJI)"),
        _c("height_m", "f4", "m", "last height over take-off or ground as reported"),
        _c("area_count", "u2", "", "aircraft in the area of operation"),
        _c("area_radius_m", "f4", "m", "radius of the area of operation"),
        _c("eu_category", "u1", "", "1 open, 2 specific, 3 certified, 0 undeclared", 0, "EN 4709-002"),
        _c("eu_class", "u1", "", "class number + 1, 0 undeclared", 0, "EN 4709-002"),
        _c("auth_type", "u1", "", "type of the authentication heard, 255 none", ABSENT_U1, "F3411-22a"),
        _c("identities", "u2", "", "different identities this transmitter has used; more than 1 is a contradiction"),
        _c("signal_dbm", "f4", "dBm", "signal level of the reception"),
        _c("frame_no", "i8", "", "which frame of the recording it came from"),
    ),
)

WEATHER = Table(
    "weather",
    "One vector or contour point of a radar's weather picture (ASTERIX category 008).",
    (
        _c("rx_ns", "i8", "ns", "time at our door (UTC)"),
        _c("toa_ns", "i8", "ns", "time the message states (UTC); rx_ns where it states none"),
        _c("sensor_id", "u2", "", "id of the sensor in the site file"),
        _c("picture", "u4", "", "running number of the sensor's picture, counted by its start messages"),
        _c("kind", "u1", "", "1 polar vector, 2 start and length, 3 contour point, 4 start and end", 0, "I008/000"),
        _c("intensity", "u1", "", "intensity level, 0 to 7"),
        _c("contour", "u1", "", "serial number of the contour"),
        _c("point", "u2", "", "number of the vector or point in its message, from 0"),
        _c("x1_m", "f4", "m", "start, east of the radar (of the system's centre for system coordinates)"),
        _c("y1_m", "f4", "m", "start, north"),
        _c("x2_m", "f4", "m", "end, east"),
        _c("y2_m", "f4", "m", "end, north"),
        _c("lat1_deg", "f8", "deg", "latitude WGS-84 of the start, where the sensor's place is known"),
        _c("lon1_deg", "f8", "deg", "longitude WGS-84 of the start"),
        _c("lat2_deg", "f8", "deg", "latitude WGS-84 of the end"),
        _c("lon2_deg", "f8", "deg", "longitude WGS-84 of the end"),
        _c("frame_no", "i8", "", "which frame of the recording it came from"),
    ),
)

IDENTITY = Table(
    "identity",
    "Who a track is held to be, and why; a row is written when something of it changes.",
    (
        _c("now_ns", "i8", "ns", "output time (UTC)"),
        _c("track_no", "u4", "", "the track"),
        _c("category", "u1", "", "0 pending, 1 unknown, 2 assumed friend, 3 friend, 4 neutral, 5 suspect, 6 hostile"),
        _c("confidence", "f4", "", "0 to 1: how far the evidence is from telling otherwise"),
        _c("evidence", "text240", "", "the reasons in English words, the weightiest first, with their weights"),
        _c("plan", "text40", "", "the flight plan it is coupled with"),
        _c("permit", "text24", "", "number of the permit that covers it"),
        _c("decided_by", "text24", "", "who decided the category; empty: by evidence"),
        _c("evidence_fr", "text240", "", "the reasons in French words"),
        _c("decided_ns", "i8", "ns", "when it was decided, 0 by evidence"),
        _c("decided_why", "text64", "", "why it was decided so, in the words of who did"),
        _c("candidates", "u1", "", "how many plans fit equally well (2 and more: none is coupled)"),
        _c("trust", "u1", "", "of the position it states: 0 states none, 1 unverified, 2 verified, 3 contradicted"),
        _c("trust_bits", "u4", "", "bits: 1 not seen by sensors that should, 2 seen elsewhere, 4 impossible motion, "
           "8 address in use twice, 16 height does not fit, 32 own quality fields say unknown, 64 GNSS interference, "
           "128 range rate does not fit, 8192 repeats what it said before; of a drone: 256 moves otherwise than it "
           "says, 512 too fast, 1024 operator out of reach, 2048 several identities, 4096 several transmitters"),
        _c("trust_words", "text240", "", "the same in English words"),
        _c("comloss", "u1", "", "0 none, 1 loss of communication, 2 suspected, 3 probable, 4 confirmed"),
        _c("name", "text16", "", "name an operator gave it"),
        _c("score", "f4", "", "sum of the evidence's weights"),
    ),
)  # fmt: skip

CATEGORIES: Final = ("pending", "unknown", "assumed_friend", "friend", "neutral", "suspect", "hostile")

ALERT = Table(
    "alert",
    "One alert at one moment of its life; a row is written when something of it changes.",
    (
        _c("alert_no", "u4", "", "running number"),
        _c("rule", "text24", "", "the rule that raised it"),
        _c("area", "text40", "", "volume, site, sensor or cell it is about; empty where there is none"),
        _c("track_no", "u4", "", "the track, 0 where it is about none"),
        _c("raised_ns", "i8", "ns", "when it was raised"),
        _c("acknowledged_ns", "i8", "ns", "when a person acknowledged it, 0 not yet"),
        _c("cleared_ns", "i8", "ns", "when its cause ended, 0 not yet"),
        _c("severity", "u1", "", "1 information, 2 caution, 3 warning, 4 alarm"),
        _c("predicted_ns", "i8", "ns", "when what it warns of is expected, 0 it is now"),
        _c("lat_deg", "f8", "deg", "where"),
        _c("lon_deg", "f8", "deg", "where"),
        _c("reason", "text240", "", "why, in English words"),
        _c("now_ns", "i8", "ns", "output time of this row (UTC)"),
        _c("state", "u1", "", "1 raised, 2 acknowledged, 3 cleared and not acknowledged, 4 closed"),
        _c("other_no", "u4", "", "the second track of a pair, 0 none"),
        _c("group_no", "u4", "", "alert_no of the first of its burst, 0 alone"),
        _c("escalated", "u1", "", "how often it was raised in severity because nobody acknowledged it"),
        _c("shelved_until_ns", "i8", "ns", "shelved until then, 0 not shelved"),
        _c("acknowledged_by", "text24", "", "who acknowledged it"),
        _c("shelved_by", "text24", "", "who shelved it"),
        _c("shelved_why", "text64", "", "why it was shelved"),
        _c("reason_fr", "text240", "", "why, in French words"),
        _c("predicted_sd_s", "f4", "s", "1-sigma of predicted_ns"),
        _c("risk", "f4", "", "0 to 1, where the rule ranks by risk"),
    ),
)  # fmt: skip

ALERT_RAISED: Final = 1
ALERT_ACKNOWLEDGED: Final = 2
ALERT_CLEARED: Final = 3
ALERT_CLOSED: Final = 4

TABLES: Final[dict[str, Table]] = {
    t.name: t for t in (FRAME, PLOT, SERVICE, REJECT, HEALTH, TRACK, TRUTH, REMOTE_ID, WEATHER, IDENTITY, ALERT)
}
