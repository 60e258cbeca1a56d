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
  sensors: SensorSite[];
}

export interface Hello {
  type: "hello";
  site: Site;
  language: string;
  user: { name: string; role: string; acts: string[] };
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

export interface Status {
  type: "status";
  kernels?: { ready: boolean; preparing: string; done: number; of: number };
  ledger?: Record<string, Record<string, unknown>>;
  links?: LinkState[];
  recording?: { state: string; durable_seq: number; text: string };
  degraded?: { code: string; text: string; sensors?: number[] }[];
}

export interface ActAnswer {
  type: "act";
  ref: number;
  state: "refused" | "accepted" | "durable";
  text: string;
}

export type TextMessage = Hello | Status | ActAnswer;

/** Read a text message; null for one of a kind this page does not know (a newer server may send more). */
export function readText(text: string): TextMessage | null {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || !("type" in value)) return null;
  return value.type === "hello" || value.type === "status" || value.type === "act" ? (value as TextMessage) : null;
}
