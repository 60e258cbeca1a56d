/** A tiny maker of VGP1 messages, so that tests need no server. */
type Values = BigInt64Array | BigUint64Array | Uint32Array | Uint16Array | Uint8Array | Float64Array | Float32Array;
export type Columns = Record<string, [type: string, values: Values]>;

export interface Head {
  type?: string;
  version?: number;
  base?: number;
  now_ms?: number;
  progress?: number;
  mode?: string;
  ended?: number[];
}

export function message(head: Head, tables: Record<string, { rows: number; columns: Columns }>): ArrayBuffer {
  const blobs: { offset: number; values: Values }[] = [];
  let length = 0;
  const described = Object.fromEntries(
    Object.entries(tables).map(([name, table]) => [
      name,
      {
        rows: table.rows,
        columns: Object.fromEntries(
          Object.entries(table.columns).map(([column, [type, values]]) => {
            const offset = length;
            blobs.push({ offset, values });
            length = 8 * Math.ceil((length + values.byteLength) / 8);
            return [column, [type, offset]];
          }),
        ),
      },
    ]),
  );
  const header = {
    type: "picture", version: 1, base: 0, now_ms: 0, progress: 0, mode: "demo", ended: [], ...head, tables: described,
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = 8 * Math.ceil(text.length / 8);
  const out = new ArrayBuffer(8 + padded + length);
  const bytes = new Uint8Array(out);
  bytes.set([86, 71, 80, 49]);
  new DataView(out).setUint32(4, padded, true);
  bytes.fill(32, 8, 8 + padded).set(text, 8);
  for (const { offset, values } of blobs) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), 8 + padded + offset);
  }
  return out;
}

/** Track rows with the columns that tests look at. */
export function trackTable(
  rows: { no: number; lat: number; lon: number; status?: number; mode3a?: number; icao24?: number; callsign?: string; nowMs?: number }[],
): { rows: number; columns: Columns } {
  const callsigns = new Uint8Array(8 * rows.length);
  rows.forEach((r, i) => callsigns.set(new TextEncoder().encode(r.callsign ?? "").subarray(0, 8), 8 * i));
  return {
    rows: rows.length,
    columns: {
      now_ns: ["i8", BigInt64Array.from(rows, (r) => BigInt(Math.round(r.nowMs ?? 0)) * 1_000_000n)],
      track_no: ["u4", Uint32Array.from(rows, (r) => r.no)],
      status: ["u1", Uint8Array.from(rows, (r) => r.status ?? 2)],
      lat_deg: ["f8", Float64Array.from(rows, (r) => r.lat)],
      lon_deg: ["f8", Float64Array.from(rows, (r) => r.lon)],
      press_alt_m: ["f8", Float64Array.from(rows, () => 10_058.4)],
      v_east_mps: ["f4", Float32Array.from(rows, () => 200)],
      v_north_mps: ["f4", Float32Array.from(rows, () => 0)],
      climb_mps: ["f4", Float32Array.from(rows, () => 5)],
      sensors: ["u8", BigUint64Array.from(rows, () => (1n << 40n) | 2n)],
      icao24: ["u4", Uint32Array.from(rows, (r) => r.icao24 ?? 0)],
      mode3a: ["u2", Uint16Array.from(rows, (r) => r.mode3a ?? 0xffff)],
      callsign: ["text8", callsigns],
    },
  };
}
