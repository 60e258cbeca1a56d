/** The whole picture: tracks, plots and sensor health, merged from full pictures and differences. */
import { column, nanosToMs, type Picture, type TableView } from "../link/decode";
import { Alerts, type Alert } from "./alerts";
import { Identities } from "./identities";
import { Plots } from "./plots";
import { Tracks } from "./tracks";
import { Weather } from "./weather";

export const NEVER = 0;
export const OK = 1;
export const NOGO = 5;

export interface Health {
  readonly sensorId: number;
  /** 0 never heard, 1 ok, 2 degraded, 3 blind, 4 silent, 5 NOGO. */
  readonly state: number;
  readonly reasons: number;
  readonly plots: number;
  readonly services: number;
  readonly rejects: number;
  /** UTC ms of the last plot or service message; 0 never. */
  readonly lastDataMs: number;
  readonly rotationS: number;
  readonly clockOffsetS: number;
  readonly rangeBiasM: number;
  readonly azimuthBiasRad: number;
  readonly plotsPerScan: number;
}

export class PictureStore {
  version = 0;
  nowMs = 0;
  progress = -1;
  mode = "";
  readonly tracks = new Tracks();
  readonly plots = new Plots();
  readonly identities = new Identities();
  readonly alerts = new Alerts();
  readonly weather = new Weather();
  /** Alerts that the last picture raised and nobody has acknowledged. */
  raised: readonly Alert[] = [];
  health: ReadonlyMap<number, Health> = new Map();
  /** Counts the changes of health, so that its readers need not compare. */
  healthVersion = 0;

  /** Apply a picture; false where it is a difference from a version we do not hold. */
  apply(picture: Picture): boolean {
    const whole = picture.base === 0;
    if (!whole && picture.base !== this.version) return false;
    if (picture.nowMs < this.nowMs - 60_000) this.plots.clear(); // a replay was set back
    this.tracks.merge(picture.tables.get("track"), picture.ended, whole);
    this.plots.add(picture.tables.get("plot"));
    this.identities.merge(picture.tables.get("identity"), this.tracks, picture.ended, whole);
    this.raised = this.alerts.merge(picture.tables.get("alert"), whole);
    this.weather.merge(picture.tables.get("weather"), whole);
    const health = picture.tables.get("health");
    if (health !== undefined && health.rows > 0) {
      this.health = readHealth(health);
      this.healthVersion += 1;
    }
    this.version = picture.version;
    this.nowMs = picture.nowMs;
    this.mode = picture.mode;
    return true;
  }

  /** Whether this picture shows progress of the core since the last one asked about. */
  advanced(picture: Picture): boolean {
    const advanced = picture.progress !== this.progress;
    this.progress = picture.progress;
    return advanced;
  }
}

function readHealth(table: TableView): Map<number, Health> {
  const ids = column(table, "sensor_id", Uint16Array);
  const result = new Map<number, Health>();
  if (ids === undefined) return result;
  const times = column(table, "last_data_ns", BigInt64Array);
  const lastDataMs = times === undefined ? null : nanosToMs(times, new Float64Array(table.rows));
  const number = (name: string, i: number, absent: number): number => {
    const values = table.columns.get(name);
    return values === undefined ? absent : Number(values[i]);
  };
  for (let i = 0; i < table.rows; i++) {
    result.set(ids[i], {
      sensorId: ids[i],
      state: number("state", i, NEVER),
      reasons: number("reasons", i, 0),
      plots: number("plots", i, 0),
      services: number("services", i, 0),
      rejects: number("rejects", i, 0),
      lastDataMs: lastDataMs === null ? 0 : lastDataMs[i],
      rotationS: number("rotation_s", i, NaN),
      clockOffsetS: number("clock_offset_s", i, NaN),
      rangeBiasM: number("range_bias_m", i, NaN),
      azimuthBiasRad: number("azimuth_bias_rad", i, NaN),
      plotsPerScan: number("plots_per_scan", i, NaN),
    });
  }
  return result;
}
