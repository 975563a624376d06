import type { JsonValue } from "../message/mod.ts";
import type { Dialog } from "./dialog.ts";

/** Who was around a dialog when it was written down; where it is read again, only their ids are known. */
export interface Relatives {
  /** Id of the dialog that it was forked from, or null. */
  readonly parentId: string | null;
  /** Ids of its forks. */
  readonly childrenIds: readonly string[];
}

const NOBODY: Relatives = { parentId: null, childrenIds: [] };

/** Gives a dialog and its forks, depth first. Without recursion: forks of forks may be any number of levels deep. */
export function* walkTree(root: Dialog): Generator<{ dialog: Dialog; level: number }> {
  const pending = [{ dialog: root, level: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    yield next;
    const level = next.level + 1;
    for (const dialog of next.dialog.children.reverse()) pending.push({ dialog, level });
  }
}

/** Where a dialog stands in its tree of forks. A look at the dialog as it is now, not a copy. */
export class DialogTreeNode {
  readonly #dialog: Dialog;
  readonly #relatives: Relatives;
  /** Number of messages taken from the parent; 0 for a root. */
  readonly splitPoint: number;
  /** The `lastN` of the fork. */
  readonly lastN: number;
  /** The `firstK` of the fork. */
  readonly firstK: number;

  /** Creates the node of a dialog. */
  constructor(
    dialog: Dialog,
    fork: { splitPoint: number; lastN: number; firstK: number; relatives?: Relatives },
  ) {
    this.#dialog = dialog;
    this.#relatives = fork.relatives ?? NOBODY;
    this.splitPoint = fork.splitPoint;
    this.lastN = fork.lastN;
    this.firstK = fork.firstK;
  }

  /** The dialog's id. */
  get dialogId(): string {
    return this.#dialog.dialogId;
  }
  /** The dialog's owner. */
  get owner(): string {
    return this.#dialog.owner;
  }
  /** Id of the dialog that this one was forked from, or null. */
  get parentId(): string | null {
    return this.#dialog.parent?.dialogId ?? this.#relatives.parentId;
  }
  /** Ids of the forks that are still in use. */
  get childrenIds(): string[] {
    return [...this.#relatives.childrenIds, ...this.#dialog.children.map((child) => child.dialogId)];
  }
  /** Whether the dialog was not forked from another. */
  get isRoot(): boolean {
    return this.parentId === null;
  }
  /** Number of forks between the root and this dialog. */
  get depth(): number {
    return this.#dialog.depth;
  }

  /** Ids of this dialog and all below it, depth first. */
  subtreeIds(): string[] {
    const ids: string[] = [];
    for (const { dialog } of walkTree(this.#dialog)) {
      ids.push(dialog.dialogId, ...dialog.treeNode.#relatives.childrenIds);
    }
    return ids;
  }

  /** Gives the node as plain data. */
  toJSON(): Record<string, JsonValue> {
    return {
      dialogId: this.dialogId,
      owner: this.owner,
      parentId: this.parentId,
      splitPoint: this.splitPoint,
      lastN: this.lastN,
      firstK: this.firstK,
      childrenIds: this.childrenIds,
    };
  }
}
