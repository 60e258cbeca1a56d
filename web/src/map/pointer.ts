/** The mouse on the map: a click selects the nearest track, hovering names it. */
import type { App } from "../app";
import { nearest } from "../labels/labels";
import { LINE, writeMotion, writeName } from "../picture/words";
import type { Ground } from "./base";
import { screenX, screenY } from "./mercator";

const REACH_PX = 16;

export function onPointer(app: App, ground: Ground, container: HTMLElement): void {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  container.append(tip);
  let due = 0;
  const line = new Uint8Array(2 * LINE);

  ground.map.on("click", (event) => {
    const no = trackAt(app, ground, event.point.x, event.point.y);
    if (!app.toolbox.give(event.lngLat.lng, event.lngLat.lat, no)) app.select(no, false);
  });
  ground.map.on("dblclick", (event) => {
    if (app.toolbox.tool.get() === "none") return;
    event.preventDefault(); // no zoom: the double click ends the form
    app.toolbox.finish();
  });
  ground.map.on("mousemove", (event) => {
    const { x, y } = event.point;
    cancelAnimationFrame(due);
    due = requestAnimationFrame(() => {
      app.pointer.set([event.lngLat.lng, event.lngLat.lat]);
      const no = trackAt(app, ground, x, y);
      tip.hidden = no === 0;
      ground.map.getCanvas().style.cursor = no === 0 ? "" : "pointer";
      if (no === 0) return;
      const { tracks } = app.store;
      const slot = tracks.slotOf(no);
      const name = writeName(tracks, slot, line, 0);
      line[name] = 32;
      const end = writeMotion(tracks, slot, line, name + 1);
      tip.textContent = String.fromCharCode(...line.subarray(0, end)).replaceAll("\u0001", "↑").replaceAll("\u0002", "↓");
      tip.style.transform = `translate(${x + 14}px, ${y + 14}px)`;
    });
  });
  ground.map.on("mouseout", () => {
    cancelAnimationFrame(due);
    tip.hidden = true;
    app.pointer.set(null);
  });
}

/** The number of the track nearest to a point of the view, 0 if none is in reach. */
export function trackAt(app: App, ground: Ground, x: number, y: number): number {
  const { tracks } = app.store;
  const camera = ground.camera();
  let best = 0;
  let bestSquare = REACH_PX * REACH_PX;
  for (let slot = 0; slot < tracks.count; slot++) {
    const dx = screenX(camera, nearest(tracks.mercator[2 * slot], camera.x)) - x;
    const dy = screenY(camera, tracks.mercator[2 * slot + 1]) - y;
    const square = dx * dx + dy * dy;
    if (square < bestSquare) {
      bestSquare = square;
      best = tracks.trackNo[slot];
    }
  }
  return best;
}
