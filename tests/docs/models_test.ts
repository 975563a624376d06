import { fromFileUrl } from "@std/path";
import assert from "node:assert/strict";
import { PROVIDERS } from "../../src/invokers/providers.ts";

Deno.test("docs/models.md names every provider, and the variables of its key", async () => {
  const page = await Deno.readTextFile(fromFileUrl(new URL("../../docs/models.md", import.meta.url)));
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  for (const { name, needsKey, keyVariables, baseUrl = "", baseUrlVariables } of PROVIDERS.values()) {
    const row = rows.find((line) => line.split("|")[1]!.includes(`\`${name}\``));
    assert.ok(row !== undefined, name);
    for (const variable of needsKey ? keyVariables : []) assert.ok(row.includes(`\`${variable}\``), variable);
    assert.ok(row.includes(`\`${baseUrlVariables[0]}\``), name);
    if (!needsKey) assert.ok(row.includes(baseUrl), baseUrl);
  }
  assert.equal(rows.flatMap((line) => line.split("|")[1]!.match(/`\w+`/g)).length, PROVIDERS.size);
});
