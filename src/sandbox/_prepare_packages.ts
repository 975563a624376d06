/**
 * Python packages for a sandbox: found, downloaded, checked, unpacked, and kept in the cache.
 *
 * @module
 */
import { LLLMError } from "../errors.ts";
import { readLocation } from "./_download.ts";
import { type LockedPackage, resolvePackages } from "./_lock_file.ts";
import { type OpenIndex, openIndex } from "./_open_index.ts";
import { withPermission } from "./_permission_error.ts";
import { saveBytes } from "./_save_bytes.ts";
import { isWhole, LAYOUT, MAX_UNPACKED_BYTES, unpackWheel } from "./_wheel_files.ts";
import type { PackageIndex } from "./package_index.ts";

/** Packages that are there for a guest to read. */
export interface PreparedPackages {
  /** Absolute paths, in the order in which they are loaded. */
  readonly files: readonly string[];
  /** The size of all files together. */
  readonly bytes: number;
}

const MAX_WHEEL_BYTES = 128 * 1024 * 1024;
const PARALLEL = 4;

/** Options of {@linkcode preparePackages}. */
export interface PreparePackagesOptions {
  readonly index: PackageIndex;
  readonly cacheRoot: string;
  /** Has a copy of the default lock file, so that Pyodide's own folder need not be read. */
  readonly runtimeFolder?: string;
}

/** Prepares packages and what they depend on. Safe with many programs at once. */
export async function preparePackages(
  names: readonly string[],
  { index, cacheRoot, runtimeFolder }: PreparePackagesOptions,
): Promise<PreparedPackages> {
  if (names.length === 0) return { files: [], bytes: 0 };
  const folder = `${cacheRoot}/packages`;
  const flag = `--allow-read=${cacheRoot} --allow-write=${cacheRoot}`;
  return await withPermission("prepare the sandbox's packages", flag, async () => {
    const open = await openIndex(index, {
      folder,
      ...(runtimeFolder === undefined ? {} : { runtimeFolder }),
    });
    const queue = resolvePackages(names, open.lock).map((item) => ({ item, path: cachePath(folder, item) }));
    const files = queue.map(({ path }) => path);
    let bytes = 0;
    const work = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        bytes += await prepareOnce(next.item, next.path, open);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, work));
    if (bytes <= MAX_UNPACKED_BYTES) return { files, bytes };
    throw new LLLMError(
      `Cannot load packages: expected at most ${MAX_UNPACKED_BYTES} bytes unpacked, found ${bytes} for ${
        names.join(", ")
      } and what they depend on`,
      { code: "package_unsafe", data: { packages: names, bytes } },
    );
  });
}

/** Tells whether packages are in the cache, so that nothing has to be downloaded; with a lock file at a URL, never. */
export async function arePackagesPrepared(
  names: readonly string[],
  { index, cacheRoot, runtimeFolder }: PreparePackagesOptions,
): Promise<boolean> {
  if (index.lockFile !== undefined && /^https?:/.test(String(index.lockFile))) return false;
  const folder = `${cacheRoot}/packages`;
  const { lock } = await openIndex(index, {
    folder,
    ...(runtimeFolder === undefined ? {} : { runtimeFolder }),
  });
  const there = await Promise.all(
    resolvePackages(names, lock).map((item) => exists(cachePath(folder, item))),
  );
  return there.every(Boolean);
}

function cachePath(folder: string, { sha256, kind }: LockedPackage): string {
  return `${folder}/${sha256}.${kind}-${LAYOUT}`;
}

/** Files that this program has read and found whole, with their sizes. */
const prepared = new Map<string, Promise<number>>();

function prepareOnce(item: LockedPackage, path: string, index: OpenIndex): Promise<number> {
  let size = prepared.get(path);
  if (size === undefined) {
    prepared.set(path, size = prepare(item, path, index));
    size.catch(() => prepared.delete(path));
  }
  return size.then(async (bytes) => {
    if (await exists(path)) return bytes;
    prepared.delete(path);
    return await prepareOnce(item, path, index);
  });
}

async function prepare(item: LockedPackage, path: string, index: OpenIndex): Promise<number> {
  const kept = await readIfThere(path);
  if (kept !== null && await isWhole(kept)) return kept.length;
  const archive = await readLocation(await index.locate(item.file), MAX_WHEEL_BYTES);
  const found = new Uint8Array(await crypto.subtle.digest("SHA-256", archive)).toHex();
  if (found !== item.sha256) {
    throw refused(item, `expected SHA-256 ${item.sha256}, found ${found}`);
  }
  let packed: Uint8Array<ArrayBuffer>;
  try {
    packed = await unpackWheel(archive, item.kind);
  } catch (error) {
    throw refused(item, (error as Error).message, error);
  }
  await saveBytes(path, packed);
  return packed.length;
}

function refused({ name, file, sha256 }: LockedPackage, reason: string, cause?: unknown): LLLMError {
  return new LLLMError(`Cannot load package "${name}": "${file}" is refused: ${reason}`, {
    code: "package_unsafe",
    data: { package: name, file, sha256 },
    cause,
  });
}

async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
