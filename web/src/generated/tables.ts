/* Written by builders/web.py from src/vigie/terms/tables.py. Do not edit. */

/** Type codes as in the header of a picture message. */
export type ColumnType = "i8" | "u8" | "u4" | "u2" | "u1" | "i4" | "i2" | "f8" | "f4" | `text${number}`;

export const TABLES = {
  /** One track at one output time: the state is valid at `now_ns`. */
  track: {
    /** output time (UTC) [ns] */
    now_ns: "i8",
    /** stable number */
    track_no: "u4",
    /** 1 tentative, 2 confirmed, 3 coasting, 4 ended */
    status: "u1",
    /** time of the last update used [ns] */
    toa_ns: "i8",
    /** latitude WGS-84 [deg] */
    lat_deg: "f8",
    /** longitude WGS-84 [deg] */
    lon_deg: "f8",
    /** height above the ellipsoid [m] */
    geo_alt_m: "f8",
    /** pressure altitude (1013.25 hPa) [m] */
    press_alt_m: "f8",
    /** velocity to the east [m/s] */
    v_east_mps: "f4",
    /** velocity to the north [m/s] */
    v_north_mps: "f4",
    /** rate of climb [m/s] */
    climb_mps: "f4",
    /** turn rate, positive to the right [rad/s] */
    turn_radps: "f4",
    /** major axis of the 1-sigma error ellipse the tracker claims [m] */
    pos_major_m: "f4",
    /** minor axis [m] */
    pos_minor_m: "f4",
    /** orientation of the major axis, clockwise from true north [rad] */
    pos_orient_rad: "f4",
    /** 1-sigma velocity error the tracker claims [m/s] */
    vel_sd_mps: "f4",
    /** bit set of the sensor ids (modulo 64) that updated it within their last two periods */
    sensors: "u8",
    /** 24-bit aircraft address, 0 absent */
    icao24: "u4",
    /** Mode 3/A code as a number, 65535 absent */
    mode3a: "u2",
    /** aircraft identification */
    callsign: "text8",
    /** flags of its newest plots, bits as in plot */
    flags: "u4",
  },
  /** One target report of one sensor. */
  plot: {
    /** time of applicability (UTC) [ns] */
    toa_ns: "i8",
    /** time at our door (UTC) [ns] */
    rx_ns: "i8",
    /** id of the sensor in the site file */
    sensor_id: "u2",
    /** 1 PSR, 2 SSR, 3 PSR+SSR, 4 Mode S, 5 ADS-B, 6 multilateration, 7 Remote ID, 8 bearing only, 9 another system's track, 0 none stated (flag 1024: nothing was detected) */
    kind: "u1",
    /** slant range as measured at the sensor [m] */
    range_m: "f8",
    /** azimuth as measured, clockwise from true north [rad] */
    azimuth_rad: "f8",
    /** elevation as measured [rad] */
    elevation_rad: "f8",
    /** Doppler speed, positive away from the sensor [m/s] */
    range_rate_mps: "f8",
    /** latitude WGS-84, where the report carries a position [deg] */
    lat_deg: "f8",
    /** longitude WGS-84, where the report carries a position [deg] */
    lon_deg: "f8",
    /** pressure altitude (1013.25 hPa) [m] */
    press_alt_m: "f8",
    /** height above the WGS-84 ellipsoid [m] */
    geo_alt_m: "f8",
    /** velocity to the east, where reported [m/s] */
    v_east_mps: "f4",
    /** velocity to the north, where reported [m/s] */
    v_north_mps: "f4",
    /** rate of climb, where reported [m/s] */
    climb_mps: "f4",
    /** stated 1-sigma of the position (major axis); absent: the sensor's own [m] */
    pos_sd_m: "f4",
    /** stated 1-sigma of the azimuth; absent: the sensor's own [rad] */
    azimuth_sd_rad: "f4",
    /** 24-bit aircraft address, 0 absent */
    icao24: "u4",
    /** Mode 3/A code as a number (octal 7700 = 4032), 65535 absent */
    mode3a: "u2",
    /** aircraft identification */
    callsign: "text8",
    /** bits: 1 simulated, 2 test target, 4 SPI, 8 emergency, 16 garbled or not validated, 32 on ground, 64 time assumed, 128 repaired by error correction, 256 the sender's track is tentative, 512 last report of the sender's track, 1024 extrapolated by the sender (nothing was detected) */
    flags: "u4",
    /** which frame of the recording it came from */
    frame_no: "i8",
    /** the sender's own track number */
    source_track_no: "u4",
    /** minor axis of the stated error ellipse (1-sigma) [m] */
    pos_minor_sd_m: "f4",
    /** orientation of the major axis, clockwise from true north [rad] */
    pos_orient_rad: "f4",
    /** navigation integrity category, 255 absent */
    nic: "u1",
    /** navigation accuracy category, position, 255 absent */
    nac_p: "u1",
    /** navigation accuracy category, velocity, 255 absent */
    nac_v: "u1",
    /** source integrity level, 255 absent */
    sil: "u1",
    /** MOPS version (0 DO-260, 1 A, 2 B), 255 absent */
    adsb_version: "u1",
    /** emergency state as reported, 255 absent */
    emergency: "u1",
    /** signal level of the reception relative to full scale [dB] */
    signal_dbfs: "f4",
    /** magnetic heading as reported [rad] */
    heading_rad: "f4",
    /** indicated airspeed as reported [m/s] */
    ias_mps: "f4",
    /** selected altitude as reported [m] */
    selected_alt_m: "f4",
  },
  /** What is known of one sensor at one tick. */
  health: {
    /** the tick (UTC) [ns] */
    now_ns: "i8",
    /** id of the sensor in the site file */
    sensor_id: "u2",
    /** 0 never heard, 1 ok, 2 degraded, 3 blind (alive, no plots), 4 silent, 5 NOGO */
    state: "u1",
    /** bits, see monitor.REASONS */
    reasons: "u4",
    /** plots so far */
    plots: "u8",
    /** service messages so far */
    services: "u8",
    /** rejected records so far */
    rejects: "u8",
    /** rx time of the last plot, 0 never [ns] */
    last_plot_ns: "i8",
    /** rx time of the last plot or service message, 0 never [ns] */
    last_data_ns: "i8",
    /** measured rotation period [s] */
    rotation_s: "f8",
    /** sensor clock minus ours, less the usual delay; positive: ahead [s] */
    clock_offset_s: "f8",
    /** reported minus true [m] */
    range_bias_m: "f8",
    /** 1-sigma of it [m] */
    range_bias_sd_m: "f8",
    /** reported minus true [rad] */
    azimuth_bias_rad: "f8",
    /** 1-sigma of it [rad] */
    azimuth_bias_sd_rad: "f8",
    /** sensor stamps this much too late [s] */
    time_bias_s: "f8",
    /** 1-sigma of it [s] */
    time_bias_sd_s: "f8",
    /** plots in the last full turn or period */
    plots_per_scan: "f4",
    /** how fast clock_offset_s grows [s/s] */
    clock_drift: "f8",
    /** scale of range: reported over true, less 1 */
    range_gain: "f8",
    /** 1-sigma of it */
    range_gain_sd: "f8",
  },
  /** Who a track is held to be, and why; a row is written when something of it changes. */
  identity: {
    /** output time (UTC) [ns] */
    now_ns: "i8",
    /** the track */
    track_no: "u4",
    /** 0 pending, 1 unknown, 2 assumed friend, 3 friend, 4 neutral, 5 suspect, 6 hostile */
    category: "u1",
    /** 0 to 1: how far the evidence is from telling otherwise */
    confidence: "f4",
    /** the reasons in English words, the weightiest first, with their weights */
    evidence: "text240",
    /** the flight plan it is coupled with */
    plan: "text40",
    /** number of the permit that covers it */
    permit: "text24",
    /** who decided the category; empty: by evidence */
    decided_by: "text24",
    /** the reasons in French words */
    evidence_fr: "text240",
    /** when it was decided, 0 by evidence [ns] */
    decided_ns: "i8",
    /** why it was decided so, in the words of who did */
    decided_why: "text64",
    /** how many plans fit equally well (2 and more: none is coupled) */
    candidates: "u1",
    /** of the position it states: 0 states none, 1 unverified, 2 verified, 3 contradicted */
    trust: "u1",
    /** bits: 1 not seen by sensors that should, 2 seen elsewhere, 4 impossible motion, 8 address in use twice, 16 height does not fit, 32 own quality fields say unknown, 64 GNSS interference, 128 range rate does not fit, 8192 repeats what it said before; of a drone: 256 moves otherwise than it says, 512 too fast, 1024 operator out of reach, 2048 several identities, 4096 several transmitters */
    trust_bits: "u4",
    /** the same in English words */
    trust_words: "text240",
    /** 0 none, 1 loss of communication, 2 suspected, 3 probable, 4 confirmed */
    comloss: "u1",
    /** name an operator gave it */
    name: "text16",
    /** sum of the evidence's weights */
    score: "f4",
  },
  /** One alert at one moment of its life; a row is written when something of it changes. */
  alert: {
    /** running number */
    alert_no: "u4",
    /** the rule that raised it */
    rule: "text24",
    /** volume, site, sensor or cell it is about; empty where there is none */
    area: "text40",
    /** the track, 0 where it is about none */
    track_no: "u4",
    /** when it was raised [ns] */
    raised_ns: "i8",
    /** when a person acknowledged it, 0 not yet [ns] */
    acknowledged_ns: "i8",
    /** when its cause ended, 0 not yet [ns] */
    cleared_ns: "i8",
    /** 1 information, 2 caution, 3 warning, 4 alarm */
    severity: "u1",
    /** when what it warns of is expected, 0 it is now [ns] */
    predicted_ns: "i8",
    /** where [deg] */
    lat_deg: "f8",
    /** where [deg] */
    lon_deg: "f8",
    /** why, in English words */
    reason: "text240",
    /** output time of this row (UTC) [ns] */
    now_ns: "i8",
    /** 1 raised, 2 acknowledged, 3 cleared and not acknowledged, 4 closed */
    state: "u1",
    /** the second track of a pair, 0 none */
    other_no: "u4",
    /** alert_no of the first of its burst, 0 alone */
    group_no: "u4",
    /** how often it was raised in severity because nobody acknowledged it */
    escalated: "u1",
    /** shelved until then, 0 not shelved [ns] */
    shelved_until_ns: "i8",
    /** who acknowledged it */
    acknowledged_by: "text24",
    /** who shelved it */
    shelved_by: "text24",
    /** why it was shelved */
    shelved_why: "text64",
    /** why, in French words */
    reason_fr: "text240",
    /** 1-sigma of predicted_ns [s] */
    predicted_sd_s: "f4",
    /** 0 to 1, where the rule ranks by risk */
    risk: "f4",
  },
  /** One vector or contour point of a radar's weather picture (ASTERIX category 008). */
  weather: {
    /** time at our door (UTC) [ns] */
    rx_ns: "i8",
    /** time the message states (UTC); rx_ns where it states none [ns] */
    toa_ns: "i8",
    /** id of the sensor in the site file */
    sensor_id: "u2",
    /** running number of the sensor's picture, counted by its start messages */
    picture: "u4",
    /** 1 polar vector, 2 start and length, 3 contour point, 4 start and end */
    kind: "u1",
    /** intensity level, 0 to 7 */
    intensity: "u1",
    /** serial number of the contour */
    contour: "u1",
    /** number of the vector or point in its message, from 0 */
    point: "u2",
    /** start, east of the radar (of the system's centre for system coordinates) [m] */
    x1_m: "f4",
    /** start, north [m] */
    y1_m: "f4",
    /** end, east [m] */
    x2_m: "f4",
    /** end, north [m] */
    y2_m: "f4",
    /** latitude WGS-84 of the start, where the sensor's place is known [deg] */
    lat1_deg: "f8",
    /** longitude WGS-84 of the start [deg] */
    lon1_deg: "f8",
    /** latitude WGS-84 of the end [deg] */
    lat2_deg: "f8",
    /** longitude WGS-84 of the end [deg] */
    lon2_deg: "f8",
    /** which frame of the recording it came from */
    frame_no: "i8",
  },
} as const satisfies Record<string, Record<string, ColumnType>>;

export type TableName = keyof typeof TABLES;
export type ColumnName<T extends TableName> = keyof (typeof TABLES)[T] & string;
