import type { ImagePart } from "../message/mod.ts";
import type { ComputerAction } from "./action.ts";

/** What runs on a computer, in the words of the provider's tool. */
export type ComputerEnvironment = "browser" | "linux" | "mac" | "windows" | "ubuntu";

/** Options of what a computer does. */
export interface ComputerActOptions {
  /** Gives up, and rejects with its reason. Default: never. */
  signal?: AbortSignal;
}

/**
 * A screen with mouse and keyboard that a model uses.
 *
 * Contract: one action or screenshot at a time; whoever has several waits for each. What the model may be told of a failure is a
 * {@linkcode ComputerFailure}. Whoever opened the computer closes it.
 */
export interface Computer {
  /** What runs on it. */
  readonly environment: ComputerEnvironment;
  /** The width of the screen. Units: pixels. */
  readonly width: number;
  /** The height of the screen. Units: pixels. */
  readonly height: number;
  /** The address of the page on the screen; null where there are no pages. */
  readonly currentUrl: string | null;
  /** Does one thing, and resolves when its effect can be seen, as far as that can be told. */
  act(action: ComputerAction, options?: ComputerActOptions): Promise<void>;
  /** Gives what is on the screen. */
  screenshot(options?: ComputerActOptions): Promise<ImagePart>;
  /** Gives what happened since it was last asked and is not on the screen: a dialog, a download that was refused. */
  takeNotes(): string[];
}

/** Something that a computer could not do; the message is for the model. */
export class ComputerFailure extends Error {
  /** The name of the class. */
  override readonly name: string = "ComputerFailure";
}
