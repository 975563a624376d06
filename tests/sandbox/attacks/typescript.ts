/** Hostile cells of TypeScript, and what must come of each. */
import { TYPESCRIPT_HARNESS_ATTACKS } from "./_typescript_harness.ts";
import { TYPESCRIPT_STACK_ATTACKS } from "./_typescript_stacks.ts";
import { TYPESCRIPT_WALL_ATTACKS } from "./_typescript_walls.ts";
import { TYPESCRIPT_WEB_ATTACKS } from "./_typescript_web.ts";
import type { Attack } from "./_runner.ts";

/** All of them. */
export const TYPESCRIPT_ATTACKS: readonly Attack[] = [
  ...TYPESCRIPT_WALL_ATTACKS,
  ...TYPESCRIPT_HARNESS_ATTACKS,
  ...TYPESCRIPT_STACK_ATTACKS,
  ...TYPESCRIPT_WEB_ATTACKS,
];
