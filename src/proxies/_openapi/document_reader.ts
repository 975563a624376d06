import { emitWarning } from "../../util/mod.ts";
import { declareEndpoint } from "../_declaration.ts";
import { checkBaseUrl } from "../_http/check_api.ts";
import type { HttpEngine } from "../_http/engine.ts";
import type { HttpAuth } from "../http_types.ts";
import type { OpenApiKey, OpenApiOperation, OpenApiProxyOptions } from "../open_api_types.ts";
import type { EndpointContext } from "../types.ts";
import { type Part, refuse } from "./document.ts";
import { describeOperation, writeRequest } from "./endpoint.ts";
import { clean, nameOperations } from "./names.ts";
import { type Operation, readOperations } from "./operations.ts";
import { type Refs, Unusable } from "./refs.ts";
import { chooseAuth, Security } from "./security.ts";
import { firstServer, type ServerOptions } from "./servers.ts";

const MAX_OPERATIONS = 20_000;
const MAX_TOLD = 20;
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
const IDEMPOTENT = new Set([...SAFE, "PUT", "DELETE"]);

/** A document on its way to be endpoints. */
export class DocumentReader {
  readonly #root: Part;
  readonly #refs: Refs;
  readonly #options: OpenApiProxyOptions;
  readonly #serverOptions: ServerOptions;
  readonly #skipped: string[] = [];

  constructor(root: Part, refs: Refs, options: OpenApiProxyOptions, documentUrl: URL | undefined) {
    this.#root = root;
    this.#refs = refs;
    this.#options = options;
    const isHttp = documentUrl !== undefined && /^https?:$/.test(documentUrl.protocol);
    this.#serverOptions = {
      variables: options.variables ?? {},
      documentUrl: isHttp ? documentUrl : undefined,
    };
  }

  /** What declares each operation on an instance. */
  endpoints(path: string, engineOf: (instance: unknown) => HttpEngine): ((instance: object) => void)[] {
    const { include, exclude = [], needsApproval = false, extend, headers = {} } = this.#options;
    const server = this.#server();
    const operations = readOperations(
      this.#root,
      this.#refs,
      (method, route, operation) => {
        const isNamed = (list: readonly (string | RegExp)[]) =>
          list.some((item) => matches(item, method, route, operation));
        return (include === undefined || isNamed(include)) && !isNamed(exclude);
      },
      (what, reason) => this.#skip(what, reason),
    );
    if (operations.length > MAX_OPERATIONS) {
      throw refuse(
        `expected at most ${MAX_OPERATIONS} operations, found ${operations.length}; choose by the option "include"`,
      );
    }
    const names = nameOperations(operations);
    const security = this.#security(path);
    const trusted = new Set([server.origin, ...originsOf(this.#options.keyOrigins)]);
    const allowed = new Set([...trusted, ...originsOf(this.#options.origins)]);
    const is30 = String(this.#root.openapi).startsWith("3.0");
    const declarations = operations.flatMap((operation, i) => {
      const name = names[i]!;
      const base = this.#ownServer(operation, server, allowed);
      if (base === undefined) return [];
      const isTrusted = trusted.has(base.origin);
      const told = toldOf(operation, name);
      const approval = typeof needsApproval === "function" ? needsApproval(told) : needsApproval;
      const options = {
        ...describeOperation(operation, this.#refs, is30),
        needsApproval: approval,
        ...extend?.(told),
      };
      const authsOf = security(operation);
      const handler = async function (
        this: unknown,
        params: Record<string, unknown>,
        context: EndpointContext,
      ) {
        const engine = engineOf(this);
        const api = `${path}/${name}`;
        const parts = writeRequest(operation, base, params, isTrusted ? headers : {}, api);
        const answer = await engine.request(parts, {
          api,
          idempotent: IDEMPOTENT.has(operation.method),
          auths: isTrusted ? authsOf(engine, api) : [],
          signal: context.signal,
        });
        return engine.read(answer, "auto", api);
      };
      return [declareEndpoint(name, options, handler, {
        changesThings: !SAFE.has(operation.method),
        isForeign: true,
      })];
    });
    this.#tellSkipped(declarations.length);
    return declarations;
  }

  #server(): URL {
    const { baseUrl } = this.#options;
    if (baseUrl !== undefined) return checkBaseUrl(baseUrl);
    try {
      const { servers } = this.#root;
      const server = firstServer(servers, this.#serverOptions) ??
        firstServer([{ url: "/" }], this.#serverOptions);
      return server!;
    } catch (error) {
      if (error instanceof Unusable) throw refuse(error.message);
      throw error;
    }
  }

  /** Where an operation is: a document sends requests to no other origin than the options name. */
  #ownServer(operation: Operation, server: URL, allowed: ReadonlySet<string>): URL | undefined {
    if (this.#options.baseUrl !== undefined) return server;
    try {
      const own = firstServer(operation.servers, { ...this.#serverOptions, documentUrl: server }) ?? server;
      if (allowed.has(own.origin)) return own;
      throw new Unusable(
        `its server is at "${own.origin}", expected "${server.origin}"; allow it by the option "origins"`,
      );
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      this.#skip(`${operation.method} ${operation.route}`, error.message);
      return undefined;
    }
  }

  /** Gives for an operation what its requests show who makes them by. */
  #security(path: string) {
    const { auth } = this.#options;
    const isOwn = Array.isArray(auth) || typeof (auth as { type?: unknown } | undefined)?.type === "string";
    if (isOwn) {
      const auths = [auth].flat() as HttpAuth[];
      return () => () => auths;
    }
    const prefix = `LLLM_API_${path.toUpperCase().replace(/[^A-Z0-9]+/g, "_")}_`;
    const security = new Security(this.#root, this.#refs, (auth ?? {}) as Record<string, OpenApiKey>, prefix);
    return (operation: Operation) => {
      const alternatives = security.alternatives(operation.security);
      return (engine: HttpEngine, api: string) => chooseAuth(alternatives, engine.secrets, api);
    };
  }

  #skip(what: string, reason: string): void {
    this.#skipped.push(`${what.slice(0, 200)}: ${reason.slice(0, 300)}`);
  }

  #tellSkipped(usable: number): void {
    if (usable === 0 && this.#skipped.length > 0) {
      throw refuse(`none of its operations can be used; ${this.#skipped.slice(0, 3).join("; ")}`);
    }
    if (usable === 0 && this.#options.include === undefined && this.#options.exclude === undefined) {
      throw refuse("expected operations, found none");
    }
    if (usable === 0) throw refuse('expected operations, found none that "include" and "exclude" leave');
    const { onWarning } = this.#options;
    if (this.#skipped.length === 0) return;
    const told = this.#skipped.slice(0, MAX_TOLD);
    const more = this.#skipped.length > told.length ? `; and ${this.#skipped.length - told.length} more` : "";
    emitWarning({
      code: "openapi_skipped",
      message: `Cannot use some parts of an OpenAPI document: ${told.join("; ")}${more}`,
      data: { skipped: [...this.#skipped] },
    }, onWarning === undefined ? {} : { onWarning });
  }
}

function originsOf(urls: readonly string[] = []): string[] {
  return urls.map((url) => new URL(url).origin);
}

function toldOf({ method, route, id, tags }: Operation, name: string): OpenApiOperation {
  return { name, method, route, tags, ...(id === undefined ? {} : { operationId: id }) };
}

function matches(item: string | RegExp, method: string, route: string, operation: Part): boolean {
  if (item instanceof RegExp) {
    return new RegExp(item.source, item.flags.replace(/[gy]/g, "")).test(`${method} ${route}`);
  }
  if (item.startsWith("/")) return route.startsWith(item);
  const { operationId, tags } = operation;
  return operationId === item || (typeof operationId === "string" && clean(operationId) === item) ||
    (Array.isArray(tags) && tags.includes(item));
}
