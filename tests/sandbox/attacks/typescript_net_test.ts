import assert from "node:assert/strict";
import { runTypescriptNetAttacks } from "./typescript_net.ts";

Deno.test("a TypeScript sandbox with allowNet withstands hostile cells", async (context) => {
  for await (const { id, problems } of runTypescriptNetAttacks()) {
    await context.step(id, () => assert.deepEqual(problems, []));
  }
});
