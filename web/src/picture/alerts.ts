/** The open alerts: the newest row of each by number, until it is closed. */
import { column, nanosToMs, type TableView } from "../link/decode";
import { text } from "./texts";

export const RAISED = 1;
export const ACKNOWLEDGED = 2;
export const CLEARED = 3;
export const CLOSED = 4;
export const ALARM = 4;

export interface Alert {
  readonly no: number;
  readonly rule: string;
  readonly area: string;
  readonly trackNo: number;
  readonly otherNo: number;
  readonly groupNo: number;
  readonly raisedMs: number;
  readonly predictedMs: number;
  readonly severity: number;
  readonly state: number;
  readonly shelvedUntilMs: number;
  readonly lat: number;
  readonly lon: number;
  readonly reason: { readonly en: string; readonly fr: string };
  readonly by: string;
  /** When a person acknowledged it, 0 not yet. */
  readonly acknowledgedMs: number;
}

const HIGHEST_KEPT = 2000;

export class Alerts {
  readonly open = new Map<number, Alert>();
  /** Counts changes, so that the list is sorted only when there is something new. */
  version = 0;
  /** Tracks that an unacknowledged alert is about. */
  tracks: ReadonlySet<number> = new Set();

  /** Take over rows; returns those that were raised just now and that nobody has acknowledged. */
  merge(table: TableView | undefined, whole: boolean): Alert[] {
    const fresh: Alert[] = [];
    const before = whole ? new Set(this.open.keys()) : null;
    if (whole) this.open.clear();
    if (table !== undefined) {
      for (const alert of read(table)) {
        const known = this.open.has(alert.no) || (before?.has(alert.no) ?? false);
        if (alert.state === CLOSED) this.open.delete(alert.no);
        else this.open.set(alert.no, alert);
        if (!known && alert.state === RAISED && alert.shelvedUntilMs === 0) fresh.push(alert);
      }
    }
    if (!whole && table === undefined) return fresh;
    while (this.open.size > HIGHEST_KEPT) this.open.delete([...this.open.keys()].reduce((a, b) => Math.min(a, b)));
    this.version += 1;
    const about = [...this.open.values()].filter((a) => a.state === RAISED && a.shelvedUntilMs === 0);
    this.tracks = new Set(about.flatMap((a) => [a.trackNo, a.otherNo]).filter((no) => no !== 0));
    return fresh;
  }

  /** What waits for a person first, the most severe first, the newest first; then what is acknowledged; shelved last. */
  sorted(): Alert[] {
    const rank = (a: Alert): number => (a.shelvedUntilMs > 0 ? 3 : a.state === RAISED ? 0 : a.state === CLEARED ? 1 : 2);
    return [...this.open.values()].sort((a, b) => rank(a) - rank(b) || b.severity - a.severity || b.raisedMs - a.raisedMs);
  }
}

function read(table: TableView): Alert[] {
  const numbers = column(table, "alert_no", Uint32Array);
  if (numbers === undefined) return [];
  const times = (name: string): Float64Array => {
    const values = column(table, name, BigInt64Array);
    return values === undefined ? new Float64Array(table.rows) : nanosToMs(values, new Float64Array(table.rows));
  };
  const raised = times("raised_ns");
  const acknowledged = times("acknowledged_ns");
  const predicted = times("predicted_ns");
  const shelved = times("shelved_until_ns");
  const value = (name: string, i: number): number => Number(table.columns.get(name)?.[i] ?? 0);
  return Array.from(numbers, (no, i) => ({
    no, rule: text(table, "rule", i), area: text(table, "area", i), trackNo: value("track_no", i),
    otherNo: value("other_no", i), groupNo: value("group_no", i), raisedMs: raised[i], predictedMs: predicted[i],
    severity: value("severity", i), state: value("state", i), shelvedUntilMs: shelved[i], lat: value("lat_deg", i),
    lon: value("lon_deg", i), reason: { en: text(table, "reason", i), fr: text(table, "reason_fr", i) },
    by: text(table, "acknowledged_by", i), acknowledgedMs: acknowledged[i],
  }));
}
