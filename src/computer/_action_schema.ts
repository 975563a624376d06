import { z } from "zod";
import type { JsonSchema, Schema } from "../util/mod.ts";
import type { ComputerAction } from "./action.ts";

/** Most actions that one call may have. */
const MAX_ACTIONS = 50;
const MAX_TEXT_CHARS = 20_000;

const keys = z.array(z.string().min(1).max(20)).max(8);
const held = { keys: keys.nullish() };
const point = { x: z.number(), y: z.number() };

const ACTION = z.union([
  z.object({
    type: z.literal("click"),
    button: z.enum(["left", "right", "wheel", "back", "forward"]).optional(),
    ...point,
    ...held,
  }),
  z.object({ type: z.literal("double_click"), ...point, ...held }),
  z.object({ type: z.literal("move"), ...point, ...held }),
  z.object({ type: z.literal("drag"), path: z.array(z.object(point)).min(2).max(200), ...held }),
  z.object({
    type: z.literal("scroll"),
    ...point,
    scroll_x: z.number().optional(),
    scroll_y: z.number().optional(),
    ...held,
  }),
  z.object({ type: z.literal("keypress"), keys: keys.min(1) }),
  z.object({ type: z.literal("type"), text: z.string().max(MAX_TEXT_CHARS) }),
  z.object({ type: z.literal("wait") }),
  z.object({ type: z.literal("screenshot") }),
  z.object({ type: z.literal("goto"), url: z.string().max(8192) }),
]);

const ARGUMENTS = z.object({ actions: z.array(ACTION).min(1).max(MAX_ACTIONS) });
const KINDS: ReadonlySet<unknown> = new Set(ACTION.options.map(({ shape }) => shape.type.value));

/** The arguments of a call: its actions, in order. */
export interface ComputerArguments {
  readonly actions: readonly ComputerAction[];
}

/**
 * Reads the arguments of a call in each of its forms: a list of `actions`, or one `action` in the older form. The model is told of
 * the list alone.
 */
export const COMPUTER_ARGUMENTS: Schema<ComputerArguments> = {
  "~standard": {
    version: 1,
    vendor: "lllm",
    jsonSchema: {
      input: (options: { target: string }): JsonSchema =>
        ARGUMENTS["~standard"].jsonSchema.input(options as never) as JsonSchema,
    },
    validate(value: unknown) {
      const { action, actions } = (value ?? {}) as { action?: unknown; actions?: unknown };
      const list = actions ?? (action === undefined ? undefined : [action]);
      return unknownAction(list) ?? ARGUMENTS["~standard"].validate({ actions: list });
    },
  },
} as Schema<ComputerArguments>;

/** What is no action at all is told in one line, in place of what each of them would have wanted. */
function unknownAction(list: unknown): { issues: { message: string; path: PropertyKey[] }[] } | undefined {
  if (!Array.isArray(list)) return undefined;
  const index = list.findIndex((action) => !KINDS.has(action?.type));
  if (index === -1) return undefined;
  const found = JSON.stringify(list[index]?.type) ?? "none";
  const message = `expected one of ${[...KINDS].join(", ")}, found ${found}`;
  return { issues: [{ message, path: ["actions", index, "type"] }] };
}
