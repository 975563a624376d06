import { findChromium } from "../../src/computer/_launch_chromium.ts";
import { SERVICES_ENABLED } from "../_fixtures/services.ts";

/** Where the tests that need a browser run: where Chromium is, and in CI, which installs it, in any case. */
export const HAS_BROWSER: boolean = SERVICES_ENABLED || findChromium() !== undefined;

/** Registers a test that needs Chromium; it is skipped, under a name that says why, where there is none. */
export function browserTest(name: string, run: (t: Deno.TestContext) => void | Promise<void>): void {
  if (HAS_BROWSER) Deno.test(name, run);
  else Deno.test({ name: `${name} [skipped: needs Chromium]`, ignore: true, fn: run });
}
