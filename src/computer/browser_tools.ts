import { z } from "zod";
import { type FunctionTool, type Schema, tool } from "../tools/mod.ts";
import { perform } from "./_perform.ts";
import { screenText } from "./_screen_text.ts";
import type { ComputerAction } from "./action.ts";
import type { Computer } from "./computer.ts";

const keys = z.array(z.string()).describe(
  'Names of keys, pressed together, such as ["CTRL", "A"] or ["ENTER"]',
);
const x = z.number().describe("Pixels from the left");
const y = z.number().describe("Pixels from the top");

/**
 * Makes ordinary tools for using a browser, for models without a computer tool of their own: `browser_goto`, `browser_click`,
 * `browser_double_click`, `browser_move`, `browser_drag`, `browser_scroll`, `browser_type`, `browser_keypress`, `browser_wait`,
 * `browser_screenshot`. Each shows the screen afterwards.
 *
 * @param only Names of those that are wanted. `browser_goto` is of use beside {@linkcode computerTool} too: it stands for the address
 * bar. Default: all.
 * @throws {TypeError} when `only` names one that does not exist
 */
export function browserTools(computer: Computer, only?: readonly string[]): FunctionTool[] {
  const make = <T extends object>(type: ComputerAction["type"], description: string, parameters: Schema<T>) =>
    tool<T>({
      name: `browser_${type}`,
      description,
      parameters,
      repeatable: true,
      execute: (args, { signal }) => perform(computer, [{ ...args, type } as ComputerAction], signal),
      processor: screenText,
    });
  const size = `The screen has ${computer.width} by ${computer.height} pixels.`;
  const all = [
    make("goto", "Opens an address, as if typed into the address bar", z.object({ url: z.string() })),
    make(
      "click",
      `Clicks at a place. ${size}`,
      z.object({ x, y, button: z.enum(["left", "right", "wheel", "back", "forward"]).optional() }),
    ),
    make("double_click", "Clicks twice at a place", z.object({ x, y })),
    make("move", "Moves the mouse to a place", z.object({ x, y })),
    make(
      "drag",
      "Drags along a path: presses at its first point, lets go at its last",
      z.object({ path: z.array(z.object({ x, y })).min(2) }),
    ),
    make(
      "scroll",
      "Scrolls with the mouse at a place; positive numbers go down and right",
      z.object({ x, y, scroll_x: z.number().optional(), scroll_y: z.number().optional() }),
    ),
    make("type", "Types a text where the focus is", z.object({ text: z.string() })),
    make("keypress", "Presses keys together", z.object({ keys: keys.min(1) })),
    make("wait", "Waits a moment, for what is still loading", z.object({})),
    make("screenshot", "Shows the screen", z.object({})),
  ];
  if (only === undefined) return all;
  return only.map((name) => {
    const found = all.find((candidate) => candidate.name === name);
    if (found !== undefined) return found;
    const names = all.map((candidate) => candidate.name).join(", ");
    throw new TypeError(`Cannot make browser tool "${name}": expected one of ${names}`);
  });
}
