import type { Page } from "playwright-core";
import { combination, keyName } from "./_keys.ts";
import type { ComputerAction, ScreenPoint } from "./action.ts";
import { ComputerFailure } from "./computer.ts";

/** How long `wait` waits. */
export const WAIT_MS = 1_000;

/** What the browser calls the buttons that it knows. */
const BUTTONS = { left: "left", right: "right", wheel: "middle" } as const;

/** Refuses an action that this screen and keyboard cannot do, before any of it is done. */
export function checkAction(action: ComputerAction, size: { width: number; height: number }): void {
  const points = action.type === "drag" ? action.path : "x" in action ? [action] : [];
  for (const { x, y } of points) {
    if (x >= 0 && y >= 0 && x < size.width && y < size.height) continue;
    throw new ComputerFailure(
      `Cannot ${action.type} at ${x}, ${y}: expected a place on the screen of ${size.width} by ${size.height} pixels`,
    );
  }
  const keys = "keys" in action ? action.keys ?? [] : [];
  const unknown = keys.find((key) => keyName(key) === undefined);
  if (unknown !== undefined) {
    throw new ComputerFailure(
      `Cannot press "${unknown}": expected a character or a key such as ENTER, TAB, CTRL`,
    );
  }
}

/** Does in a page what an action says; it was checked. Addresses are opened elsewhere. */
export async function doAction(page: Page, action: Exclude<ComputerAction, { type: "goto" }>): Promise<void> {
  switch (action.type) {
    case "screenshot":
      return;
    case "wait":
      return await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    case "type":
      return await page.keyboard.type(action.text);
    case "keypress":
      return await press(page, action.keys);
    default:
      return await holding(page, action.keys ?? [], () => useMouse(page, action));
  }
}

type MouseAction = Extract<ComputerAction, { type: "click" | "double_click" | "move" | "drag" | "scroll" }>;

async function useMouse(page: Page, action: MouseAction): Promise<void> {
  switch (action.type) {
    case "click": {
      const { button = "left", x, y } = action;
      if (button === "back") return void await page.goBack({ waitUntil: "commit" });
      if (button === "forward") return void await page.goForward({ waitUntil: "commit" });
      return await page.mouse.click(x, y, { button: BUTTONS[button] });
    }
    case "double_click":
      return await page.mouse.dblclick(action.x, action.y);
    case "move":
      return await page.mouse.move(action.x, action.y);
    case "scroll":
      await page.mouse.move(action.x, action.y);
      return await page.mouse.wheel(action.scroll_x ?? 0, action.scroll_y ?? 0);
    case "drag":
      return await drag(page, action.path);
  }
}

async function drag(page: Page, path: readonly ScreenPoint[]): Promise<void> {
  const [start, ...rest] = path;
  await page.mouse.move(start!.x, start!.y);
  await page.mouse.down();
  try {
    for (const { x, y } of rest) await page.mouse.move(x, y, { steps: 4 });
  } finally {
    await page.mouse.up();
  }
}

async function press(page: Page, keys: readonly string[]): Promise<void> {
  const { held, pressed } = combination(keys.map((key) => keyName(key)!));
  await holding(page, held, async () => {
    for (const key of pressed) {
      // What no keyboard here has is entered as text.
      if (key.charCodeAt(0) > 126) await page.keyboard.insertText(key);
      else await page.keyboard.press(key);
    }
  });
}

/** Keeps keys down while something is done; up they go again whatever comes of it. */
async function holding(page: Page, keys: readonly string[], work: () => Promise<void>): Promise<void> {
  const names = keys.map((key) => keyName(key) ?? key);
  const down: string[] = [];
  try {
    for (const name of names) {
      await page.keyboard.down(name);
      down.push(name);
    }
    await work();
  } finally {
    for (const name of down.reverse()) await page.keyboard.up(name);
  }
}
