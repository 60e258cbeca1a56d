/** Why a sensor is in its state: the names of the bits, lowest first; a Python test compares them with the monitor's. */
export const REASONS = [
  "silent", "blind", "nogo", "overload", "time_invalid", "disconnected", "simulated", "clock_offset", "clock_drift", "rotation",
  "rejects", "no_plots", "no_markers", "edition_suspect", "out_of_use", "bias_limit", "bias_beyond",
] as const;

export function reasonsOf(bits: number): string[] {
  return REASONS.filter((_, bit) => (bits & (1 << bit)) !== 0);
}
