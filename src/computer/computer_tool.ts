import { type FunctionTool, tool } from "../tools/mod.ts";
import { COMPUTER_ARGUMENTS, type ComputerArguments } from "./_action_schema.ts";
import { perform } from "./_perform.ts";
import { screenText } from "./_screen_text.ts";
import type { Computer } from "./computer.ts";

/** Options of {@linkcode computerTool}. */
export interface ComputerToolOptions {
  /**
   * How Responses requests declare it: `computer`, or `computer_use_preview` for the models of that name. Default: `computer`.
   */
  declaration?: "computer" | "computer_use_preview";
  /** Whether every call must be approved, and not those with safety checks alone. Default: `false`. */
  needsApproval?: boolean;
}

/**
 * Makes the tool by which a model uses a computer. Over Responses it is the provider's own computer tool, answered with screenshots;
 * over Chat Completions a function with the same actions, whose screenshots follow as images.
 *
 * Each action is a step of the run, with its screenshot. Safety checks of the provider are put to `onApproval`: the call's arguments
 * hold them as `pending_safety_checks`, and to approve the call is to acknowledge them.
 *
 * Limits: an agent has `maxInterruptSteps` rounds for all of it; the default of 5 is few.
 *
 * @example
 * ```ts
 * import { computerTool } from "@lllm/lllm/computer";
 * import assert from "node:assert/strict";
 *
 * const screen = computerTool({
 *   environment: "browser",
 *   width: 800,
 *   height: 600,
 *   currentUrl: "https://example.org/",
 *   act: () => Promise.resolve(),
 *   screenshot: () => Promise.resolve({ type: "image", mediaType: "image/png", data: "iVBORw0KGgo=" }),
 *   takeNotes: () => [],
 * });
 * assert.deepEqual(screen.toTool("response"), { type: "computer" });
 * ```
 */
export function computerTool(computer: Computer, options: ComputerToolOptions = {}): FunctionTool {
  const { declaration = "computer", needsApproval = false } = options;
  return tool<ComputerArguments>({
    name: "computer_use",
    description:
      `Uses a screen of ${computer.width} by ${computer.height} pixels with mouse and keyboard: carries out the actions ` +
      "in order, then shows the screen. The first action may be a screenshot.",
    parameters: COMPUTER_ARGUMENTS,
    hosted: declaration === "computer" ? { type: declaration } : {
      type: declaration,
      display_width: computer.width,
      display_height: computer.height,
      environment: computer.environment,
    },
    repeatable: true,
    needsApproval: (args) => needsApproval || hasSafetyChecks(args),
    execute: ({ actions }, { signal }) => perform(computer, actions, signal),
    processor: screenText,
  });
}

function hasSafetyChecks(args: object): boolean {
  const { pending_safety_checks: checks } = args as { pending_safety_checks?: unknown };
  return checks !== undefined && checks !== null && !(Array.isArray(checks) && checks.length === 0);
}
