import { LLLMError } from "../errors.ts";
import { type DateReader, dateReader, dateWriter, unixTime } from "./_dates.ts";
import type { Param } from "./_params.ts";
import type { DateParam } from "./types.ts";

const UNIX = "Unix seconds";

/** A parameter that is a date, read from its declaration. */
export interface DateParamReader {
  readonly name: string;
  readonly fill: boolean;
  readonly read: DateReader;
  /** Writes a time as the parameter is written; a number where the parameter is one. */
  readonly write: (time: number) => unknown;
  /** How it is written, for people. */
  readonly form: string;
}

/**
 * Reads which parameters of an endpoint are dates.
 *
 * @throws {TypeError} for a name that is no parameter, and for an unknown format
 */
export function readDateParams(
  callable: string,
  params: readonly Param[],
  declared: Readonly<Record<string, DateParam>>,
): DateParamReader[] {
  return Object.entries(declared).map(([name, { format, fill = false }]) => {
    const param = params.find((other) => other.name === name);
    if (param === undefined) {
      throw new TypeError(
        `Cannot declare endpoint "${callable}": expected date parameters among its parameters, found "${name}"`,
      );
    }
    const isNumber = param.type === "integer" || param.type === "number";
    const writeText = dateWriter(format);
    return {
      name,
      fill,
      read: dateReader(format),
      write: isNumber && format === undefined ? (time) => Math.floor(time / 1000) : (time) => {
        const text = writeText(time);
        return isNumber ? Number(text) : text;
      },
      form: format ?? (isNumber ? UNIX : "YYYY-MM-DD"),
    };
  });
}

/**
 * Puts the cutoff date in the place of later dates.
 *
 * @returns a copy
 * @throws {LLLMError} `endpoint_args_invalid` for a date that cannot be read: nothing shows that it is from before
 */
export function clampDates(
  path: string,
  dates: readonly DateParamReader[],
  args: Record<string, unknown>,
  cutoff: Date | undefined,
): Record<string, unknown> {
  if (cutoff === undefined || dates.length === 0) return args;
  const limit = cutoff.getTime();
  const clamped = { ...args };
  for (const { name, fill, read, write, form } of dates) {
    const value = args[name];
    if (value === undefined) {
      if (fill) clamped[name] = write(limit);
      continue;
    }
    const isUnix = typeof value === "number" && form === UNIX;
    const time = isUnix ? unixTime(value) : read(typeof value === "number" ? String(value) : value);
    if (time === undefined) {
      const message = `expected a date (${form}), found ${JSON.stringify(value)}`;
      throw new LLLMError(`Cannot call API "${path}" with these parameters: "${name}": ${message}`, {
        code: "endpoint_args_invalid",
        data: { path, issues: [{ param: name, message }] },
      });
    }
    if (time > limit) {
      const isMillis = isUnix && Math.abs(value) >= 1e11;
      clamped[name] = isMillis ? limit : write(limit);
    }
  }
  return clamped;
}
