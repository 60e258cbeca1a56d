/**
 * The keyboard: arrows move, plus and minus zoom, F shows all sensors; M measures, C, K, P draw; slash searches, A goes to
 * the alerts, L to the log, G to the sensors; ? opens the manual; Escape puts the tool down, then clears the selection. In a replay the
 * blank stops and plays, full stop steps, comma goes back, brackets change the speed.
 */
import type { App } from "./app";
import type { Ground } from "./map/base";
import { timeKey } from "./panels/TimeBar";

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
    m: () => app.toolbox.take("measure", app.selected.get()),
    c: () => app.toolbox.take("circle"),
    k: () => app.toolbox.take("corridor"),
    p: () => app.toolbox.take("polygon"),
    Enter: () => app.toolbox.finish(),
    "/": () => focus("[data-testid=search]"),
    a: () => focus("[data-testid=alerts] button.alert-row") || focus("[data-testid=alerts] .panel-fold"),
    l: () => focus("[data-testid=log-text]") || focus("[data-testid=log] .panel-fold"),
    t: () => focus("[data-testid=who] select, [data-testid=who] input") || focus("[data-testid=track] button"),
    g: () => app.sensorPage.set(app.sensorPage.get() === 0 ? (app.hello.get()?.site.sensors.at(0)?.id ?? 0) : 0),
    "?": () => app.help.set(!app.help.get()),
    Escape: () => {
      if (app.help.get()) app.help.set(false);
      else if (app.sensorPage.get() !== 0) app.sensorPage.set(0);
      else if (app.toolbox.tool.get() !== "none") app.toolbox.drop();
      else app.select(0, false);
    },
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const target = event.target;
    const typing =
      (target instanceof HTMLInputElement && target.type !== "checkbox") || target instanceof HTMLTextAreaElement ||
      target instanceof HTMLSelectElement;
    if (typing) {
      if (event.key === "Escape") target.blur();
      return;
    }
    const inList = target instanceof HTMLElement && target.closest("[role=listbox]") !== null;
    if (inList && event.key.startsWith("Arrow")) return; // there the arrows scroll
    // Enter and blank press the button that has the focus, whatever the map would make of them.
    const pressing = target instanceof HTMLElement && target.closest("button, a, summary") !== null;
    if (pressing && (event.key === "Enter" || event.key === " ")) return;
    if (timeKey(app, event.key)) {
      event.preventDefault();
      return;
    }
    const act = (acts[event.key] ?? acts[event.key.toLowerCase()]) as (() => void) | undefined;
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}

function focus(selector: string): boolean {
  const found = document.querySelector<HTMLElement>(selector);
  found?.focus();
  return found !== null;
}
