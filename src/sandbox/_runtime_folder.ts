/**
 * The folders that guests run from, one for each language: its own sources, and Pyodide's files and a memory snapshot
 * or a parser; named by their content and made at first use.
 *
 * @module
 */
import { LLLMError } from "../errors.ts";
import { ACORN_SHA256, readAcorn } from "./_acorn_file.ts";
import { canonicalJson } from "../util/json.ts";
import { sha256Hex } from "../util/hash.ts";
import { GUEST_PYODIDE_FILES, PYODIDE_FILES, readPyodideFile } from "./_pyodide_files.ts";
import { withPermission } from "./_permission_error.ts";
import { startGuest } from "./_start_guest.ts";

const MANIFEST = "files.json";
const SNAPSHOT = "python.snapshot";
const ACORN = "acorn.cjs";
const BUILD_MEMORY_MB = 512;
const DAY_MS = 24 * 60 * 60 * 1000;
const STALE_MS = DAY_MS / 24;
/** Folders of other versions are taken away when nobody has opened them for so long, and a new one is made. */
const UNUSED_MS = 30 * DAY_MS;

/** Hash of each file by path. */
type Manifest = Readonly<Record<string, string>>;

/** A folder that is there. */
export interface RuntimeFolder {
  /** Absolute path. */
  readonly path: string;
  /** Reads every file again: are they as they were made? */
  verify(): Promise<boolean>;
  /** Takes a damaged folder away and makes it anew. */
  rebuild(): Promise<void>;
}

/** What a folder is made for. */
type Language = "python" | "typescript";

/** Opens the folder below `cacheRoot`; makes it if it is missing. Safe with many processes at once. */
export async function openRuntimeFolder(
  cacheRoot: string,
  language: Language = "python",
): Promise<RuntimeFolder> {
  const path = await runtimeFolderPath(cacheRoot, language);
  const flag = `--allow-read=${cacheRoot} --allow-write=${cacheRoot}`;
  return await withPermission("prepare the sandbox's files", flag, async () => {
    if (await readManifest(path) === null) await once(path, () => build(cacheRoot, path, language));
    else await markUsed(path);
    return {
      path,
      verify: () => verify(path),
      rebuild: () =>
        once(path, async () => {
          if (await verify(path)) return; // another start has done it
          await discard(cacheRoot, path);
          await build(cacheRoot, path, language);
        }),
    };
  });
}

/** Where the folder is, or will be. */
async function runtimeFolderPath(cacheRoot: string, language: Language): Promise<string> {
  const guest = await guestFiles(language);
  const rest = language === "python"
    ? { pyodide: PYODIDE_FILES, names: GUEST_PYODIDE_FILES }
    : { acorn: ACORN_SHA256 };
  return `${cacheRoot}/sandbox-${sha256Hex(canonicalJson({ guest, ...rest })).slice(0, 16)}`;
}

/** Finds the folder, if it has been made already. */
export async function findRuntimeFolder(cacheRoot: string, language: Language): Promise<string | undefined> {
  const path = await runtimeFolderPath(cacheRoot, language);
  return await readManifest(path) === null ? undefined : path;
}

/** Folders that this program is making. */
const making = new Map<string, Promise<void>>();

/** Sandboxes that start at the same time make their folder together. */
function once(path: string, work: () => Promise<void>): Promise<void> {
  const running = making.get(path);
  if (running !== undefined) return running;
  const started = work().finally(() => making.delete(path));
  making.set(path, started);
  return started;
}

async function guestFiles(language: Language): Promise<Manifest> {
  const { GUEST_FILES } = await import("./guest.generated.ts");
  const others = language === "python" ? "typescript/" : "python/";
  return Object.fromEntries(Object.entries(GUEST_FILES).filter(([path]) => !path.startsWith(others)));
}

async function readManifest(folder: string): Promise<Manifest | null> {
  try {
    return JSON.parse(await Deno.readTextFile(`${folder}/${MANIFEST}`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return null;
    throw error;
  }
}

async function verify(folder: string): Promise<boolean> {
  const manifest = await readManifest(folder);
  if (manifest === null) return false;
  try {
    const entries = Object.entries(manifest);
    const intact = await Promise.all(
      entries.map(async ([name, hash]) => await sha256(await Deno.readFile(`${folder}/${name}`)) === hash),
    );
    return intact.every(Boolean);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function build(cacheRoot: string, target: string, language: Language): Promise<void> {
  await Deno.mkdir(cacheRoot, { recursive: true });
  await removeStale(cacheRoot);
  const folder = `${cacheRoot}/.new-${crypto.randomUUID()}`;
  try {
    const manifest: Record<string, string> = {};
    for (const [name, text] of Object.entries(await guestFiles(language))) {
      manifest[`guest/${name}`] = await writeFile(`${folder}/guest/${name}`, new TextEncoder().encode(text));
    }
    if (language === "python") await addPyodide(folder, manifest);
    else manifest[ACORN] = await writeFile(`${folder}/${ACORN}`, await readAcorn());
    await writeFile(`${folder}/${MANIFEST}`, new TextEncoder().encode(JSON.stringify(manifest)));
    await install(cacheRoot, folder, target);
  } finally {
    await Deno.remove(folder, { recursive: true }).catch(ignoreNotFound);
  }
}

async function addPyodide(folder: string, manifest: Record<string, string>): Promise<void> {
  for (const name of GUEST_PYODIDE_FILES) {
    manifest[`pyodide/${name}`] = await writeFile(`${folder}/pyodide/${name}`, await readPyodideFile(name));
  }
  manifest[SNAPSHOT] = await writeFile(`${folder}/${SNAPSHOT}`, await makeSnapshot(folder));
}

/** Renames the finished folder; another process may have been first, and then its folder stays if it is whole. */
async function install(cacheRoot: string, folder: string, target: string): Promise<void> {
  for (let attempt = 0;; attempt++) {
    try {
      return await Deno.rename(folder, target);
    } catch (error) {
      if (await verify(target)) return;
      if (attempt >= 2) throw error;
      await discard(cacheRoot, target);
    }
  }
}

async function discard(cacheRoot: string, folder: string): Promise<void> {
  const trash = `${cacheRoot}/.old-${crypto.randomUUID()}`;
  try {
    await Deno.rename(folder, trash);
    await Deno.remove(trash, { recursive: true });
  } catch (error) {
    ignoreNotFound(error);
  }
}

async function removeStale(cacheRoot: string): Promise<void> {
  for await (const { name } of Deno.readDir(cacheRoot)) {
    const path = `${cacheRoot}/${name}`;
    if (/^\.(new|old)-/.test(name) && await ageOf(path) > STALE_MS) {
      await Deno.remove(path, { recursive: true }).catch(ignoreNotFound);
    } else if (/^sandbox-[0-9a-f]{16}$/.test(name) && await ageOf(path) > UNUSED_MS) {
      await discard(cacheRoot, path);
    }
  }
}

/** Milliseconds since a folder was last changed or marked; 0 for one that is gone. */
async function ageOf(path: string): Promise<number> {
  const modified = (await Deno.stat(path).catch(() => null))?.mtime?.getTime();
  return modified === undefined ? 0 : Date.now() - modified;
}

/** Once a day, by the folder's time; a cache that may only be read stays as it is. */
async function markUsed(path: string): Promise<void> {
  if (await ageOf(path) < DAY_MS) return;
  if ((await Deno.permissions.query({ name: "write", path })).state !== "granted") return; // nobody is to be asked
  const now = new Date();
  await Deno.utime(path, now, now).catch(() => {});
}

async function makeSnapshot(folder: string): Promise<Uint8Array<ArrayBuffer>> {
  const child = startGuest(folder, "guest/python/make_snapshot.js", { memoryMb: BUILD_MEMORY_MB });
  const { success, stdout, stderr } = await child.output();
  await child.stdin.abort().catch(() => {});
  if (success) return stdout;
  const detail = new TextDecoder().decode(stderr).slice(0, 2000);
  throw new LLLMError(`Cannot prepare the sandbox: making the snapshot failed: ${detail}`, {
    code: "sandbox_killed",
  });
}

async function writeFile(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeFile(path, bytes);
  return await sha256(bytes);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
