import assert from "node:assert/strict";
import { runLimited } from "../_fixtures/limited_program.ts";

Deno.test("putImage() names the permission that it lacks", async () => {
  const program = `  const { Dialog } = await import("@lllm/lllm/dialog");
  await new Dialog({ owner: "a" }).putImage("FOLDER/x.png");`;
  assert.equal(
    await runLimited(program),
    "config_invalid Cannot put image: expected the permission --allow-read=FOLDER/x.png, found it missing",
  );
});

Deno.test("putImage() takes no text for a path that is too long for one", async () => {
  const program = `  const { Dialog } = await import("@lllm/lllm/dialog");
  await new Dialog({ owner: "a" }).putImage("A".repeat(40_000));`;
  assert.match(
    await runLimited(program),
    /^\S+ Cannot put image: expected a file or base64, found "A{80}…"$/,
  );
});
