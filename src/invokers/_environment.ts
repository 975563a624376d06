/** What is known of an environment variable. */
export type Variable = { readonly value: string } | { readonly missing: "unset" | "forbidden" };

/** One look at a variable. */
export interface VariableRead {
  readonly name: string;
  /** Whether the program can do without it. */
  readonly optional: boolean;
  readonly isSet: boolean;
}

const granted = new Set<string>();
let recorded: VariableRead[] | undefined;

/** Does something at once, and tells which variables it looked at. */
export function recordVariables<T>(effect: () => T): { result: T; reads: readonly VariableRead[] } {
  const outer = recorded;
  const reads: VariableRead[] = recorded = [];
  try {
    return { result: effect(), reads };
  } finally {
    recorded = outer;
  }
}

/**
 * Reads an environment variable. One that the program may live without is read only where that is allowed already, so that
 * nobody is asked for a permission in vain.
 */
export function readVariable(name: string, options: { optional?: boolean } = {}): Variable {
  const variable = read(name, options);
  recorded?.push({ name, optional: options.optional ?? false, isSet: "value" in variable });
  return variable;
}

function read(name: string, options: { optional?: boolean }): Variable {
  if (!granted.has(name)) {
    const { state } = Deno.permissions.querySync({ name: "env", variable: name });
    if (state === "denied" || (options.optional && state !== "granted")) return { missing: "forbidden" };
    if (state === "granted") granted.add(name); // asking costs ten times what reading does
  }
  try {
    const value = Deno.env.get(name)?.trim();
    return value ? { value } : { missing: "unset" };
  } catch {
    return { missing: "forbidden" }; // the user was asked, and refused
  }
}

/** Finds the first of some variables that is set. */
export function firstVariable(
  names: readonly string[],
  options: { optional?: boolean } = {},
): string | undefined {
  for (const name of names) {
    const variable = readVariable(name, options);
    if ("value" in variable) return variable.value;
  }
  return undefined;
}

/** Tells what would let a program read these variables; empty where nothing forbids it. */
export function permissionHint(names: readonly string[]): string {
  const forbidden = names.filter((name) =>
    Deno.permissions.querySync({ name: "env", variable: name }).state !== "granted"
  );
  return forbidden.length === 0 ? "" : `; reading it needs --allow-env=${forbidden.join(",")}`;
}
