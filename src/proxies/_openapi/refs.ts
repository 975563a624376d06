import { isPlainObject } from "../../util/mod.ts";
import type { Part } from "./document.ts";

const MAX_CHAIN = 50;

/** Something in a document that cannot be used; the message is the reason. */
export class Unusable extends Error {}

/** Follows references inside a document. Others lead nowhere: nothing is read or fetched for them. */
export class Refs {
  readonly #root: Part;

  constructor(root: Part) {
    this.#root = root;
  }

  /**
   * Gives what a value stands for: itself, or what its reference leads to.
   *
   * @throws {Unusable} for a reference that leads elsewhere, nowhere, or in a circle
   */
  follow(value: unknown): unknown {
    for (let hops = 0; isPlainObject(value) && typeof value.$ref === "string"; hops++) {
      if (hops === MAX_CHAIN) throw new Unusable(`its reference ${short(value.$ref)} leads in a circle`);
      value = this.find(value.$ref);
    }
    return value;
  }

  /** The same where an object is expected. */
  object(value: unknown, what: string): Part {
    const found = this.follow(value);
    if (isPlainObject(found)) return found;
    throw new Unusable(`expected ${what} to be an object, found ${found === null ? "null" : typeof found}`);
  }

  /**
   * Finds the target of a reference.
   *
   * @throws {Unusable} when there is none
   */
  find(ref: string): unknown {
    if (!ref.startsWith("#")) {
      throw new Unusable(
        `its reference ${
          short(ref)
        } leads out of the document; hand that document in by the option "documents"`,
      );
    }
    let node: unknown = this.#root;
    for (const part of ref.slice(1).split("/").slice(1)) {
      const key = unescapeKey(part);
      const isOwn = typeof node === "object" && node !== null && key !== undefined &&
        Object.hasOwn(node, key);
      if (!isOwn) throw new Unusable(`its reference ${short(ref)} leads nowhere`);
      node = (node as Part)[key];
    }
    if (!/^#(\/|$)/.test(ref)) throw new Unusable(`its reference ${short(ref)} is no JSON pointer`);
    return node;
  }
}

function unescapeKey(part: string): string | undefined {
  try {
    return decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return undefined;
  }
}

function short(ref: string): string {
  return JSON.stringify(ref.length <= 120 ? ref : `${ref.slice(0, 119)}…`);
}

/**
 * Adds other documents to one, under keys of their own, and makes references to them references inside it.
 *
 * @param documents the other documents, by what references call them, without fragment
 */
export function joinDocuments(root: Part, documents: Readonly<Record<string, unknown>>): Part {
  const names = new Map(Object.keys(documents).map((name, i) => [name, `d${i}`]));
  if (names.size === 0) return root;
  const rewrite = (node: unknown, own: string): unknown => {
    if (Array.isArray(node)) return node.map((item) => rewrite(item, own));
    if (!isPlainObject(node)) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => [
        key,
        key === "$ref" && typeof value === "string" ? moved(value, own) : rewrite(value, own),
      ]),
    );
  };
  const moved = (ref: string, own: string): string => {
    const [name = "", pointer = ""] = ref.split("#", 2) as [string, string?];
    if (name === "") return own === "" ? ref : `#/${KEY}/${own}${pointer}`;
    const target = names.get(name);
    return target === undefined ? ref : `#/${KEY}/${target}${pointer}`;
  };
  const joined = rewrite(root, "") as Part;
  joined[KEY] = Object.fromEntries(
    Object.entries(documents).map(([name, document]) => {
      const key = names.get(name)!;
      return [key, rewrite(document, key)];
    }),
  );
  return joined;
}

const KEY = "x-lllm-documents";
