/** What the parts of the display share: the values that panels watch and the acts that they call. */
import type { Hello, Status } from "./link/messages";
import type { LinkState } from "./link/socket";
import type { Verdict } from "./link/watch";
import { Value } from "./look/value";
import type { Shown } from "./map/overlay";
import type { Sheets } from "./map/sheets";
import type { PictureStore } from "./picture/picture";
import type { Acts } from "./acts";
import type { Filter } from "./tools/filter";
import type { Toolbox } from "./tools/tools";
import type { View } from "./tools/views";

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
  /** The position the person sits at; empty before the server has said which there are. */
  readonly position: Value<string>;
  readonly acts: Acts;
  readonly toolbox: Toolbox;
  readonly filter: Value<Filter>;
  /** How many tracks the filter hides. */
  readonly hidden: Value<number>;
  /** Flight level of the cover that is hatched. */
  readonly coverLevel: Value<number>;
  /** The operator's own maps under the picture. */
  readonly sheets: Sheets;
  /** Whether the manual is open. */
  readonly help: Value<boolean>;
  /** The sensor whose page is open; 0 none. */
  readonly sensorPage: Value<number>;
  readonly counts: () => { labels: number; inView: number };
  select(trackNo: number, centre: boolean): void;
  fit(): void;
  zoom(step: number): void;
  /** Whether role and position allow an act; the server asks again. */
  may(act: string): boolean;
  sit(position: string): void;
  view(name: string): View;
  look(view: View): void;
}
