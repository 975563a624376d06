import { LLLMError } from "../errors.ts";
import { isPlainObject, nearest } from "../util/mod.ts";
import { AGENT_KEYS, nearestKey } from "./_known_keys.ts";
import { describeOrigin, type Origin, originOf } from "./_origins.ts";

/** Whose values are read: it goes into every error. */
export interface Place {
  /** What cannot be done because of a wrong value, such as `Cannot build agent "writer"`. */
  readonly action: string;
  /** Facts for the errors' data. */
  readonly data: Readonly<Record<string, unknown>>;
  /** The config as a whole: where a key that is nowhere should have been. */
  readonly root: Origin | undefined;
  /** What stands before the keys of this mapping, such as `proxy.`. Default: nothing. */
  readonly prefix?: string;
}

/** Reads the values of one mapping of a config; what is wrong is an error that names file, agent, key, expected, found. */
export class ValueReader {
  readonly #mapping: Readonly<Record<string, unknown>>;
  readonly #place: Place;

  constructor(mapping: Readonly<Record<string, unknown>>, place: Place) {
    this.#mapping = mapping;
    this.#place = place;
  }

  /** The value of a key; `null` counts as absent. */
  get(key: string): unknown {
    return Object.hasOwn(this.#mapping, key) ? this.#mapping[key] ?? undefined : undefined;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#mapping, key);
  }

  text(key: string): string | undefined {
    const value = this.get(key);
    if (value === undefined || typeof value === "string") return value;
    throw this.error(key, "a text", value);
  }

  requiredText(key: string): string {
    const value = this.text(key);
    if (value !== undefined && value !== "") return value;
    throw this.missing([key], "a text", value);
  }

  /** The error for keys of which one is needed: a key that resembles one of them is told. */
  missing(keys: readonly string[], expected: string, found: unknown): LLLMError {
    const error = this.error(keys.join(" or "), expected, found);
    if (found !== undefined) return error;
    for (const written of Object.keys(this.#mapping)) {
      if (keys.includes(written) || (AGENT_KEYS as readonly string[]).includes(written)) continue;
      const near = nearestKey(written, keys);
      if (near === undefined) continue;
      const hint = `found none; "${written}" is there: did you mean "${near}"?`;
      return new LLLMError(error.message.replace("found none", () => hint), {
        code: "config_invalid",
        data: { ...error.data, near: [near] },
      });
    }
    return error;
  }

  flag(key: string): boolean | undefined {
    const value = this.get(key);
    if (value === undefined || typeof value === "boolean") return value;
    throw this.error(key, "true or false", value);
  }

  /** A whole number from `least`. */
  count(key: string, least: number): number | undefined {
    const value = this.get(key);
    if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= least)) {
      return value as number | undefined;
    }
    throw this.error(key, `a whole number from ${least}`, value);
  }

  /** A finite number above 0. */
  positive(key: string): number | undefined {
    const value = this.get(key);
    if (value === undefined || (Number.isFinite(value) && (value as number) > 0)) {
      return value as number | undefined;
    }
    throw this.error(key, "a number above 0", value);
  }

  /** A list of texts; one text alone is a list of one. */
  texts(key: string): string[] {
    const value = this.get(key);
    if (value === undefined) return [];
    if (typeof value === "string") return [value];
    if (!Array.isArray(value)) throw this.error(key, "a list of texts", value);
    const wrong = value.findIndex((item) => typeof item !== "string");
    if (wrong >= 0) throw this.error(`${key}[${wrong}]`, "a text", value[wrong]);
    return [...value];
  }

  mapping(key: string): Record<string, unknown> | undefined {
    const value = this.get(key);
    if (value === undefined || isPlainObject(value)) return value;
    throw this.error(key, "a mapping", value);
  }

  oneOf<T extends string>(key: string, values: readonly T[]): T | undefined {
    const value = this.get(key);
    if (value === undefined || values.includes(value as T)) return value as T | undefined;
    throw this.error(key, `one of ${values.join(", ")}`, value, values);
  }

  /** The error for a key; `known` are the values that it might have meant. */
  error(key: string, expected: string, found: unknown, known: readonly string[] = []): LLLMError {
    const { action, data, root, prefix = "" } = this.#place;
    const origin = originOf(this.#mapping, key) ?? root;
    const near = typeof found === "string" ? nearest(found, known, 1) : [];
    const hint = near.length === 0 ? "" : `; did you mean "${near[0]}"?`;
    const shown = describeFound(found);
    return new LLLMError(
      `${action}: expected ${expected} as ${prefix}${key}, found ${shown}${hint} (in ${
        describeOrigin(origin)
      })`,
      {
        code: "config_invalid",
        data: { ...data, file: origin?.file, key: `${prefix}${key}`, expected, found: shown },
      },
    );
  }
}

/** Writes a value for people, short. */
export function describeFound(value: unknown): string {
  if (value === undefined) return "none";
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return "a list";
  if (isPlainObject(value)) return "a mapping";
  return String(value);
}
