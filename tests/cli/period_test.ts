import assert from "node:assert/strict";
import { checkPeriod } from "../../src/cli/_period.ts";
import { UsageError } from "../../src/cli/_usage_error.ts";

Deno.test("checkPeriod() takes dates and times of ISO 8601", () => {
  const dates = ["2026-01-31", "2028-02-29", "2026-01-31T12:00", "2026-01-31T12:00Z", "2026-01-31T12:00:00Z"]
    .concat("2026-01-31T12:00:00.123Z", "2026-01-31T12:00:00+02:00", "0099-12-31");
  for (const date of dates) {
    checkPeriod({ after: date });
    checkPeriod({ after: date, before: date });
  }
  checkPeriod({});
});

Deno.test("checkPeriod() refuses what is none, whatever Date.parse() makes of it", () => {
  const none = ["", "1", "2026", "2026-01", "20260131", "2026-1-31", "2026-02-30", "2026-02-29", "2026-13-01"]
    .concat(
      "2026-01-31 12:00",
      "2026-01-31T12",
      "2026-01-31T25:00",
      "2026-01-31T12:00:60Z",
      "2026-02-30T12:00Z",
    )
    .concat("2026-01-31T12:00+25:00", "Jan 31 2026", "31.01.2026", "01/31/2026", " 2026-01-31", "yesterday");
  for (const found of none) {
    for (const option of ["after", "before"]) {
      assert.throws(() => checkPeriod({ [option]: found }), (error) => {
        assert(error instanceof UsageError);
        assert.equal(
          error.message,
          `Cannot use --${option}: expected a date such as 2026-01-31 or 2026-01-31T12:00:00Z, found "${found}"`,
        );
        return true;
      });
    }
  }
});

Deno.test("checkPeriod() refuses a period that has nothing in it", () => {
  const times = { after: "2026-01-31T12:00:00+02:00", before: "2026-01-31T09:59:59Z" };
  assert.throws(() => checkPeriod(times), /nothing is in between/);
});
