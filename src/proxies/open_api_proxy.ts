import { checkInfo, setProxyInfo } from "./_brand.ts";
import { HttpEngine } from "./_http/engine.ts";
import { checkDocument, type Part, textAt } from "./_openapi/document.ts";
import { DocumentReader } from "./_openapi/document_reader.ts";
import { clean } from "./_openapi/names.ts";
import { readSource } from "./_openapi/read_source.ts";
import { joinDocuments, Refs } from "./_openapi/refs.ts";
import { BaseProxy } from "./base_proxy.ts";
import type { OpenApiProxyOptions } from "./open_api_types.ts";
import type { ProxyClass } from "./proxy.ts";
import type { ProxyOptions } from "./types.ts";

/**
 * Makes a proxy class of an OpenAPI 3.0 or 3.1 document: each operation is an endpoint, with documentation, checked
 * arguments and keys. A document that is an object is read at once; a text (JSON or YAML), a path or a URL gives a promise.
 *
 * An operation is called by its `operationId` in letters, digits and underscores, else by method and path. Parameters go by
 * their names, a request body is the parameter `body`. Only references inside the document are followed.
 *
 * @example
 * ```ts
 * import { openApiProxy, ProxyManager } from "@lllm/lllm/proxies";
 * import assert from "node:assert/strict";
 *
 * const Pets = openApiProxy({
 *   openapi: "3.1.0",
 *   info: { title: "Pets", version: "1" },
 *   servers: [{ url: "https://pets.example/v1" }],
 *   paths: {
 *     "/pets/{id}": {
 *       get: {
 *         operationId: "pets/get",
 *         summary: "Finds a pet",
 *         parameters: [{ name: "id", in: "path", required: true, schema: { type: "integer", minimum: 1 } }],
 *         responses: { 200: { description: "A pet" } },
 *       },
 *     },
 *   },
 * });
 *
 * const manager = new ProxyManager();
 * manager.register("pets", Pets);
 * assert.match(manager.retrieveApiDocs("pets"), /pets\/pets_get\(id: integer\)/);
 * await assert.rejects(manager.call("pets/pets_get", { id: 0 }), /"id": expected to be >= 1, found number 0/);
 * ```
 *
 * @throws {LLLMError} `config_invalid`, with the reason, for a document that cannot be used; from the promise where there is one
 */
export function openApiProxy(spec: object, options?: OpenApiProxyOptions): ProxyClass;
/** The same for a text, a path or a URL. */
export function openApiProxy(spec: string | URL, options?: OpenApiProxyOptions): Promise<ProxyClass>;
export function openApiProxy(
  spec: object | string | URL,
  options: OpenApiProxyOptions = {},
): ProxyClass | Promise<ProxyClass> {
  if (typeof spec !== "string" && !(spec instanceof URL)) return createProxy(spec, options, undefined);
  return readSource(spec, options.signal).then(({ value, url }) => createProxy(value, options, url));
}

function createProxy(spec: unknown, options: OpenApiProxyOptions, documentUrl: URL | undefined): ProxyClass {
  const root = joinDocuments(checkDocument(spec), options.documents ?? {});
  const refs = new Refs(root);
  const info = describe(root, options);
  const engines = new WeakMap<object, HttpEngine>();
  const declarations = new DocumentReader(root, refs, options, documentUrl)
    .endpoints(info.path, (instance) => engines.get(instance as object)!);
  const Defined = class extends BaseProxy {
    constructor(proxyOptions?: ProxyOptions) {
      super(proxyOptions);
      engines.set(this, new HttpEngine(options, this.clock));
      for (const declare of declarations) declare(this);
    }
  };
  Object.defineProperty(Defined, "name", { value: info.path, configurable: true });
  setProxyInfo(Defined, checkInfo(info));
  new Defined(); // limits that cannot be used show here
  return Defined;
}

function describe(root: Part, options: OpenApiProxyOptions) {
  const info = (root.info ?? {}) as Part;
  const title = textAt(info.title, 100);
  const path = options.path ?? (clean(title).toLowerCase() || "api");
  const text = textAt(info.summary, 500) || textAt(info.description, 500);
  return { path, name: title || path, description: text || title || path };
}
