// Objects are known by their brands: two copies of the library can meet in one program.
const NODE = Symbol.for("lllm.ResourceNode");
const PROMPT = Symbol.for("lllm.Prompt");
const TOOL = Symbol.for("lllm.FunctionTool");
const TACTIC = Symbol.for("lllm.Tactic");
const PROXY = Symbol.for("lllm.Proxy");

/** What is registered, what it must be, and how that is known. */
const KINDS = {
  resource: { expected: "a ResourceNode", fits: (value: unknown) => hasBrand(value, "object", NODE) },
  prompt: { expected: "a Prompt", fits: (value: unknown) => hasBrand(value, "object", PROMPT) },
  tool: {
    expected: "a FunctionTool, as tool() makes it",
    fits: (value: unknown) => hasBrand(value, "object", TOOL),
  },
  tactic: { expected: "a class that extends Tactic", fits: (value: unknown) => inheritsBrand(value, TACTIC) },
  proxy: {
    expected: "a class that extends BaseProxy, or what defineProxy() gives",
    fits: (value: unknown) => inheritsBrand(value, PROXY),
  },
  "context manager": {
    expected: "a class whose instances have apply()",
    // What instances have may be known to them alone; that a class has no name is told when it is asked for.
    fits: (value: unknown) => typeof value === "function" && typeof value.prototype === "object",
  },
  config: {
    expected: "an object, or { loader }",
    fits: (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value),
  },
} as const;

/**
 * Checks what a caller registers.
 *
 * @param name its name, where the caller says one
 * @throws {TypeError} saying what was expected and what was found
 */
export function checkResource(kind: keyof typeof KINDS, value: unknown, name?: string): void {
  const { expected, fits } = KINDS[kind];
  if (fits(value)) return;
  const subject = name === undefined ? `a ${kind}` : `${kind} ${JSON.stringify(name)}`;
  throw new TypeError(`Cannot register ${subject}: expected ${expected}, found ${describe(value)}`);
}

function hasBrand(value: unknown, type: "object" | "function", brand: symbol): boolean {
  return typeof value === type && value !== null && (value as Record<symbol, unknown>)[brand] === true;
}

/** The base classes carry the brand themselves, classes that extend them inherit it. */
function inheritsBrand(value: unknown, brand: symbol): boolean {
  return hasBrand(value, "function", brand) && !Object.hasOwn(value as object, brand);
}

function describe(value: unknown): string {
  if (typeof value === "function") {
    return `${/^class\b/.test(String(value)) ? "class" : "function"} ${value.name || "without a name"}`;
  }
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return "a list";
  if (typeof value !== "object" || value === null) return String(value);
  const { name } = (value as { constructor?: { name?: string } }).constructor ?? {};
  return name === undefined || name === "" || name === "Object" ? "an object" : `an object of ${name}`;
}
