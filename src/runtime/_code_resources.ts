import type { Prompt } from "../prompt/mod.ts";
import type { FunctionTool } from "../tools/mod.ts";
import type { ContextManagerClass, TacticClass } from "./resource_classes.ts";

/** Something that a module exports and that has a place in the registry. */
export type CodeResource =
  | { readonly type: "prompt"; readonly name: string; readonly value: Prompt }
  | { readonly type: "tool"; readonly name: string; readonly value: FunctionTool }
  | { readonly type: "tactic"; readonly name: string; readonly value: TacticClass }
  | { readonly type: "proxy"; readonly name: string | undefined; readonly value: { readonly name: string } }
  | { readonly type: "context_manager"; readonly name: string; readonly value: ContextManagerClass };

/** A class that looks like a resource and does not say its name. */
export class NamelessError extends TypeError {}

/** A class that says a context manager's name and is none. */
export class NoManagerError extends TypeError {}

// Objects are known by their brands: two copies of the library can meet in one program.
const PROMPT = Symbol.for("lllm.Prompt");
const TOOL = Symbol.for("lllm.FunctionTool");
const TACTIC = Symbol.for("lllm.Tactic");
const PROXY = Symbol.for("lllm.Proxy");
const PROXY_INFO = Symbol.for("lllm.Proxy.info");
const CONTEXT_MANAGER = Symbol.for("lllm.ContextManager");

/**
 * Recognises an exported value; `undefined` for what is no resource, the classes that are there to be extended included.
 *
 * @throws {NamelessError} when it is the class of a tactic or context manager, and its name cannot be found out
 * @throws {NoManagerError} when it has the name of a context manager and no `apply`
 */
export function recognise(value: unknown, section: string): CodeResource | undefined {
  if (typeof value === "object" && value !== null) {
    const branded = value as Record<symbol, unknown>;
    if (branded[PROMPT] === true) {
      return { type: "prompt", name: (value as Prompt).path, value: value as Prompt };
    }
    if (branded[TOOL] === true) {
      return { type: "tool", name: (value as FunctionTool).name, value: value as FunctionTool };
    }
    return undefined;
  }
  if (typeof value !== "function") return undefined;
  const branded = value as unknown as Record<symbol, unknown>;
  // The base classes carry the brand themselves, resources inherit it.
  if (branded[TACTIC] === true) {
    return Object.hasOwn(value, TACTIC) ? undefined : recogniseTactic(value as never);
  }
  if (branded[PROXY] === true) {
    const info = branded[PROXY_INFO] as { path?: string } | undefined;
    return Object.hasOwn(value, PROXY) ? undefined : { type: "proxy", name: info?.path, value };
  }
  return isContextManagerClass(value, section)
    ? { type: "context_manager", name: nameOfContextManager(value), value }
    : recogniseByField(value as never, section);
}

/** A class may have `apply` as a field, which only an instance knows; without it, a name says that something is missing. */
function recogniseByField(value: ContextManagerClass, section: string): CodeResource | undefined {
  const { managerName: name, prototype } = value as ContextManagerClass & { prototype?: unknown };
  if (section !== "context_managers" || typeof name !== "string" || prototype === undefined) return undefined;
  const apply = probe(() => (new value("", {}) as { apply?: unknown }).apply, value);
  if (typeof apply === "function") return { type: "context_manager", name, value };
  throw new NoManagerError(
    `expected a context manager, with apply(), for its managerName "${name}", found none`,
  );
}

/**
 * Names a context manager: its static `managerName`, else what an instance says.
 *
 * @throws {TypeError} when it has no name
 */
export function nameOfContextManager(managerClass: ContextManagerClass): string {
  const name = managerClass.managerName ?? probe(() => new managerClass("", {}).name, managerClass);
  if (typeof name === "string" && name !== "") return name;
  throw new TypeError(
    `Cannot register context manager ${managerClass.name}: expected a static managerName, or instances with a name, found none`,
  );
}

function recogniseTactic(tacticClass: TacticClass): CodeResource | undefined {
  // A name that is inherited belongs to the class that is extended.
  const name = Object.hasOwn(tacticClass, "tacticName")
    ? tacticClass.tacticName
    : probe(() => new tacticClass({ config: {} }).name, tacticClass) ?? tacticClass.tacticName;
  // Without a name, it is a class that tactics extend.
  return typeof name === "string" && name !== "" ? { type: "tactic", name, value: tacticClass } : undefined;
}

function isContextManagerClass(value: object, section: string): value is ContextManagerClass {
  const { prototype, managerName } = value as { prototype?: { apply?: unknown }; managerName?: unknown };
  if ((value as Record<symbol, unknown>)[CONTEXT_MANAGER] === true) return true;
  return typeof prototype?.apply === "function" &&
    (typeof managerName === "string" || section === "context_managers");
}

function probe(getName: () => unknown, probed: { readonly name: string }): unknown {
  try {
    return getName();
  } catch (error) {
    throw new NamelessError(`${probed.name} has no static name, and creating one to ask failed`, {
      cause: error,
    });
  }
}
