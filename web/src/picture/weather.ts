/** The radars' weather pictures as lines: vectors as they are, contours joined point to point. */
import { column, type TableView } from "../link/decode";

export const LEVELS = 8;
const CONTOUR_POINT = 3;

export class Weather {
  /** lon, lat of both ends, interleaved, and the intensity (0 to 7) of each line. */
  from = new Float64Array(0);
  to = new Float64Array(0);
  intensity = new Uint8Array(0);
  count = 0;
  /** Counts the changes. */
  version = 0;

  /** Take over the whole weather that is shown; nothing came: nothing changes, but with `whole` it is gone. */
  merge(table: TableView | undefined, whole: boolean): void {
    if (table === undefined && !whole) return;
    if (table === undefined && this.count === 0) return;
    this.version += 1;
    this.count = 0;
    if (table !== undefined) this.read(table);
  }

  private read(table: TableView): void {
    const ends = (["lon1_deg", "lat1_deg", "lon2_deg", "lat2_deg"] as const).map((name) => column(table, name, Float64Array));
    const kind = column(table, "kind", Uint8Array);
    const intensity = column(table, "intensity", Uint8Array);
    const [lon1, lat1, lon2, lat2] = ends;
    if (lon1 === undefined || lat1 === undefined || lon2 === undefined || lat2 === undefined || kind === undefined) return;
    if (this.intensity.length < table.rows) {
      this.from = new Float64Array(2 * table.rows);
      this.to = new Float64Array(2 * table.rows);
      this.intensity = new Uint8Array(table.rows);
    }
    const group = (i: number): string =>
      ["sensor_id", "picture", "contour"].map((name) => String(table.columns.get(name)?.[i] ?? 0)).join("/");
    for (let i = 0; i < table.rows; i++) {
      let x = lon2[i];
      let y = lat2[i];
      if (kind[i] === CONTOUR_POINT) {
        if (i + 1 >= table.rows || kind[i + 1] !== CONTOUR_POINT || group(i) !== group(i + 1)) continue;
        x = lon1[i + 1];
        y = lat1[i + 1];
      }
      if (!(Math.abs(lat1[i]) <= 90 && Math.abs(y) <= 90 && Number.isFinite(lon1[i] + x))) continue; // no place known
      this.from.set([lon1[i], lat1[i]], 2 * this.count);
      this.to.set([x, y], 2 * this.count);
      this.intensity[this.count] = Math.min(LEVELS - 1, intensity === undefined ? 0 : intensity[i]);
      this.count += 1;
    }
  }
}
