/** A place on the screen. Units: pixels from the upper left corner. */
export interface ScreenPoint {
  /** From the left. */
  readonly x: number;
  /** From the top. */
  readonly y: number;
}

/** What may be held down while the mouse does something, such as `["CTRL"]`. */
export interface HeldKeys {
  /** Names of keys. Default: none. */
  readonly keys?: readonly string[] | null;
}

/** What a mouse can press; `back` and `forward` are the two on its side. */
export type MouseButton = "left" | "right" | "wheel" | "back" | "forward";

/**
 * One thing that is done on a screen: the actions of the provider's computer tool, and `goto`, which stands for the address bar that
 * a screenshot of a page does not show.
 *
 * Source: the Responses interface, items of type `computer_call`.
 */
export type ComputerAction =
  | ({ readonly type: "click"; readonly button?: MouseButton } & ScreenPoint & HeldKeys)
  | ({ readonly type: "double_click" } & ScreenPoint & HeldKeys)
  | ({ readonly type: "move" } & ScreenPoint & HeldKeys)
  | ({ readonly type: "drag"; readonly path: readonly ScreenPoint[] } & HeldKeys)
  | (
    & { readonly type: "scroll"; readonly scroll_x?: number; readonly scroll_y?: number }
    & ScreenPoint
    & HeldKeys
  )
  | { readonly type: "keypress"; readonly keys: readonly string[] }
  | { readonly type: "type"; readonly text: string }
  | { readonly type: "wait" }
  | { readonly type: "screenshot" }
  | { readonly type: "goto"; readonly url: string };
