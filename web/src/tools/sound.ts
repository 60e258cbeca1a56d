/** The sound of an alarm: two tones, made here; a button tests it, a switch silences it (the alert stays on the screen). */
import { Value } from "../look/value";

const STORED = "vigie.silent";

export const silent = new Value<boolean>(localStorage.getItem(STORED) === "yes");

let context: AudioContext | null = null;
/** How often a sound was asked for, for tests and the technician. */
export const sounded = { count: 0 };

const NAMED: Record<string, number> = { none: 0, notice: 1, caution: 2, warning: 3, alarm: 4 };

/** How loud new alerts are: the highest of what the site file wants for their rules, else of their severities; 0 silent. */
export function loudness(raised: readonly { rule: string; severity: number }[], wanted: Record<string, string>): number {
  return Math.max(0, ...raised.map((a) => NAMED[wanted[a.rule] ?? ""] ?? (a.severity >= 2 ? a.severity : 0)));
}

export function setSilent(wanted: boolean): void {
  localStorage.setItem(STORED, wanted ? "yes" : "no");
  silent.set(wanted);
}

/** Sound once; a higher severity sounds higher and longer. Browsers allow sound only after a first key or click. */
export function sound(severity: number, test = false): void {
  if (silent.get() && !test) return;
  sounded.count += 1;
  context ??= new AudioContext();
  void context.resume();
  const begins = context.currentTime;
  const beats = severity >= 3 ? 4 : 2;
  for (let k = 0; k < beats; k++) {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    tone.frequency.value = (severity >= 3 ? 880 : 620) * (k % 2 === 0 ? 1 : 0.8);
    loudness.gain.setValueAtTime(0.0001, begins + 0.18 * k);
    loudness.gain.exponentialRampToValueAtTime(0.25, begins + 0.18 * k + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, begins + 0.18 * k + 0.16);
    tone.connect(loudness).connect(context.destination);
    tone.start(begins + 0.18 * k);
    tone.stop(begins + 0.18 * k + 0.17);
  }
}
