/**
 * The worker that decides whether the picture is stale, by the client's own clock.
 *
 * It lives outside the page's thread, so that a page loop that has died, a server that is frozen and a line that is cut
 * all look the same to it: no progress. In: "progress" whenever a picture with a new heartbeat was applied and
 * handed to the map. Out: the verdict, on change and once every tick while stale.
 */
import { TICK_MS, Watch } from "./watch";

const watch = new Watch(performance.now());

addEventListener("message", () => {
  post(watch.progress(performance.now()));
});
setInterval(() => post(watch.tick(performance.now())), TICK_MS);

function post(verdict: { stale: boolean; ageMs: number } | null): void {
  if (verdict !== null) self.postMessage(verdict);
}
