/** The parts of `node:path` and `node:url` that are used here. */
interface NodePath {
  basename(path: string, suffix?: string): string;
  dirname(path: string): string;
  extname(path: string): string;
  isAbsolute(path: string): boolean;
  join(...parts: string[]): string;
  resolve(...parts: string[]): string;
}
interface NodeUrl {
  fileURLToPath(url: URL | string): string;
  pathToFileURL(path: string): URL;
}

let nodePath: NodePath | undefined;
let nodeUrl: NodeUrl | undefined;

/** Paths of this system. Some of it is needed at once, where no import can be awaited. */
export function paths(): NodePath {
  return nodePath ??= builtin("node:path") as NodePath;
}

/** Gives a path for a path or a file URL. */
export function toPath(path: string | URL): string {
  if (typeof path === "string" && !path.startsWith("file:")) return path;
  return urls().fileURLToPath(path);
}

/** Gives the file URL of an absolute path. */
export function toFileUrl(path: string): string {
  return urls().pathToFileURL(path).href;
}

/** Reads an environment variable; one that the program may not read counts as unset, and nobody is asked. */
export function readEnv(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) || undefined : undefined;
}

/** Tells whether the program may read a path without anybody being asked. */
export function mayRead(path: string): boolean {
  return Deno.permissions.querySync({ name: "read", path }).state === "granted";
}

/** Tells what is at a path, links followed. */
export function kindOf(path: string): "file" | "folder" | undefined {
  try {
    const { isDirectory, isFile } = withReadHint(path, () => Deno.statSync(path));
    return isDirectory ? "folder" : isFile ? "file" : undefined; // devices and pipes have no end
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    if (error instanceof Deno.errors.FilesystemLoop) return undefined; // links that lead to each other
    throw error;
  }
}

/** Reads from a path; a missing permission is told together with the way to give it. */
export function withReadHint<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof Deno.errors.NotCapable ? readDenied(path, error) : error;
  }
}

/** The error for a path that the program may not read, with the flag that lets it. */
export function readDenied(path: string, cause: unknown): Error {
  return new Deno.errors.NotCapable(
    `Cannot read ${path}: packages are read from disk; run with --allow-read=<folder of the package>`,
    { cause },
  );
}

/** Makes one plain line of what Deno says of a module: without colours, code frames and places that it names again. */
export function plainLine(message: string): string {
  const { stripVTControlCharacters } = builtin("node:util") as typeof import("node:util");
  const [first = ""] = stripVTControlCharacters(message).split(/\n\s*\n/);
  const lines = first.split("\n").map((line) => line.trim()).filter((line) => !/^\d*\s*\|/.test(line));
  return [...new Set(lines)].join(" ");
}

function urls(): NodeUrl {
  return nodeUrl ??= builtin("node:url") as NodeUrl;
}

function builtin(name: string): unknown {
  return (globalThis as unknown as { process: { getBuiltinModule(name: string): unknown } }).process
    .getBuiltinModule(name);
}
