/** The operator's own maps, below the rings, hatching, areas and tracks; served by the centre, tile by tile. */
import type { ExpressionSpecification, LayerSpecification, Map as GroundMap, SourceSpecification } from "maplibre-gl";
import type { MapSheet } from "../link/messages";
import type { Palette } from "../look/palette";
import { Value } from "../look/value";
import { language } from "../words/words";

/** The lowest of what stays above every map. */
const BELOW = "graticule";
const PREFIX = "map-";
const STORED = "vigie.maps";
const NAMES = "-name-";
/** At night a map made for paper would blind: its white is dimmed to this. */
const NIGHT_WHITE = 0.55;

export class Sheets {
  readonly list = new Value<readonly MapSheet[]>([]);
  /** Which maps are shown, by id, where a person chose. */
  readonly chosen = new Value<Readonly<Record<string, boolean>>>(read());
  /** Maps of which the browser could not draw a tile. */
  readonly torn = new Value<ReadonlySet<string>>(new Set());
  /** The attributions of the maps that are shown. */
  readonly credits = new Value("");
  private version = "";

  constructor(private readonly map: GroundMap, private readonly palette: () => Palette) {
    map.on("style.load", () => this.furnish());
    language.subscribe(() => this.rename());
    map.on("error", (event) => {
      const source = (event as unknown as { sourceId?: string }).sourceId ?? "";
      if (!source.startsWith(PREFIX)) {
        reportError(event.error);
        return;
      }
      const id = source.slice(PREFIX.length);
      if (!this.torn.get().has(id)) this.torn.set(new Set([...this.torn.get(), id]));
    });
  }

  /** The centre has a list of this version: ask for it if it is not the one held. */
  set(version: string | undefined): void {
    if (version === undefined || version === this.version) return;
    this.version = version;
    void this.load(version);
  }

  isOn(sheet: MapSheet): boolean {
    return sheet.kind !== undefined && (this.chosen.get()[sheet.id] ?? sheet.shown);
  }

  turn(sheet: MapSheet): void {
    this.choose({ [sheet.id]: !this.isOn(sheet) });
  }

  /** Switch maps by id; the others stay as they are. */
  choose(maps: Readonly<Record<string, boolean>>): void {
    this.chosen.set({ ...this.chosen.get(), ...maps });
    localStorage.setItem(STORED, JSON.stringify(this.chosen.get()));
    if (this.map.getLayer(BELOW) !== undefined) this.show();
  }

  /** Which maps are shown now, by id, as a saved view holds it. */
  held(): Record<string, boolean> {
    return Object.fromEntries(this.list.get().filter((s) => s.kind !== undefined).map((s) => [s.id, this.isOn(s)]));
  }

  /** Place names that are drawn and found room, for tests. */
  names(): string[] {
    const layers = this.drawn().map((id) => PREFIX + id).filter((id) => id.includes(NAMES));
    if (layers.length === 0) return [];
    return this.map.queryRenderedFeatures({ layers }).map((f) => String(f.properties["name"]));
  }

  /** Layers of maps that are drawn, for tests. */
  drawn(): string[] {
    return this.map.getStyle().layers
      .filter((l) => l.id.startsWith(PREFIX) && l.layout?.visibility !== "none")
      .map((l) => l.id.slice(PREFIX.length));
  }

  private async load(version: string): Promise<void> {
    try {
      const answer = await fetch("/api/maps");
      if (!answer.ok || version !== this.version) return;
      this.list.set((await answer.json()) as MapSheet[]);
    } catch {
      this.version = ""; // the socket tells that the centre is gone; ask again with the next status
      return;
    }
    this.torn.set(new Set());
    if (this.map.getLayer(BELOW) === undefined) return; // the style is on its way: furnish() comes with it
    this.clear();
    this.furnish();
  }

  private clear(): void {
    for (const layer of this.map.getStyle().layers) if (layer.id.startsWith(PREFIX)) this.map.removeLayer(layer.id);
    for (const source of Object.keys(this.map.getStyle().sources)) if (source.startsWith(PREFIX)) this.map.removeSource(source);
  }

  private furnish(): void {
    for (const sheet of this.list.get()) {
      if (sheet.kind === undefined || this.map.getSource(PREFIX + sheet.id) !== undefined) continue;
      this.map.addSource(PREFIX + sheet.id, sourceOf(sheet, location.origin));
      for (const layer of layersOf(sheet, this.palette())) this.map.addLayer(layer, BELOW);
    }
    this.show();
  }

  private rename(): void {
    for (const layer of this.list.get().length === 0 ? [] : this.map.getStyle().layers) {
      if (layer.id.startsWith(PREFIX) && layer.type === "symbol") this.map.setLayoutProperty(layer.id, "text-field", nameIn(language.get()));
    }
  }

  private show(): void {
    const on = this.list.get().filter((sheet) => this.isOn(sheet));
    for (const layer of this.map.getStyle().layers) {
      if (!layer.id.startsWith(PREFIX) || !("source" in layer)) continue;
      const seen = on.some((sheet) => layer.source === PREFIX + sheet.id) ? "visible" : "none";
      if ((layer.layout?.visibility ?? "visible") !== seen) this.map.setLayoutProperty(layer.id, "visibility", seen);
    }
    this.credits.set([...new Set(on.map((sheet) => sheet.attribution).filter((text) => text !== ""))].join(" · "));
  }
}

export function sourceOf(sheet: MapSheet, origin: string): SourceSpecification {
  const tiles = [`${origin}/api/maps/${encodeURIComponent(sheet.id)}/{z}/{x}/{y}?v=${sheet.version ?? ""}`];
  const place = { tiles, minzoom: sheet.min_zoom ?? 0, maxzoom: sheet.max_zoom ?? 14, ...(sheet.bounds_deg ? { bounds: sheet.bounds_deg } : {}) };
  return sheet.kind === "vector" ? { type: "vector", ...place } : { type: "raster", tileSize: sheet.tile_px ?? 256, ...place };
}

/** The name of a place in a language, else the one that the tiles call its name. */
function nameIn(wanted: string): ExpressionSpecification {
  return ["to-string", ["coalesce", ["get", `name:${wanted}`], ["get", `name_${wanted}`], ["get", "name"]]];
}

/** A raster is one layer; vector tiles give areas, lines, points and their names of each of their layers, in one quiet colour.
 *
 * Names are drawn in the page's own font, which asks nobody for letters; one that finds no room is left out. */
export function layersOf(sheet: MapSheet, palette: Palette): LayerSpecification[] {
  const id = PREFIX + sheet.id;
  const layout = { visibility: "none" as const };
  if (sheet.kind !== "vector") {
    return [{
      id, type: "raster", source: id, layout,
      paint: {
        "raster-opacity": sheet.opacity, "raster-fade-duration": 0,
        "raster-brightness-max": palette.name === "dark" ? NIGHT_WHITE : 1,
      },
    }];
  }
  const color = `rgb(${palette.labelDim.join(",")})`;
  return (sheet.layers ?? []).flatMap((name, k): LayerSpecification[] => {
    const common = { source: id, "source-layer": name, layout };
    const kind = (...of: string[]): never => ["in", ["geometry-type"], ["literal", of]] as never;
    return [
      {
        id: `${id}-fill-${k}`, type: "fill", ...common, filter: kind("Polygon", "MultiPolygon"),
        paint: { "fill-color": color, "fill-opacity": 0.12 * sheet.opacity, "fill-antialias": false },
      },
      {
        id: `${id}-line-${k}`, type: "line", ...common, filter: kind("LineString", "MultiLineString", "Polygon", "MultiPolygon"),
        paint: { "line-color": color, "line-width": 0.8, "line-opacity": 0.7 * sheet.opacity },
      },
      {
        id: `${id}-dot-${k}`, type: "circle", ...common, filter: kind("Point", "MultiPoint"),
        paint: { "circle-color": color, "circle-radius": 1.8, "circle-opacity": 0.8 * sheet.opacity },
      },
      {
        id: `${id}${NAMES}${k}`, type: "symbol", source: id, "source-layer": name,
        filter: ["all", kind("Point", "MultiPoint"), ["has", "name"]],
        layout: {
          ...layout, "text-field": nameIn(language.get()), "text-font": ["B612"], "text-size": 11, "text-max-width": 9,
          "text-anchor": "top", "text-offset": [0, 0.4],
        },
        paint: {
          "text-color": color, "text-opacity": sheet.opacity,
          "text-halo-color": `rgb(${palette.halo.join(",")})`, "text-halo-width": 1,
        },
      },
    ];
  });
}

/** Of anything stored, the ids with whether they are on. */
export function switches(stored: unknown): Record<string, boolean> {
  if (typeof stored !== "object" || stored === null) return {};
  return Object.fromEntries(Object.entries(stored).filter((e): e is [string, boolean] => typeof e[1] === "boolean"));
}

function read(): Record<string, boolean> {
  try {
    return switches(JSON.parse(localStorage.getItem(STORED) ?? "{}"));
  } catch (why) {
    if (!(why instanceof SyntaxError)) throw why;
    return {}; // written by another hand: begin anew
  }
}
