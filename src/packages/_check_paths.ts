/** Which paths may be in a package: those that mean the same, and are different files, on every system. */

const MAX_NAME_BYTES = 255;
const MAX_PATH_BYTES = 1024;
const MAX_DEPTH = 32;
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\.|$)/i;

/** Says what is wrong with the name of a file or folder; `undefined` if nothing is. */
export function problemOfName(name: string): string | undefined {
  // deno-lint-ignore no-control-regex -- those are looked for
  if (/[<>:"|?*\\/\u0000-\u001f\u007f]/.test(name)) return "has a character that not every system takes";
  if (/[\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u.test(name)) return "has an invisible character";
  if (/[. ]$/.test(name)) return "ends with a dot or a space";
  if (RESERVED.test(name)) return "is a name that Windows keeps for devices";
  if (new TextEncoder().encode(name).length > MAX_NAME_BYTES) {
    return `has a name of more than ${MAX_NAME_BYTES} bytes`;
  }
  return undefined;
}

/**
 * Checks the paths of a package together; those of folders end with `/`.
 *
 * @throws {Error} whose message completes "… found that "
 */
export function checkPaths(paths: readonly string[]): void {
  const known = new KnownPaths();
  for (const path of paths) {
    const isFolder = path.endsWith("/");
    const parts = (isFolder ? path.slice(0, -1) : path).split("/");
    const shown = JSON.stringify(path.slice(0, 120));
    if (parts.length > MAX_DEPTH) throw new Error(`${shown} is more than ${MAX_DEPTH} folders deep`);
    if (new TextEncoder().encode(path).length > MAX_PATH_BYTES) {
      throw new Error(`${shown}… is a path of more than ${MAX_PATH_BYTES} bytes`);
    }
    for (const part of parts) {
      const problem = problemOfName(part);
      if (problem !== undefined) throw new Error(`${shown} ${problem}`);
    }
    known.add(parts, isFolder);
  }
}

/** Paths so far, as a system sees them that does not tell cases and compositions of characters apart. */
class KnownPaths {
  readonly #spelled = new Map<string, string>();
  readonly #files = new Set<string>();

  add(parts: readonly string[], isFolder: boolean): void {
    for (let length = 1; length <= parts.length; length++) {
      const path = parts.slice(0, length).join("/");
      const folded = fold(path);
      const other = this.#spelled.get(folded);
      if (other !== undefined && other !== path) throw new Error(describeCollision(other, path));
      const isFile = length === parts.length && !isFolder;
      if (other !== undefined && (isFile || this.#files.has(folded))) {
        throw new Error(`"${path}" is a file and a folder`);
      }
      this.#spelled.set(folded, path);
      if (isFile) this.#files.add(folded);
    }
  }
}

function fold(path: string): string {
  return path.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}

function describeCollision(a: string, b: string): string {
  return a.normalize("NFC") === b.normalize("NFC")
    ? `"${a}" and "${b}" differ only in how their characters are composed`
    : `"${a}" and "${b}" are one name where upper and lower case, or like characters, are the same`;
}
