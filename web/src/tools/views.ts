/** Saved views: where the map stands and what it shows, by name, with the operator's maps, kept in the browser. */
import type { Shown } from "../map/overlay";
import { switches } from "../map/sheets";
import { Value } from "../look/value";
import { ALL, type Filter } from "./filter";

export interface View {
  readonly name: string;
  readonly lon: number;
  readonly lat: number;
  readonly zoom: number;
  readonly shown: Shown;
  readonly filter: Filter;
  /** Which of the operator's maps are shown, by id; one that is not named here stays as it is. */
  readonly maps: Readonly<Record<string, boolean>>;
}

const STORED = "vigie.views";
const MOST = 30;

export const views = new Value<readonly View[]>(read());

export function saveView(view: View): void {
  store([...views.get().filter((held) => held.name !== view.name), view].slice(-MOST));
}

export function forgetView(name: string): void {
  store(views.get().filter((held) => held.name !== name));
}

function store(held: readonly View[]): void {
  localStorage.setItem(STORED, JSON.stringify(held));
  views.set(held);
}

/** What another hand or an older page wrote is taken over as far as it is a view. */
function read(): View[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED) ?? "[]");
    if (!Array.isArray(stored)) return [];
    return stored.filter(isView).map((view) => ({ ...view, filter: { ...ALL, ...view.filter }, maps: switches(view.maps) }));
  } catch (why) {
    if (!(why instanceof SyntaxError)) throw why;
    return [];
  }
}

function isView(value: unknown): value is View {
  if (typeof value !== "object" || value === null) return false;
  const view = value as Record<string, unknown>;
  return (
    typeof view["name"] === "string" && typeof view["shown"] === "object" && view["shown"] !== null &&
    (["lon", "lat", "zoom"] as const).every((key) => Number.isFinite(view[key]))
  );
}
