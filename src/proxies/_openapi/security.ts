import { LLLMError } from "../../errors.ts";
import { isPlainObject } from "../../util/mod.ts";
import type { Secrets } from "../_http/secrets.ts";
import type { HttpAuth, Secret } from "../http_types.ts";
import type { Part } from "./document.ts";
import { type Refs, Unusable } from "./refs.ts";

/** The keys of the schemes of a document, by the schemes' names. */
export type SchemeKeys = Readonly<
  Record<string, Secret | { readonly username: Secret | string; readonly password: Secret }>
>;

/** One way in which a request may show who makes it; none of its schemes: it need not. */
interface Alternative {
  readonly auths: readonly HttpAuth[];
  /** The schemes that cannot be used here. */
  readonly unsupported: readonly string[];
}

/** Headers that say how a request is sent. */
const FRAMING = /^(host|connection|content-length|transfer-encoding|te|trailer|upgrade|expect|keep-alive)$/i;

/** Whether a header or a cookie may be called so. */
function canHaveKey(name: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) && !FRAMING.test(name);
}

/** Reads how operations show who makes them. */
export class Security {
  readonly #root: Part;
  readonly #refs: Refs;
  readonly #keys: SchemeKeys;
  readonly #prefix: string;

  /** @param prefix what the names of environment variables begin with */
  constructor(root: Part, refs: Refs, keys: SchemeKeys, prefix: string) {
    this.#root = root;
    this.#refs = refs;
    this.#keys = keys;
    this.#prefix = prefix;
  }

  /** Reads the alternatives of an operation; `undefined` where nothing is asked for. */
  alternatives(own: unknown): readonly Alternative[] | undefined {
    const list = own ?? this.#root.security;
    if (!Array.isArray(list) || list.length === 0) return undefined;
    return list.filter(isPlainObject).map((requirement) => {
      const auths: HttpAuth[] = [];
      const unsupported: string[] = [];
      for (const scheme of Object.keys(requirement)) {
        const auth = this.#auth(scheme);
        if (auth === undefined) unsupported.push(scheme);
        else auths.push(auth);
      }
      return { auths, unsupported };
    });
  }

  #auth(scheme: string): HttpAuth | undefined {
    let declared: Part;
    try {
      const components = this.#refs.object(this.#root.components, "components");
      const schemes = this.#refs.object(components.securitySchemes, "security schemes");
      declared = this.#refs.object(Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined, "a scheme");
    } catch (error) {
      if (error instanceof Unusable) return undefined;
      throw error;
    }
    const given = Object.hasOwn(this.#keys, scheme) ? this.#keys[scheme] : undefined;
    const variable = this.#prefix + scheme.toUpperCase().replace(/[^A-Z0-9]+/g, "_");
    const isPair = given !== undefined && typeof given === "object" && "password" in given;
    const secret: Secret = given === undefined || isPair ? { env: variable } : given as Secret;
    const { type, in: place, name } = declared;
    if (
      type === "apiKey" && typeof name === "string" && typeof place === "string" &&
      /^(header|query|cookie)$/.test(place) && (place === "query" || canHaveKey(name))
    ) {
      return { type: place as "header" | "query" | "cookie", name, value: secret };
    }
    const http = type === "http" && typeof declared.scheme === "string" ? declared.scheme.toLowerCase() : "";
    if (http === "basic") {
      const pair = isPair
        ? given as { username: Secret | string; password: Secret }
        : { username: { env: `${variable}_USERNAME` }, password: { env: `${variable}_PASSWORD` } };
      return { type: "basic", ...pair };
    }
    if (http === "bearer" || type === "oauth2" || type === "openIdConnect") {
      return { type: "bearer", token: secret };
    }
    return undefined;
  }
}

/**
 * Chooses the first alternative whose keys are there; without one, none of the keys if that is allowed, else the first
 * that is possible, so that its error names what is missing.
 *
 * @throws {LLLMError} `missing_api_key` when no alternative is possible
 */
export function chooseAuth(
  alternatives: readonly Alternative[] | undefined,
  secrets: Secrets,
  api: string,
): readonly HttpAuth[] {
  if (alternatives === undefined) return [];
  const possible = alternatives.filter(({ unsupported }) => unsupported.length === 0);
  const ready = possible.find(({ auths }) =>
    auths.length > 0 && auths.every((auth) => isThere(auth, secrets))
  );
  if (ready !== undefined) return ready.auths;
  const chosen = possible.find(({ auths }) => auths.length === 0) ?? possible[0];
  if (chosen !== undefined) return chosen.auths;
  const names = alternatives.flatMap(({ unsupported }) => unsupported).slice(0, 5);
  throw new LLLMError(
    `Cannot call API "${api}": expected a security scheme that is supported, found ${
      names.map((name) => `"${name.slice(0, 60)}"`).join(", ") || "none"
    }; set the option "auth"`,
    { code: "missing_api_key", data: { api, schemes: names } },
  );
}

function isThere(auth: HttpAuth, secrets: Secrets): boolean {
  const needed = auth.type === "bearer"
    ? [auth.token]
    : auth.type === "basic"
    ? [auth.username, auth.password]
    : [auth.value];
  return needed.every((secret) => typeof secret !== "object" || secrets.isSet(secret.env));
}
