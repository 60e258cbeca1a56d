/** Which panel each name of a position's layout means; the layouts themselves are data of the server. */
import type { ComponentType } from "preact";
import { Alerts } from "./Alerts";
import { Aside } from "./Aside";
import { Exercise } from "./Exercise";
import { Ledgers } from "./Ledgers";
import { Log } from "./Log";
import { Plans } from "./Plans";
import { Profile } from "./Profile";
import { Sensors } from "./Sensors";
import { Time } from "./Time";
import { Tracks } from "./Tracks";

export const PANELS: Readonly<Record<string, ComponentType>> = {
  alerts: Alerts, aside: Aside, exercise: Exercise, ledgers: Ledgers, log: Log, plans: Plans, profile: Profile, sensors: Sensors,
  time: Time, tracks: Tracks,
};
/** Before the server has said which positions there are. */
export const FIRST_PANELS: readonly string[] = ["sensors", "tracks"];
