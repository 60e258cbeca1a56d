/** Runs the layout outside the page's thread: one request in, one answer out. */
import { layout, type LayoutRequest } from "./layout";

addEventListener("message", (event: MessageEvent<LayoutRequest>) => {
  const start = performance.now();
  const places = layout(event.data);
  self.postMessage({ places, tookMs: performance.now() - start }, { transfer: [places.buffer] });
});
