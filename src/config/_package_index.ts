import type { PackageIndex } from "../sandbox/mod.ts";
import { type Place, ValueReader } from "./_value_reader.ts";

/** Reads `package_index: { lock_file, wheels }`; paths are relative to the config file. */
export function parsePackageIndex(
  sandbox: ValueReader,
  place: Place,
  file: string | undefined,
): PackageIndex | undefined {
  const raw = sandbox.mapping("package_index");
  if (raw === undefined) return undefined;
  const reader = new ValueReader(raw, { ...place, prefix: "sandbox.package_index." });
  const lockFile = reader.text("lock_file");
  const wheels = reader.text("wheels");
  for (const [key, place] of Object.entries({ lock_file: lockFile, wheels })) {
    if (place === "") throw reader.error(key, "a path or a URL", place);
  }
  return {
    ...(lockFile === undefined ? {} : { lockFile: besideFile(lockFile, file) }),
    ...(wheels === undefined ? {} : { wheels: besideFile(wheels, file) }),
  };
}

function besideFile(path: string, file: string | undefined): string {
  const isWhole = /^([A-Za-z][A-Za-z0-9+.-]*:|[/\\])/.test(path);
  if (isWhole || file === undefined) return path;
  return file.replace(/[^/\\]*$/, "") + path;
}
