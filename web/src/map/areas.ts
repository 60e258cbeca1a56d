/** The areas of the centre on the ground: regions and borders thin, restricted areas filled, asleep ones dotted. */
import { GeoJSONSource, type Map as GroundMap } from "maplibre-gl";
import type { AreaFeature, Status } from "../link/messages";
import { EMPTY } from "./style";

const EVERY_MS = 60_000;
const STRICT = ["P", "R", "D", "TSA", "TRA", "MIL", "ADIZ", "UAS", "PROTECTED", "ALERT"];

export class Areas {
  private loaded: readonly AreaFeature[] = [];
  private shown: object = EMPTY;
  private byHand: Status["airspace"];

  constructor(private readonly map: GroundMap, private readonly colour: () => string) {
    map.on("style.load", () => this.furnish());
    void this.load();
    setInterval(() => void this.load(), EVERY_MS);
  }

  /** Ask the centre which areas there are and which of them count now. */
  private async load(): Promise<void> {
    try {
      const answer = await fetch("/api/areas");
      if (!answer.ok) return;
      this.loaded = ((await answer.json()) as { features: AreaFeature[] }).features;
    } catch {
      return; // the socket tells that the centre is gone
    }
    this.show();
  }

  /** What people and notices made of the areas since the centre began. */
  set(byHand: Status["airspace"]): void {
    if (byHand === undefined || JSON.stringify(byHand) === JSON.stringify(this.byHand)) return;
    this.byHand = byHand;
    this.show();
  }

  /** How many areas are on the map, and how many of them count now. */
  counts(): { all: number; active: number } {
    const { features } = this.shown as { features: AreaFeature[] };
    return { all: features.length, active: features.filter((f) => f.properties.active).length };
  }

  private show(): void {
    const active = this.byHand?.active ?? {};
    const changed = this.loaded.map((f) =>
      f.properties.id in active ? { ...f, properties: { ...f.properties, active: active[f.properties.id] } } : f,
    );
    this.shown = { type: "FeatureCollection", features: [...changed, ...(this.byHand?.drawn ?? [])] };
    const source = this.map.getSource("areas");
    if (source instanceof GeoJSONSource) void source.setData(this.shown as never);
  }

  private furnish(): void {
    if (this.map.getSource("areas")) return;
    this.map.addSource("areas", { type: "geojson", data: this.shown as never, tolerance: 0.3 });
    const colour = this.colour();
    const strict = ["in", ["get", "kind"], ["literal", STRICT]];
    this.map.addLayer({
      id: "areas-fill", type: "fill", source: "areas",
      filter: ["all", strict, ["get", "active"]] as never,
      paint: { "fill-color": colour, "fill-opacity": 0.08, "fill-antialias": false },
    });
    this.map.addLayer({
      id: "areas-edge", type: "line", source: "areas",
      filter: ["get", "active"] as never,
      paint: { "line-color": colour, "line-width": ["case", strict, 1.4, 0.8] as never, "line-opacity": 0.8 },
    });
    this.map.addLayer({
      id: "areas-asleep", type: "line", source: "areas",
      filter: ["!", ["get", "active"]] as never,
      paint: { "line-color": colour, "line-width": 1, "line-opacity": 0.5, "line-dasharray": [1, 3] },
    });
  }
}
