/**
 * How a track is to be drawn.
 *
 * The display decides nothing about who is a friend: until the identification step sends identities, the only thing
 * shown is whether the aircraft says who it is (an address or a call sign: drawn as neutral civil traffic) or not (drawn
 * as unknown). FRIEND is there for identities to come.
 */
import { COASTING, FLAG_EMERGENCY, TENTATIVE, type Tracks } from "./tracks";

export const UNKNOWN = 0;
export const NEUTRAL = 1;
export const FRIEND = 2;

const HIJACK = 0o7500;
const RADIO_FAILURE = 0o7600;
const EMERGENCY = 0o7700;

export function affiliationOf(tracks: Tracks, slot: number): number {
  return tracks.icao24[slot] !== 0 || tracks.callsign[8 * slot] > 32 ? NEUTRAL : UNKNOWN;
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
