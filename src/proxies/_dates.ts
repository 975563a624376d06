const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const LONG_MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** The parts of a date that a text can name; all are text as it was found. */
type DateParts = Partial<Record<DatePart, string>>;
type DatePart = "Y" | "y" | "m" | "d" | "H" | "I" | "M" | "S" | "f" | "p" | "b" | "B" | "z";

const PATTERNS: Record<DatePart, string> = {
  Y: "\\d{4}",
  y: "\\d{2}",
  m: "\\d{1,2}",
  d: "\\d{1,2}",
  H: "\\d{1,2}",
  I: "\\d{1,2}",
  M: "\\d{1,2}",
  S: "\\d{1,2}",
  f: "\\d{1,9}",
  p: "[AaPp][Mm]",
  b: "[A-Za-z]{3}",
  B: "[A-Za-z]{3,9}",
  z: "Z|[+-]\\d{2}:?\\d{2}",
};
const TOKENS: Record<string, DatePart> = {
  YYYY: "Y",
  yyyy: "Y",
  MM: "m",
  DD: "d",
  dd: "d",
  HH: "H",
  mm: "M",
  ss: "S",
  SSS: "f",
};

/**
 * Reads a date or a date and time in ISO 8601 form; without an offset it is UTC.
 *
 * @returns milliseconds since the epoch, or `undefined` for anything else
 */
export function parseIsoDate(text: string): number | undefined {
  const match = ISO.exec(text.trim());
  if (match === null) return undefined;
  const [, Y, m, d, H, M, S, f, z] = match;
  return toTime({ Y: Y!, m: m!, d: d!, H: H ?? "0", M: M ?? "0", S: S ?? "0", f: f ?? "0", z: z ?? "Z" });
}

/** Reads the dates of one field: gives milliseconds since the epoch, or `undefined` for what is no date. */
export type DateReader = (value: unknown) => number | undefined;

/**
 * Makes a reader for a format: directives as in Python's `strptime` (`%Y-%m-%d`) or letters (`YYYY-MM-DD HH:mm:ss`).
 * Texts and numbers are read by it; else ISO 8601 texts are, and numbers as Unix time in seconds, or milliseconds from
 * 1e11 on. A number from 0 to 1e8 that is not written in the format is no date: it could be a year, or have the digits
 * of a day.
 *
 * @param end whether a month or a year without a day stands for its last day, not its first
 * @throws {TypeError} for an unknown directive, and for a format without a year
 */
export function dateReader(format?: string, end = false): DateReader {
  const parse = format === undefined ? () => undefined : compile(format, end);
  return (value) => {
    if (typeof value === "number" && Number.isFinite(value)) {
      const time = parse(String(value));
      if (time !== undefined || (value >= 0 && value < 1e8)) return time;
      return unixTime(value);
    }
    if (typeof value !== "string") return undefined;
    return parse(value.trim()) ?? parseIsoDate(value);
  };
}

/** Reads Unix time: seconds, or milliseconds from 1e11 on. */
export function unixTime(value: number): number {
  return Math.abs(value) < 1e11 ? value * 1000 : value;
}

/**
 * Makes a writer for a format of {@linkcode dateReader}: times become texts in UTC. Without a format it writes a date in
 * ISO 8601 form.
 *
 * @throws {TypeError} for an unknown directive
 */
export function dateWriter(format = "%Y-%m-%d"): (time: number) => string {
  dateReader(format); // refuses what cannot be read back
  const [pattern, partOf] = format.includes("%")
    ? [/%(.)/g, (text: string) => text[1] as DatePart] as const
    : [/YYYY|yyyy|SSS|MM|DD|dd|HH|mm|ss/g, (text: string) => TOKENS[text]!] as const;
  return (time) => format.replace(pattern, (text) => text === "%%" ? "%" : writePart(partOf(text), time));
}

function writePart(part: DatePart, time: number): string {
  const [date, clock] = new Date(time).toISOString().split("T") as [string, string];
  const [year, month, day] = date.replace(/^([+-])00/, "").split("-") as [string, string, string];
  const hour = Number(clock.slice(0, 2));
  const name = MONTHS[Number(month) - 1]!.replace(/^./, (letter) => letter.toUpperCase());
  const parts: Record<DatePart, string> = {
    Y: year,
    y: year.slice(-2),
    m: month,
    d: day,
    H: clock.slice(0, 2),
    I: String(hour % 12 || 12).padStart(2, "0"),
    M: clock.slice(3, 5),
    S: clock.slice(6, 8),
    f: clock.slice(9, 12),
    p: hour < 12 ? "AM" : "PM",
    b: name,
    B: LONG_MONTHS[Number(month) - 1]!,
    z: "+0000",
  };
  return parts[part];
}

function compile(format: string, end: boolean): (text: string) => number | undefined {
  const parts: DatePart[] = [];
  const add = (part: DatePart): string => {
    parts.push(part);
    return `(${PATTERNS[part]})`;
  };
  const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  const source = format.includes("%")
    ? format.replace(/%(.)|[^%]+|%$/g, (text, directive?: string) => {
      if (directive === undefined) return literal(text);
      if (directive === "%") return "%";
      if (Object.hasOwn(PATTERNS, directive)) return add(directive as DatePart);
      throw new TypeError(`Cannot use date format "${format}": expected a known directive, found "${text}"`);
    })
    : format.replace(/YYYY|yyyy|SSS|MM|DD|dd|HH|mm|ss|[^YyMDdHmsS]+|./g, (text) => {
      const part = TOKENS[text];
      return part === undefined ? literal(text) : add(part);
    });
  if (!parts.includes("Y") && !parts.includes("y")) {
    throw new TypeError(`Cannot use date format "${format}": expected a year in it, found none`);
  }
  const pattern = new RegExp(`^${source}$`);
  return (text) => {
    const match = pattern.exec(text);
    if (match === null) return undefined;
    return toTime(Object.fromEntries(parts.map((part, i) => [part, match[i + 1]!])), end);
  };
}

/**
 * Turns parts into a time; `undefined` when the calendar or the clock has no such time. Without a day it is the first one
 * of the month or the year, or with `end` the last one.
 */
function toTime(parts: DateParts, end = false): number | undefined {
  const name = parts.b ?? parts.B;
  const month = name === undefined
    ? Number(parts.m ?? (end ? 12 : 1))
    : MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1;
  const short = Number(parts.y ?? 0);
  const year = parts.Y === undefined ? short + (short < 69 ? 2000 : 1900) : Number(parts.Y);
  const day = Number(parts.d ?? (end ? lastDay(year, month) : 1));
  let hour = Number(parts.H ?? parts.I ?? 0);
  if (parts.p !== undefined) hour = hour % 12 + (parts.p.toLowerCase() === "pm" ? 12 : 0);
  const minute = Number(parts.M ?? 0);
  const second = Number(parts.S ?? 0);
  if (hour > 24 || minute > 59 || second > 60) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const millis = Math.floor(Number(`0.${parts.f ?? 0}`) * 1000);
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + millis - offsetMs(parts.z);
}

function lastDay(year: number, month: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, 0);
  return date.getUTCDate();
}

function offsetMs(zone: string | undefined): number {
  if (zone === undefined || zone.toUpperCase() === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith("-") ? -minutes : minutes) * 60_000;
}
