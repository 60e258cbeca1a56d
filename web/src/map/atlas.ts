/**
 * One texture with everything small that is drawn on the map: track symbols, plot marks, sensor marks, the letters of
 * the labels and a white dot for lines. Made once per look (dark, light) and screen density.
 *
 * Symbols keep their own colours; letters are white on a black halo and take both colours when they are drawn.
 */
import { ms, numberair } from "milsymbol/parts";
import type { Palette, Rgb } from "../look/palette";
import { FRIEND, HOSTILE, NEUTRAL, SUSPECT, UNKNOWN } from "../picture/identity";
import { DOWN, LEVEL, UP } from "../picture/words";

ms.addIcons(numberair);

/** Where a sprite lies in the atlas (texels) and how big it is on the screen (CSS pixels), with its anchor. */
export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly cssW: number;
  readonly cssH: number;
  readonly anchorX: number;
  readonly anchorY: number;
}

export interface Atlas {
  readonly width: number;
  readonly height: number;
  /** Premultiplied RGBA. */
  readonly pixels: Uint8Array;
  /** By size (0 full, 1 smaller, 2 smallest), then affiliation * 4 + phase (0 confirmed, 1 tentative, 2 coasting, 3 emergency). */
  readonly symbols: readonly (readonly Frame[])[];
  /** By character code (Latin-1). */
  readonly glyphs: readonly Frame[];
  readonly plots: readonly Frame[];
  readonly sensor: Frame;
  readonly ring: Frame;
  readonly dot: Frame;
  /** A line lying on its side, soft above and below. */
  readonly stroke: Frame;
  readonly cellW: number;
  readonly cellH: number;
}

export const EMERGENCY_PHASE = 3;
const SIZE = 1024;
const FONT_PX = 12;
const PAD = 2;
/** Sizes of symbols: a crowded view has smaller ones, drawn at their size so that they stay sharp. */
const SYMBOL_PX = [14, 10, 7.5];
// APP-6 D / 2525 D: context reality, air, fixed wing civil; the fourth digit is the standard identity.
const SIDC = { [UNKNOWN]: "1", [NEUTRAL]: "4", [FRIEND]: "3", [SUSPECT]: "5", [HOSTILE]: "6" } as const;
const PRESENT = "0000";
const CIVIL_FIXED_WING = "1201000000";

export const css = (rgb: Rgb, alpha = 1): string => `rgb(${rgb.join(" ")} / ${alpha})`;

class Packer {
  readonly canvas = document.createElement("canvas");
  readonly context: CanvasRenderingContext2D;
  private x = 1;
  private y = 1;
  private row = 0;

  constructor(readonly ratio: number) {
    this.canvas.width = SIZE;
    this.canvas.height = SIZE;
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    if (context === null) throw new Error("this browser gives no canvas");
    this.context = context;
  }

  /** Reserve a rectangle of CSS size; `draw` is called in CSS pixels with the origin at its corner. */
  add(cssW: number, cssH: number, anchorX: number, anchorY: number, draw: (c: CanvasRenderingContext2D) => void): Frame {
    const w = Math.ceil(cssW * this.ratio);
    const h = Math.ceil(cssH * this.ratio);
    if (this.x + w + 1 > SIZE) {
      this.x = 1;
      this.y += this.row + 1;
      this.row = 0;
    }
    const frame = { x: this.x, y: this.y, w, h, cssW: w / this.ratio, cssH: h / this.ratio, anchorX, anchorY };
    const c = this.context;
    c.save();
    c.translate(this.x, this.y);
    c.beginPath();
    c.rect(0, 0, w, h);
    c.clip();
    c.scale(this.ratio, this.ratio);
    draw(c);
    c.restore();
    this.x += w + 1;
    this.row = Math.max(this.row, h);
    return frame;
  }

  pixels(): Uint8Array {
    const data = this.context.getImageData(0, 0, SIZE, SIZE).data;
    const out = new Uint8Array(data.length);
    for (let i = 0; i < data.length; i += 4) {
      const a = data[i + 3];
      out[i] = (data[i] * a + 127) / 255;
      out[i + 1] = (data[i + 1] * a + 127) / 255;
      out[i + 2] = (data[i + 2] * a + 127) / 255;
      out[i + 3] = a;
    }
    return out;
  }
}

/** Draw the atlas. The label font must be loaded already. */
export function makeAtlas(palette: Palette, ratio: number, font: string): Atlas {
  const packer = new Packer(ratio);
  const symbols = SYMBOL_PX.map((size) =>
    ([UNKNOWN, NEUTRAL, FRIEND, SUSPECT, HOSTILE] as const).flatMap((affiliation) => {
      const color = [palette.unknown, palette.neutral, palette.friend, palette.suspect, palette.emergency][affiliation];
      return [
        symbol(packer, affiliation, color, palette, { size, fill: palette.symbolFill }),
        tentative(packer, color, size),
        symbol(packer, affiliation, palette.coasting, palette, { size, fill: 0.06, struck: true }),
        // An emergency is never small.
        symbol(packer, affiliation, palette.emergency, palette, { size: SYMBOL_PX[0], fill: 0.55 }),
      ];
    }),
  );
  const { glyphs, cellW, cellH } = letters(packer, font);
  const plots = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((kind) => plotMark(packer, kind));
  const sensor = packer.add(13, 13, 6.5, 6.5, (c) => {
    c.strokeStyle = "#fff";
    c.fillStyle = "#fff";
    c.lineWidth = 1.3;
    c.strokeRect(2.5, 2.5, 8, 8);
    c.fillRect(5.5, 5.5, 2, 2);
  });
  const ring = packer.add(38, 38, 19, 19, (c) => {
    c.strokeStyle = "#fff";
    c.lineWidth = 1.6;
    for (const [x, y] of [[1, 1], [-1, 1], [1, -1], [-1, -1]] as const) {
      c.beginPath();
      c.moveTo(19 + 17 * x, 19 + 9 * y);
      c.lineTo(19 + 17 * x, 19 + 17 * y);
      c.lineTo(19 + 9 * x, 19 + 17 * y);
      c.stroke();
    }
  });
  const dot = packer.add(4, 4, 2, 2, (c) => {
    c.fillStyle = "#fff";
    c.fillRect(0, 0, 4, 4);
  });
  const stroke = packer.add(6, 4, 3, 2, (c) => {
    c.fillStyle = "#fff";
    c.fillRect(0, 1, 6, 2);
  });
  return {
    width: SIZE, height: SIZE, pixels: packer.pixels(), symbols, glyphs, plots, sensor, ring,
    dot: { ...dot, x: dot.x + 1, y: dot.y + 1, w: dot.w - 2, h: dot.h - 2 },
    stroke: { ...stroke, x: stroke.x + 1, w: stroke.w - 2 }, cellW, cellH,
  };
}

function symbol(
  packer: Packer, affiliation: 0 | 1 | 2 | 3 | 4, color: Rgb, palette: Palette, how: { size: number; fill: number; struck?: boolean },
): Frame {
  const line = css(color);
  const sidc = `100${SIDC[affiliation]}01${PRESENT}${CIVIL_FIXED_WING}`;
  const drawn = new ms.Symbol(sidc, {
    size: how.size,
    fill: true,
    fillOpacity: how.fill,
    icon: false, // at this size the figure inside is a blot; the frame says what there is to say
    colorMode: { Civilian: line, Friend: line, Hostile: line, Neutral: line, Unknown: line, Suspect: line },
    frameColor: { Civilian: line, Friend: line, Hostile: line, Neutral: line, Unknown: line, Suspect: line },
    iconColor: line,
    strokeWidth: 8,
    outlineColor: css(palette.halo),
    outlineWidth: 5,
    infoFields: false,
    civilianColor: false,
  });
  const anchor = drawn.getAnchor();
  const { width, height } = drawn.getSize();
  const image = drawn.asCanvas(packer.ratio);
  return packer.add(width, height, anchor.x, anchor.y, (c) => {
    c.drawImage(image, 0, 0, width, height);
    if (how.struck !== true) return;
    // A bar through the frame: the position is predicted, no sensor sees it now.
    c.strokeStyle = line;
    c.lineWidth = 1.4;
    c.beginPath();
    c.moveTo(1, anchor.y);
    c.lineTo(width - 1, anchor.y);
    c.stroke();
  });
}

/** A track that is not yet believed: a small open circle, no frame. */
function tentative(packer: Packer, color: Rgb, size: number): Frame {
  return packer.add(12, 12, 6, 6, (c) => {
    c.strokeStyle = css(color, 0.9);
    c.lineWidth = 1.4;
    c.beginPath();
    c.arc(6, 6, 0.26 * size, 0, 2 * Math.PI);
    c.stroke();
  });
}

/** Plot marks by kind of plot: primary, secondary, both, Mode S, ADS-B, multilateration, others. */
function plotMark(packer: Packer, kind: number): Frame {
  return packer.add(8, 8, 4, 4, (c) => {
    c.strokeStyle = "#fff";
    c.fillStyle = "#fff";
    c.lineWidth = 1.2;
    c.beginPath();
    if (kind === 1 || kind === 3) {
      c.moveTo(1, 4);
      c.lineTo(7, 4);
      c.moveTo(4, 1);
      c.lineTo(4, 7);
    }
    if (kind === 2 || kind === 3 || kind === 4) {
      c.moveTo(1.6, 1.6);
      c.lineTo(6.4, 6.4);
      c.moveTo(6.4, 1.6);
      c.lineTo(1.6, 6.4);
    }
    c.stroke();
    c.beginPath();
    if (kind === 6) c.rect(1.5, 1.5, 5, 5);
    else if (kind === 0 || kind >= 5) c.arc(4, 4, kind === 5 ? 1.7 : 2.6, 0, 2 * Math.PI);
    if (kind === 5) c.fill();
    else c.stroke();
  });
}

function letters(packer: Packer, font: string): { glyphs: Frame[]; cellW: number; cellH: number } {
  const c = packer.context;
  c.font = `${FONT_PX}px ${font}`;
  // Whole pixels, so that every letter of a line falls on them.
  const cellW = Math.round(c.measureText("0").width * packer.ratio) / packer.ratio;
  const cellH = FONT_PX + 2;
  const glyphs: Frame[] = [];
  const signs: Record<number, number> = { [UP]: 1, [DOWN]: -1, [LEVEL]: 0 };
  for (let code = 0; code < 256; code++) {
    const sign = signs[code] as number | undefined;
    const text = code >= 32 && (code < 127 || code > 160) ? String.fromCharCode(code) : "";
    glyphs.push(
      packer.add(cellW + 2 * PAD, cellH + 2 * PAD, PAD, PAD, (g) => {
        g.strokeStyle = "#000";
        g.fillStyle = "#fff";
        g.lineJoin = "round";
        if (sign !== undefined) {
          arrow(g, sign, cellW, cellH);
          return;
        }
        g.font = `${FONT_PX}px ${font}`;
        g.textBaseline = "alphabetic";
        g.lineWidth = 3;
        g.strokeText(text, PAD, PAD + FONT_PX - 1);
        g.fillText(text, PAD, PAD + FONT_PX - 1);
      }),
    );
  }
  return { glyphs, cellW, cellH };
}

function arrow(g: CanvasRenderingContext2D, sign: number, cellW: number, cellH: number): void {
  const x = Math.round(PAD + cellW / 2) - 0.5;
  const y = PAD + cellH / 2 - 1;
  g.beginPath();
  g.moveTo(x, y - 4.5);
  g.lineTo(x, y + 4.5);
  g.moveTo(x - 3, y - 1.5 * sign);
  g.lineTo(x, y - 4.5 * sign);
  g.lineTo(x + 3, y - 1.5 * sign);
  g.lineWidth = 3.4;
  g.stroke();
  g.strokeStyle = "#fff";
  g.lineWidth = 1.3;
  g.stroke();
}
