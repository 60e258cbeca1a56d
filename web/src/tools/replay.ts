/** A replay in a person's hand: what can be asked of it, as the values of acts `replay.control`. */
import type { ReplayState, Status } from "../link/messages";

/** Times real time; null is as fast as it goes. */
export const SPEEDS: readonly (number | null)[] = [0.25, 0.5, 1, 2, 4, 8, 16, 30, 60, null];
export const BACK_MS = 10_000;

/** Whether the picture stands still because somebody wants it to, or because the recording is at its end. */
export function halted(status: Status | null): boolean {
  const replay = status?.replay;
  return replay !== undefined && (replay.paused || replay.ended) && !replay.seeking;
}

export const seekTo = (ms: number): string => `seek ${new Date(ms).toISOString()}`;
export const speedOf = (speed: number | null): string => `speed ${speed ?? "max"}`;

/** Play where it stands, pause where it plays; a recording that has ended begins anew. */
export function toggled(replay: ReplayState): string[] {
  if (replay.ended) return [seekTo(replay.first_ms), "go"];
  return [replay.paused ? "go" : "pause"];
}

/** The next speed up (1) or down (-1). */
export function nextSpeed(speed: number | null, step: 1 | -1): number | null {
  const rank = (s: number | null): number => s ?? Infinity;
  const further = SPEEDS.filter((s) => (rank(s) - rank(speed)) * step > 0);
  return (step > 0 ? further.at(0) : further.at(-1)) ?? (step > 0 ? null : 0.25);
}

/** The loop button goes round: from here, to here, off. `begun` is where the loop being made begins. */
export function loopStep(replay: ReplayState, begun: number | null, nowMs: number): { begun: number | null; ask: string } {
  if (replay.loop !== null) return { begun: null, ask: "loop off" };
  if (begun === null) return { begun: nowMs, ask: "" };
  const [from, to] = nowMs < begun ? [nowMs, begun] : [begun, Math.max(nowMs, begun + 1000)];
  return { begun: null, ask: `loop ${new Date(from).toISOString()} ${new Date(to).toISOString()}` };
}

/** Where the slider ends: an open end grows with what has been played. */
export const endOf = (replay: ReplayState, nowMs: number): number => Math.max(replay.last_ms ?? nowMs, replay.first_ms + 1000);
