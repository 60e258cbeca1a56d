import { describe, expect, it } from "vitest";
import { column, decodePicture, DecodeError, nanosToMs } from "../src/link/decode";
import { readText } from "../src/link/messages";
import { STALE_AFTER_MS, TICK_MS, Watch } from "../src/link/watch";
import { message, trackTable } from "./message";

describe("decodePicture", () => {
  it("lays typed arrays over the message", () => {
    const picture = decodePicture(
      message({ version: 812, base: 811, now_ms: 1777481999100, progress: 81234, mode: "live", ended: [7] }, {
        track: trackTable([{ no: 5, lat: 13.5, lon: 2.1, callsign: "NER1" }]),
      }),
    );
    expect(picture).toMatchObject({ version: 812, base: 811, nowMs: 1777481999100, progress: 81234, mode: "live", ended: [7] });
    const table = picture.tables.get("track");
    expect(table?.rows).toBe(1);
    expect(column(table!, "track_no", Uint32Array)).toEqual(Uint32Array.of(5));
    expect(column(table!, "lat_deg", Float64Array)?.[0]).toBe(13.5);
    expect(column(table!, "callsign", Uint8Array)?.slice(0, 5)).toEqual(new TextEncoder().encode("NER1\0"));
    expect(column(table!, "lat_deg", Float32Array)).toBeUndefined();
  });

  it.each([
    ["an empty message", () => new ArrayBuffer(0)],
    ["another magic", () => { const m = message({}, {}); new Uint8Array(m)[0] = 0; return m; }],
    ["a header longer than the message", () => { const m = message({}, {}); new DataView(m).setUint32(4, 1 << 20, true); return m; }],
    ["a header that is not JSON", () => { const m = message({}, {}); new Uint8Array(m)[8] = 0; return m; }],
    ["another type", () => message({ type: "update" }, {})],
    ["a column beyond the end", () => message({}, { track: trackTable([{ no: 1, lat: 0, lon: 0 }]) }).slice(0, -16)],
    ["an unknown column type", () => message({}, { track: { rows: 1, columns: { x: ["q9", new Uint8Array(8)] } } })],
  ])("refuses %s", (_, make) => expect(() => decodePicture(make())).toThrow(DecodeError));

  it("turns nanoseconds into milliseconds without losing the microsecond", () => {
    expect(nanosToMs(BigInt64Array.of(1_777_481_999_123_456_000n), new Float64Array(1))[0]).toBeCloseTo(1777481999123.456, 2);
  });
});

describe("readText", () => {
  it("passes over messages it does not know", () => {
    expect(readText('{"type":"weather"}')).toBeNull();
    expect(readText("3")).toBeNull();
    expect(readText('{"type":"status"}')).toEqual({ type: "status" });
  });
});

describe("Watch", () => {
  it("says stale within three seconds of the last progress, and fresh at once", () => {
    const watch = new Watch(0);
    let since = 0;
    for (let now = 0; since === 0; now += TICK_MS) if (watch.tick(now)?.stale === true) since = now;
    expect(since).toBeLessThanOrEqual(STALE_AFTER_MS + TICK_MS);
    expect(since).toBeLessThan(2500);
    expect(watch.tick(since + 50)).toBeNull();
    expect(watch.tick(since + 1000)).toEqual({ stale: true, ageMs: since + 1000 });
    expect(watch.progress(since + 1100)).toEqual({ stale: false, ageMs: 0 });
    expect(watch.tick(since + 1200)).toBeNull();
  });

  it("is never stale while progress goes on", () => {
    const watch = new Watch(0);
    for (let now = 0; now < 60_000; now += TICK_MS) {
      if (now % 1000 === 0) watch.progress(now);
      expect(watch.tick(now)).toBeNull();
    }
  });
});
