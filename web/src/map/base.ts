/** The ground of the map (maplibre-gl): camera, land and borders, range rings, hatched discs. North is always up. */
import { GeoJSONSource, Map as GroundMap, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import "maplibre-gl/dist/maplibre-gl.css";
import type { Site } from "../link/messages";
import type { Palette } from "../look/palette";
import { OK, type Health } from "../picture/picture";
import { M_PER_NMI } from "../picture/units";
import { Areas } from "./areas";
import { outlineOf, type Cover } from "./cover";
import { circle } from "./geo";
import { mercatorX, mercatorY, type Camera } from "./mercator";
import { Sheets } from "./sheets";
import { EMPTY, FINE_FROM_ZOOM, graticule, hatchImage, style } from "./style";

setWorkerUrl(workerUrl);

const PAN_PX = 120;
const EQUATOR_M = 40_075_016.7;

export class Ground {
  readonly map: GroundMap;
  readonly areas: Areas;
  readonly sheets: Sheets;
  private width = 0;
  private height = 0;
  private site: Site | null = null;
  private health: ReadonlyMap<number, Health> = new Map();
  private hatched = "";
  private rings: object = EMPTY;
  private hatch: object = EMPTY;
  private cover: Cover | null = null;
  private gaps = true;
  /** Whether the fine coasts and borders have been asked for. */
  fine = false;
  /** Whether the operator has moved the map; until then it follows the sensors. */
  private touched = false;

  constructor(container: HTMLElement, private palette: Palette) {
    this.map = new GroundMap({
      container,
      style: style(palette),
      center: [2.2, 13.5],
      zoom: 5,
      minZoom: 1.5,
      maxZoom: 14,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      keyboard: false,
      renderWorldCopies: true,
      fadeDuration: 0,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.on("styleimagemissing", () => this.addHatch());
    this.map.on("style.load", () => this.furnish());
    this.areas = new Areas(this.map, () => `rgb(${this.palette.labelDim.join(",")})`);
    this.sheets = new Sheets(this.map, () => this.palette);
    this.map.on("sourcedata", (event) => {
      if (event.sourceId === "fine" && this.fine && this.map.isSourceLoaded("fine")) this.leaveCoarse();
    });
    this.map.on("resize", () => this.measure());
    this.measure();
    this.map.on("dragstart", () => (this.touched = true));
    this.map.on("wheel", () => (this.touched = true));
  }

  camera(): Camera {
    const center = this.map.getCenter();
    const zoom = this.map.getZoom();
    return {
      x: mercatorX(center.lng), y: mercatorY(center.lat), worldPx: 512 * 2 ** zoom, width: this.width,
      height: this.height, zoom,
    };
  }

  /** Metres of the ground to a pixel at the middle of the view. */
  metresPerPixel(): number {
    const lat = (this.map.getCenter().lat * Math.PI) / 180;
    return (EQUATOR_M * Math.cos(lat)) / (512 * 2 ** this.map.getZoom());
  }

  setPalette(palette: Palette): void {
    if (palette === this.palette) return;
    this.palette = palette;
    this.map.setStyle(style(palette), { diff: false });
  }

  setSite(site: Site): void {
    this.site = site;
    const features = site.sensors.flatMap((sensor) => {
      if (sensor.kind === "external") return [];
      const step = ringStep(sensor.max_range_m);
      const radii = [];
      for (let r = step; r < sensor.max_range_m - step / 4; r += step) radii.push(r);
      return [
        ...radii.map((r) => line(circle(sensor.lat_deg, sensor.lon_deg, r), { edge: false })),
        line(circle(sensor.lat_deg, sensor.lon_deg, sensor.max_range_m), { edge: true }),
      ];
    });
    this.rings = { type: "FeatureCollection", features };
    this.hatched = "?";
    this.source("rings", this.rings);
    this.setHealth(this.health);
    if (!this.touched) this.fit(false);
  }

  /** Hatch the range of every sensor that is not known to be healthy: no data there does not mean no traffic. */
  setHealth(health: ReadonlyMap<number, Health>): void {
    this.health = health;
    if (this.site === null) return;
    const bad = this.site.sensors.filter((s) => health.get(s.id)?.state !== OK);
    const key = bad.map((s) => s.id).join();
    if (key === this.hatched) return;
    this.hatched = key;
    this.hatch = {
      type: "FeatureCollection",
      features: bad.map((s) => ({
        type: "Feature",
        properties: { id: s.id },
        geometry: { type: "Polygon", coordinates: [circle(s.lat_deg, s.lon_deg, s.max_range_m)] },
      })),
    };
    this.showHatch();
  }

  /** Cover that was computed: what was lost stands in for whole ranges, which other sensors may see as well. */
  setCover(cover: Cover | null): void {
    this.cover = cover;
    this.showHatch();
  }

  /** Whether places that no sensor of the centre could see are hatched, too. */
  showGaps(shown: boolean): void {
    this.gaps = shown;
    this.showHatch();
  }

  private showHatch(): void {
    const collection = (features: readonly object[]): object => ({ type: "FeatureCollection", features });
    const edge = { type: "Feature", properties: { edge: true }, geometry: { type: "MultiLineString", coordinates: outlineOf(this.cover?.lost ?? []) } };
    this.source("hatched", this.cover === null ? this.hatch : collection([...this.cover.lost, edge]));
    this.source("gaps", this.cover === null || !this.gaps ? EMPTY : collection(this.cover.gap));
  }

  /** How the cover stands: not known (whole ranges are hatched), or how many places were lost and lie beyond reach. */
  coverState(): { lost: number; gap: number } | null {
    const parts = (features: readonly object[] | undefined): number =>
      (features ?? []).reduce((sum: number, f) => sum + (f as { geometry: { coordinates: unknown[] } }).geometry.coordinates.length, 0);
    return this.cover === null ? null : { lost: parts(this.cover.lost), gap: parts(this.cover.gap) };
  }

  /** How many sensors' ranges are hatched. */
  hatchedCount(): number {
    return (this.hatch as { features: unknown[] }).features.length;
  }

  /** Show all sensors' ranges. */
  fit(animate = true): void {
    const site = this.site;
    if (site === null) return;
    const points = site.sensors.flatMap((s) => circle(s.lat_deg, s.lon_deg, s.max_range_m, 8));
    if (points.length === 0) points.push(...circle(site.lat_deg, site.lon_deg, 250 * M_PER_NMI, 8));
    const lons = points.map((p) => p[0]);
    const lats = points.map((p) => p[1]);
    this.map.fitBounds(
      [[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]],
      { padding: { top: 20, bottom: 20, left: 20, right: 20 }, animate, duration: 250 },
    );
  }

  pan(dx: number, dy: number): void {
    this.touched = true;
    this.map.panBy([dx * PAN_PX, dy * PAN_PX], { duration: 120 });
  }

  zoomBy(step: number): void {
    this.touched = true;
    this.map.easeTo({ zoom: this.map.getZoom() + step, duration: 120 });
  }

  /** Where the map stands. */
  place(): { lon: number; lat: number; zoom: number } {
    const { lng, lat } = this.map.getCenter();
    return { lon: lng, lat, zoom: this.map.getZoom() };
  }

  go(lon: number, lat: number, zoom: number): void {
    this.touched = true;
    this.map.easeTo({ center: [lon, lat], zoom, duration: 200 });
  }

  centre(lon: number, lat: number): void {
    this.touched = true;
    this.map.easeTo({ center: [lon, lat], duration: 200 });
  }

  /** The fine ground is there: the coarse one ends where it begins. */
  private leaveCoarse(): void {
    for (const layer of ["land-coarse", "coast-coarse", "border-coarse"]) {
      if (this.map.getLayer(layer)?.maxzoom !== FINE_FROM_ZOOM) this.map.setLayerZoomRange(layer, 0, FINE_FROM_ZOOM);
    }
  }

  /** Asking the page for its size makes it lay itself out: once per resize, not once per update. */
  private measure(): void {
    const { clientWidth, clientHeight } = this.map.getContainer();
    this.width = clientWidth;
    this.height = clientHeight;
  }

  private furnish(): void {
    this.addHatch();
    this.source("graticule", graticule(5));
    this.source("rings", this.rings);
    this.showHatch();
    if (this.fine) this.source("fine", "/borders/world-10m.json");
    else {
      // The fine coast is three megabytes: it waits until the first picture of the ground stands.
      void this.map.once("idle", () => {
        this.fine = true;
        this.source("fine", "/borders/world-10m.json");
      });
    }
  }

  private addHatch(): void {
    if (!this.map.hasImage("hatch")) this.map.addImage("hatch", hatchImage(this.palette));
  }

  private source(name: string, data: object | string): void {
    const source = this.map.getSource(name);
    if (source instanceof GeoJSONSource) void source.setData(data as never);
  }
}

function line(coordinates: [number, number][], properties: object): object {
  return { type: "Feature", properties, geometry: { type: "LineString", coordinates } };
}

/** Rings every 10, 25 or 50 NM so that a sensor has no more than about five. */
function ringStep(rangeM: number): number {
  const step = [5, 10, 25, 50, 100].find((nmi) => rangeM / (nmi * M_PER_NMI) <= 5.2) ?? 250;
  return step * M_PER_NMI;
}
