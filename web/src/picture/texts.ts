/** Text columns: UTF-8 octets of a fixed width, filled up with zeros. */
import type { TableView } from "../link/decode";

const reader = new TextDecoder();

/** The text in row `i` of a column; empty where the column is absent. */
export function text(table: TableView, name: string, i: number): string {
  const octets = table.columns.get(name);
  if (!(octets instanceof Uint8Array) || table.rows === 0) return "";
  const width = octets.length / table.rows;
  let end = width * (i + 1);
  while (end > width * i && octets[end - 1] === 0) end -= 1;
  return reader.decode(octets.subarray(width * i, end));
}
