/** The keyboard: arrows move, plus and minus zoom, F shows all sensors, Escape clears the selection. */
import type { App } from "./app";
import type { Ground } from "./map/base";

export function onKeys(app: App, ground: Ground): void {
  const acts: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => ground.pan(-1, 0),
    ArrowRight: () => ground.pan(1, 0),
    ArrowUp: () => ground.pan(0, -1),
    ArrowDown: () => ground.pan(0, 1),
    "+": () => ground.zoomBy(1),
    "=": () => ground.zoomBy(1),
    "-": () => ground.zoomBy(-1),
    f: () => ground.fit(),
    F: () => ground.fit(),
    Escape: () => app.select(0, false),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const target = event.target;
    const typing = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
    if (typing) {
      if (event.key === "Escape") target.blur();
      return;
    }
    const inList = target instanceof HTMLElement && target.closest("[role=listbox]") !== null;
    if (inList && event.key.startsWith("Arrow")) return; // there the arrows scroll
    const act = acts[event.key] as (() => void) | undefined;
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}
