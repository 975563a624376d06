/**
 * Computer use: a model looks at a screen and uses mouse and keyboard; a browser that reaches listed hosts alone is such a screen.
 *
 * @module
 */
export type { ComputerAction, HeldKeys, MouseButton, ScreenPoint } from "./action.ts";
export type { BlockedRequest, BrowserComputer } from "./browser_computer.ts";
export type { BrowserDialog, DialogDecision } from "./browser_dialog.ts";
export { browserTools } from "./browser_tools.ts";
export {
  type Computer,
  type ComputerActOptions,
  type ComputerEnvironment,
  ComputerFailure,
} from "./computer.ts";
export { computerTool, type ComputerToolOptions } from "./computer_tool.ts";
export { type BrowserComputerOptions, openBrowserComputer } from "./open_browser_computer.ts";
