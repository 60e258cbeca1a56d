/** Reads one binary picture message (VGP1) into typed arrays that lie on the message itself: nothing is copied. */

export type Column =
  | BigInt64Array
  | BigUint64Array
  | Uint32Array
  | Uint16Array
  | Uint8Array
  | Int32Array
  | Int16Array
  | Float64Array
  | Float32Array;

export interface TableView {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Column>;
}

export interface Picture {
  readonly version: number;
  /** The version this message is a difference from; 0 where it is a full picture. */
  readonly base: number;
  /** UTC milliseconds of the last tick applied. */
  readonly nowMs: number;
  /** How many ticks the core has applied: the heartbeat. */
  readonly progress: number;
  readonly mode: string;
  readonly ended: readonly number[];
  readonly tables: ReadonlyMap<string, TableView>;
}

interface Header {
  type: string;
  version: number;
  base: number;
  now_ms: number;
  progress: number;
  mode: string;
  ended: number[];
  tables: Record<string, { rows: number; columns: Record<string, [string, number]> }>;
}

const MAGIC = 0x31504756; // "VGP1", little-endian

/** Raised when a message is not what the protocol promises; the link then asks for a full picture. */
export class DecodeError extends Error {}

function view(kind: string, body: ArrayBuffer, offset: number, rows: number): Column {
  switch (kind) {
    case "i8":
      return new BigInt64Array(body, offset, rows);
    case "u8":
      return new BigUint64Array(body, offset, rows);
    case "u4":
      return new Uint32Array(body, offset, rows);
    case "u2":
      return new Uint16Array(body, offset, rows);
    case "u1":
      return new Uint8Array(body, offset, rows);
    case "i4":
      return new Int32Array(body, offset, rows);
    case "i2":
      return new Int16Array(body, offset, rows);
    case "f8":
      return new Float64Array(body, offset, rows);
    case "f4":
      return new Float32Array(body, offset, rows);
    default: {
      const width = /^text(\d+)$/.exec(kind);
      if (width === null) throw new DecodeError(`unknown column type ${kind}`);
      return new Uint8Array(body, offset, rows * Number(width[1]));
    }
  }
}

/** Decode one message. Throws DecodeError on anything that is not a whole VGP1 picture. */
export function decodePicture(message: ArrayBuffer): Picture {
  if (message.byteLength < 8) throw new DecodeError("message shorter than its head");
  const head = new DataView(message, 0, 8);
  if (head.getUint32(0, true) !== MAGIC) throw new DecodeError("not a VGP1 message");
  const length = head.getUint32(4, true);
  const start = 8 + length;
  if (start > message.byteLength || start % 8 !== 0) throw new DecodeError("header length is wrong");
  let header: Header;
  try {
    header = JSON.parse(new TextDecoder().decode(new Uint8Array(message, 8, length))) as Header;
  } catch (why) {
    throw new DecodeError(`header is not JSON: ${String(why)}`);
  }
  if (header.type !== "picture") throw new DecodeError(`unknown message ${header.type}`);
  const tables = new Map<string, TableView>();
  for (const [name, table] of Object.entries(header.tables)) {
    const columns = new Map<string, Column>();
    for (const [column, [kind, offset]] of Object.entries(table.columns)) {
      try {
        columns.set(column, view(kind, message, start + offset, table.rows));
      } catch (why) {
        throw new DecodeError(`column ${name}.${column} does not lie in the message: ${String(why)}`);
      }
    }
    tables.set(name, { rows: table.rows, columns });
  }
  return {
    version: header.version,
    base: header.base,
    nowMs: header.now_ms,
    progress: header.progress,
    mode: header.mode,
    ended: header.ended,
    tables,
  };
}

/** A column of a table as the array type the caller knows it to be; undefined where the sender left it out. */
export function column<T extends Column>(table: TableView, name: string, type: new (n: number) => T): T | undefined {
  const found = table.columns.get(name);
  return found instanceof type ? found : undefined;
}

/** Write nanoseconds (i8 columns) as float milliseconds without making a BigInt per row. */
export function nanosToMs(values: BigInt64Array, out: Float64Array): Float64Array {
  const halves = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  for (let i = 0; i < values.length; i++) out[i] = (halves[2 * i] + halves[2 * i + 1] * 4294967296) / 1e6;
  return out;
}
