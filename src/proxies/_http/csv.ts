/** Each of a row's fields gets a name. */
const MAX_COLUMNS = 50_000;

/**
 * Reads CSV (RFC 4180) with a header line as rows: texts by column. Quoted fields may have line ends; a row with more
 * fields than the header has them under `column_<n>`.
 *
 * @throws {RangeError} for a row with too many fields
 */
export function parseCsv(text: string): Record<string, string>[] {
  const [header, ...lines] = readRecords(text.replace(/^\uFEFF/, ""));
  if (header === undefined) return [];
  return lines.filter((line) => line.length > 1 || line[0] !== "").map((line) =>
    Object.fromEntries(line.map((field, i) => [header[i] ?? `column_${i + 1}`, field]))
  );
}

function readRecords(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  const field = /(?:"((?:[^"]+|"")*)"?([^,\r\n]*)|([^,\r\n]*))(,|\r\n|\n|\r|$)/y;
  while (field.lastIndex < text.length || record.length > 0) {
    const match = field.exec(text);
    if (match === null) break;
    const [, quoted, rest = "", plain = "", end] = match;
    record.push(quoted === undefined ? plain : quoted.replaceAll('""', '"') + rest);
    if (record.length > MAX_COLUMNS) throw new RangeError(`more than ${MAX_COLUMNS} columns`);
    if (end === ",") continue;
    records.push(record);
    record = [];
    if (end === "") break;
  }
  return records;
}
