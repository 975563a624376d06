/** Most files of a skill that are listed. */
export const MAX_RESOURCES = 200;
const MAX_DEPTH = 5;
const MAX_VISITED = 5000;
const SKIPPED = /^\.|^node_modules$|^__pycache__$|\p{Cc}/u;

/** The files of a skill, and whether they are all. */
export interface SkillFiles {
  readonly resources: string[];
  readonly isCut: boolean;
}

/**
 * Lists the files of a skill's folder other than `SKILL.md`: paths from it with `/`, sorted. Hidden files are left out, and so are links
 * to folders and links that lead out of the folder.
 *
 * @param realDir the folder, its links resolved
 */
export async function listResources(realDir: string): Promise<SkillFiles> {
  const resources: string[] = [];
  const folders: { prefix: string; depth: number }[] = [{ prefix: "", depth: 0 }];
  let [visited, isCut] = [0, false];
  for (const { prefix, depth } of folders) { // grows while it is read: files near the top come first
    const entries: Deno.DirEntry[] = [];
    for await (const entry of Deno.readDir(`${realDir}/${prefix}`)) {
      if (++visited > MAX_VISITED) break;
      if (!SKIPPED.test(entry.name)) entries.push(entry);
    }
    for (const entry of entries.sort(byName)) {
      const path = prefix + entry.name;
      if (entry.isDirectory) {
        if (depth < MAX_DEPTH) folders.push({ prefix: `${path}/`, depth: depth + 1 });
        else isCut = true;
      } else if (path !== "SKILL.md" && await isOwnFile(entry, `${realDir}/${path}`, realDir)) {
        if (resources.length < MAX_RESOURCES) resources.push(path);
        else isCut = true;
      }
    }
    if (visited > MAX_VISITED || isCut && resources.length >= MAX_RESOURCES) {
      isCut = true;
      break;
    }
  }
  return { resources: resources.sort(), isCut };
}

function byName(a: Deno.DirEntry, b: Deno.DirEntry): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

async function isOwnFile(entry: Deno.DirEntry, path: string, realDir: string): Promise<boolean> {
  if (!entry.isSymlink) return entry.isFile;
  try {
    const target = await Deno.realPath(path);
    return isWithin(target, realDir) && (await Deno.stat(target)).isFile;
  } catch {
    return false; // it leads nowhere, or where this program may not look
  }
}

/** Tells whether a path is below a folder; both without links. */
export function isWithin(path: string, folder: string): boolean {
  return path.startsWith(folder) && /^[/\\]/.test(path.slice(folder.length));
}
