import { ifThere } from "./_if_there.ts";
import { inWritersFolder } from "./_writers_folder.ts";

/**
 * Tells living programs from dead ones by locked files: who writes to a store holds the lock of a file of its own, and the
 * system lets go of it when the program ends, however it ends. No clock, no process id that another program may have by now.
 */
export class Presence {
  /** Names this writer. */
  readonly id: string = crypto.randomUUID();
  /** Where the files of the writers are. */
  readonly folder: string;
  #file: Deno.FsFile | undefined;

  /** Creates the presence of a writer that has not shown itself; the files are in `folder`. */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** Takes the lock, once more if its file was removed. From now on the writer counts as alive. */
  show(): void {
    if (this.#file !== undefined) {
      if (this.#file.statSync().nlink !== 0) return;
      this.#file.close();
      this.#file = undefined;
    }
    const file = inWritersFolder(this.folder, () => {
      Deno.mkdirSync(this.folder, { recursive: true });
      return Deno.openSync(this.#path(this.id), { read: true, write: true, create: true });
    });
    file.lockSync(true);
    this.#file = file;
  }

  /** Tells whether a writer is alive. */
  isAlive(id: string): boolean {
    if (id === this.id) return true;
    const path = this.#path(id);
    using file = inWritersFolder(this.folder, () => ifThere(() => Deno.openSync(path, { read: true })));
    return file?.tryLockSync(false) === false; // shared: two who look do not take each other for the writer
  }

  /** Lets go of the lock. */
  leave(): void {
    if (this.#file === undefined) return;
    this.remove(this.id);
    this.#file.close();
    this.#file = undefined;
  }

  /** Removes a file from the folder. */
  remove(name: string): void {
    inWritersFolder(this.folder, () => ifThere(() => Deno.removeSync(`${this.folder}/${name}`)));
  }

  #path(id: string): string {
    if (!/^[\w-]+$/.test(id)) throw new TypeError(`Cannot look for a writer: expected its id, found "${id}"`);
    return `${this.folder}/${id}`;
  }
}
