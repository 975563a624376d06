import assert from "node:assert/strict";
import { isQuickPattern } from "../../src/util/mod.ts";

const SLOW = [
  "^(a+)+$",
  `^${"a?".repeat(60)}c$`,
  `^${"(a|aa)".repeat(20)}$`,
  "(a|a)*",
  "^(a|b|ab){20}$",
  "^(?:a?){30}$",
  "^(a{1,50}){50}$",
  "^((a{99}){99}){99}$",
  "^a*a*$",
  "^a|b+$",
  "a+$",
  "^(a)\\1+$",
  "^(?=a)b$",
  "^(?<name>a)$",
  "^[a$",
];

const QUICK = [
  "^[a-z]+-[0-9]{2}$",
  "^\\d{4}-\\d{2}(-\\d{2})?$",
  "^(red|green|blue)$",
  "^([0-9a-f]{2}:){5}[0-9a-f]{2}$",
  "\\p{L}{1,20}",
  "^[\\w-.]+$",
  "^.{1,64}$",
  "^[a-z]{2}(-[A-Z]{2})?$",
];

Deno.test("isQuickPattern() refuses patterns that could take long, and those that it cannot judge", () => {
  for (const pattern of SLOW) assert.equal(isQuickPattern(pattern), false, pattern);
});

Deno.test("isQuickPattern() lets patterns pass that services commonly have", () => {
  for (const pattern of QUICK) assert.equal(isQuickPattern(pattern), true, pattern);
});
