import { isPlainObject } from "../../util/mod.ts";
import { textOf } from "../_http/build_request.ts";
import type { OperationParam } from "./operations.ts";

type Encode = (text: string) => string;

const encode: Encode = (text) => encodeURIComponent(text.toWellFormed());
/** Leaves what URLs have a meaning for, but not what would end the query. */
const encodeReserved: Encode = (text) =>
  encode(text).replace(
    /%(3A|2F|3F|5B|5D|40|21|24|27|28|29|2A|2B|2C|3B|3D)/gi,
    (code) => decodeURIComponent(code),
  );
const plain: Encode = (text) => text;

/** Writes a parameter of the path: encoded, in the style `simple`, `label` or `matrix`. */
export function writePath(param: OperationParam, value: unknown): string {
  if (param.asJson) return encode(JSON.stringify(value));
  const { style, explode, wireName } = param;
  if (style === "label") return `.${joined(value, explode ? "." : ",", explode, encode)}`;
  if (style !== "matrix") return joined(value, ",", explode, encode);
  const name = encode(wireName);
  if (explode && Array.isArray(value)) {
    return value.map((item) => `;${name}=${encode(textOf(item))}`).join("");
  }
  if (explode && isPlainObject(value)) return `;${joined(value, ";", true, encode)}`;
  return `;${name}=${joined(value, ",", false, encode)}`;
}

/** Writes a parameter of the query as parts `name=value`, encoded. */
export function writeQuery(param: OperationParam, value: unknown): string[] {
  const { style, explode, wireName, allowReserved } = param;
  const text = allowReserved ? encodeReserved : encode;
  const name = encode(wireName);
  if (param.asJson) return [`${name}=${text(JSON.stringify(value))}`];
  if (style === "deepObject" && isPlainObject(value)) return deepParts(wireName, value, text);
  if (Array.isArray(value)) {
    if (value.length === 0) return [];
    const separator = style === "spaceDelimited" ? "%20" : style === "pipeDelimited" ? "|" : ",";
    return explode
      ? value.map((item) => `${name}=${text(textOf(item))}`)
      : [`${name}=${value.map((item) => text(textOf(item))).join(separator)}`];
  }
  if (isPlainObject(value)) {
    return explode
      ? Object.entries(value).map(([key, inner]) => `${encode(key)}=${text(textOf(inner))}`)
      : [`${name}=${joined(value, ",", false, text)}`];
  }
  return [`${name}=${text(textOf(value))}`];
}

/** Writes the value of a header or a cookie, not encoded. */
export function writeHeader(param: OperationParam, value: unknown): string {
  return param.asJson
    ? JSON.stringify(value)
    : joined(value, ",", param.explode && param.place === "header", plain);
}

/** Lists and objects in one text; `explode` writes `key=value`. */
function joined(value: unknown, separator: string, explode: boolean, text: Encode): string {
  if (Array.isArray(value)) return value.map((item) => text(textOf(item))).join(separator);
  if (!isPlainObject(value)) return text(textOf(value));
  return Object.entries(value).map(([key, inner]) =>
    explode ? `${text(key)}=${text(textOf(inner))}` : `${text(key)}${separator}${text(textOf(inner))}`
  ).join(separator);
}

function deepParts(name: string, value: unknown, text: Encode): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => deepParts(`${name}[]`, item, text));
  if (!isPlainObject(value)) return [`${encode(name)}=${text(textOf(value))}`];
  return Object.entries(value).flatMap(([key, inner]) => deepParts(`${name}[${key}]`, inner, text));
}
