/**
 * How a track is to be drawn.
 *
 * The display decides nothing about who is a friend: identification sends categories. Until it has, the only thing shown
 * is whether the aircraft says who it is (an address or a call sign: drawn as neutral civil traffic) or not (as unknown).
 */
import { COASTING, FLAG_EMERGENCY, TENTATIVE, type Tracks } from "./tracks";

export const UNKNOWN = 0;
export const NEUTRAL = 1;
export const FRIEND = 2;
export const SUSPECT = 3;
export const HOSTILE = 4;

/** How each category is drawn: pending, unknown, assumed friend, friend, neutral, suspect, hostile. */
const DRAWN = [UNKNOWN, UNKNOWN, FRIEND, FRIEND, NEUTRAL, SUSPECT, HOSTILE] as const;

const HIJACK = 0o7500;
const RADIO_FAILURE = 0o7600;
const EMERGENCY = 0o7700;

export function affiliationOf(tracks: Tracks, slot: number): number {
  const category = tracks.category[slot];
  if (category > 0 && category < DRAWN.length) return DRAWN[category];
  return answers(tracks, slot) ? NEUTRAL : UNKNOWN;
}

/** Whether the aircraft says who it is. */
export function answers(tracks: Tracks, slot: number): boolean {
  return tracks.icao24[slot] !== 0 || tracks.callsign[8 * slot] > 32;
}

export function isEmergency(tracks: Tracks, slot: number): boolean {
  const code = tracks.mode3a[slot];
  return (tracks.flags[slot] & FLAG_EMERGENCY) !== 0 || code === HIJACK || code === RADIO_FAILURE || code === EMERGENCY;
}

/** Phase of life as the symbol shows it: 0 confirmed, 1 tentative, 2 coasting. */
export function phaseOf(tracks: Tracks, slot: number): number {
  const status = tracks.status[slot];
  return status === TENTATIVE ? 1 : status === COASTING ? 2 : 0;
}
