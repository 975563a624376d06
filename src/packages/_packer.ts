import type { OnWarning } from "../util/mod.ts";
import type { ZipFile } from "../util/read_zip.ts";
import type { PackedPackage, PathPlan } from "./_export_paths.ts";
import { openFolder } from "./_folder_tree.ts";
import { MAX_BYTES, MAX_ENTRIES } from "./_limits.ts";
import { exportRefusal } from "./_refuse.ts";
import { rewritePaths } from "./_rewrite_paths.ts";
import { joinPath, type SourceTree } from "./_source_tree.ts";

/** Reads files into what becomes the archive. */
export class Packer {
  readonly #files = new Map<string, Uint8Array>();
  readonly #top: string;
  readonly #out: string;
  readonly #warn: OnWarning;
  #bytes = 0;

  /** `top`: the folder in the archive that everything is in; `out`: the archive, which is not packed itself. */
  constructor(top: string, out: string, warn: OnWarning) {
    this.#top = top;
    this.#out = out;
    this.#warn = warn;
  }

  get files(): ZipFile[] {
    return [...this.#files].map(([path, bytes]) => ({ path: joinPath(this.#top, path), bytes }));
  }

  /** Adds the files of a folder, without the packages that came with it. */
  async add(tree: SourceTree, place: string): Promise<void> {
    const { join } = await import("@std/path");
    if (this.#files.size + tree.files.length > MAX_ENTRIES) {
      throw exportRefusal(this.#top, `it has more than ${MAX_ENTRIES} files`);
    }
    const root = await Deno.realPath(tree.name);
    for (const file of tree.files) {
      const path = join(tree.name, file);
      const real = await Deno.realPath(path);
      if (path === this.#out || real === this.#out) continue;
      if (!`${real}/`.startsWith(`${root}/`) && !real.startsWith(`${root}\\`)) {
        this.#warn({
          code: "link_left_out",
          message: `Left out of the archive: ${path} is a link that leads out of the package`,
          data: { path, target: real },
        });
        continue;
      }
      await this.#take(path, joinPath(place, file));
    }
  }

  /** Adds what a package lists from outside, and makes its manifest name the places in the archive. */
  async settlePaths(
    { manifest: file, place }: PackedPackage,
    { edits, taken, warnings }: PathPlan,
  ): Promise<void> {
    const { basename } = await import("@std/path");
    for (const { from, to } of taken) {
      const target = joinPath(place, to);
      if ((await Deno.stat(from)).isDirectory) await this.add(await openFolder(from), target);
      else await this.#take(from, target);
    }
    for (const warning of warnings) this.#warn(warning);
    if (edits.length === 0) return;
    const text = await rewritePaths(await Deno.readTextFile(file), edits, file);
    this.#files.set(joinPath(place, basename(file)), new TextEncoder().encode(text));
  }

  /** Reads a file, if the archive with it can still be installed. */
  async #take(from: string, target: string): Promise<void> {
    this.#bytes += (await Deno.stat(from)).size;
    if (this.#bytes > MAX_BYTES) {
      throw exportRefusal(this.#top, `its files have more than ${MAX_BYTES} bytes`);
    }
    this.#files.set(target, await Deno.readFile(from));
  }
}
