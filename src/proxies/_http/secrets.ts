import { LLLMError } from "../../errors.ts";
import { Redactor } from "../../util/mod.ts";
import type { Secret } from "../http_types.ts";

/** The keys of one service: found when they are first needed, and blanked out of whatever goes back. */
export class Secrets extends Redactor {
  readonly #environment = new Map<string, string>();

  /**
   * Gives the value of a secret, without white space around it: files of keys end in a line end.
   *
   * @throws {LLLMError} `missing_api_key`, naming the environment variable; `config_invalid` when it has a line end inside
   */
  async value(secret: Secret, api: string): Promise<string> {
    const given = typeof secret === "function" ? await secret() : this.#read(secret.env, api);
    const value = typeof given === "string" ? given.trim() : "";
    if (value === "") throw missing(api, "a key", "that its function gave none");
    this.remember(value);
    // deno-lint-ignore no-control-regex
    if (/[\0-\x1f\x7f]/.test(value)) throw unusable(secret, api, "in one line", "a control character in it");
    return value;
  }

  /**
   * Gives the value of a secret that is sent in a header.
   *
   * @throws {LLLMError} as `value()`, and `config_invalid` for letters that a header cannot have
   */
  async headerValue(secret: Secret, api: string): Promise<string> {
    const value = await this.value(secret, api);
    if (/[^\0-\xff]/.test(value)) throw unusable(secret, api, "in Latin letters", "others in it");
    return value;
  }

  /** Whether a variable is set, and may be read. */
  isSet(name: string): boolean {
    try {
      return (Deno.env.get(name) ?? "").trim() !== "";
    } catch {
      return false;
    }
  }

  #read(name: string, api: string): string {
    let value = this.#environment.get(name);
    if (value !== undefined) return value;
    try {
      value = Deno.env.get(name)?.trim();
    } catch {
      throw missing(
        api,
        `environment variable "${name}"`,
        `no permission to read it (--allow-env=${name})`,
        name,
      );
    }
    if (value === undefined || value === "") {
      throw missing(api, `environment variable "${name}"`, "it not set", name);
    }
    this.#environment.set(name, value);
    return value;
  }
}

function missing(api: string, expected: string, found: string, variable?: string): LLLMError {
  return new LLLMError(`Cannot call API "${api}": expected ${expected}, found ${found}`, {
    code: "missing_api_key",
    data: { api, ...(variable === undefined ? {} : { variable }) },
  });
}

function unusable(secret: Secret, api: string, expected: string, found: string): LLLMError {
  const variable = typeof secret === "function" ? undefined : secret.env;
  const what = variable === undefined ? "a key" : `the key in environment variable "${variable}"`;
  return new LLLMError(`Cannot call API "${api}": expected ${what} ${expected}, found ${found}`, {
    code: "config_invalid",
    data: { api, ...(variable === undefined ? {} : { variable }) },
  });
}
