/** The operator's own maps, below the rings, hatching, areas and tracks; served by the centre, tile by tile. */
import type { LayerSpecification, Map as GroundMap, SourceSpecification } from "maplibre-gl";
import type { MapSheet } from "../link/messages";
import type { Palette } from "../look/palette";
import { Value } from "../look/value";

/** The lowest of what stays above every map. */
const BELOW = "graticule";
const PREFIX = "map-";
const STORED = "vigie.maps";
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
    this.chosen.set({ ...this.chosen.get(), [sheet.id]: !this.isOn(sheet) });
    localStorage.setItem(STORED, JSON.stringify(this.chosen.get()));
    this.show();
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

/** A raster is one layer; vector tiles give areas, lines and points of each of their layers, in one quiet colour. */
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
    ];
  });
}

function read(): Record<string, boolean> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED) ?? "{}");
    if (typeof stored !== "object" || stored === null) return {};
    return Object.fromEntries(Object.entries(stored).filter((e): e is [string, boolean] => typeof e[1] === "boolean"));
  } catch (why) {
    if (!(why instanceof SyntaxError)) throw why;
    return {}; // written by another hand: begin anew
  }
}
