/** STALE: the picture has made no progress for 2.5 s by the client's own clock (3 s is the promise). */

export const STALE_AFTER_MS = 2300;
export const TICK_MS = 100;

export interface Verdict {
  readonly stale: boolean;
  readonly ageMs: number;
}

/** The rule itself, without a clock: whoever asks says what time it is. */
export class Watch {
  private last: number;
  private stale = false;
  private told = 0;

  constructor(nowMs: number) {
    this.last = nowMs;
  }

  /** Progress was made. The verdict if it changes, else null. */
  progress(nowMs: number): Verdict | null {
    this.last = nowMs;
    if (!this.stale) return null;
    this.stale = false;
    return { stale: false, ageMs: 0 };
  }

  /** Time passed. The verdict on change and, while stale, about once a second so that the age can be shown. */
  tick(nowMs: number): Verdict | null {
    const ageMs = nowMs - this.last;
    if (ageMs < STALE_AFTER_MS) return null;
    if (this.stale && nowMs - this.told < 900) return null;
    this.stale = true;
    this.told = nowMs;
    return { stale: true, ageMs };
  }
}
