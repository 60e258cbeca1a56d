/**
 * The colours of the glass, dark (for the night, the default) and light.
 *
 * Radar rooms are dim: the ground is nearly black, the map barely above it, traffic is the brightest thing, and pure red
 * and amber are kept for what must be acted upon. Colours are 0..255 RGB; strings are for the style of the map.
 */
export type Rgb = readonly [number, number, number];

export interface Palette {
  readonly name: "dark" | "light";
  readonly sea: string;
  readonly land: string;
  readonly coast: string;
  readonly border: string;
  readonly graticule: string;
  readonly ring: string;
  readonly hatch: Rgb;
  readonly sensorOk: Rgb;
  readonly sensorBad: Rgb;
  readonly unknown: Rgb;
  readonly neutral: Rgb;
  readonly friend: Rgb;
  readonly suspect: Rgb;
  readonly coasting: Rgb;
  readonly emergency: Rgb;
  readonly selected: Rgb;
  /** What people drew. */
  readonly mark: Rgb;
  readonly label: Rgb;
  readonly labelDim: Rgb;
  readonly halo: Rgb;
  readonly plate: Rgb;
  readonly vector: Rgb;
  readonly trail: Rgb;
  readonly symbolFill: number;
  readonly plots: readonly Rgb[];
  /** Weather by intensity, 0 to 7. */
  readonly weather: readonly Rgb[];
}

export const DARK: Palette = {
  name: "dark",
  sea: "#070c10",
  land: "#0e151a",
  coast: "#2b3d47",
  border: "#36474f",
  graticule: "#131d23",
  ring: "#1f2f37",
  hatch: [196, 140, 62],
  sensorOk: [96, 178, 160],
  sensorBad: [232, 158, 70],
  unknown: [232, 208, 96],
  neutral: [122, 214, 142],
  friend: [104, 182, 240],
  suspect: [255, 150, 120],
  coasting: [214, 142, 92],
  emergency: [255, 84, 76],
  selected: [255, 255, 255],
  mark: [198, 160, 255],
  label: [196, 214, 208],
  labelDim: [132, 150, 148],
  halo: [5, 9, 12],
  plate: [8, 14, 18],
  vector: [150, 186, 172],
  trail: [112, 148, 138],
  symbolFill: 0.14,
  plots: [
    [92, 150, 190], [178, 128, 190], [190, 160, 92], [92, 180, 140], [190, 112, 112], [140, 150, 200], [160, 180, 90],
    [200, 140, 170],
  ],
  weather: [
    [36, 62, 84], [36, 74, 104], [36, 92, 92], [44, 104, 60], [112, 112, 40], [132, 92, 36], [140, 60, 40], [140, 44, 100],
  ],
};

export const LIGHT: Palette = {
  name: "light",
  sea: "#d3dde2",
  land: "#ecebe4",
  coast: "#8fa3ad",
  border: "#9a9a90",
  graticule: "#c6d0d4",
  ring: "#a3b5bb",
  hatch: [150, 92, 20],
  sensorOk: [0, 104, 90],
  sensorBad: [176, 92, 0],
  unknown: [136, 104, 0],
  neutral: [0, 112, 52],
  friend: [0, 84, 160],
  suspect: [190, 60, 30],
  coasting: [160, 76, 20],
  emergency: [196, 16, 16],
  selected: [10, 20, 26],
  mark: [96, 40, 160],
  label: [24, 38, 44],
  labelDim: [84, 98, 104],
  halo: [246, 245, 240],
  plate: [246, 245, 240],
  vector: [56, 84, 76],
  trail: [90, 120, 110],
  symbolFill: 0.18,
  plots: [
    [20, 92, 150], [120, 50, 140], [140, 104, 10], [10, 120, 80], [150, 40, 40], [60, 70, 150], [90, 110, 10],
    [150, 60, 110],
  ],
  weather: [
    [176, 204, 224], [140, 184, 220], [120, 190, 180], [130, 200, 130], [220, 210, 110], [230, 180, 90], [225, 130, 110], [215, 120, 190],
  ],
};
