/** The text messages of the link, as the protocol declares them. */

export interface SensorSite {
  id: number;
  name: string;
  kind: string;
  lat_deg: number;
  lon_deg: number;
  height_m: number;
  max_range_m: number;
  period_s: number;
  sac: number;
  sic: number;
  /** Number of its link, 0 where it has none. */
  link: number;
}

export interface Site {
  name: string;
  lat_deg: number;
  lon_deg: number;
  exercise: boolean;
  /** By rule the sound that the site file wants instead of that of the severity. */
  sounds?: Record<string, string>;
  sensors: SensorSite[];
}

/** A working position: what can be done there and how its screen is laid out. */
export interface PositionLayout {
  id: string;
  panels: string[];
  label: string[];
  first: string;
  acts: string[];
}

/** A mark on the map that all positions see; points are latitude, longitude. */
export interface Mark {
  id: number;
  by: string;
  at_ms: number;
  kind: string;
  points: [number, number][];
  radius_m: number;
  text: string;
}

export interface Handover {
  track_no: number;
  by: string;
  to: string;
  at_ms: number;
  text: string;
  taken_by: string;
}

export interface LogEntry {
  at_ms: number;
  by: string;
  role: string;
  text: string;
  subject: string;
}

export interface Board {
  marks: Mark[];
  handovers: Handover[];
  log: LogEntry[];
  dropped: number;
}

/** An act that waits for a second person. */
export interface Proposal {
  id: number;
  by: string;
  act: string;
  subject: string;
  value: string;
  reason: string;
}

export interface Hello {
  type: "hello";
  site: Site;
  language: string;
  user: { name: string; role: string; acts: string[]; local: boolean };
  positions: PositionLayout[];
  version: string;
}

export interface LinkState {
  number: number;
  text: string;
  state: string;
  frames: number;
  bytes: number;
  /** null where the system does not count them. */
  kernel_drops: number | null;
  last_rx_ms: number;
}

/** A map under the picture as `/api/maps` lists it; one with a problem may have no kind and no tiles. */
export interface MapSheet {
  id: string;
  title: string;
  attribution: string;
  opacity: number;
  shown: boolean;
  /** A code of `maps.problem`, empty while all is well, and words of the file about it. */
  problem: string;
  detail: string;
  file: string;
  kind?: "raster" | "vector";
  min_zoom?: number;
  max_zoom?: number;
  bounds_deg?: [number, number, number, number];
  tile_px?: number;
  layers?: string[];
  version?: string;
}

/** How a replay stands; no speed is as fast as it goes, no last time an end that is not known yet. */
export interface ReplayState {
  first_ms: number;
  last_ms: number | null;
  now_ms: number;
  speed: number | null;
  paused: boolean;
  ended: boolean;
  seeking: boolean;
  loop: [number, number] | null;
  /** It writes a file: its time goes on in one piece. */
  fixed: boolean;
}

export interface AreaFeature {
  type: "Feature";
  properties: { id: string; name: string; kind: string; floor: string; ceiling: string; active: boolean };
  geometry: object;
}

export interface Status {
  type: "status";
  /** Areas drawn by hand, and which others count otherwise than by their own times. */
  airspace?: { drawn: AreaFeature[]; active: Record<string, boolean> };
  /** Acts that were recorded and that the chain could not do. */
  refused?: { seq: number; act: string; subject: string; who: string; why: string }[];
  replay?: ReplayState;
  kernels?: { ready: boolean; preparing: string; done: number; of: number };
  ledger?: Record<string, Record<string, unknown>>;
  links?: LinkState[];
  recording?: { state: string; durable_seq: number; text: string };
  board?: Board;
  proposals?: Proposal[];
  /** The maps under the picture: a version that changes when their list does, and which files cannot be used. */
  maps?: { version: string; problems: { title: string; problem: string; detail: string }[] };
  degraded?: { code: string; text: string; sensors?: number[] }[];
}

export interface ActAnswer {
  type: "act";
  ref: number;
  state: "refused" | "waiting" | "accepted" | "durable";
  text: string;
}

export type TextMessage = Hello | Status | ActAnswer;

/** Read a text message; null for one of a kind this page does not know (a newer server may send more). */
export function readText(text: string): TextMessage | null {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || !("type" in value)) return null;
  return value.type === "hello" || value.type === "status" || value.type === "act" ? (value as TextMessage) : null;
}
