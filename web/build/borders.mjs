// Makes the map's own files from world-atlas (Natural Earth, public domain): land, coast and borders, coarse and fine.
// Usage: node build/borders.mjs FOLDER
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { feature, mesh } from "topojson-client";

const folder = process.argv[2];
if (folder === undefined) throw new Error("usage: node build/borders.mjs FOLDER");
mkdirSync(folder, { recursive: true });

// Three decimals of a degree (110 m) are finer than the lines themselves (1:10,000,000).
for (const [scale, decimals] of [["50m", 3], ["10m", 3]]) {
  const read = (name) =>
    JSON.parse(readFileSync(new URL(`../node_modules/world-atlas/${name}-${scale}.json`, import.meta.url), "utf8"));
  const countries = read("countries");
  const land = read("land");
  const factor = 10 ** decimals;
  const round = (x) => (typeof x === "number" ? Math.round(x * factor) / factor : thin(x.map(round)));
  const thin = (line) =>
    Array.isArray(line[0]) && typeof line[0][0] === "number"
      ? line.filter((p, i) => i === 0 || p[0] !== line[i - 1][0] || p[1] !== line[i - 1][1])
      : line;
  const part = (kind, geometry) => ({
    type: "Feature",
    properties: { kind },
    geometry: { type: geometry.type, coordinates: round(geometry.coordinates) },
  });
  const lands = feature(land, land.objects.land).features;
  const features = [
    ...lands.map((f) => part("land", f.geometry)),
    part("border", mesh(countries, countries.objects.countries, (a, b) => a !== b)),
  ];
  writeFileSync(`${folder}/world-${scale}.json`, JSON.stringify({ type: "FeatureCollection", features }));
}
