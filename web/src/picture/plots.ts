/** The plots of the last seconds: a ring of columns, newest overwrite oldest. */
import { column, nanosToMs, type TableView } from "../link/decode";

export const PLOT_LIFE_MS = 10_000;
const CAPACITY = 16_384;

export class Plots {
  readonly lonLat = new Float32Array(2 * CAPACITY);
  readonly sensor = new Uint16Array(CAPACITY);
  readonly kind = new Uint8Array(CAPACITY);
  readonly rxMs = new Float64Array(CAPACITY).fill(-Infinity);
  readonly capacity = CAPACITY;
  /** How many plots have come in all. */
  total = 0;
  private head = 0;
  private scratch = new Float64Array(1024);

  add(table: TableView | undefined): void {
    if (table === undefined || table.rows === 0) return;
    const lat = column(table, "lat_deg", Float64Array);
    const lon = column(table, "lon_deg", Float64Array);
    const rx = column(table, "rx_ns", BigInt64Array);
    const sensor = column(table, "sensor_id", Uint16Array);
    const kind = column(table, "kind", Uint8Array);
    if (lat === undefined || lon === undefined || rx === undefined) return;
    if (this.scratch.length < table.rows) this.scratch = new Float64Array(2 * table.rows);
    const ms = nanosToMs(rx, this.scratch);
    this.total += table.rows;
    for (let i = 0; i < table.rows; i++) {
      if (!(Math.abs(lat[i]) <= 90 && Math.abs(lon[i]) <= 360)) continue; // a plot without a position (NaN) is not drawn
      const at = this.head;
      this.lonLat[2 * at] = lon[i];
      this.lonLat[2 * at + 1] = lat[i];
      this.rxMs[at] = ms[i];
      this.sensor[at] = sensor === undefined ? 0 : sensor[i];
      this.kind[at] = kind === undefined ? 0 : kind[i];
      this.head = (at + 1) % CAPACITY;
    }
  }

  clear(): void {
    this.rxMs.fill(-Infinity);
  }
}
