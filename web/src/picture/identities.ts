/** Who each track is held to be: the newest row of each, by track number, merged from full pictures and differences. */
import { column, nanosToMs, type TableView } from "../link/decode";
import { text } from "./texts";
import type { Tracks } from "./tracks";

export const CATEGORIES = ["pending", "unknown", "assumed_friend", "friend", "neutral", "suspect", "hostile"] as const;
export const NO_CATEGORY = 255;
export const CONTRADICTED = 3;

export interface Identity {
  readonly trackNo: number;
  readonly category: number;
  readonly confidence: number;
  readonly evidence: { readonly en: string; readonly fr: string };
  readonly plan: string;
  readonly permit: string;
  readonly decidedBy: string;
  readonly decidedWhy: string;
  readonly decidedMs: number;
  readonly candidates: number;
  /** Of the position it states: 0 states none, 1 unverified, 2 verified, 3 contradicted. */
  readonly trust: number;
  readonly trustWords: string;
  readonly comloss: number;
  readonly name: string;
}

export class Identities {
  readonly held = new Map<number, Identity>();

  merge(table: TableView | undefined, tracks: Tracks, ended: readonly number[], whole: boolean): void {
    if (whole) this.held.clear();
    for (const no of ended) this.held.delete(no);
    if (table !== undefined) this.read(table);
    // Kept beside the tracks' own columns, so that drawing asks no map.
    for (let slot = 0; slot < tracks.count; slot++) {
      const identity = this.held.get(tracks.trackNo[slot]);
      tracks.category[slot] = identity?.category ?? NO_CATEGORY;
      tracks.trust[slot] = identity?.trust ?? 0;
    }
  }

  private read(table: TableView): void {
    const numbers = column(table, "track_no", Uint32Array);
    if (numbers === undefined) return;
    const value = (name: string, i: number): number => Number(table.columns.get(name)?.[i] ?? 0);
    const when = column(table, "decided_ns", BigInt64Array);
    const decided = when === undefined ? new Float64Array(table.rows) : nanosToMs(when, new Float64Array(table.rows));
    for (let i = 0; i < table.rows; i++) {
      this.held.set(numbers[i], {
        trackNo: numbers[i], category: value("category", i), confidence: value("confidence", i),
        evidence: { en: text(table, "evidence", i), fr: text(table, "evidence_fr", i) },
        plan: text(table, "plan", i), permit: text(table, "permit", i), decidedBy: text(table, "decided_by", i),
        decidedWhy: text(table, "decided_why", i), decidedMs: decided[i], candidates: value("candidates", i), trust: value("trust", i),
        trustWords: text(table, "trust_words", i), comloss: value("comloss", i), name: text(table, "name", i),
      });
    }
  }
}
