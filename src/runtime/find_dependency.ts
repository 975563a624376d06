import { kindOf, paths } from "./_platform.ts";
import { manifestIn } from "./discover.ts";

/** The folder of packages that come with a package. */
export const NESTED_FOLDER = "lllm_packages";

/**
 * Finds the manifest of a dependency: where its path leads, else, by the path's last folder, among the packages that came
 * with the one that needs it, or beside it, if it came with another one itself; that other one may be meant, too.
 */
export function findDependency(path: string, baseDir: string): string | undefined {
  const { basename, dirname, join, resolve } = paths();
  const listed = resolve(baseDir, path);
  if (/\.toml$/i.test(listed) && kindOf(listed) === "file") return listed;
  const name = basename(/\.toml$/i.test(listed) ? dirname(listed) : listed);
  const nested = manifestIn(listed) ?? manifestIn(join(baseDir, NESTED_FOLDER, name));
  if (nested !== undefined || basename(dirname(baseDir)) !== NESTED_FOLDER) return nested;
  const parent = dirname(dirname(baseDir));
  return manifestIn(join(dirname(baseDir), name)) ??
    (basename(parent) === name ? manifestIn(parent) : undefined);
}
