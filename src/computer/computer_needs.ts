import { findChromium } from "./_launch_chromium.ts";

/** What a browser for computer use needs of this machine. */
export interface ComputerNeeds {
  /** The browser that is started where the program names none; `undefined` where it is in none of the usual places. */
  readonly executablePath: string | undefined;
}

/** Finds out what a browser for computer use finds on this machine, without starting it. All permissions it needs in any case. */
export function computerNeeds(): ComputerNeeds {
  return { executablePath: findChromium() };
}
