import { isPlainObject, type JsonSchema } from "../../util/mod.ts";
import { setHeader } from "../_http/build_request.ts";
import { buildUrl } from "../_http/path.ts";
import type { HttpParts } from "../_http/send.ts";
import { paramOfSchema } from "../_schema_params.ts";
import type { EndpointOptions, ParamDeclaration } from "../types.ts";
import { writeBody } from "./body.ts";
import type { Operation, OperationBody, OperationParam } from "./operations.ts";
import { type Refs, Unusable } from "./refs.ts";
import { objectSchema, rootSchema } from "./schema.ts";
import { writeHeader, writePath, writeQuery } from "./serialize.ts";

/** Describes an operation as an endpoint; schemas are made when they are first needed. */
export function describeOperation(operation: Operation, refs: Refs, is30: boolean): EndpointOptions {
  const { method, route, tags, description, params, body, answer } = operation;
  const inputs = [...params, ...(body === undefined ? [] : [body])];
  const schema = (): JsonSchema =>
    objectSchema(
      Object.fromEntries(inputs.map((input) => [input.name, schemaOf(input)])),
      inputs.filter(({ required }) => required).map(({ name }) => name),
      refs,
      { is30, sent: true },
    );
  return {
    category: tags[0] ?? route.split("/")[1] ?? "general",
    endpoint: operation.id ?? `${method} ${route}`,
    name: `${method} ${route}`,
    description,
    method,
    params: Object.fromEntries(
      inputs.map((input) => [input.required ? `${input.name}*` : input.name, declareInput(input, refs)]),
    ),
    ...(inputs.length === 0 ? {} : { inputSchema: schema }),
    ...(answer?.example === undefined ? {} : { response: answer.example }),
    ...(answer?.schema === undefined
      ? {}
      : { outputSchema: () => rootSchema(answer.schema, refs, { is30, sent: false }) }),
  };
}

const FILES = {
  description: 'Bytes in base64; in an object of a multipart body, a file is { "base64": …, "filename"?: … }',
};

function schemaOf(input: OperationParam | OperationBody): unknown {
  if (!("form" in input)) return input.schema;
  if (input.form === "bytes") return { type: "string", ...FILES };
  if (input.form === "text") return { type: "string" };
  return input.form === "multipart" ? withFiles(input.schema) : input.schema;
}

/** The schema of a multipart body, whose files are given as objects. */
function withFiles(schema: unknown): unknown {
  if (!isPlainObject(schema) || !isPlainObject(schema.properties)) return { type: "object" };
  const isFile = (property: unknown) =>
    isPlainObject(property) && (property.format === "binary" || property.contentMediaType !== undefined);
  const file = {
    type: "object",
    properties: { base64: { type: "string" }, filename: { type: "string" }, contentType: { type: "string" } },
    required: ["base64"],
    additionalProperties: false,
  };
  const properties = Object.entries(schema.properties).map(([name, property]) => {
    if (isFile(property)) return [name, file];
    const isList = isPlainObject(property) && isFile(property.items);
    return [name, isList ? { ...property, items: file } : property];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}

function declareInput(input: OperationParam | OperationBody, refs: Refs): ParamDeclaration {
  let schema: unknown;
  try {
    schema = refs.follow(schemaOf(input));
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
  }
  const [type, example, description] = paramOfSchema(isPlainObject(schema) ? schema : {}, {});
  const form = "form" in input && input.form !== "json" ? `sent as ${input.mediaType}` : "";
  const text = [input.description || (description ?? "").slice(0, 300), form].filter((part) => part !== "");
  return [
    type,
    input.example ?? example,
    ...(text.length === 0 ? [] : [text.join("; ")]),
  ] as unknown as ParamDeclaration;
}

/** Makes the request of a call. */
export function writeRequest(
  operation: Operation,
  server: URL,
  params: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
  api: string,
): HttpParts {
  const { method, route, body } = operation;
  // A parameter may be named like what every object has, such as "constructor".
  const args: Record<string, unknown> = Object.assign(Object.create(null), params);
  const given = operation.params.filter(({ name }) => args[name] !== undefined && args[name] !== null);
  const inPath = new Map(
    operation.params.filter(({ place }) => place === "path").map((param) => [param.wireName, param]),
  );
  const url = buildUrl(server, route, (name) => {
    const param = inPath.get(name)!;
    const value = args[param.name];
    return value === "" || value === undefined || value === null ? "" : writePath(param, value);
  }, api);
  url.search = given.filter(({ place }) => place === "query")
    .flatMap((param) => writeQuery(param, args[param.name])).join("&");
  const all = new Headers({ accept: "application/json, */*;q=0.5" });
  for (const param of given) {
    if (param.place !== "header" && param.place !== "cookie") continue;
    setHeader(all, param.place, param.wireName, writeHeader(param, args[param.name]), api);
  }
  for (const [name, value] of Object.entries(headers)) all.set(name, value); // no argument takes their place
  const value = body === undefined ? undefined : args[body.name];
  if (body === undefined || value === undefined) return { method, url, headers: all };
  const written = writeBody(body, value, all, api);
  return { method, url, headers: all, body: written };
}
