import type { PermissionName } from "../packages/mod.ts";
import type { Permission } from "./types.ts";

interface Need {
  readonly permission: PermissionName;
  readonly value: string;
  readonly by: Set<string>;
  seenInCode: boolean;
}

/** The order of Deno's own help. */
const ORDER: readonly PermissionName[] = ["read", "write", "import", "net", "env", "sys", "run", "ffi"];

/** Collects permissions, each once, with all that need it. */
export class Needs {
  readonly #needs = new Map<string, Need>();

  /** Adds a permission. One that was seen in code alone is so until something else needs it too. */
  add(permission: PermissionName, value: string, by: string, options: { seenInCode?: boolean } = {}): void {
    const { seenInCode = false } = options;
    const key = `${permission} ${value}`;
    const need = this.#needs.get(key);
    if (need === undefined) {
      this.#needs.set(key, { permission, value, by: new Set([by]), seenInCode });
      return;
    }
    need.by.add(by);
    need.seenInCode &&= seenInCode;
  }

  /** The permissions, without those that another one includes. */
  list(): Permission[] {
    const all = [...this.#needs.values()];
    return all
      .filter((need) => !all.some((other) => other !== need && includes(other, need)))
      .map((need) => ({ ...need, by: [...need.by] }))
      .sort((a, b) => ORDER.indexOf(a.permission) - ORDER.indexOf(b.permission));
  }

  /** Tells whether a permission is among them, or included in one. */
  has(permission: PermissionName, value: string): boolean {
    const wanted = { permission, value };
    return [...this.#needs.values()].some((need) =>
      need.permission === permission && need.value === value || includes(need, wanted)
    );
  }
}

function includes(
  outer: Pick<Need, "permission" | "value">,
  inner: Pick<Need, "permission" | "value">,
): boolean {
  if (outer.permission !== inner.permission) return false;
  if (outer.permission === "net") return inner.value.replace(/:\d+$/, "") === outer.value;
  if (outer.permission !== "read" && outer.permission !== "write") return false;
  const folder = outer.value.replace(/[/\\]+$/, "");
  return inner.value.startsWith(`${folder}/`) || inner.value.startsWith(`${folder}\\`);
}

/** Writes permissions as flags, one for each sort. */
export function toFlags(permissions: readonly Permission[]): string[] {
  return [...Map.groupBy(permissions, ({ permission }) => permission)].map(([permission, values]) =>
    `--allow-${permission}=${values.map(({ value }) => value.replaceAll(",", ",,")).join(",")}`
  );
}
