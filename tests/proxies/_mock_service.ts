/** A service made from an OpenAPI document, which checks each request against the document by itself. */
import { Ajv, type ValidateFunction } from "ajv";
import { type RestServer, restServer, type SeenRequest } from "./_rest_server.ts";

type Json = Record<string, unknown>;

/** An operation as the mock reads it. */
export interface MockOperation {
  readonly method: string;
  readonly route: string;
  readonly operation: Json;
  readonly parameters: Json[];
}

/** A mock, with what its requests did wrong and what each of them was answered. */
export interface MockService extends RestServer {
  readonly document: MockDocument;
  readonly problems: string[];
  readonly answers: unknown[];
}

/** A document with the few things that a mock and its callers ask of it. */
export class MockDocument {
  readonly operations: MockOperation[];
  readonly #root: Json;
  readonly #ajv = new Ajv({ strict: false, validateSchema: false, validateFormats: false, logger: false });
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(root: Json) {
    this.#root = root;
    this.#ajv.addSchema(root, "doc");
    this.operations = Object.entries(root.paths as Record<string, Json>).flatMap(([route, item]) =>
      ["get", "put", "post", "delete", "patch"].filter((method) => method in item).map((method) => {
        const operation = item[method] as Json;
        const lists = [item.parameters ?? [], operation.parameters ?? []] as Json[][];
        return {
          method: method.toUpperCase(),
          route,
          operation,
          parameters: lists.flat().map((one) => this.resolve(one)),
        };
      })
    );
  }

  /** What a value stands for. */
  resolve(value: unknown): Json {
    let found = value as Json;
    while (typeof found?.$ref === "string") {
      found = found.$ref.slice(2).split("/").reduce<unknown>(
        (node, key) => (node as Json)[key.replaceAll("~1", "/").replaceAll("~0", "~")],
        this.#root,
      ) as Json;
    }
    return found;
  }

  /** What a value does wrong by a schema of the document; null if nothing. */
  problem(schema: unknown, value: unknown): string | null {
    const key = JSON.stringify(schema) ?? "true";
    let validate = this.#compiled.get(key);
    if (validate === undefined) {
      const local = JSON.parse(key.replaceAll('"$ref":"#', '"$ref":"doc#'));
      this.#compiled.set(key, validate = this.#ajv.compile(local));
    }
    return validate(value) ? null : this.#ajv.errorsText(validate.errors);
  }

  /** A value that fits a schema. */
  sample(given: unknown, depth = 0): unknown {
    const schema = this.resolve(given ?? {});
    for (
      const shown of [
        schema.example,
        schema.default,
        (schema.enum as unknown[] | undefined)?.[0],
        schema.const,
      ]
    ) {
      if (shown !== undefined && this.problem(given, shown) === null) return shown;
    }
    if (Array.isArray(schema.allOf)) {
      return Object.assign({}, ...schema.allOf.map((part) => this.sample(part, depth + 1)));
    }
    const branch = (schema.oneOf ?? schema.anyOf) as unknown[] | undefined;
    if (branch !== undefined && schema.properties === undefined) return this.sample(branch[0], depth + 1);
    switch ([schema.type].flat().find((type) => type !== "null")) {
      case "integer":
      case "number":
        return Math.max(Number(schema.minimum ?? 1), 1);
      case "boolean":
        return true;
      case "string":
        return "sample".padEnd(Number(schema.minLength ?? 0), "x").slice(0, Number(schema.maxLength ?? 1e3));
      case "array":
        return depth > 6
          ? []
          : Array.from({ length: Number(schema.minItems ?? 1) }, () => this.sample(schema.items, depth + 1));
    }
    const properties = (schema.properties ?? {}) as Json;
    const names = [
      schema.required as string[] ?? [],
      depth > 6 ? [] : (branch?.[0] as Json | undefined)?.required as string[] ?? [],
    ].flat();
    return Object.fromEntries(names.map((name) => [name, this.sample(properties[name], depth + 1)]));
  }

  /** The first example of a media type or a parameter that fits, else a sample. */
  exampleOf(holder: Json): unknown {
    const named = Object.values((holder.examples ?? {}) as Json).map((one) => this.resolve(one).value);
    const fitting = [holder.example, ...named].find((value) =>
      value !== undefined && this.problem(holder.schema, value) === null
    );
    return fitting !== undefined ? fitting : this.sample(holder.schema);
  }

  /** The JSON body of an operation's requests, if there is one. */
  requestMedia({ operation }: MockOperation): Json | undefined {
    const body = operation.requestBody === undefined ? undefined : this.resolve(operation.requestBody);
    return (body?.content as Record<string, Json> | undefined)?.["application/json"];
  }

  /** What an operation answers. */
  answerOf({ operation }: MockOperation): { status: number; body: unknown } {
    const responses = operation.responses as Json;
    const code = Object.keys(responses).filter((key) => key.startsWith("2")).sort()[0] ?? "204";
    const content = (this.resolve(responses[code] ?? {}).content ?? {}) as Record<string, Json>;
    const media = content["application/json"];
    const status = Number(code);
    if (media === undefined || status === 204) return { status: 204, body: null };
    const named = Object.values((media.examples ?? {}) as Json).map((one) => this.resolve(one).value);
    const body = media.example ?? named.find((value) => value !== undefined) ?? this.sample(media.schema);
    return { status, body };
  }
}

/** Starts a mock of a document. Requests need the token `mock-token`. */
export function mockService(root: Json): MockService {
  const document = new MockDocument(root);
  const problems: string[] = [];
  const answers: unknown[] = [];
  const server = restServer((request) => {
    const found = findOperation(document, request);
    const wrong = found === undefined ? [`no operation at ${request.path}`] : check(document, found, request);
    if (found === undefined || wrong.length > 0) {
      problems.push(`${request.method} ${request.path}: ${wrong.join("; ")}`);
      return Response.json({ wrong }, { status: 400 });
    }
    const { status, body } = document.answerOf(found);
    answers.push(body);
    return status === 204 ? new Response(null, { status }) : Response.json(body, { status });
  });
  return Object.assign(server, { document, problems, answers });
}

function findOperation(
  { operations }: MockDocument,
  { method, path }: SeenRequest,
): MockOperation | undefined {
  const parts = path.split("/");
  const fits = operations.filter((one) => {
    const template = one.route.split("/");
    return one.method === method && template.length === parts.length &&
      template.every((part, i) => part.includes("{") ? parts[i] !== "" : part === parts[i]);
  });
  const slots = (one: MockOperation) => one.route.split("{").length;
  return fits.sort((a, b) => slots(a) - slots(b))[0];
}

function check(document: MockDocument, found: MockOperation, request: SeenRequest): string[] {
  const wrong: string[] = [];
  if (request.headers.authorization !== "Bearer mock-token") wrong.push("no token");
  const values = found.route.split("/").map((part, i) => [part, request.path.split("/")[i]!] as const);
  const known = new Set<string>();
  for (const param of found.parameters) {
    const name = param.name as string;
    let texts: string[] | undefined;
    if (param.in === "path") {
      texts = values.filter(([part]) => part.includes(`{${name}}`)).map(([, text]) =>
        decodeURIComponent(text)
      );
    } else if (param.in === "query") {
      known.add(name);
      texts = request.query[name];
    } else if (param.in === "header") texts = request.headers[name.toLowerCase()]?.split("\0");
    if (texts === undefined) {
      if (param.required === true) wrong.push(`${name} is missing`);
      continue;
    }
    const problem = document.problem(param.schema, coerce(document.resolve(param.schema), texts));
    if (problem !== null) wrong.push(`${name}: ${problem}`);
  }
  for (const name of Object.keys(request.query)) if (!known.has(name)) wrong.push(`unknown ${name}`);
  return [...wrong, ...checkBody(document, found, request)];
}

function checkBody(document: MockDocument, found: MockOperation, request: SeenRequest): string[] {
  const media = document.requestMedia(found);
  if (request.body === "") {
    const body = found.operation.requestBody;
    return body !== undefined && document.resolve(body).required === true ? ["no body"] : [];
  }
  if (media === undefined) return ["a body"];
  if (request.headers["content-type"] !== "application/json") {
    return [`body as ${request.headers["content-type"]}`];
  }
  const problem = document.problem(media.schema, JSON.parse(request.body));
  return problem === null ? [] : [`body: ${problem}`];
}

/** Reads the texts of a parameter as its schema wants them. */
function coerce(schema: Json, texts: string[]): unknown {
  if (schema.type === "array") return texts;
  const [text] = texts as [string];
  const kinds = [schema.type, ...((schema.oneOf ?? schema.anyOf ?? []) as Json[]).map(({ type }) => type)]
    .flat();
  if ((kinds.includes("integer") || kinds.includes("number")) && /^-?\d+(\.\d+)?$/.test(text)) {
    return Number(text);
  }
  if (kinds.includes("boolean") && /^(true|false)$/.test(text)) return text === "true";
  return text;
}
