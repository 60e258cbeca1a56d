/** What the parts of the display share: the values that panels watch and the acts that they call. */
import type { Hello, Status } from "./link/messages";
import type { LinkState } from "./link/socket";
import type { Verdict } from "./link/watch";
import { Value } from "./look/value";
import type { Shown } from "./map/overlay";
import type { PictureStore } from "./picture/picture";

export interface App {
  readonly store: PictureStore;
  readonly hello: Value<Hello | null>;
  readonly status: Value<Status | null>;
  readonly link: Value<{ state: LinkState; attempt: number }>;
  readonly stale: Value<Verdict>;
  /** Counts up (four times a second at most) when the picture has changed: the panels' reason to draw again. */
  readonly beat: Value<number>;
  readonly selected: Value<number>;
  readonly shown: Value<Shown>;
  /** Metres of the ground to a pixel at the middle of the view. */
  readonly metresPerPixel: Value<number>;
  /** Where the mouse is over the ground (lon, lat). */
  readonly pointer: Value<readonly [number, number] | null>;
  readonly fault: Value<string>;
  readonly counts: () => { labels: number; inView: number };
  select(trackNo: number, centre: boolean): void;
  fit(): void;
  zoom(step: number): void;
}
