/** The parts of milsymbol that the display uses, out of the library's own module list (see vite.config.ts). */
export interface SymbolOptions {
  size?: number;
  fill?: boolean;
  fillOpacity?: number;
  colorMode?: string | Record<string, string>;
  frameColor?: Record<string, string>;
  iconColor?: string | Record<string, string>;
  icon?: boolean;
  monoColor?: string;
  outlineColor?: string;
  outlineWidth?: number;
  strokeWidth?: number;
  infoFields?: boolean;
  simpleStatusModifier?: boolean;
  civilianColor?: boolean;
  square?: boolean;
}

export interface MilSymbol {
  asCanvas(pixelRatio?: number): HTMLCanvasElement;
  getAnchor(): { x: number; y: number };
  getSize(): { width: number; height: number };
  isValid(extended?: boolean): boolean;
}

export declare const ms: {
  Symbol: new (sidc: string, options?: SymbolOptions) => MilSymbol;
  addIcons(part: unknown): void;
};
export declare const numberair: unknown;
