import { describe, expect, it } from "vitest";
import { decodePicture } from "../src/link/decode";
import { affiliationOf, isEmergency, NEUTRAL, phaseOf, UNKNOWN } from "../src/picture/identity";
import { PictureStore } from "../src/picture/picture";
import { clockUtc, courseDeg, flightLevel, latLonText } from "../src/picture/units";
import { DOWN, nameOf, UP, writeMotion } from "../src/picture/words";
import { message, trackTable, type Head } from "./message";

type Row = Parameters<typeof trackTable>[0][number];
const picture = (head: Head, rows: Row[]) => decodePicture(message(head, { track: trackTable(rows) }));

describe("PictureStore", () => {
  it("merges a full picture and a difference", () => {
    const store = new PictureStore();
    expect(store.apply(picture({ version: 1 }, [{ no: 1, lat: 1, lon: 10 }, { no: 2, lat: 2, lon: 20 }]))).toBe(true);
    expect(store.apply(picture({ version: 2, base: 1, ended: [1] }, [{ no: 3, lat: 3, lon: 30 }, { no: 2, lat: 2.5, lon: 20 }]))).toBe(true);
    const { tracks } = store;
    expect(tracks.count).toBe(2);
    expect(tracks.slotOf(1)).toBe(-1);
    expect([...tracks.lonLat.subarray(2 * tracks.slotOf(2), 2 * tracks.slotOf(2) + 2)]).toEqual([20, 2.5]);
    expect([...tracks.lonLat.subarray(2 * tracks.slotOf(3), 2 * tracks.slotOf(3) + 2)]).toEqual([30, 3]);
  });

  it("refuses a difference from a version it does not hold", () => {
    const store = new PictureStore();
    store.apply(picture({ version: 5 }, []));
    expect(store.apply(picture({ version: 8, base: 7 }, [{ no: 1, lat: 0, lon: 0 }]))).toBe(false);
    expect(store.tracks.count).toBe(0);
    expect(store.version).toBe(5);
  });

  it("drops what a full picture does not name, and keeps the slots dense", () => {
    const store = new PictureStore();
    const many = Array.from({ length: 3000 }, (_, i) => ({ no: i + 1, lat: i / 100, lon: i / 50, callsign: `T${i + 1}` }));
    store.apply(picture({ version: 1 }, many));
    expect(store.tracks.count).toBe(3000);
    const kept = many.filter((r) => r.no % 7 === 0);
    store.apply(picture({ version: 2 }, kept));
    expect(store.tracks.count).toBe(kept.length);
    for (const row of kept) {
      const slot = store.tracks.slotOf(row.no);
      expect(slot).toBeLessThan(kept.length);
      expect(store.tracks.trackNo[slot]).toBe(row.no);
      expect(store.tracks.lonLat[2 * slot + 1]).toBe(row.lat);
      expect(nameOf(store.tracks, slot)).toBe(row.callsign);
    }
  });

  it("moves trails with their tracks", () => {
    const store = new PictureStore();
    for (let k = 0; k < 5; k++) {
      store.apply(picture({ version: k + 1 }, [
        { no: 1, lat: 1, lon: 1, nowMs: 1e12 + 1e4 * k }, { no: 2, lat: k, lon: 50 + k, nowMs: 1e12 + 1e4 * k },
      ]));
    }
    store.apply(picture({ version: 6, base: 5, ended: [1] }, []));
    const points = new Float32Array(20);
    const n = store.tracks.trails.write(Uint32Array.of(0), 10, points, new Uint8ClampedArray(40), [1, 2, 3]);
    expect(n).toBe(5);
    expect([...points.subarray(0, 2)]).toEqual([54, 4]);
    expect([...points.subarray(8, 10)]).toEqual([50, 0]);
  });

  it("forgets trails of the future when a replay is set back", () => {
    const store = new PictureStore();
    for (const [version, nowMs, lat] of [[1, 1e12, 1], [2, 1e12 + 2e4, 2], [3, 1e12 - 6e5, 0]] as const) {
      store.apply(picture({ version }, [{ no: 1, lat, lon: 0, nowMs }]));
    }
    expect(store.tracks.trails.lengthOf(0)).toBe(1);
  });

  it("tells progress from mere messages", () => {
    const store = new PictureStore();
    expect(store.advanced(picture({ progress: 10 }, []))).toBe(true);
    expect(store.advanced(picture({ progress: 10 }, []))).toBe(false);
    expect(store.advanced(picture({ progress: 11 }, []))).toBe(true);
  });
});

describe("what is written", () => {
  const one = (row: Partial<Row>) => {
    const store = new PictureStore();
    store.apply(picture({ version: 1 }, [{ no: 77, lat: 13.5, lon: 2, ...row }]));
    return store.tracks;
  };

  it("names a track by call sign, else code, else address, else number", () => {
    expect(nameOf(one({ callsign: "NER123  ", mode3a: 0o2000, icao24: 0x0620ab }), 0)).toBe("NER123");
    expect(nameOf(one({ mode3a: 0o0021, icao24: 0x0620ab }), 0)).toBe("A0021");
    expect(nameOf(one({ icao24: 0x0620ab }), 0)).toBe("0620AB");
    expect(nameOf(one({}), 0)).toBe("#77");
  });

  it("writes control characters of a hostile call sign as question marks", () => {
    expect(nameOf(one({ callsign: "A\u0001\u001b<b>" }), 0)).toBe("A??<b>");
  });

  it("writes level, climb and speed", () => {
    const tracks = one({});
    const out = new Uint8Array(32);
    const text = () => String.fromCharCode(...out.subarray(0, writeMotion(tracks, 0, out, 0)));
    expect(text()).toBe(`F330${String.fromCharCode(UP)}389`);
    tracks.climb[0] = -5;
    tracks.vEast[0] = 30;
    expect(text()).toBe(`F330${String.fromCharCode(DOWN)}058`);
    tracks.climb[0] = 0;
    tracks.pressAlt[0] = NaN;
    tracks.geoAlt[0] = 3048;
    expect(text()).toBe("G100 058");
    tracks.geoAlt[0] = NaN;
    tracks.vEast[0] = NaN;
    expect(text()).toBe("---  ");
  });

  it("decides nothing about who is a friend", () => {
    expect(affiliationOf(one({ icao24: 5 }), 0)).toBe(NEUTRAL);
    expect(affiliationOf(one({ mode3a: 0o1200 }), 0)).toBe(UNKNOWN);
    expect(isEmergency(one({ mode3a: 0o7700 }), 0)).toBe(true);
    expect(isEmergency(one({ mode3a: 0o7000 }), 0)).toBe(false);
    expect([1, 2, 3].map((status) => phaseOf(one({ status }), 0))).toEqual([1, 0, 2]);
  });
});

describe("units", () => {
  it("shows the operator's units", () => {
    expect(flightLevel(10_668)).toBe(350);
    expect(courseDeg(0, 1)).toBe(360);
    expect(courseDeg(1, 0)).toBe(90);
    expect(courseDeg(-1, 0)).toBe(270);
    expect(latLonText(13.4815, -2.1836)).toBe("13°28.9'N 002°11.0'W");
    expect(latLonText(-0.99999, 179.99999)).toBe("01°00.0'S 180°00.0'E");
    expect(clockUtc(1777481999100)).toBe("16:59:59");
    expect(clockUtc(NaN)).toBe("--:--:--");
  });
});
