import { describe, expect, it } from "vitest";
import type { ReplayState } from "../src/link/messages";
import { endOf, halted, loopStep, nextSpeed, seekTo, speedOf, toggled } from "../src/tools/replay";

const playing: ReplayState = {
  first_ms: 1_000_000, last_ms: 2_000_000, now_ms: 1_500_000, speed: 4, paused: false, ended: false, seeking: false,
  loop: null, fixed: false,
};

describe("a replay in hand", () => {
  it("stands only by will or at its end, and never while it seeks or is live", () => {
    const status = (more: Partial<ReplayState>) => ({ type: "status", replay: { ...playing, ...more } }) as const;
    expect(halted(null)).toBe(false);
    expect(halted({ type: "status" })).toBe(false);
    expect(halted(status({}))).toBe(false);
    expect(halted(status({ paused: true }))).toBe(true);
    expect(halted(status({ ended: true }))).toBe(true);
    expect(halted(status({ paused: true, seeking: true }))).toBe(false);
  });

  it("stops, goes, and begins anew after the end", () => {
    expect(toggled(playing)).toEqual(["pause"]);
    expect(toggled({ ...playing, paused: true })).toEqual(["go"]);
    expect(toggled({ ...playing, ended: true })).toEqual(["seek 1970-01-01T00:16:40.000Z", "go"]);
  });

  it("goes through the speeds and stays at the ends", () => {
    expect([nextSpeed(4, 1), nextSpeed(4, -1), nextSpeed(20, 1), nextSpeed(20, -1)]).toEqual([8, 2, 30, 16]);
    expect([nextSpeed(60, 1), nextSpeed(null, 1), nextSpeed(null, -1), nextSpeed(0.1, -1)]).toEqual([null, null, 60, 0.25]);
    expect([speedOf(8), speedOf(null)]).toEqual(["speed 8", "speed max"]);
  });

  it("makes a loop in two presses and ends it with a third", () => {
    const first = loopStep(playing, null, 1_200_000);
    expect(first).toEqual({ begun: 1_200_000, ask: "" });
    expect(loopStep(playing, 1_200_000, 1_100_000).ask).toBe("loop 1970-01-01T00:18:20.000Z 1970-01-01T00:20:00.000Z");
    expect(loopStep({ ...playing, loop: [1, 2] }, null, 0)).toEqual({ begun: null, ask: "loop off" });
  });

  it("has an end that grows while it is not known", () => {
    expect(endOf(playing, 1_500_000)).toBe(2_000_000);
    expect(endOf({ ...playing, last_ms: null }, 1_600_000)).toBe(1_600_000);
    expect(seekTo(1_000_000)).toBe("seek 1970-01-01T00:16:40.000Z");
  });
});
