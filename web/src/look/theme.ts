/** Night or day: kept in the browser, else what the system prefers, else night. */
import { DARK, LIGHT, type Palette } from "./palette";
import { Value } from "./value";

const STORED = "vigie.theme";

export const palette = new Value<Palette>(DARK);

export function startTheme(): void {
  const stored = localStorage.getItem(STORED);
  const day = stored === "light" || (stored !== "dark" && matchMedia("(prefers-color-scheme: light)").matches);
  apply(day ? LIGHT : DARK);
}

export function toggleTheme(): void {
  const next = palette.get().name === "dark" ? LIGHT : DARK;
  localStorage.setItem(STORED, next.name);
  apply(next);
}

function apply(chosen: Palette): void {
  document.documentElement.dataset["theme"] = chosen.name;
  palette.set(chosen);
}
