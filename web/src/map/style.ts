/** The style of the ground: land, borders, graticule, range rings and hatched discs. No tiles, no glyphs, no sprites. */
import type { StyleSpecification } from "maplibre-gl";
import type { Palette } from "../look/palette";

export const EMPTY = { type: "FeatureCollection" as const, features: [] };
/** From here the fine coasts and borders replace the coarse ones, once they are there. */
export const FINE_FROM_ZOOM = 5;

export function style(palette: Palette): StyleSpecification {
  const land = (id: string, source: string, range: { minzoom?: number }): StyleSpecification["layers"] => [
    {
      id: `land-${id}`, type: "fill", source, ...range, filter: ["==", ["get", "kind"], "land"],
      paint: { "fill-color": palette.land, "fill-antialias": false },
    },
    {
      id: `coast-${id}`, type: "line", source, ...range, filter: ["==", ["get", "kind"], "land"],
      paint: { "line-color": palette.coast, "line-width": 0.9 },
    },
    {
      id: `border-${id}`, type: "line", source, ...range, filter: ["==", ["get", "kind"], "border"],
      paint: { "line-color": palette.border, "line-width": 0.9, "line-dasharray": [5, 2.5] },
    },
  ];
  return {
    version: 8,
    sources: {
      coarse: { type: "geojson", data: "/borders/world-50m.json", tolerance: 0.6, buffer: 8 },
      fine: { type: "geojson", data: EMPTY, tolerance: 0.5, buffer: 8 },
      graticule: { type: "geojson", data: EMPTY },
      rings: { type: "geojson", data: EMPTY, tolerance: 0.2 },
      hatched: { type: "geojson", data: EMPTY, tolerance: 0.2 },
      gaps: { type: "geojson", data: EMPTY, tolerance: 0.2 },
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": palette.sea } },
      ...land("coarse", "coarse", {}),
      ...land("fine", "fine", { minzoom: FINE_FROM_ZOOM }),
      { id: "graticule", type: "line", source: "graticule", paint: { "line-color": palette.graticule, "line-width": 1 } },
      { id: "gaps", type: "fill", source: "gaps", paint: { "fill-pattern": "hatch", "fill-antialias": false, "fill-opacity": 0.3 } },
      {
        id: "hatched", type: "fill", source: "hatched", filter: ["!", ["has", "edge"]],
        paint: { "fill-pattern": "hatch", "fill-antialias": false },
      },
      {
        // Computed cover comes in rows, whose own edges would be bars across it: its outline is a feature of its own.
        id: "hatched-edge", type: "line", source: "hatched", filter: ["any", ["has", "id"], ["has", "edge"]],
        paint: {
          "line-color": `rgb(${palette.hatch.join(",")})`, "line-width": 1.2, "line-opacity": 0.75,
          "line-dasharray": [6, 3],
        },
      },
      {
        id: "rings", type: "line", source: "rings",
        paint: { "line-color": palette.ring, "line-width": ["case", ["get", "edge"], 1.3, 0.8] },
      },
    ],
  };
}

/** The hatch: thin diagonal lines, 45 degrees, that repeat without a seam. */
export function hatchImage(palette: Palette): { width: number; height: number; data: Uint8Array } {
  const size = 14;
  const data = new Uint8Array(4 * size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const d = (x + y) % size;
      const alpha = d === 0 ? 130 : d === 1 || d === size - 1 ? 34 : 0;
      data.set([...palette.hatch.map((v) => Math.round((v * alpha) / 255)), alpha], 4 * (y * size + x));
    }
  }
  return { width: size, height: size, data };
}

/** Meridians and parallels every `step` degrees. */
export function graticule(step: number): { type: "FeatureCollection"; features: object[] } {
  const lines: number[][][] = [];
  for (let lon = -180; lon <= 180; lon += step) lines.push([[lon, -84], [lon, 84]]);
  for (let lat = -80; lat <= 80; lat += step) lines.push([[-180, lat], [180, lat]]);
  return {
    type: "FeatureCollection",
    features: [{ type: "Feature", properties: {}, geometry: { type: "MultiLineString", coordinates: lines } }],
  };
}
