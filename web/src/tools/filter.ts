/** What is hidden by choice. An emergency, an alert and the selected track are always shown: a filter must not calm. */
import { affiliationOf, isEmergency } from "../picture/identity";
import { ABSENT_MODE3A, TENTATIVE, type Tracks } from "../picture/tracks";
import { M_PER_FT } from "../picture/units";

export interface Filter {
  /** Flight levels; tracks without a level pass. */
  readonly lowest: number;
  readonly highest: number;
  readonly tentative: boolean;
  /** Hidden affiliations (identity.ts). */
  readonly without: readonly number[];
  /** Only tracks that this sensor sees; 0 all. */
  readonly sensor: number;
  /** Only tracks that answer with nothing: no code, no address. */
  readonly silentOnly: boolean;
}

export const ALL: Filter = { lowest: 0, highest: 999, tentative: true, without: [], sensor: 0, silentOnly: false };

export const isAll = (filter: Filter): boolean => JSON.stringify(filter) === JSON.stringify(ALL);

/** Write 1 into `tracks.hidden` for each track that is not shown; returns how many those are. */
export function hide(tracks: Tracks, filter: Filter, keep: (trackNo: number) => boolean): number {
  const { hidden } = tracks;
  if (isAll(filter)) {
    hidden.fill(0, 0, tracks.count);
    return 0;
  }
  const low = filter.lowest * 100 * M_PER_FT;
  const high = filter.highest >= 999 ? Infinity : filter.highest * 100 * M_PER_FT;
  let n = 0;
  for (let slot = 0; slot < tracks.count; slot++) {
    const alt = tracks.pressAlt[slot];
    const away =
      alt < low || alt > high ||
      (!filter.tentative && tracks.status[slot] === TENTATIVE) ||
      filter.without.includes(affiliationOf(tracks, slot)) ||
      (filter.sensor !== 0 && !seenBy(tracks, slot, filter.sensor)) ||
      (filter.silentOnly && (tracks.icao24[slot] !== 0 || tracks.mode3a[slot] !== ABSENT_MODE3A));
    hidden[slot] = away && !isEmergency(tracks, slot) && !keep(tracks.trackNo[slot]) ? 1 : 0;
    n += hidden[slot];
  }
  return n;
}

function seenBy(tracks: Tracks, slot: number, sensor: number): boolean {
  const word = (sensor & 63) < 32 ? tracks.sensorsLow[slot] : tracks.sensorsHigh[slot];
  return ((word >>> (sensor & 31)) & 1) === 1;
}
