/** What the sensors that are well see at a level: hatched where they see nothing, thick where cover was lost. */
import { OK, type Health } from "../picture/picture";
import type { Value } from "../look/value";

const AGAIN_MS = 1500;
const MOST_TRIES = 4;

interface Feature {
  readonly properties: { readonly kind: string; readonly sensors: readonly number[] };
}

export interface Cover {
  readonly lost: readonly Feature[];
  readonly gap: readonly Feature[];
}

/** Asks the centre anew when a sensor's health or the level changes; `told` gets null until there is an answer. */
export class CoverLayer {
  private key = "";
  private timer = 0;

  constructor(private readonly level: Value<number>, private readonly told: (cover: Cover | null) => void) {
    level.subscribe(() => this.ask());
  }

  setHealth(health: ReadonlyMap<number, Health>): void {
    const key = [...health.values()].filter((h) => h.state === OK).map((h) => h.sensorId).sort((a, b) => a - b).join();
    if (key === this.key) return;
    this.key = key;
    this.told(null); // what is known of the sensors alone, until the cover is
    this.ask();
  }

  private ask(tries = 0): void {
    clearTimeout(this.timer);
    void this.load(this.key, this.level.get(), tries);
  }

  private async load(key: string, level: number, tries: number): Promise<void> {
    let features: readonly Feature[] = [];
    try {
      const answer = await fetch(`/api/cover?fl=${level}`);
      if (answer.ok) features = ((await answer.json()) as { features: readonly Feature[] }).features;
    } catch {
      return; // the socket tells that the centre is gone
    }
    if (key !== this.key || level !== this.level.get()) return;
    if (features.length === 0) return; // a centre that computes no cover
    const of = (kind: string): readonly Feature[] => features.filter((f) => f.properties.kind === kind);
    if ((of("covered").at(0)?.properties.sensors ?? []).join() !== key && tries < MOST_TRIES) {
      // The centre's health was another than ours when it answered: what it says is not about this picture.
      this.timer = window.setTimeout(() => this.ask(tries + 1), AGAIN_MS);
      return;
    }
    this.told({ lost: of("lost"), gap: of("gap") });
  }
}

/** The outline of rectangles that lie in rows: an edge that two rows share counts twice and is none. */
export function outlineOf(features: readonly object[]): number[][][] {
  const flat = new Map<number, number[]>();
  const lines: number[][][] = [];
  for (const feature of features) {
    for (const [ring] of (feature as { geometry: { coordinates: number[][][][] } }).geometry.coordinates) {
      const [[west, south], , [east, north]] = ring;
      lines.push([[west, south], [west, north]], [[east, south], [east, north]]);
      for (const lat of [south, north]) flat.set(lat, [...(flat.get(lat) ?? []), west, east]);
    }
  }
  for (const [lat, ends] of flat) {
    ends.sort((a, b) => a - b);
    for (let k = 0; k < ends.length; k += 2) if (ends[k] < ends[k + 1]) lines.push([[ends[k], lat], [ends[k + 1], lat]]);
  }
  return lines;
}
