import { nearest } from "../util/mod.ts";
import { UsageError } from "./_usage_error.ts";
import type { PkgCommand } from "./pkg.ts";

/** Options of `lllm pkg`, beside those that all commands share. */
export const PKG_OPTIONS = {
  alias: { type: "string" },
  scope: { type: "string" },
  yes: { type: "boolean", short: "y" },
  "bundle-deps": { type: "boolean" },
  force: { type: "boolean" },
} as const;

/** What each action takes: its arguments, and its own options. */
export const PKG_ACTIONS = {
  inspect: { takes: ["an archive or a folder"], options: [] },
  install: { takes: ["an archive"], options: ["alias", "scope", "yes"] },
  export: { takes: ["the name of a package", "the archive to write"], options: ["bundle-deps", "force"] },
  list: { takes: [], options: ["scope"] },
  remove: { takes: ["the name of a package"], options: ["scope"] },
} as const;

/** Reads what stands behind `lllm pkg`. */
export function readPkg(
  values: Readonly<Record<string, unknown>>,
  [action, ...given]: readonly string[],
): PkgCommand {
  checkPkgAction(action);
  const { takes, options } = PKG_ACTIONS[action];
  if (given.length !== takes.length) {
    const found = given.length < takes.length ? "none" : `also "${given[takes.length]}"`;
    const expected = takes.length === 0 ? "options only" : takes[Math.min(given.length, takes.length - 1)];
    throw new UsageError(`Cannot ${action} packages: expected ${expected}, found ${found}`);
  }
  const stray = Object.keys(PKG_OPTIONS).find((option) =>
    values[option] !== undefined && !(options as readonly string[]).includes(option)
  );
  if (stray !== undefined) throw new UsageError(`Cannot use --${stray} with lllm pkg ${action}`);
  const { scope, alias, yes, project, json, verbose } = values;
  if (scope !== undefined && scope !== "user" && scope !== "project") {
    throw new UsageError(`Cannot use --scope: expected user or project, found "${scope}"`);
  }
  return {
    action,
    ...(given[0] === undefined ? {} : { subject: given[0] }),
    ...(given[1] === undefined ? {} : { out: given[1] }),
    ...(scope === undefined ? {} : { scope }),
    ...(typeof alias === "string" ? { alias } : {}),
    ...(yes === true ? { yes } : {}),
    ...(values["bundle-deps"] === true ? { bundleDeps: true } : {}),
    ...(values.force === true ? { force: true } : {}),
    ...(typeof project === "string" ? { project } : {}),
    ...(json === true ? { json } : {}),
    ...(verbose === true ? { verbose } : {}),
  };
}

/** Refuses what is no action. */
export function checkPkgAction(action: string | undefined): asserts action is keyof typeof PKG_ACTIONS {
  if (action !== undefined && Object.hasOwn(PKG_ACTIONS, action)) return;
  const names = Object.keys(PKG_ACTIONS);
  const [near] = action === undefined ? [] : nearest(action, names);
  const found = action === undefined ? "none" : `"${action}"`;
  const hint = near === undefined ? "" : `; did you mean "${near}"?`;
  throw new UsageError(`Cannot manage packages: expected ${names.join(", ")}, found ${found}${hint}`);
}
