/** The files of a package, wherever they are: a folder, or an archive. */
export interface SourceTree {
  /** What the tree is called in messages. */
  readonly name: string;
  /** The name of its folder: that of a package whose manifest says none. */
  readonly folderName: string;
  /** The paths of all files, with `/`, sorted; those of the packages that came with it are left out. */
  readonly files: readonly string[];
  /** The files at or below a path of the manifest; `undefined` where there is nothing. */
  filesBelow(path: string): readonly string[] | undefined;
  /** Reads a file as text; `undefined` where there is none. Paths that begin with `../` lead out of the package. */
  readText(path: string): string | undefined;
  /** The file of its manifest, where it has a name of its own. Default: the first of those that manifests have. */
  readonly manifest?: string;
  /** The packages that came with it. */
  readonly bundled: readonly SourceTree[];
}

/** The names that a manifest may have, in the order in which they are looked for. */
export const MANIFEST_NAMES = ["lllm.toml", ".lllm.toml", "LLLM.toml"];

/** Joins a folder and a relative path, both with `/`; what leads out of the root begins with `../`. */
export function joinPath(folder: string, path: string): string {
  const parts: string[] = [];
  for (const part of [...folder.split("/"), ...path.replaceAll("\\", "/").split("/")]) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

/** The folder of a path, without its last `/`. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Chooses the files at or below a path. */
export function chooseBelow(files: readonly string[], path: string): string[] | undefined {
  const root = joinPath("", path);
  const chosen = files.filter((file) => root === "" || file === root || file.startsWith(`${root}/`));
  return chosen.length === 0 ? undefined : chosen;
}

/** The path of a place seen from a folder, both paths from the same root. */
export function fromFolder(folder: string, place: string): string {
  const split = (path: string) => path.split("/").filter((part) => part !== "");
  const [above, below] = [split(folder), split(place)];
  let shared = 0;
  while (shared < above.length && above[shared] === below[shared]) shared++;
  return [...above.slice(shared).map(() => ".."), ...below.slice(shared)].join("/");
}
