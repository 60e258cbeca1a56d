/** Thin lines and words drawn over the map: measures, forms being drawn, the shared marks. Rewritten at every update. */
import type { Atlas } from "./atlas";
import type { FixedText } from "../labels/labels";
import type { SpriteBuffer } from "../labels/spritebuffer";
import type { Palette, Rgb } from "../look/palette";
import { corridor, outline, type FormKind, type LonLat } from "../tools/forms";
import { measured, resolve } from "../tools/measure";
import type { Toolbox } from "../tools/tools";
import type { Mark } from "../link/messages";
import type { Tracks } from "../picture/tracks";
import { M_PER_NMI } from "../picture/units";
import { rangeBearing } from "./geo";
import { mercatorX, mercatorY } from "./mercator";
import type { LineData } from "./lines";

export interface SketchText {
  readonly lon: number;
  readonly lat: number;
  readonly text: string;
  readonly rgb: Rgb;
}

export class Sketch {
  private from = new Float64Array(256);
  private to = new Float64Array(256);
  private colors = new Uint8ClampedArray(512);
  private n = 0;
  readonly texts: SketchText[] = [];
  private readonly codes = new Uint8Array(64);

  /** Write everything anew; `pointer` is where a form being drawn would go on. */
  write(
    toolbox: Toolbox, marks: readonly Mark[], tracks: Tracks, palette: Palette, pointer: LonLat | null, minutes: string,
  ): void {
    this.n = 0;
    this.texts.length = 0;
    for (const mark of marks) {
      const points = mark.points.map(([lat, lon]): LonLat => [lon, lat]);
      for (const line of outline(mark.kind, points, mark.radius_m)) this.lines(line, palette.mark, 210);
      const at = wordsAt(mark.kind, points);
      if (at !== null) this.texts.push({ lon: at[0], lat: at[1], text: mark.text, rgb: palette.mark });
    }
    for (const measure of toolbox.measures.get()) {
      const now = measured(measure, tracks);
      if (now === null) continue;
      this.line(now.from, now.to, palette.selected, 220);
      const closest = now.closest === null ? "" : ` CPA ${nmi(now.closest.rangeM)} ${Math.round(now.closest.inS / 60)}${minutes}`;
      const lon = (now.from[0] + now.to[0]) / 2;
      const lat = (now.from[1] + now.to[1]) / 2;
      this.texts.push({ lon, lat, text: rangeText(now.rangeM, now.bearingRad) + closest, rgb: palette.selected });
    }
    const tool = toolbox.tool.get();
    if (tool === "measure") this.growingMeasure(toolbox, tracks, palette, pointer);
    else if (tool !== "none") this.growingForm(tool, toolbox.points.get(), palette, pointer);
  }

  private growingMeasure(toolbox: Toolbox, tracks: Tracks, palette: Palette, pointer: LonLat | null): void {
    const first = toolbox.first.get();
    const at = first === null ? null : resolve(first, tracks);
    if (at === null || pointer === null) return;
    this.line([at.lon, at.lat], pointer, palette.selected, 220);
    const { rangeM, bearingRad } = rangeBearing(at.lat, at.lon, pointer[1], pointer[0]);
    this.texts.push({ lon: pointer[0], lat: pointer[1], text: rangeText(rangeM, bearingRad), rgb: palette.selected });
  }

  private growingForm(kind: FormKind, held: readonly LonLat[], palette: Palette, pointer: LonLat | null): void {
    const points = pointer === null ? held : [...held, pointer];
    if (kind === "circle" && points.length === 2) {
      const { rangeM } = rangeBearing(points[0][1], points[0][0], points[1][1], points[1][0]);
      for (const line of outline("circle", points, rangeM)) this.lines(line, palette.mark, 230);
      this.texts.push({ lon: points[1][0], lat: points[1][1], text: nmi(rangeM), rgb: palette.mark });
    } else if (kind === "corridor") {
      for (const line of corridor(points, 9260)) this.lines(line, palette.mark, 230);
      this.lines(points, palette.mark, 120);
    } else this.lines(points, palette.mark, 230);
  }

  data(): LineData {
    return {
      length: this.n,
      attributes: {
        getSourcePosition: { value: this.from.subarray(0, 2 * this.n), size: 2 },
        getTargetPosition: { value: this.to.subarray(0, 2 * this.n), size: 2 },
        getColor: { value: this.colors.subarray(0, 4 * this.n), size: 4 },
      },
    };
  }

  /** Where the words stand, so that labels keep off them. */
  places(atlas: Atlas): FixedText[] {
    return this.texts.map(({ lon, lat, text }) => ({
      x: mercatorX(lon), y: mercatorY(lat), width: 8 + Math.min(this.codes.length, text.length) * atlas.cellW, row: -0.65,
    }));
  }

  /** The words as sprites beside their points. */
  spell(atlas: Atlas, into: SpriteBuffer): void {
    for (const { lon, lat, text, rgb } of this.texts) {
      const length = Math.min(this.codes.length, text.length);
      for (let k = 0; k < length; k++) {
        const code = text.charCodeAt(k);
        this.codes[k] = code < 32 || code > 255 ? 63 : code;
      }
      into.text(atlas, lon, lat, 8, -atlas.cellH - 2, this.codes, 0, length, rgb, 255);
    }
  }

  private lines(points: readonly LonLat[], rgb: Rgb, alpha: number): void {
    for (let k = 1; k < points.length; k++) this.line(points[k - 1], points[k], rgb, alpha);
  }

  private line(a: LonLat, b: LonLat, rgb: Rgb, alpha: number): void {
    if (2 * this.n + 2 > this.from.length) this.grow();
    const at = 2 * this.n;
    this.from[at] = a[0];
    this.from[at + 1] = a[1];
    this.to[at] = b[0];
    this.to[at + 1] = b[1];
    this.colors.set([rgb[0], rgb[1], rgb[2], alpha], 4 * this.n);
    this.n += 1;
  }

  private grow(): void {
    const from = new Float64Array(2 * this.from.length);
    from.set(this.from);
    this.from = from;
    const to = new Float64Array(2 * this.to.length);
    to.set(this.to);
    this.to = to;
    const colors = new Uint8ClampedArray(2 * this.colors.length);
    colors.set(this.colors);
    this.colors = colors;
  }
}

/** The middle of a form, where its words cannot be taken for another's that begins at the same point. */
function wordsAt(kind: string, points: readonly LonLat[]): LonLat | null {
  if (points.length === 0) return null;
  if (kind !== "polygon") return points[kind === "circle" ? 0 : Math.floor(points.length / 2)];
  const sum = points.reduce<[number, number]>((s, p) => [s[0] + p[0], s[1] + p[1]], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}

const nmi = (metres: number): string => `${(metres / M_PER_NMI).toFixed(1)}NM`;

export function rangeText(rangeM: number, bearingRad: number): string {
  const degrees = Math.round((bearingRad * 180) / Math.PI) % 360;
  return `${nmi(rangeM)} ${(degrees === 0 ? 360 : degrees).toString().padStart(3, "0")}°`;
}
