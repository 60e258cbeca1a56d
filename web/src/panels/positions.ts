/** Working positions as data: which panels stand where. More positions are more rows, not more code. */
import type { ComponentType } from "preact";
import { Sensors } from "./Sensors";
import { Track } from "./Track";
import { Tracks } from "./Tracks";

export const PANELS: Readonly<Record<string, ComponentType>> = { sensors: Sensors, track: Track, tracks: Tracks };

export interface Position {
  readonly side: readonly (keyof typeof PANELS)[];
}

export const POSITIONS: Readonly<Record<string, Position>> = {
  surveillance: { side: ["sensors", "track", "tracks"] },
};
