import { describe, expect, it } from "vitest";
import en from "../src/words/en.json";
import fr from "../src/words/fr.json";

type Tree = { [key: string]: string | Tree };

function leaves(tree: Tree, prefix = ""): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === "string" ? [[prefix + key, value] as const] : [...leaves(value, `${prefix}${key}.`)],
    ),
  );
}

const english = leaves(en);
const french = leaves(fr);
const sources = Object.values(
  import.meta.glob<string>("../src/**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true }),
).join("\n");

/** Whole keys of a known group as written in the sources (names of acts are none), and the fixed beginnings of keys made at run time. */
const GROUPS = Object.keys(en).join("|");
const literal = [...sources.matchAll(new RegExp(`(?<!\\b(?:do|may)\\()"((?:${GROUPS})(?:\\.[\\w-]+)+)"`, "g"))].map((m) => m[1]);
const single = [...sources.matchAll(/\bt\("(\w+)"/g)].map((m) => m[1]);
const prefixes = [...sources.matchAll(new RegExp("`((?:" + GROUPS + ")(?:\\.\\w+)*\\.)\\$\\{", "g"))].map((m) => m[1]);

describe("the words of the display", () => {
  it("says the same things in both languages", () => {
    expect([...french.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it("leaves no text empty and no English left in French", () => {
    const same = new Set(["unit", "clock.utc", "kind", "foot.version", "foot.user", "tracks.speed", "status", "sensorState.1", "sensors.rotation", "show.plots", "show.ellipses", "track.code", "track.position", "track.spi", "track.test", "position.surveillance", "position.identification", "help.key", "draw.point", "category.suspect", "comloss.2", "severity.1", "category.hostile"]);
    for (const [key, text] of french) {
      expect(text.trim(), key).not.toBe("");
      if (![...same].some((s) => key.startsWith(s))) expect(text, key).not.toBe(english.get(key));
    }
  });

  it("fills the same places in both languages", () => {
    const places = (text = ""): string[] => [...text.matchAll(/{{(\w+)}}/g)].map((m) => m[1]).sort();
    for (const [key, text] of english) expect(places(french.get(key)), key).toEqual(places(text));
  });

  it("has every key that the sources ask for", () => {
    expect(literal.length).toBeGreaterThan(60);
    for (const key of [...literal, ...single]) expect(english.has(key), key).toBe(true);
    for (const prefix of prefixes) expect([...english.keys()].some((k) => k.startsWith(prefix)), prefix).toBe(true);
  });

  it("has no key that nobody asks for", () => {
    for (const key of english.keys()) {
      const used = literal.includes(key) || single.includes(key) || prefixes.some((p) => key.startsWith(p));
      expect(used, key).toBe(true);
    }
  });
});
