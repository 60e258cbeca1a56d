/** The tool in hand: measuring or drawing. Pointer and keyboard feed it; the overlay shows it; acts carry the result. */
import { Value } from "../look/value";
import { ENOUGH, LEAST, type FormKind, type LonLat } from "./forms";
import type { End, Measure } from "./measure";

export type ToolKind = "none" | "measure" | FormKind;

const MOST_MEASURES = 20;

export class Toolbox {
  readonly tool = new Value<ToolKind>("none");
  readonly measures = new Value<readonly Measure[]>([]);
  /** Points of the form being drawn. */
  readonly points = new Value<readonly LonLat[]>([]);
  /** The first end of a measure that waits for its second. */
  readonly first = new Value<End | null>(null);
  private next = 1;

  constructor(private readonly drawn: (kind: FormKind, points: readonly LonLat[]) => void) {}

  /** Take a tool; the same one again puts it down. A measure begins at the selected track if there is one. */
  take(kind: ToolKind, selected = 0): void {
    const same = this.tool.get() === kind;
    this.drop();
    if (same) return;
    this.tool.set(kind);
    if (kind === "measure" && selected !== 0) this.first.set({ track: selected });
  }

  /** Put the tool down; what was begun is forgotten. */
  drop(): void {
    this.tool.set("none");
    this.points.set([]);
    this.first.set(null);
  }

  /** A point of the ground, or a track under it, was given. Returns whether a tool took it. */
  give(lon: number, lat: number, track: number): boolean {
    const tool = this.tool.get();
    if (tool === "none") return false;
    if (tool === "measure") {
      this.end(track !== 0 ? { track } : { lon, lat });
      return true;
    }
    this.points.set([...this.points.get(), [lon, lat]]);
    if (this.points.get().length >= ENOUGH[tool]) this.finish();
    return true;
  }

  /** A track was chosen in a list while measuring: it is an end, as if it had been clicked. */
  chosen(track: number): void {
    const first = this.first.get();
    if (this.tool.get() !== "measure" || track === 0 || (first !== null && "track" in first && first.track === track)) return;
    this.end({ track });
  }

  /** End a form of many points. */
  finish(): void {
    const tool = this.tool.get();
    if (tool === "none" || tool === "measure") return;
    const points = this.points.get();
    if (points.length < LEAST[tool]) return;
    this.drop();
    this.drawn(tool, points);
  }

  /** Forget one measure, or all. */
  forget(id?: number): void {
    this.measures.set(id === undefined ? [] : this.measures.get().filter((m) => m.id !== id));
  }

  private end(end: End): void {
    const a = this.first.get();
    if (a === null) {
      this.first.set(end);
      return;
    }
    this.measures.set([...this.measures.get(), { id: this.next++, a, b: end }].slice(-MOST_MEASURES));
    this.drop();
  }
}
